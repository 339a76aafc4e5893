//! From a model's raw boxes to findings: the best of each heap, their sum, and a map of cells. Pure.

use crate::Findings;
use domain::{Detection, PixelBox, View};

/// Boxes of one picture at most.
const MAX_BOXES: usize = 20;

/// Raw boxes looked at, at most: a broken model may call everything a failure.
const MAX_RAW: usize = 2000;

/// Two boxes that overlap by more (intersection over union) are the same thing.
const SAME_ABOVE: f32 = 0.45;

/// Cells in a row and rows of the map.
const MAP: usize = 28;

/// A box in parts of the picture, 0 to 1, not clipped.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct RawBox {
    pub(crate) left: f32,
    pub(crate) top: f32,
    pub(crate) right: f32,
    pub(crate) bottom: f32,
    pub(crate) confidence: f32,
    /// Index of its class.
    pub(crate) class: usize,
}

impl RawBox {
    fn area(&self) -> f32 {
        (self.right - self.left).max(0.0) * (self.bottom - self.top).max(0.0)
    }

    fn overlap(&self, other: &Self) -> f32 {
        let width = self.right.min(other.right) - self.left.max(other.left);
        let height = self.bottom.min(other.bottom) - self.top.max(other.top);
        let both = width.max(0.0) * height.max(0.0);
        let either = self.area() + other.area() - both;
        if either > 0.0 { both / either } else { 0.0 }
    }

    /// Returns the box within the picture; `None` when it lies outside.
    fn clipped(&self) -> Option<Self> {
        let unit = |v: f32| v.clamp(0.0, 1.0);
        let inside = Self {
            left: unit(self.left),
            top: unit(self.top),
            right: unit(self.right),
            bottom: unit(self.bottom),
            ..*self
        };
        (inside.area() > 0.0).then_some(inside)
    }
}

/// Keeps the best box of each heap of overlapping ones, best first, whatever their classes: one failure that two
/// classes claim is one failure.
pub(crate) fn best_of_each(mut raw: Vec<RawBox>) -> Vec<RawBox> {
    raw.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    raw.truncate(MAX_RAW);
    let mut kept: Vec<RawBox> = Vec::new();
    for one in raw {
        if kept.iter().all(|better| better.overlap(&one) <= SAME_ABOVE) {
            kept.push(one);
        }
    }
    kept
}

/// Returns what the kept boxes of failures mean for a picture of `size`; the times are left at 0.
///
/// `p` is the sum of their confidences, as Obico's rule wants it; the probability is that not all of them are
/// wrong, `1 - product of (1 - confidence)`; a cell holds the highest confidence of a box over it.
pub(crate) fn findings(kept: &[RawBox], names: &[String], (width, height): (u32, u32)) -> Findings {
    let (width, height) = (width as f32, height as f32);
    let inside: Vec<RawBox> = kept.iter().filter_map(RawBox::clipped).collect();
    let boxes = inside.iter().take(MAX_BOXES).map(|b| Detection {
        class: names.get(b.class).cloned().unwrap_or_else(|| "failure".into()),
        confidence: b.confidence,
        area: PixelBox {
            x: b.left * width,
            y: b.top * height,
            w: (b.right - b.left) * width,
            h: (b.bottom - b.top) * height,
        },
    });
    let wrong: f64 = kept.iter().map(|b| 1.0 - f64::from(b.confidence)).product();
    Findings {
        probability: 1.0 - wrong,
        p: kept.iter().map(|b| f64::from(b.confidence)).sum(),
        boxes: boxes.collect(),
        view: View::Whole,
        cells: map(&inside),
        cell_columns: MAP as u16,
        calibration: None,
        scene: None,
        inference_ms: 0.0,
        total_ms: 0.0,
    }
}

fn map(boxes: &[RawBox]) -> Vec<u8> {
    let mut cells = vec![0; MAP * MAP];
    let from = |v: f32| (v * MAP as f32).floor() as usize;
    let to = |v: f32| ((v * MAP as f32).ceil() as usize).min(MAP);
    for b in boxes {
        let heat = (b.confidence.clamp(0.0, 1.0) * 255.0).round() as u8;
        for row in from(b.top)..to(b.bottom) {
            for cell in &mut cells[row * MAP + from(b.left).min(MAP)..row * MAP + to(b.right)] {
                *cell = heat.max(*cell);
            }
        }
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(left: f32, top: f32, right: f32, bottom: f32, confidence: f32) -> RawBox {
        RawBox { left, top, right, bottom, confidence, class: 0 }
    }

    #[test]
    fn of_a_heap_the_best_stays() {
        let kept = best_of_each(vec![
            raw(0.0, 0.0, 0.5, 0.5, 0.6),
            raw(0.02, 0.0, 0.5, 0.5, 0.9),
            raw(0.4, 0.4, 1.0, 1.0, 0.3),
        ]);
        let confidences: Vec<f32> = kept.iter().map(|b| b.confidence).collect();
        assert_eq!(confidences, [0.9, 0.3]);
    }

    #[test]
    fn sum_probability_pixels_and_cells() {
        let kept = [raw(0.25, 0.5, 0.5, 1.2, 0.8), raw(0.0, 0.0, 0.01, 0.01, 0.5)];
        let found = findings(&kept, &["spaghetti".into()], (640, 480));
        assert!((found.p - 1.3).abs() < 1e-6 && (found.probability - 0.9).abs() < 1e-6);
        let first = &found.boxes[0];
        assert_eq!(first.class, "spaghetti");
        let area = first.area;
        assert_eq!(
            (area.x, area.y, area.w, area.h),
            (160.0, 240.0, 160.0, 240.0),
            "height by height, clipped"
        );
        let hot = |column: usize, row: usize| found.cells[row * MAP + column];
        assert_eq!((hot(7, 14), hot(13, 27), hot(14, 14), hot(7, 13)), (204, 204, 0, 0));
        assert_eq!((hot(0, 0), hot(1, 0)), (128, 0));
        assert_eq!((found.cells.len(), found.cell_columns), (784, 28));
    }

    #[test]
    fn boxes_outside_count_and_are_not_drawn() {
        let found = findings(&[raw(1.2, 0.0, 1.5, 0.5, 0.5), raw(0.5, 0.5, 0.4, 0.4, 0.1)], &[], (10, 10));
        assert!(found.boxes.is_empty() && found.cells.iter().all(|c| *c == 0));
        assert!((found.p - 0.6).abs() < 1e-6);
    }

    #[test]
    fn a_model_that_sees_failures_everywhere_is_bounded() {
        let many = (0..30_000).map(|i| {
            let at = (i % 100) as f32 / 100.0;
            raw(at, at, at + 0.005, at + 0.005, 0.5)
        });
        let kept = best_of_each(many.collect());
        assert!(findings(&kept, &[], (100, 100)).boxes.len() <= MAX_BOXES);
    }
}
