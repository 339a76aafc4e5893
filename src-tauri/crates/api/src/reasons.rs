//! Why prints fail, in words of a person's own list.

use crate::error::blocking;
use crate::routing::{Routes, get};
use crate::{ApiError, App};
use axum::Json;
use axum::extract::State;

pub(crate) fn routes() -> Routes {
    Routes::new().route("/vigil/failure_reasons/", get(list).put(set))
}

async fn list(State(app): State<App>) -> Result<Json<Vec<String>>, ApiError> {
    Ok(Json(blocking(move || app.station.past().reasons()).await?))
}

/// Makes this the list; an empty one is the usual one again.
async fn set(State(app): State<App>, Json(words): Json<Vec<String>>) -> Result<Json<Vec<String>>, ApiError> {
    Ok(Json(blocking(move || app.station.past().set_reasons(words)).await?))
}
