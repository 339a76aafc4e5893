//! Clips of alerts; the files themselves are served below `/media`, as all films are.

use crate::error::blocking;
use crate::routing::{Routes, get};
use crate::{ApiError, App};
use axum::Json;
use axum::extract::{Path, State};
use domain::PrintId;
use station::EvidenceClip;

pub(crate) fn routes() -> Routes {
    Routes::new().route("/vigil/prints/{id}/evidence/", get(list))
}

async fn list(State(app): State<App>, Path(id): Path<PrintId>) -> Result<Json<Vec<EvidenceClip>>, ApiError> {
    let station = app.station.clone();
    let clips = blocking(move || {
        let there = station.store().read(move |conn| store::print::get(conn, id))?.is_some();
        Ok::<_, store::StoreError>(there.then(|| station.evidence(id)))
    });
    Ok(Json(clips.await?.ok_or_else(|| ApiError::not_found("this print"))?))
}
