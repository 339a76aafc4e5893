//! Printvigil's rule: what Obico's rule means, in seconds instead of frames, and place by place.
//!
//! Each look's p counts as far as its heat is not ignored, was not there before the print, and stays where it is (a
//! tangle does, the head does not). The mean of what counted over the last minute is compared with the same
//! thresholds as in Obico's rule. There is no mean of p over the printer's life: an old failure casts no shadow, and a
//! print that fails from its first layer is seen. p itself is taken by the camera's own scale ([`crate::scale`]).
//!
//! Each kind of view, the whole picture and closer ones, has a memory and a scale of its own. They come in turn, and what
//! counts is the mean of both ([`crate::pair`]). Which part is looked at next, the rule says, too ([`crate::views`]).

use crate::grid::Grid;
use crate::heat::{HeatMemory, Heats};
use crate::logits::{logits, probability};
use crate::mean::{MOST_P, Mean, Tuning};
use crate::pair::{Closer, Pair};
use crate::scale::{ScaleMemory, Scaled};
use crate::views::{Glance, ViewChooser};
use domain::{Calibration, CameraScale, IgnoreArea, Millis, Reasons, ScaleSource, View};

/// One look, as the rule takes it.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// When its frame was taken.
    pub at_ms: Millis,
    /// The model's p.
    pub p: f64,
    /// What part of the picture it was at.
    pub view: View,
    /// Its heat map, row by row, 255 = 1; may be empty. A last row that is cut off does not count.
    pub cells: &'a [u8],
    /// Cells in a row.
    pub columns: u16,
    /// What the scores mean, and the printer's factor on p; `None`: p is taken as it is.
    pub calibration: Option<(&'a Calibration, f64)>,
    /// Whether the print had put anything on the bed yet.
    pub stage: Stage,
}

/// How far a print is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Nothing of it lies on the bed yet: it heats or homes.
    Before,
    /// It prints.
    Printing,
}

/// The rule's memory of one print.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PrintvigilRule {
    heat: HeatMemory,
    mean: Mean,
    scale: ScaleMemory,
    pair: Pair,
    views: ViewChooser,
    next_view: View,
    /// Of the last look: what each cell shows beyond what is usual there, 0 to 1.
    beyond: Vec<f32>,
}

impl PrintvigilRule {
    /// Returns a rule that may alert at once: for rehearsals.
    pub fn without_grace() -> Self {
        Self { mean: Mean::without_grace(), ..Self::default() }
    }

    /// Takes what earlier prints taught of the camera.
    pub fn know(&mut self, scale: Option<CameraScale>) {
        self.scale.know(scale);
    }

    /// Forgets what the camera shows while all is well, this print's own minutes, too: it shows something else now.
    pub fn forget_scale(&mut self) {
        self.scale.forget();
    }

    /// Returns what the calm minutes of this print showed; `None` when they were too few.
    pub fn taught(&self) -> Option<CameraScale> {
        self.scale.taught()
    }

    /// Returns what each cell of the last look showed beyond what is usual there, 0 to 1, row by row: without ignored
    /// areas, without what was there before the print, and, where the camera is known, without what it always shows.
    pub fn beyond(&self) -> &[f32] {
        &self.beyond
    }

    /// Returns what part of the picture the next look is to be at.
    pub fn next_view(&self) -> View {
        self.next_view
    }

    /// Takes in the very small picture of a frame's scene ([`domain::Scene`]), before the look at it: where it has changed
    /// since the print began, plastic was laid.
    pub fn picture(&mut self, small: &[u8]) {
        self.views.picture(small);
    }

    /// Says where something new is seen on the bed ([`crate::FirstLayers`]): closer views go there in turn.
    pub fn newest(&mut self, place: Option<(f32, f32)>) {
        self.views.newest(place);
    }

    /// Sets the areas of the picture in which nothing counts.
    pub fn ignore(&mut self, areas: &[IgnoreArea]) {
        self.heat.ignore(areas);
    }

