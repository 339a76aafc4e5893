//! The broker's password. It lies in a file of its own that only the user can read: not in the database, not in a copy or
//! a backup of it, and in no answer.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use store::private_file;

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
        let now = private_file::read(&path, "the broker's password");
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
            match fs::remove_file(&self.path) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                Ok(()) | Err(_) => (),
            }
        } else {
            private_file::write(&self.path, &serde_json::to_vec(password)?)?;
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
