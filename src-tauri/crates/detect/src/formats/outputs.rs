//! The numbers that each kind of model answers with. Pure: slices in, boxes out.

use super::boxes::RawBox;
use super::recognise::Fit;

/// What counts: which classes, and above which confidence.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// Indices of the classes that are failures.
    pub(crate) classes: Vec<usize>,
    /// Strictly above.
    pub(crate) above: f32,
}

impl Wanted {
    /// Returns the best wanted class of a row and its confidence, each class' score taken times `factor`.
    fn best(&self, score: impl Fn(usize) -> f32, factor: f32) -> Result<Option<(usize, f32)>, String> {
        let mut best: Option<(usize, f32)> = None;
        for &class in &self.classes {
            let confidence = probability(score(class) * factor)?;
            if confidence > self.above && best.is_none_or(|(_, b)| confidence > b) {
                best = Some((class, confidence));
            }
        }
        Ok(best)
    }
}

/// Lets rounding pass, and nothing else: NaN would otherwise look like "nothing wrong".
fn probability(value: f32) -> Result<f32, String> {
    if (-0.001..=1.001).contains(&value) {
        Ok(value.clamp(0.0, 1.0))
    } else {
        Err(format!("it gave {value} where a probability belongs"))
    }
}

fn sound(raw: RawBox) -> Result<RawBox, String> {
    if [raw.left, raw.top, raw.right, raw.bottom].iter().all(|v| v.is_finite()) {
        Ok(raw)
    } else {
        Err("it gave a box without a place".into())
    }
}

/// Obico's: `boxes` of `x1, y1, x2, y2` in parts of the picture, `confs` of `classes` numbers each.
pub(crate) fn obico(
    boxes: &[f32],
    confs: &[f32],
    classes: usize,
    wanted: &Wanted,
) -> Result<Vec<RawBox>, String> {
    let rows = boxes.chunks_exact(4).zip(confs.chunks_exact(classes));
    let found = rows.filter_map(|(at, scores)| match wanted.best(|class| scores[class], 1.0) {
        Ok(None) => None,
        Ok(Some((class, confidence))) => {
            Some(sound(RawBox { left: at[0], top: at[1], right: at[2], bottom: at[3], confidence, class }))
        }
        Err(why) => Some(Err(why)),
    });
    found.collect()
}

/// YOLOv5's: rows of `x, y, w, h` in pixels of the input, objectness, then a score for each class.
pub(crate) fn yolo5(rows: &[f32], columns: usize, fit: &Fit, wanted: &Wanted) -> Result<Vec<RawBox>, String> {
    let found = rows.chunks_exact(columns).filter_map(|row| {
        let objectness = match probability(row[4]) {
            Ok(objectness) => objectness,
            Err(why) => return Some(Err(why)),
        };
        match wanted.best(|class| row[5 + class], objectness) {
            Ok(None) => None,
            Ok(Some(best)) => Some(sound(fit.place([row[0], row[1], row[2], row[3]], best))),
            Err(why) => Some(Err(why)),
        }
    });
    found.collect()
}

/// YOLOv8's: the same turned by a quarter and without objectness, `columns` boxes.
pub(crate) fn yolo8(
    values: &[f32],
    columns: usize,
    fit: &Fit,
    wanted: &Wanted,
) -> Result<Vec<RawBox>, String> {
    let value = |row: usize, column: usize| values[row * columns + column];
    let found = (0..columns).filter_map(|at| match wanted.best(|class| value(4 + class, at), 1.0) {
        Ok(None) => None,
        Ok(Some(best)) => {
            Some(sound(fit.place([value(0, at), value(1, at), value(2, at), value(3, at)], best)))
        }
        Err(why) => Some(Err(why)),
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: [usize; 2] = [0, 1];

    fn wanted(classes: &[usize]) -> Wanted {
        Wanted { classes: classes.to_vec(), above: 0.25 }
    }

    /// A picture of 200 x 100 in a model of 64 x 64: 64 x 32, with bars of 16 above and below.
    fn wide() -> Fit {
        Fit::letterbox((200, 100), (64, 64))
    }

    fn text(found: Result<Vec<RawBox>, String>) -> Vec<String> {
        let line = |b: &RawBox| {
            format!(
                "{:.2},{:.2}-{:.2},{:.2} {:.2} class {}",
                b.left, b.top, b.right, b.bottom, b.confidence, b.class
            )
        };
        found.map_or_else(|why| vec![why], |found| found.iter().map(line).collect())
    }

    #[test]
    fn obico_rows_are_places_in_the_picture() {
        let boxes = [0.1, 0.2, 0.3, 0.4, 0.5, 0.5, 1.5, 0.6];
        let found = text(obico(&boxes, &[0.25, 0.9], 1, &wanted(&[0])));
        assert_eq!(found, ["0.50,0.50-1.50,0.60 0.90 class 0"], "strictly above, not clipped");
    }

    #[test]
    fn yolo5_multiplies_by_objectness_and_undoes_the_bars() {
        let rows = [32.0, 32.0, 32.0, 16.0, 0.8, 0.5, 1.0, 1.0, 1.0, 1.0, 1.0, 0.1, 1.0, 1.0];
        let found = text(yolo5(&rows, 7, &wide(), &wanted(&BOTH)));
        assert_eq!(found, ["0.25,0.25-0.75,0.75 0.80 class 1"]);
        assert_eq!(text(yolo5(&rows, 7, &wide(), &wanted(&[0]))), ["0.25,0.25-0.75,0.75 0.40 class 0"]);
    }

    #[test]
    fn yolo8_is_read_by_columns() {
        // Two boxes, two classes.
        let values = [32.0, 0.0, 32.0, 16.0, 64.0, 8.0, 32.0, 8.0, 0.3, 0.1, 0.9, 0.2];
        assert_eq!(text(yolo8(&values, 2, &wide(), &wanted(&BOTH))), ["0.00,0.00-1.00,1.00 0.90 class 1"]);
        assert_eq!(text(yolo8(&values, 2, &wide(), &wanted(&[0]))), ["0.00,0.00-1.00,1.00 0.30 class 0"]);
    }

    #[test]
    fn nonsense_is_an_error_and_never_nothing() {
        let one = wanted(&[0]);
        for score in [f32::NAN, f32::INFINITY, 1.5, -0.5] {
            assert!(obico(&[0.0; 4], &[score], 1, &one).is_err(), "{score}");
            assert!(yolo8(&[1.0, 1.0, 1.0, 1.0, score], 1, &wide(), &one).is_err(), "{score}");
            assert!(yolo5(&[1.0, 1.0, 1.0, 1.0, score, 1.0], 6, &wide(), &one).is_err(), "{score}");
        }
        assert!(obico(&[f32::NAN, 0.0, 0.0, 0.0], &[0.9], 1, &one).is_err());
    }
}
