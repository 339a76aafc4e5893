//! The report for whoever helps: what would be in it, and the file itself.

use crate::error::blocking;
use crate::export::{a_turn, download};
use crate::openapi::{InputField, Kind};
use crate::print_query::Params;
use crate::routing::{Routes, get};
use crate::{ApiError, App};
use axum::Json;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use serde_json::{Value, json};
use station::{ArchiveError, Report, ReportEntry, ReportParts};

/// Lines of each printer's dialogue, the newest.
const LINES: usize = 2_000;

const REPORT: &[InputField] =
    &[InputField::new("pictures", Kind::Flag, "With the cameras' newest pictures.")];

pub(crate) fn routes() -> Routes {
    Routes::new()
        .route("/vigil/report/", get(contents).query(REPORT))
        .route("/vigil/report.zip", get(file).query(REPORT).sends("application/zip"))
}

/// Lists what is in the report, as it would be now.
async fn contents(
    State(app): State<App>,
    RawQuery(query): RawQuery,
) -> Result<Json<Vec<ReportEntry>>, ApiError> {
    Ok(Json(made(&app, query).await?.entries()))
}

async fn file(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Response, ApiError> {
    let turn = a_turn(&app)?;
    let report = made(&app, query).await?;
    Ok(download(turn, "printvigil-report.zip", "application/zip", move |out| {
        report.write(out).map_err(|error| ArchiveError::Broken(error.to_string()))
    }))
}

async fn made(app: &App, query: Option<String>) -> Result<Report, ApiError> {
    let with_pictures = Params::read(query).get("pictures") == Some("true");
    let snapshot = app.station.snapshot();
    let mut parts = ReportParts { version: snapshot.system.version.clone(), ..ReportParts::default() };
    for (id, printer) in &snapshot.printers {
        let page = app.station.terminal(*id, 0, LINES).await?;
        parts.dialogues.push((id.get(), page.lines));
        let Some(camera) = printer.vigil.camera.as_ref().filter(|_| with_pictures) else { continue };
        let newest = app.station.frames(camera.camera.id).and_then(|frames| frames.borrow().clone());
        if let Some(frame) = newest {
            parts.pictures.push((format!("camera-{}.jpg", camera.camera.id), frame.jpeg.to_vec()));
        }
    }
    let records = snapshot.printers.values().map(|printer| json!(**printer));
    parts.records.push(("printers.json".into(), Value::Array(records.collect())));
    parts.records.push(("app.json".into(), json!(*snapshot.system)));
    let notices = snapshot.notices.iter().map(|entry| json!(*entry.notice));
    parts.records.push(("notices.json".into(), Value::Array(notices.collect())));
    let root = app.station.data_dir().to_path_buf();
    blocking(move || Ok::<_, ApiError>(Report::make(&root, parts))).await
}
