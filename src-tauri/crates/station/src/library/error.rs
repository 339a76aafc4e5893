//! Why the library is not changed as asked.

use super::files::UploadError;
use store::StoreError;

/// Why the library is not changed as asked.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// The file cannot be taken.
    #[error(transparent)]
    Upload(#[from] UploadError),
    /// It is being printed.
    #[error("{name} is being printed")]
    InUse {
        /// Its name.
        name: String,
    },
    /// There is no such file or folder.
    #[error("{what} does not exist")]
    NotFound {
        /// Such as "this folder".
        what: &'static str,
    },
    /// A name that cannot be.
    #[error("{why}")]
    BadName {
        /// What is wrong.
        why: &'static str,
    },
    /// A folder would lie in itself.
    #[error("a folder cannot be moved into itself")]
    FolderInItself,
    /// The database.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for LibraryError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound { what: "folder", .. } => Self::NotFound { what: "this folder" },
            StoreError::NotFound { .. } => Self::NotFound { what: "this file" },
            StoreError::FolderInItself { .. } => Self::FolderInItself,
            StoreError::InUse { .. }
            | StoreError::TooNew { .. }
            | StoreError::TooOld { .. }
            | StoreError::File { .. }
            | StoreError::Sqlite(_)
            | StoreError::Migration(_)
            | StoreError::Json(_)
            | StoreError::Damaged { .. }
            | StoreError::Busy { .. }
            | StoreError::Closed
            | StoreError::Unsaved { .. }
            | StoreError::CloseTimedOut { .. } => Self::Store(error),
        }
    }
}
