//! A file's geometry for drawing: an index of layers made in one pass, then single layers from where they begin.
//!
//! A layer of the index has the same number as [`crate::Command::layer_idx`] and its segments carry the number of their
//! command, counted from 1 as [`crate::Commands`] yields them: the page can draw up to the line that the printer has
//! acknowledged. What is begun before the first layer (heating, purge line) is a part of its own without a number.
//! Slicers that print one object after the other begin their numbers anew: a number may come twice.
//!
//! Positions are those of the machine: what `G92` shifts is taken out again.

mod arc;
mod feature;
mod heads;
mod layer;
mod lines;
mod place;
mod stored;
mod texts;

pub use feature::Feature;
pub use heads::heads;
pub use layer::{LayerGeometry, MAX_SEGMENTS, Segment, layer};
pub use place::Place;
pub use texts::texts;

use crate::layer::Layers;
use crate::{GcodeError, Motion};
use feature::Marks;
use lines::Lines;
use std::io::Read;
use std::ops::Range;

/// The most layers of an index; what comes after belongs to the last one.
pub const MAX_LAYERS: usize = 20_000;

/// A layer, and all that is needed to draw it without what came before.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerStart {
    /// Layer, from 0; `None` before the first one.
    pub number: Option<u32>,
    /// Height of its first extruding move, mm; where the nozzle stood when it has none.
    pub z_mm: f32,
    /// How thick it is, mm, as the slicer says, else by the layer below.
    pub height_mm: f32,
    /// Its first line, from 1.
    pub line: u64,
    /// Bytes of plain G-code before that line.
    pub offset: u64,
    /// Commands of the file before that line.
    pub commands_before: u64,
    /// Segments to draw, chords of arcs counted.
    pub segments: u32,
    /// Where the nozzle is when it begins, and in which modes.
    pub place: Place,
    /// What the slicer last said of the lines that it lays.
    pub(crate) marks: Marks,
}

/// Where each layer of a file begins.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LayerIndex {
    /// In the order of the file.
    pub layers: Vec<LayerStart>,
    /// Size of the plain G-code.
    pub bytes: u64,
    /// Its lines.
    pub lines: u64,
    /// Its commands.
    pub commands: u64,
    /// Lowest and highest X, Y, Z of extruding moves within layers, mm.
    pub bounds: Option<[(f32, f32); 3]>,
    /// Nothing was left out.
    pub complete: bool,
}

impl LayerIndex {
    /// Returns the bytes of plain G-code that [`layer`] needs for `layers[at]`.
    pub fn range(&self, at: usize) -> Option<Range<u64>> {
        let from = self.layers.get(at)?.offset;
        Some(from..self.layers.get(at + 1).map_or(self.bytes, |next| next.offset))
    }
}

/// Reads a whole file and notes where its layers begin.
///
/// # Errors
/// When it cannot be read, or is no text.
pub fn index(reader: impl Read) -> Result<LayerIndex, GcodeError> {
    let mut lines = Lines::new(reader, 0);
    let mut making = Making::new();
    while lines.advance()? {
        making.take(&lines)?;
    }
    Ok(making.finish(&lines))
}

/// An index in the making.
struct Making {
    index: LayerIndex,
    layers: Layers,
    /// Only its height, for [`Layers`].
    motion: Motion,
    place: Place,
    marks: Marks,
    /// The layer that was begun last has been given its height.
    has_height: bool,
}

impl Making {
    fn new() -> Self {
        let place = Place::default();
        let start = LayerStart {
            number: None,
            z_mm: 0.0,
            height_mm: 0.0,
            line: 1,
            offset: 0,
            commands_before: 0,
            segments: 0,
            place,
            marks: Marks::default(),
        };
        Self {
            index: LayerIndex { layers: vec![start], complete: true, ..LayerIndex::default() },
            layers: Layers::default(),
            motion: Motion::default(),
            place,
            marks: Marks::default(),
            has_height: false,
        }
    }

