//! The folders of prints on the disk: what they take, and how they go.

use super::paths::{FRAMES, print_folder};
use domain::PrintId;
use std::fs;
use std::path::{Path, PathBuf};
use store::{Store, StoreError};

/// Folders that are on their way out.
pub(super) const TRASH: &str = "trash";

/// Notes what a print takes beside its single pictures.
pub(crate) fn count_others(root: &Path, store: &Store, print: PrintId) -> Result<(), StoreError> {
    let bytes = other_bytes(&root.join(print_folder(print)));
    store.write_now(move |tx| store::print_extra::set_other_bytes(tx, print, bytes))
}

/// Returns what a print takes beside its single pictures, bytes.
pub(crate) fn other_bytes(folder: &Path) -> u64 {
    folder_bytes(folder).saturating_sub(folder_bytes(&folder.join(FRAMES)))
}

/// Moves a folder out of sight, which is done at once or not at all, then removes it.
pub(crate) fn remove(root: &Path, folder: &Path) {
    let from = root.join(folder);
    if !from.exists() {
        return;
    }
    let name = folder.to_string_lossy().replace(['/', '\\'], "-");
    let to = root.join(TRASH).join(name);
    let _ = fs::remove_dir_all(&to);
    let moved = fs::create_dir_all(root.join(TRASH)).and_then(|()| fs::rename(&from, &to));
    let gone = match moved {
        Ok(()) => fs::remove_dir_all(&to),
        Err(_) => fs::remove_dir_all(&from),
    };
    if let Err(error) = gone {
        tracing::warn!(path = %from.display(), %error, "files of an erased print are still there");
    }
}

/// Returns what all files below a folder take, bytes.
pub(crate) fn folder_bytes(folder: &Path) -> u64 {
    let (mut bytes, mut todo) = (0, vec![PathBuf::from(folder)]);
    while let Some(folder) = todo.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            match entry.metadata() {
                Ok(about) if about.is_dir() => todo.push(entry.path()),
                Ok(about) => bytes += about.len(),
                Err(_) => (),
            }
        }
    }
    bytes
}
