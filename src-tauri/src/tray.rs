//! The icon in the tray, where the desktop has one.

use anyhow::Context;
use tauri::AppHandle;
use tauri::menu::{Menu, MenuItem};
use tauri::tray::TrayIconBuilder;

const ID: &str = "main";

/// Returns whether the icon is there.
pub(crate) fn is_up(app: &AppHandle) -> bool {
    app.tray_by_id(ID).is_some()
}

/// Puts the icon there: its menu shows the window, or quits.
///
/// # Errors
/// When the desktop has no tray; the window does without.
pub(crate) fn raise(app: &AppHandle, show: fn(&AppHandle), quit: fn(&AppHandle)) -> anyhow::Result<()> {
    probe()?;
    let open = MenuItem::with_id(app, "open", "Open Printvigil", true, None::<&str>)?;
    let leave = MenuItem::with_id(app, "quit", "Quit", true, None::<&str>)?;
    TrayIconBuilder::with_id(ID)
        .tooltip("Printvigil")
        .icon(app.default_window_icon().context("the program has no icon")?.clone())
        .menu(&Menu::with_items(app, &[&open, &leave])?)
        .on_menu_event(move |app, event| match event.id().as_ref() {
            "open" => show(app),
            "quit" => quit(app),
            other => eprintln!("printvigil: the tray has no {other:?}"),
        })
        .build(app)?;
    Ok(())
}

/// Looks for the library that draws the icon: the toolkit loads it late, and panics where it is missing.
#[cfg(target_os = "linux")]
fn probe() -> anyhow::Result<()> {
    const NAMES: [&str; 2] = ["libayatana-appindicator3.so.1", "libappindicator3.so.1"];
    #[expect(unsafe_code, reason = "the only way to know whether a library can be loaded is to load it")]
    // SAFETY: the start and end routines of these two libraries only register types with the toolkit; we call nothing.
    let load = |name: &str| unsafe { libloading::Library::new(name) };
    let found = NAMES.iter().any(|name| load(name).map(std::mem::forget).is_ok());
    anyhow::ensure!(found, "{} is not installed", NAMES[0]);
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn probe() -> anyhow::Result<()> {
    Ok(())
}
