//! Keeps the tray up to date: asks the core for its printers, on a thread of its own.

use super::words::{Action, Mood, Printer, Shown};
use crate::core::Core;
use crate::http::Address;
use jiff::Zoned;
use serde_json::json;
use std::time::Duration;
use tauri::{AppHandle, Manager};

/// So often the core is asked.
const EVERY: Duration = Duration::from_secs(2);
/// So many times the core may fail to answer before that is said.
const PATIENCE: u32 = 3;

/// Follows the core for as long as the window lives, and hands on what is to be shown whenever it changes.
pub(super) fn follow(
    app: AppHandle,
    mut show: impl FnMut(&AppHandle, &Shown) + Send + 'static,
) -> std::io::Result<()> {
    let work = move || {
        let (mut last, mut silent) = (None, 0);
        loop {
            let now = match told(&app) {
                Some(shown) => {
                    silent = 0;
                    Some(shown)
                }
                None => {
                    silent += 1;
                    (silent >= PATIENCE).then(nobody)
                }
            };
            if let Some(now) = now.filter(|now| last.as_ref() != Some(now)) {
                show(&app, &now);
                last = Some(now);
            }
            std::thread::sleep(EVERY);
        }
    };
    std::thread::Builder::new().name("tray".into()).spawn(work).map(drop)
}

fn told(app: &AppHandle) -> Option<Shown> {
    let answer = app.state::<Core>().known()?.get("printers/").ok()?;
    let printers: Vec<Printer> = serde_json::from_value(answer).ok()?;
    Some(Shown::of(&printers, &Zoned::now()))
}

/// What is said when the core does not answer: a print may run and nobody may watch it.
fn nobody() -> Shown {
    Shown::only("Not known: no answer from the background service. Open Printvigil", Mood::Attention)
}

/// Asks the core for what was pressed.
///
/// # Errors
/// When it refuses, or does not answer; with words for the person.
pub(super) fn ask(address: &Address, action: Action) -> anyhow::Result<()> {
    let (path, body) = match action {
        Action::Open | Action::Quit => return Ok(()),
        Action::Pause(printer) => (format!("printers/{printer}/pause_print/"), json!({})),
        Action::SeenAlert(printer) => (format!("printers/{printer}/acknowledge_alert/"), json!({})),
        Action::SeenAlarms(printer) => {
            (format!("vigil/printers/{printer}/seen/"), json!({ "what": "alarms" }))
        }
    };
    address.post(&path, &body).map(drop)
}
