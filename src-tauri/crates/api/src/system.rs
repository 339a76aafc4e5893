//! The app itself: ports, tickets, state of the detector, ending.

use crate::error::blocking;
use crate::keys::Caller;
use crate::routing::{Routes, get, post};
use crate::tickets::TICKET_LIFE;
use crate::{ApiError, App};
use axum::extract::State;
use axum::{Extension, Json};
use domain::Leave;
use serde::{Deserialize, Serialize};
use station::{PortInfo, Station, System, Trouble};
use std::sync::Arc;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .route("/vigil/ports/", get(ports))
        .route("/vigil/port_troubles/", get(port_troubles))
        .route("/vigil/tickets/", post(ticket))
        .route("/vigil/system/", get(system).post(change))
        .route("/vigil/shutdown/", get(may_end).post(end))
}

#[derive(Serialize, ts_rs::TS, schemars::JsonSchema)]
pub(crate) struct Port {
    #[serde(flatten)]
    port: PortInfo,
    /// One of our own printers has it.
    in_use: bool,
}

async fn ports(State(app): State<App>) -> Result<Json<Vec<Port>>, ApiError> {
    let found = blocking(|| Ok::<_, ApiError>(Station::ports())).await?;
    let used: Vec<String> = app
        .station
        .snapshot()
        .printers
        .values()
        .filter_map(|printer| printer.vigil.port.as_ref().map(|port| port.path.clone()))
        .collect();
    let ports = found.into_iter().map(|port| Port { in_use: used.contains(&port.path), port });
    Ok(Json(ports.collect()))
}

/// Lists what keeps printers that are plugged in from being ports at all, with the cure.
async fn port_troubles() -> Result<Json<Vec<Trouble>>, ApiError> {
    Ok(Json(blocking(|| Ok::<_, ApiError>(Station::port_troubles())).await?))
}

#[derive(Deserialize, schemars::JsonSchema)]
struct TicketFor {
    path: String,
}

/// Opens one path for a while.
#[derive(Serialize, ts_rs::TS, schemars::JsonSchema)]
pub(crate) struct Ticket {
    ticket: String,
    expires_in_secs: u64,
}

/// Makes a ticket for one path of pictures or films.
async fn ticket(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Json(ask): Json<TicketFor>,
) -> Result<Json<Ticket>, ApiError> {
    let readable = ask.path.starts_with("/media/")
        || crate::files::is_media(&ask.path)
        || ask.path.starts_with("/api/v1/vigil/frames/")
        || ask.path.ends_with("/frame.jpg")
        || crate::export::is_export(&ask.path)
        || crate::obico::is_socket(&ask.path);
    if !readable || ask.path.contains(['?', '#']) || ask.path.len() > 500 {
        return Err(ApiError::bad_request(
            "tickets are for pictures, films and exports only, without a query",
        ));
    }
    Ok(Json(Ticket { ticket: app.access.ticket(&ask.path, &caller), expires_in_secs: TICKET_LIFE.as_secs() }))
}

async fn system(State(app): State<App>) -> Json<Arc<System>> {
    Json(app.station.snapshot().system.clone())
}

#[derive(Deserialize, schemars::JsonSchema)]
struct SystemPatch {
    first_run: Option<bool>,
    idle_heat_mins: Option<u32>,
}

async fn change(
    State(app): State<App>,
    Json(change): Json<SystemPatch>,
) -> Result<Json<Arc<System>>, ApiError> {
    if let Some(mins) = change.idle_heat_mins {
        app.station.set_idle_heat_mins(mins).await?;
    }
    if let Some(first_run) = change.first_run {
        app.station.set_first_run(first_run).await?;
    }
    Ok(Json(app.station.snapshot().system.clone()))
}

/// Whether the core may end without asking.
#[derive(Serialize, schemars::JsonSchema)]
struct MayEnd {
    printing: bool,
    /// For people.
    text: &'static str,
}

async fn may_end(State(app): State<App>) -> Json<MayEnd> {
    let printing = app.station.printing();
    let text = if printing {
        "A print is running. It can go on without the window, or be paused with the heaters switched off."
    } else {
        "Nothing is printing."
    };
    Json(MayEnd { printing, text })
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
enum HowToLeave {
    HeatersOff,
    AsItIs,
    KeepRunning,
}

#[derive(Deserialize, schemars::JsonSchema)]
struct EndCore {
    leave: HowToLeave,
}

#[derive(Serialize, schemars::JsonSchema)]
struct Ended {
    ended: bool,
}

/// Ends the core, unless a print is to go on.
async fn end(State(app): State<App>, Json(end): Json<EndCore>) -> Result<Json<Ended>, ApiError> {
    let leave = match end.leave {
        HowToLeave::KeepRunning => return Ok(Json(Ended { ended: false })),
        HowToLeave::HeatersOff => Leave::HeatersOff,
        HowToLeave::AsItIs if app.station.printing() => {
            return Err(ApiError::new(
                axum::http::StatusCode::CONFLICT,
                "printing",
                "a print is running",
                "Choose whether it goes on without the window or is paused.",
            ));
        }
        HowToLeave::AsItIs => Leave::AsItIs,
    };
    app.station.shutdown(leave).await;
    app.doors.ended.send_replace(true);
    Ok(Json(Ended { ended: true }))
}
