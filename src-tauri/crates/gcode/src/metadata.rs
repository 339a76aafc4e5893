//! What a file says of itself: the slicer, what it claims the print needs, and the printer that it was made for.
//!
//! Comments only; nothing here is checked against the commands. Placeholders that a slicer left standing are unknown.

mod ends;
mod fields;
mod said;
mod slicer;
mod values;

pub use ends::Ends;
use said::Said;
use serde::{Deserialize, Serialize};
use std::io::{self, Read, Seek, SeekFrom};

/// How much of a file's beginning is kept, bytes: large pictures may come before the words.
const HEAD: usize = 4 << 20;
/// How much of it is read where moves have begun.
const USUAL_HEAD: usize = 512 * 1024;
/// How much of its end.
const TAIL: usize = 256 * 1024;

/// Who made a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slicer {
    /// Such as `PrusaSlicer`.
    pub name: String,
    /// Such as `2.8.1`.
    pub version: Option<String>,
}

/// The space of the printer that a file was made for, mm.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bed {
    /// Least X and Y.
    pub min: [f64; 2],
    /// Greatest X and Y.
    pub max: [f64; 2],
    /// Greatest Z.
    pub height: Option<f64>,
}

/// What a file says of itself. All that it does not say is `None` or empty.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Metadata {
    /// Who made it.
    pub slicer: Option<Slicer>,
    /// Seconds that the print takes, heating included where the slicer counts it.
    pub time_secs: Option<f64>,
    /// mm of filament, of all tools.
    pub filament_mm: Option<f64>,
    /// Grams of filament, of all tools.
    pub filament_g: Option<f64>,
    /// Layers.
    pub layers: Option<u32>,
    /// Thickness of a layer, mm.
    pub layer_height_mm: Option<f64>,
    /// Hole of the nozzle, mm.
    pub nozzle_mm: Option<f64>,
    /// Kind of filament, such as `PLA`; of the first tool.
    pub material: Option<String>,
    /// Target of the hotend, degrees Celsius; of the first layer where that differs.
    pub hotend_c: Option<f64>,
    /// Target of the bed.
    pub bed_c: Option<f64>,
    /// The printer, in the slicer's words.
    pub printer: Option<String>,
    /// The firmware that the commands are for, in the slicer's words.
    pub flavor: Option<String>,
    /// The printer's space.
    pub bed: Option<Bed>,
    /// g/cm³ of the filament by tool.
    pub densities: Vec<f64>,
    /// Diameter of the filament by tool, mm.
    pub diameters: Vec<f64>,
    /// The words that this slicer writes last are there; `None` where none are known.
    pub ends: Option<bool>,
}

impl Metadata {
    /// Reads the head and the tail of a plain file, and what its container held beside it. The tail begins behind the
    /// head; it is empty for a short file.
    pub fn of(head: &[u8], tail: &[u8], beside: &[(String, String)]) -> Self {
        let mut said = Said::default();
        said.beside(beside);
        let read = said.read(head, USUAL_HEAD);
        // Of what lies between, only the last.
        let behind =
            &head[read.saturating_sub(1).max(head.len().saturating_sub(TAIL.saturating_sub(tail.len())))..];
        said.read_tail(&[behind, tail].concat());
        fields::metadata(&said)
    }
}

/// Reads what a plain file says of itself; only its head and tail are read.
///
/// # Errors
/// When the file system fails.
pub fn metadata(reader: impl Read + Seek) -> io::Result<Metadata> {
    metadata_beside(reader, &[])
}

/// Reads what a plain file says of itself, and takes in what its container held beside it.
///
/// # Errors
/// When the file system fails.
pub fn metadata_beside(mut reader: impl Read + Seek, beside: &[(String, String)]) -> io::Result<Metadata> {
    let len = reader.seek(SeekFrom::End(0))?;
    reader.seek(SeekFrom::Start(0))?;
    let (mut head, mut tail) = (Vec::new(), Vec::new());
    reader.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
    reader.seek(SeekFrom::Start((head.len() as u64).max(len.saturating_sub(TAIL as u64))))?;
    reader.take(TAIL as u64).read_to_end(&mut tail)?;
    Ok(Metadata::of(&head, &tail, beside))
}

#[cfg(test)]
#[path = "metadata/tests.rs"]
mod tests;
