//! What is known of a print moment by moment: temperatures, kept frames, looks. Each as columns of equal length.

use crate::error::blocking;
use crate::routing::{Routes, get};
use crate::{ApiError, App};
use axum::Json;
use axum::extract::{Path, State};
use domain::PrintId;
use station::Past;
pub(crate) use station::{PrintFrames as Frames, PrintHeat as Temperatures, PrintLooks as Looks};
use store::StoreError;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .route("/vigil/prints/{id}/temperatures/", get(temperatures))
        .route("/vigil/prints/{id}/frames/", get(frames))
        .route("/vigil/prints/{id}/looks/", get(looks))
}

async fn read<T: Send + 'static>(
    app: App,
    id: PrintId,
    read: fn(&Past, PrintId) -> Result<Option<T>, StoreError>,
) -> Result<Json<T>, ApiError> {
    let found = blocking(move || read(app.station.past(), id)).await?;
    found.map(Json).ok_or_else(|| ApiError::not_found("this print"))
}

async fn temperatures(
    State(app): State<App>,
    Path(id): Path<PrintId>,
) -> Result<Json<Temperatures>, ApiError> {
    read(app, id, Past::heat).await
}

async fn frames(State(app): State<App>, Path(id): Path<PrintId>) -> Result<Json<Frames>, ApiError> {
    read(app, id, Past::frames).await
}

async fn looks(State(app): State<App>, Path(id): Path<PrintId>) -> Result<Json<Looks>, ApiError> {
    read(app, id, Past::looks).await
}
