//! Uploads into the library: written to the disk as they come, believed only when they were read.

use crate::disposition::file_name;
use crate::error::blocking;
use crate::openapi::{InputField, Kind};
use crate::routing::{Routes, get, post};
use crate::{ApiError, App, files};
use axum::Json;
use axum::body::Body;
use axum::extract::multipart::Field;
use axum::extract::{Multipart, State};
use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use domain::{FileId, FileView, FolderId};
use futures_util::{Stream, StreamExt};
use serde::Serialize;
use station::{SameName, TakenIn, Unpacking, Upload};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::AsyncWriteExt;

/// Largest upload of any kind, bytes.
pub(crate) const MAX_UPLOAD: usize = 2 * 1024 * 1024 * 1024;

/// The room on the disk is looked at each time so many bytes have come.
const CHECK_EVERY: usize = 4 * 1024 * 1024;

/// Longest value of a field beside the file, bytes.
const MAX_VALUE: usize = 1024;

/// Parts of a form at most: ours have fewer than ten.
const MOST_PARTS: usize = 32;

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

/// A form as it came: the file, which lies on the disk, and the fields that are known.
pub(crate) struct Received {
    temp: Temp,
    /// As the client calls it: for display only.
    pub(crate) name: String,
    values: Vec<(&'static str, String)>,
}

impl Received {
    /// Makes one of a file that came without a form.
    pub(crate) fn of(temp: Temp, name: &str) -> Self {
        Self { temp, name: name.to_owned(), values: Vec::new() }
    }

    /// Returns where it lies.
    pub(crate) fn path(&self) -> &Path {
        &self.temp.0
    }

