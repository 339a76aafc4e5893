//! Why the core does not start, or does not do what was asked; and work that waits for the disk.

use detect::DetectError;
use domain::Refusal;
use store::StoreError;

/// Why the station does not start, or does not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StationError {
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A thread could not be started.
    #[error("a thread could not be started: {0}")]
    Thread(#[from] std::io::Error),
    /// The detector's threads could not be started.
    #[error(transparent)]
    Detector(#[from] DetectError),
    /// The station has ended.
    #[error("the core is ending")]
    Ending,
    /// Refused, with a code, a text and a hint.
    #[error("{}", .0.message)]
    Refused(Refusal),
}

impl StationError {
    /// Refuses what a person asked for: what is wrong, and what to do.
    pub(crate) fn refused(code: &'static str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Refused(Refusal { code, message: message.into(), hint: hint.into() })
    }

    /// There is no such thing.
    pub(crate) fn not_found(what: &str) -> Self {
        Self::refused("not_found", format!("{what} does not exist"), "It may have been deleted.")
    }
}

/// Runs what waits for the disk away from the async threads.
///
/// # Errors
/// When the work panicked.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, StationError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| StationError::Thread(std::io::Error::other(error)))
}
