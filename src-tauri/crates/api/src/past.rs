//! What is known of a print moment by moment: temperatures, kept frames, looks. Each as columns of equal length.

use crate::error::blocking;
use crate::{ApiError, App};
use axum::extract::{Path, State};
use axum::routing::get;
use axum::{Json, Router};
use domain::{Detection, FrameId, PrintId, Timestamp};
use serde::Serialize;
use std::collections::BTreeMap;
use store::{Connection, StoreError};

/// Rows of a column at most; longer ones are thinned evenly.
const MOST: usize = 20_000;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/vigil/prints/{id}/temperatures/", get(temperatures))
        .route("/vigil/prints/{id}/frames/", get(frames))
        .route("/vigil/prints/{id}/looks/", get(looks))
}

/// Reads something of a print, knowing when it began.
async fn read<T: Send + 'static>(
    app: &App,
    id: PrintId,
    read: impl FnOnce(&Connection, Timestamp) -> Result<T, StoreError> + Send + 'static,
) -> Result<Json<T>, ApiError> {
    let store = app.station.store().clone();
    let found = blocking(move || {
        store.read(move |conn| match store::print::get(conn, id)? {
            Some(print) => read(conn, print.started_at).map(Some),
            None => Ok(None),
        })
    });
    found.await?.map(Json).ok_or_else(|| ApiError::not_found("this print"))
}

/// Every so many rows are shown.
fn step(rows: usize) -> usize {
    rows.div_ceil(MOST).max(1)
}

#[derive(Default, Serialize, ts_rs::TS)]
#[ts(rename = "HeaterCurve")]
pub(crate) struct Heater {
    actual: Vec<Option<f64>>,
    target: Vec<Option<f64>>,
}

#[derive(Default, Serialize, ts_rs::TS)]
#[ts(rename = "PrintHeat")]
pub(crate) struct Temperatures {
    /// Seconds since the print began.
    t: Vec<f64>,
    heaters: BTreeMap<String, Heater>,
}

async fn temperatures(
    State(app): State<App>,
    Path(id): Path<PrintId>,
) -> Result<Json<Temperatures>, ApiError> {
    read(&app, id, move |conn, began| {
        let rows = store::temperature::of_print(conn, id)?;
        let rows: Vec<_> = rows.iter().step_by(step(rows.len())).collect();
        let mut all = Temperatures::default();
        for name in rows.iter().flat_map(|row| row.heaters.keys()) {
            if !all.heaters.contains_key(name) {
                all.heaters.insert(name.clone(), Heater::default());
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
        Ok(all)
    })
    .await
}

#[derive(Default, Serialize, ts_rs::TS)]
#[ts(rename = "PrintFrames")]
pub(crate) struct Frames {
    /// Seconds since the print began.
    t: Vec<f64>,
    id: Vec<FrameId>,
    line: Vec<Option<u64>>,
    layer: Vec<Option<u32>>,
    why: Vec<String>,
    /// Relative URLs of the pictures.
    url: Vec<String>,
    /// Pixels of the last picture.
    width: Option<u32>,
    height: Option<u32>,
}

async fn frames(State(app): State<App>, Path(id): Path<PrintId>) -> Result<Json<Frames>, ApiError> {
    read(&app, id, move |conn, began| {
        let rows = store::frame::of_print(conn, id, &[])?;
        let mut all = Frames {
            width: rows.last().map(|row| row.width),
            height: rows.last().map(|row| row.height),
            ..Frames::default()
        };
        let step = step(rows.len());
        for row in rows.into_iter().step_by(step) {
            all.t.push(row.taken_at.secs_since(began));
            all.id.push(row.id);
            all.line.push(row.line);
            all.layer.push(row.layer_idx);
            all.why.push(row.why);
            all.url.push(format!("/{}", row.path));
        }
        Ok(all)
    })
    .await
}

#[derive(Default, Serialize, ts_rs::TS)]
#[ts(rename = "PrintLooks")]
pub(crate) struct Looks {
    /// Seconds since the print began.
    t: Vec<f64>,
    frame: Vec<FrameId>,
    boxes: Vec<Vec<Detection>>,
    /// The gauge, 0 to 1.
    level: Vec<f64>,
    line: Vec<Option<u64>>,
    layer: Vec<Option<u32>>,
}

async fn looks(State(app): State<App>, Path(id): Path<PrintId>) -> Result<Json<Looks>, ApiError> {
    read(&app, id, move |conn, began| {
        let mut all = Looks::default();
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
        Ok(all)
    })
    .await
}
