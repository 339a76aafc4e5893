//! The icon in the tray, where the desktop has one: how each printer stands, and what can be done without the window.

mod dot;
mod follow;
mod host;
mod words;

use crate::core::Core;
use anyhow::Context;
use tauri::menu::{Menu, MenuItem, PredefinedMenuItem};
use tauri::tray::TrayIconBuilder;
use tauri::{AppHandle, Manager, Wry};
use tauri_plugin_notification::NotificationExt;
use words::{Action, Mood, Shown};

const ID: &str = "main";

/// Returns whether the icon is there and the desktop shows it.
pub(crate) fn is_shown(app: &AppHandle) -> bool {
    app.tray_by_id(ID).is_some() && host::shows()
}

/// Puts the icon there and keeps it up to date: its menu tells of each printer, pauses, shows the window, or quits.
///
/// # Errors
/// When the desktop has no tray; the window does without.
pub(crate) fn raise(app: &AppHandle, open: fn(&AppHandle), quit: fn(&AppHandle)) -> anyhow::Result<()> {
    probe()?;
    let first = Shown::only("Starting …", Mood::Calm);
    TrayIconBuilder::with_id(ID)
        .tooltip(&first.tooltip)
        .icon(app.default_window_icon().context("the program has no icon")?.clone())
        .menu(&menu(app, &first)?.0)
        .on_menu_event(move |app, event| match Action::of_id(event.id().as_ref()) {
            Some(Action::Open) => open(app),
            Some(Action::Quit) => quit(app),
            Some(action) => pressed(app, action),
            None => eprintln!("printvigil: the tray has no {:?}", event.id()),
        })
        .build(app)?;
    let mut drawn = Drawn::default();
    follow::follow(app.clone(), move |app, shown| {
        if let Err(error) = drawn.update(app, shown) {
            eprintln!("printvigil: the tray does not follow: {error:#}");
        }
    })?;
    Ok(())
}

/// What the tray shows at present.
#[derive(Default)]
struct Drawn {
    lines: Lines,
    mood: Option<Mood>,
}

impl Drawn {
    /// Brings the tray up to date. Where only words are others the menu stays, since somebody may have it open.
    fn update(&mut self, app: &AppHandle, shown: &Shown) -> anyhow::Result<()> {
        let tray = app.tray_by_id(ID).context("the icon is gone")?;
        if self.lines.iter().map(|(id, _)| id).eq(shown.entries.iter().map(|entry| &entry.id)) {
            for ((_, line), entry) in self.lines.iter().zip(&shown.entries) {
                line.set_text(plain(&entry.text))?;
            }
        } else {
            let (menu, lines) = menu(app, shown)?;
            tray.set_menu(Some(menu))?;
            self.lines = lines;
        }
        tray.set_title(Some(&shown.label))?;
        tray.set_tooltip(Some(&shown.tooltip))?;
        if self.mood != Some(shown.mood) {
            let icon = app.default_window_icon().context("the program has no icon")?;
            tray.set_icon(Some(dot::dotted(icon, shown.mood)))?;
            self.mood = Some(shown.mood);
        }
        Ok(())
    }
}

/// The lines of a menu with their names, which are those of the entries.
type Lines = Vec<(String, MenuItem<Wry>)>;

fn menu(app: &AppHandle, shown: &Shown) -> tauri::Result<(Menu<Wry>, Lines)> {
    let item = |id: &str, text: &str| MenuItem::with_id(app, id, plain(text), true, None::<&str>);
    let (menu, mut lines) = (Menu::new(app)?, Vec::new());
    for entry in &shown.entries {
        let line = item(&entry.id, &entry.text)?;
        menu.append(&line)?;
        lines.push((entry.id.clone(), line));
    }
    menu.append(&PredefinedMenuItem::separator(app)?)?;
    menu.append(&item(&Action::Open.id(), "Open Printvigil")?)?;
    menu.append(&item(&Action::Quit.id(), "Quit …")?)?;
    Ok((menu, lines))
}

/// Returns a text as the menu is to show it: a single ampersand would underline the letter behind it.
fn plain(text: &str) -> String {
    text.replace('&', "&&")
}

/// Does what was pressed, off the thread that draws. That it was done shows in the state; that it was not is said.
fn pressed(app: &AppHandle, action: Action) {
    let on_thread = app.clone();
    let work = move || {
        let core =
            on_thread.state::<Core>().running().context("Printvigil’s background service does not answer.");
        let asked = core.and_then(|core| follow::ask(&core, action));
        if let Err(error) = asked {
            let notice =
                on_thread.notification().builder().title("That was not done").body(format!("{error:#}"));
            if let Err(error) = notice.show() {
                eprintln!("printvigil: the desktop shows no notices: {error}");
            }
        }
    };
    if let Err(error) = std::thread::Builder::new().name("tray-asks".into()).spawn(work) {
        eprintln!("printvigil: {error}");
    }
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
