//! What is kept is the user's: other users of this computer read none of it.

use std::io;
use std::path::Path;

/// Has every file and folder that this process makes be the user's only.
pub(crate) fn new_files() {
    #[cfg(unix)]
    {
        use nix::sys::stat::{Mode, umask};
        umask(Mode::S_IRWXG | Mode::S_IRWXO);
    }
}

/// Makes a data folder the user's only, with all that an earlier version put there for everybody to read.
///
/// # Errors
/// When the folder itself cannot be closed to others, since it is somebody else's.
pub(crate) fn data_folder(data_dir: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let open = std::fs::metadata(data_dir)?.permissions().mode() & 0o077 != 0;
        // First the folder: behind it nothing can be reached any more, whatever its own rights are.
        close(data_dir, 0o700)?;
        close_below(data_dir, if open { Depth::All } else { Depth::Top });
    }
    #[cfg(not(unix))]
    let _ = data_dir;
    Ok(())
}

#[cfg(unix)]
#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    /// Database and logs lie here.
    Top,
    /// Once, where the folder was open.
    All,
}

#[cfg(unix)]
fn close(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))
}

#[cfg(unix)]
fn close_below(folder: &Path, depth: Depth) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        // A link points to what is not ours.
        let closed = match entry.file_type() {
            Ok(kind) if kind.is_dir() => {
                let closed = close(&path, 0o700);
                if depth == Depth::All {
                    close_below(&path, depth);
                }
                closed
            }
            Ok(kind) if kind.is_file() => close(&path, 0o600),
            Ok(_) => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = closed {
            tracing::warn!(path = %path.display(), %error, "a file can be read by others");
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_folder_of_an_earlier_version_is_closed_to_others_with_all_that_lies_in_it() {
        let dir = tempfile::tempdir().unwrap();
        let (root, deep) = (dir.path(), dir.path().join("media/prints/3"));
        fs::create_dir_all(&deep).unwrap();
        fs::write(root.join("printvigil.db"), "").unwrap();
        fs::write(deep.join("1.jpg"), "").unwrap();
        let outside = tempfile::NamedTempFile::new().unwrap();
        close(outside.path(), 0o644).unwrap();
        std::os::unix::fs::symlink(outside.path(), root.join("link")).unwrap();
        let folders = [root.to_path_buf(), root.join("media"), deep.clone()];
        folders.iter().for_each(|folder| close(folder, 0o755).unwrap());
        [root.join("printvigil.db"), deep.join("1.jpg")].iter().for_each(|file| close(file, 0o644).unwrap());
        data_folder(root).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert!(folders.iter().all(|folder| mode(folder) == 0o700));
        assert_eq!((mode(&root.join("printvigil.db")), mode(&deep.join("1.jpg"))), (0o600, 0o600));
        assert_eq!(mode(outside.path()), 0o644, "what a link points to is not ours");
    }
}
