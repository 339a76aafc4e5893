//! What can go wrong with the database, and what it means for history.

use domain::StoreFault;
use rusqlite::ErrorCode;
use std::path::PathBuf;

/// Why the database could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another core works on this data folder.
    #[error("the data folder {folder} is in use by {holder}", folder = .folder.display())]
    InUse {
        /// The folder.
        folder: PathBuf,
        /// Who holds it, such as "process 4711".
        holder: String,
    },
    /// The database was written by a newer version of the app.
    #[error("the history was written by a newer version (database version {found}, this app knows {known})")]
    TooNew {
        /// `user_version` of the file.
        found: usize,
        /// The newest version that this app knows.
        known: usize,
    },
    /// The database was written by an older version of the app.
    #[error(
        "the history is of an older version (database version {found}, this app knows {known}); start the app once"
    )]
    TooOld {
        /// `user_version` of the file.
        found: usize,
        /// The version of this app.
        known: usize,
    },
    /// A file or folder could not be used.
    #[error("cannot {what} {path}: {source}", path = .path.display())]
    File {
        /// Such as "create" or "rename".
        what: &'static str,
        /// Which.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// SQLite says no.
    #[error("database: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// A migration does not run.
    #[error("database migration: {0}")]
    Migration(#[from] rusqlite_migration::Error),
    /// A stored or given JSON value does not fit.
    #[error("stored value: {0}")]
    Json(#[from] serde_json::Error),
    /// No such row.
    #[error("no {what} has the number {id}")]
    NotFound {
        /// Such as "print".
        what: &'static str,
        /// The number asked for.
        id: i64,
    },
    /// The file is no sound database.
    #[error("the database is damaged: {found}")]
    Damaged {
        /// What the check found.
        found: String,
    },
    /// A folder cannot be put into itself or into one below it.
    #[error("folder {id} cannot lie in itself")]
    FolderInItself {
        /// Which.
        id: i64,
    },
    /// Too many writes wait already.
    #[error("{waiting} writes wait for the database already")]
    Busy {
        /// How many.
        waiting: usize,
    },
    /// The database is closed.
    #[error("the database is closed")]
    Closed,
    /// Not all could be written before the end.
    #[error("{writes} writes could not be saved before closing")]
    Unsaved {
        /// How many.
        writes: usize,
    },
    /// The writing thread did not end in time.
    #[error("the database did not close within {secs} s")]
    CloseTimedOut {
        /// How long was waited.
        secs: u64,
    },
}

impl StoreError {
    /// Makes the error of a file operation; for `map_err`.
    pub(crate) fn file(what: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { what, path, source }
    }

    /// Returns what this means for history, for the hub.
    pub fn fault(&self) -> StoreFault {
        let full = match self {
            Self::Sqlite(e) => e.sqlite_error_code() == Some(ErrorCode::DiskFull),
            Self::File { source, .. } => source.kind() == std::io::ErrorKind::StorageFull,
            Self::InUse { .. }
            | Self::TooNew { .. }
            | Self::TooOld { .. }
            | Self::Migration(_)
            | Self::Json(_)
            | Self::NotFound { .. }
            | Self::Damaged { .. }
            | Self::FolderInItself { .. }
            | Self::Busy { .. }
            | Self::Closed
            | Self::Unsaved { .. }
            | Self::CloseTimedOut { .. } => false,
        };
        if full { StoreFault::DiskFull } else { StoreFault::Failed(self.to_string()) }
    }

    /// Returns whether a value is one that its column does not take.
    pub fn is_of_a_value(&self) -> bool {
        let Self::Sqlite(e) = self else { return false };
        e.sqlite_error_code() == Some(ErrorCode::ConstraintViolation)
    }

    /// Returns whether the row itself is at fault, so that writing it again cannot help. Everything that could hit
    /// any row (the disk, another program's lock, memory) is not.
    pub(crate) fn is_of_the_row(&self) -> bool {
        match self {
            Self::Sqlite(e) => !matches!(
                e.sqlite_error_code(),
                Some(
                    ErrorCode::DiskFull
                        | ErrorCode::SystemIoFailure
                        | ErrorCode::DatabaseBusy
                        | ErrorCode::DatabaseLocked
                        | ErrorCode::OutOfMemory
                        | ErrorCode::ReadOnly
                        | ErrorCode::CannotOpen
                        | ErrorCode::PermissionDenied
                        | ErrorCode::FileLockingProtocolFailed
                        | ErrorCode::DatabaseCorrupt
                        | ErrorCode::NotADatabase
                        | ErrorCode::OperationInterrupted
                        | ErrorCode::OperationAborted
                )
            ),
            Self::Json(_) | Self::NotFound { .. } | Self::FolderInItself { .. } => true,
            Self::InUse { .. }
            | Self::TooNew { .. }
            | Self::TooOld { .. }
            | Self::File { .. }
            | Self::Migration(_)
            | Self::Damaged { .. }
            | Self::Busy { .. }
            | Self::Closed
            | Self::Unsaved { .. }
            | Self::CloseTimedOut { .. } => false,
        }
    }

    /// Returns whether the file is no sound database.
    pub(crate) fn is_damage(&self) -> bool {
        if let Self::Damaged { .. } = self {
            return true;
        }
        let Self::Sqlite(e) = self else { return false };
        matches!(e.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
    }
}
