//! What the machine can reach, as M115 and M211 tell it.

use crate::number;
use domain::Area;

/// Reads the number at the start.
pub(crate) fn leading(text: &str) -> Option<f64> {
    number::leading(text.trim_start()).map(|(value, _)| value)
}

/// Reads `{full:{min:{x:..,y:..,z:..},max:{..}},work:..}`; what the machine can reach is `full`.
pub(crate) fn area(text: &str) -> Option<Area> {
    let place = |part: &str| {
        let axis = |name: &str| leading(part.split(name).nth(1)?);
        Some([axis("x:")?, axis("y:")?, axis("z:")?])
    };
    let min = place(text.split("min:{").nth(1)?.split('}').next()?)?;
    let max = place(text.split("max:{").nth(1)?.split('}').next()?)?;
    real(Area { min, max })
}

/// Reads M211's `Soft endstops: On  Min: X0.00 Y0.00 Z0.00  Max: X200.00 Y200.00 Z200.00`, with or without blanks.
pub(crate) fn soft_ends(line: &str) -> Option<Area> {
    let (_, ends) = line.split_once("Min:")?;
    let (min, max) = ends.split_once("Max:")?;
    let place = |part: &str| {
        let axis = |name: char| leading(part.split(name).nth(1)?.trim_start_matches([':', ' ']));
        Some([axis('X')?, axis('Y')?, axis('Z')?])
    };
    real(Area { min: place(min)?, max: place(max)? })
}

/// A machine has some size, and none is larger than a room.
fn real(area: Area) -> Option<Area> {
    let fits = |i: usize| (1.0..=10_000.0).contains(&(area.max[i] - area.min[i]));
    (0..3).all(fits).then_some(area)
}
