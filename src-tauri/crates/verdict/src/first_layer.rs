//! Whether anything new is seen on the bed while a print lays its first layers.
//!
//! Where the camera stands is not known, so nothing is said of places on the bed: only that the picture shows, or does not
//! show, something that was not there when the print began, and stays. What was there then is a memory of pictures: the
//! last ones before the print, and those of its first seconds, in which the head already moves where the part will be. A
//! cell is new in a picture when it resembles no picture of the memory; it counts when it is new in most of the last
//! pictures, since the head comes and goes and what was laid stays. Light that changes everywhere is taken off.
//!
//! It errs on the side of silence: a shadow, a moved cable or a light in one half of the picture count as new, and then
//! nothing is said.

use crate::Stage;
use domain::{COLOUR_COLUMNS, COLOUR_ROWS, IgnoreArea, Millis};

/// Pictures before the print that are remembered.
const BEFORE: usize = 8;
/// Between two of those.
const BEFORE_EVERY_MS: Millis = 5_000;
/// From the first filament on, so long is remembered too.
const REMEMBERS_MS: Millis = 45_000;
/// Between two pictures of that time.
const REMEMBERS_EVERY_MS: Millis = 2_000;
/// A cell is new when it differs by more than so many steps, in the colour in which it differs most, from all that is
/// remembered.
const DIFFERS: i16 = 12;
/// In how much of the last pictures a cell must be new, to count.
const STAYS: f32 = 0.5;
/// How far back "the last pictures" reach, as a time constant.
const LATELY_MS: f32 = 20_000.0;
/// A gap between two pictures counts as this at most.
const LONGEST_STEP_MS: Millis = 10_000;
/// So many new cells that touch each other are something.
const CELLS: usize = 3;
/// Before this long after the first filament nothing is said.
const PATIENCE_MS: Millis = 180_000;
/// Nor before so much filament was pushed beyond what is remembered, mm: about 2.6 m of line, 12 cm² of a layer.
const FILAMENT_MM: f64 = 100.0;
/// Pictures must have been compared for so long.
const COMPARED_MS: Millis = 90_000;
/// With this layer, from 0, it is over: a part that has grown so far is not laid into the air.
const OVER_AT_LAYER: u32 = 3;
/// Who first sees a print after so much filament, mm, does not know what the bed was like.
const SEEN_TOO_LATE_MM: f64 = 200.0;
/// Where the file tells no layers, it is over after this long.
const OVER_AFTER_MS: Millis = 900_000;

/// How far the print is, as a picture was taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Laying {
    /// When it was taken.
    pub at_ms: Millis,
    /// Whether anything of the print can lie on the bed.
    pub stage: Stage,
    /// Filament that the print pushed so far, mm.
    pub filament_mm: f64,
    /// Layer, from 0.
    pub layer_idx: Option<u32>,
}

/// Filament was pushed, and nothing new is seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NothingNew {
    /// For how long, seconds.
    pub for_secs: f64,
    /// Filament that was pushed in that time, mm.
    pub filament_mm: f64,
}

/// Watches the first layers of one print.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FirstLayers {
    /// What the bed looked like before, and in the first seconds.
    memory: Vec<Remembered>,
    /// How many of those are from before.
    before: usize,
    remembered_ms: Option<Millis>,
    laying: Option<Since>,
    /// Since the memory is complete.
    comparing: Option<Since>,
    compared_ms: Millis,
    last_ms: Millis,
    /// For each cell, in how much of the last pictures it was new.
    new: Vec<f32>,
    ignored: Vec<IgnoreArea>,
    end: End,
}

