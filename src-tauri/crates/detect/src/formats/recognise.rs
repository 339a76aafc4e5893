//! What kind of model it is, from the shapes that it really answers with. Pure.

use super::ModelKind;
use super::boxes::RawBox;
use super::classes::MAX_CLASSES;

/// Boxes that a model may give for one picture, at most.
const MAX_ROWS: i64 = 200_000;

/// How a picture lies in a model's input.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fit {
    /// Pixels of the input.
    input: (u32, u32),
    /// The picture's pixels in it.
    pub(crate) size: (u32, u32),
    /// Free pixels left of it and above it.
    pub(crate) margin: (u32, u32),
}

impl Fit {
    /// Fills the input, without regard to the picture's shape.
    pub(crate) fn stretch(input: (u32, u32)) -> Self {
        Self { input, size: input, margin: (0, 0) }
    }

    /// Keeps the picture's shape, in the middle, with bars beside it.
    pub(crate) fn letterbox((width, height): (u32, u32), input: (u32, u32)) -> Self {
        let scale = (f64::from(input.0) / f64::from(width)).min(f64::from(input.1) / f64::from(height));
        let fitted = |side: u32, most: u32| ((f64::from(side) * scale).round() as u32).clamp(1, most);
        let size = (fitted(width, input.0), fitted(height, input.1));
        Self { input, size, margin: ((input.0 - size.0) / 2, (input.1 - size.1) / 2) }
    }

    /// Turns middle and size in pixels of the input into parts of the picture.
    pub(crate) fn place(&self, [x, y, w, h]: [f32; 4], (class, confidence): (usize, f32)) -> RawBox {
        let across = |v: f32| (v - self.margin.0 as f32) / self.size.0 as f32;
        let down = |v: f32| (v - self.margin.1 as f32) / self.size.1 as f32;
        RawBox {
            left: across(x - w / 2.0),
            top: down(y - h / 2.0),
            right: across(x + w / 2.0),
            bottom: down(y + h / 2.0),
            confidence,
            class,
        }
    }

    /// Pixels of the model's input.
    pub(crate) fn input(&self) -> (u32, u32) {
        self.input
    }
}

/// What the shapes of a model's answers say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Recognised {
    pub(crate) kind: ModelKind,
    pub(crate) classes: usize,
}

/// Tells the kind of a model from the shapes of its answers, the size of its input, and how many classes it names.
///
/// # Errors
/// What does not fit, in words for people.
pub(crate) fn recognise(
    answers: &[Vec<i64>],
    input: (u32, u32),
    named: Option<usize>,
) -> Result<Recognised, String> {
    if let [boxes, confs] = answers
        && let ([1, rows, 1, 4], [1, same, classes]) = (boxes.as_slice(), confs.as_slice())
    {
        if rows != same {
            return Err(format!("it gives {rows} boxes and {same} confidences: they do not belong together"));
        }
        return counted(ModelKind::Obico, *rows, *classes, named);
    }
    let [answer] = answers else {
        return Err(match answers {
            [first, masks, ..] if first.len() == 3 && masks.len() == 4 => {
                "it draws outlines (segmentation); a model that draws boxes (detection) is needed".into()
            }
            _ => format!("it gives {} answers, shaped {}", answers.len(), shapes(answers)),
        });
    };
    match answer.as_slice() {
        [1, rows, 6] if usual_rows(input) != *rows && *rows <= 1000 => Err(
            "it was exported with its own choice of boxes (end to end, or NMS inside): export it without, \
             in Ultralytics with `nms=False`"
                .into(),
        ),
        [1, rows, columns] if rows > columns && *columns >= 6 => {
            counted(ModelKind::Yolo5, *rows, columns - 5, named)
        }
        [1, rows, columns] if rows < columns && *rows >= 5 => {
            counted(ModelKind::Yolo8, *columns, rows - 4, named)
        }
        [_, _] => {
            Err("it names pictures as a whole (classification); a model that draws boxes (detection) is \
                       needed"
                .into())
        }
        [batch, _, _] if *batch != 1 => Err(format!("it wants {batch} pictures at once; one is needed")),
        _ => Err(format!("its answer is shaped {}, which no known kind of model has", shapes(answers))),
    }
}

fn counted(kind: ModelKind, rows: i64, classes: i64, named: Option<usize>) -> Result<Recognised, String> {
    if !(1..=MAX_ROWS).contains(&rows) || !(1..=MAX_CLASSES as i64).contains(&classes) {
        return Err(format!("it gives {rows} boxes of {classes} classes"));
    }
    let classes = classes as usize;
    match named {
        Some(named) if named != classes => Err(format!(
            "it names {named} classes and answers with {classes}: a pose, outline or rotated-box model? One that \
             draws plain boxes (detection) is needed"
        )),
        Some(_) | None => Ok(Recognised { kind, classes }),
    }
}

/// Returns how many boxes YOLOv5 gives for an input of this size: three for each field of three grids.
fn usual_rows((width, height): (u32, u32)) -> i64 {
    [8, 16, 32].iter().map(|step| i64::from(width / step) * i64::from(height / step) * 3).sum()
}

fn shapes(answers: &[Vec<i64>]) -> String {
    answers.iter().map(|shape| format!("{shape:?}")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(answers: &[&[i64]], named: Option<usize>, want: &str) {
        let answers: Vec<Vec<i64>> = answers.iter().map(|a| a.to_vec()).collect();
        let got = match recognise(&answers, (64, 64), named) {
            Ok(found) => format!("{:?} {}", found.kind, found.classes),
            Err(why) => why,
        };
        assert!(got.contains(want), "{answers:?}: {got}");
    }

    #[test]
    fn kinds_are_told_by_their_shapes() {
        check(&[&[1, 845, 1, 4], &[1, 845, 1]], None, "Obico 1");
        check(&[&[1, 252, 6]], None, "Yolo5 1");
        check(&[&[1, 252, 8]], Some(3), "Yolo5 3");
        check(&[&[1, 5, 84]], None, "Yolo8 1");
        check(&[&[1, 84, 8400]], Some(80), "Yolo8 80");
    }

    #[test]
    fn others_are_refused_with_words() {
        check(&[&[1, 845, 1, 4], &[1, 844, 1]], None, "do not belong together");
        check(&[&[1, 300, 6]], None, "nms=False");
        check(&[&[1, 37, 8400], &[1, 32, 160, 160]], None, "segmentation");
        check(&[&[1, 1000]], None, "classification");
        check(&[&[1, 56, 8400]], Some(1), "pose");
        check(&[&[2, 84, 8400]], None, "one is needed");
        check(&[&[1, 3, 8400]], None, "no known kind");
        check(&[&[1, 5000, 8400]], None, "4996 classes");
        check(&[], None, "0 answers");
        check(&[&[0, 0, 0]], None, "at once");
    }

    #[test]
    fn a_letterboxed_picture_lies_in_the_middle() {
        let fit = Fit::letterbox((1920, 1080), (640, 640));
        assert_eq!((fit.size, fit.margin), ((640, 360), (0, 140)));
        let tall = Fit::letterbox((10, 8000), (640, 640));
        assert_eq!((tall.size, tall.margin), ((1, 640), (319, 0)), "never thinner than a pixel");
        assert_eq!(Fit::stretch((416, 416)).size, (416, 416));
    }
}
