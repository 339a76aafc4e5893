//! What filament costs.

use crate::error::blocking;
use crate::routing::{Routes, get};
use crate::{ApiError, App};
use axum::Json;
use axum::extract::State;
use domain::FilamentPrice;

pub(crate) fn routes() -> Routes {
    Routes::new().route("/vigil/filament_price/", get(price).put(set))
}

async fn price(State(app): State<App>) -> Result<Json<FilamentPrice>, ApiError> {
    Ok(Json(blocking(move || app.station.filament_price()).await?))
}

async fn set(
    State(app): State<App>,
    Json(price): Json<FilamentPrice>,
) -> Result<Json<FilamentPrice>, ApiError> {
    app.station.set_filament_price(price.clone()).await?;
    Ok(Json(price))
}
