//! Arcs (G2, G3): their length, the box they fill, and chords.

use std::f64::consts::{FRAC_PI_2, TAU};

/// A part of a circle in the XY plane, from the place before to the place after.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Arc {
    centre: [f64; 2],
    /// mm.
    pub radius: f64,
    /// Angle of the start, seen from the centre.
    start: f64,
    /// Signed angle; positive against the clock.
    sweep: f64,
}

impl Arc {
    /// Returns the arc `from` `to` around `from + offset`. A closed one is a whole circle.
    pub fn around(from: [f64; 2], to: [f64; 2], offset: [f64; 2], turn: Turn) -> Option<Self> {
        let centre = [from[0] + offset[0], from[1] + offset[1]];
        let radius = offset[0].hypot(offset[1]);
        if radius <= 0.0 || !radius.is_finite() {
            return None;
        }
        let start = (from[1] - centre[1]).atan2(from[0] - centre[0]);
        let end = (to[1] - centre[1]).atan2(to[0] - centre[0]);
        let angle = (end - start).rem_euclid(TAU);
        let closed = (to[0] - from[0]).hypot(to[1] - from[1]) < 1e-9 || angle == 0.0;
        let sweep = match turn {
            // The same place again is a whole circle.
            Turn::Clockwise if closed => -TAU,
            Turn::Clockwise => angle - TAU,
            Turn::Counterclockwise if closed => TAU,
            Turn::Counterclockwise => angle,
        };
        Some(Self { centre, radius, start, sweep })
    }

    /// Returns the arc `from` `to` of this radius; a negative one takes the long way round.
    pub fn of_radius(from: [f64; 2], to: [f64; 2], radius: f64, turn: Turn) -> Option<Self> {
        let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
        let chord = dx.hypot(dy);
        if chord <= 0.0 {
            return None;
        }
        let height = (radius * radius - chord * chord / 4.0).max(0.0).sqrt();
        let side = match turn {
            Turn::Clockwise => -1.0,
            Turn::Counterclockwise => 1.0,
        } * radius.signum();
        let offset = [dx / 2.0 - side * height * dy / chord, dy / 2.0 + side * height * dx / chord];
        Self::around(from, to, offset, turn)
    }

    /// Returns the length in the plane, mm.
    pub fn length(&self) -> f64 {
        self.radius * self.sweep.abs()
    }

    /// Returns lowest and highest X and Y.
    pub fn extents(&self) -> [(f64, f64); 2] {
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

    /// Yields where each of `count` equal chords ends, in X and Y, mm; the last one ends where the arc does.
    pub fn chords(&self, count: u32) -> impl ExactSizeIterator<Item = [f64; 2]> + '_ {
        let count = count.max(1);
        (0..count).map(move |n| self.at(self.start + self.sweep * f64::from(n + 1) / f64::from(count)))
    }

    /// Returns the signed angle, radians; positive against the clock.
    pub fn sweep(&self) -> f64 {
        self.sweep
    }

    fn at(&self, angle: f64) -> [f64; 2] {
        [self.centre[0] + self.radius * angle.cos(), self.centre[1] + self.radius * angle.sin()]
    }
}

/// Which way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// G2.
    Clockwise,
    /// G3.
    Counterclockwise,
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
        let with = Arc::around([0.0, 0.0], [10.0, 0.0], [5.0, 0.0], Turn::Clockwise).unwrap();
        assert!((with.length() - 5.0 * PI).abs() < 1e-9);
        assert_eq!(rounded(with.extents()), [(0.0, 10.0), (0.0, 5.0)]);
        let against = Arc::around([0.0, 0.0], [10.0, 0.0], [5.0, 0.0], Turn::Counterclockwise).unwrap();
        assert_eq!(rounded(against.extents()), [(0.0, 10.0), (-5.0, 0.0)]);
    }

    #[test]
    fn a_closed_arc_is_a_circle_and_a_negative_radius_is_the_long_way() {
        let whole = Arc::around([0.0, 0.0], [0.0, 0.0], [5.0, 0.0], Turn::Clockwise).unwrap();
        assert!((whole.length() - 10.0 * PI).abs() < 1e-9);
        let of = |radius| {
            Arc::of_radius([0.0, 0.0], [10.0, 10.0], radius, Turn::Counterclockwise).unwrap().length()
        };
        assert!((of(10.0) - 5.0 * PI).abs() < 1e-6, "{}", of(10.0));
        assert!((of(-10.0) - 15.0 * PI).abs() < 1e-6, "{}", of(-10.0));
    }

    #[test]
    fn chords_lead_to_the_end() {
        let arc = Arc::around([0.0, 0.0], [10.0, 0.0], [5.0, 0.0], Turn::Clockwise).unwrap();
        let ends: Vec<[f64; 2]> = arc.chords(16).collect();
        assert_eq!(ends.len(), 16);
        assert!((ends[15][0] - 10.0).abs() < 1e-9 && ends[15][1].abs() < 1e-9);
        assert!(ends.iter().all(|end| ((end[0] - 5.0).hypot(end[1]) - 5.0).abs() < 1e-9));
    }
}
