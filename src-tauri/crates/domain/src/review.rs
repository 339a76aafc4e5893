//! What the watch wants a person to look at: alerts, sightings that were no alert, times without a watch.

use crate::{Detection, FrameAnswer, FrameId, PrintId, PrinterId, Reasons, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What kind of item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReviewKind {
    /// The watch alerted, with or without a pause.
    Alert,
    /// Something looked like a failure, but not enough for an alert.
    Sighting,
    /// The print was not watched.
    Gap,
}

/// One item to look at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct ReviewItem {
    /// What kind.
    pub kind: ReviewKind,
    /// Names it among those of its kind and print: the frame, or the number of the gap.
    #[ts(type = "number")]
    pub id: i64,
    /// Of which print.
    pub print: PrintId,
    /// On which printer; null for an uploaded film.
    pub printer: Option<PrinterId>,
    /// File name of the print.
    pub filename: String,
    /// The telling frame; null for a gap.
    pub frame: Option<FrameId>,
    /// When it began.
    pub at: Timestamp,
    /// When it ended; for an alert the same.
    pub until: Timestamp,
    /// When the print started.
    pub started_at: Timestamp,
    /// The gauge, 0 to 1; null for a gap.
    pub level: Option<f64>,
    /// The print was ordered to pause by it.
    pub paused: bool,
    /// Layer, from 0.
    pub layer: Option<u32>,
    /// Last acknowledged line of the file, from 1.
    #[ts(type = "number | null")]
    pub line: Option<u64>,
    /// Boxes of the look nearest to the frame, pixels of the frame.
    pub boxes: Vec<Detection>,
    /// Size of the picture in pixels.
    pub size: Option<(u32, u32)>,
    /// Relative URL of the picture; null when it is not kept.
    pub image_url: Option<String>,
    /// Relative URL of the clip; null when there is none.
    pub evidence_url: Option<String>,
    /// What a person saw in the frame.
    pub answer: Option<FrameAnswer>,
    /// When a person looked at it.
    pub reviewed_at: Option<Timestamp>,
    /// Why the watch decided so; of alerts only.
    pub reasons: Option<Reasons>,
    /// Why nobody watched; of gaps only.
    pub why: Option<String>,
    /// A print of the demo printer.
    pub demo: bool,
}

/// Names an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS, JsonSchema)]
pub struct ReviewRef {
    /// Of which kind.
    pub kind: ReviewKind,
    /// Of which print.
    pub print: PrintId,
    /// As [`ReviewItem::id`].
    #[ts(type = "number")]
    pub id: i64,
}

/// How many items nobody looked at yet.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct ReviewCounts {
    /// Alerts.
    pub alerts: u32,
    /// Sightings.
    pub sightings: u32,
    /// Gaps.
    pub gaps: u32,
    /// Days with items of any kind, looked at or not, the newest first; a year of them at most.
    pub days: Vec<ReviewDay>,
}

/// What there was on one day.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct ReviewDay {
    /// `2026-11-22`, in this computer's time zone.
    pub day: String,
    /// Alerts.
    pub alerts: u32,
    /// Sightings.
    pub sightings: u32,
    /// Gaps.
    pub gaps: u32,
}
