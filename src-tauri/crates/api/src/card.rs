//! The printer's own card: its files, and prints from it.

use crate::App;
use crate::printers::{Done, ask};
use crate::routing::{Routes, post};
use axum::Json;
use axum::extract::{Path, State};
use domain::{PrinterId, Request};
use serde::Deserialize;

pub(crate) fn routes() -> Routes {
    Routes::new().route("/printers/{id}/sd/list/", post(list)).route("/printers/{id}/sd/print/", post(print))
}

/// Asks for the files. Answers when the printer is asked; they come with the printer's view.
async fn list(State(app): State<App>, Path(id): Path<PrinterId>) -> Done {
    ask(&app, id, Request::SdList(id)).await
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct SdPath {
    path: String,
}

async fn print(State(app): State<App>, Path(id): Path<PrinterId>, Json(which): Json<SdPath>) -> Done {
    ask(&app, id, Request::SdPrint(id, which.path)).await
}
