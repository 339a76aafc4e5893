//! Which layer a line belongs to: by the slicer's marks, else by the height of extruding moves. One count for all: the
//! layer view, the list of files, and the print.

use crate::lines::comment;
use parser::Move;

/// A rise of less is no new layer.
const LEAST_RISE_MM: f64 = 0.04;
/// Thickness of a layer of which nothing is known, mm.
const USUAL_MM: f64 = 0.2;
/// What sums of decimals may be off by, mm.
const ROUNDING_MM: f64 = 1e-4;

/// How a slicer marks layers. The first kind that is seen counts; some write two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// `;LAYER_CHANGE`, `; CHANGE_LAYER`.
    Change,
    /// `;LAYER:3`. Rafts count from below zero.
    Numbered(i64),
    /// `; layer 3, Z = 0.6`.
    Spelled(i64),
}

/// Counts layers as lines go by.
#[derive(Debug, Clone, Default)]
pub(crate) struct Layers {
    idx: Option<u32>,
    /// The last mark; heights no longer count when there is one.
    mark: Option<Mark>,
    /// Height of the layer, and how thick it is, mm.
    height: Option<(f64, f64)>,
}

impl Layers {
    /// Returns the layer, from 0, once one has begun. Layers are counted, whatever their marks say.
    pub(crate) fn idx(&self) -> Option<u32> {
        self.idx
    }

    /// Takes in a line that is a comment. Returns whether the slicer marks layers and this is its first mark.
    pub(crate) fn mark(&mut self, raw: &[u8]) -> bool {
        let Some(mark) = comment(raw).and_then(read) else { return false };
        let begins = match (self.mark, mark) {
            (None, _) => {
                (self.idx, self.mark) = (Some(0), Some(mark));
                return true;
            }
            (Some(Mark::Change), Mark::Change) => true,
            // A number that comes twice is one layer, and all of a raft belongs to the first.
            (Some(Mark::Numbered(last)), Mark::Numbered(n)) => n != last && !(last < 0 && n <= 0),
            (Some(Mark::Spelled(last)), Mark::Spelled(n)) => n != last,
            (Some(Mark::Change | Mark::Numbered(_) | Mark::Spelled(_)), _) => return false,
        };
        self.mark = Some(mark);
        if begins {
            self.idx = self.idx.map(|idx| idx.saturating_add(1));
        }
        false
    }

    /// Takes in a move.
    pub(crate) fn moved(&mut self, moved: &Move) {
        if self.mark.is_some() || !moved.is_extruding() {
            return;
        }
        let z = moved.to[2];
        let Some((height, thickness)) = self.height else {
            self.height = Some((z, if z > LEAST_RISE_MM { z } else { USUAL_MM }));
            self.idx = Some(0);
            return;
        };
        let climbs = moved.from[2] < z;
        let rise = z - height;
        let (begins, height, thickness) = if climbs && rise < thickness - ROUNDING_MM {
            // A vase climbs all the time: a layer is as thick as the one before.
            (false, height, thickness)
        } else if climbs {
            (true, height + thickness, thickness)
        } else if rise >= LEAST_RISE_MM {
            (true, z, rise.min(thickness.max(USUAL_MM)))
        } else if rise < -LEAST_RISE_MM && self.idx == Some(0) {
            // What came before was a purge at some height.
            (false, z, if z > LEAST_RISE_MM { z } else { USUAL_MM })
        } else if rise < -2.0 * thickness {
            // One object after another.
            (true, z, thickness)
        } else {
            (false, height, thickness)
        };
        self.height = Some((height, thickness));
        if begins {
            self.idx = self.idx.map(|idx| idx.saturating_add(1));
        }
    }
}

/// Reads a comment as a mark.
fn read(comment: &[u8]) -> Option<Mark> {
    let comment = str::from_utf8(comment).ok()?;
    if comment == "LAYER_CHANGE" || comment == "CHANGE_LAYER" {
        return Some(Mark::Change);
    }
    if let Some(number) = comment.strip_prefix("LAYER:") {
        return whole(number.trim()).map(Mark::Numbered);
    }
    let number = comment.strip_prefix("layer ")?;
    // Other words behind it are somebody's own comment.
    let (number, rest) = number.split_once(',').unwrap_or((number, ""));
    let is_height = rest.is_empty() || rest.trim_start().starts_with(['Z', 'z']);
    whole(number.trim()).filter(|_| is_height).map(Mark::Spelled)
}

/// Reads a whole number; the largest there is when it is larger.
fn whole(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number = digits.parse().unwrap_or(i64::MAX);
    Some(if text.starts_with('-') { -number } else { number })
}

