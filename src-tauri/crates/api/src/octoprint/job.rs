//! OctoPrint's address for the job: what is printed, how far it is, and pause, resume, cancel and start.

use super::listing;
use super::meant::Meant;
use super::start::start_free;
use super::words::read;
use crate::error::blocking;
use crate::keys::Caller;
use crate::{ApiError, App, printers};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Extension, Json, Router};
use domain::{FileId, GCodeFile, PrinterState, PrinterView, Request, Role};
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/api/job", get(show).post(command))
}

/// Returns the file that is printed, else the one that is selected, with its path.
pub(super) async fn file_of(
    app: &App,
    printer: &PrinterView,
) -> Result<Option<(GCodeFile, String)>, ApiError> {
    let printed = printer.current_print.as_ref().map(|print| print.vigil.file);
    let id: Option<FileId> = printed.unwrap_or_else(|| app.selected.on(printer.id));
    let Some(id) = id else { return Ok(None) };
    let store = app.station.store().clone();
    blocking(move || store.read(move |conn| listing::with_path(conn, id))).await
}

async fn show(State(app): State<App>, Meant(printer): Meant) -> Result<Json<Value>, ApiError> {
    let (job, progress) = (&printer.status.job, &printer.status.progress);
    let found = file_of(&app, &printer).await?;
    let file = found.as_ref().map(|(file, _)| file);
    // A print from the printer's own card has a name and no file of the library.
    let name = job.file.name.as_deref().or(file.map(|file| file.filename.as_str()));
    let path = found.as_ref().map(|(_, path)| path.as_str()).or(name);
    let filament = job.filament.map(|used| json!({"tool0": {"length": used.length, "volume": used.volume}}));
    let mut told = json!({
        "job": {
            "file": {
                "name": name,
                "display": name,
                "path": path,
                "origin": name.map(|_| "local"),
                "size": file.map(|file| file.num_bytes),
                "date": file.map(|file| file.created_at.micros() / 1_000_000),
            },
            "estimatedPrintTime": job.estimatedPrintTime.or(file.and_then(|file| file.estimated_time)),
            "averagePrintTime": null,
            "lastPrintTime": job.lastPrintTime,
            "filament": filament.unwrap_or(json!({})),
            "user": null,
        },
        "progress": {
            "completion": progress.completion,
            "filepos": progress.filepos,
            "printTime": progress.printTime,
            "printTimeLeft": progress.printTimeLeft,
            "printTimeLeftOrigin": progress.printTimeLeftOrigin,
        },
        "state": printer.status.state.text,
    });
    if printer.status.state.flags.error
        && let Some(alarm) = &printer.vigil.alarm
    {
        told["error"] = alarm.as_str().into();
    }
    Ok(Json(told))
}

#[derive(Deserialize)]
struct Command {
    command: String,
    #[serde(default)]
    action: Option<String>,
}

async fn command(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Meant(printer): Meant,
    body: Bytes,
) -> Result<StatusCode, ApiError> {
    let Command { command, action } = read(&body)?;
    let id = printer.id;
    let request = match (command.as_str(), action.as_deref()) {
        ("pause", Some("pause")) => Request::Pause(id),
        ("pause", Some("resume")) => Request::Resume(id),
        ("pause", None | Some("toggle")) if printer.vigil.state == PrinterState::Paused => {
            Request::Resume(id)
        }
        ("pause", None | Some("toggle")) => Request::Pause(id),
        ("cancel", _) => Request::Cancel(id),
        ("start", _) => return start_selected(&app, caller, &printer).await,
        ("restart", _) => {
            let hint = "Cancel the print, clear the bed, and start it again in Printvigil.";
            return Err(ApiError::new(
                StatusCode::CONFLICT,
                "no_restart",
                "a print is not begun again over what lies on the bed",
                hint,
            ));
        }
        (other, _) => {
            let message = format!("there is no command {other:?}; start, pause and cancel exist");
            return Err(ApiError::bad_request(message));
        }
    };
    let _ = printers::ask(&app, id, request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Starts what was selected before: more than a key may do that pauses and cancels.
async fn start_selected(app: &App, caller: Caller, printer: &PrinterView) -> Result<StatusCode, ApiError> {
    if caller.role < Role::Owner {
        return Err(crate::roles::refused(caller.role));
    }
    let file = app.selected.on(printer.id).ok_or_else(|| {
        let hint = "Select one in your slicer, or start it in Printvigil.";
        ApiError::new(StatusCode::CONFLICT, "no_file", "no file is selected", hint)
    })?;
    start_free(app, printer, file).await?;
    Ok(StatusCode::NO_CONTENT)
}
