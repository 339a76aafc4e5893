//! Whoever looks at the JPEGs of cameras: a model in this process, or one in a process of its own.

use crate::{Canvas, DetectError, Detector, Findings, ModelFiles, Sight, detect_jpeg};
use bytes::Bytes;
use domain::View;
use std::sync::Arc;

/// Hears that an eye will never look again. Called once, on any thread; must not block.
pub type OnGone = Box<dyn FnOnce() + Send>;

/// Looks at JPEGs. Synchronous: it is called on the detector's thread.
pub trait Eye: Send {
    /// Looks at a JPEG, or at a part of it.
    ///
    /// # Errors
    /// When the picture is damaged, or inference fails; [`DetectError::Gone`] when it will never look again.
    fn look(&mut self, jpeg: &Bytes, view: View) -> Result<Findings, DetectError>;

    /// Returns the name and version of the model, for people.
    fn name(&self) -> String;

    /// Returns how sharp it is, as far as that is known.
    fn sight(&self) -> Sight;

    /// Has somebody told when it ends by itself. One in this process does not.
    fn when_gone(&mut self, _tell: OnGone) {}
}

/// A model in this process.
struct Here {
    detector: Box<dyn Detector>,
    canvas: Canvas,
}

impl Eye for Here {
    fn look(&mut self, jpeg: &Bytes, view: View) -> Result<Findings, DetectError> {
        detect_jpeg(self.detector.as_mut(), &mut self.canvas, jpeg, view)
    }

    fn name(&self) -> String {
        self.detector.name()
    }

    fn sight(&self) -> Sight {
        self.detector.sight()
    }
}

/// Loads the model; called again whenever one is needed again, on the thread that will use it.
pub type LoadDetector = Box<dyn FnMut(LastModel) -> Result<Box<dyn Eye>, DetectError> + Send>;

/// What became of the model that was loaded before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastModel {
    /// There was none, or it was put away or exchanged.
    InOrder,
    /// It could not be loaded, broke, hung or crashed.
    Failed,
}

/// How models are opened.
pub struct OpenModels {
    /// Opens the app's own; called again after a failure, on the thread that will use it.
    pub ours: LoadDetector,
    /// Opens one that was brought.
    pub brought: OpenModel,
}

/// Opens a model by its files.
pub type OpenModel = Arc<dyn Fn(&ModelFiles) -> Result<Box<dyn Eye>, DetectError> + Send + Sync>;

impl OpenModels {
    /// The app's own is opened like this, and brought ones in this process, too.
    pub fn here(ours: LoadDetector) -> Self {
        Self { ours, brought: Arc::new(|files| Ok(look_here(files.load()?))) }
    }
}

/// Looks with a detector in this process: a crash of its library ends the process.
pub fn look_here(detector: Box<dyn Detector>) -> Box<dyn Eye> {
    Box::new(Here { detector, canvas: Canvas::default() })
}
