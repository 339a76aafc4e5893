//! What a file needs and how long it takes, as one pass over it found.

mod count;
mod survey;

use crate::objects::Objects;
use crate::signs::Signs;
use serde::{Deserialize, Serialize};
pub use survey::{Survey, summarise, summarise_for};

/// Where a layer begins in the file.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LayerStart {
    /// Line of its first command, from 1.
    pub line: u64,
    /// Bytes before the end of that line.
    pub offset: u64,
    /// Height of its first extruding move, mm.
    pub z_mm: f64,
    /// Seconds of the estimate up to the end of that line.
    pub secs: f64,
}

/// The slicer's own word on how far the print is at a line (M73).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ProgressMark {
    /// Line in the file, from 1.
    pub line: u64,
    /// Bytes before the end of that line.
    pub offset: u64,
    /// Per cent done.
    pub percent: Option<f64>,
    /// Minutes left.
    pub minutes_left: Option<f64>,
}

/// A command of the file that is not sent as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOutCommand {
    /// Line in the file, from 1.
    pub line: u64,
    /// The command, cut.
    pub text: String,
    /// Why, and what is done instead, for people.
    pub why: String,
}

/// What a file needs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Summary {
    /// The objects of the print, where the file labels them. Not kept: whoever prints the file finds them anew.
    #[serde(skip)]
    pub objects: Objects,
    /// Lines with a command.
    pub lines: u64,
    /// Size.
    pub bytes: u64,
    /// Layers.
    pub layers: u32,
    /// mm of filament.
    pub filament_mm: f64,
    /// mm of filament by tool.
    pub filament_per_tool_mm: Vec<f64>,
    /// Highest target of a hotend, degrees Celsius.
    pub max_hotend_c: Option<f64>,
    /// Highest target of the bed.
    pub max_bed_c: Option<f64>,
    /// Highest Z of any move, mm.
    pub z_max: f64,
    /// Lowest and highest X, Y, Z of extruding moves, mm.
    pub extents: Option<[(f64, f64); 3]>,
    /// The same within layers: without the purge line, where the slicer marks layers.
    pub part_extents: Option<[(f64, f64); 3]>,
    /// Lowest and highest X, Y, Z that any move leads to and that the file says, mm.
    pub reach: [Option<(f64, f64)>; 3],
    /// Seconds of moves, waits and filament changes, with acceleration and corners: what slicers call the print time.
    /// Heating and homing come on top.
    pub estimated_secs: f64,
    /// Seconds of homing and probing, roughly.
    pub homing_secs: f64,
    /// Of `estimated_secs`, those of each layer.
    pub seconds_per_layer: Vec<f64>,
    /// Where each layer begins, first layer first.
    pub layer_starts: Vec<LayerStart>,
    /// The slicer's own progress in the file.
    pub progress_marks: Vec<ProgressMark>,
    /// Commands that are not sent as they stand, the first ones.
    pub left_out: Vec<LeftOutCommand>,
    /// How many there are.
    pub left_out_count: u64,
    /// What stood out.
    pub signs: Signs,
}

impl Summary {
    /// Returns the summary without its long lists, for keeping.
    pub fn brief(&self) -> Self {
        let (layer_starts, seconds_per_layer, progress_marks, left_out) = Default::default();
        // Copied field by field, for the lists may be long.
        Self {
            layer_starts,
            seconds_per_layer,
            progress_marks,
            left_out,
            filament_per_tool_mm: self.filament_per_tool_mm.clone(),
            signs: self.signs.clone(),
            objects: Objects::default(),
            ..*self
        }
    }
}
