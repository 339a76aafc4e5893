//! Models that a user brings: what kind a file is, told from its inputs and outputs, and what its numbers mean.

mod boxes;
mod classes;
mod detector;
mod outputs;
mod recognise;

pub use detector::BoxDetector;

use serde::{Deserialize, Serialize};

/// What a model file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ModelKind {
    /// Ours: a grid of probabilities.
    Grid,
    /// Obico's: boxes 0 to 1 and confidences, the picture stretched.
    Obico,
    /// YOLOv5's export: `[1, boxes, 5 + classes]`.
    Yolo5,
    /// YOLOv8's and YOLO11's export: `[1, 4 + classes, boxes]`.
    Yolo8,
}

impl ModelKind {
    /// Returns the confidence above which a box counts, unless the user says otherwise.
    pub fn usual_confidence(self) -> f32 {
        match self {
            // Obico's own value: its rule is made for many weak boxes.
            Self::Obico => 0.08,
            Self::Grid | Self::Yolo5 | Self::Yolo8 => 0.25,
        }
    }
}

/// What the user chose about a model; lies as `model.json` beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS, schemars::JsonSchema)]
pub struct ModelSettings {
    /// What it is.
    pub kind: ModelKind,
    /// For people.
    pub name: String,
    /// Names of the classes that are failures.
    pub failure_classes: Vec<String>,
    /// A box counts above this, 0 to 1.
    pub confidence_above: f32,
}
