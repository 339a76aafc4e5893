//! How alerts are heard, and when they are said again.

use crate::routing::{Routes, get};
use crate::{ApiError, App};
use axum::Json;
use axum::extract::State;
use domain::AlertSound;

pub(crate) fn routes() -> Routes {
    Routes::new().route("/vigil/alert_sound/", get(sound).put(set))
}

async fn sound(State(app): State<App>) -> Json<AlertSound> {
    Json(app.station.snapshot().system.sound)
}

async fn set(State(app): State<App>, Json(sound): Json<AlertSound>) -> Result<Json<AlertSound>, ApiError> {
    app.station.set_alert_sound(sound).await?;
    Ok(Json(sound))
}
