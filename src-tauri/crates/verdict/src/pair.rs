//! What counts of the whole picture and of the closer view together: the mean of both.
//!
//! A part of a picture always stirs the model more than the whole, so the hotter of the two would alarm about good
//! prints; and a failure that only a closer view sees counts half. As long as nothing is known of what a camera's closer
//! views show while all is well, they confirm the whole picture and add nothing to it.

use domain::{Millis, Place};

/// A look counts so long for those of the other kind. Looks come ten seconds apart on a slow computer.
const HOLDS_MS: Millis = 25_000;
/// A closer look elsewhere says nothing about the place of the last one, for so long.
const ELSEWHERE_MS: Millis = 15_000;

/// A closer look's own score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Closer {
    /// By a scale of this camera's closer views.
    Scaled(f64),
    /// Only this print's own minutes tell what is usual: by them, and as the model says.
    Unsure { scaled: f64, as_it_is: f64 },
    /// Nothing is known of closer views yet: as the model says.
    Unknown(f64),
}

/// The last look of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Pair {
    whole: Option<(Millis, f64)>,
    closer: Option<(Millis, Place, f64)>,
}

impl Pair {
    /// Takes in a look at the whole picture; returns what counts.
    pub(crate) fn whole(&mut self, counted: f64, at_ms: Millis) -> f64 {
        self.whole = Some((at_ms, counted));
        match self.closer.filter(|(then, ..)| holds(*then, at_ms, HOLDS_MS)) {
            Some((_, _, closer)) => (counted + closer) / 2.0,
            None => counted,
        }
    }

    /// Takes in a closer look; returns what counts.
    pub(crate) fn closer(&mut self, place: Place, score: Closer, at_ms: Millis) -> f64 {
        let whole = self.whole.filter(|(then, _)| holds(*then, at_ms, HOLDS_MS)).map_or(0.0, |(_, p)| p);
        let counted = match score {
            Closer::Scaled(p) => p,
            Closer::Unsure { scaled, as_it_is } => as_it_is.min(scaled.max(whole)),
            Closer::Unknown(as_it_is) => as_it_is.min(whole),
        };
        let held = self.closer.filter(|&(then, at, before)| {
            holds(then, at_ms, ELSEWHERE_MS) && before > counted && common(at, place) < 0.5
        });
        let (_, _, closer) = held.unwrap_or((at_ms, place, counted));
        if held.is_none() {
            self.closer = Some((at_ms, place, counted));
        }
        (whole + closer) / 2.0
    }
}

fn holds(then: Millis, now: Millis, for_ms: Millis) -> bool {
    now.saturating_sub(then) <= for_ms
}

/// Share of a place that lies in another one.
fn common(of: Place, by: Place) -> f32 {
    let along = |a: f32, a_len: f32, b: f32, b_len: f32| ((a + a_len).min(b + b_len) - a.max(b)).max(0.0);
    along(of.x, of.w, by.x, by.w) * along(of.y, of.h, by.y, by.h) / (of.w * of.h).max(f32::EPSILON)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Place = Place { x: 0.0, y: 0.0, w: 0.5, h: 0.5 };
    const THERE: Place = Place { x: 0.5, y: 0.5, w: 0.5, h: 0.5 };

    #[test]
    fn both_count_alike_in_whatever_order_they_come() {
        let mut pair = Pair::default();
        assert_eq!(pair.whole(0.25, 0), 0.25, "alone");
        assert_eq!(pair.closer(HERE, Closer::Scaled(1.0), 1000), 0.625);
        assert_eq!(pair.closer(HERE, Closer::Scaled(0.5), 2000), 0.375, "again at once: no heavier for it");
        assert_eq!(pair.whole(0.75, 3000), 0.625);
        assert_eq!(pair.whole(0.75, 40_000), 0.75, "what is long ago says nothing");
        assert_eq!(Pair::default().closer(HERE, Closer::Scaled(1.0), 0), 0.5, "never a part alone");
    }

    #[test]
    fn a_look_elsewhere_does_not_talk_a_place_cold() {
        let mut pair = Pair::default();
        pair.whole(1.0, 0);
        pair.closer(HERE, Closer::Scaled(1.0), 1000);
        assert_eq!(pair.closer(THERE, Closer::Scaled(0.0), 2000), 1.0);
        assert_eq!(pair.whole(1.0, 3000), 1.0);
        assert_eq!(pair.closer(HERE, Closer::Scaled(0.0), 4000), 0.5, "the same place does");
        pair.closer(HERE, Closer::Scaled(1.0), 5000);
        assert_eq!(pair.closer(THERE, Closer::Scaled(0.0), 25_000), 0.5, "and time does");
        assert_eq!(pair.closer(HERE, Closer::Scaled(2.0), 30_000), 1.0, "the whole is forgotten, too");
    }

    #[test]
    fn without_a_scale_a_closer_look_confirms_and_adds_nothing() {
        let counted = |whole: f64, score: Closer| {
            let mut pair = Pair::default();
            pair.whole(whole, 0);
            pair.closer(HERE, score, 1000)
        };
        assert_eq!(counted(0.125, Closer::Unknown(2.0)), 0.125, "a part is always hotter");
        assert_eq!(counted(1.0, Closer::Unknown(2.0)), 1.0, "it sees the failure, too");
        assert_eq!(counted(1.0, Closer::Unknown(0.5)), 0.75, "it does not");
        let unsure = |scaled, as_it_is| Closer::Unsure { scaled, as_it_is };
        assert_eq!(counted(0.125, unsure(1.125, 2.0)), 0.625, "beyond what this print showed so far");
        assert_eq!(counted(1.0, unsure(0.0, 1.5)), 1.0, "a print that fails from its first layer");
        assert_eq!(counted(0.125, unsure(1.125, 0.375)), 0.25, "never more than the model says");
    }
}
