//! The watch as it is shown: the gauge, its reasons, the open alert, a fire drill.

use crate::{Detection, FrameId, GaugeZone, Place, Reasons, Rule, Timestamp, WatchGap};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The watch, and why it thinks what it thinks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct WatchView {
    /// Frames are being analysed now.
    pub watching: bool,
    /// Why not, in our words (camera gone, model missing …) or Obico's; empty when watching.
    pub reason: String,
    /// What to do, may be empty.
    pub fix: String,
    /// The gauge, 0 to 1; null when it is not known.
    pub gauge: Option<f64>,
    /// Its zone.
    pub zone: Option<GaugeZone>,
    /// Last look.
    pub looked_at: Option<Timestamp>,
    /// The mean of what the last look at the whole picture and the last closer one say, 0 to 1.
    pub probability: Option<f64>,
    /// The same in the rule's input.
    pub p: Option<f64>,
    /// Weighted mean of the last minutes.
    pub ewm_mean: f64,
    /// Mean of the last 310 frames.
    pub rolling_mean_short: f64,
    /// Mean of the last 7200 frames.
    pub rolling_mean_long: f64,
    /// `(ewm - long) * sensitivity`: what is compared.
    pub level: f64,
    /// Alert above this.
    pub warn_above: f64,
    /// Pause above this.
    pub pause_above: f64,
    /// Analysed frames of this print.
    pub frame_num: u32,
    /// No alert before this many.
    pub safe_frames: u32,
    /// Analysed frames of the printer's life.
    pub lifetime_frame_num: u32,
    /// Boxes of both, pixels of the frame.
    pub boxes: Vec<Detection>,
    /// Size of that frame.
    pub frame_size: Option<(u32, u32)>,
    /// Share of this print that was watched, percent.
    pub watched_percent: Option<f64>,
    /// Name of the model, or why there is none.
    pub model: String,
    /// Milliseconds of the last look, in all.
    pub total_ms: Option<f32>,
    /// Of those in inference.
    pub inference_ms: Option<f32>,
    /// The rule that decides.
    pub rule: Rule,
    /// Why it stands where it stands, after the last look.
    pub reasons: Option<Reasons>,
    /// The same in a few sentences, the weightiest first.
    pub why: Vec<String>,
    /// Seconds of this print that were covered by looks.
    pub watched_secs: f64,
    /// When it was not watched, oldest first; the last 20.
    pub gaps: Vec<WatchGap>,
    /// Seconds between two looks just now; longer when the computer is busy.
    pub every_secs: f64,
    /// What is wrong with the camera's picture.
    pub camera_trouble: Option<CameraTrouble>,
    /// The fire drill under way, or the last one.
    pub drill: Option<DrillView>,
}

/// A camera that delivers pictures in which nothing can be seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct CameraTrouble {
    /// `dark`, `bright`, `covered`, `blurred`, `frozen`, `moved`.
    pub kind: String,
    /// What is wrong, for people.
    pub text: String,
    /// What to do.
    pub cure: String,
}

/// A fire drill: a sample failure on the whole way from picture to alert.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct DrillView {
    /// When it began.
    pub started_at: Timestamp,
    /// What was to happen, ticked as it happened.
    pub steps: Vec<StepView>,
    /// It is over.
    pub over: bool,
    /// All that was to happen happened.
    pub passed: bool,
    /// How it went, for people.
    pub text: String,
}

/// An open alert.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct AlertView {
    /// When.
    pub at: Timestamp,
    /// The print was paused by it.
    pub paused: bool,
    /// The frame that decided.
    pub frame: FrameId,
    /// Relative URL of that frame.
    pub img_url: String,
    /// Its boxes.
    pub boxes: Vec<Detection>,
    /// Pixels of that frame.
    pub frame_size: (u32, u32),
    /// Layer then, from 1.
    pub layer: Option<u32>,
    /// "Seen 6 times in 60 seconds."
    pub text: String,
    /// Gauge of the last looks, oldest first: Unix seconds and 0 to 1.
    pub curve: Vec<(f64, f64)>,
    /// Frames of the minute before, oldest first.
    pub before: Vec<FrameId>,
    /// Why.
    pub reasons: Option<Reasons>,
    /// The same in a few sentences, the weightiest first.
    pub why: Vec<String>,
    /// Where it is hottest: what "Ignore this spot" would ignore.
    pub place: Option<Place>,
}

/// One step of a pause or resume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct StepView {
    /// "Head lifted".
    pub label: String,
    /// "2.5 mm up".
    pub detail: String,
    /// Confirmed.
    pub done: bool,
}
