//! Uploads into the library: written to the disk as they come, believed only when they were read.

use crate::error::blocking;
use crate::openapi::{InputField, Kind};
use crate::routing::{Routes, get, post};
use crate::{ApiError, App, files};
use axum::Json;
use axum::extract::multipart::Field;
use axum::extract::{Multipart, State};
use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderMap, StatusCode};
use domain::{FileView, FolderId};
use serde::Serialize;
use station::{SameName, TakenIn, Unpacking, Upload};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::AsyncWriteExt;

/// Largest upload of any kind, bytes.
pub(crate) const MAX_UPLOAD: usize = 2 * 1024 * 1024 * 1024;

/// The room on the disk is looked at each time so many bytes have come.
const CHECK_EVERY: usize = 4 * 1024 * 1024;

/// Longest value of a field beside the file, bytes.
const MAX_VALUE: usize = 1024;

const UPLOAD: &[InputField] = &[
    InputField::new("file", Kind::File, "G-code, also packed."),
    InputField::new("parent_folder", Kind::Whole, "Id of the folder; empty for the top."),
    InputField::new("same_name", Kind::Words(&["keep_both", "replace"]), "What becomes of a namesake there."),
];

pub(crate) fn routes() -> Routes {
    Routes::new()
        .route("/g_code_files/", post(upload).form(UPLOAD).body_limit(MAX_UPLOAD))
        .route("/vigil/uploads/", get(under_way))
}

/// Uploads that are being unpacked and read.
#[derive(Default)]
pub(crate) struct Uploads(Mutex<Vec<(String, Arc<Unpacking>)>>);

/// One of them; whoever waits for it drops this, and it is broken off.
struct UnderWay {
    uploads: Arc<Uploads>,
    unpacking: Arc<Unpacking>,
}

impl Uploads {
    fn begin(self: &Arc<Self>, name: &str) -> UnderWay {
        let unpacking = Arc::<Unpacking>::default();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push((name.to_owned(), unpacking.clone()));
        UnderWay { uploads: self.clone(), unpacking }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.unpacking.given_up.store(true, Ordering::Relaxed);
        let mut all = self.uploads.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|(_, other)| !Arc::ptr_eq(other, &self.unpacking));
    }
}

#[derive(Serialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(rename = "UnpackingView")]
pub(crate) struct Progress {
    name: String,
    unpacked_bytes: u64,
}

/// How far uploads are being unpacked that were sent whole. To break one off, close its request.
async fn under_way(State(app): State<App>) -> Json<Vec<Progress>> {
    let all = app.uploads.0.lock().unwrap_or_else(PoisonError::into_inner);
    let progress = |(name, unpacking): &(String, Arc<Unpacking>)| Progress {
        name: name.clone(),
        unpacked_bytes: unpacking.bytes.load(Ordering::Relaxed),
    };
    Json(all.iter().map(progress).collect())
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
    headers: HeaderMap,
    mut parts: Multipart,
) -> Result<(StatusCode, Json<FileView>), ApiError> {
    admit(&app, &headers, MAX_UPLOAD)?;
    let mut form = Form::default();
    while let Some(field) = parts.next_field().await.map_err(broken)? {
        match field.name() {
            Some("file") if form.file.is_none() => {
                let name = field.file_name().unwrap_or("print.gcode").to_owned();
                form.file = Some((write(field, &app, &name).await?, name));
            }
            Some("parent_folder") => form.folder = folder(&value(field).await?)?,
            Some("same_name") => form.same_name = same_name(&value(field).await?)?,
            Some(_) | None => (),
        }
    }
    let Form { file, folder, same_name } = form;
    let (temp, name) = file.ok_or_else(|| ApiError::bad_request("the form has no field `file`"))?;
    let (station, under_way) = (app.station.clone(), app.uploads.begin(&name));
    let unpacking = under_way.unpacking.clone();
    let taken = blocking(move || {
        let (temp, unpacking) = (temp, &unpacking);
        station.take_in(&Upload { temp: &temp.0, name: &name, folder, same_name, unpacking })
    });
    let (status, id) = match taken.await? {
        TakenIn::Added(file) => (StatusCode::CREATED, file.id),
        TakenIn::There(file) => (StatusCode::OK, file.id),
    };
    Ok((status, Json(files::find(&app, id).await?)))
}

/// Refuses an upload that says itself that it cannot be taken, before any of it is sent: longer than `most` bytes, or
/// more than the disk has beside the reserve.
pub(crate) fn admit(app: &App, headers: &HeaderMap, most: usize) -> Result<(), ApiError> {
    let told = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    let told = told.unwrap_or(0);
    if told > most as u64 {
        let hint = format!("At most {} MB are taken.", most / 1024 / 1024);
        return Err(ApiError::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            "this file is too large",
            hint,
        ));
    }
    app.station.check_room(told).map_err(|free| no_room(free, app.station.reserve_bytes()))
}

fn no_room(free: u64, reserve: u64) -> ApiError {
    let mb = |bytes: u64| bytes / 1024 / 1024;
    ApiError::new(
        StatusCode::INSUFFICIENT_STORAGE,
        "disk_full",
        format!("the disk has {} MB left, of which {} MB are kept free for prints", mb(free), mb(reserve)),
        "Make room on the disk, then try again.",
    )
}

/// Writes the content beside the library. The name on disk is ours; theirs is only ever shown. The file is locked while
/// this process holds it, so that the sweep at a start knows which ones nobody does.
pub(crate) async fn write(field: Field<'_>, app: &App, name: &str) -> Result<Temp, ApiError> {
    let temp = Temp(app.station.data_dir().join(format!("upload-{}.part", crate::new_token())));
    write_to(field, app, name, &temp.0).await?;
    Ok(temp)
}

/// Writes the content to `path`, as long as the disk has more than its reserve.
pub(crate) async fn write_to(
    mut field: Field<'_>,
    app: &App,
    name: &str,
    path: &Path,
) -> Result<(), ApiError> {
    let new = path.to_owned();
    let named = name.to_owned();
    let created = blocking(move || {
        let file = std::fs::File::create(new).map_err(|error| disk(&named, &error))?;
        // Where a file system knows no locks, the file is only swept when it is old.
        let _ = file.try_lock();
        Ok::<_, ApiError>(file)
    });
    let mut content = tokio::fs::File::from_std(created.await?);
    let mut unchecked = 0;
    while let Some(chunk) = field.chunk().await.map_err(broken)? {
        unchecked += chunk.len();
        if unchecked >= CHECK_EVERY {
            unchecked = 0;
            app.station.check_room(0).map_err(|free| no_room(free, app.station.reserve_bytes()))?;
        }
        content.write_all(&chunk).await.map_err(|error| disk(name, &error))?;
    }
    content.flush().await.map_err(|error| disk(name, &error))
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
    // A client that breaks off or is too slow is no fault of ours.
    let status = Some(error.status()).filter(StatusCode::is_client_error);
    ApiError::new(
        status.unwrap_or(StatusCode::BAD_REQUEST),
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
