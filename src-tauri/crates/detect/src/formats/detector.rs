//! Models that answer with boxes, run by ONNX Runtime.

use super::outputs::{self, Wanted};
use super::recognise::{Fit, Recognised, recognise};
use super::{ModelKind, ModelSettings, boxes, classes};
use crate::picture::{Sampling, Stretcher};
use crate::stopwatch::Stopwatch;
use crate::{DetectError, Detector, Findings, Picture, Sight};
use ort::session::Session;
use ort::value::{Outlet, TensorElementType, TensorRef, ValueType};
use std::path::Path;

/// Sides of an input, pixels: smaller ones see nothing, larger ones take seconds a picture.
const INPUT_PX: std::ops::RangeInclusive<i64> = 32..=2048;

/// Side of the input where the file leaves it open and does not tell.
const USUAL_INPUT_PX: u32 = 640;

/// Bars beside a picture are of this grey.
const BAR: f32 = 114.0 / 255.0;

/// A loaded model of Obico's or a YOLO kind.
pub struct BoxDetector {
    session: Session,
    input: String,
    size: (u32, u32),
    found: Recognised,
    names: Vec<String>,
    settings: ModelSettings,
    wanted: Wanted,
    stretcher: Option<(Fit, Stretcher)>,
}

impl BoxDetector {
    /// Takes a session that is none of our grid models; without settings the usual ones are made up.
    pub(crate) fn new(
        mut session: Session,
        path: &Path,
        settings: Option<&ModelSettings>,
    ) -> Result<Self, DetectError> {
        let refuse = |why: String| DetectError::foreign(path, why);
        let (names, size_told) = told(&session);
        let (input, size) = input(session.inputs(), size_told).map_err(refuse)?;
        // A run finds what does not fit, and shapes that the file leaves open: better now than on a picture.
        let blank = vec![0.5; 3 * size.0 as usize * size.1 as usize];
        let answers = run(&mut session, &input, size, &blank).map_err(|e| refuse(e.to_string()))?;
        let shapes: Vec<Vec<i64>> = answers.into_iter().map(|(shape, _)| shape).collect();
        let found = recognise(&shapes, size, names.as_ref().map(Vec::len)).map_err(refuse)?;
        let names = names.unwrap_or_else(|| classes::unnamed(found.classes));
        let settings = match settings {
            Some(settings) => settings.clone(),
            None => usual(found.kind, &names, path),
        };
        let wanted =
            Wanted { classes: indices(&names, &settings.failure_classes), above: settings.confidence_above };
        Ok(Self { session, input, size, found, names, settings, wanted, stretcher: None })
    }

    /// What it is.
    pub fn kind(&self) -> ModelKind {
        self.found.kind
    }

    /// Width and height of its input, pixels.
    pub fn input_size(&self) -> (u32, u32) {
        self.size
    }

    /// Names of all its classes.
    pub fn classes(&self) -> &[String] {
        &self.names
    }

    /// What is used of it.
    pub fn settings(&self) -> &ModelSettings {
        &self.settings
    }

    /// Returns whether any of its classes is a failure: without one it would never find anything.
    pub fn finds_failures(&self) -> bool {
        !self.wanted.classes.is_empty()
    }

    fn planes(&mut self, picture: &Picture) -> Result<Fit, DetectError> {
        let fit = match self.found.kind {
            ModelKind::Obico => Fit::stretch(self.size),
            ModelKind::Grid | ModelKind::Yolo5 | ModelKind::Yolo8 => {
                Fit::letterbox((picture.width, picture.height), self.size)
            }
        };
        if self.stretcher.as_ref().is_none_or(|(last, _)| *last != fit) {
            let stretcher = Stretcher::new(fit.size.0, fit.size.1).sampling(Sampling::Points);
            self.stretcher = Some((fit.clone(), stretcher));
        }
        Ok(fit)
    }
}

impl Detector for BoxDetector {
    fn detect(&mut self, picture: &Picture) -> Result<Findings, DetectError> {
        let whole = Stopwatch::start();
        let fit = self.planes(picture)?;
        let Some((_, stretcher)) = &mut self.stretcher else {
            return Err(DetectError::inference("it has no stretcher"));
        };
        let planes = laid_out(stretcher.planes(picture)?, &fit);
        let watch = Stopwatch::start();
        let answers = run(&mut self.session, &self.input, self.size, &planes)?;
        let inference_ms = watch.ms();
        let shapes: Vec<Vec<i64>> = answers.iter().map(|(shape, _)| shape.clone()).collect();
        let again = recognise(&shapes, self.size, Some(self.names.len())).map_err(DetectError::inference)?;
        if again != self.found {
            return Err(DetectError::inference("it answers differently from picture to picture"));
        }
        let raw = match (self.found.kind, answers.as_slice()) {
            (ModelKind::Obico, [(_, boxes), (_, confs)]) => {
                outputs::obico(boxes, confs, self.found.classes, &self.wanted)
            }
            (ModelKind::Yolo5, [(_, rows)]) => {
                outputs::yolo5(rows, 5 + self.found.classes, &fit, &self.wanted)
            }
            (ModelKind::Yolo8, [(shape, values)]) => {
                outputs::yolo8(values, shape[2] as usize, &fit, &self.wanted)
            }
            (ModelKind::Grid | ModelKind::Obico | ModelKind::Yolo5 | ModelKind::Yolo8, _) => {
                Err("its answers do not fit its kind".into())
            }
        };
        let kept = boxes::best_of_each(raw.map_err(DetectError::inference)?);
        let found = boxes::findings(&kept, &self.names, (picture.width, picture.height));
        Ok(Findings { inference_ms, total_ms: whole.ms(), ..found })
    }

