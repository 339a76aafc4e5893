//! Review: what the watch wants a person to look at, and what was said of it.

use crate::error::blocking;
use crate::routing::{Routes, get};
use crate::{ApiError, App};
use axum::Json;
use axum::extract::{Query, State};
use domain::{FrameAnswer, PrinterId, ReviewCounts, ReviewKind, Timestamp};
use serde::{Deserialize, Serialize};
use station::ReviewChange;
pub(crate) use station::ReviewPage as Page;
use store::review::{Answered, ReviewQuery};

pub(crate) fn routes() -> Routes {
    Routes::new().route("/vigil/review/", get(list).post(change)).route("/vigil/review/counts/", get(counts))
}

#[derive(Deserialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[serde(rename = "ReviewQuery")]
#[ts(optional_fields)]
pub(crate) struct Wanted {
    kind: Option<ReviewKind>,
    printer: Option<PrinterId>,
    answer: Option<String>,
    reviewed: Option<bool>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    #[serde(default)]
    #[ts(as = "Option<u32>")]
    start: u32,
    limit: Option<u32>,
}

async fn list(State(app): State<App>, Query(wanted): Query<Wanted>) -> Result<Json<Page>, ApiError> {
    let answer = match wanted.answer.as_deref() {
        None | Some("") => None,
        Some("none") => Some(Answered::Not),
        Some("failure") => Some(Answered::With(FrameAnswer::Failure)),
        Some("fine") => Some(Answered::With(FrameAnswer::Fine)),
        Some("unsure") => Some(Answered::With(FrameAnswer::Unsure)),
        Some(other) => return Err(ApiError::bad_request(format!("answer {other:?} is unknown"))),
    };
    let query = ReviewQuery {
        kind: wanted.kind,
        printer: wanted.printer,
        answer,
        reviewed: wanted.reviewed,
        from: wanted.from,
        to: wanted.to,
        start: wanted.start,
        limit: wanted.limit.unwrap_or(24).min(500),
    };
    Ok(Json(blocking(move || app.station.past().review(&query)).await?))
}

async fn counts(State(app): State<App>) -> Result<Json<ReviewCounts>, ApiError> {
    Ok(Json(blocking(move || app.station.past().review_counts()).await?))
}

/// How many were marked or answered.
#[derive(Serialize, ts_rs::TS, schemars::JsonSchema)]
pub(crate) struct Reviewed {
    changed: usize,
}

async fn change(
    State(app): State<App>,
    Json(change): Json<ReviewChange>,
) -> Result<Json<Reviewed>, ApiError> {
    Ok(Json(Reviewed { changed: app.station.past().answer(change).await? }))
}
