//! What can go wrong with detection, and what a person can do about it.

use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Why pictures are not analysed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum DetectError {
    /// The library that runs models was not found.
    #[error("the ONNX Runtime library was not found (looked for {})", list(.looked))]
    NoRuntime {
        /// Where it was looked for.
        looked: Vec<PathBuf>,
    },
    /// The library is there and cannot be used.
    #[error("the ONNX Runtime library {path} cannot be used: {reason}")]
    Runtime {
        /// Which file.
        path: String,
        /// The loader's words.
        reason: String,
    },
    /// The model was not found.
    #[error("the detection model was not found (looked for {})", list(.looked))]
    NoModel {
        /// Where it was looked for.
        looked: Vec<PathBuf>,
    },
    /// The model is there and cannot be loaded, or is not made for this app.
    #[error("the detection model {path} cannot be used: {reason}")]
    Model {
        /// Which file.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A model that the user brought cannot be loaded or used.
    #[error("the model {path} cannot be used: {reason}")]
    Foreign {
        /// Which file.
        path: String,
        /// What does not fit.
        reason: String,
    },
    /// The picture could not be read.
    #[error("the picture cannot be read: {reason}")]
    Picture {
        /// What is wrong with it.
        reason: String,
    },
    /// The model ran and failed, or gave numbers that mean nothing.
    #[error("the detection model failed: {reason}")]
    Inference {
        /// The library's words.
        reason: String,
    },
    /// The model does not come back.
    #[error("the detection model did not answer for {secs} s")]
    Hung {
        /// Whole seconds.
        secs: u64,
    },
    /// The process that looks at pictures has ended.
    #[error("the part that looks at pictures has ended ({how})")]
    Gone {
        /// The system's words.
        how: String,
    },
    /// Too many single pictures wait already.
    #[error("the detector is busy with other pictures")]
    Busy,
    /// The detector's threads could not be started, or have ended.
    #[error("the detector is not running: {reason}")]
    Stopped {
        /// Why.
        reason: String,
    },
}

impl DetectError {
    /// Returns what a person can do about it, as a full sentence.
    pub fn cure(&self) -> String {
        match self {
            Self::NoRuntime { .. } => {
                "Install Printvigil again; if you built it yourself, run `cargo xtask ort` \
                 in its folder."
                    .into()
            }
            Self::Runtime { .. } => "Install Printvigil again, or remove the other ONNX Runtime that \
                 ORT_DYLIB_PATH names. Version 1.17 or newer is needed."
                .into(),
            Self::NoModel { .. } => {
                "Install Printvigil again, or put the file printvigil.onnx back into the folder \"models\"."
                    .into()
            }
            Self::Model { .. } => {
                "Install Printvigil again; a model of your own must be made by its training \
                 scripts (folder \"models\")."
                    .into()
            }
            Self::Foreign { .. } => {
                "Models that fit: Obico's (.onnx or .darknet), and YOLOv5, YOLOv8 or YOLO11 detection models \
                 exported to ONNX."
                    .into()
            }
            Self::Picture { .. } => "Check the camera: its pictures must be whole JPEG files.".into(),
            Self::Inference { .. } => {
                "It is tried again by itself. If it stays, start Printvigil again, then install it again."
                    .into()
            }
            Self::Hung { .. } => {
                "Close programs that keep this computer busy. Detection is started again by itself.".into()
            }
            Self::Gone { .. } => "It is started again by itself, and printing goes on meanwhile. If it happens often, close programs \
                 that need much memory, or choose Printvigil's own model in the settings."
                .into(),
            Self::Busy => "Wait a moment, then try again.".into(),
            Self::Stopped { .. } => "Start Printvigil again.".into(),
        }
    }

    /// Returns what happened and what to do, as people read it.
    pub fn for_people(&self) -> String {
        let what = self.to_string();
        let mut letters = what.chars();
        let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
        format!("{first}{}. {}", letters.as_str(), self.cure())
    }

    /// Returns whether the picture is to blame and not the detector.
    pub(crate) fn is_of_the_picture(&self) -> bool {
        matches!(self, Self::Picture { .. })
    }

    pub(crate) fn model(path: &Path, reason: impl ToString) -> Self {
        Self::Model { path: path.display().to_string(), reason: reason.to_string() }
    }

    pub(crate) fn foreign(path: &Path, reason: impl ToString) -> Self {
        let name = path.file_name().unwrap_or(path.as_os_str());
        Self::Foreign { path: name.display().to_string(), reason: reason.to_string() }
    }

    pub(crate) fn picture(reason: impl ToString) -> Self {
        Self::Picture { reason: reason.to_string() }
    }

    pub(crate) fn inference(reason: impl ToString) -> Self {
        Self::Inference { reason: reason.to_string() }
    }
}

fn list(paths: &[PathBuf]) -> String {
    let names: Vec<String> = paths.iter().map(|p| p.display().to_string()).collect();
    if names.is_empty() { "nothing".into() } else { names.join(", ") }
}
