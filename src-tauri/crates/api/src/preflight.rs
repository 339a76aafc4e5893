//! What is found in a file before it is printed.

use crate::error::blocking;
use crate::{ApiError, App};
use axum::extract::{Path, Query, State};
use axum::routing::get;
use axum::{Json, Router};
use domain::{FileId, PrinterId};
use serde::{Deserialize, Serialize};

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/vigil/files/{id}/preflight/", get(preflight))
}

#[derive(Deserialize)]
struct For {
    printer: PrinterId,
}

/// What was found in a file before it is printed.
#[derive(Serialize, ts_rs::TS)]
pub(crate) struct Preflight {
    findings: Vec<station::Finding>,
}

async fn preflight(
    State(app): State<App>,
    Path(id): Path<FileId>,
    Query(query): Query<For>,
) -> Result<Json<Preflight>, ApiError> {
    let station = app.station.clone();
    let findings = blocking(move || station.preflight(id, query.printer)).await?;
    Ok(Json(Preflight { findings }))
}
