//! The broker's password. It lies in a file of its own that only the user can read: not in the database, not in a copy or
//! a backup of it, and in no answer.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The file in the data folder.
const FILE: &str = "broker-password.json";

/// The password, on the disk and in memory.
pub(crate) struct Password {
    path: PathBuf,
    now: Mutex<String>,
}

impl Password {
    /// Reads the file. One that cannot be read is told in the log; the password has to be entered again then.
    pub(crate) fn open(data_dir: &Path) -> Self {
        let path = data_dir.join(FILE);
        let read = fs::read(&path).and_then(|bytes| Ok(serde_json::from_slice(&bytes)?));
        let now = read.unwrap_or_else(|error: io::Error| {
            if error.kind() != ErrorKind::NotFound {
                tracing::error!(%error, "the broker's password cannot be read");
            }
            String::new()
        });
        Self { path, now: Mutex::new(now) }
    }

    /// Returns it; empty when there is none.
    pub(crate) fn get(&self) -> String {
        self.now.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps another one; an empty one is forgotten. On the disk when it returns.
    ///
    /// # Errors
    /// When it cannot be written; the one before stays then.
    pub(crate) fn keep(&self, password: &str) -> io::Result<()> {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        if *now == password {
            return Ok(());
        }
        if password.is_empty() {
            fs::remove_file(&self.path).or_else(|error| match error.kind() {
                ErrorKind::NotFound => Ok(()),
                _ => Err(error),
            })?;
        } else {
            // On Unix such a file can be read by its owner only.
            let mut file = tempfile::NamedTempFile::new_in(self.path.parent().unwrap_or(Path::new(".")))?;
            file.write_all(&serde_json::to_vec(password)?)?;
            file.as_file().sync_all()?;
            file.persist(&self.path)?;
        }
        password.clone_into(&mut now);
        Ok(())
    }

    /// Where it lies.
    pub(crate) fn path(&self) -> PathBuf {
        self.path.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_kept_for_the_user_alone_and_forgotten_when_it_is_empty() {
        let dir = tempfile::tempdir().expect("a folder");
        Password::open(dir.path()).keep("geheim\"").expect("kept");
        let again = Password::open(dir.path());
        assert_eq!(again.get(), "geheim\"");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(again.path()).expect("there").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        again.keep("").expect("forgotten");
        assert!(!again.path().exists() && Password::open(dir.path()).get().is_empty());
    }
}
