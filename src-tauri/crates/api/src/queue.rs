//! The queue of a printer: added to, put in order, and started from, one item at a time by a person's yes.
//!
//! What waits is part of the printer's view (`vigil.queue`), so that every page shows it live.

use crate::error::blocking;
use crate::printers::{Done, ask, past_times, view};
use crate::routing::{Routes, patch, post};
use crate::{ApiError, App, preflight};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::NoContent;
use domain::{FileId, PrinterId, QueueChange, QueueItemId, QueuedBy, Request};
use serde::Deserialize;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .route("/vigil/printers/{id}/queue/", post(add))
        .route("/vigil/printers/{id}/queue/{item}/", patch(change).delete(remove))
        .route("/vigil/printers/{id}/queue/{item}/start/", post(start))
}

#[derive(Deserialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[ts(optional_fields)]
pub(crate) struct QueueAdd {
    file_id: FileId,
    /// 1 unless said.
    copies: Option<u32>,
}

async fn add(State(app): State<App>, Path(id): Path<PrinterId>, Json(wanted): Json<QueueAdd>) -> Done {
    add_file(&app, id, wanted.file_id, wanted.copies.unwrap_or(1), QueuedBy::Person).await
}

/// Puts a file of the library at the end of a queue.
///
/// # Errors
/// When there is no such file, or the queue is full.
pub(crate) async fn add_file(app: &App, id: PrinterId, file: FileId, copies: u32, by: QueuedBy) -> Done {
    let store = app.station.store().clone();
    let found = blocking(move || store.read(move |conn| store::file::get(conn, file))).await?;
    let file = found.filter(|file| file.deleted.is_none()).ok_or_else(|| ApiError::not_found("this file"))?;
    ask(app, id, Request::Queue(id, QueueChange::Add { file: Box::new(file), copies, by })).await
}

#[derive(Deserialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[ts(optional_fields)]
pub(crate) struct QueuePatch {
    copies: Option<u32>,
    /// Where it shall stand, 0 is the next.
    position: Option<u32>,
}

async fn change(
    State(app): State<App>,
    Path((id, item)): Path<(PrinterId, QueueItemId)>,
    Json(wanted): Json<QueuePatch>,
) -> Done {
    let copies = wanted.copies.map(|copies| QueueChange::Copies(item, copies));
    let place = wanted.position.map(|to| QueueChange::Move(item, to as usize));
    let mut last = None;
    for change in copies.into_iter().chain(place) {
        last = Some(ask(&app, id, Request::Queue(id, change)).await?);
    }
    last.ok_or_else(|| ApiError::bad_request("say how many copies, or where it shall stand"))
}

async fn remove(
    State(app): State<App>,
    Path((id, item)): Path<(PrinterId, QueueItemId)>,
) -> Result<NoContent, ApiError> {
    ask(&app, id, Request::Queue(id, QueueChange::Remove(item))).await.map(|_| NoContent)
}

#[derive(Deserialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[ts(optional_fields)]
pub(crate) struct QueueStart {
    /// A person has looked at the bed, and says that nothing lies on it.
    bed_clear: bool,
    /// A person has read what was found in the file, and wants it all the same.
    findings_seen: Option<bool>,
}

/// Starts an item. Refused unless a person says that the bed is clear, while the last print is not put away, and where
/// something was found in the file that nobody has read.
async fn start(
    State(app): State<App>,
    Path((id, item)): Path<(PrinterId, QueueItemId)>,
    Json(wanted): Json<QueueStart>,
) -> Done {
    if !wanted.bed_clear {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            "bed_not_clear",
            "nobody has said that the bed is clear",
            "Look at the bed, then say so.",
        ));
    }
    let waiting = view(&app, id)?.vigil.queue.iter().find(|waiting| waiting.id == item).cloned();
    let waiting = waiting.ok_or_else(|| ApiError::not_found("this item of the queue"))?;
    if !waiting.gone && wanted.findings_seen != Some(true) {
        let (station, file) = (app.station.clone(), waiting.file);
        let findings = blocking(move || station.preflight(file, id)).await?;
        if let Some(error) = preflight::asked_about(&findings, "start it in the window") {
            return Err(error);
        }
    }
    let past = past_times(&app, id, waiting.file).await?;
    let path = app.station.file_path(waiting.file);
    ask(&app, id, Request::StartQueued { printer: id, item, file: waiting.file, path, past }).await
}
