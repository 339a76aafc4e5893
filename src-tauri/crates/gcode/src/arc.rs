//! Arcs (G2, G3): their length, the box they fill, and the chords that a firmware makes of them.

use std::f64::consts::{FRAC_PI_2, TAU};

/// Longest chord, mm: Marlin's `MM_PER_ARC_SEGMENT` as shipped.
const CHORD_MM: f64 = 1.0;

/// Most chords of one arc: beyond, they only get longer, and no file can make us count for ever.
const MOST_CHORDS: usize = 100;

/// A part of a circle in the XY plane, from the place before to the place after.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Arc {
    centre: [f64; 2],
    /// mm.
    pub(crate) radius: f64,
    /// Angle of the start, seen from the centre.
    start: f64,
    /// Signed angle; positive against the clock.
    sweep: f64,
}

impl Arc {
    /// Returns the arc `from` `to` around `from + offset`. A closed one is a whole circle.
    pub(crate) fn around(from: [f64; 2], to: [f64; 2], offset: [f64; 2], clockwise: Clock) -> Option<Self> {
        let centre = [from[0] + offset[0], from[1] + offset[1]];
        let radius = offset[0].hypot(offset[1]);
        if radius <= 0.0 || !radius.is_finite() {
            return None;
        }
        let start = (from[1] - centre[1]).atan2(from[0] - centre[0]);
        let end = (to[1] - centre[1]).atan2(to[0] - centre[0]);
        let turn = (end - start).rem_euclid(TAU);
        let sweep = match clockwise {
            Clock::With if turn == 0.0 => -TAU,
            Clock::With => turn - TAU,
            Clock::Against if turn == 0.0 => TAU,
            Clock::Against => turn,
        };
        Some(Self { centre, radius, start, sweep })
    }

    /// Returns the arc `from` `to` of this radius; a negative one takes the long way round.
    pub(crate) fn of_radius(from: [f64; 2], to: [f64; 2], radius: f64, clockwise: Clock) -> Option<Self> {
        let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
        let chord = dx.hypot(dy);
        if chord <= 0.0 {
            return None;
        }
        let height = (radius * radius - chord * chord / 4.0).max(0.0).sqrt();
        let side = match clockwise {
            Clock::With => -1.0,
            Clock::Against => 1.0,
        } * radius.signum();
        let offset = [dx / 2.0 - side * height * dy / chord, dy / 2.0 + side * height * dx / chord];
        Self::around(from, to, offset, clockwise)
    }

    /// Returns the length in the plane, mm.
    pub(crate) fn length(&self) -> f64 {
        self.radius * self.sweep.abs()
    }

    /// Returns lowest and highest X and Y.
    pub(crate) fn extents(&self) -> [(f64, f64); 2] {
        let mut ends = [self.start, self.start + self.sweep].map(|angle| self.at(angle)).to_vec();
        let (low, high) = if self.sweep < 0.0 {
            (self.start + self.sweep, self.start)
        } else {
            (self.start, self.start + self.sweep)
        };
        // Where it crosses an axis it reaches farthest.
        let first = (low / FRAC_PI_2).ceil() as i64;
        ends.extend(
            (first..first + 4).map(|n| n as f64 * FRAC_PI_2).filter(|a| *a <= high).map(|a| self.at(a)),
        );
        [0, 1].map(|axis| {
            let places = ends.iter().map(|end| end[axis]);
            places.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), p| (low.min(p), high.max(p)))
        })
    }

    /// Yields the steps, in X and Y, of equal chords.
    pub(crate) fn chords(&self) -> impl ExactSizeIterator<Item = [f64; 2]> + '_ {
        let count = ((self.length() / CHORD_MM).ceil() as usize).clamp(1, MOST_CHORDS);
        let mut last = self.at(self.start);
        (0..count).map(move |n| {
            let next = self.at(self.start + self.sweep * (n + 1) as f64 / count as f64);
            let step = [next[0] - last[0], next[1] - last[1]];
            last = next;
            step
        })
    }

    fn at(&self, angle: f64) -> [f64; 2] {
        [self.centre[0] + self.radius * angle.cos(), self.centre[1] + self.radius * angle.sin()]
    }
}

/// Which way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clock {
    /// G2.
    With,
    /// G3.
    Against,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    fn rounded(extents: [(f64, f64); 2]) -> [(f64, f64); 2] {
        extents.map(|(low, high)| ((low * 1e6).round() / 1e6, (high * 1e6).round() / 1e6))
    }

    #[test]
    fn a_half_circle_reaches_beyond_its_ends() {
        let with = Arc::around([0.0, 0.0], [10.0, 0.0], [5.0, 0.0], Clock::With).unwrap();
        assert!((with.length() - 5.0 * PI).abs() < 1e-9);
        assert_eq!(rounded(with.extents()), [(0.0, 10.0), (0.0, 5.0)]);
        let against = Arc::around([0.0, 0.0], [10.0, 0.0], [5.0, 0.0], Clock::Against).unwrap();
        assert_eq!(rounded(against.extents()), [(0.0, 10.0), (-5.0, 0.0)]);
    }

    #[test]
    fn a_closed_arc_is_a_circle_and_a_negative_radius_is_the_long_way() {
        let whole = Arc::around([0.0, 0.0], [0.0, 0.0], [5.0, 0.0], Clock::With).unwrap();
        assert!((whole.length() - 10.0 * PI).abs() < 1e-9);
        let of = |radius| Arc::of_radius([0.0, 0.0], [10.0, 10.0], radius, Clock::Against).unwrap().length();
        assert!((of(10.0) - 5.0 * PI).abs() < 1e-6, "{}", of(10.0));
        assert!((of(-10.0) - 15.0 * PI).abs() < 1e-6, "{}", of(-10.0));
    }

    #[test]
    fn chords_lead_to_the_end_and_are_never_too_many() {
        let arc = Arc::around([0.0, 0.0], [10.0, 0.0], [5.0, 0.0], Clock::With).unwrap();
        let sum = arc.chords().fold([0.0, 0.0], |sum, step| [sum[0] + step[0], sum[1] + step[1]]);
        assert!((sum[0] - 10.0).abs() < 1e-9 && sum[1].abs() < 1e-9);
        assert_eq!(arc.chords().len(), 16);
        let huge = Arc::around([0.0, 0.0], [0.0, 0.0], [1e9, 0.0], Clock::With).unwrap();
        assert_eq!(huge.chords().len(), MOST_CHORDS);
    }
}
