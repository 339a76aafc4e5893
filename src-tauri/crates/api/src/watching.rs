//! The watch: ignored areas, fire drills, what-if, fitting to answers, and how a past print was watched.

use crate::error::blocking;
use crate::printers::Succeeded;
use crate::routing::{Routes, delete, get, post};
use crate::{ApiError, App};
use axum::Json;
use axum::extract::{Path, State};
use axum::response::NoContent;
use domain::{
    CameraId, Decision, Fitted, FrameAnswer, FrameFeedback, FrameId, IgnoreArea, MOST_IGNORE_AREAS, PrintId,
    PrinterId, Request, WatchCoverage, WatchGap, WhatIf, WhatIfAsk,
};
use serde::{Deserialize, Serialize};
use station::Curve;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .route("/vigil/cameras/{id}/ignore/", post(ignore))
        .route("/vigil/cameras/{id}/learnt/", delete(forget))
        .route("/vigil/printers/{id}/drill/", post(drill))
        .route("/vigil/printers/{id}/fit/", get(fit))
        .route("/vigil/what_if/", post(what_if))
        .route("/vigil/what_if/{id}/", get(what_if_state).delete(drop_what_if))
        .route("/vigil/prints/{id}/watch/", get(watch))
        .route("/vigil/prints/{id}/curve/", get(curve))
        .route("/vigil/prints/{id}/frames/{frame}/answer/", post(answer))
}

#[derive(Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct IgnoredAreas {
    areas: Vec<IgnoreArea>,
}

async fn ignore(
    State(app): State<App>,
    Path(id): Path<CameraId>,
    Json(wanted): Json<IgnoredAreas>,
) -> Result<Json<IgnoredAreas>, ApiError> {
    if wanted.areas.len() > MOST_IGNORE_AREAS {
        let why = format!("a camera has {MOST_IGNORE_AREAS} ignored areas at most");
        return Err(ApiError::bad_request(why));
    }
    wanted.areas.iter().try_for_each(|area| area.check()).map_err(ApiError::bad_request)?;
    let store = app.station.store().clone();
    let cameras = blocking(move || store.read(store::camera::list)).await?;
    if cameras.iter().all(|camera| camera.id != id) {
        return Err(ApiError::not_found("this camera"));
    }
    app.station.set_ignored(id, wanted.areas.clone()).await?;
    Ok(Json(wanted))
}

/// Forgets what was learnt of a camera.
async fn forget(State(app): State<App>, Path(id): Path<CameraId>) -> Result<NoContent, ApiError> {
    let store = app.station.store().clone();
    if blocking(move || store.read(|conn| store::camera::get(conn, id))).await?.is_none() {
        return Err(ApiError::not_found("this camera"));
    }
    app.station.forget_scale(id).await?;
    Ok(NoContent)
}

async fn drill(State(app): State<App>, Path(id): Path<PrinterId>) -> Result<Json<Succeeded>, ApiError> {
    app.station.ask(Request::Drill(id)).await?;
    Ok(Json(Succeeded { succeeded: true }))
}

async fn fit(State(app): State<App>, Path(id): Path<PrinterId>) -> Result<Json<Fitted>, ApiError> {
    Ok(Json(blocking(move || app.station.fit(id)).await?))
}

async fn what_if(State(app): State<App>, Json(ask): Json<WhatIfAsk>) -> Result<Json<WhatIf>, ApiError> {
    Ok(Json(blocking(move || app.station.what_if(&ask)).await?))
}

fn gone() -> ApiError {
    ApiError::not_found("this trial")
}

async fn what_if_state(State(app): State<App>, Path(id): Path<u32>) -> Result<Json<WhatIf>, ApiError> {
    app.station.what_if_state(id).map(Json).ok_or_else(gone)
}

async fn drop_what_if(State(app): State<App>, Path(id): Path<u32>) -> Result<NoContent, ApiError> {
    if app.station.drop_what_if(id) { Ok(NoContent) } else { Err(gone()) }
}

#[derive(Serialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(rename = "PrintWatch")]
pub(crate) struct Watch {
    coverage: Option<WatchCoverage>,
    gaps: Vec<WatchGap>,
    decisions: Vec<Decision>,
    feedback: Vec<FrameFeedback>,
}

async fn watch(State(app): State<App>, Path(id): Path<PrintId>) -> Result<Json<Watch>, ApiError> {
    let store = app.station.store().clone();
    let read = blocking(move || {
        store.read(move |conn| {
            if store::print::get(conn, id)?.is_none() {
                return Ok(None);
            }
            Ok(Some(Watch {
                coverage: store::watch::coverage(conn, id)?,
                gaps: store::watch::gaps(conn, id)?,
                decisions: store::watch::decisions(conn, id)?,
                feedback: store::answer::of_print(conn, id)?,
            }))
        })
    });
    read.await?.map(Json).ok_or_else(|| ApiError::not_found("this print"))
}

async fn curve(State(app): State<App>, Path(id): Path<PrintId>) -> Result<Json<Curve>, ApiError> {
    Ok(Json(blocking(move || app.station.curve(id)).await?))
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct FrameAnswerBody {
    answer: FrameAnswer,
}

async fn answer(
    State(app): State<App>,
    Path((print, frame)): Path<(PrintId, FrameId)>,
    Json(FrameAnswerBody { answer }): Json<FrameAnswerBody>,
) -> Result<Json<FrameFeedback>, ApiError> {
    let (store, now) = (app.station.store().clone(), app.station.now());
    let feedback = FrameFeedback { print, frame, answer, answered_at: now };
    let kept = feedback.clone();
    let known = blocking(move || {
        let known = store.read(move |conn| store::frame::get_of_print(conn, print, frame))?;
        if known.is_some() {
            store.write_now(move |tx| store::answer::put(tx, &kept))?;
        }
        Ok::<_, store::StoreError>(known.is_some())
    });
    if known.await? { Ok(Json(feedback)) } else { Err(ApiError::not_found("this picture")) }
}
