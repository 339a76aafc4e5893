//! The library of G-code files.

use crate::error::blocking;
use crate::{ApiError, App};
use axum::extract::{DefaultBodyLimit, Multipart, Path, Query, State};
use axum::http::StatusCode;
use axum::routing::{delete, get};
use axum::{Json, Router};
use domain::{FileId, GCodeFile};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use tokio::io::AsyncWriteExt;

/// Largest upload, bytes.
const MAX_UPLOAD: usize = 2 * 1024 * 1024 * 1024;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/g_code_files/", get(list).post(upload).layer(DefaultBodyLimit::max(MAX_UPLOAD)))
        .route("/g_code_files/{id}/", delete(remove).get(detail))
        .route("/g_code_files/{id}/content/", get(content))
}

#[derive(Deserialize)]
struct List {
    q: Option<String>,
    page: Option<u32>,
    page_size: Option<u32>,
}

#[derive(Serialize)]
struct Page {
    count: u64,
    next: Option<String>,
    previous: Option<String>,
    results: Vec<GCodeFile>,
}

async fn list(State(app): State<App>, Query(list): Query<List>) -> Result<Json<Page>, ApiError> {
    let (page, size) = (list.page.unwrap_or(1).max(1), list.page_size.unwrap_or(100).clamp(1, 500));
    let store = app.station.store().clone();
    let query =
        store::file::FileQuery { q: list.q, start: (page - 1) * size, limit: size, ..Default::default() };
    let (results, count) = blocking(move || store.read(move |conn| store::file::list(conn, &query))).await?;
    let link = |page: u32| format!("/api/v1/g_code_files/?page={page}&page_size={size}");
    Ok(Json(Page {
        next: (u64::from(page * size) < count).then(|| link(page + 1)),
        previous: (page > 1).then(|| link(page - 1)),
        count,
        results: results.into_iter().map(with_url).collect(),
    }))
}

fn with_url(mut file: GCodeFile) -> GCodeFile {
    file.url = format!("/api/v1/g_code_files/{}/content/", file.id);
    file
}

async fn find(app: &App, id: FileId) -> Result<GCodeFile, ApiError> {
    let store = app.station.store().clone();
    let found = blocking(move || store.read(move |conn| store::file::get(conn, id))).await?;
    found.map(with_url).ok_or_else(|| ApiError::not_found("this file"))
}

async fn detail(State(app): State<App>, Path(id): Path<FileId>) -> Result<Json<GCodeFile>, ApiError> {
    Ok(Json(find(&app, id).await?))
}

async fn content(State(app): State<App>, Path(id): Path<FileId>) -> Result<Vec<u8>, ApiError> {
    find(&app, id).await?;
    tokio::fs::read(app.station.file_path(id))
        .await
        .map_err(|_| ApiError::not_found("the content of this file"))
}

async fn remove(State(app): State<App>, Path(id): Path<FileId>) -> Result<StatusCode, ApiError> {
    find(&app, id).await?;
    let in_use = app
        .station
        .snapshot()
        .printers
        .values()
        .any(|printer| printer.current_print.as_ref().is_some_and(|print| print.vigil.file == Some(id)));
    if in_use {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            "in_use",
            "this file is being printed",
            "Wait until the print has ended.",
        ));
    }
    let (store, now) = (app.station.store().clone(), app.station.now());
    blocking(move || store.write_now(move |tx| store::file::delete(tx, &[id], now))).await?;
    let _ = tokio::fs::remove_file(app.station.file_path(id)).await;
    Ok(StatusCode::NO_CONTENT)
}

/// A file being uploaded; gone when dropped before it is taken in.
struct Temp(PathBuf);

impl Drop for Temp {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

async fn upload(
    State(app): State<App>,
    mut form: Multipart,
) -> Result<(StatusCode, Json<GCodeFile>), ApiError> {
    while let Some(mut field) = form.next_field().await.map_err(broken)? {
        if field.name() != Some("file") {
            continue;
        }
        let name = field.file_name().unwrap_or("print.gcode").to_owned();
        // The name on disk is ours; theirs is only ever shown.
        let temp = Temp(app.station.data_dir().join(format!("upload-{}.part", crate::new_token())));
        let mut content = tokio::fs::File::create(&temp.0).await.map_err(|error| disk(&name, &error))?;
        while let Some(chunk) = field.chunk().await.map_err(broken)? {
            content.write_all(&chunk).await.map_err(|error| disk(&name, &error))?;
        }
        content.flush().await.map_err(|error| disk(&name, &error))?;
        drop(content);
        let station = app.station.clone();
        let file = blocking(move || {
            let temp = temp;
            station.add_file(&temp.0, &name)
        });
        return Ok((StatusCode::CREATED, Json(with_url(file.await?))));
    }
    Err(ApiError::bad_request("the form has no field `file`"))
}

fn broken(error: axum::extract::multipart::MultipartError) -> ApiError {
    ApiError::new(
        error.status(),
        "upload_broken",
        error.body_text(),
        "Try again; files up to 2 GB are taken.",
    )
}

fn disk(name: &str, error: &std::io::Error) -> ApiError {
    let full = error.kind() == std::io::ErrorKind::StorageFull;
    let (status, code) = if full {
        (StatusCode::INSUFFICIENT_STORAGE, "disk_full")
    } else {
        (StatusCode::INTERNAL_SERVER_ERROR, "disk")
    };
    ApiError::new(
        status,
        code,
        format!("{name} could not be saved: {error}"),
        "Make room on the disk, then try again.",
    )
}
