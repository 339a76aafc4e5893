//! Reads a darknet weights file: a head, then the numbers of each convolution.

use super::plan::{Conv, Plan, Then};
use std::io::Read;

/// Added to a variance before its root is taken.
const TINY: f32 = 0.00001;

/// A convolution's numbers, normalisation folded in.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Weights {
    pub(crate) bias: Vec<f32>,
    /// Channels out, channels in, rows, columns.
    pub(crate) kernel: Vec<f32>,
}

/// Reads all convolutions of a file of `size` bytes.
///
/// # Errors
/// In words for people, when the file is of another network, damaged, or cannot be read.
pub(crate) fn read(plan: &Plan, size: u64, from: &mut impl Read) -> Result<Vec<Weights>, String> {
    let head = head(from)?;
    let wanted = head + 4 * plan.numbers() as u64;
    if size != wanted {
        return Err(format!(
            "These weights have {size} bytes, and Obico's network needs {wanted}: the file is {}, or of another \
             network. Download it again; other darknet networks must be exported to ONNX.",
            if size < wanted { "cut off" } else { "too long" }
        ));
    }
    plan.convs().map(|conv| one(conv, from)).collect()
}

/// Reads the head and returns its length.
fn head(from: &mut impl Read) -> Result<u64, String> {
    let mut version = [0; 12];
    from.read_exact(&mut version).map_err(|_| too_short())?;
    let number =
        |at: usize| i32::from_le_bytes([version[at], version[at + 1], version[at + 2], version[at + 3]]);
    let (major, minor) = (number(0), number(4));
    if !(0..=9).contains(&major) || !(0..=9).contains(&minor) {
        return Err(format!("This is no darknet weights file (version {major}.{minor}). Download it again."));
    }
    let pictures_seen = if major * 10 + minor >= 2 { 8 } else { 4 };
    from.read_exact(&mut [0; 8][..pictures_seen]).map_err(|_| too_short())?;
    Ok(12 + pictures_seen as u64)
}

fn too_short() -> String {
    "This file is too short for darknet weights. Download it again.".into()
}

fn one(conv: Conv, from: &mut impl Read) -> Result<Weights, String> {
    let mut bias = floats(conv.to, from)?;
    let mut factors = vec![1.0; conv.to];
    if conv.then == Then::NormAndLeaky {
        let (scales, means, variances) =
            (floats(conv.to, from)?, floats(conv.to, from)?, floats(conv.to, from)?);
        for at in 0..conv.to {
            if variances[at] < 0.0 {
                return Err(damaged());
            }
            factors[at] = scales[at] / (variances[at] + TINY).sqrt();
            bias[at] -= means[at] * factors[at];
        }
    }
    let mut kernel = floats(conv.weights(), from)?;
    for (of_one, factor) in kernel.chunks_exact_mut(conv.weights() / conv.to).zip(factors) {
        of_one.iter_mut().for_each(|w| *w *= factor);
    }
    Ok(Weights { bias, kernel })
}

fn floats(count: usize, from: &mut impl Read) -> Result<Vec<f32>, String> {
    let mut bytes = vec![0; count * 4];
    from.read_exact(&mut bytes)
        .map_err(|e| format!("The weights cannot be read: {e}. Download them again."))?;
    let numbers: Vec<f32> =
        bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
    if numbers.iter().all(|n| n.is_finite()) { Ok(numbers) } else { Err(damaged()) }
}

fn damaged() -> String {
    "These weights hold numbers that mean nothing: the file is damaged. Download it again.".into()
}
