//! A move as straight pieces.

use parser::Move;

/// How far a chord may be from its arc, mm.
const DEVIATION_MM: f64 = 0.02;
/// The most chords of one arc.
const MAX_CHORDS: f64 = 180.0;

/// Calls `draw` with the ends of each piece of a move. Nothing is drawn where the machine stays.
pub(super) fn chords(moved: &Move, mut draw: impl FnMut([f64; 3], [f64; 3])) {
    let (a, b) = (moved.from, moved.to);
    let Some(arc) = &moved.arc else {
        if a != b {
            draw(a, b);
        }
        return;
    };
    let widest = 2.0 * (1.0 - (DEVIATION_MM / arc.radius).min(1.0)).acos();
    let count = (arc.sweep().abs() / widest.max(1e-3)).ceil().clamp(1.0, MAX_CHORDS) as u32;
    let mut last = a;
    for (n, [x, y]) in (1..).zip(arc.chords(count)) {
        let part = f64::from(n) / f64::from(count);
        let next = if n == count { b } else { [x, y, a[2] + (b[2] - a[2]) * part] };
        draw(last, next);
        last = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parser::{Command, MotionState};

    fn drawn(lines: &[&str]) -> Vec<[f64; 3]> {
        let mut state = MotionState::default();
        let mut points = Vec::new();
        for line in lines {
            if let Some(moved) = Command::of(line).and_then(|command| state.follow(&command)) {
                chords(&moved, |_, b| points.push(b));
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
        assert_eq!(drawn(&["G2 X1 J-99999999999999"]).len(), 1, "nearly straight");
        assert!(drawn(&["G2 I99999999999999"]).len() <= 180);
        assert_eq!(drawn(&["G2 X5"]).len(), 1, "without a centre it is a line");
    }
}
