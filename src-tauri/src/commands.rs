//! What the page may ask the window for.

use crate::core::{Core, Fallen};
use crate::http::Address;
use serde::Serialize;
use tauri::{AppHandle, Manager};
use tauri_plugin_dialog::DialogExt;
use tauri_plugin_notification::NotificationExt;

/// Why the page has no core.
#[derive(Debug, Serialize)]
pub(crate) struct NoCore {
    /// `fallen`: it ended out of order, and is started again when a person wants it; else `unreachable`.
    code: &'static str,
    /// For the screen.
    message: String,
}

impl NoCore {
    fn new(error: &anyhow::Error) -> Self {
        let code = if error.downcast_ref::<Fallen>().is_some() { "fallen" } else { "unreachable" };
        Self { code, message: format!("{error:#}") }
    }
}

/// Returns where the core is, starting it when none runs. Asked again whenever the page has lost it.
///
/// # Errors
/// With words for the screen when the core has fallen, or cannot be started.
#[tauri::command]
pub(crate) async fn connect(app: AppHandle) -> Result<Address, NoCore> {
    find(move || app.state::<Core>().address()).await
}

/// Starts the core again after it has fallen, and returns where it is.
///
/// # Errors
/// As [`connect`].
#[tauri::command]
pub(crate) async fn start_again(app: AppHandle) -> Result<Address, NoCore> {
    find(move || app.state::<Core>().start_again()).await
}

async fn find(work: impl FnOnce() -> anyhow::Result<Address> + Send + 'static) -> Result<Address, NoCore> {
    match tauri::async_runtime::spawn_blocking(work).await {
        Ok(found) => found.map_err(|error| NoCore::new(&error)),
        Err(error) => Err(NoCore::new(&error.into())),
    }
}

/// Shows a notice of the desktop.
///
/// # Errors
/// When the desktop shows none.
#[tauri::command]
pub(crate) async fn notify(app: AppHandle, title: String, text: String) -> Result<(), String> {
    aside(move || Ok(app.notification().builder().title(title).body(text).show()?)).await
}

/// Asks where a film shall be saved, and saves it there. Returns `false` when the person changed their mind.
///
/// # Errors
/// When the core does not give it, or the disk does not take it.
#[tauri::command]
pub(crate) async fn save_film(app: AppHandle, url: String, name: String) -> Result<bool, String> {
    aside(move || {
        let mut dialog = app.dialog().file().set_title("Save");
        // Only a name: where to is the person's choice.
        if let Some(name) = std::path::Path::new(&name).file_name() {
            dialog = dialog.set_file_name(name.to_string_lossy());
        }
        if let Some(ending) = std::path::Path::new(&name).extension().and_then(|ending| ending.to_str()) {
            dialog = dialog.add_filter(ending.to_uppercase(), &[ending]);
        }
        if let Some(window) = app.get_webview_window("main") {
            dialog = dialog.set_parent(&window);
        }
        let Some(file) = dialog.blocking_save_file() else { return Ok(false) };
        app.state::<Core>().address()?.save(&url, &file.into_path()?)?;
        Ok(true)
    })
    .await
}

/// Works off the thread that draws.
pub(crate) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> anyhow::Result<T> + Send + 'static,
) -> Result<T, String> {
    match tauri::async_runtime::spawn_blocking(work).await {
        Ok(done) => done.map_err(|error| format!("{error:#}")),
        Err(error) => Err(error.to_string()),
    }
}