    fn take(&mut self, lines: &Lines<impl Read>) -> Result<(), GcodeError> {
        let raw = lines.raw();
        if raw.contains(&0) {
            return Err(GcodeError::Binary { line: lines.number() });
        }
        let mut before = self.layers.idx();
        if raw.trim_ascii_start().starts_with(b";") {
            if self.layers.mark(raw) {
                self.forget();
                before = None;
            }
            if self.layers.idx() != before {
                self.begin(lines, self.place);
            }
            self.marks.take(raw);
        }
        let Some(command) = lines::command(raw) else { return Ok(()) };
        let before = self.layers.idx();
        let from = self.place;
        let Some(step) = self.place.follow(&command) else {
            self.index.commands += 1;
            return Ok(());
        };
        self.motion.z = self.place.at[2];
        self.motion.extruding = step.extruding;
        self.layers.moved(&self.motion);
        if self.layers.idx() != before {
            self.begin(lines, from);
        }
        self.index.commands += 1;
        self.count(&step, &from);
        Ok(())
    }

    /// Counts what a move draws.
    fn count(&mut self, step: &place::Step, from: &Place) {
        let Self { index, marks, place, has_height, .. } = self;
        let below = index.layers.iter().rev().skip(1).find(|l| l.number.is_some()).map_or(0.0, |l| l.z_mm);
        let Some(layer) = index.layers.last_mut() else { return };
        if step.extruding && !*has_height {
            *has_height = true;
            layer.z_mm = place.machine()[2] as f32;
            let rise = if layer.z_mm > below { layer.z_mm - below } else { layer.z_mm };
            layer.height_mm = marks.height_mm.unwrap_or(rise);
        }
        let (bounds, numbered) = (&mut index.bounds, layer.number.is_some());
        let segments = &mut layer.segments;
        arc::chords(step, from, place, |a, b| {
            *segments = segments.saturating_add(1);
            if numbered && step.pushed_mm > 0.0 {
                widen(bounds, a);
                widen(bounds, b);
            }
        });
    }

    /// Begins a layer at the line that was just read.
    fn begin(&mut self, lines: &Lines<impl Read>, place: Place) {
        if self.index.layers.len() >= MAX_LAYERS {
            self.index.complete = false;
            return;
        }
        self.marks.height_mm = None;
        self.has_height = false;
        self.index.layers.push(LayerStart {
            number: self.layers.idx(),
            z_mm: place.machine()[2] as f32,
            height_mm: 0.0,
            line: lines.number(),
            offset: lines.start(),
            commands_before: self.index.commands,
            segments: 0,
            place,
            marks: self.marks,
        });
    }

    /// Takes back the layers that were found by height: the slicer marks them after all.
    fn forget(&mut self) {
        let segments = self.index.layers.iter().fold(0u32, |sum, layer| sum.saturating_add(layer.segments));
        if let Some((z_mm, height_mm)) = self.index.layers.get(1).map(|purge| (purge.z_mm, purge.height_mm)) {
            (self.index.layers[0].z_mm, self.index.layers[0].height_mm) = (z_mm, height_mm);
        }
        self.index.layers.truncate(1);
        self.index.layers[0].segments = segments;
        self.index.bounds = None;
        self.index.complete = true;
    }

    fn finish(mut self, lines: &Lines<impl Read>) -> LayerIndex {
        self.index.bytes = lines.end();
        self.index.lines = lines.number();
        self.index
    }
}

fn widen(bounds: &mut Option<[(f32, f32); 3]>, at: [f64; 3]) {
    let at = at.map(|v| v as f32);
    let bounds = bounds.get_or_insert(at.map(|v| (v, v)));
    for ((low, high), v) in bounds.iter_mut().zip(at) {
        *low = low.min(v);
        *high = high.max(v);
    }
}

#[cfg(test)]
#[path = "preview/tests.rs"]
mod tests;
