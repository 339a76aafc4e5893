//! A single picture in all its views: the whole of it, and parts that take turns in a watched print.

use crate::{DetectError, Detector, Findings, Picture, detect_view};
use domain::{Detection, Place, View};

/// Boxes in all at most.
const MAX_BOXES: usize = 20;
/// Probabilities nearer to 0 and 1 than this are as good as those.
const SURE: f64 = 1e-6;

/// What a picture shows in all its views.
#[derive(Debug, Clone, PartialEq)]
pub struct AllViews {
    /// That the picture shows a failure, 0 to 1: in logits, the mean of the whole picture's and the hottest part's. The
    /// hottest alone would not do: of many looks at a good print, one is always hot.
    pub probability: f64,
    /// The mean of the two in the rule's input.
    pub p: f64,
    /// Boxes of both in pixels of the picture, best first.
    pub boxes: Vec<Detection>,
    /// The whole picture.
    pub whole: Findings,
    /// Its parts, in the order asked for; none where the detector sees whole pictures only.
    pub closer: Vec<Findings>,
}

/// Looks at the whole picture and at the given parts of it, one after the other.
///
/// # Errors
/// When inference fails.
pub fn detect_all(
    detector: &mut dyn Detector,
    picture: &Picture,
    parts: impl IntoIterator<Item = Place>,
) -> Result<AllViews, DetectError> {
    let whole = detect_view(detector, picture, View::Whole)?;
    let mut closer = Vec::new();
    for part in parts.into_iter().filter(|_| detector.sight().parts).collect::<Vec<_>>() {
        let found = detect_view(detector, picture, View::Closer(part))?;
        // A picture too small for parts is looked at as a whole again.
        if found.view != View::Whole {
            closer.push(found);
        }
    }
    Ok(together(whole, closer))
}

fn together(whole: Findings, closer: Vec<Findings>) -> AllViews {
    let hottest = closer.iter().max_by(|a, b| a.probability.total_cmp(&b.probability));
    let Some(hottest) = hottest else {
        let (probability, p, boxes) = (whole.probability, whole.p, whole.boxes.clone());
        return AllViews { probability, p, boxes, whole, closer };
    };
    let mean = (logit(whole.probability) + logit(hottest.probability)) / 2.0;
    AllViews {
        probability: 1.0 / (1.0 + (-mean).exp()),
        p: (whole.p + hottest.p) / 2.0,
        boxes: merged(&[&whole.boxes, &hottest.boxes]),
        whole,
        closer,
    }
}

fn logit(probability: f64) -> f64 {
    let sure = probability.clamp(SURE, 1.0 - SURE);
    (sure / (1.0 - sure)).ln()
}

/// Puts boxes of several views together, best first; of two at the same place the better one stays.
fn merged(views: &[&[Detection]]) -> Vec<Detection> {
    let mut all: Vec<&Detection> = views.iter().flat_map(|boxes| boxes.iter()).collect();
    all.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    let mut kept: Vec<Detection> = Vec::new();
    for each in all {
        if kept.len() < MAX_BOXES && !kept.iter().any(|better| same_place(better, each)) {
            kept.push(each.clone());
        }
    }
    kept
}

/// Most of the smaller box lies in the other.
fn same_place(a: &Detection, b: &Detection) -> bool {
    let (a, b) = (a.area, b.area);
    let along = |from: f32, len: f32, other: f32, other_len: f32| {
        ((from + len).min(other + other_len) - from.max(other)).max(0.0)
    };
    let common = along(a.x, a.w, b.x, b.w) * along(a.y, a.h, b.y, b.h);
    common > 0.5 * (a.w * a.h).min(b.w * b.h)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Sight;
    use domain::PixelBox;

    /// Sees as much as its picture is bright; a part is as bright as its first pixel.
    struct Brightness {
        sees_parts: bool,
    }

    impl Detector for Brightness {
        fn detect(&mut self, picture: &Picture) -> Result<Findings, DetectError> {
            let mean = picture.pixels.iter().map(|&v| f64::from(v)).sum::<f64>();
            let probability = mean / picture.pixels.len() as f64 / 255.0;
            let (width, height) = (picture.width as f32, picture.height as f32);
            let area = PixelBox { x: 0.0, y: 0.0, w: width, h: height };
            let boxes = vec![Detection { class: "failure".into(), confidence: probability as f32, area }];
            let (view, cells) = (View::Whole, vec![(probability * 255.0) as u8]);
            Ok(Findings {
                probability,
                p: probability * 2.0,
                boxes,
                view,
                cells,
                cell_columns: 1,
                calibration: None,
                scene: None,
                inference_ms: 1.0,
                total_ms: 1.0,
            })
        }

        fn name(&self) -> String {
            "brightness".into()
        }

        fn sight(&self) -> Sight {
            Sight { parts: self.sees_parts, ..Sight::default() }
        }
    }

    /// Dark, but for its right half, which is brighter.
    fn picture() -> Picture {
        let pixels = (0..128 * 128).flat_map(|at| [if at % 128 < 64 { 26 } else { 230 }; 3]);
        Picture { width: 128, height: 128, pixels: pixels.collect() }
    }

    fn halves() -> [Place; 2] {
        [0.0, 0.5].map(|x| Place { x, y: 0.0, w: 0.5, h: 1.0 })
    }

    #[test]
    fn the_whole_and_the_hottest_part_count_alike() {
        let found = detect_all(&mut Brightness { sees_parts: true }, &picture(), halves()).unwrap();
        let [dark, bright] = found.closer.as_slice() else { panic!("{} parts", found.closer.len()) };
        assert!(dark.probability < 0.11 && bright.probability > 0.89);
        assert!((found.whole.probability - 0.502).abs() < 0.01, "{}", found.whole.probability);
        // Half way, in logits, between even and ten to one.
        assert!((found.probability - 0.75).abs() < 0.01, "{}", found.probability);
        assert!((found.p - (found.whole.p + bright.p) / 2.0).abs() < 1e-9);
        let areas: Vec<f32> = found.boxes.iter().map(|b| b.area.x).collect();
        assert_eq!(areas, [64.0], "the box of the part, which the whole's holds, is the better one");
    }

    #[test]
    fn a_model_for_whole_pictures_has_one_view() {
        let found = detect_all(&mut Brightness { sees_parts: false }, &picture(), halves()).unwrap();
        assert!(found.closer.is_empty());
        assert_eq!((found.probability, found.p), (found.whole.probability, found.whole.p));
        assert_eq!(found.boxes, found.whole.boxes);
    }
}
