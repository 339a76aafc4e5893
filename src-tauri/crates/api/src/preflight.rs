//! What is found in a file before it is printed.

use crate::error::blocking;
use crate::routing::{Routes, get};
use crate::{ApiError, App};
use axum::Json;
use axum::extract::{Path, Query, State};
use domain::{FileId, PrinterId};
use serde::{Deserialize, Serialize};

pub(crate) fn routes() -> Routes {
    Routes::new().route("/vigil/files/{id}/preflight/", get(preflight))
}

#[derive(Deserialize, schemars::JsonSchema)]
struct For {
    printer: PrinterId,
}

/// What was found in a file before it is printed.
#[derive(Serialize, ts_rs::TS, schemars::JsonSchema)]
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
