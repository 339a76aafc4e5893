//! Printvigils on other computers, over the MQTT broker of a person: what they tell, and what is asked of their printers.

use crate::keys::Caller;
use crate::routing::{Routes, delete, get, post};
use crate::{ApiError, App};
use ::mqtt::{Command, Machines};
use axum::extract::{Path, State};
use axum::response::NoContent;
use axum::{Extension, Json};
use domain::PrinterId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use station::StationError;
use ts_rs::TS;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .route("/vigil/machines/", get(list))
        .route("/vigil/machines/{node}/", delete(forget))
        .route("/vigil/machines/{node}/printers/{id}/", post(ask))
}

async fn list(State(app): State<App>, Extension(caller): Extension<Caller>) -> Json<Machines> {
    Json(if caller.sees_machines() { app.mqtt.machines() } else { Machines::default() })
}

/// What is asked of a printer on another computer.
#[derive(Deserialize, TS, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskOther {
    command: Command,
}

/// It was sent. Whether it was done is seen in what that computer tells afterwards.
#[derive(Serialize, TS, JsonSchema)]
pub(crate) struct SentToOther {
    sent: bool,
}

async fn ask(
    State(app): State<App>,
    Path((node, printer)): Path<(String, PrinterId)>,
    Json(wanted): Json<AskOther>,
) -> Result<Json<SentToOther>, ApiError> {
    app.mqtt.ask(&node, printer, wanted.command).map_err(StationError::Refused)?;
    Ok(Json(SentToOther { sent: true }))
}

async fn forget(State(app): State<App>, Path(node): Path<String>) -> Result<NoContent, ApiError> {
    app.mqtt.forget(&node).map_err(StationError::Refused)?;
    Ok(NoContent)
}
