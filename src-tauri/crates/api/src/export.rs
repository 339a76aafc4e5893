//! To take along: one print as a ZIP or a page, the history as CSV or JSON, everything as one file. Written as it is
//! sent; nothing is held in memory as a whole.

use crate::error::blocking;
use crate::openapi::{InputField, Kind};
use crate::print_fields::PRINTS;
use crate::print_query::Params;
use crate::routing::{Routes, get};
use crate::{ApiError, App};
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use domain::{Print, PrintId, PrintView};
use station::{ArchiveError, Pictures, history_table, views};
use std::io::{self, Write};
use store::Connection;
use tokio::sync::{OwnedSemaphorePermit, mpsc};

/// Pieces on their way to the client at most.
const PIECES: usize = 8;
/// Bytes of a piece.
const PIECE: usize = 64 * 1024;
/// Prints in an export of the history at most.
const MOST: u32 = 1_000_000;

const BACKUP: &[InputField] = &[InputField::new("pictures", Kind::Flag, "With pictures and films.")];

pub(crate) fn routes() -> Routes {
    Routes::new()
        .route("/vigil/prints/{id}/export.zip", get(print_zip).sends("application/zip"))
        .route("/vigil/prints/{id}/export.html", get(print_html).sends("text/html"))
        .route("/vigil/history.csv", get(history_csv).query(PRINTS).sends("text/csv"))
        .route("/vigil/history.json", get(history_json).query(PRINTS))
        .route("/vigil/backup.zip", get(backup).query(BACKUP).sends("application/zip"))
}

/// Returns whether a path is one of these downloads.
pub(crate) fn is_export(path: &str) -> bool {
    let names =
        ["/export.zip", "/export.html", "/history.csv", "/history.json", "/backup.zip", "/report.zip"];
    path.starts_with("/api/v1/vigil/") && names.iter().any(|name| path.ends_with(name))
}

/// What is written is sent piece by piece; writing waits for a slow client.
struct Pieces {
    out: mpsc::Sender<io::Result<Bytes>>,
    waiting: Vec<u8>,
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= PIECE {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let piece = Bytes::from(std::mem::take(&mut self.waiting));
        if piece.is_empty() {
            return Ok(());
        }
        self.out.blocking_send(Ok(piece)).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

/// Returns the right to put a download together. Each takes a thread for as long as its client takes: few at once, so
/// that there are threads for all else.
pub(crate) fn a_turn(app: &App) -> Result<OwnedSemaphorePermit, ApiError> {
    app.downloads.clone().try_acquire_owned().map_err(|_| {
        ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "too_many_downloads",
            "other downloads are under way",
            "Wait until one of them is done, then try again.",
        )
    })
}

/// Answers with a file that `write` writes on a thread of its own. A failure breaks the download off.
pub(crate) fn download(
    turn: OwnedSemaphorePermit,
    name: &str,
    kind: &'static str,
    write: impl FnOnce(&mut dyn Write) -> Result<(), ArchiveError> + Send + 'static,
) -> Response {
    let (out, pieces) = mpsc::channel(PIECES);
    tokio::task::spawn_blocking(move || {
        let _turn = turn;
        let mut sink = Pieces { out: out.clone(), waiting: Vec::with_capacity(PIECE) };
        let done =
            write(&mut sink).and_then(|()| sink.flush().map_err(|e| ArchiveError::Broken(e.to_string())));
        if let Err(error) = done {
            tracing::warn!(%error, "an export was broken off");
            let _ = out.blocking_send(Err(io::Error::other(error)));
        }
    });
    let stream = futures_util::stream::unfold(pieces, |mut pieces| async {
        pieces.recv().await.map(|piece| (piece, pieces))
    });
    let mut response = Body::from_stream(stream).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(CONTENT_DISPOSITION, value);
    }
    response
}

async fn find(app: &App, id: PrintId) -> Result<Print, ApiError> {
    let store = app.station.store().clone();
    let found = blocking(move || store.read(move |conn| store::print::get(conn, id))).await?;
    found.ok_or_else(|| ApiError::not_found("this print"))
}

async fn print_zip(State(app): State<App>, Path(id): Path<PrintId>) -> Result<Response, ApiError> {
    let print = find(&app, id).await?;
    let (turn, root) = (a_turn(&app)?, app.station.data_dir().to_path_buf());
    Ok(download(turn, &format!("print-{id}.zip"), "application/zip", move |out| {
        let conn = store::read_only(&root)?;
        station::print_zip(&conn, &root, &print, out)
    }))
}

async fn print_html(State(app): State<App>, Path(id): Path<PrintId>) -> Result<Response, ApiError> {
    let print = find(&app, id).await?;
    let (turn, root) = (a_turn(&app)?, app.station.data_dir().to_path_buf());
    Ok(download(turn, &format!("print-{id}.html"), "text/html; charset=utf-8", move |out| {
        let conn = store::read_only(&root)?;
        let page = station::print_html(&conn, &root, &print)?;
        out.write_all(page.as_bytes()).map_err(|e| ArchiveError::Broken(e.to_string()))
    }))
}

/// Returns the prints that a query means, all pages of them, in the form of the API.
///
/// # Errors
/// When the query makes no sense or the database cannot be read.
pub fn history(conn: &Connection, query: Option<String>) -> Result<Vec<PrintView>, ApiError> {
    let mut query = Params::read(query).prints()?;
    (query.start, query.limit) = (0, MOST);
    Ok(views(conn, &store::print_list::list(conn, &query)?)?)
}

async fn read_history(app: App, query: Option<String>) -> Result<Vec<PrintView>, ApiError> {
    let root = app.station.data_dir().to_path_buf();
    blocking(move || {
        let conn = store::read_only(&root)?;
        history(&conn, query)
    })
    .await
}

async fn history_csv(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Response, ApiError> {
    let turn = a_turn(&app)?;
    let table = history_table(&read_history(app, query).await?);
    Ok(download(turn, "history.csv", "text/csv; charset=utf-8", move |out| {
        out.write_all(table.as_bytes()).map_err(|e| ArchiveError::Broken(e.to_string()))
    }))
}

async fn history_json(
    State(app): State<App>,
    RawQuery(query): RawQuery,
) -> Result<Json<Vec<PrintView>>, ApiError> {
    let _turn = a_turn(&app)?;
    Ok(Json(read_history(app, query).await?))
}

async fn backup(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Response, ApiError> {
    let pictures =
        if Params::read(query).get("pictures") == Some("true") { Pictures::With } else { Pictures::Without };
    let (root, version) =
        (app.station.data_dir().to_path_buf(), app.station.snapshot().system.version.clone());
    let turn = a_turn(&app)?;
    Ok(download(turn, "printvigil-backup.zip", "application/zip", move |out| {
        station::back_up(&root, &version, pictures, out).map(|_| ())
    }))
}

/// Opens the history of a data folder for reading, beside a running core or without one.
///
/// # Errors
/// When there is none, or it is of another version.
pub fn open_history(data_dir: &std::path::Path) -> Result<Connection, store::StoreError> {
    store::read_only(data_dir)
}
