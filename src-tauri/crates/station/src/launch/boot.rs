//! What was stored, as the hub begins with it.

use crate::scales::put_together;
use crate::setup::StartSettings;
use hub::{HubBoot, KeptSpools};
use store::Boot;

/// Hands what was stored to the hub.
pub(super) fn hub_boot(boot: Boot, settings: &StartSettings, version: String, demo_scale: f64) -> HubBoot {
    HubBoot {
        printers: boot.printers,
        cameras: boot.cameras,
        predictions: boot.predictions,
        ignore: boot.ignored,
        scales: put_together(&boot.taught),
        open_prints: boot.open_prints,
        last_prints: boot.last_prints,
        queues: boot.queues,
        spools: KeptSpools { loaded: boot.spools, uses: boot.uses },
        next_print: boot.next_print,
        dh_balance: boot.user.dh_balance,
        version,
        demo_scale,
        idle_heat_mins: settings.idle_heat_mins,
        remind_after_mins: settings.sound.remind_after_mins,
    }
}
