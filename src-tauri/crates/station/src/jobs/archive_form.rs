//! The form of a backup: a ZIP with a manifest that names each file with its length and SHA-256; and what can be wrong.

use serde::{Deserialize, Serialize};
use std::io;
use std::path::Path;
use store::StoreError;

/// The manifest's name in the archive; it comes last.
pub(super) const MANIFEST: &str = "manifest.json";
/// What of the data folder goes in, beside the database.
pub(super) const FOLDERS: &[&str] = &["files", "models", "media"];
pub(super) const FORMAT: u32 = 1;

/// Why there is no archive, or nothing was restored.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The database could not be copied.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: String,
        /// The system's words.
        source: io::Error,
    },
    /// This is no archive of ours, or a damaged one.
    #[error("this is no whole backup of Printvigil: {0}")]
    Broken(String),
    /// Of a newer app.
    #[error("this backup was made by a newer Printvigil (format {0}); update the app first")]
    TooNew(u32),
    /// Something is there already.
    #[error("{0} is there already; name one that does not exist yet")]
    Exists(String),
    /// A core works on the folder.
    #[error("Printvigil is running on {0}; close it first")]
    Running(String),
    /// Restored, it would leave too little room on the disk.
    #[error("the backup needs {} MB, and {} MB are free", .needed / 1024 / 1024, .free / 1024 / 1024)]
    NoRoom {
        /// Bytes of its files.
        needed: u64,
        /// Bytes free on the disk.
        free: u64,
    },
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Manifest {
    #[serde(default)]
    pub(super) format: u32,
    // Of another format all else may be missing.
    #[serde(default)]
    pub(super) app_version: String,
    #[serde(default)]
    pub(super) files: Vec<Entry>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) path: String,
    pub(super) num_bytes: u64,
    pub(super) sha256: String,
}

/// What was written or restored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Archived {
    /// Files.
    pub files: usize,
    /// Bytes of them.
    pub bytes: u64,
}

pub(super) fn at(path: &Path) -> impl FnOnce(io::Error) -> ArchiveError {
    let path = path.display().to_string();
    move |source| ArchiveError::File { path, source }
}
