//! What a camera shows while all is well: learnt over the calm minutes of a print, and put together over prints.

use crate::grid::{Grid, Kind};
use crate::scene::shows_elsewhere;
use crate::steps::step_secs;
use domain::{Calibration, Calm, CameraScale, MOST_TAUGHT, Millis, Taught, Teaches};

/// Time constant with which a print's own minutes are learnt, seconds.
const LEARNS_SECS: f64 = 600.0;
/// Looks are learnt in lots of so many seconds, each after the next one was calm, too.
const LOT_SECS: f64 = 60.0;
/// Calm seconds of a print that teach something about its camera.
const TEACHES_SECS: f64 = 300.0;
/// What a print weighs of which a person said that it was no failure.
const ANSWERED_WEIGHS: u32 = 3;

/// Learns from the looks of one print.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Learner {
    shown: CameraScale,
    whole: Lots,
    closer: Lots,
}

/// What was seen of one kind of view and is not learnt yet.
#[derive(Debug, Clone, Default, PartialEq)]
struct Lots {
    /// Being filled.
    open: Lot,
    /// Waits for the open one to be calm as well.
    waiting: Option<Lot>,
    /// Seconds learnt, cell by cell.
    secs: Vec<f64>,
    last_ms: Option<Millis>,
}

/// A minute of looks.
#[derive(Debug, Clone, Default, PartialEq)]
struct Lot {
    secs: f64,
    looks: f64,
    level: f64,
    cells: Vec<f64>,
    counts: Vec<f64>,
}

impl Learner {
    /// Returns what was learnt so far.
    pub(crate) fn shown(&self) -> &CameraScale {
        &self.shown
    }

    /// Returns the same when it is enough to teach something.
    pub(crate) fn taught(&self) -> Option<CameraScale> {
        (self.shown.whole.secs >= TEACHES_SECS).then(|| self.shown.clone())
    }

    /// Takes in a calm look: the mean of its hottest cells, and all its cells.
    pub(crate) fn learn(&mut self, level: f32, cells: &[f32], grid: &Grid, at_ms: Millis, to: &Calibration) {
        if self.shown.model != to.model {
            let usual = hundredths(f64::from(to.levels.usual));
            let shown = CameraScale { model: to.model.clone(), usual, prints: 1, ..Default::default() };
            *self = Self { shown, ..Self::default() };
        }
        let (lots, calm) = match grid.kind {
            Kind::Whole => (&mut self.whole, &mut self.shown.whole),
            Kind::Closer => (&mut self.closer, &mut self.shown.closer),
        };
        if usize::from(calm.columns) != grid.memory_columns || calm.map.len() != grid.memory_len {
            *lots = Lots { secs: vec![0.0; grid.memory_len], ..Lots::default() };
            let columns = u16::try_from(grid.memory_columns).unwrap_or(0);
            *calm = Calm { columns, map: vec![Calm::UNSEEN; grid.memory_len], ..Calm::default() };
        }
        lots.take(level, cells, grid, at_ms);
        if lots.open.secs >= LOT_SECS {
            let full = std::mem::take(&mut lots.open);
            if let Some(lot) = lots.waiting.replace(full) {
                lot.teach(calm, &mut lots.secs);
            }
        }
    }

    /// Drops what is not learnt yet.
    pub(crate) fn doubt(&mut self) {
        for lots in [&mut self.whole, &mut self.closer] {
            lots.open = Lot::default();
            lots.waiting = None;
        }
    }
}

impl Lots {
    fn take(&mut self, level: f32, cells: &[f32], grid: &Grid, at_ms: Millis) {
        let step = step_secs(self.last_ms.replace(at_ms), at_ms);
        let lot = &mut self.open;
        lot.cells.resize(grid.memory_len, 0.0);
        lot.counts.resize(grid.memory_len, 0.0);
        lot.secs += step;
        lot.looks += 1.0;
        lot.level += f64::from(level);
        for (&cell, &at) in cells.iter().zip(&grid.at) {
            lot.cells[at] += f64::from(cell);
            lot.counts[at] += 1.0;
        }
    }
}