    /// Takes it that nothing is wrong with what is seen now: a person said so.
    pub fn accept(&mut self) {
        self.heat.accept();
        self.mean.accept();
        self.pair = Pair::default();
    }

    /// Takes in a look and says what follows, and why.
    pub fn look(&mut self, seen: Seen<'_>, tuning: Tuning) -> Reasons {
        let seen = Seen { cells: whole_rows(seen.cells, seen.columns), ..seen };
        let reasons = self.judge(seen, tuning);
        let glance = Glance { view: seen.view, heat: &self.beyond, columns: seen.columns };
        self.next_view = self.views.look(glance);
        reasons
    }

    fn judge(&mut self, seen: Seen<'_>, tuning: Tuning) -> Reasons {
        let p = usable(seen.p);
        let grid = Grid::new(seen.view, seen.cells.len(), seen.columns);
        if seen.stage == Stage::Before {
            self.heat.learn(seen.cells, &grid, seen.at_ms);
            self.mean.rest(seen.at_ms);
            self.beyond.clear();
            return self.mean.reasons(p, 0.0, Heats::default(), tuning, seen.at_ms);
        }
        let (heats, mut beyond) = self.heat.look(seen.cells, &grid, seen.at_ms);
        let calibration = seen.calibration.filter(|_| !seen.cells.is_empty());
        let logits = calibration.map(|_| logits(seen.cells, &self.heat.ignored(&grid)));
        let scaled = calibration.zip(logits.as_deref()).and_then(|((calibration, bend), logits)| {
            let scaled = self.scale.scaled(logits, &grid, calibration)?;
            Some(Scaled { p: usable(scaled.p * bend), ..scaled })
        });
        if let Some(scaled) = &scaled {
            for (cell, &logit) in beyond.iter_mut().zip(&scaled.beyond) {
                *cell = cell.min(probability(f64::from(logit)) as f32);
            }
        }
        self.beyond = beyond;
        let counted = match seen.view {
            View::Whole => self.pair.whole(counted(p, scaled.as_ref(), heats), seen.at_ms),
            View::Closer(place) => self.pair.closer(place, closer(p, scaled.as_ref(), heats), seen.at_ms),
        };
        self.mean.take(counted, tuning, seen.at_ms);
        if let Some(((calibration, _), logits)) = calibration.zip(logits) {
            if self.mean.is_calm() {
                self.scale.learn(&logits, &grid, seen.at_ms, calibration);
            } else {
                self.scale.doubt();
            }
        }
        Reasons {
            scaled: scaled.as_ref().map(|scaled| scaled.p),
            scale: scaled.map_or(ScaleSource::None, |scaled| scaled.source),
            ..self.mean.reasons(p, counted, heats, tuning, seen.at_ms)
        }
    }
}

/// The whole rows of a heat map: a row that is cut off, as in a damaged record, has no place in the picture.
fn whole_rows(cells: &[u8], columns: u16) -> &[u8] {
    let cut = cells.len().checked_rem(usize::from(columns)).unwrap_or(cells.len());
    &cells[..cells.len() - cut]
}

fn usable(p: f64) -> f64 {
    if p.is_finite() { p.clamp(0.0, MOST_P) } else { 0.0 }
}

/// What of p counts: as far as its heat is fresh and stays. The square, because p falls off faster than heat does.
///
/// What lies in ignored areas is in the model's p, and not in the scaled one.
fn counted(p: f64, scaled: Option<&Scaled>, heats: Heats) -> f64 {
    match closer(p, scaled, heats) {
        Closer::Unknown(as_it_is) => as_it_is,
        Closer::Scaled(beyond) => beyond,
        Closer::Unsure { scaled, as_it_is } => scaled.max(as_it_is),
    }
}

