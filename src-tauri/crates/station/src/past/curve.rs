//! The curve of one print: what the rule saw, look by look.

use crate::error::StationError;
use crate::media::print_folder;
use domain::{PrintId, PrintScale};
use serde::Serialize;
use std::path::Path;
use store::Store;
use verdict::{Mean, Tuning};

/// Points at most: more than any screen has pixels.
const POINTS: usize = 4000;

/// What our rule saw of a print.
#[derive(Debug, Default, Clone, PartialEq, Serialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(rename = "WatchCurve")]
pub struct Curve {
    /// Seconds since the print began.
    pub t: Vec<f64>,
    /// The model's p.
    pub p: Vec<f64>,
    /// What of it counted.
    pub counted: Vec<f64>,
    /// The gauge by today's sensitivity, 0 to 1.
    pub gauge: Vec<f64>,
    /// By what scale the print was judged, for people.
    pub scale: String,
}

/// Returns the curve of a print, thinned to 4000 points by their maxima. Empty when no looks were kept. Blocks.
///
/// # Errors
/// When the file of looks cannot be read.
pub(super) fn curve(root: &Path, store: &Store, print: PrintId) -> Result<Curve, StationError> {
    let (printer, scale) = store.read(|conn| {
        let scale = store::scale::of_print(conn, print)?;
        let print = store::print::get(conn, print)?;
        let printer =
            print.and_then(|print| print.printer).map(|id| store::printer::get(conn, id)).transpose()?;
        Ok((printer, scale))
    })?;
    let tuning = printer.flatten().map_or_else(Tuning::default, |printer| Tuning {
        sensitivity: printer.detective_sensitivity,
        threshold: printer.watch.threshold,
    });
    let scores =
        store::look_file::read_scores(&root.join(print_folder(print))).map_err(StationError::Thread)?;
    let mut mean = Mean::default();
    let mut curve = Curve { scale: scale_words(scale.as_ref()), ..Curve::default() };
    // A picture that was looked at whole and closer is one moment.
    let moments: Vec<_> = scores.chunk_by(|one, next| one.frame == next.frame).collect();
    for some in moments.chunks(moments.len().div_ceil(POINTS).max(1)) {
        let (mut p, mut counted, mut gauge) = (0.0_f64, 0.0_f64, 0.0_f64);
        for score in some.iter().copied().flatten() {
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
        curve
            .t
            .push(some.iter().copied().flatten().next().map_or(0.0, |score| f64::from(score.at_ms) / 1000.0));
        curve.p.push(rounded(p));
        curve.counted.push(rounded(counted));
        curve.gauge.push(rounded(gauge));
    }
    Ok(curve)
}

/// Says by what scale a print was judged.
fn scale_words(scale: Option<&PrintScale>) -> String {
    let Some(scale) = scale else {
        return "Judged by the model's scores alone: no scale of the camera was kept with this print.".into();
    };
    match &scale.known {
        None => "Nothing was known of this camera when the print began: it was judged by the model's scores, or by its own first minutes where they showed more.".into(),
        Some(known) => format!(
            "Judged by the camera's scale as it was when the print began: learnt from {:.1} h of {} good {}.",
            known.secs() / 3600.0,
            known.prints,
            if known.prints == 1 { "print" } else { "prints" },
        ),
    }
}

/// To a thousandth: what is drawn needs no more.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
