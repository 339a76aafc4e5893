//! What is known of a print moment by moment: temperatures, kept frames, looks. Each as columns of equal length.

use domain::{Detection, FrameId, PrintId, Timestamp};
use serde::Serialize;
use std::collections::BTreeMap;
use store::{Connection, StoreError};

/// Rows of a column at most; longer ones are thinned evenly.
const MOST: usize = 20_000;

/// Every so many rows are shown.
fn step(rows: usize) -> usize {
    rows.div_ceil(MOST).max(1)
}

/// Returns when a print began; `None` when there is none of this number.
fn began(conn: &Connection, id: PrintId) -> Result<Option<Timestamp>, StoreError> {
    Ok(store::print::get(conn, id)?.map(|print| print.started_at))
}

/// One heater over the time of a print, °C; null where it was not told.
#[derive(Debug, Default, Serialize, ts_rs::TS, schemars::JsonSchema)]
pub struct HeaterCurve {
    /// What was measured.
    pub actual: Vec<Option<f64>>,
    /// What was wanted.
    pub target: Vec<Option<f64>>,
}

/// The temperatures of a print.
#[derive(Debug, Default, Serialize, ts_rs::TS, schemars::JsonSchema)]
pub struct PrintHeat {
    /// Seconds since the print began.
    pub t: Vec<f64>,
    /// By heater.
    pub heaters: BTreeMap<String, HeaterCurve>,
}

impl PrintHeat {
    pub(super) fn of(conn: &Connection, id: PrintId) -> Result<Option<Self>, StoreError> {
        let Some(began) = began(conn, id)? else { return Ok(None) };
        let rows = store::temperature::of_print(conn, id)?;
        let rows: Vec<_> = rows.iter().step_by(step(rows.len())).collect();
        let mut all = Self::default();
        for name in rows.iter().flat_map(|row| row.heaters.keys()) {
            if !all.heaters.contains_key(name) {
                all.heaters.insert(name.clone(), HeaterCurve::default());
            }
        }
        for row in rows {
            all.t.push(row.at.secs_since(began));
            for (name, heater) in &mut all.heaters {
                let known = row.heaters.get(name);
                heater.actual.push(known.map(|(actual, _)| *actual));
                heater.target.push(known.and_then(|(_, target)| *target));
            }
        }
        Ok(Some(all))
    }
}

/// The pictures that are kept of a print.
#[derive(Debug, Default, Serialize, ts_rs::TS, schemars::JsonSchema)]
pub struct PrintFrames {
    /// Seconds since the print began.
    pub t: Vec<f64>,
    /// Their numbers.
    pub id: Vec<FrameId>,
    /// Line of the file that was acknowledged last.
    pub line: Vec<Option<u64>>,
    /// Layer, from 0.
    pub layer: Vec<Option<u32>>,
    /// Why each is kept.
    pub why: Vec<String>,
    /// Relative URLs of the pictures.
    pub url: Vec<String>,
    /// Width of the last picture, pixels.
    pub width: Option<u32>,
    /// Its height, pixels.
    pub height: Option<u32>,
}

impl PrintFrames {
    pub(super) fn of(conn: &Connection, id: PrintId) -> Result<Option<Self>, StoreError> {
        let Some(began) = began(conn, id)? else { return Ok(None) };
        let rows = store::frame::of_print(conn, id, &[])?;
        let last = rows.last();
        let (width, height) = (last.map(|row| row.width), last.map(|row| row.height));
        let mut all = Self { width, height, ..Self::default() };
        let step = step(rows.len());
        for row in rows.into_iter().step_by(step) {
            all.t.push(row.taken_at.secs_since(began));
            all.id.push(row.id);
            all.line.push(row.line);
            all.layer.push(row.layer_idx);
            all.why.push(row.why);
            all.url.push(format!("/{}", row.path));
        }
        Ok(Some(all))
    }
}

/// The looks at a print.
#[derive(Debug, Default, Serialize, ts_rs::TS, schemars::JsonSchema)]
pub struct PrintLooks {
    /// Seconds since the print began.
    pub t: Vec<f64>,
    /// The frames that were looked at.
    pub frame: Vec<FrameId>,
    /// What was found in each.
    pub boxes: Vec<Vec<Detection>>,
    /// The gauge, 0 to 1.
    pub level: Vec<f64>,
    /// Line of the file that was acknowledged last.
    pub line: Vec<Option<u64>>,
    /// Layer, from 0.
    pub layer: Vec<Option<u32>>,
}

impl PrintLooks {
    pub(super) fn of(conn: &Connection, id: PrintId) -> Result<Option<Self>, StoreError> {
        let Some(began) = began(conn, id)? else { return Ok(None) };
        let mut all = Self::default();
        let rows = store::look::of_print(conn, id)?;
        let step = step(rows.len());
        for row in rows.into_iter().step_by(step) {
            all.t.push(row.taken_at.secs_since(began));
            all.frame.push(row.frame);
            all.boxes.push(row.boxes);
            all.level.push(row.state.normalized_p);
            all.line.push(row.line);
            all.layer.push(row.layer_idx);
        }
        Ok(Some(all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_columns_are_thinned_evenly() {
        assert_eq!([0, 1, MOST, MOST + 1, 5 * MOST].map(step), [1, 1, 1, 2, 5]);
    }
}
