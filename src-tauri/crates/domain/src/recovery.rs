//! A print that was cut short: what is certain of it.

use crate::{FileId, PrintId, PrinterId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What the ledger of a print that was cut short says. Everything in it had been taken by the printer; what came in
/// the second after is lost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Recovery {
    /// Which print.
    pub print: PrintId,
    /// On which printer.
    pub printer: PrinterId,
    /// Which file of the library.
    pub file: Option<FileId>,
    /// The file's name.
    pub name: String,
    /// When the last line was noted.
    pub at: Timestamp,
    /// The last command of the file that is known to be taken, from 1.
    #[ts(type = "number")]
    pub line: u64,
    /// Commands of the file.
    #[ts(type = "number")]
    pub lines: u64,
    /// Layer, from 0.
    pub layer_idx: Option<u32>,
    /// Layers of the file.
    pub layers: Option<u32>,
    /// Objects of the file that a person had cancelled, from 0.
    pub left_out: Vec<u32>,
    /// Height of the nozzle, mm.
    pub z_mm: Option<f64>,
    /// The hotend then, degrees Celsius.
    pub hotend_c: Option<f64>,
    /// The bed then, degrees Celsius.
    pub bed_c: Option<f64>,
}
