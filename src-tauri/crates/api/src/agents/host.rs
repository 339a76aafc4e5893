//! What the host of a printer has, beside the printer itself: files, power, cameras. All of it is asked through the agent.

use super::files::{self, HostFiles};
use crate::routing::{Routes, get, post};
use crate::{ApiError, App};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::NoContent;
use domain::{PrinterId, PrinterKind, PrinterView, one_line};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use station::Ask;
use std::sync::Arc;

/// Longest path or name that is passed on, bytes.
const LONGEST: usize = 1_000;
/// Most things that are listed.
const MOST: usize = 64;

pub(super) fn routes() -> Routes {
    Routes::new()
        .route("/vigil/printers/{id}/host/files/", get(list))
        .route("/vigil/printers/{id}/host/print/", post(print))
        .route("/vigil/printers/{id}/host/power/", get(power).post(switch))
        .route("/vigil/printers/{id}/host/cameras/", get(cameras))
}

/// Returns a printer that a host drives.
fn driven(app: &App, id: PrinterId) -> Result<Arc<PrinterView>, ApiError> {
    let view = crate::printers::view(app, id)?;
    if view.vigil.kind != PrinterKind::Agent {
        return Err(ApiError::bad_request("this printer has no agent: it is driven from here"));
    }
    Ok(view)
}

async fn ask(app: &App, id: PrinterId, ask: Ask) -> Result<Value, ApiError> {
    app.station.agents().ask(id, ask).await.map_err(|why| {
        let hint = "Check that the agent is connected, then try again.";
        ApiError::new(StatusCode::BAD_GATEWAY, "agent_refused", why, hint)
    })
}

fn check_length(text: &str) -> Result<(), ApiError> {
    if text.is_empty() || text.len() > LONGEST || text.chars().any(char::is_control) {
        return Err(ApiError::bad_request(format!("it has 1 to {LONGEST} characters that can be seen")));
    }
    Ok(())
}

#[derive(Deserialize, schemars::JsonSchema)]
struct InFolder {
    #[serde(default)]
    folder: String,
}

async fn list(
    State(app): State<App>,
    Path(id): Path<PrinterId>,
    Query(InFolder { folder }): Query<InFolder>,
) -> Result<Json<HostFiles>, ApiError> {
    driven(&app, id)?;
    let folder = folder.trim_matches('/').to_owned();
    if !folder.is_empty() {
        check_length(&folder)?;
    }
    let told = ask(&app, id, Ask::Files { folder: folder.clone() }).await?;
    Ok(Json(files::read(&told, folder)))
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct HostPrint {
    /// Where the file lies there.
    path: String,
    /// As it was listed.
    signature: Option<String>,
    /// A person has looked at the bed, and says that nothing lies on it.
    bed_clear: bool,
}

/// Prints a file that lies at the host. Answered when the host was told; the print is there once the host says so.
async fn print(
    State(app): State<App>,
    Path(id): Path<PrinterId>,
    Json(wanted): Json<HostPrint>,
) -> Result<NoContent, ApiError> {
    let view = driven(&app, id)?;
    check_length(&wanted.path)?;
    let refused = |code: &'static str, message: &str, hint: &str| {
        Err(ApiError::new(StatusCode::CONFLICT, code, message, hint))
    };
    if !wanted.bed_clear {
        return refused(
            "bed_not_clear",
            "nobody has said that the bed is clear",
            "Look at the bed, then say so.",
        );
    }
    if !view.vigil.can.start {
        return refused("busy", "the printer is not ready", "Wait until it says Ready.");
    }
    let signature = wanted.signature.unwrap_or_default();
    ask(&app, id, Ask::Print { path: wanted.path, signature }).await.map(|_| NoContent)
}

/// Something that can be switched on and off.
#[derive(Serialize, ts_rs::TS, schemars::JsonSchema)]
pub(crate) struct PowerDevice {
    /// Its name at the host.
    name: String,
    /// Null: the host does not know.
    on: Option<bool>,
    /// The host does not switch it while it prints.
    locked_while_printing: bool,
}

