//! What happens without the window: whether closing it leaves Printvigil in the tray, and whether it starts with the
//! computer.

use crate::autostart::Autostart;
use crate::commands::aside;
use crate::core::Core;
use crate::tray;
use anyhow::Context;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use tauri::{AppHandle, Manager};

/// Where the choice is kept, in this program's folder of configuration: it is this desktop's, not the printers'.
const FILE: &str = "background.json";

/// What a person has chosen.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Choice {
    keep_watching: bool,
}

impl Choice {
    /// Reads it; what cannot be read is as nobody has chosen.
    fn read(dir: &Path) -> Self {
        let text = std::fs::read_to_string(dir.join(FILE)).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    fn write(self, dir: &Path) -> anyhow::Result<()> {
        let file = dir.join(FILE);
        let part = file.with_extension("part");
        std::fs::create_dir_all(dir)
            .and_then(|()| std::fs::write(&part, serde_json::json!(self).to_string()))
            .and_then(|()| std::fs::rename(&part, &file))
            .with_context(|| format!("{} cannot be written", file.display()))
    }
}

/// Returns whether the window, closed while nothing prints, stays in the tray.
pub(crate) fn keeps_watching(app: &AppHandle) -> bool {
    app.path().app_config_dir().is_ok_and(|dir| Choice::read(&dir).keep_watching)
}

/// What the page shows of it.
#[derive(Debug, Serialize)]
pub(crate) struct Background {
    /// The desktop shows our icon just now.
    tray: bool,
    keep_watching: bool,
    /// Starts when the person logs in.
    autostart: bool,
    /// Why that cannot be chosen here; empty when it can.
    autostart_missing: String,
}

/// Returns what is chosen.
///
/// # Errors
/// When the user has no folder of configuration.
#[tauri::command]
pub(crate) async fn background(app: AppHandle) -> Result<Background, String> {
    aside(move || seen(&app)).await
}

/// Changes what is named, and returns what is chosen then.
///
/// # Errors
/// When the disk refuses.
#[tauri::command]
pub(crate) async fn set_background(
    app: AppHandle,
    keep_watching: Option<bool>,
    autostart: Option<bool>,
) -> Result<Background, String> {
    let change = move || {
        if let Some(keep_watching) = keep_watching {
            Choice { keep_watching }.write(&app.path().app_config_dir()?)?;
        }
        if let Some(on) = autostart {
            entry(&app)?.set(on)?;
        }
        seen(&app)
    };
    aside(change).await
}

fn seen(app: &AppHandle) -> anyhow::Result<Background> {
    let entry = entry(app);
    Ok(Background {
        tray: tray::is_shown(app),
        keep_watching: Choice::read(&app.path().app_config_dir()?).keep_watching,
        autostart: entry.as_ref().is_ok_and(Autostart::is_on),
        autostart_missing: entry.err().map(|error| error.to_string()).unwrap_or_default(),
    })
}

fn entry(app: &AppHandle) -> anyhow::Result<Autostart> {
    let core = app.state::<Core>();
    let usual: PathBuf = app.path().data_dir()?.join("printvigil");
    let data_dir = Some(core.data_dir()).filter(|dir| *dir != usual);
    Autostart::new(&app.path().config_dir()?, &std::env::current_exe()?, data_dir)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_chosen_is_read_again_and_nothing_is_chosen_at_first() {
        let dir = std::env::temp_dir().join(format!("printvigil-background-{}", std::process::id()));
        assert!(!Choice::read(&dir).keep_watching);
        Choice { keep_watching: true }.write(&dir).expect("written");
        assert!(Choice::read(&dir).keep_watching);
        std::fs::write(dir.join(FILE), "{broken").expect("written");
        assert!(!Choice::read(&dir).keep_watching);
        std::fs::remove_dir_all(&dir).expect("ours to remove");
    }
}
