//! Prints that were cut short: what is certain of them, and the way to have done with one.

use crate::error::blocking;
use crate::printers::{Done, ask};
use crate::{ApiError, App};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use domain::{PastTimes, PrintId, Recovery, Request};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/vigil/recoveries/", get(list))
        .route("/vigil/recoveries/{print}/", delete(forget))
        .route("/vigil/recoveries/{print}/take_up/", post(take_up))
}

/// Starts the rest of the file on the printer where it was cut short. The page has asked for the person's word that
/// nothing has moved since.
async fn take_up(State(app): State<App>, Path(print): Path<PrintId>) -> Done {
    let station = app.station.clone();
    let found = blocking(move || Ok::<_, ApiError>(station.recoveries())).await?;
    let cut = found.into_iter().find(|recovery| recovery.print == print);
    let cut = cut.ok_or_else(|| ApiError::not_found("this print"))?;
    let file =
        cut.file.ok_or_else(|| ApiError::bad_request("the file of this print is not in the library"))?;
    let path = app.station.file_path(file);
    if !path.is_file() {
        return Err(ApiError::bad_request("the file of this print was deleted: it cannot be taken up"));
    }
    let (printer, name, past) = (cut.printer, cut.name, PastTimes::default());
    let start = Request::Start { printer, file: Some(file), path, name, past, done_lines: cut.line };
    ask(&app, printer, start).await
}

async fn list(State(app): State<App>) -> Result<Json<Vec<Recovery>>, ApiError> {
    let station = app.station.clone();
    blocking(move || Ok::<_, ApiError>(station.recoveries())).await.map(Json)
}

/// Nothing moves: only what was noted is thrown away.
async fn forget(State(app): State<App>, Path(print): Path<PrintId>) -> Result<StatusCode, ApiError> {
    let station = app.station.clone();
    match blocking(move || Ok::<_, ApiError>(station.forget_recovery(print))).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(ApiError::not_found("this print")),
    }
}