#[derive(Serialize, ts_rs::TS, schemars::JsonSchema)]
pub(crate) struct HostPower {
    devices: Vec<PowerDevice>,
}

async fn power(State(app): State<App>, Path(id): Path<PrinterId>) -> Result<Json<HostPower>, ApiError> {
    driven(&app, id)?;
    let told = ask(&app, id, Ask::Power).await?;
    Ok(Json(HostPower { devices: power_devices(&told) }))
}

fn power_devices(told: &Value) -> Vec<PowerDevice> {
    let read = |device: &Value| {
        let name = device["device"].as_str().filter(|name| check_length(name).is_ok())?.to_owned();
        let on = match device["status"].as_str() {
            Some("on") => Some(true),
            Some("off") => Some(false),
            Some(_) | None => None,
        };
        let locked_while_printing = device["locked_while_printing"].as_bool().unwrap_or(false);
        Some(PowerDevice { name, on, locked_while_printing })
    };
    told["devices"].as_array().into_iter().flatten().filter_map(read).take(MOST).collect()
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct PowerSwitch {
    device: String,
    on: bool,
}

/// Switches something. Never off while a print is under way: nobody may be there to see what that does to it.
async fn switch(
    State(app): State<App>,
    Path(id): Path<PrinterId>,
    Json(wanted): Json<PowerSwitch>,
) -> Result<Json<HostPower>, ApiError> {
    let view = driven(&app, id)?;
    check_length(&wanted.device)?;
    if !wanted.on && view.current_print.is_some() {
        let hint = "Cancel the print first, or wait for its end. In an emergency press STOP.";
        return Err(ApiError::new(StatusCode::CONFLICT, "busy", "the printer is printing", hint));
    }
    ask(&app, id, Ask::Switch { device: wanted.device, on: wanted.on }).await?;
    power(State(app), Path(id)).await
}

/// A camera that the host knows.
#[derive(Serialize, ts_rs::TS, schemars::JsonSchema)]
pub(crate) struct HostCamera {
    name: String,
    /// Its address, as the host's computer reaches it.
    url: String,
}

#[derive(Serialize, ts_rs::TS, schemars::JsonSchema)]
pub(crate) struct HostCameras {
    cameras: Vec<HostCamera>,
}

async fn cameras(State(app): State<App>, Path(id): Path<PrinterId>) -> Result<Json<HostCameras>, ApiError> {
    driven(&app, id)?;
    let told = ask(&app, id, Ask::Cameras).await?;
    let read = |camera: &Value| {
        let url = camera["snapshot_url"].as_str().filter(|url| check_length(url).is_ok())?;
        // Without a host it is meant at the host's own web server.
        let url = if url.starts_with('/') { format!("http://127.0.0.1{url}") } else { url.to_owned() };
        let name = one_line(camera["name"].as_str().unwrap_or_default(), 100);
        url.starts_with("http://").then_some(HostCamera { name, url })
    };
    let cameras = told["webcams"].as_array().into_iter().flatten().filter_map(read).take(MOST).collect();
    Ok(Json(HostCameras { cameras }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_host_tells_of_power_is_read_and_what_is_odd_is_left_out() {
        let told = json!({"devices": [
            {"device": "printer", "status": "on", "locked_while_printing": true, "type": "gpio"},
            {"device": "light", "status": "error"},
            {"device": "", "status": "on"},
            {"device": 7},
            "x",
        ]});
        let read = power_devices(&told);
        let short: Vec<_> = read.iter().map(|d| (d.name.as_str(), d.on, d.locked_while_printing)).collect();
        assert_eq!(short, [("printer", Some(true), true), ("light", None, false)]);
        assert!(power_devices(&json!(null)).is_empty() && power_devices(&json!({"devices": 7})).is_empty());
    }
}
