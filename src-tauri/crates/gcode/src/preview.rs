//! A file's geometry for drawing: an index of layers made in one pass, then single layers from where they begin.
//!
//! A layer of the index has the same number as [`crate::FileCommand::layer_idx`] and its segments carry the number of their
//! command, counted from 1 as [`crate::Commands`] yields them: the page can draw up to the line that the printer has
//! acknowledged. What is begun before the first layer (heating, purge line) is a part of its own without a number.
//! Layers are counted through the whole file, whatever numbers the slicer gives them.
//!
//! Positions are those of the machine: what `G92` shifts is taken out again.

mod arc;
mod feature;
mod heads;
mod layer;
mod stored;
mod texts;

pub use feature::Feature;
pub use heads::heads;
pub use layer::{LayerGeometry, MAX_SEGMENTS, Segment, layer};
pub use texts::texts;

use crate::GcodeError;
use crate::lines::comment;
use crate::reader::{Step, Walk, Walked};
use feature::Marks;
use parser::{FirmwareG90, MotionState, Move};
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
    pub state: MotionState,
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
    let mut walk = Walk::new(reader, FirmwareG90::default());
    let mut making = Making::new();
    loop {
        match walk.step(|step| making.take(&step))? {
            Walked::End => return Ok(making.finish(&walk)),
            Walked::Nothing => making.comment(&walk),
            Walked::Command(()) => (),
        }
    }
}

/// An index in the making.
struct Making {
    index: LayerIndex,
    marks: Marks,
    /// The layer of the last line.
    idx: Option<u32>,
    /// The layer that was begun last has been given its height.
    has_height: bool,
}

impl Making {
    fn new() -> Self {
        let start = LayerStart {
            number: None,
            z_mm: 0.0,
            height_mm: 0.0,
            line: 1,
            offset: 0,
            commands_before: 0,
            segments: 0,
            state: MotionState::default(),
            marks: Marks::default(),
        };
        Self {
            index: LayerIndex { layers: vec![start], complete: true, ..LayerIndex::default() },
            marks: Marks::default(),
            idx: None,
            has_height: false,
        }
    }

    /// Takes in a line that is no command.
    fn comment(&mut self, walk: &Walk<impl Read>) {
        let raw = walk.lines.raw();
        if comment(raw).is_none() {
            return;
        }
        if walk.first_mark {
            self.forget();
        }
        if walk.layers.idx() != self.idx {
            self.begin(walk.layers.idx(), walk.lines.number(), walk.lines.start(), &walk.state);
        }
        self.marks.take(raw);
    }

    fn take(&mut self, step: &Step<'_>) {
        if step.layer_idx != self.idx {
            let before = step.moved.map_or(*step.state, |moved| step.state.before(moved));
            self.begin(step.layer_idx, step.line, step.start, &before);
        }
        self.index.commands += 1;
        if let Some(moved) = &step.moved {
            self.count(moved);
        }
    }

    /// Counts what a move draws.
    fn count(&mut self, moved: &Move) {
        let Self { index, marks, has_height, .. } = self;
        let below = index.layers.iter().rev().skip(1).find(|l| l.number.is_some()).map_or(0.0, |l| l.z_mm);
        let Some(layer) = index.layers.last_mut() else { return };
        let z_mm = moved.to[2] as f32;
        // A purge without marks may have been higher than the first layer.
        let lower = layer.number == Some(0) && z_mm < layer.z_mm;
        if moved.is_extruding() && (lower || !*has_height) {
            *has_height = true;
            layer.z_mm = z_mm;
            let rise = if layer.z_mm > below { layer.z_mm - below } else { layer.z_mm };
            layer.height_mm = marks.height_mm.unwrap_or(rise);
        }
        let (bounds, numbered) = (&mut index.bounds, layer.number.is_some());
        let segments = &mut layer.segments;
        let mut first = true;
        arc::chords(moved, |a, b| {
            *segments = segments.saturating_add(1);
            if numbered && moved.pushed_mm > 0.0 {
                // Where the head was is not always known.
                let begins =
                    [0, 1, 2].map(|axis| if first && !moved.from_known[axis] { b[axis] } else { a[axis] });
                widen(bounds, begins);
                widen(bounds, b);
            }
            first = false;
        });
    }

    /// Begins a layer at a line.
    fn begin(&mut self, number: Option<u32>, line: u64, offset: u64, state: &MotionState) {
        self.idx = number;
        if self.index.layers.len() >= MAX_LAYERS {
            self.index.complete = false;
            return;
        }
        self.marks.height_mm = None;
        self.has_height = false;
        self.index.layers.push(LayerStart {
            number,
            z_mm: state.machine()[2] as f32,
            height_mm: 0.0,
            line,
            offset,
            commands_before: self.index.commands,
            segments: 0,
            state: drawn_from(state),
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
        self.idx = None;
    }

    fn finish(mut self, walk: &Walk<impl Read>) -> LayerIndex {
        self.index.bytes = walk.lines.end();
        self.index.lines = walk.lines.number();
        self.index
    }
}

/// Returns what of a state decides how the lines that follow are drawn.
fn drawn_from(state: &MotionState) -> MotionState {
    let mut kept = MotionState::new(FirmwareG90::default());
    (kept.at, kept.shift, kept.e, kept.feed) = (state.at, state.shift, state.e, state.feed);
    (kept.absolute, kept.inches) = (state.absolute, state.inches);
    (kept.e_absolute, kept.e_mode_absolute) = (state.e_absolute, state.e_mode_absolute);
    kept.volumetric_mm2 = state.volumetric_mm2;
    kept
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
