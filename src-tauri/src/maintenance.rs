//! What may be done only while no core runs: another version put in place, and a backup brought back.
//!
//! The page asks for it; a person chooses the file in the desktop's own dialog, and the core's program does the work
//! (`vigil update`, `vigil restore`). The page never names a file itself.

use crate::commands::aside;
use crate::core::{Core, last_words, vigil};
use anyhow::{Context, bail};
use serde_json::Value;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Mutex, PoisonError};
use tauri::{AppHandle, Manager};
use tauri_plugin_dialog::DialogExt;

/// What the person has chosen last.
#[derive(Default)]
pub(crate) struct Chosen(Mutex<Option<(Work, PathBuf)>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    Update,
    Restore,
}

impl Chosen {
    fn set(&self, work: Work, file: PathBuf) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((work, file));
    }

    /// Takes what was chosen for this work: it is done once.
    fn take(&self, work: Work) -> anyhow::Result<PathBuf> {
        let mut chosen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, file) = chosen.take_if(|(what, _)| *what == work).context("choose the file first")?;
        Ok(file)
    }
}

/// Has a package chosen, and says whether it may be installed. Returns nothing when the person changed their mind.
///
/// # Errors
/// With the reason when it may not be installed.
#[tauri::command]
pub(crate) async fn choose_update(app: AppHandle) -> Result<Option<Value>, String> {
    let ask = move || {
        let title = "Choose the package of the newer version";
        let Some(file) = chosen_file(&app, title, "Package", &["gz", "deb", "rpm"])? else { return Ok(None) };
        let told = run(&["update", "--check", "--json"], None, &file)?;
        app.state::<Chosen>().set(Work::Update, file);
        Ok(Some(told))
    };
    aside(ask).await
}

/// Installs the package that was chosen. Where that was done, Printvigil starts again, as the new version.
///
/// # Errors
/// With the reason when nothing was installed: a print runs, or the package is not as it was.
#[tauri::command]
pub(crate) async fn install_update(app: AppHandle) -> Result<Value, String> {
    let on_thread = app.clone();
    let done = aside(move || {
        let file = on_thread.state::<Chosen>().take(Work::Update)?;
        on_thread.state::<Core>().while_ended(|data_dir| run(&["update", "--json"], Some(data_dir), &file))
    })
    .await?;
    if let Some(program) = done["start"].as_str() {
        start_again_as(&app, Path::new(program)).map_err(|error| format!("{error:#}"))?;
    }
    Ok(done)
}

/// Has a backup chosen, and says what it holds. Returns nothing when the person changed their mind.
///
/// # Errors
/// With the reason when it cannot be restored.
#[tauri::command]
pub(crate) async fn choose_backup(app: AppHandle) -> Result<Option<Value>, String> {
    let ask = move || {
        let Some(file) = chosen_file(&app, "Choose a backup", "Backup", &["zip"])? else { return Ok(None) };
        let told = run(&["restore", "--preview", "--json"], Some(app.state::<Core>().data_dir()), &file)?;
        app.state::<Chosen>().set(Work::Restore, file);
        Ok(Some(told))
    };
    aside(ask).await
}

/// Restores the backup that was chosen; what was there is set aside whole.
///
/// # Errors
/// With the reason when nothing was restored.
#[tauri::command]
pub(crate) async fn restore_backup(app: AppHandle) -> Result<Value, String> {
    let restore = move || {
        let file = app.state::<Chosen>().take(Work::Restore)?;
        app.state::<Core>().while_ended(|data_dir| run(&["restore", "--json"], Some(data_dir), &file))
    };
    aside(restore).await
}

fn chosen_file(
    app: &AppHandle,
    title: &str,
    kind: &str,
    endings: &[&str],
) -> anyhow::Result<Option<PathBuf>> {
    let mut dialog = app.dialog().file().set_title(title).add_filter(kind, endings);
    if let Some(window) = app.get_webview_window("main") {
        dialog = dialog.set_parent(&window);
    }
    Ok(dialog.blocking_pick_file().map(tauri_plugin_dialog::FilePath::into_path).transpose()?)
}

/// Has the core's program do something with a file, and returns what it says.
fn run(words: &[&str], data_dir: Option<&Path>, file: &Path) -> anyhow::Result<Value> {
    let mut command = vigil();
    command.args(words);
    if let Some(dir) = data_dir {
        command.args([OsStr::new("--data"), dir.as_os_str()]);
    }
    // A name may begin like an option.
    let done = command.arg("--").arg(file).stdin(Stdio::null()).output()?;
    if !done.status.success() {
        let said = String::from_utf8_lossy(&done.stderr);
        bail!("{}", last_words(&said).unwrap_or_else(|| "the core’s program failed".into()));
    }
    Ok(serde_json::from_slice(&done.stdout)?)
}

/// Becomes another version of this program: its window, its icon and its name on the bus go, and come again with it.
fn start_again_as(app: &AppHandle, program: &Path) -> anyhow::Result<()> {
    let mut command = std::process::Command::new(program);
    // The person is here: the new window is to be seen.
    command.args(std::env::args_os().skip(1).filter(|word| word != "--background"));
    app.cleanup_before_exit();
    #[cfg(unix)]
    {
        Err(std::os::unix::process::CommandExt::exec(&mut command))
            .with_context(|| format!("it is installed; start {} yourself", program.display()))
    }
    #[cfg(not(unix))]
    {
        command.spawn()?;
        app.exit(0);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_chosen_is_done_once_and_for_what_it_was_chosen() {
        let chosen = Chosen::default();
        assert!(chosen.take(Work::Update).is_err());
        chosen.set(Work::Restore, "a.zip".into());
        assert!(chosen.take(Work::Update).is_err(), "a backup is no package");
        assert_eq!(chosen.take(Work::Restore).expect("chosen"), Path::new("a.zip"));
        assert!(chosen.take(Work::Restore).is_err());
    }
}
