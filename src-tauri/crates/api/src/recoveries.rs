//! Prints that were cut short: what is certain of them, and the way to have done with one.

use crate::error::blocking;
use crate::printers::{Done, ask};
use crate::routing::{Routes, delete, get, post};
use crate::{ApiError, App};
use axum::Json;
use axum::extract::{Path, State};
use axum::response::NoContent;
use domain::{PrintId, Recovery};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .route("/vigil/recoveries/", get(list))
        .route("/vigil/recoveries/{print}/", delete(forget))
        .route("/vigil/recoveries/{print}/take_up/", post(take_up))
}

/// Starts the rest of the file on the printer where it was cut short. The page has asked for the person's word that
/// nothing has moved since.
async fn take_up(State(app): State<App>, Path(print): Path<PrintId>) -> Done {
    let station = app.station.clone();
    let start = blocking(move || station.take_up(print)).await?;
    let printer = start.printer().ok_or_else(|| ApiError::not_found("this printer"))?;
    ask(&app, printer, start).await
}

async fn list(State(app): State<App>) -> Result<Json<Vec<Recovery>>, ApiError> {
    let station = app.station.clone();
    blocking(move || Ok::<_, ApiError>(station.recoveries())).await.map(Json)
}

/// Nothing moves: only what was noted is thrown away.
async fn forget(State(app): State<App>, Path(print): Path<PrintId>) -> Result<NoContent, ApiError> {
    let station = app.station.clone();
    match blocking(move || Ok::<_, ApiError>(station.forget_recovery(print))).await? {
        true => Ok(NoContent),
        false => Err(ApiError::not_found("this print")),
    }
}
