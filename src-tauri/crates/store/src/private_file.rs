//! Small files in the data folder that only the user can read: tokens, passwords, the address of the core.
//!
//! Those for passwords are called `…-password.json` or `…-passwords.json`: by that a report for others knows them and takes
//! what they hold out of all else.

use serde::de::DeserializeOwned;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

/// Reads such a file as JSON; one that is not there holds nothing. One that cannot be read is told in the log, as `what`,
/// and holds nothing either: what was in it has to be entered again.
pub fn read<T: DeserializeOwned + Default>(path: &Path, what: &str) -> T {
    let read = fs::read(path).and_then(|bytes| Ok(serde_json::from_slice(&bytes)?));
    read.unwrap_or_else(|error: io::Error| {
        if error.kind() != ErrorKind::NotFound {
            tracing::error!(%error, "{what} cannot be read");
        }
        T::default()
    })
}

/// Writes a file that only its owner can read, in place of the one before: whole or not at all, and on the disk when it
/// returns. On Windows the rights are those of the folder.
///
/// # Errors
/// When the folder cannot be written to; the file before is left as it was then.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    // On Unix such a file can be read by its owner only, from its first byte on.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    // The name, too, is to be there after a power cut; elsewhere a folder cannot be opened.
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_takes_the_place_of_the_one_before_with_its_owners_rights_only() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("secret.json");
        std::fs::write(&path, "an older one that everybody can read").expect("written");
        write(&path, b"{}").expect("written");
        assert_eq!(std::fs::read(&path).expect("there"), b"{}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(&path).expect("there").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        let left = std::fs::read_dir(dir.path()).expect("read").count();
        assert_eq!(left, 1, "no part of a file stays behind");
    }

    #[test]
    fn what_is_not_there_or_is_damaged_holds_nothing() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("secret.json");
        assert_eq!(read::<String>(&path, "the word"), "");
        write(&path, b"\"word\"").expect("written");
        assert_eq!(read::<String>(&path, "the word"), "word");
        write(&path, b"\"wo").expect("written");
        assert_eq!(read::<String>(&path, "the word"), "");
    }

    #[test]
    fn where_it_cannot_be_written_the_one_before_stays() {
        let dir = tempfile::tempdir().expect("a folder");
        let taken = dir.path().join("secret.json");
        std::fs::create_dir(&taken).expect("a folder in its place");
        assert!(write(&taken, b"{}").is_err());
        assert!(write(&dir.path().join("missing/secret.json"), b"{}").is_err());
        assert_eq!(std::fs::read_dir(dir.path()).expect("read").count(), 1, "nothing was left behind");
    }
}
