//! OctoPrint's way for a program to get a key of its own, which Cura goes: it asks, and a person answers in the window.

use super::base::Base;
use super::words::read;
use crate::admission::Stranger;
use crate::app_keys::{Answer, NotAsked};
use crate::{ApiError, App, new_token, pace};
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use serde::Deserialize;
use serde_json::json;
use tokio::time::Instant;

/// Largest question, bytes.
const MAX_QUESTION: usize = 1024;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/plugin/appkeys/probe", get(probe))
        .route("/plugin/appkeys/request", post(ask))
        .route("/plugin/appkeys/request/{token}", get(look))
        .layer(DefaultBodyLimit::max(MAX_QUESTION))
        .layer(middleware::from_fn(pace::steady_body))
}

async fn probe(_: Stranger) -> StatusCode {
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
struct Question {
    /// What the program calls itself.
    app: String,
}

async fn ask(
    State(app): State<App>,
    Base(base): Base,
    Stranger(peer): Stranger,
    body: Bytes,
) -> Result<Response, ApiError> {
    let question: Question = read(&body)?;
    let token = new_token();
    app.app_keys.ask(&question.app, peer.from, token.clone(), Instant::now()).map_err(|why| match why {
        NotAsked::BadName(why) => ApiError::bad_request(why),
        NotAsked::TooMany(left) => ApiError::too_many(left),
    })?;
    let location = format!("{base}/plugin/appkeys/request/{token}");
    Ok((StatusCode::CREATED, [(LOCATION, location)], Json(json!({"app_token": token}))).into_response())
}

/// The path has the token by which a program fetches its answer.
#[derive(Deserialize)]
struct Whose {
    token: String,
}

async fn look(
    State(app): State<App>,
    Stranger(peer): Stranger,
    Path(whose): Path<Whose>,
) -> Result<Response, ApiError> {
    match app.app_keys.look(&whose.token, Instant::now()) {
        Some(Answer::Waiting) => Ok((StatusCode::ACCEPTED, Json(json!({}))).into_response()),
        Some(Answer::Allowed(key)) => Ok(Json(json!({"api_key": key})).into_response()),
        None => {
            app.access.strike(Some(peer));
            Err(ApiError::new(
                StatusCode::NOT_FOUND,
                "not_allowed",
                "this was not allowed, or nobody answered in time",
                "Ask again, and answer in Printvigil on the computer; or make an API key there.",
            ))
        }
    }
}
