//! The library of G-code files: lists, changes, contents. Uploads are in `upload`, folders in `folders`.

use crate::error::blocking;
use crate::paging::{Asked, Page, ServerUrl};
use crate::print_query::short;
use crate::routing::{Routes, get, post};
use crate::{ApiError, App};
use axum::Json;
use axum::extract::{Path, Query, RawQuery, Request, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, NoContent, Response};
use domain::{FileExtras, FileId, FileSorting, FileView, FolderId, GCodeFile};
use serde::{Deserialize, Deserializer, Serialize};
use station::{FileLines, LayerList, LibraryError};
use store::file::{FileQuery, InFolder};
use store::{Connection, StoreError};
use tower_http::services::ServeFile;

/// Files that one request may name.
const MOST_IDS: usize = 10_000;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .route("/g_code_files/", get(list))
        .route("/g_code_files/bulk_delete/", post(bulk_delete))
        .route("/g_code_files/bulk_move/", post(bulk_move))
        .route("/g_code_files/{id}/", get(detail).patch(change).delete(remove))
        .route("/g_code_files/{id}/content/", get(content).sends("application/octet-stream"))
        .route("/g_code_files/{id}/original/", get(original).sends("application/octet-stream"))
        .route("/g_code_files/{id}/thumbnail/", get(thumbnail).sends("image/*"))
        .route("/vigil/files/{id}/layers/", get(layers))
        .route("/vigil/files/{id}/layers/{n}/", get(layer).sends("application/octet-stream"))
        .route("/vigil/files/{id}/lines/", get(lines))
        .route("/vigil/files/undelete/", post(undelete))
        .route("/vigil/files/totals/", get(totals))
}

/// Returns whether `path` may be opened with a ticket: what an `<img>` shows and what a link saves.
pub(crate) fn is_media(path: &str) -> bool {
    let rest = path.strip_prefix("/api/v1/g_code_files/").and_then(|rest| rest.split_once('/'));
    rest.is_some_and(|(id, what)| {
        id.bytes().all(|b| b.is_ascii_digit()) && matches!(what, "content/" | "thumbnail/" | "original/")
    })
}

#[derive(Deserialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(rename = "FileQuery")]
#[ts(optional_fields)]
pub(crate) struct List {
    q: Option<String>,
    /// Exactly this name.
    filename: Option<String>,
    /// Absent: anywhere; empty or `root`: at the top; a number: in that folder.
    parent_folder: Option<String>,
    sorting: Option<FileSorting>,
    page: Option<u32>,
    /// 100 unless said, 500 at most.
    page_size: Option<u32>,
    /// Files that lie at this printer's own host: none of those is kept here.
    resident_printer: Option<String>,
    /// With `agent_signature`: the file with this name and content.
    safe_filename: Option<String>,
    agent_signature: Option<String>,
}

/// Reads `parent_folder` of a query.
pub(crate) fn in_folder(text: Option<&str>) -> Result<InFolder, ApiError> {
    match text {
        None => Ok(InFolder::Any),
        Some("" | "root" | "null") => Ok(InFolder::Top),
        Some(number) => number.parse().map(|id| InFolder::Folder(FolderId(id))).map_err(|_| {
            let why = format!("parent_folder {number:?} is no number");
            ApiError::bad_request(why).of_field("parent_folder")
        }),
    }
}

async fn list(
    State(app): State<App>,
    server: ServerUrl,
    RawQuery(query): RawQuery,
    Query(list): Query<List>,
) -> Result<Json<Page<FileView>>, ApiError> {
    let size = list.page_size.unwrap_or(100).clamp(1, 500);
    let asked = Asked::read("/api/v1/g_code_files/", &server, query.as_deref(), list.page, size)?;
    let folder = in_folder(list.parent_folder.as_deref())?;
    [&list.q, &list.filename].into_iter().flatten().try_for_each(|text| short(text))?;
    if list.resident_printer.is_some_and(|printer| !printer.is_empty()) {
        return asked.page(0, Vec::new()).map(Json);
    }
    if let (Some(name), Some(signature)) = (list.safe_filename, list.agent_signature) {
        let results = views(&app, move |conn| {
            let found = store::file::by_signature(conn, &signature)?;
            Ok(found.filter(|file| file.safe_filename == name).into_iter().collect())
        });
        let results = results.await?;
        return asked.page(results.len() as u64, results).map(Json);
    }
    if let Some(name) = list.filename {
        let at = match folder {
            InFolder::Folder(id) => Some(id),
            InFolder::Any | InFolder::Top => None,
        };
        let results = views(&app, move |conn| {
            Ok(store::library::named(conn, &domain::display_name(&name), at)?.into_iter().collect())
        });
        let results = results.await?;
        return asked.page(results.len() as u64, results).map(Json);
    }
    let (start, sorting) = (asked.start(), list.sorting.unwrap_or_default());
    let query = FileQuery { q: list.q, start, limit: size, folder, sorting };
    let store = app.station.store().clone();
    let (found, count) = blocking(move || store.read(move |conn| store::file::list(conn, &query))).await?;
    let results = views(&app, move |_| Ok(found)).await?;
    asked.page(count, results).map(Json)
}

