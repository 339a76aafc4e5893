//! The folder of a trial.

use std::fs;
use std::path::{Path, PathBuf};

/// The folder of a trial; gone when dropped.
#[derive(Debug)]
pub struct TryDir(PathBuf);

impl TryDir {
    /// Takes charge of a folder that is there.
    pub(crate) fn at(dir: PathBuf) -> Self {
        Self(dir)
    }

    /// Returns where it lies.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TryDir {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(path = %self.0.display(), %error, "the folder of a trial could not be removed");
        }
    }
}