#[derive(Debug, Clone, PartialEq)]
struct Remembered {
    colours: Vec<u8>,
    light: [i16; 3],
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Since {
    at_ms: Millis,
    filament_mm: f64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum End {
    #[default]
    NotYet,
    /// It was told, or the first layers are done.
    Over,
}

impl FirstLayers {
    /// Sets the areas of the picture in which nothing counts.
    pub fn ignore(&mut self, areas: &[IgnoreArea]) {
        if self.ignored != areas {
            self.ignored = areas.to_vec();
        }
    }

    /// Takes in the coloured picture of a frame ([`domain::Scene`]). Tells once a print that nothing new is seen.
    pub fn picture(&mut self, colours: &[u8], laying: Laying) -> Option<NothingNew> {
        if colours.len() != COLOUR_COLUMNS * COLOUR_ROWS * 3 || self.end == End::Over {
            return None;
        }
        let Laying { at_ms, filament_mm, .. } = laying;
        let pushed = filament_mm.is_finite() && filament_mm > 0.0;
        if laying.stage == Stage::Before || !pushed {
            self.remember_before(colours, at_ms);
            return None;
        }
        if self.laying.is_none() && filament_mm > SEEN_TOO_LATE_MM {
            self.finish();
            return None;
        }
        let since = *self.laying.get_or_insert(Since { at_ms, filament_mm });
        let late = at_ms.saturating_sub(since.at_ms);
        let over = laying.layer_idx.map_or(late >= OVER_AFTER_MS, |idx| idx >= OVER_AT_LAYER);
        if over {
            self.finish();
            return None;
        }
        if late < REMEMBERS_MS || self.memory.is_empty() {
            self.remember(colours, at_ms, REMEMBERS_EVERY_MS);
            return None;
        }
        let comparing = *self.comparing.get_or_insert(Since { at_ms, filament_mm });
        self.compare(colours, at_ms);
        let filament_mm = filament_mm - comparing.filament_mm;
        let told = late >= PATIENCE_MS
            && self.compared_ms >= COMPARED_MS
            && filament_mm >= FILAMENT_MM
            && self.largest().is_none_or(|(cells, _)| cells < CELLS);
        if !told {
            return None;
        }
        self.finish();
        let for_secs = at_ms.saturating_sub(comparing.at_ms) as f64 / 1000.0;
        Some(NothingNew { for_secs, filament_mm })
    }

    /// Returns the middle of the largest place where something new is seen, 0 to 1 each way; `None` while there is none, and
    /// when the first layers are done.
    pub fn newest(&self) -> Option<(f32, f32)> {
        self.largest().filter(|(cells, _)| *cells >= CELLS).map(|(_, middle)| middle)
    }

    /// Says nothing more about this print, and lets go of its pictures.
    fn finish(&mut self) {
        *self = Self { end: End::Over, ..Self::default() };
    }

    /// Of the time before the print the last pictures count: what was taken off the bed is not on it.
    fn remember_before(&mut self, colours: &[u8], at_ms: Millis) {
        if self.laying.is_some() {
            return;
        }
        if self.remember(colours, at_ms, BEFORE_EVERY_MS) {
            self.before += 1;
            if self.before > BEFORE {
                self.memory.remove(0);
                self.before = BEFORE;
            }
        }
    }

    fn remember(&mut self, colours: &[u8], at_ms: Millis, every_ms: Millis) -> bool {
        let due = self.remembered_ms.is_none_or(|last| at_ms.saturating_sub(last) >= every_ms);
        if due {
            self.remembered_ms = Some(at_ms);
            self.memory.push(Remembered { colours: colours.to_vec(), light: light(colours) });
        }
        due
    }

    /// Notes which cells resemble nothing that is remembered.
    fn compare(&mut self, colours: &[u8], at_ms: Millis) {
        if self.new.is_empty() {
            (self.new, self.last_ms) = (vec![0.0; COLOUR_COLUMNS * COLOUR_ROWS], at_ms);
            return;
        }
        let step_ms = at_ms.saturating_sub(self.last_ms).min(LONGEST_STEP_MS);
        (self.last_ms, self.compared_ms) = (at_ms, self.compared_ms + step_ms);
        let share = 1.0 - (-(step_ms as f32) / LATELY_MS).exp();
        let mut nearest = vec![i16::MAX; self.new.len()];
        let now = light(colours);
        for then in &self.memory {
            let lighter: [i16; 3] = std::array::from_fn(|i| now[i] - then.light[i]);
            let cells = colours.chunks_exact(3).zip(then.colours.chunks_exact(3));
            for (nearest, (now, then)) in nearest.iter_mut().zip(cells) {
                let step = |i: usize| (i16::from(now[i]) - i16::from(then[i]) - lighter[i]).abs();
                *nearest = (*nearest).min(step(0).max(step(1)).max(step(2)));
            }
        }
        for (cell, (new, nearest)) in self.new.iter_mut().zip(nearest).enumerate() {
            let counts = nearest > DIFFERS && !ignores(&self.ignored, cell);
            *new += (f32::from(u8::from(counts)) - *new) * share;
        }
    }

    /// The largest group of touching new cells: how many, and where its middle is.
    fn largest(&self) -> Option<(usize, (f32, f32))> {
        let mut open: Vec<bool> = self.new.iter().map(|&new| new >= STAYS).collect();
        let mut largest: Option<(usize, (f32, f32))> = None;
        for start in 0..open.len() {
            if !std::mem::take(&mut open[start]) {
                continue;
            }
            let mut group = vec![start];
            let mut next = 0;
            while next < group.len() {
                for cell in neighbours(group[next]) {
                    if std::mem::take(&mut open[cell]) {
                        group.push(cell);
                    }
                }
                next += 1;
            }
            if largest.is_none_or(|(cells, _)| group.len() > cells) {
                let sum =
                    group.iter().map(|&cell| middle(cell)).fold((0.0, 0.0), |a, b| (a.0 + b.0, a.1 + b.1));
                let cells = group.len() as f32;
                largest = Some((group.len(), (sum.0 / cells, sum.1 / cells)));
            }
        }
        largest
    }
}

/// The middle of a cell, 0 to 1 each way.
fn middle(cell: usize) -> (f32, f32) {
    let (x, y) = (cell % COLOUR_COLUMNS, cell / COLOUR_COLUMNS);
    ((x as f32 + 0.5) / COLOUR_COLUMNS as f32, (y as f32 + 0.5) / COLOUR_ROWS as f32)
}

fn ignores(areas: &[IgnoreArea], cell: usize) -> bool {
    let (x, y) = middle(cell);
    areas.iter().any(|area| area.holds(x, y))
}

fn neighbours(cell: usize) -> impl Iterator<Item = usize> {
    let (row, column) = (cell / COLOUR_COLUMNS, cell % COLOUR_COLUMNS);
    let rows = row.saturating_sub(1)..=(row + 1).min(COLOUR_ROWS - 1);
    rows.flat_map(move |r| {
        (column.saturating_sub(1)..=(column + 1).min(COLOUR_COLUMNS - 1)).map(move |c| r * COLOUR_COLUMNS + c)
    })
}

/// The median red, green and blue: what rises and falls with the light of the whole picture.
fn light(colours: &[u8]) -> [i16; 3] {
    std::array::from_fn(|i| {
        let mut values: Vec<u8> = colours.iter().skip(i).step_by(3).copied().collect();
        let half = values.len() / 2;
        i16::from(*values.select_nth_unstable(half).1)
    })
}

#[cfg(test)]
#[path = "first_layer_tests.rs"]
mod tests;
