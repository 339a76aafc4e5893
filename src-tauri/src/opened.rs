//! Files that the window was opened with, on their way to the page, which adds them as if they had been dropped on it.

use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use tauri::ipc::Response;
use tauri::{AppHandle, Emitter, Manager};

/// Files that are kept for a page that does not ask, at most; a folder of them may have been opened by mistake.
const MOST: usize = 50;
/// A larger file is added in the page, which sends it piece by piece, bytes.
const LARGEST: u64 = 512 * 1024 * 1024;

/// What waits for the page, and what it was told of.
#[derive(Default)]
pub(crate) struct Opened(Mutex<Files>);

#[derive(Default)]
struct Files {
    waiting: Vec<PathBuf>,
    told: BTreeMap<u32, PathBuf>,
    next: u32,
}

/// A file as the page knows it: it may read this one, and no other.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct OpenedFile {
    id: u32,
    name: String,
}

impl Opened {
    /// Notes files; those beyond the most are left out.
    pub(crate) fn add(&self, files: Vec<PathBuf>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = MOST.saturating_sub(kept.waiting.len());
        kept.waiting.extend(files.into_iter().take(room));
    }

    /// Returns what came since the last time.
    fn take(&self) -> Vec<OpenedFile> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = std::mem::take(&mut kept.waiting);
        let told = waiting.into_iter().map(|path| {
            let (id, name) = (kept.next, path.file_name().unwrap_or_default().to_string_lossy().into_owned());
            kept.next += 1;
            kept.told.insert(id, path);
            OpenedFile { id, name }
        });
        told.collect()
    }

    /// Returns where a file lies, once.
    fn path(&self, id: u32) -> Option<PathBuf> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).told.remove(&id)
    }
}

/// Keeps files for the page and tells it.
///
/// # Errors
/// When there is no page to tell; it asks by itself when it is there.
pub(crate) fn hand_on(app: &AppHandle, files: Vec<PathBuf>) -> tauri::Result<()> {
    if files.is_empty() {
        return Ok(());
    }
    app.state::<Opened>().add(files);
    app.emit("opened", ())
}

/// Returns the files that the window was opened with since the page last asked.
#[tauri::command]
pub(crate) fn take_opened(app: AppHandle) -> Vec<OpenedFile> {
    app.state::<Opened>().take()
}

/// Reads one of them.
///
/// # Errors
/// With words for the screen when it is none of them, too large, or cannot be read.
#[tauri::command]
pub(crate) async fn read_opened(app: AppHandle, id: u32) -> Result<Response, String> {
    let path = app.state::<Opened>().path(id).ok_or("The window was not opened with this file.")?;
    let read = move || -> Result<Vec<u8>, String> {
        let bytes = std::fs::metadata(&path).map_err(|error| error.to_string())?;
        if !bytes.is_file() {
            return Err("It is no file.".into());
        }
        if bytes.len() > LARGEST {
            return Err("It is very large: drop it on the window instead, or add it under Files.".into());
        }
        std::fs::read(&path).map_err(|error| error.to_string())
    };
    match tauri::async_runtime::spawn_blocking(read).await {
        Ok(read) => read.map(Response::new),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_is_told_once_and_read_once() {
        let opened = Opened::default();
        opened.add(vec!["/a/cube.gcode".into(), "/b/box.gcode".into()]);
        let told = opened.take();
        assert_eq!(
            told.iter().map(|file| file.name.as_str()).collect::<Vec<_>>(),
            ["cube.gcode", "box.gcode"]
        );
        assert!(opened.take().is_empty());
        assert_eq!(opened.path(told[1].id), Some("/b/box.gcode".into()));
        assert_eq!(opened.path(told[1].id), None);
        assert_eq!(opened.path(99), None, "what it was not opened with is not read");
    }

    #[test]
    fn a_page_that_does_not_ask_lets_no_pile_grow() {
        let opened = Opened::default();
        for n in 0..200 {
            opened.add(vec![format!("/a/{n}.gcode").into()]);
        }
        assert_eq!(opened.take().len(), MOST);
    }
}
