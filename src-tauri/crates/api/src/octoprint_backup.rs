//! A backup of OctoPrint, brought in: first what is in it, then a person's choice.

use crate::error::blocking;
use crate::openapi::{Accepted, InputField, Kind};
use crate::routing::{Routes, get, post};
use crate::upload::{MAX_UPLOAD, admit, receive};
use crate::{ApiError, App};
use axum::Json;
use axum::extract::{Multipart, State};
use axum::http::HeaderMap;
use axum::response::NoContent;
use station::{OctoPrintBackup, OctoPrintTake};

const BACKUP: &[InputField] = &[InputField::new("file", Kind::File, "The ZIP that OctoPrint made.")];

pub(crate) fn routes() -> Routes {
    Routes::new()
        .route(
            "/vigil/octoprint_backup/",
            get(view).post(look).form(BACKUP).body_limit(MAX_UPLOAD).delete(forget),
        )
        .route("/vigil/octoprint_backup/take/", post(take))
}

/// The backup that is looked at or brought in; null when there is none.
async fn view(State(app): State<App>) -> Json<Option<OctoPrintBackup>> {
    Json(app.station.octoprint_backup())
}

/// Looks into a backup. Nothing of it is brought in yet.
async fn look(
    State(app): State<App>,
    headers: HeaderMap,
    parts: Multipart,
) -> Result<Json<OctoPrintBackup>, ApiError> {
    admit(&app, &headers, MAX_UPLOAD)?;
    let received = receive(&app, parts, &[], |_| Ok(())).await?;
    let looked = blocking(move || app.station.look_at_octoprint(received.path(), &received.name));
    Ok(Json(looked.await?))
}

async fn forget(State(app): State<App>) -> Result<NoContent, ApiError> {
    app.station.forget_octoprint()?;
    Ok(NoContent)
}

/// Begins to bring in what was chosen; how far it is tells the view.
async fn take(
    State(app): State<App>,
    Json(wanted): Json<OctoPrintTake>,
) -> Result<Accepted<OctoPrintBackup>, ApiError> {
    Ok(Accepted(app.station.take_octoprint(wanted)?))
}
