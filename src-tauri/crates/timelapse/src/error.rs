//! What can go wrong with a film, and what a person can do about it.

use sandbox::Ended;
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

/// Why a film cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClipError {
    /// The file itself cannot be read.
    #[error("the film could not be read: {reason}")]
    Read {
        /// The system's words.
        reason: String,
    },
    /// Something else than an MP4 file.
    #[error("this file is no MP4 film")]
    NotMp4,
    /// The end is missing, or what is there contradicts itself.
    #[error("this film is damaged or not complete")]
    Torn,
    /// An MP4 file with sound only.
    #[error("this file has no pictures in it")]
    NoVideo,
    /// Written in fragments, as streams are.
    #[error("this film is stored in fragments, as streams are")]
    InPieces,
    /// A film that is not H.264.
    #[error("this film is {name}; Printvigil reads H.264")]
    Codec {
        /// What it is.
        name: String,
    },
    /// H.264 of a kind that the decoder does not take.
    #[error("this film is {format} H.264; Printvigil reads 8-bit 4:2:0 that is not interlaced")]
    Format {
        /// What it is, such as "10-bit, 4:2:2".
        format: String,
    },
    /// A still picture in an MP4 file's clothes.
    #[error("this file is a picture ({name}), no film")]
    Still {
        /// What it is.
        name: &'static str,
    },
    /// The caller wanted no more.
    #[error("reading the film was broken off")]
    BrokenOff,
    /// Pictures beyond what is read.
    #[error("the pictures of this film have {width} x {height} pixels, more than 4096 a side")]
    Size {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
    },
    /// A table of contents beyond what is read.
    #[error("this film is too long")]
    TooLarge,
    /// The process that decodes the film failed.
    #[error("the process that decodes the film {ended}")]
    Decoder {
        /// How.
        ended: Ended,
    },
    /// The decoder refused.
    #[error("the film could not be decoded: {reason}")]
    Decode {
        /// The decoder's words.
        reason: String,
    },
}

impl ClipError {
    /// Returns what a person can do about it, as a full sentence.
    pub fn cure(&self) -> &'static str {
        match self {
            Self::Read { .. } => "Check that the file is still there and may be read.",
            Self::NotMp4 | Self::NoVideo => "Choose an MP4 film with H.264 pictures.",
            Self::Torn => "Copy the film again from where it came from.",
            Self::InPieces | Self::Codec { .. } | Self::Decode { .. } => {
                "Convert it to an MP4 with H.264, with HandBrake for example, and try again."
            }
            Self::Format { .. } => {
                "Convert it to an MP4 with 8-bit H.264, with HandBrake's preset \"Fast 1080p30\" for example, and try \
                 again."
            }
            Self::Still { .. } => "Save it as a JPEG, then try that.",
            Self::Decoder { .. } => {
                "Try again. If it fails again, convert the film to an MP4 with H.264, with HandBrake for example."
            }
            Self::BrokenOff => "Begin again when you want to.",
            Self::Size { .. } => {
                "Convert it to 1920 x 1080 pixels, with HandBrake for example, and try again."
            }
            Self::TooLarge => "Cut it into shorter films and try one of them.",
        }
    }

    pub(crate) fn read(reason: impl ToString) -> Self {
        Self::Read { reason: reason.to_string() }
    }

    pub(crate) fn decoder(ended: Ended) -> Self {
        Self::Decoder { ended }
    }

    pub(crate) fn decode(reason: impl ToString) -> Self {
        Self::Decode { reason: reason.to_string() }
    }
}
