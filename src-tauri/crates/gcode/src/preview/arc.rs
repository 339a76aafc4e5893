//! A move as straight pieces.

use super::Place;
use super::place::{Path, Step};
use std::f64::consts::TAU;

/// How far a chord may be from its arc, mm.
const DEVIATION_MM: f64 = 0.02;
/// The most chords of one arc.
const MAX_CHORDS: f64 = 180.0;

/// Calls `draw` with the ends of each piece of a move. Nothing is drawn where the machine stays.
pub(super) fn chords(step: &Step, from: &Place, to: &Place, mut draw: impl FnMut([f64; 3], [f64; 3])) {
    let (a, b) = (from.machine(), to.machine());
    let Path::Arc { centre, clockwise } = step.path else {
        if a != b {
            draw(a, b);
        }
        return;
    };
    let radius = centre[0].hypot(centre[1]);
    if radius == 0.0 || !radius.is_finite() {
        if a != b {
            draw(a, b);
        }
        return;
    }
    let middle = [a[0] + centre[0], a[1] + centre[1]];
    let start = (-centre[1]).atan2(-centre[0]);
    let end = (b[1] - middle[1]).atan2(b[0] - middle[0]);
    let flat = (b[0] - a[0]).hypot(b[1] - a[1]);
    // The same place again is a full circle.
    let turn =
        if flat < 1e-9 { TAU } else { if clockwise { start - end } else { end - start }.rem_euclid(TAU) };
    let turn = if clockwise { -turn } else { turn };
    let widest = 2.0 * (1.0 - (DEVIATION_MM / radius).min(1.0)).acos();
    let count = (turn.abs() / widest.max(1e-3)).ceil().clamp(1.0, MAX_CHORDS);
    let mut last = a;
    for i in 1..=count as u32 {
        let part = f64::from(i) / count;
        let angle = start + turn * part;
        let next = if f64::from(i) == count {
            b
        } else {
            let z = a[2] + (b[2] - a[2]) * part;
            [middle[0] + radius * angle.cos(), middle[1] + radius * angle.sin(), z]
        };
        draw(last, next);
        last = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(lines: &[&str]) -> Vec<[f64; 3]> {
        let mut place = Place::default();
        let mut points = Vec::new();
        for line in lines {
            let from = place;
            if let Some(step) = place.follow(line.as_bytes()) {
                chords(&step, &from, &place, |_, b| points.push(b));
            }
        }
        points
    }

    #[test]
    fn an_arc_keeps_to_its_circle() {
        let points = drawn(&["G1 X10 Y0", "G3 X-10 Y0 Z1 I-10"]);
        assert!((20..60).contains(&points.len()), "{} chords", points.len());
        for p in &points {
            assert!((p[0].hypot(p[1]) - 10.0).abs() < 1e-6 && p[1] > -1e-6, "{p:?} lies on the upper half");
        }
        assert_eq!(points.last(), Some(&[-10.0, 0.0, 1.0]));
        let below = drawn(&["G1 X10 Y0", "G2 X-10 Y0 I-10"]);
        assert!(below[1..].iter().all(|p| p[1] < 1e-6), "clockwise is the other way");
    }

    #[test]
    fn a_full_circle_and_a_hostile_one_are_bounded() {
        assert!(drawn(&["G2 I5"]).len() > 20);
        assert_eq!(drawn(&["G2 X1 I99999999999999"]).len(), 1, "nearly straight");
        assert!(drawn(&["G2 I99999999999999"]).len() <= 180);
        assert_eq!(drawn(&["G2 X5"]).len(), 1, "without a centre it is a line");
    }
}
