//! Before the window goes: a running print is never left without asking, and never ended without a word.

use crate::background;
use crate::core::Core;
use crate::http::Address;
use crate::tray;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tauri::{AppHandle, Manager};
use tauri_plugin_dialog::{DialogExt, MessageDialogButtons, MessageDialogKind, MessageDialogResult};
use tauri_plugin_notification::NotificationExt;

const KEEP: &str = "Keep printing in the background";
const CANCEL: &str = "Cancel the print and quit";
const STAY: &str = "Stay";

/// A print that is cancelled finishes what the printer has begun, such as homing or heating: so often that is asked.
const ASKED: u32 = 240;
const EVERY: Duration = Duration::from_millis(500);

/// Whether a question is on the screen already.
static ASKING: AtomicBool = AtomicBool::new(false);
/// Whether it was said already that the window has only gone into the tray.
static SAID: AtomicBool = AtomicBool::new(false);

/// What a person wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// The window out of the way.
    Closed,
    /// Printvigil to end.
    Quit,
}

/// What is done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// The window hides; everything else goes on.
    Hide,
    /// A print runs: the person chooses.
    Ask,
    /// Nothing prints: all ends.
    End,
}

impl Way {
    /// Closing never costs a print: it hides the window where the tray can bring it back.
    fn of(wanted: Wanted, printing: bool, in_tray: bool, keeps_watching: bool) -> Self {
        match wanted {
            Wanted::Closed if in_tray && (printing || keeps_watching) => Self::Hide,
            Wanted::Closed | Wanted::Quit if printing => Self::Ask,
            Wanted::Closed | Wanted::Quit => Self::End,
        }
    }
}

/// The window shall close: finds out what that means now, and does it. Returns at once.
pub(crate) fn close(app: &AppHandle) {
    begin(app, Wanted::Closed);
}

/// Printvigil shall end: asks if a print runs, and does it. Returns at once.
pub(crate) fn quit(app: &AppHandle) {
    begin(app, Wanted::Quit);
}

fn begin(app: &AppHandle, wanted: Wanted) {
    if ASKING.swap(true, Ordering::SeqCst) {
        return;
    }
    let on_thread = app.clone();
    let asked = std::thread::Builder::new().name("closing".into()).spawn(move || {
        leave(&on_thread, wanted);
        ASKING.store(false, Ordering::SeqCst);
    });
    if asked.is_err() {
        // The core guards the print; a window that cannot even ask may go.
        app.exit(0);
    }
}

fn leave(app: &AppHandle, wanted: Wanted) {
    let core = app.state::<Core>();
    let Some(address) = core.running() else { return app.exit(0) };
    let printing = is_printing(&address);
    match Way::of(wanted, printing, tray::is_shown(app), background::keeps_watching(app)) {
        Way::Hide => hide(app, printing),
        Way::Ask => match choice(app, &address) {
            Choice::Keep => keep(app),
            Choice::Cancel => cancel(app, &address),
            Choice::Stay => (),
        },
        Way::End => {
            // The core looks once more: a print that began just now keeps it alive.
            if core.is_ours() && end(&address, "as_it_is").is_err() {
                eprintln!("printvigil: the core stays, it is in use");
            }
            app.exit(0);
        }
    }
}

fn is_printing(address: &Address) -> bool {
    address.get("vigil/shutdown/").is_ok_and(|answer| answer["printing"] == true)
}

#[derive(Debug, PartialEq, Eq)]
enum Choice {
    Keep,
    Cancel,
    Stay,
}

impl Choice {
    fn of(pressed: MessageDialogResult) -> Self {
        match pressed {
            MessageDialogResult::Custom(text) if text == KEEP => Self::Keep,
            MessageDialogResult::Custom(text) if text == CANCEL => Self::Cancel,
            MessageDialogResult::Yes => Self::Keep,
            MessageDialogResult::No => Self::Cancel,
            // The dialog was closed: nothing was decided, so nothing happens.
            MessageDialogResult::Ok | MessageDialogResult::Cancel | MessageDialogResult::Custom(_) => {
                Self::Stay
            }
        }
    }
}

