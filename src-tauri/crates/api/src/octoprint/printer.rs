//! OctoPrint's addresses for the printer: its state and temperatures, and G-code by the owner.

use super::meant::Meant;
use super::words::read;
use crate::print_query::Params;
use crate::{ApiError, App, printers};
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use domain::{PrinterState, PrinterView, Request, Sure, Tool};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Lines of G-code in one request.
const MOST_LINES: usize = 50;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/api/printer", get(state))
        .route("/api/printer/command", post(command))
        .route("/api/connection", get(connection))
}

async fn state(Meant(printer): Meant, RawQuery(query): RawQuery) -> Result<Json<Value>, ApiError> {
    if !printer.status.state.flags.operational {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            "not_connected",
            format!("{} is not connected: it says {}", printer.name, printer.vigil.state_word),
            "Connect it in Printvigil.",
        ));
    }
    let left_out = Params::read(query);
    let left_out: Vec<&str> = left_out.get("exclude").into_iter().flat_map(|all| all.split(',')).collect();
    let mut told = Map::new();
    let mut tell = |name: &str, value: Value| {
        if !left_out.contains(&name) {
            told.insert(name.into(), value);
        }
    };
    tell("state", state_of(&printer));
    tell("temperature", temperatures(&printer));
    tell("sd", json!({"ready": printer.status.state.flags.sdReady}));
    Ok(Json(told.into()))
}

/// Returns the state with OctoPrint's flags.
fn state_of(printer: &PrinterView) -> Value {
    let state = &printer.status.state;
    let mut flags = json!(state.flags);
    flags["resuming"] = (printer.vigil.state == PrinterState::Resuming).into();
    flags["finishing"] = (printer.vigil.state == PrinterState::Finishing).into();
    json!({"text": state.text, "flags": flags})
}

/// Returns what the printer has told just now; nothing where that is old.
pub(super) fn temperatures(printer: &PrinterView) -> Value {
    if !printer.vigil.heat.known {
        return json!({});
    }
    let told = printer.status.temperatures.iter();
    told.map(|(heater, t)| {
        let shown = json!({"actual": t.actual, "target": t.target.unwrap_or(0.0), "offset": t.offset});
        (heater.clone(), shown)
    })
    .collect::<Map<String, Value>>()
    .into()
}

#[derive(Deserialize)]
struct Lines {
    command: Option<String>,
    #[serde(default)]
    commands: Vec<String>,
}

/// Sends lines as if they were typed in the terminal: what is asked about there is refused here.
async fn command(State(app): State<App>, Meant(printer): Meant, body: Bytes) -> Result<StatusCode, ApiError> {
    let Lines { command, commands } = read(&body)?;
    let lines: Vec<String> = command.into_iter().chain(commands).collect();
    if lines.is_empty() || lines.len() > MOST_LINES {
        return Err(ApiError::bad_request(format!("1 to {MOST_LINES} commands are taken at once")));
    }
    for line in lines {
        let tool = Tool::Send { line, sure: Sure::Ask };
        let _ = printers::ask(&app, printer.id, Request::Tool(printer.id, tool)).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn connection(Meant(printer): Meant) -> Json<Value> {
    let port = printer.vigil.port.as_ref();
    let current = json!({
        "state": printer.status.state.text,
        "port": port.map(|port| &port.path),
        "baudrate": port.map(|port| port.baud),
        "printerProfile": "_default",
    });
    let profiles = json!([{"id": "_default", "name": printer.name}]);
    Json(json!({"current": current, "options": {"ports": [], "baudrates": [], "printerProfiles": profiles}}))
}
