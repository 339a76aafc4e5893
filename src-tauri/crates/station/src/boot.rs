//! What was stored, as the hub begins with it.

use crate::records::USUAL_IDLE_HEAT_MINS;
use crate::scales::put_together;
use hub::HubBoot;
use store::Boot;

/// Hands what was stored to the hub.
pub(crate) fn hub_boot(boot: Boot, version: String, demo_scale: f64) -> HubBoot {
    HubBoot {
        printers: boot.printers,
        cameras: boot.cameras,
        predictions: boot.predictions,
        ignore: boot.ignored,
        scales: put_together(&boot.taught),
        open_prints: boot.open_prints,
        next_print: boot.next_print,
        dh_balance: boot.user.dh_balance,
        version,
        demo_scale,
        idle_heat_mins: USUAL_IDLE_HEAT_MINS,
    }
}