impl Lot {
    /// Moves what is learnt towards what this lot shows.
    fn teach(&self, calm: &mut Calm, secs: &mut [f64]) {
        let towards = |old: i16, known_secs: f64, new: f64, new_secs: f64| {
            let share = new_secs / (known_secs + new_secs).min(LEARNS_SECS).max(new_secs);
            let old = if known_secs > 0.0 { f64::from(old) } else { 0.0 };
            hundredths(old / 100.0 + (new - old / 100.0) * share)
        };
        calm.level = towards(calm.level, calm.secs, self.level / self.looks, self.secs);
        calm.secs += self.secs;
        for ((cell, secs), (sum, &count)) in
            calm.map.iter_mut().zip(secs).zip(self.cells.iter().zip(&self.counts))
        {
            if count > 0.0 {
                let lot_secs = self.secs * (count / self.looks).min(1.0);
                *cell = towards(*cell, *secs, sum / count, lot_secs);
                *secs += lot_secs;
            }
        }
    }
}

fn hundredths(logit: f64) -> i16 {
    (logit * 100.0).round().clamp(f64::from(Calm::UNSEEN + 1), f64::from(i16::MAX)) as i16
}

/// Puts together what prints taught of a camera: of each value the median over the newest prints, so that one that
/// failed unseen does not become the norm. `None` when none teaches. Only prints with the model and the scene of the
/// newest one count.
pub fn put_together(newest_first: &[Taught]) -> Option<CameraScale> {
    let mut teaching = newest_first.iter().filter(|taught| taught.teaches != Teaches::Not).peekable();
    let first = teaching.peek().copied()?;
    let alike = |taught: &&Taught| {
        taught.scale.model == first.scale.model && !shows_elsewhere(&first.scale.small, &taught.scale.small)
    };
    let same = teaching.filter(alike).take(MOST_TAUGHT);
    let prints: Vec<&Taught> = same.collect();
    let answered = prints.iter().filter(|taught| taught.teaches == Teaches::Answered).count();
    Some(CameraScale {
        model: first.scale.model.clone(),
        usual: first.scale.usual,
        whole: median_of(&prints, |scale| &scale.whole),
        closer: median_of(&prints, |scale| &scale.closer),
        small: first.scale.small.clone(),
        prints: prints.len() as u32,
        answered: answered as u32,
    })
}

fn median_of(prints: &[&Taught], of: impl Fn(&CameraScale) -> &Calm) -> Calm {
    let seen: Vec<(&Calm, u32)> = prints
        .iter()
        .map(|taught| (of(&taught.scale), weight(taught.teaches)))
        .filter(|(calm, _)| !calm.map.is_empty() && calm.secs > 0.0)
        .collect();
    let Some(&(newest, _)) = seen.first() else { return Calm::default() };
    let alike: Vec<(&Calm, u32)> = seen
        .into_iter()
        .filter(|(calm, _)| calm.columns == newest.columns && calm.map.len() == newest.map.len())
        .collect();
    let cell = |at: usize| {
        let values = alike.iter().map(|(calm, weight)| (calm.map[at], *weight));
        median(values.filter(|&(value, _)| value != Calm::UNSEEN)).unwrap_or(Calm::UNSEEN)
    };
    Calm {
        level: median(alike.iter().map(|(calm, weight)| (calm.level, *weight))).unwrap_or_default(),
        secs: alike.iter().map(|(calm, _)| calm.secs).sum(),
        columns: newest.columns,
        map: (0..newest.map.len()).map(cell).collect(),
    }
}

fn weight(teaches: Teaches) -> u32 {
    match teaches {
        Teaches::Not => 0,
        Teaches::EndedWell => 1,
        Teaches::Answered => ANSWERED_WEIGHS,
    }
}

/// Returns the weighted median, the mean of the two in the middle where they share it.
fn median(values: impl Iterator<Item = (i16, u32)>) -> Option<i16> {
    let mut values: Vec<(i16, u32)> = values.filter(|&(_, weight)| weight > 0).collect();
    values.sort_unstable();
    let total: u32 = values.iter().map(|(_, weight)| weight).sum();
    let mut sum = 0;
    for (n, &(value, weight)) in values.iter().enumerate() {
        sum += weight;
        if sum * 2 == total {
            let next = values.get(n + 1).map_or(value, |&(next, _)| next);
            return Some(((i32::from(value) + i32::from(next)) / 2) as i16);
        }
        if sum * 2 > total {
            return Some(value);
        }
    }
    None
}
