//! One layer as segments to draw, and as bytes that the page can hand to the graphics card as they are.

use super::feature::Marks;
use super::{Feature, LayerStart, arc};
use crate::GcodeError;
use crate::lines::comment;
use crate::reader::{Walk, Walked};
use parser::Move;
use std::f32::consts::PI;
use std::io::Read;

/// The most segments of one layer; what comes after is not drawn.
pub const MAX_SEGMENTS: usize = 1_000_000;
/// Diameter of the filament that widths are reckoned with where the slicer does not say them, mm.
const FILAMENT_MM: f32 = 1.75;

/// A straight piece of a move.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Segment {
    /// Where it begins, mm.
    pub from: [f32; 3],
    /// Where it ends, mm.
    pub to: [f32; 3],
    /// Width of the line of plastic, mm; 0 for a travel move.
    pub width_mm: f32,
    /// Number of its command in the file, from 1.
    pub command: u32,
    /// What it is for; `None` for a travel move.
    pub feature: Option<Feature>,
}

/// A layer to draw.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LayerGeometry {
    /// In the order of the file.
    pub segments: Vec<Segment>,
    /// Nothing was left out.
    pub complete: bool,
}

impl LayerGeometry {
    /// Returns the layer as bytes, all little-endian, every array aligned to four:
    ///
    /// | bytes | what |
    /// |---|---|
    /// | 4 | `PVLG` |
    /// | 4 | version, 1 |
    /// | 4 | number of segments, n |
    /// | 4 | 1 when nothing was left out, else 0 |
    /// | 24 n | f32: x, y, z of the beginning, x, y, z of the end, mm |
    /// | 4 n | f32: width, mm; 0 for a travel move |
    /// | 4 n | u32: number of the command in the file, from 1; ascending |
    /// | n | u8: [`Feature`]; 0 for a travel move |
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(16 + 33 * self.segments.len());
        out.extend(b"PVLG");
        for number in [1, self.segments.len() as u32, u32::from(self.complete)] {
            out.extend(number.to_le_bytes());
        }
        for s in &self.segments {
            s.from.iter().chain(&s.to).for_each(|v| out.extend(v.to_le_bytes()));
        }
        self.segments.iter().for_each(|s| out.extend(s.width_mm.to_le_bytes()));
        self.segments.iter().for_each(|s| out.extend(s.command.to_le_bytes()));
        out.extend(self.segments.iter().map(|s| s.feature.map_or(0, |f| f as u8)));
        out
    }
}

/// Draws one layer. `reader` yields its bytes, [`super::LayerIndex::range`], and may end there or later ones follow:
/// it is read to its end.
///
/// # Errors
/// When it cannot be read.
pub fn layer(reader: impl Read, start: &LayerStart) -> Result<LayerGeometry, GcodeError> {
    let mut walk = Walk::at(reader, start.offset, start.state);
    let mut marks = start.marks;
    let mut number = start.commands_before;
    let mut drawn = LayerGeometry { segments: Vec::new(), complete: true };
    loop {
        match walk.step(|step| step.moved.copied())? {
            Walked::End => return Ok(drawn),
            Walked::Nothing if comment(walk.lines.raw()).is_some() => marks.take(walk.lines.raw()),
            Walked::Nothing => (),
            Walked::Command(moved) => {
                number += 1;
                if let Some(moved) = moved {
                    drawn.draw(&moved, number, &marks, start.height_mm);
                }
            }
        }
    }
}

impl LayerGeometry {
    fn draw(&mut self, moved: &Move, number: u64, marks: &Marks, height_mm: f32) {
        let first = self.segments.len();
        let mut length = 0.0;
        arc::chords(moved, |a, b| {
            let (from, to) = (a.map(|v| v as f32), b.map(|v| v as f32));
            length += (to[0] - from[0]).hypot(to[1] - from[1]);
            if self.segments.len() < MAX_SEGMENTS {
                let command = u32::try_from(number).unwrap_or(u32::MAX);
                self.segments.push(Segment { from, to, width_mm: 0.0, command, feature: None });
            } else {
                self.complete = false;
            }
        });
        if moved.pushed_mm > 0.0 && length > 0.0 {
            let height = marks.height_mm.unwrap_or(height_mm);
            let width = marks.width_mm.unwrap_or_else(|| width(moved.pushed_mm as f32, length, height));
            for segment in &mut self.segments[first..] {
                (segment.width_mm, segment.feature) = (width, Some(marks.feature));
            }
        }
    }
}

/// Returns how wide a line becomes when so much filament is laid over such a length, mm.
fn width(pushed_mm: f32, length_mm: f32, height_mm: f32) -> f32 {
    let area = pushed_mm * PI * FILAMENT_MM * FILAMENT_MM / 4.0 / length_mm;
    let width = if height_mm > 0.0 { area / height_mm } else { area.sqrt() };
    // A blob has no width to speak of, and a hostile number none at all.
    if width.is_finite() { width.clamp(0.05, 3.0) } else { 0.4 }
}
