//! Loads a model of whatever kind, ours or one that the user brought.

use crate::onnx::{environment, open, runtime_error};
use crate::{BoxDetector, DetectError, Detector, ModelKind, ModelSettings, OnnxDetector};
use serde::{Deserialize, Serialize};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// Which model is to be loaded, and by what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelFiles {
    /// The ONNX Runtime library.
    pub runtime: PathBuf,
    /// The model.
    pub model: PathBuf,
    /// What the user chose about a model that was brought; `None` for ours.
    pub settings: Option<ModelSettings>,
}

impl ModelFiles {
    /// Loads them in this process.
    ///
    /// # Errors
    /// When either is missing, cannot be loaded, or does not fit; never panics.
    pub fn load(&self) -> Result<Box<dyn Detector>, DetectError> {
        match &self.settings {
            None => Ok(Box::new(OnnxDetector::load(&self.runtime, &self.model)?)),
            Some(settings) => {
                load_model(&self.runtime, &self.model, Some(settings))?.into_detector(&self.model)
            }
        }
    }
}

/// A model, by how it answers.
pub enum Loaded {
    /// With a grid: ours.
    Grid(Box<OnnxDetector>),
    /// With boxes: Obico's and YOLO's.
    Boxes(Box<BoxDetector>),
}

impl Loaded {
    /// What it is.
    pub fn kind(&self) -> ModelKind {
        match self {
            Self::Grid(_) => ModelKind::Grid,
            Self::Boxes(model) => model.kind(),
        }
    }

    /// Width and height of its input, pixels.
    pub fn input_size(&self) -> (u32, u32) {
        match self {
            Self::Grid(model) => model.input_size(),
            Self::Boxes(model) => model.input_size(),
        }
    }

    /// Returns it to look at pictures with.
    ///
    /// # Errors
    /// When none of its classes is a failure: it would never find anything.
    pub fn into_detector(self, path: &Path) -> Result<Box<dyn Detector>, DetectError> {
        match self {
            Self::Grid(model) => Ok(model),
            Self::Boxes(model) if model.finds_failures() => Ok(model),
            Self::Boxes(_) => Err(DetectError::foreign(path, "none of its classes is chosen as a failure")),
        }
    }
}

/// Loads the library (the first time) and a model, and tells from its inputs and outputs what it is.
///
/// # Errors
/// When either is missing, cannot be loaded, or does not fit; never panics.
pub fn load_model(
    runtime: &Path,
    model: &Path,
    settings: Option<&ModelSettings>,
) -> Result<Loaded, DetectError> {
    let load = || {
        if !model.is_file() {
            return Err(DetectError::NoModel { looked: vec![model.to_path_buf()] });
        }
        let environment = environment(runtime)?;
        let session = open(&environment, model).map_err(|e| DetectError::foreign(model, e))?;
        let ours = session.metadata().is_ok_and(|metadata| metadata.custom("vigil.kind").is_some());
        if ours {
            OnnxDetector::new(session, model).map(|model| Loaded::Grid(Box::new(model)))
        } else {
            BoxDetector::new(session, model, settings).map(|model| Loaded::Boxes(Box::new(model)))
        }
    };
    // A library of the same name that is none makes the loader panic.
    catch_unwind(AssertUnwindSafe(load))
        .unwrap_or_else(|_| Err(runtime_error(runtime, "it crashed while it was loaded")))
}
