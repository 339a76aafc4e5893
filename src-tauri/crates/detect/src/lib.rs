//! The `Detector` trait and its ONNX form: finds shapes of failure in single pictures.
//!
//! [`spawn`] runs a detector on its own thread: one picture at a time, the newest of each printer, turn by turn.
//! A model is an ONNX file with a small contract (see [`OnnxDetector`]); the library that runs it is loaded when
//! the core runs, so the app starts without it and says what is missing.
//!
//! The core has the library and its models in a process of their own ([`EyeProcess`], [`serve`]): whatever a picture or a
//! model does to native code, printing goes on.
//!
//! A look is at a whole picture or at a part of it, seen closer ([`domain::View`]); boxes are told in the whole
//! picture's pixels either way. Nothing here decides about a print: a picture goes in, a probability and boxes come out.

mod all_views;
mod cells;
mod check;
mod child;
mod colours;
mod contract;
mod darknet;
mod error;
mod eye;
mod find;
mod formats;
mod imported;
mod load;
mod mailbox;
mod onnx;
mod part;
mod picture;
mod runtime_copy;
mod scene;
mod sight;
mod stopwatch;
mod thread;
mod worker;

pub use all_views::{AllViews, detect_all};
pub use check::{CHECK_LIMIT, CheckReport, check, check_in_child};
pub use child::{EyeProcess, Limits, serve};
pub use domain::PMap;
pub use error::DetectError;
pub use eye::{Eye, LastModel, LoadDetector, OnGone, OpenModel, OpenModels, look_here};
pub use find::{MODEL_FILE, RUNTIME_FILE, find_model, find_runtime};
pub use formats::{BoxDetector, ModelKind, ModelSettings};
pub use imported::{ImportedModel, Imports};
pub use load::{Loaded, ModelFiles, load_model};
pub use mailbox::{DetectJob, Reply};
pub use onnx::OnnxDetector;
pub use picture::Picture;
pub use sight::Sight;
pub use thread::{DetectHandle, Done, OnDone, spawn};

use domain::{Calibration, Detection, Scene, View};
use part::Part;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::Arc;

/// Finds shapes of failure in one picture. CPU-bound and synchronous: call it on the detector's thread.
pub trait Detector: Send {
    /// Looks at one picture.
    ///
    /// # Errors
    /// When inference fails or gives nonsense. The next picture may succeed.
    fn detect(&mut self, picture: &Picture) -> Result<Findings, DetectError>;

    /// Returns the name and version of the model, for people.
    fn name(&self) -> String;

    /// Returns how sharp its eye is, as far as that is known.
    fn sight(&self) -> Sight {
        Sight::default()
    }
}

/// What a detector found in one picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Findings {
    /// That what was looked at shows a failure, 0 to 1.
    pub probability: f64,
    /// The rule's input, 0 to about 2.5.
    pub p: f64,
    /// Boxes in pixels of the whole picture, best first, at most 20.
    pub boxes: Vec<Detection>,
    /// What part of the picture was looked at.
    pub view: View,
    /// Heat map of that part, row by row, each cell's probability times 255; empty for models without one.
    pub cells: Vec<u8>,
    /// Cells in a row; 0 for models without a map.
    pub cell_columns: u16,
    /// What the scores mean; `None` for models that find boxes.
    pub calibration: Option<Arc<Calibration>>,
    /// What the whole picture is like as a picture; filled in by [`detect_view`].
    pub scene: Option<Scene>,
    /// Milliseconds in inference.
    pub inference_ms: f32,
    /// Milliseconds in all, decoding included where it was done here.
    pub total_ms: f32,
}

/// Memory that is used again from look to look: fresh pages for megabytes of pixels cost as much as the stretching.
#[derive(Debug, Default)]
pub struct Canvas {
    picture: Picture,
    part: Picture,
}

/// Looks at a JPEG, or at a part of it.
///
/// # Errors
/// When the picture is damaged or inference fails.
pub fn detect_jpeg(
    detector: &mut dyn Detector,
    canvas: &mut Canvas,
    jpeg: &[u8],
    view: View,
) -> Result<Findings, DetectError> {
    let watch = stopwatch::Stopwatch::start();
    canvas.picture.read_jpeg(jpeg)?;
    let mut findings = look(detector, &canvas.picture, view, &mut canvas.part)?;
    findings.total_ms = watch.ms();
    Ok(findings)
}

/// Looks at a picture that is unpacked already, or at a part of it; what it is like as a picture is noted, too.
///
/// # Errors
/// When inference fails.
pub fn detect_view(
    detector: &mut dyn Detector,
    picture: &Picture,
    view: View,
) -> Result<Findings, DetectError> {
    look(detector, picture, view, &mut Picture::default())
}

/// Looks at a whole picture that is unpacked already.
///
/// # Errors
/// When inference fails.
pub fn detect_picture(detector: &mut dyn Detector, picture: &Picture) -> Result<Findings, DetectError> {
    detect_view(detector, picture, View::Whole)
}

/// Looks at a JPEG or PNG file; returns what was found and the size of the picture.
///
/// # Errors
/// When the file cannot be read, is no such picture, or inference fails.
pub fn detect_file(detector: &mut dyn Detector, path: &Path) -> Result<(Findings, (u32, u32)), DetectError> {
    let watch = stopwatch::Stopwatch::start();
    let picture = Picture::from_file(path)?;
    let mut findings = detect_picture(detector, &picture)?;
    findings.total_ms = watch.ms();
    Ok((findings, (picture.width, picture.height)))
}

/// Looks at a picture as asked, or at the whole of it where its detector or its few pixels allow no other view.
fn look(
    detector: &mut dyn Detector,
    picture: &Picture,
    view: View,
    cut: &mut Picture,
) -> Result<Findings, DetectError> {
    let watch = stopwatch::Stopwatch::start();
    let size = (picture.width, picture.height);
    let part = match view {
        View::Closer(place) if detector.sight().parts => Part::of(place, size),
        View::Closer(_) | View::Whole => None,
    };
    let mut findings = match part {
        None => detector.detect(picture)?,
        Some(part) => {
            part.cut(picture, cut);
            let mut found = detector.detect(cut)?;
            part.tell(&mut found.boxes);
            Findings { view: part.view(size), ..found }
        }
    };
    findings.scene = Some(scene::scene_of(picture));
    findings.total_ms = watch.ms();
    Ok(findings)
}
