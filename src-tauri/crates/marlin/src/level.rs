//! Levelling the bed by hand: the way to one of its points.

use crate::recipe::num;
use domain::{LEVEL_LIFT_MM, RefusedReason};

/// Feed rates, mm a minute: sideways, and up and down.
const FEED_XY: f64 = 3000.0;
const FEED_Z: f64 = 300.0;

/// Returns the lines to a point of the bed: up, sideways, down to Z 0. Never sideways below the lift, and never down before
/// the nozzle is there; a nozzle that is higher already stays so until then.
///
/// # Errors
/// When not all axes were homed: nobody knows how high the nozzle is.
pub(crate) fn level_point(
    [x, y]: [f64; 2],
    homed: [bool; 3],
    at: Option<[f64; 4]>,
) -> Result<[String; 5], (RefusedReason, String)> {
    if homed != [true; 3] {
        let why = "the printer was not homed: home all axes first";
        return Err((RefusedReason::OutOfRange, why.into()));
    }
    let lift = at.map_or(LEVEL_LIFT_MM, |[_, _, z, _]| z.max(LEVEL_LIFT_MM));
    Ok([
        "G90".into(),
        format!("G1 Z{} F{}", num(lift), num(FEED_Z)),
        format!("G1 X{} Y{} F{}", num(x), num(y), num(FEED_XY)),
        format!("G1 Z0 F{}", num(FEED_Z)),
        "M114".into(),
    ])
}
