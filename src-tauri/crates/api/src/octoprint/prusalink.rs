//! PrusaLink's addresses below `/api/v1`, as far as they are not ours: a test of the connection, the state, and the
//! upload by PUT that PrusaSlicer prefers where it may.

use super::base::Base;
use super::files::{Where, find, remove};
use super::finish::{Wanted, finish};
use super::job::file_of;
use super::listing::{Found, file_entry};
use super::meant::Meant;
use super::start::start_free;
use super::take::{check_type, keep};
use crate::upload::{MAX_UPLOAD, Received, admit, write_body};
use crate::{ApiError, App, printers};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, put};
use axum::{Json, Router};
use domain::{PrinterState, PrinterView};
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/info", get(info))
        .route("/status", get(status))
        .route("/job", get(job))
        .route("/job/{job}", axum::routing::delete(cancel))
        .route("/job/{job}/pause", put(pause))
        .route("/job/{job}/resume", put(resume))
        .route("/storage", get(storage))
        .route("/files/{location}/{*path}", get(one).post(start_one).put(upload).delete(remove))
}

async fn info(Meant(printer): Meant) -> Json<Value> {
    Json(json!({"name": printer.name, "hostname": "", "serial": "", "nozzle_diameter": 0.4, "mmu": false}))
}

/// Returns the state in PrusaLink's words.
fn word(state: PrinterState) -> &'static str {
    match state {
        PrinterState::Operational => "IDLE",
        PrinterState::Heating | PrinterState::Printing | PrinterState::Resuming => "PRINTING",
        PrinterState::Pausing | PrinterState::Paused => "PAUSED",
        PrinterState::Cancelling | PrinterState::Finishing => "BUSY",
        PrinterState::Halted => "ERROR",
        PrinterState::Offline | PrinterState::Connecting | PrinterState::LinkLost => "ATTENTION",
    }
}

async fn status(Meant(printer): Meant) -> Json<Value> {
    let mut told = json!({"state": word(printer.vigil.state)});
    if printer.vigil.heat.known {
        for (heater, name) in [("tool0", "nozzle"), ("bed", "bed")] {
            if let Some(t) = printer.status.temperatures.get(heater) {
                told[format!("temp_{name}")] = t.actual.into();
                told[format!("target_{name}")] = t.target.unwrap_or(0.0).into();
            }
        }
    }
    let mut whole =
        json!({"printer": told, "storage": {"path": "/local/", "name": "local", "read_only": false}});
    if let Some(job) = job_of(&printer) {
        whole["job"] = job;
    }
    Json(whole)
}

/// Returns the print under way; its number is that of the print.
fn job_of(printer: &PrinterView) -> Option<Value> {
    let (print, progress) = (printer.current_print.as_ref()?, &printer.status.progress);
    Some(json!({
        "id": print.id,
        "progress": progress.completion.unwrap_or(0.0),
        "time_printing": progress.printTime.unwrap_or(0.0),
        "time_remaining": progress.printTimeLeft,
    }))
}

async fn job(State(app): State<App>, Base(base): Base, Meant(printer): Meant) -> Result<Response, ApiError> {
    let Some(mut told) = job_of(&printer) else { return Ok(StatusCode::NO_CONTENT.into_response()) };
    told["state"] = word(printer.vigil.state).into();
    if let Some((file, path)) = file_of(&app, &printer).await? {
        told["file"] = file_entry(&base, &path, &file);
    }
    Ok(Json(told).into_response())
}

/// Which print.
#[derive(Deserialize)]
struct Job {
    job: i64,
}

/// Asks about the print under way, if it is that one.
async fn ask(
    app: &App,
    printer: &PrinterView,
    job: &Job,
    request: domain::Request,
) -> Result<StatusCode, ApiError> {
    if printer.current_print.as_ref().is_none_or(|print| print.id.get() != job.job) {
        return Err(ApiError::not_found("this print"));
    }
    let _ = printers::ask(app, printer.id, request).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn cancel(
    State(app): State<App>,
    Meant(printer): Meant,
    Path(job): Path<Job>,
) -> Result<StatusCode, ApiError> {
    ask(&app, &printer, &job, domain::Request::Cancel(printer.id)).await
}

async fn pause(
    State(app): State<App>,
    Meant(printer): Meant,
    Path(job): Path<Job>,
) -> Result<StatusCode, ApiError> {
    ask(&app, &printer, &job, domain::Request::Pause(printer.id)).await
}

async fn resume(
    State(app): State<App>,
    Meant(printer): Meant,
    Path(job): Path<Job>,
) -> Result<StatusCode, ApiError> {
    ask(&app, &printer, &job, domain::Request::Resume(printer.id)).await
}

async fn storage() -> Json<Value> {
    let local =
        json!({"path": "/local", "name": "local", "type": "LOCAL", "read_only": false, "available": true});
    Json(json!({"storage_list": [local]}))
}

async fn one(
    State(app): State<App>,
    Base(base): Base,
    Path(at): Path<Where>,
) -> Result<Json<Value>, ApiError> {
    match find(&app, &at).await? {
        Found::File(file) => Ok(Json(file_entry(&base, &at.path, &file))),
        Found::Folder(_) => Ok(Json(json!({"name": at.path, "type": "FOLDER"}))),
    }
}

async fn start_one(
    State(app): State<App>,
    Meant(printer): Meant,
    Path(at): Path<Where>,
) -> Result<StatusCode, ApiError> {
    let Found::File(file) = find(&app, &at).await? else {
        return Err(ApiError::bad_request("a folder cannot be printed"));
    };
    start_free(&app, &printer, file.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Returns whether a header says yes, as structured headers write it: `?1`.
fn says_yes(headers: &HeaderMap, name: &str) -> bool {
    headers.get(name).is_some_and(|value| matches!(value.as_bytes(), b"?1" | b"1"))
}

/// Takes a file that is the whole body; its name and folder are in the address.
async fn upload(
    State(app): State<App>,
    Base(base): Base,
    Path(at): Path<Where>,
    printer: Result<Meant, ApiError>,
    request: Request,
) -> Result<Response, ApiError> {
    let headers = request.headers().clone();
    at.check()?;
    let (folder, name) = at.path.rsplit_once('/').unwrap_or(("", &at.path));
    check_type(name)?;
    if !says_yes(&headers, "overwrite") && find(&app, &at).await.is_ok() {
        let hint = "Send it under another name, or let your slicer replace it.";
        let message = format!("the file {name} is there already");
        return Err(ApiError::new(StatusCode::CONFLICT, "there_already", message, hint));
    }
    admit(&app, &headers, MAX_UPLOAD)?;
    let temp = write_body(request.into_body(), &app, name).await?;
    let uploaded = keep(&app, Received::of(temp, name), folder).await?;
    let wanted = Wanted { print: says_yes(&headers, "print-after-upload"), select: false };
    finish(&app, &base, printer, &uploaded, wanted).await
}