fn choice(app: &AppHandle, address: &Address) -> Choice {
    // A question of a window that nobody sees would not be seen either.
    crate::show(app);
    let prints = prints(address);
    let running = match prints.as_slice() {
        [print] => format!("{} is printing.", print.name),
        [] => "A print is running.".into(),
        several => format!("{} prints are running.", several.len()),
    };
    let mut dialog = app
        .dialog()
        .message(format!(
            "{running}\n\nIn the background it is still watched, and paused when it fails; open Printvigil again to see \
             it. Cancelling switches the heaters off and cannot be taken back."
        ))
        .title("Quit Printvigil?")
        .kind(MessageDialogKind::Warning)
        .buttons(MessageDialogButtons::YesNoCancelCustom(KEEP.into(), CANCEL.into(), STAY.into()));
    if let Some(window) = app.get_webview_window("main") {
        dialog = dialog.parent(&window);
    }
    Choice::of(dialog.blocking_show_with_result())
}

/// Leaves the print to the core, which lives on while one runs. The window hides where the tray shows it again.
fn keep(app: &AppHandle) {
    if tray::is_shown(app) { hide(app, true) } else { app.exit(0) }
}

fn hide(app: &AppHandle, printing: bool) {
    let hidden = app.get_webview_window("main").is_some_and(|window| window.hide().is_ok());
    if !hidden || SAID.swap(true, Ordering::SeqCst) {
        return;
    }
    let text = if printing {
        "The print goes on. The icon in the tray shows how far it is and opens the window again."
    } else {
        "The icon in the tray opens the window again; its menu also quits."
    };
    let notice = app.notification().builder().title("Printvigil stays in the background").body(text);
    if let Err(error) = notice.show() {
        eprintln!("printvigil: the desktop shows no notices: {error}");
    }
}

struct Print {
    printer: i64,
    name: String,
}

fn prints(address: &Address) -> Vec<Print> {
    let printers = address.get("printers/").unwrap_or_default();
    let running = printers.as_array().into_iter().flatten().filter(|one| !one["current_print"].is_null());
    let print =
        |one: &Value| Some(Print { printer: one["id"].as_i64()?, name: one["name"].as_str()?.to_owned() });
    running.filter_map(print).collect()
}

/// Cancels every print, and ends only when the printers have confirmed it.
fn cancel(app: &AppHandle, address: &Address) {
    let mut refused = Vec::new();
    for print in prints(address) {
        let asked = address.post(&format!("printers/{}/cancel_print/", print.printer), &json!({}));
        refused.extend(asked.err().map(|error| format!("{}: {error:#}", print.name)));
    }
    for _ in 0..ASKED {
        if !is_printing(address) {
            // Whatever is still hot is switched off before the core ends.
            if end(address, "heaters_off").is_ok() {
                return app.exit(0);
            }
            break;
        }
        if !refused.is_empty() {
            break;
        }
        std::thread::sleep(EVERY);
    }
    let why = if refused.is_empty() { "it has not answered in time".into() } else { refused.join("\n") };
    app.dialog()
        .message(format!(
            "Not every printer has confirmed that its print is cancelled: {why}\n\nPrintvigil stays open. Look at the \
             printer; if it goes on, press STOP or switch it off."
        ))
        .title("A printer may still be printing")
        .kind(MessageDialogKind::Error)
        .blocking_show();
}

fn end(address: &Address, how: &str) -> anyhow::Result<()> {
    address.post("vigil/shutdown/", &json!({ "leave": how })).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_while_printing_hides_and_quitting_asks() {
        for keeps in [false, true] {
            assert_eq!(Way::of(Wanted::Closed, true, true, keeps), Way::Hide);
            assert_eq!(Way::of(Wanted::Quit, true, true, keeps), Way::Ask);
            assert_eq!(Way::of(Wanted::Closed, true, false, keeps), Way::Ask, "nothing would bring it back");
            assert_eq!(Way::of(Wanted::Quit, false, true, keeps), Way::End);
            assert_eq!(Way::of(Wanted::Closed, false, false, keeps), Way::End);
        }
        assert_eq!(Way::of(Wanted::Closed, false, true, true), Way::Hide);
        assert_eq!(Way::of(Wanted::Closed, false, true, false), Way::End);
    }

    #[test]
    fn a_question_that_is_put_away_decides_nothing() {
        let custom = |text: &str| Choice::of(MessageDialogResult::Custom(text.into()));
        assert_eq!(
            (custom(KEEP), custom(CANCEL), custom(STAY)),
            (Choice::Keep, Choice::Cancel, Choice::Stay)
        );
        assert_eq!(custom("another"), Choice::Stay);
        assert_eq!(Choice::of(MessageDialogResult::Cancel), Choice::Stay);
    }
}
