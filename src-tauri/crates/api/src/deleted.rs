//! What was deleted within the hour, and bringing it back; and the printers that were removed and left a history.

use crate::error::blocking;
use crate::routing::{Routes, get};
use crate::{ApiError, App};
use axum::Json;
use axum::extract::State;
use domain::{PrinterId, Timestamp};
use serde::Serialize;
use station::{AllDeleted, BringBack, BroughtBack};

/// Things brought back at once at most.
const MOST: usize = 10_000;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .route("/vigil/deleted/", get(list).post(bring_back))
        .route("/vigil/printers/removed/", get(removed))
}

async fn list(State(app): State<App>) -> Result<Json<AllDeleted>, ApiError> {
    Ok(Json(blocking(move || app.station.deleted()).await?))
}

async fn bring_back(
    State(app): State<App>,
    Json(wanted): Json<BringBack>,
) -> Result<Json<BroughtBack>, ApiError> {
    if wanted.prints.len() + wanted.files.len() + wanted.printers.len() > MOST {
        return Err(ApiError::bad_request(format!("at most {MOST} things at once")));
    }
    let back = app.station.bring_back(wanted).await?;
    app.station.tell_queued_files().await?;
    Ok(Json(back))
}

/// A printer that is there no more; its prints still name it.
#[derive(Serialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(rename = "RemovedPrinter")]
pub(crate) struct Removed {
    id: PrinterId,
    name: String,
    removed_at: Timestamp,
}

async fn removed(State(app): State<App>) -> Result<Json<Vec<Removed>>, ApiError> {
    let store = app.station.store().clone();
    let found = blocking(move || store.read(store::printer::removed)).await?;
    Ok(Json(found.into_iter().map(|(id, name, removed_at)| Removed { id, name, removed_at }).collect()))
}
