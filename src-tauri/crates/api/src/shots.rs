//! Shots: pictures of a print that a person is asked about.

use crate::error::blocking;
use crate::routing::{Routes, get};
use crate::{ApiError, App};
use axum::Json;
use axum::extract::{Path, Query, State};
use domain::{Event, PrintId, PrintShotFeedback, ShotAnswer, ShotId};
use serde::{Deserialize, Serialize};

/// Pictures of one answer.
const MOST: u32 = 500;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .route("/printshotfeedbacks/", get(list))
        .route("/printshotfeedbacks/{id}/", get(detail).put(answer).patch(answer))
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Of {
    /// Of this print; without it those of all prints, the newest 500.
    print_id: Option<PrintId>,
}

async fn list(
    State(app): State<App>,
    Query(of): Query<Of>,
) -> Result<Json<Vec<PrintShotFeedback>>, ApiError> {
    let store = app.station.store().clone();
    let read = move |conn: &store::Connection| match of.print_id {
        Some(print) => store::shot::of_print(conn, print),
        None => store::shot::newest(conn, MOST),
    };
    Ok(Json(blocking(move || store.read(read)).await?))
}

async fn find(app: &App, id: ShotId) -> Result<PrintShotFeedback, ApiError> {
    let store = app.station.store().clone();
    let found = blocking(move || store.read(move |conn| store::shot::get(conn, id))).await?;
    found.ok_or_else(|| ApiError::not_found("this picture"))
}

async fn detail(State(app): State<App>, Path(id): Path<ShotId>) -> Result<Json<PrintShotFeedback>, ApiError> {
    Ok(Json(find(&app, id).await?))
}

#[derive(Deserialize, schemars::JsonSchema)]
struct AnswerOfShot {
    /// Null takes it back.
    answer: Option<ShotAnswer>,
}

#[derive(Serialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(rename = "ShotAnswered")]
pub(crate) struct Answered {
    instance: PrintShotFeedback,
    /// Detection hours for the last answer of a print, as Obico gives them. Here they are for a person to set: always 0.
    credited_dhs: u32,
}

async fn answer(
    State(app): State<App>,
    Path(id): Path<ShotId>,
    Json(AnswerOfShot { answer }): Json<AnswerOfShot>,
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
