//! What a crash left is removed at the next start.

use super::folders::{TRASH, remove};
use super::paths::{FRAMES, print_folder, prints_folder};
use domain::PrintId;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;
use store::{Store, StoreError};

/// Nobody writes to it any more.
const LEFT_BEHIND: Duration = Duration::from_secs(3600);

/// Removes what a crash left: the trash, folders of prints that do not exist, pictures that were dropped, uploads that
/// never became anything.
pub(crate) fn run(root: &Path, store: &Store) -> Result<(), StoreError> {
    let _ = fs::remove_dir_all(root.join(TRASH));
    what_is_passing(root);
    let Ok(folders) = fs::read_dir(prints_folder(root)) else { return Ok(()) };
    let ids: Vec<PrintId> = folders
        .flatten()
        .filter_map(|folder| folder.file_name().to_str()?.parse().ok().map(PrintId))
        .collect();
    let known = store.read(|conn| store::erase::known(conn, &ids))?;
    for id in ids {
        match known.iter().find(|(print, _)| *print == id) {
            None => remove(root, &print_folder(id)),
            Some((_, true)) => remove(root, &print_folder(id).join(FRAMES)),
            Some((_, false)) => (),
        }
    }
    Ok(())
}

/// Removes uploads that no process holds, and copies for a backup that nobody has written to for an hour: younger ones
/// may be on their way. An upload that is being written is locked by whoever writes it.
pub(crate) fn what_is_passing(root: &Path) {
    for path in passing(root, "upload-", "part") {
        if !is_held(&path) {
            let _ = fs::remove_file(path);
        }
    }
    for path in passing(&root.join("backup"), "archive", "unfinished") {
        let written = fs::metadata(&path).and_then(|about| about.modified());
        let age = written.ok().and_then(|at| at.elapsed().ok());
        if age.is_some_and(|age| age > LEFT_BEHIND) {
            let _ = fs::remove_file(path);
        }
    }
}

fn passing(folder: &Path, begins: &str, ends: &str) -> Vec<PathBuf> {
    let ours = |path: &PathBuf| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(begins))
            && path.extension().is_some_and(|end| end == ends)
    };
    fs::read_dir(folder).into_iter().flatten().flatten().map(|file| file.path()).filter(ours).collect()
}

fn is_held(path: &Path) -> bool {
    matches!(File::open(path).map(|file| file.try_lock()), Ok(Err(TryLockError::WouldBlock)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uploads_that_no_process_holds_are_swept_and_others_left() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("backup")).unwrap();
        let names = [
            "upload-1.part",
            "upload-2.part",
            "upload-1.plain.part",
            "backup/archive-7-0.unfinished",
            "backup/archive-8-0.unfinished",
            "upload-notes.txt",
        ];
        for name in names {
            fs::write(dir.path().join(name), "x").unwrap();
        }
        let long_ago = std::time::SystemTime::UNIX_EPOCH + LEFT_BEHIND;
        for name in [names[1], names[3], names[5]] {
            let file = File::options().write(true).open(dir.path().join(name)).unwrap();
            file.set_modified(long_ago).unwrap();
        }
        // However old or young they are: only who writes it counts.
        let written = File::options().write(true).open(dir.path().join(names[1])).unwrap();
        written.lock().unwrap();
        what_is_passing(dir.path());
        let left = names.map(|name| dir.path().join(name).exists());
        assert_eq!(left, [false, true, false, false, true, true]);
        drop(written);
        what_is_passing(dir.path());
        assert!(!dir.path().join(names[1]).exists());
    }
}
