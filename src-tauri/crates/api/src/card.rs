//! The printer's own card: its files, and prints from it.

use crate::App;
use crate::printers::{Done, ask};
use axum::extract::{Path, State};
use axum::routing::post;
use axum::{Json, Router};
use domain::{PrinterId, Request};
use serde::Deserialize;

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/printers/{id}/sd/list/", post(list)).route("/printers/{id}/sd/print/", post(print))
}

/// Asks for the files. Answers when the printer is asked; they come with the printer's view.
async fn list(State(app): State<App>, Path(id): Path<PrinterId>) -> Done {
    ask(&app, id, Request::SdList(id)).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Which {
    path: String,
}

async fn print(State(app): State<App>, Path(id): Path<PrinterId>, Json(which): Json<Which>) -> Done {
    ask(&app, id, Request::SdPrint(id, which.path)).await
}
