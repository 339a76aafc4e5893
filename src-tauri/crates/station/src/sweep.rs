//! What a crash left is removed at the next start.

use crate::media::print_folder;
use crate::tidy::{TRASH, remove};
use domain::PrintId;
use std::fs;
use std::path::Path;
use std::time::Duration;
use store::{Store, StoreError};

/// Nobody writes to it any more.
const LEFT_BEHIND: Duration = Duration::from_secs(3600);

/// Removes what a crash left: the trash, folders of prints that do not exist, pictures that were dropped, uploads that
/// never became anything.
pub(crate) fn run(root: &Path, store: &Store) -> Result<(), StoreError> {
    let _ = fs::remove_dir_all(root.join(TRASH));
    sweep_passing(root);
    let Ok(folders) = fs::read_dir(root.join("media").join("prints")) else { return Ok(()) };
    let ids: Vec<PrintId> = folders
        .flatten()
        .filter_map(|folder| folder.file_name().to_str()?.parse().ok().map(PrintId))
        .collect();
    let known = store.read(|conn| store::erase::known(conn, &ids))?;
    for id in ids {
        match known.iter().find(|(print, _)| *print == id) {
            None => remove(root, &print_folder(id)),
            Some((_, true)) => remove(root, &print_folder(id).join("frames")),
            Some((_, false)) => (),
        }
    }
    Ok(())
}

/// Removes uploads and copies for a backup that nobody has written to for an hour: younger ones may be on their way.
fn sweep_passing(root: &Path) {
    for (folder, begins, ends) in [(root, "upload-", "part"), (&root.join("backup"), "archive", "unfinished")]
    {
        for file in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = file.path();
            let ours = file.file_name().to_string_lossy().starts_with(begins)
                && path.extension().is_some_and(|end| end == ends);
            let written = file.metadata().and_then(|about| about.modified());
            let age = written.ok().and_then(|at| at.elapsed().ok());
            if ours && age.is_some_and(|age| age > LEFT_BEHIND) {
                let _ = fs::remove_file(path);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uploads_that_nobody_writes_to_any_more_are_swept_and_others_left() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("backup")).unwrap();
        let names = ["upload-1.part", "upload-2.part", "backup/archive-7-0.unfinished", "upload-notes.txt"];
        for name in names {
            fs::write(dir.path().join(name), "x").unwrap();
        }
        let long_ago = std::time::SystemTime::UNIX_EPOCH + LEFT_BEHIND;
        for name in [names[0], names[2], names[3]] {
            let file = fs::File::options().write(true).open(dir.path().join(name)).unwrap();
            file.set_modified(long_ago).unwrap();
        }
        sweep_passing(dir.path());
        let left = names.map(|name| dir.path().join(name).exists());
        assert_eq!(left, [false, true, false, true]);
    }
}
