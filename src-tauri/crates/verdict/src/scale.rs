//! A scale of the camera's own: p by what a look shows beyond what the camera shows while all is well.
//!
//! Within a camera a model's scores separate well; between cameras the level of good pictures moves by more than two
//! logits. So each look is judged by its deviation from the camera's calm looks, place by place and as a whole.
//!
//! The danger: a scale that was learnt from a print that fails unseen hides this failure. So what a print shows itself
//! never makes p less than it was, nor does what a single print showed that nobody judged; and minutes count as calm
//! only when those after them were calm, too.

use crate::calm::Learner;
use crate::grid::{Grid, Kind, cell_at};
use crate::logits::{blurred, level, probability};
use domain::{Calibration, Calm, CameraScale, Levels, Millis, ScaleSource};

// Measured on 26 unseen cameras and 102 failing prints in 31 good hours, with the models 1.3.0 and one with retrained
// heads. What differs from model to model, the file tells ([`domain::Levels`]).
/// How much of what a place usually shows is taken off …
const PLACE_WEIGHT: f32 = 0.7;
/// … as far as it is above this, logits.
const PLACE_ABOVE: f32 = -2.5;
/// How far the level of a lively camera is shifted down at most …
const SHIFT_DOWN: f32 = -1.0;
/// … and that of a calm one up.
const SHIFT_UP: f32 = 1.5;
/// A scale that is not sure counts no more than this: it alerts after a good minute, and never pauses. A single good picture
/// that stood for fifty seconds was otherwise taken for a failure, and the print paused.
const UNSURE_MOST: f64 = 0.55;
/// Calm seconds from which on a scale is used.
const ENOUGH_SECS: f64 = 60.0;

/// p by a scale.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scaled {
    pub(crate) p: f64,
    /// What each cell shows beyond what is usual there, logits.
    pub(crate) beyond: Vec<f32>,
    pub(crate) source: ScaleSource,
    /// It may be less than the model's p.
    pub(crate) sure: bool,
}

/// What is known of a camera while a print runs.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ScaleMemory {
    known: Option<CameraScale>,
    own: Learner,
}

impl ScaleMemory {
    /// Takes what earlier prints taught.
    pub(crate) fn know(&mut self, known: Option<CameraScale>) {
        self.known = known;
    }

    /// Forgets all: the camera shows something else now.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }

    /// Returns what the calm minutes of this print showed, when they were enough to teach anything.
    pub(crate) fn taught(&self) -> Option<CameraScale> {
        self.own.taught()
    }

    /// Returns p by the camera's scale; `None` while nothing is known of this kind of view.
    pub(crate) fn scaled(&self, logits: &[f32], grid: &Grid, calibration: &Calibration) -> Option<Scaled> {
        let known = self.known.as_ref().filter(|known| known.model == calibration.model);
        let of_camera = known.and_then(|known| {
            let found = score(logits, grid, calibration.levels, |kind| of_kind(known, kind))?;
            Some((found, ScaleSource::Camera, known.is_sure()))
        });
        let ((score, beyond), source, sure) = match of_camera {
            Some(found) => found,
            None => {
                let own = self.own.shown();
                (
                    score(logits, grid, calibration.levels, |kind| of_kind(own, kind))?,
                    ScaleSource::Print,
                    false,
                )
            }
        };
        let p = calibration.p_map.p(probability(f64::from(score)));
        let p = if sure { p } else { p.min(UNSURE_MOST) };
        Some(Scaled { p, beyond, source, sure })
    }

    /// Learns from a look of a print that goes well.
    pub(crate) fn learn(&mut self, logits: &[f32], grid: &Grid, at_ms: Millis, calibration: &Calibration) {
        self.own.learn(level(logits), &blurred(logits, grid.columns), grid, at_ms, calibration);
    }

    /// Something may be wrong: the last minutes teach nothing.
    pub(crate) fn doubt(&mut self) {
        self.own.doubt();
    }
}

fn of_kind(scale: &CameraScale, kind: Kind) -> &Calm {
    match kind {
        Kind::Whole => &scale.whole,
        Kind::Closer => &scale.closer,
    }
}

/// Returns the score of a look beyond what is usual, as the logit of a picture's probability, and the same cell by cell.
fn score<'a>(
    logits: &[f32],
    grid: &Grid,
    levels: Levels,
    calm: impl Fn(Kind) -> &'a Calm,
) -> Option<(f32, Vec<f32>)> {
    let own = calm(grid.kind);
    if own.secs < ENOUGH_SECS || usize::from(own.columns) != grid.memory_columns {
        return None;
    }
    let whole = calm(Kind::Whole);
    let usual = |at: usize, (x, y): (f32, f32)| {
        let seen = own.map.get(at).copied().filter(|&cell| cell != Calm::UNSEEN);
        // Where no closer view has looked yet, the whole picture tells what is usual.
        let seen = seen.or_else(|| {
            let columns = usize::from(whole.columns);
            whole.map.get(cell_at(x, y, columns, whole.map.len() / columns.max(1))).copied()
        });
        seen.filter(|&cell| cell != Calm::UNSEEN).map_or(PLACE_ABOVE, |cell| f32::from(cell) / 100.0)
    };
    let beyond: Vec<f32> = logits
        .iter()
        .zip(grid.at.iter().zip(&grid.middles))
        .map(|(&logit, (&at, &middle))| logit - PLACE_WEIGHT * (usual(at, middle) - PLACE_ABOVE).max(0.0))
        .collect();
    let shift = (levels.usual - f32::from(own.level) / 100.0).clamp(SHIFT_DOWN, SHIFT_UP);
    Some((level(&beyond) + shift + levels.offset, beyond))
}

#[cfg(test)]
#[path = "scale_tests.rs"]
mod tests;
