//! The ONNX form of a detector: our grid models, run by ONNX Runtime.

use crate::cells::Cells;
use crate::contract::Contract;
use crate::picture::Stretcher;
use crate::runtime_copy::RuntimeCopy;
use crate::stopwatch::Stopwatch;
use crate::{DetectError, Detector, Findings, Picture, Sight};
use domain::{Calibration, View};
use ort::environment::Environment;
use ort::session::Session;
use ort::value::TensorRef;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// A loaded grid model.
///
/// The file: one input `image`, `[1, 3, height, width]`, 32-bit floats, red, green, blue from 0 to 255, the
/// picture stretched to that size; two outputs, `cells` `[1, rows, columns]` and `probability` `[1]`, both 0 to 1.
/// Its custom metadata: `vigil.kind` = `grid`, `vigil.name`, `vigil.version`, `vigil.cell_threshold`, and
/// `vigil.p_map`, knots `[[probability, p], …]` in JSON. It may also tell `vigil.levels`, what the mean of its
/// hottest cells means ([`domain::Levels`], in JSON), and `vigil.smallest`, the width of the smallest failure that
/// it notices seven times in ten, as a share of the picture's width.
pub struct OnnxDetector {
    session: Session,
    contract: Contract,
    stretcher: Stretcher,
    calibration: Arc<Calibration>,
}

/// The library is loaded once for the process: it cannot be taken out again.
static ENVIRONMENT: Mutex<Option<(Environment, RuntimeCopy)>> = Mutex::new(None);

impl OnnxDetector {
    /// Loads the library (the first time) and a model.
    ///
    /// # Errors
    /// When either is missing, cannot be loaded, or does not fit; never panics.
    pub fn load(runtime: &Path, model: &Path) -> Result<Self, DetectError> {
        // A library of the same name that is none makes the loader panic.
        catch_unwind(AssertUnwindSafe(|| Self::load_unguarded(runtime, model)))
            .unwrap_or_else(|_| Err(runtime_error(runtime, "it crashed while it was loaded")))
    }

    fn load_unguarded(runtime: &Path, model: &Path) -> Result<Self, DetectError> {
        if !model.is_file() {
            return Err(DetectError::NoModel { looked: vec![model.to_path_buf()] });
        }
        let environment = environment(runtime)?;
        let session = open(&environment, model).map_err(|e| DetectError::model(model, e))?;
        Self::new(session, model)
    }

    /// Takes a session of a grid model.
    pub(crate) fn new(mut session: Session, model: &Path) -> Result<Self, DetectError> {
        let contract = Contract::of(&session).map_err(|reason| DetectError::model(model, reason))?;
        let stretcher = Stretcher::new(contract.width, contract.height);
        // The first run is slow and finds what does not fit: better now than on the first picture.
        let blank = vec![0.0; 3 * contract.width as usize * contract.height as usize];
        run(&mut session, &contract, &blank).map_err(|e| DetectError::model(model, e))?;
        let calibration = Arc::new(Calibration {
            model: contract.name.clone(),
            p_map: contract.p_map.clone(),
            levels: contract.levels,
        });
        Ok(Self { session, contract, stretcher, calibration })
    }
}

impl OnnxDetector {
    /// Width and height of its input, pixels.
    pub(crate) fn input_size(&self) -> (u32, u32) {
        (self.contract.width, self.contract.height)
    }
}

impl Detector for OnnxDetector {
    fn detect(&mut self, picture: &Picture) -> Result<Findings, DetectError> {
        let whole = Stopwatch::start();
        let planes = self.stretcher.planes(picture)?;
        let watch = Stopwatch::start();
        let grid = run(&mut self.session, &self.contract, planes)?;
        let inference_ms = watch.ms();
        let cells = Cells { values: &grid.cells, columns: grid.columns };
        Ok(Findings {
            probability: grid.probability,
            p: self.contract.p_map.p(grid.probability),
            boxes: cells.boxes(self.contract.cell_threshold, (picture.width, picture.height)),
            view: View::Whole,
            cells: cells.bytes(),
            cell_columns: grid.columns as u16,
            calibration: Some(self.calibration.clone()),
            scene: None,
            inference_ms,
            total_ms: whole.ms(),
        })
    }

    fn name(&self) -> String {
        self.contract.name.clone()
    }

    fn sight(&self) -> Sight {
        Sight { input: self.input_size(), parts: true, smallest: self.contract.smallest }
    }
}

/// What a model answers, checked.
struct Grid {
    cells: Vec<f32>,
    columns: usize,
    probability: f64,
}

fn run(session: &mut Session, contract: &Contract, planes: &[f32]) -> Result<Grid, DetectError> {
    let shape = [1, 3, contract.height as usize, contract.width as usize];
    let input = TensorRef::from_array_view((shape, planes)).map_err(DetectError::inference)?;
    let outputs = session.run(ort::inputs!["image" => input]).map_err(DetectError::inference)?;
    let (shape, cells) = outputs["cells"].try_extract_tensor::<f32>().map_err(DetectError::inference)?;
    let (_, probability) =
        outputs["probability"].try_extract_tensor::<f32>().map_err(DetectError::inference)?;
    let columns = match **shape {
        [1, rows, columns]
            if rows > 0 && (1..=4096).contains(&columns) && rows * columns == cells.len() as i64 =>
        {
            columns as usize
        }
        _ => return Err(DetectError::inference(format!("its cells are {shape:?}"))),
    };
    let &[probability] = probability else {
        return Err(DetectError::inference(format!("it gave {} probabilities", probability.len())));
    };
    // Also catches NaN, which would otherwise look like "nothing wrong".
    let unsound = |v: &&f32| !(0.0..=1.0).contains(*v);
    if let Some(value) = std::iter::once(&probability).chain(cells).find(unsound) {
        return Err(DetectError::inference(format!("it gave {value} where a probability belongs")));
    }
    Ok(Grid { cells: cells.to_vec(), columns, probability: f64::from(probability) })
}

pub(crate) fn open(environment: &Environment, model: &Path) -> Result<Session, String> {
    let builder = Session::builder(environment).map_err(|e| e.to_string())?;
    // One thread: a second one only waits when the machine is busy, and printing comes first.
    let builder = builder.with_intra_threads(1).map_err(|e| e.to_string())?;
    let mut builder =
        builder.with_config_entry("session.intra_op.allow_spinning", "0").map_err(|e| e.to_string())?;
    builder.commit_from_file(model).map_err(|e| e.to_string())
}

pub(crate) fn environment(runtime: &Path) -> Result<Environment, DetectError> {
    let mut slot = ENVIRONMENT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((environment, _)) = &*slot {
        return Ok(environment.clone());
    }
    if !runtime.is_file() {
        return Err(DetectError::NoRuntime { looked: vec![runtime.to_path_buf()] });
    }
    // By absolute path: Windows has an old library of the same name among its own.
    let path = std::path::absolute(runtime).map_err(|e| runtime_error(runtime, e))?;
    let copy = RuntimeCopy::of(&path).map_err(|e| runtime_error(runtime, e))?;
    let builder = ort::init_from(copy.path()).map_err(|e| runtime_error(runtime, e))?;
    let environment = builder.with_name("printvigil").build().map_err(|e| runtime_error(runtime, e))?;
    Ok(slot.insert((environment, copy)).0.clone())
}

pub(crate) fn runtime_error(runtime: &Path, reason: impl ToString) -> DetectError {
    DetectError::Runtime { path: runtime.display().to_string(), reason: reason.to_string() }
}
