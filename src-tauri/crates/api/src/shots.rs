//! Shots: pictures of a print that a person is asked about.

use crate::error::blocking;
use crate::{ApiError, App};
use axum::extract::{Path, Query, State};
use axum::routing::get;
use axum::{Json, Router};
use domain::{Event, PrintId, PrintShotFeedback, ShotAnswer, ShotId};
use serde::{Deserialize, Serialize};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/printshotfeedbacks/", get(list))
        .route("/printshotfeedbacks/{id}/", get(detail).put(answer).patch(answer))
}

#[derive(Deserialize)]
struct Of {
    print_id: PrintId,
}

async fn list(
    State(app): State<App>,
    Query(of): Query<Of>,
) -> Result<Json<Vec<PrintShotFeedback>>, ApiError> {
    let store = app.station.store().clone();
    Ok(Json(blocking(move || store.read(move |conn| store::shot::of_print(conn, of.print_id))).await?))
}

async fn find(app: &App, id: ShotId) -> Result<PrintShotFeedback, ApiError> {
    let store = app.station.store().clone();
    let found = blocking(move || store.read(move |conn| store::shot::get(conn, id))).await?;
    found.ok_or_else(|| ApiError::not_found("this picture"))
}

async fn detail(State(app): State<App>, Path(id): Path<ShotId>) -> Result<Json<PrintShotFeedback>, ApiError> {
    Ok(Json(find(&app, id).await?))
}

#[derive(Deserialize)]
struct Answer {
    /// Null takes it back.
    answer: Option<ShotAnswer>,
}

#[derive(Serialize, ts_rs::TS)]
#[ts(rename = "ShotAnswered")]
pub(crate) struct Answered {
    instance: PrintShotFeedback,
    /// Detection hours for the last answer of a print, as Obico gives them. Here they are for a person to set: always 0.
    credited_dhs: u32,
}

async fn answer(
    State(app): State<App>,
    Path(id): Path<ShotId>,
    Json(Answer { answer }): Json<Answer>,
) -> Result<Json<Answered>, ApiError> {
    let before = find(&app, id).await?;
    let (store, now) = (app.station.store().clone(), app.station.now());
    let left = blocking(move || {
        store.write_now(move |tx| store::shot::answer(tx, id, answer, now))?;
        store.read(move |conn| store::shot::of_print(conn, before.print_id))
    });
    // A print under way shows its shots, too.
    app.station.inject(Event::Shots(before.print_id, left.await?)).await?;
    Ok(Json(Answered { instance: find(&app, id).await?, credited_dhs: 0 }))
}