    /// Returns what a field said.
    pub(crate) fn value(&self, field: &str) -> Option<&str> {
        self.values.iter().find(|(name, _)| *name == field).map(|(_, value)| value.as_str())
    }
}

/// Reads a form with a field `file`. `known`: the other fields that are read; `check`: refuses a file by its name before
/// it is read.
///
/// # Errors
/// When the form is broken, says something twice, or has no file; when the disk does not take it.
pub(crate) async fn receive(
    app: &App,
    mut parts: Multipart,
    known: &[&'static str],
    check: impl Fn(&str) -> Result<(), ApiError>,
) -> Result<Received, ApiError> {
    let (mut file, mut values, mut count) = (None, Vec::new(), 0);
    while let Some(field) = parts.next_field().await.map_err(broken)? {
        count += 1;
        if count > MOST_PARTS {
            return Err(ApiError::bad_request(format!("a form has at most {MOST_PARTS} parts")));
        }
        let name = field.name().unwrap_or_default();
        if name == "file" {
            if file.is_some() {
                // Which of the two counts would be a guess.
                return Err(ApiError::bad_request("the form has two files; one is taken at once"));
            }
            let name = file_name(&field).unwrap_or_else(|| "print.gcode".into());
            check(&name)?;
            file = Some((write(field, app, &name).await?, name));
        } else if let Some(name) = known.iter().find(|known| **known == name) {
            if values.iter().any(|(other, _)| other == name) {
                return Err(ApiError::bad_request(format!("the form has the field `{name}` twice")));
            }
            values.push((*name, value(field).await?));
        }
    }
    let (temp, name) = file.ok_or_else(|| ApiError::bad_request("the form has no field `file`"))?;
    Ok(Received { temp, name, values })
}

/// Takes a received file into the library. Returns its number, and 201 where it was not there already.
///
/// # Errors
/// When it cannot be printed or kept: nothing is changed then.
pub(crate) async fn take_in(
    app: &App,
    received: Received,
    folder: Option<FolderId>,
    same_name: SameName,
) -> Result<(StatusCode, FileId), ApiError> {
    let Received { temp, name, values: _ } = received;
    let (station, under_way) = (app.station.clone(), app.uploads.begin(&name));
    let unpacking = under_way.unpacking.clone();
    let taken = blocking(move || {
        let (temp, unpacking) = (temp, &unpacking);
        station.take_in(&Upload { temp: &temp.0, name: &name, folder, same_name, unpacking })
    });
    match taken.await? {
        TakenIn::Added(file) => {
            // One of the same name may have gone by it.
            app.station.tell_queued_files().await?;
            Ok((StatusCode::CREATED, file.id))
        }
        TakenIn::There(file) => Ok((StatusCode::OK, file.id)),
    }
}

async fn upload(
    State(app): State<App>,
    headers: HeaderMap,
    parts: Multipart,
) -> Result<(StatusCode, Json<FileView>), ApiError> {
    admit(&app, &headers, MAX_UPLOAD)?;
    let received = receive(&app, parts, &["parent_folder", "same_name"], |_| Ok(())).await?;
    let folder = folder(received.value("parent_folder").unwrap_or_default())?;
    let same_name = same_name(received.value("same_name").unwrap_or_default())?;
    let (status, id) = take_in(&app, received, folder, same_name).await?;
    Ok((status, Json(files::find(&app, id).await?)))
}

/// Refuses an upload that says itself that it cannot be taken, before any of it is sent: longer than `most` bytes, or
/// more than the disk has beside the reserve.
pub(crate) fn admit(app: &App, headers: &HeaderMap, most: usize) -> Result<(), ApiError> {
    let told = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    let told = told.unwrap_or(0);
    if told > most as u64 {
        return Err(too_large(most));
    }
    app.station.check_room(told).map_err(|free| no_room(free, app.station.reserve_bytes()))
}

fn too_large(most: usize) -> ApiError {
    let hint = format!("At most {} MB are taken.", most / 1024 / 1024);
    ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "this file is too large", hint)
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
    let temp = new_temp(app);
    write_to(field, app, name, &temp.0).await?;
    Ok(temp)
}

/// As [`write`], of a body that is nothing but the file.
pub(crate) async fn write_body(body: Body, app: &App, name: &str) -> Result<Temp, ApiError> {
    let temp = new_temp(app);
    let mut length = 0;
    let pieces = body.into_data_stream().map(move |piece| {
        let piece = piece.map_err(|error| broken_body(&error))?;
        length += piece.len();
        if length > MAX_UPLOAD { Err(too_large(MAX_UPLOAD)) } else { Ok(piece) }
    });
    write_pieces(pieces, app, name, &temp.0).await?;
    Ok(temp)
}

fn new_temp(app: &App) -> Temp {
    Temp(app.station.data_dir().join(format!("upload-{}.part", crate::new_token())))
}

/// Writes the content to `path`, as long as the disk has more than its reserve.
pub(crate) async fn write_to(field: Field<'_>, app: &App, name: &str, path: &Path) -> Result<(), ApiError> {
    write_pieces(field.map(|piece| piece.map_err(broken)), app, name, path).await
}

async fn write_pieces(
    pieces: impl Stream<Item = Result<Bytes, ApiError>>,
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
    let (mut unchecked, mut pieces) = (0, pin!(pieces));
    while let Some(piece) = pieces.next().await.transpose()? {
        unchecked += piece.len();
        if unchecked >= CHECK_EVERY {
            unchecked = 0;
            app.station.check_room(0).map_err(|free| no_room(free, app.station.reserve_bytes()))?;
        }
        content.write_all(&piece).await.map_err(|error| disk(name, &error))?;
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
    broken_off(error.status(), error.body_text())
}

/// A body without a form that did not come to its end.
fn broken_body(error: &axum::Error) -> ApiError {
    broken_off(StatusCode::BAD_REQUEST, format!("the file did not come to its end: {error}"))
}

fn broken_off(status: StatusCode, why: String) -> ApiError {
    // A client that breaks off or is too slow is no fault of ours.
    let status = Some(status).filter(StatusCode::is_client_error).unwrap_or(StatusCode::BAD_REQUEST);
    ApiError::new(status, "upload_broken", why, "Try again; files up to 2 GB are taken.")
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
