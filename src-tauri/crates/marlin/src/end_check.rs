//! Whether a print has ended where its file ends: every line acknowledged, and the head where the last ones lead.
//!
//! Invariant: what is not known proves nothing. A print that was carried out is never told to have failed: axes that a
//! macro, homing or an offset may have moved are not compared until the file moves them again.

use crate::program::ProgramLine;
use domain::Area;
use parser::Command;
use std::collections::VecDeque;

/// Printers round, and relative moves add up what was rounded, mm.
const TOLERANCE_MM: f64 = 0.5;
/// A place of the file is met so closely, mm.
const SAME_MM: f64 = 0.05;
/// Moves that are remembered, so that the first one missing can be named.
const KEPT_MOVES: usize = 512;
/// Longest text of a line that is shown.
pub(crate) const LONGEST_TEXT: usize = 60;

/// A move of the file.
#[derive(Debug, Clone)]
struct Moved {
    index: u64,
    to: [f64; 3],
    text: Box<str>,
}

/// Where the acknowledged lines lead.
#[derive(Debug, Clone, Default)]
pub(crate) struct EndCheck {
    /// By X, Y, Z: where it must be, when that is known.
    expected: [Option<f64>; 3],
    moves: VecDeque<Moved>,
    /// Least and most of what was printed, by axis.
    printed: Option<([f64; 3], [f64; 3])>,
}

/// Returns whether a command leaves the head and its coordinates where they are.
fn stays(command: &Command<'_>) -> bool {
    match command.code() {
        ('G', n) => matches!(n, 4 | 10 | 11 | 17..=21 | 90 | 91),
        ('M', n) => matches!(
            n,
            17 | 18 | 31 | 42 | 73 | 75..=78 | 82..=85 | 92 | 104..=111 | 113..=119 | 140 | 141 | 145 | 150 | 155
                | 190 | 191 | 200..=205 | 207..=211 | 220 | 221 | 300 | 301 | 304 | 355 | 400 | 412 | 413 | 420 | 486
                | 500 | 501 | 503 | 566 | 569 | 572 | 593 | 900 | 906 | 907 | 913 | 914
        ),
        _ => false,
    }
}

impl EndCheck {
    /// Takes in an acknowledged line.
    pub(crate) fn took(&mut self, line: &ProgramLine) {
        let Some(command) = Command::of(&line.text) else { return };
        let to = [line.after.x, line.after.y, line.after.z];
        let named = ['X', 'Y', 'Z'].map(|axis| command.has(axis));
        let code = command.code();
        if matches!(code, ('G', 0..=3)) {
            for axis in 0..3 {
                let known = self.expected[axis].is_some() || (named[axis] && line.after.absolute);
                self.expected[axis] = known.then_some(to[axis]).filter(|mm| mm.is_finite());
            }
            if named != [false; 3] {
                if self.moves.len() == KEPT_MOVES {
                    self.moves.pop_front();
                }
                let text = line.text.chars().take(LONGEST_TEXT).collect::<String>().into_boxed_str();
                self.moves.push_back(Moved { index: line.index, to, text });
            }
            if line.after.extruding {
                let (least, most) = self.printed.get_or_insert((to, to));
                for axis in 0..3 {
                    least[axis] = least[axis].min(to[axis]);
                    most[axis] = most[axis].max(to[axis]);
                }
            }
        } else if code == ('G', 92) && !command.has_axis() && command.has('E') {
            // Filament only.
        } else if !stays(&command) {
            *self = Self { printed: self.printed, ..Self::default() };
        }
    }

    /// Returns whether the printer's place fits.
    pub(crate) fn fits(&self, told: [f64; 4]) -> bool {
        self.expected
            .iter()
            .zip(told)
            .all(|(want, is)| want.is_none_or(|want| (want - is).abs() <= TOLERANCE_MM))
    }