/// The same of a closer look, of which more is to be known before it counts.
fn closer(p: f64, scaled: Option<&Scaled>, heats: Heats) -> Closer {
    let share = |of: f32| {
        if of <= 0.0 { 1.0 } else { f64::from((heats.staying / of).clamp(0.0, 1.0)).powi(2) }
    };
    let as_it_is = p * share(heats.whole);
    match scaled {
        None => Closer::Unknown(as_it_is),
        Some(scaled) => {
            let beyond = scaled.p * share(heats.allowed);
            if scaled.sure { Closer::Scaled(beyond) } else { Closer::Unsure { scaled: beyond, as_it_is } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::GaugeZone;

    #[test]
    fn the_reasons_say_what_did_not_count() {
        let hot = |at: usize| {
            let mut cells = vec![0_u8; 400];
            for cell in [at, at + 1, at + 20, at + 21, at + 2, at + 22] {
                cells[cell] = 250;
            }
            cells
        };
        let mut rule = PrintvigilRule::default();
        let look = |rule: &mut PrintvigilRule, cells: &[u8], s: u64, stage| {
            let seen = Seen {
                at_ms: s * 1000,
                p: 1.5,
                view: View::Whole,
                cells,
                columns: 20,
                calibration: None,
                stage,
            };
            rule.look(seen, Tuning::default())
        };
        for s in 0..20 {
            let reasons = look(&mut rule, &hot(42), s, Stage::Before);
            assert_eq!(reasons.counted, 0.0, "nothing is printed yet");
        }
        for s in 20..400 {
            let reasons = look(&mut rule, &hot(42), s, Stage::Printing);
            assert_eq!(reasons.verdict, GaugeZone::Fine, "the logo on the bed at {s} s: {reasons:?}");
            assert!(reasons.known > 0.8, "{reasons:?}");
        }
        let last = (400..700).map(|s| look(&mut rule, &hot(251), s, Stage::Printing)).last().unwrap();
        assert_eq!(last.verdict, GaugeZone::Pause, "{last:?}");
        assert!(last.for_secs > 200.0 && last.place.is_some_and(|place| place.y > 0.5), "{last:?}");
        rule.accept();
        let after = (700..900).map(|s| look(&mut rule, &hot(251), s, Stage::Printing)).last().unwrap();
        assert_eq!(after.verdict, GaugeZone::Fine, "a person said that it is fine: {after:?}");
        let passing = (900..1200).map(|s| {
            let wandering = hot((s as usize * 83) % 370);
            look(&mut rule, &wandering, s, Stage::Printing)
        });
        assert!(passing.skip(60).all(|reasons| reasons.verdict == GaugeZone::Fine), "a head that moves");
    }

    #[test]
    fn a_row_that_is_cut_off_does_not_count() {
        assert_eq!(whole_rows(&[1, 2, 3, 4, 5], 2), [1, 2, 3, 4]);
        assert_eq!(
            (whole_rows(&[1; 6], 3).len(), whole_rows(&[1; 6], 7).len(), whole_rows(&[1; 6], 0).len()),
            (6, 0, 0)
        );
        assert!(whole_rows(&[], 0).is_empty());
        // Its hottest cell lies in the row that is cut off.
        let mut cells = [0; 17];
        cells[16] = 255;
        let seen = Seen {
            at_ms: 1000,
            p: 0.5,
            view: View::Whole,
            cells: &cells,
            columns: 8,
            calibration: None,
            stage: Stage::Printing,
        };
        assert_eq!(PrintvigilRule::default().look(seen, Tuning::default()).place, None);
    }

    #[test]
    fn a_model_without_a_map_counts_whole() {
        let mut rule = PrintvigilRule::default();
        let last = (0..200).map(|s| {
            let seen = Seen {
                at_ms: s * 1000,
                p: 1.0,
                view: View::Whole,
                cells: &[],
                columns: 0,
                calibration: None,
                stage: Stage::Printing,
            };
            rule.look(seen, Tuning::default())
        });
        assert_eq!(last.last().unwrap().verdict, GaugeZone::Pause);
    }
}
