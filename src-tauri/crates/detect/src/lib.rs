//! The `Detector` trait and its ONNX form: finds shapes of failure in single pictures.
//!
//! [`spawn`] runs a detector on its own thread: one picture at a time, the newest of each printer, turn by turn.
//! A model is an ONNX file with a small contract (see [`OnnxDetector`]); the library that runs it is loaded when
//! the core runs, so the app starts without it and says what is missing.
//!
//! Nothing here decides about a print: a picture goes in, a probability and boxes come out.

mod cells;
mod check;
mod contract;
mod darknet;
mod error;
mod find;
mod formats;
mod imported;
mod load;
mod mailbox;
mod onnx;
mod p_map;
mod picture;
mod scene;
mod stopwatch;
mod thread;
mod worker;

pub use check::{CheckReport, check, check_in_child};
pub use error::DetectError;
pub use find::{MODEL_FILE, RUNTIME_FILE, find_model, find_runtime};
pub use formats::{BoxDetector, ModelKind, ModelSettings};
pub use imported::{ImportedModel, Imports};
pub use load::{Loaded, load_model};
pub use mailbox::DetectJob;
pub use onnx::OnnxDetector;
pub use p_map::PMap;
pub use picture::Picture;
pub use thread::{DetectHandle, Done, LoadDetector, OnDone, Reply, spawn};

use domain::{Detection, Scene};
use std::path::Path;

/// Finds shapes of failure in one picture. CPU-bound and synchronous: call it on the detector's thread.
pub trait Detector: Send {
    /// Looks at one picture.
    ///
    /// # Errors
    /// When inference fails or gives nonsense. The next picture may succeed.
    fn detect(&mut self, picture: &Picture) -> Result<Findings, DetectError>;

    /// Returns the name and version of the model, for people.
    fn name(&self) -> String;
}

/// What a detector found in one picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Findings {
    /// That the picture shows a failure, 0 to 1.
    pub probability: f64,
    /// The rule's input, 0 to about 2.5.
    pub p: f64,
    /// Boxes in pixels of the picture, best first, at most 20.
    pub boxes: Vec<Detection>,
    /// Heat map, row by row, each cell's probability times 255; empty for models without one.
    pub cells: Vec<u8>,
    /// Cells in a row; 0 for models without a map.
    pub cell_columns: u16,
    /// What the picture is like as a picture; filled in by [`detect_picture`].
    pub scene: Option<Scene>,
    /// Milliseconds in inference.
    pub inference_ms: f32,
    /// Milliseconds in all, decoding included where it was done here.
    pub total_ms: f32,
}

/// Looks at a JPEG. It is decoded into `picture`, whose memory is used again from look to look: fresh pages for
/// megabytes of pixels cost as much as the stretching.
///
/// # Errors
/// When the picture is damaged or inference fails.
pub fn detect_jpeg(
    detector: &mut dyn Detector,
    picture: &mut Picture,
    jpeg: &[u8],
) -> Result<Findings, DetectError> {
    let watch = stopwatch::Stopwatch::start();
    picture.read_jpeg(jpeg)?;
    let mut findings = detect_picture(detector, picture)?;
    findings.total_ms = watch.ms();
    Ok(findings)
}

/// Looks at a picture that is unpacked already; what it is like as a picture is noted, too.
///
/// # Errors
/// When inference fails.
pub fn detect_picture(detector: &mut dyn Detector, picture: &Picture) -> Result<Findings, DetectError> {
    let watch = stopwatch::Stopwatch::start();
    let mut findings = detector.detect(picture)?;
    findings.scene = Some(scene::scene_of(picture));
    findings.total_ms = watch.ms();
    Ok(findings)
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
