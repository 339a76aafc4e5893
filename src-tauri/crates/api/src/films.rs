//! Films of prints: how far one is, made again, broken off; how films are made.

use crate::error::blocking;
use crate::openapi::Accepted;
use crate::routing::{Routes, get};
use crate::{ApiError, App};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use domain::{FilmView, PrintId, TimelapseOptions};
use serde_json::Value;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .route("/vigil/timelapse/", get(usual).put(set_usual))
        .route("/vigil/prints/{id}/film/", get(film).post(make).body::<TimelapseOptions>().delete(cancel))
        .route("/prints/{id}/prediction_json/", get(prediction_json))
}

async fn usual(State(app): State<App>) -> Result<Json<TimelapseOptions>, ApiError> {
    Ok(Json(blocking(move || app.station.films().usual()).await?))
}

async fn set_usual(
    State(app): State<App>,
    Json(options): Json<TimelapseOptions>,
) -> Result<Json<TimelapseOptions>, ApiError> {
    app.station.films().set_usual(options).await?;
    Ok(Json(options))
}

async fn view(app: &App, id: PrintId) -> Result<FilmView, ApiError> {
    let station = app.station.clone();
    let found = blocking(move || station.films().view(id)).await?;
    found.ok_or_else(|| ApiError::not_found("this print"))
}

async fn film(State(app): State<App>, Path(id): Path<PrintId>) -> Result<Json<FilmView>, ApiError> {
    Ok(Json(view(&app, id).await?))
}

/// Makes it again, with the options of the body if there are some.
async fn make(
    State(app): State<App>,
    Path(id): Path<PrintId>,
    body: Bytes,
) -> Result<Accepted<FilmView>, ApiError> {
    // Whether there is such a print, before what is asked of it.
    view(&app, id).await?;
    let options = if body.is_empty() {
        None
    } else {
        Some(serde_json::from_slice(&body).map_err(|error| ApiError::bad_request(error.to_string()))?)
    };
    app.station.films().make(id, options).await?;
    Ok(Accepted(view(&app, id).await?))
}

async fn cancel(State(app): State<App>, Path(id): Path<PrintId>) -> Result<Json<FilmView>, ApiError> {
    let station = app.station.clone();
    blocking(move || station.films().cancel(id)).await?;
    Ok(Json(view(&app, id).await?))
}

async fn prediction_json(State(app): State<App>, Path(id): Path<PrintId>) -> Result<Json<Value>, ApiError> {
    view(&app, id).await?;
    Ok(Json(blocking(move || app.station.films().prediction_json(id)).await?))
}
