//! What is answered to an upload once the file is in the library; it is started there if that is asked for.

use super::listing;
use super::meant::Meant;
use super::start::{Started, kept, start};
use super::take::Kept;
use crate::{ApiError, App, queue};
use axum::Json;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use domain::QueuedBy;
use serde_json::json;

/// What a slicer wants done with its file.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Wanted {
    pub(super) print: bool,
    pub(super) select: bool,
}

/// Starts or selects an uploaded file, and answers. The file stays, whatever becomes of the start.
///
/// # Errors
/// When it is not started although the printer is free, or when it is not known which printer is meant.
pub(super) async fn finish(
    app: &App,
    base: &str,
    printer: Result<Meant, ApiError>,
    uploaded: &Kept,
    wanted: Wanted,
) -> Result<Response, ApiError> {
    let (file, name) = (&uploaded.file, &uploaded.file.filename);
    let (mut selected, mut started, mut message) = (false, false, None);
    if wanted.print {
        let Meant(printer) = printer.map_err(|error| kept(name, error))?;
        match start(app, &printer, file.id).await.map_err(|error| kept(name, error))? {
            Started::Yes => (selected, started) = (true, true),
            Started::Busy(why) => {
                // It starts when a person says that the bed is clear.
                let queued = queue::add_file(app, printer.id, file.id, 1, QueuedBy::Slicer).await;
                let waits = match queued {
                    Ok(_) => "waits in Printvigil's queue".to_owned(),
                    Err(error) => {
                        format!("is kept in Printvigil, but does not wait in its queue ({})", error.message)
                    }
                };
                message = Some(format!("The file {name} was not started, and {waits}. {why}"));
            }
        }
    } else if wanted.select
        && let Ok(Meant(printer)) = printer
    {
        app.selected.set(printer.id, file.id);
        selected = true;
    }
    let entry = listing::file_entry(base, &uploaded.path, file);
    // Cura goes by this header.
    let location = [(LOCATION, listing::address(base, &uploaded.path))];
    let answer = json!({
        "files": {"local": entry},
        "done": true,
        "effectiveSelect": selected,
        "effectivePrint": started,
        "message": message,
    });
    Ok((StatusCode::CREATED, location, Json(answer)).into_response())
}
