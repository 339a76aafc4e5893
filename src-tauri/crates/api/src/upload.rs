//! Uploads into the library: written to the disk as they come, believed only when they were read.

use crate::error::blocking;
use crate::{ApiError, App, files};
use axum::extract::multipart::Field;
use axum::extract::{DefaultBodyLimit, Multipart, State};
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use domain::{FileView, FolderId};
use station::{SameName, TakenIn, Upload};
use std::path::{Path, PathBuf};
use tokio::io::AsyncWriteExt;

/// Largest upload of any kind, bytes.
pub(crate) const MAX_UPLOAD: usize = 2 * 1024 * 1024 * 1024;

/// Longest value of a field beside the file, bytes.
const MAX_VALUE: usize = 1024;

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/g_code_files/", post(upload).layer(DefaultBodyLimit::max(MAX_UPLOAD)))
}

/// A file being uploaded; gone when dropped before it is taken in.
pub(crate) struct Temp(pub(crate) PathBuf);

impl Drop for Temp {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// What the form says.
#[derive(Default)]
struct Form {
    file: Option<(Temp, String)>,
    folder: Option<FolderId>,
    same_name: SameName,
}

async fn upload(
    State(app): State<App>,
    mut parts: Multipart,
) -> Result<(StatusCode, Json<FileView>), ApiError> {
    let mut form = Form::default();
    while let Some(field) = parts.next_field().await.map_err(broken)? {
        match field.name() {
            Some("file") if form.file.is_none() => {
                let name = field.file_name().unwrap_or("print.gcode").to_owned();
                form.file = Some((write(field, app.station.data_dir(), &name).await?, name));
            }
            Some("parent_folder") => form.folder = folder(&value(field).await?)?,
            Some("same_name") => form.same_name = same_name(&value(field).await?)?,
            Some(_) | None => (),
        }
    }
    let Form { file, folder, same_name } = form;
    let (temp, name) = file.ok_or_else(|| ApiError::bad_request("the form has no field `file`"))?;
    let station = app.station.clone();
    let taken = blocking(move || {
        let temp = temp;
        station.take_in(&Upload { temp: &temp.0, name: &name, folder, same_name })
    });
    let (status, id) = match taken.await? {
        TakenIn::Added(file) => (StatusCode::CREATED, file.id),
        TakenIn::There(file) => (StatusCode::OK, file.id),
    };
    Ok((status, Json(files::find(&app, id).await?)))
}

/// Writes the content beside the library. The name on disk is ours; theirs is only ever shown.
pub(crate) async fn write(mut field: Field<'_>, dir: &Path, name: &str) -> Result<Temp, ApiError> {
    let temp = Temp(dir.join(format!("upload-{}.part", crate::new_token())));
    let mut content = tokio::fs::File::create(&temp.0).await.map_err(|error| disk(name, &error))?;
    while let Some(chunk) = field.chunk().await.map_err(broken)? {
        content.write_all(&chunk).await.map_err(|error| disk(name, &error))?;
    }
    content.flush().await.map_err(|error| disk(name, &error))?;
    Ok(temp)
}

/// Reads a short field.
async fn value(mut field: Field<'_>) -> Result<String, ApiError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(broken)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > MAX_VALUE {
            return Err(ApiError::bad_request("a field of the form is too long"));
        }
    }
    String::from_utf8(bytes).map_err(|_| ApiError::bad_request("a field of the form is no text"))
}

fn folder(text: &str) -> Result<Option<FolderId>, ApiError> {
    match text {
        "" | "root" | "null" => Ok(None),
        number => number
            .parse()
            .map(|id| Some(FolderId(id)))
            .map_err(|_| ApiError::bad_request(format!("parent_folder {number:?} is no number"))),
    }
}

fn same_name(text: &str) -> Result<SameName, ApiError> {
    match text {
        "" | "keep_both" => Ok(SameName::KeepBoth),
        "replace" => Ok(SameName::Replace),
        other => {
            Err(ApiError::bad_request(format!("same_name {other:?} is unknown; keep_both and replace exist")))
        }
    }
}

pub(crate) fn broken(error: axum::extract::multipart::MultipartError) -> ApiError {
    ApiError::new(
        error.status(),
        "upload_broken",
        error.body_text(),
        "Try again; files up to 2 GB are taken.",
    )
}

pub(crate) fn disk(name: &str, error: &std::io::Error) -> ApiError {
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
