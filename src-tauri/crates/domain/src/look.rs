//! One analysed frame.

use crate::{Calibration, CameraId, FrameId, FrameInfo, Place, PrintId, PrinterId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use ts_rs::TS;

/// A box in pixels of the frame.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct PixelBox {
    /// Left edge.
    pub x: f32,
    /// Top edge.
    pub y: f32,
    /// Width.
    pub w: f32,
    /// Height.
    pub h: f32,
}

impl PixelBox {
    /// Returns whether all of it are numbers.
    pub fn is_finite(self) -> bool {
        [self.x, self.y, self.w, self.h].iter().all(|number| number.is_finite())
    }
}

/// What part of a camera's picture a look was at. Whatever is told of a look, boxes and places, is told in the whole
/// picture's terms; its heat map has the grid of the part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// All of it.
    #[default]
    Whole,
    /// This part of it, seen larger.
    Closer(Place),
}

impl View {
    /// Returns the part as a place in the picture.
    pub fn place(self) -> Place {
        match self {
            Self::Whole => Place { x: 0.0, y: 0.0, w: 1.0, h: 1.0 },
            Self::Closer(place) => place,
        }
    }
}

/// One box of a possible failure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Detection {
    /// Class of the model; `failure` for ours.
    pub class: String,
    /// 0 to 1.
    pub confidence: f32,
    /// Where, in pixels of the frame.
    pub area: PixelBox,
}

/// One analysed frame, as the hub hears of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// Whose print it shows.
    pub printer: PrinterId,
    /// Which frame.
    pub frame: FrameInfo,
    /// Of the whole picture, 0 to 1.
    pub probability: f64,
    /// The rule's input, 0 to about 2.5.
    pub p: f64,
    /// Boxes, best first.
    pub boxes: Vec<Detection>,
    /// What part of the picture was looked at.
    pub view: View,
    /// Heat map of that part, row by row, each cell's probability times 255.
    pub cells: Vec<u8>,
    /// Cells in a row; 0 for models without a map.
    pub cell_columns: u16,
    /// What the scores mean; `None` for models that find boxes.
    pub calibration: Option<Arc<Calibration>>,
    /// What the picture is like as a picture; `None` where nobody looked.
    pub scene: Option<crate::Scene>,
    /// It shows the sample of a fire drill and not the print.
    pub drill: bool,
    /// From bytes to verdict, milliseconds.
    pub total_ms: f32,
    /// Of those in inference.
    pub inference_ms: f32,
}

/// A look as stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct LookRow {
    /// Of which print.
    pub print: PrintId,
    /// Which frame; its picture may not be kept.
    pub frame: FrameId,
    /// When the frame was taken.
    pub taken_at: Timestamp,
    /// Of the whole picture, 0 to 1.
    pub probability: f64,
    /// The rule's input.
    pub p: f64,
    /// The rule's means after this look.
    pub state: crate::PredictionState,
    /// Boxes.
    pub boxes: Vec<Detection>,
    /// Last acknowledged line of the file, from 1.
    #[ts(type = "number | null")]
    pub line: Option<u64>,
    /// Layer, from 0.
    pub layer_idx: Option<u32>,
}

/// A kept frame as stored: the picture lies on disk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct FrameRow {
    /// Its number.
    pub id: FrameId,
    /// Of which print.
    pub print: PrintId,
    /// From which camera.
    pub camera: CameraId,
    /// When it was taken.
    pub taken_at: Timestamp,
    /// Path below the data folder.
    pub path: String,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Size in bytes.
    #[ts(type = "number")]
    pub num_bytes: u64,
    /// Why it was kept: `film`, `suspicious`, `layer`, `poster`.
    pub why: String,
    /// Last acknowledged line of the file, from 1.
    #[ts(type = "number | null")]
    pub line: Option<u64>,
    /// Layer, from 0.
    pub layer_idx: Option<u32>,
}