/// Writes what is no plain letter or digit as `%XX`.
pub(crate) fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out += &format!("%{byte:02X}");
        }
        out
    })
}

/// Reads files, with all that is shown of each.
pub(crate) async fn views(
    app: &App,
    read: impl FnOnce(&Connection) -> Result<Vec<GCodeFile>, StoreError> + Send + 'static,
) -> Result<Vec<FileView>, ApiError> {
    let (store, in_use) = (app.station.store().clone(), app.station.files_in_use());
    let station = app.station.clone();
    blocking(move || {
        store.read(move |conn| {
            let files = read(conn)?;
            let ids: Vec<FileId> = files.iter().map(|file| file.id).collect();
            let mut prints = store::library::prints_of(conn, &ids)?;
            let mut view = |file: GCodeFile| -> Result<FileView, StoreError> {
                let twin = match &file.agent_signature {
                    Some(signature) => store::library::twin(conn, signature, Some(file.id))?,
                    None => None,
                };
                let vigil = FileExtras {
                    prints: prints.remove(&file.id).unwrap_or_default(),
                    same_as: twin.map(|twin| twin.filename),
                    original_url: station
                        .original_path(file.id)
                        .is_file()
                        .then(|| format!("/api/v1/g_code_files/{}/original/", file.id)),
                    printing: in_use.contains(&file.id),
                };
                Ok(FileView { file: with_url(file), vigil })
            };
            files.into_iter().map(&mut view).collect()
        })
    })
    .await
}

fn with_url(mut file: GCodeFile) -> GCodeFile {
    file.url = format!("/api/v1/g_code_files/{}/content/", file.id);
    file
}

/// Returns a file that is not deleted, with all that is shown of it.
pub(crate) async fn find(app: &App, id: FileId) -> Result<FileView, ApiError> {
    let read = move |conn: &Connection| {
        Ok(store::file::get(conn, id)?.filter(|file| file.deleted.is_none()).into_iter().collect())
    };
    views(app, read).await?.pop().ok_or_else(|| ApiError::not_found("this file"))
}

async fn detail(State(app): State<App>, Path(id): Path<FileId>) -> Result<Json<FileView>, ApiError> {
    Ok(Json(find(&app, id).await?))
}

/// Sends the content, in ranges where asked; a browser saves it under its own name and never shows it.
async fn content(
    State(app): State<App>,
    Path(id): Path<FileId>,
    request: Request,
) -> Result<Response, ApiError> {
    let found = find(&app, id).await?;
    let mut name = found.file.filename;
    if found.vigil.original_url.is_some() {
        name += ".gcode";
    }
    serve(&app.station.file_path(id), &name, "application/octet-stream", request).await
}

/// Sends the file as it was uploaded, where it was no plain G-code.
async fn original(
    State(app): State<App>,
    Path(id): Path<FileId>,
    request: Request,
) -> Result<Response, ApiError> {
    let name = find(&app, id).await?.file.filename;
    serve(&app.station.original_path(id), &name, "application/octet-stream", request).await
}

async fn thumbnail(
    State(app): State<App>,
    Path(id): Path<FileId>,
    request: Request,
) -> Result<Response, ApiError> {
    let path = app.station.thumbnail_path(id);
    // A person may have deleted the file since the page asked for the list: its picture may still be shown.
    let (head, gone) = (path.clone(), || ApiError::not_found("the picture of this file"));
    let kind = blocking(move || station::picture_type(&head).ok_or_else(gone)).await?;
    serve(&path, "thumbnail", kind, request).await
}

async fn layers(State(app): State<App>, Path(id): Path<FileId>) -> Result<Json<LayerList>, ApiError> {
    find(&app, id).await?;
    let station = app.station.clone();
    Ok(Json(blocking(move || station.layers(id)).await?))
}

/// Sends the geometry of one layer, counted from 0 in the order of the index.
async fn layer(State(app): State<App>, Path((id, n)): Path<(FileId, usize)>) -> Result<Response, ApiError> {
    find(&app, id).await?;
    let station = app.station.clone();
    let bytes = blocking(move || station.layer(id, n)).await?;
    Ok(([(CONTENT_TYPE, "application/octet-stream")], bytes).into_response())
}

/// Which lines of a file.
#[derive(Deserialize, schemars::JsonSchema)]
struct Which {
    /// Number of the command, from 1.
    at: u64,
    /// So many before and after it, 50 at most.
    #[serde(default)]
    around: u64,
}

