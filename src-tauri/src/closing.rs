//! Before the window goes: a running print is never left without asking.

use crate::core::Core;
use crate::http::Address;
use crate::tray;
use serde_json::json;
use std::sync::atomic::{AtomicBool, Ordering};
use tauri::{AppHandle, Manager};
use tauri_plugin_dialog::{DialogExt, MessageDialogButtons, MessageDialogKind, MessageDialogResult};

const KEEP: &str = "Keep printing in the background";
const PAUSE: &str = "Pause, heaters off, quit";
const BACK: &str = "Go back";

/// Whether a question is on the screen already.
static ASKING: AtomicBool = AtomicBool::new(false);

/// Finds out whether the window may go, asks if need be, and does it. Returns at once.
pub(crate) fn ask(app: &AppHandle) {
    if ASKING.swap(true, Ordering::SeqCst) {
        return;
    }
    let on_thread = app.clone();
    let asked = std::thread::Builder::new().name("closing".into()).spawn(move || {
        close(&on_thread);
        ASKING.store(false, Ordering::SeqCst);
    });
    if asked.is_err() {
        // The core guards the print; a window that cannot even ask may go.
        app.exit(0);
    }
}

fn close(app: &AppHandle) {
    let core = app.state::<Core>();
    let Some(address) = core.running() else { return app.exit(0) };
    let printing = address.get("vigil/shutdown/").is_ok_and(|answer| answer["printing"] == true);
    if !printing {
        // The core looks once more: a print that began just now keeps it alive.
        if core.is_ours() && leave(&address, "as_it_is").is_err() {
            eprintln!("printvigil: the core stays, it is in use");
        }
        return app.exit(0);
    }
    match choice(app) {
        Choice::Keep => keep(app, &address),
        Choice::Pause => pause(app, &address),
        Choice::Back => (),
    }
}

enum Choice {
    Keep,
    Pause,
    Back,
}

fn choice(app: &AppHandle) -> Choice {
    let mut dialog = app
        .dialog()
        .message(
            "A print is running.\n\nIt can go on without this window: it is still watched, and paused when it fails. \
             Open Printvigil again to see it.",
        )
        .title("Close Printvigil?")
        .kind(MessageDialogKind::Warning)
        .buttons(MessageDialogButtons::YesNoCancelCustom(KEEP.into(), PAUSE.into(), BACK.into()));
    if let Some(window) = app.get_webview_window("main") {
        dialog = dialog.parent(&window);
    }
    match dialog.blocking_show_with_result() {
        MessageDialogResult::Custom(text) if text == KEEP => Choice::Keep,
        MessageDialogResult::Custom(text) if text == PAUSE => Choice::Pause,
        MessageDialogResult::Yes => Choice::Keep,
        MessageDialogResult::No => Choice::Pause,
        // The dialog was closed: nothing was decided, so nothing happens.
        MessageDialogResult::Ok | MessageDialogResult::Cancel | MessageDialogResult::Custom(_) => {
            Choice::Back
        }
    }
}

/// Leaves the print to the core. Where the tray can bring it back, the window only hides: its notices still reach the
/// desktop.
fn keep(app: &AppHandle, address: &Address) {
    let hidden = leave(address, "keep_running").is_ok()
        && tray::is_up(app)
        && app.get_webview_window("main").is_some_and(|window| window.hide().is_ok());
    if !hidden {
        app.exit(0);
    }
}

fn pause(app: &AppHandle, address: &Address) {
    match leave(address, "heaters_off") {
        Ok(()) => app.exit(0),
        Err(error) => {
            app.dialog()
                .message(format!(
                    "The printer did not confirm the pause: {error:#}\n\nLook at the printer. If it goes on, use its own \
                     controls or switch it off."
                ))
                .title("The printer may still be printing")
                .kind(MessageDialogKind::Error)
                .blocking_show();
        }
    }
}

fn leave(address: &Address, how: &str) -> anyhow::Result<()> {
    address.post("vigil/shutdown/", &json!({ "leave": how })).map(|_| ())
}