#[cfg(test)]
mod tests {
    use super::*;
    use parser::{Command, MotionState};

    fn layers(file: &str) -> Vec<Option<u32>> {
        let (mut layers, mut state) = (Layers::default(), MotionState::default());
        let mut seen = Vec::new();
        for line in file.split('|') {
            layers.mark(line.as_bytes());
            if let Some(moved) = Command::of(line).and_then(|command| state.follow(&command)) {
                layers.moved(&moved);
            }
            seen.push(layers.idx());
        }
        seen
    }

    #[test]
    fn each_slicers_marks_are_understood() {
        let table = [
            (";LAYER:0|G1 X1 E1|;LAYER:1|G1 X2 E2", vec![Some(0), Some(0), Some(1), Some(1)]),
            (";LAYER:-2|;LAYER:0|;LAYER:1", vec![Some(0), Some(0), Some(1)]),
            (";LAYER:-2|;LAYER:-1|;LAYER:1", vec![Some(0), Some(0), Some(1)]),
            (";LAYER:1|;LAYER:2|;LAYER:2|;LAYER:3", vec![Some(0), Some(1), Some(1), Some(2)]),
            (";LAYER:10|;LAYER:20|;LAYER:30", vec![Some(0), Some(1), Some(2)]),
            (";LAYER:0|;LAYER:1|;LAYER:0|;LAYER:1", vec![Some(0), Some(1), Some(2), Some(3)]),
            (";LAYER:4294967295|;LAYER:99999999999999999999999", vec![Some(0), Some(1)]),
            (";LAYER:-9223372036854775808|;LAYER:1", vec![Some(0), Some(1)]),
            (";LAYER_CHANGE|;LAYER_CHANGE", vec![Some(0), Some(1)]),
            (";LAYER_CHANGE|; layer 1|;LAYER_CHANGE", vec![Some(0), Some(0), Some(1)]),
            (";LAYER_CHANGE|;LAYER:7|;LAYER_CHANGE", vec![Some(0), Some(0), Some(1)]),
            ("; layer 1, Z = 0.2|; layer 2, Z = 0.4", vec![Some(0), Some(1)]),
            ("\t;LAYER:0|  ;LAYER:1", vec![Some(0), Some(1)]),
            ("; layer_height = 0.2|G28", vec![None, None]),
            (";layer 1 done|;layer 2 of 5|;LAYER:x|;LAYER:", vec![None; 4]),
        ];
        for (file, want) in table {
            assert_eq!(layers(file), want, "{file}");
        }
    }

    #[test]
    fn without_marks_height_decides_and_a_hop_is_no_layer() {
        let file = "G1 Z0.2|G1 X1 E1|G1 Z5|G1 X3|G1 Z0.2|G1 X5 E2|G1 Z0.4|G1 X6 E3";
        let want = [None, Some(0), Some(0), Some(0), Some(0), Some(0), Some(0), Some(1)];
        assert_eq!(layers(file), want);
        let foreign = "G1 Z0.2|G1 X1 E1|;layer 1 done|G1 Z0.4|G1 X5 E2";
        assert_eq!(layers(foreign).last(), Some(&Some(1)));
    }

    #[test]
    fn a_purge_is_no_layer_and_a_second_object_is_some() {
        let purge = "G1 Z5|G1 X9 E9|G1 Z0.2|G1 X1 E10|G1 Z0.4|G1 X2 E11";
        assert_eq!(layers(purge)[3..], [Some(0), Some(0), Some(1)]);
        let two = "G1 Z0.2|G1 X1 E1|G1 Z0.4|G1 X2 E2|G1 Z0.6|G1 X3 E3|G1 Z0.2|G1 X4 E4|G1 Z0.4|G1 X5 E5";
        assert_eq!(layers(two).last(), Some(&Some(4)));
        let marked = "G1 Z0.3|G1 X1 E1|G1 Z2|G1 X2 E2|;LAYER_CHANGE|G1 X3 E3";
        assert_eq!(
            layers(marked)[4..],
            [Some(0), Some(0)],
            "a purge before the first mark is not counted on"
        );
    }

    #[test]
    fn a_vase_has_layers_as_thick_as_its_base() {
        let mut file = String::from("M83|G1 Z0.2|G1 X50 E1");
        (1..=320)
            .for_each(|n| file += &format!("|G1 X{} Z{:.4} E0.05", n % 7, 0.2 + f64::from(n) * 0.003125));
        assert_eq!(layers(&file).last(), Some(&Some(5)), "one millimetre of 0.2 mm upon the first");
    }
}
