//! The curve of one print: what the rule saw, look by look.

use super::Station;
use crate::station::StationError;
use domain::PrintId;
use serde::Serialize;
use verdict::{Mean, Tuning};

/// Points at most: more than any screen has pixels.
const POINTS: usize = 4000;

/// What our rule saw of a print.
#[derive(Debug, Default, Clone, PartialEq, Serialize)]
pub struct Curve {
    /// Seconds since the print began.
    pub t: Vec<f64>,
    /// The model's p.
    pub p: Vec<f64>,
    /// What of it counted.
    pub counted: Vec<f64>,
    /// The gauge by today's sensitivity, 0 to 1.
    pub gauge: Vec<f64>,
}

impl Station {
    /// Returns the curve of a print, thinned to 4000 points by their maxima. Empty when no looks were kept. Blocks.
    ///
    /// # Errors
    /// When the file of looks cannot be read.
    pub fn curve(&self, print: PrintId) -> Result<Curve, StationError> {
        let printer = self.store.read(|conn| {
            let print = store::print::get(conn, print)?;
            print.and_then(|print| print.printer).map(|id| store::printer::get(conn, id)).transpose()
        })?;
        let tuning = printer.flatten().map_or_else(Tuning::default, |printer| Tuning {
            sensitivity: printer.detective_sensitivity,
            threshold: printer.watch.threshold,
        });
        let scores =
            store::look_file::read_scores(&self.print_folder(print)).map_err(StationError::Thread)?;
        let mut mean = Mean::default();
        let mut curve = Curve::default();
        for some in scores.chunks(scores.len().div_ceil(POINTS).max(1)) {
            let (mut p, mut counted, mut gauge) = (0.0_f64, 0.0_f64, 0.0_f64);
            for score in some {
                let at_ms = u64::from(score.at_ms);
                if score.before {
                    mean.rest(at_ms);
                } else {
                    mean.take(f64::from(score.counted), tuning, at_ms);
                }
                p = p.max(f64::from(score.p));
                counted = counted.max(f64::from(score.counted));
                gauge = gauge.max(mean.gauge(tuning));
            }
            curve.t.push(some.first().map_or(0.0, |score| f64::from(score.at_ms) / 1000.0));
            curve.p.push(rounded(p));
            curve.counted.push(rounded(counted));
            curve.gauge.push(rounded(gauge));
        }
        Ok(curve)
    }
}

/// To a thousandth: what is drawn needs no more.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
