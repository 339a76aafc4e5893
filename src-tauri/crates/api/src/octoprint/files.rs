//! OctoPrint's addresses for files: lists, one, select and print, delete, and the upload that slicers send.

use super::base::Base;
use super::finish::{Wanted, finish};
use super::listing::{self, Found, Library};
use super::meant::Meant;
use super::start::start_free;
use super::take::{check_type, keep};
use super::words::{is_yes, read};
use crate::error::blocking;
use crate::print_query::Params;
use crate::upload::{MAX_UPLOAD, admit, receive};
use crate::{ApiError, App};
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Multipart, Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

/// Where our files lie, in OctoPrint's words; `sdcard` would be the printer's own card.
const LOCAL: &str = "local";
/// The fields of an upload that are read; all others are not looked at.
const FIELDS: &[&str] = &["path", "print", "select"];

pub(crate) fn routes() -> Router<App> {
    let upload = axum::routing::post(upload).layer(DefaultBodyLimit::max(MAX_UPLOAD));
    Router::new()
        .route("/api/files", get(list))
        .route("/api/files/{location}", get(list_at).merge(upload))
        .route("/api/files/{location}/{*path}", get(one).post(command).delete(remove))
}

/// Which files.
#[derive(Deserialize)]
pub(super) struct Where {
    location: String,
    #[serde(default)]
    pub(super) path: String,
}

impl Where {
    pub(super) fn check(&self) -> Result<(), ApiError> {
        if self.location == LOCAL {
            return Ok(());
        }
        let hint = "Choose local files in your slicer.";
        Err(ApiError::new(
            StatusCode::NOT_FOUND,
            "not_found",
            "files are kept on this computer only, not on the printer’s card",
            hint,
        ))
    }
}

async fn list(
    State(app): State<App>,
    Base(base): Base,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, ApiError> {
    let recursive = Params::read(query).get("recursive").is_some_and(is_yes);
    let store = app.station.store().clone();
    let library = blocking(move || store.read(Library::read)).await?;
    Ok(Json(json!({"files": library.entries(&base, None, "", recursive)})))
}

async fn list_at(
    State(app): State<App>,
    Path(at): Path<Where>,
    base: Base,
    query: RawQuery,
) -> Result<Json<Value>, ApiError> {
    at.check()?;
    list(State(app), base, query).await
}

/// Returns what lies at a path.
pub(super) async fn find(app: &App, at: &Where) -> Result<Found, ApiError> {
    at.check()?;
    let (store, path) = (app.station.store().clone(), at.path.clone());
    let found = blocking(move || store.read(move |conn| listing::at(conn, &path))).await?;
    found.ok_or_else(|| ApiError::not_found("this file"))
}

async fn one(
    State(app): State<App>,
    Base(base): Base,
    Path(at): Path<Where>,
) -> Result<Json<Value>, ApiError> {
    match find(&app, &at).await? {
        Found::File(file) => Ok(Json(listing::file_entry(&base, &at.path, &file))),
        Found::Folder(id) => {
            let store = app.station.store().clone();
            let library = blocking(move || store.read(Library::read)).await?;
            let children = library.entries(&base, Some(id), &at.path, false);
            Ok(Json(json!({"path": at.path, "origin": LOCAL, "type": "folder", "children": children})))
        }
    }
}

#[derive(Deserialize)]
struct Command {
    command: String,
    #[serde(default)]
    print: bool,
}

/// Selects a file, and starts it if that is asked for.
async fn command(
    State(app): State<App>,
    Meant(printer): Meant,
    Path(at): Path<Where>,
    body: Bytes,
) -> Result<StatusCode, ApiError> {
    let Command { command, print } = read(&body)?;
    let (file, print) = match (find(&app, &at).await?, command.as_str()) {
        (Found::File(file), "select") => (file, print),
        (Found::File(file), "print") => (file, true),
        (Found::File(_), other) => {
            return Err(ApiError::bad_request(format!(
                "there is no command {other:?}; select and print exist"
            )));
        }
        (Found::Folder(_), _) => return Err(ApiError::bad_request("a folder cannot be selected")),
    };
    if !print {
        app.selected.set(printer.id, file.id);
        return Ok(StatusCode::NO_CONTENT);
    }
    start_free(&app, &printer, file.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Deletes a file, as in the window: it can be brought back within the hour.
pub(super) async fn remove(State(app): State<App>, Path(at): Path<Where>) -> Result<StatusCode, ApiError> {
    match find(&app, &at).await? {
        Found::File(file) => {
            let station = app.station.clone();
            blocking(move || station.delete_files(vec![file.id])).await?;
            app.station.tell_queued_files().await?;
            Ok(StatusCode::NO_CONTENT)
        }
        Found::Folder(_) => Err(ApiError::new(
            StatusCode::CONFLICT,
            "is_a_folder",
            "a folder is not deleted from a slicer",
            "Delete it in Printvigil, under Files.",
        )),
    }
}

/// Takes a file, and starts it if that is asked for.
async fn upload(
    State(app): State<App>,
    Base(base): Base,
    Path(at): Path<Where>,
    printer: Result<Meant, ApiError>,
    headers: HeaderMap,
    parts: Multipart,
) -> Result<Response, ApiError> {
    at.check()?;
    admit(&app, &headers, MAX_UPLOAD)?;
    let received = receive(&app, parts, FIELDS, check_type).await?;
    let yes = |field: &str| received.value(field).is_some_and(is_yes);
    let wanted = Wanted { print: yes("print"), select: yes("select") };
    let folder = received.value("path").unwrap_or_default().to_owned();
    let uploaded = keep(&app, received, &folder).await?;
    finish(&app, &base, printer, &uploaded, wanted).await
}
