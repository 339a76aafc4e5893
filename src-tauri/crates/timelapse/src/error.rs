//! What can go wrong with a film, and what a person can do about it.

use std::path::Path;

/// Why there is no film.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilmError {
    /// None of the pictures can be read, or there were none.
    #[error("none of the {skipped} kept pictures can be read")]
    NoFrames {
        /// Pictures that were tried.
        skipped: usize,
    },
    /// The film or poster could not be written.
    #[error("{path} could not be written: {reason}")]
    Write {
        /// Which file.
        path: String,
        /// The system's words.
        reason: String,
    },
    /// The encoder refused.
    #[error("the film could not be encoded: {reason}")]
    Encode {
        /// The encoder's words.
        reason: String,
    },
    /// The caller wanted no more.
    #[error("the film was cancelled")]
    Cancelled,
}

impl FilmError {
    /// Returns what a person can do about it, as a full sentence; empty when there is nothing to do.
    pub fn cure(&self) -> &'static str {
        match self {
            Self::NoFrames { .. } => "Check that the camera was on during the print.",
            Self::Write { .. } => "Free some disk space, then make the film again from the print's page.",
            Self::Encode { .. } => "Try again from the print's page; the kept pictures are still there.",
            Self::Cancelled => "",
        }
    }

    pub(crate) fn write(path: &Path, reason: impl ToString) -> Self {
        Self::Write { path: path.display().to_string(), reason: reason.to_string() }
    }

    pub(crate) fn encode(reason: impl ToString) -> Self {
        Self::Encode { reason: reason.to_string() }
    }
}