async fn lines(
    State(app): State<App>,
    Path(id): Path<FileId>,
    Query(which): Query<Which>,
) -> Result<Json<FileLines>, ApiError> {
    find(&app, id).await?;
    let (at, around) = (which.at.max(1), which.around.min(50));
    let first = at.saturating_sub(around).max(1);
    let count = (at - first).saturating_add(around).saturating_add(1) as usize;
    let station = app.station.clone();
    Ok(Json(blocking(move || station.file_lines(id, first, count)).await?))
}

/// Sends a file of the library from disk, to be saved as `name`.
pub(crate) async fn serve(
    path: &std::path::Path,
    name: &str,
    kind: &'static str,
    request: Request,
) -> Result<Response, ApiError> {
    let gone = || ApiError::not_found("the content of this file");
    let mut served = ServeFile::new(path).try_call(request).await.map_err(|_| gone())?;
    if served.status() == StatusCode::NOT_FOUND {
        return Err(gone());
    }
    let saved = format!("attachment; filename*=UTF-8''{}", percent_encoded(name));
    let headers = served.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(saved) = HeaderValue::from_str(&saved) {
        headers.insert(CONTENT_DISPOSITION, saved);
    }
    Ok(served.into_response())
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct FilePatch {
    filename: Option<String>,
    /// Absent: unchanged; null: to the top.
    #[serde(default, deserialize_with = "present")]
    parent_folder: Option<Option<FolderId>>,
}

/// Tells `null` from nothing.
pub(crate) fn present<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Option<FolderId>>, D::Error> {
    Option::<FolderId>::deserialize(d).map(Some)
}

async fn change(
    State(app): State<App>,
    Path(id): Path<FileId>,
    Json(change): Json<FilePatch>,
) -> Result<Json<FileView>, ApiError> {
    let station = app.station.clone();
    blocking(move || station.change_file(id, change.filename.as_deref(), change.parent_folder)).await?;
    app.station.tell_file(id).await?;
    Ok(Json(find(&app, id).await?))
}

async fn remove(State(app): State<App>, Path(id): Path<FileId>) -> Result<NoContent, ApiError> {
    find(&app, id).await?;
    let station = app.station.clone();
    blocking(move || station.delete_files(vec![id])).await?;
    app.station.tell_queued_files().await?;
    Ok(NoContent)
}

#[derive(Deserialize, schemars::JsonSchema)]
struct FileIds {
    #[serde(alias = "gcode_file_ids", alias = "g_code_file_ids")]
    file_ids: Vec<FileId>,
    #[serde(default, alias = "target_folder_id")]
    parent_folder: Option<FolderId>,
}

impl FileIds {
    fn checked(self) -> Result<Self, ApiError> {
        if self.file_ids.len() > MOST_IDS {
            return Err(ApiError::bad_request(format!("at most {MOST_IDS} files at once")));
        }
        Ok(self)
    }
}

async fn bulk_delete(State(app): State<App>, Json(ids): Json<FileIds>) -> Result<NoContent, ApiError> {
    let (station, ids) = (app.station.clone(), ids.checked()?);
    blocking(move || station.delete_files(ids.file_ids)).await?;
    app.station.tell_queued_files().await?;
    Ok(NoContent)
}

async fn bulk_move(State(app): State<App>, Json(ids): Json<FileIds>) -> Result<NoContent, ApiError> {
    let (station, ids) = (app.station.clone(), ids.checked()?);
    blocking(move || station.move_files(ids.file_ids, ids.parent_folder)).await?;
    Ok(NoContent)
}

#[derive(Serialize, schemars::JsonSchema)]
struct Undeleted {
    restored: usize,
}

async fn undelete(State(app): State<App>, Json(ids): Json<FileIds>) -> Result<Json<Undeleted>, ApiError> {
    let (station, ids) = (app.station.clone(), ids.checked()?);
    let restored = blocking(move || station.undelete_files(ids.file_ids)).await?;
    app.station.tell_queued_files().await?;
    Ok(Json(Undeleted { restored }))
}

#[derive(Serialize, schemars::JsonSchema)]
struct FileTotals {
    files: u64,
    bytes: u64,
}

async fn totals(State(app): State<App>) -> Result<Json<FileTotals>, ApiError> {
    let store = app.station.store().clone();
    let (files, bytes) = blocking(move || store.read(store::library::totals)).await?;
    Ok(Json(FileTotals { files, bytes }))
}

impl From<LibraryError> for ApiError {
    fn from(error: LibraryError) -> Self {
        let text = error.to_string();
        match error {
            LibraryError::Upload(error) => error.into(),
            LibraryError::InUse { .. } => {
                Self::new(StatusCode::CONFLICT, "in_use", text, "Wait until the print has ended.")
            }
            LibraryError::NotFound { what } => Self::not_found(what),
            LibraryError::BadName { .. } => {
                Self::new(StatusCode::BAD_REQUEST, "bad_name", text, "Choose another name.")
            }
            LibraryError::FolderInItself => {
                Self::new(StatusCode::BAD_REQUEST, "in_itself", text, "Choose another folder.")
            }
            LibraryError::Store(error) => error.into(),
        }
    }
}
