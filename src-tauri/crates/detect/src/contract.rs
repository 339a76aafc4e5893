//! What a model file must say of itself to be used.

use crate::PMap;
use crate::sight;
use domain::Levels;
use ort::session::Session;
use ort::value::{Outlet, TensorElementType, ValueType};

/// Largest side of a model's input, pixels: larger ones would take seconds a picture.
const MAX_INPUT_PX: i64 = 2048;

/// A model's own words, checked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Contract {
    /// Name and version, for people.
    pub(crate) name: String,
    /// Pixels of the input.
    pub(crate) width: u32,
    /// Pixels of the input.
    pub(crate) height: u32,
    /// Cells at or above this make boxes.
    pub(crate) cell_threshold: f32,
    /// To the rule's input.
    pub(crate) p_map: PMap,
    /// What its hottest cells mean.
    pub(crate) levels: Levels,
    /// Width of the smallest failure that it notices, as a share of the picture's; `None` where the file does not tell.
    pub(crate) smallest: Option<f64>,
}

impl Contract {
    /// Reads and checks a loaded model. The error says what does not fit.
    pub(crate) fn of(session: &Session) -> Result<Self, String> {
        let metadata = session.metadata().map_err(|e| format!("its description cannot be read: {e}"))?;
        let key = |name: &str| {
            metadata.custom(name).ok_or_else(|| format!("it has no {name:?}: not made for Printvigil"))
        };
        let kind = key("vigil.kind")?;
        if kind != "grid" {
            return Err(format!(
                "it is of the kind {kind:?}, and only \"grid\" is known: made for a newer Printvigil?"
            ));
        }
        let (width, height) = input_size(session.inputs())?;
        check_output(session.outputs(), "cells", 3)?;
        check_output(session.outputs(), "probability", 1)?;
        let threshold = key("vigil.cell_threshold")?;
        let cell_threshold = match threshold.trim().parse::<f32>() {
            Ok(t) if t > 0.0 && t <= 1.0 => t,
            Ok(_) | Err(_) => {
                return Err(format!("its cell_threshold is {threshold:?}, not between 0 and 1"));
            }
        };
        let p_map = PMap::parse(&key("vigil.p_map")?)?;
        let levels = metadata.custom("vigil.levels").map(|told| Levels::parse(&told)).transpose()?;
        let levels = levels.unwrap_or_default();
        let smallest = metadata.custom("vigil.smallest").map(|told| sight::smallest(&told)).transpose()?;
        let (name, version) = (key("vigil.name")?, key("vigil.version")?);
        let name = if name.ends_with(&version) { name } else { format!("{name} {version}") };
        Ok(Self { name, width, height, cell_threshold, p_map, levels, smallest })
    }
}

/// Returns width and height of the only input, `image`.
fn input_size(inputs: &[Outlet]) -> Result<(u32, u32), String> {
    let [input] = inputs else { return Err(format!("it has {} inputs, not one", inputs.len())) };
    let shape = float_shape(input)?;
    match (input.name(), shape) {
        ("image", &[1 | -1, 3, height @ 1..=MAX_INPUT_PX, width @ 1..=MAX_INPUT_PX]) => {
            Ok((width as u32, height as u32))
        }
        (name, shape) => Err(format!("its input is {name:?} {shape:?}, not \"image\" [1, 3, height, width]")),
    }
}

fn check_output(outputs: &[Outlet], name: &str, rank: usize) -> Result<(), String> {
    let output =
        outputs.iter().find(|o| o.name() == name).ok_or_else(|| format!("it has no output {name:?}"))?;
    let shape = float_shape(output)?;
    if shape.len() == rank { Ok(()) } else { Err(format!("its output {name:?} is {shape:?}")) }
}

fn float_shape(outlet: &Outlet) -> Result<&[i64], String> {
    if let ValueType::Tensor { ty: TensorElementType::Float32, shape, .. } = outlet.dtype() {
        Ok(shape)
    } else {
        Err(format!("{:?} is {}, not a tensor of 32-bit floats", outlet.name(), outlet.dtype()))
    }
}
