//! What is kept of the watch besides looks: decisions with their reasons, gaps, coverage, answers about single frames.

use crate::{FrameId, PrintId, Reasons, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// A decision of the watch, with its reasons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Decision {
    /// About which print.
    pub print: PrintId,
    /// The frame that decided.
    pub frame: FrameId,
    /// When.
    pub at: Timestamp,
    /// The print was ordered to pause by it.
    pub paused: bool,
    /// Why.
    pub reasons: Reasons,
}

/// A time in which a print was not watched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct WatchGap {
    /// Of which print.
    pub print: PrintId,
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub to: Timestamp,
    /// Why, for people.
    pub why: String,
}

/// How much of a print was watched.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct WatchCoverage {
    /// Of which print.
    pub print: PrintId,
    /// Seconds in which it printed.
    pub printing_secs: f64,
    /// Of those, seconds covered by looks.
    pub watched_secs: f64,
}

/// What a person sees in a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FrameAnswer {
    /// A failure.
    Failure,
    /// Nothing wrong.
    Fine,
    /// Hard to say.
    Unsure,
}

/// An answer about one frame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct FrameFeedback {
    /// Of which print.
    pub print: PrintId,
    /// Which frame.
    pub frame: FrameId,
    /// What a person sees.
    pub answer: FrameAnswer,
    /// When it was given.
    pub answered_at: Timestamp,
}

/// How hot it was at a moment of a print.
#[derive(Debug, Clone, PartialEq)]
pub struct TemperatureRow {
    /// Of which print.
    pub print: PrintId,
    /// When, on the printer's clock.
    pub at: Timestamp,
    /// Heater to actual and target, °C.
    pub heaters: BTreeMap<String, (f64, Option<f64>)>,
}

/// A time in which something looked like a failure, but not enough for an alert.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sighting {
    /// Of which print.
    pub print: PrintId,
    /// The kept frame nearest to the worst moment.
    pub frame: FrameId,
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// The gauge at its highest, 0 to 1.
    pub level: f64,
}

/// One look as it goes into the print's file of looks, its heat map with it.
#[derive(Debug, Clone, PartialEq)]
pub struct HeatLook {
    /// Of which print.
    pub print: PrintId,
    /// Since the print began, milliseconds of the printer's clock.
    pub at_ms: u32,
    /// Which frame.
    pub frame: FrameId,
    /// The model's p.
    pub p: f32,
    /// What of it counted for our rule.
    pub counted: f32,
    /// Nothing of the print lay on the bed yet.
    pub before: bool,
    /// What part of the picture it was at.
    pub view: crate::View,
    /// Cells in a row.
    pub columns: u16,
    /// The heat map of that part, row by row.
    pub cells: Vec<u8>,
}
