//! What is found in a file before it is printed.

use crate::error::blocking;
use crate::routing::{Routes, get};
use crate::{ApiError, App};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use domain::{FileId, PrinterId};
use serde::{Deserialize, Serialize};
use station::{Finding, Severity};

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
    findings: Vec<Finding>,
}

/// Returns the refusal where a person would be asked first. `elsewhere`: what to do to print it all the same.
pub(crate) fn asked_about(findings: &[Finding], elsewhere: &str) -> Option<ApiError> {
    let asked = |wanted: Severity| findings.iter().find(|found| found.severity == wanted);
    let found = asked(Severity::Stop).or_else(|| asked(Severity::Warn))?;
    let hint = format!("{} To print it all the same, {elsewhere}.", found.cure);
    Some(ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "preflight", found.what.clone(), hint.trim()))
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