    fn name(&self) -> String {
        self.settings.name.clone()
    }

    fn sight(&self) -> Sight {
        Sight { input: self.size, ..Sight::default() }
    }
}

/// Puts the small picture's planes, 0 to 255, into the whole input, 0 to 1.
fn laid_out(small: &[f32], fit: &Fit) -> Vec<f32> {
    let (input, size, margin) = (fit.input(), fit.size, fit.margin);
    let (input_w, width) = (input.0 as usize, size.0 as usize);
    let mut whole = vec![BAR; 3 * input_w * input.1 as usize];
    for (row, pixels) in small.chunks_exact(width).enumerate() {
        let (plane, row) = (row / size.1 as usize, row % size.1 as usize);
        let start = (plane * input.1 as usize + margin.1 as usize + row) * input_w + margin.0 as usize;
        for (to, from) in whole[start..start + width].iter_mut().zip(pixels) {
            *to = from / 255.0;
        }
    }
    whole
}

fn usual(kind: ModelKind, names: &[String], path: &Path) -> ModelSettings {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().chars().take(60).collect());
    ModelSettings {
        kind,
        name: stem.unwrap_or_else(|| "a model".into()),
        failure_classes: classes::likely_failures(names),
        confidence_above: kind.usual_confidence(),
    }
}

fn indices(names: &[String], wanted: &[String]) -> Vec<usize> {
    names.iter().enumerate().filter(|(_, name)| wanted.contains(name)).map(|(at, _)| at).collect()
}

/// What the file says of itself: names of its classes, size of its input.
fn told(session: &Session) -> (Option<Vec<String>>, Option<(u32, u32)>) {
    let Ok(metadata) = session.metadata() else { return (None, None) };
    let names =
        metadata.custom("names").and_then(|text| classes::parse_names(&text)).filter(|n| !n.is_empty());
    let sides = metadata.custom("imgsz").and_then(|text| serde_json::from_str::<(u32, u32)>(&text).ok());
    (names, sides.map(|(height, width)| (width, height)))
}

fn input(inputs: &[Outlet], told: Option<(u32, u32)>) -> Result<(String, (u32, u32)), String> {
    let [input] = inputs else { return Err(format!("it has {} inputs, not one picture", inputs.len())) };
    let ValueType::Tensor { ty, shape, .. } = input.dtype() else {
        return Err(format!("its input is {}, not a picture", input.dtype()));
    };
    if *ty == TensorElementType::Float16 {
        return Err(
            "it wants 16-bit floats: export it with 32-bit ones, in Ultralytics with `half=False`".into()
        );
    }
    if *ty != TensorElementType::Float32 {
        return Err(format!(
            "its input is {}, not 32-bit floats: export it without quantising",
            input.dtype()
        ));
    }
    let open = told.unwrap_or((USUAL_INPUT_PX, USUAL_INPUT_PX));
    let side = |given: i64, open: u32| if given == -1 { i64::from(open) } else { given };
    let &[1 | -1, 3 | -1, height, width] = &**shape else {
        return Err(format!("its input is shaped {shape:?}, not [1, 3, height, width]"));
    };
    let (width, height) = (side(width, open.0), side(height, open.1));
    if !INPUT_PX.contains(&width) || !INPUT_PX.contains(&height) {
        return Err(format!("its input is {width} x {height} pixels; 32 to 2048 a side are possible"));
    }
    Ok((input.name().to_owned(), (width as u32, height as u32)))
}

type Answer = (Vec<i64>, Vec<f32>);

fn run(
    session: &mut Session,
    input: &str,
    size: (u32, u32),
    planes: &[f32],
) -> Result<Vec<Answer>, DetectError> {
    let shape = [1, 3, size.1 as usize, size.0 as usize];
    let tensor = TensorRef::from_array_view((shape, planes)).map_err(DetectError::inference)?;
    let outputs = session.run(ort::inputs![input => tensor]).map_err(DetectError::inference)?;
    let mut answers = Vec::new();
    for (name, value) in outputs.iter() {
        let (shape, numbers) = value.try_extract_tensor::<f32>().map_err(|_| {
            DetectError::inference(format!("its answer {name:?} is no tensor of 32-bit floats"))
        })?;
        // Also of what is not wanted: it would come to light only when somebody wants it.
        if numbers.iter().any(|number| number.is_nan()) {
            return Err(DetectError::inference(format!("its answer {name:?} holds NaN, which is no number")));
        }
        answers.push((shape.to_vec(), numbers.to_vec()));
    }
    Ok(answers)
}
