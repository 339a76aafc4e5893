//! Which layer a line belongs to: by the slicer's marks, else by the height of extruding moves.

use crate::Motion;

/// A rise of less is no new layer: vase mode climbs all the time.
const LEAST_RISE_MM: f64 = 0.04;

/// Counts layers as lines go by.
#[derive(Debug, Clone, Default)]
pub(crate) struct Layers {
    idx: Option<u32>,
    /// Marks were seen, so heights no longer count.
    marked: bool,
    /// The number on the first `; layer n`, which is 0 or 1.
    first_number: Option<i64>,
    z: Option<f64>,
}

impl Layers {
    /// Returns the layer, from 0, once one has begun.
    pub(crate) fn idx(&self) -> Option<u32> {
        self.idx
    }

    /// Takes in a raw line. Returns whether the slicer marks layers and this is its first mark.
    pub(crate) fn mark(&mut self, raw: &[u8]) -> bool {
        let Some(comment) = raw.trim_ascii().strip_prefix(b";") else { return false };
        let Ok(comment) = std::str::from_utf8(comment) else { return false };
        let comment = comment.trim();
        let first = !self.marked;
        if comment == "LAYER_CHANGE" || comment == "CHANGE_LAYER" {
            self.idx = if first { Some(0) } else { self.idx.map(|i| i + 1) };
        } else if let Some(n) = comment.strip_prefix("LAYER:").and_then(|n| n.trim().parse::<i64>().ok()) {
            // Rafts count from below zero.
            self.idx = Some(n.max(0) as u32);
        } else if let Some(n) = comment.strip_prefix("layer ").and_then(leading_number) {
            // Some slicers write both this and LAYER_CHANGE.
            if !first && self.first_number.is_none() {
                return false;
            }
            let base = *self.first_number.get_or_insert(n);
            self.idx = Some((n - base).max(0) as u32);
        } else {
            return false;
        }
        self.marked = true;
        first
    }

    /// Takes in where a command led.
    pub(crate) fn moved(&mut self, motion: &Motion) {
        if self.marked || !motion.extruding {
            return;
        }
        match self.z {
            Some(z) if motion.z < z + LEAST_RISE_MM => (),
            Some(_) | None => {
                self.z = Some(motion.z);
                self.idx = Some(self.idx.map_or(0, |i| i + 1));
            }
        }
    }
}

fn leading_number(text: &str) -> Option<i64> {
    let len = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..len].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layers(file: &str) -> Vec<Option<u32>> {
        let (mut layers, mut motion) = (Layers::default(), Motion::default());
        let mut seen = Vec::new();
        for line in file.split('|') {
            layers.mark(line.as_bytes());
            motion.follow(line);
            layers.moved(&motion);
            seen.push(layers.idx());
        }
        seen
    }

    #[test]
    fn each_slicers_marks_are_understood() {
        let table = [
            (";LAYER:0|G1 X1 E1|;LAYER:1|G1 X2 E2", vec![Some(0), Some(0), Some(1), Some(1)]),
            (";LAYER:-2|;LAYER:0|;LAYER:1", vec![Some(0), Some(0), Some(1)]),
            (";LAYER_CHANGE|;LAYER_CHANGE", vec![Some(0), Some(1)]),
            (";LAYER_CHANGE|; layer 1|;LAYER_CHANGE", vec![Some(0), Some(0), Some(1)]),
            ("; layer 1, Z = 0.2|; layer 2, Z = 0.4", vec![Some(0), Some(1)]),
            ("; layer_height = 0.2|G28", vec![None, None]),
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
    }

    #[test]
    fn a_purge_line_before_the_first_mark_is_not_counted_on() {
        let file = "G1 Z0.3|G1 X1 E1|G1 Z2|G1 X2 E2|;LAYER_CHANGE|G1 X3 E3";
        assert_eq!(layers(file)[4..], [Some(0), Some(0)]);
    }
}
