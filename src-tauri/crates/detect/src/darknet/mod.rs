//! Obico's `.darknet` weights to an ONNX graph: a YOLOv2 whose structure is known, so the file holds numbers only.
//!
//! The graph answers as Obico's own ONNX file does: boxes `[1, n, 1, 4]` in parts of the picture, confidences
//! `[1, n, 1]`. Normalisation is folded into the weights.

mod graph;
mod plan;
mod proto;
mod weights;

use graph::Graph;
use plan::Plan;
use std::fs::File;
use std::io::{BufReader, Write};
use std::path::Path;

/// Returns whether a file's name is that of darknet weights.
pub(crate) fn is_darknet(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.ends_with(".darknet") || name.ends_with(".weights")
}

/// Writes the ONNX form of the weights in `from` to `to`.
///
/// # Errors
/// In words for people: what does not fit, or what the disk says.
pub(crate) fn convert(from: &Path, to: &Path) -> Result<(), String> {
    convert_as(&Plan::obico(), from, to)
}

fn convert_as(plan: &Plan, from: &Path, to: &Path) -> Result<(), String> {
    let disk = |e: std::io::Error| format!("The disk refuses: {e}. Make room, then try again.");
    let file = File::open(from).map_err(disk)?;
    let size = file.metadata().map_err(disk)?.len();
    let weights = weights::read(plan, size, &mut BufReader::with_capacity(1 << 20, file))?;
    let bytes = Graph::of(plan, weights).bytes();
    let mut out = File::create(to).map_err(disk)?;
    out.write_all(&bytes).and_then(|()| out.sync_all()).map_err(disk)
}

#[cfg(test)]
mod tests;