    /// Returns the first line that was not carried out, when the printer's place tells one; `None` when it fits or
    /// when it may be right all the same.
    pub(crate) fn missing(&self, told: [f64; 4], area: Option<Area>) -> Option<String> {
        if self.fits(told) {
            return None;
        }
        let near = |moved: &Moved| {
            (0..3).all(|axis| self.expected[axis].is_none() || (moved.to[axis] - told[axis]).abs() <= SAME_MM)
        };
        if let Some(at) = self.moves.iter().rposition(near) {
            let next = self.moves.get(at + 1)?;
            return Some(format!("line {} (\"{}\") and what follows it", next.index, next.text));
        }
        // Firmwares cut moves that lead out of the machine, and say nothing.
        let cut = |axis: usize, want: f64| match area {
            Some(area) => want > area.max[axis] + SAME_MM || want < area.min[axis] - SAME_MM,
            None => self.printed.is_none_or(|(least, most)| want > most[axis] || want < least[axis]),
        };
        let wrong = (0..3).any(|axis| {
            self.expected[axis]
                .is_some_and(|want| (want - told[axis]).abs() > TOLERANCE_MM && !cut(axis, want))
        });
        let last = self.moves.back().filter(|_| wrong)?;
        Some(format!("line {} (\"{}\") or lines before it", last.index, last.text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::{LineKind, Place};

    /// Each line with where it leads: X, Y, Z.
    fn check(lines: &[(&str, [f64; 3])]) -> EndCheck {
        let mut check = EndCheck::default();
        for (i, (text, [x, y, z])) in lines.iter().enumerate() {
            let after = Place { x: *x, y: *y, z: *z, extruding: text.contains('E'), ..Place::default() };
            check.took(&ProgramLine {
                text: (*text).into(),
                index: i as u64 + 1,
                end: 0,
                analysed_secs: None,
                layer_idx: None,
                object: None,
                after,
                kind: LineKind::Send,
            });
        }
        check
    }

    const PRINT: [(&str, [f64; 3]); 4] = [
        ("G28", [0.0; 3]),
        ("G1 X10 Y10 Z0.2", [10.0, 10.0, 0.2]),
        ("G1 X20 Y10 E1", [20.0, 10.0, 0.2]),
        ("G1 X30 Y20 E2", [30.0, 20.0, 0.2]),
    ];

    #[test]
    fn lines_that_were_not_carried_out_are_named() {
        let told = [20.0, 10.0, 0.2, 1.0];
        let missing = check(&PRINT).missing(told, None).expect("the last move is missing");
        assert_eq!(missing, "line 4 (\"G1 X30 Y20 E2\") and what follows it");
        let missing = check(&PRINT).missing([25.0, 15.0, 0.2, 1.0], None).expect("nowhere near");
        assert!(missing.contains("line 4"), "{missing}");
    }

    #[test]
    fn an_honest_end_is_no_failure() {
        type Lines<'a> = &'a [(&'a str, [f64; 3])];
        let ends: [(Lines<'_>, [f64; 4]); 9] = [
            // Rounded.
            (&[], [30.01, 19.99, 0.2, 2.0]),
            // Homed, parked or moved by a macro at the end.
            (&[("G28 X0", [0.0, 20.0, 0.2])], [-2.0, 0.0, 0.0, 0.0]),
            (&[("END_PRINT", [30.0, 20.0, 0.2])], [0.0, 200.0, 50.0, 0.0]),
            (&[("G27 P2", [30.0, 20.0, 0.2])], [0.0, 200.0, 50.0, 0.0]),
            (&[("M860", [30.0, 20.0, 0.2])], [0.0, 200.0, 50.0, 0.0]),
            // A tool with an offset.
            (&[("T1", [30.0, 20.0, 0.2])], [55.0, 20.0, 0.2, 0.0]),
            // Parked outside of what the machine can reach.
            (&[("G1 X0 Y235", [0.0, 235.0, 0.2])], [0.0, 220.0, 0.2, 0.0]),
            // Coordinates counted anew.
            (&[("G92 X0 Y0", [0.0, 0.0, 0.2])], [12.0, 3.0, 0.2, 0.0]),
            // Words that move nothing.
            (&[("M104 S0", [30.0, 20.0, 0.2]), ("G92 E0", [30.0, 20.0, 0.2])], [30.0, 20.0, 0.2, 0.0]),
        ];
        for (end, told) in ends {
            let lines: Vec<_> = PRINT.iter().chain(end).copied().collect();
            assert_eq!(check(&lines).missing(told, None), None, "{end:?}");
        }
    }

    #[test]
    fn what_the_machine_can_reach_decides_where_it_is_told() {
        let lines: Vec<_> = PRINT.iter().copied().chain([("G1 X0 Y200", [0.0, 200.0, 0.2])]).collect();
        let area = Area { min: [0.0; 3], max: [220.0, 220.0, 250.0] };
        assert!(check(&lines).missing([15.0, 15.0, 0.2, 0.0], Some(area)).is_some());
        let area = Area { max: [220.0, 190.0, 250.0], ..area };
        assert_eq!(check(&lines).missing([0.0, 190.0, 0.2, 0.0], Some(area)), None);
    }
}
