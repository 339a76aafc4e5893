//! Agents in this network that look for a server, as Obico's clients list and link them.

use super::codes::is_shown;
use crate::agents::linking::{Answer, Found};
use crate::routing::{Routes, get};
use crate::{ApiError, App};
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

/// Longest secret of an agent, bytes.
const LONGEST_SECRET: usize = 256;

pub(super) fn routes() -> Routes {
    Routes::new().route("/printer_discovery/", get(list).post(link))
}

/// An agent that looks for a server.
#[derive(Serialize, schemars::JsonSchema)]
struct DiscoveredDevice {
    device_id: String,
    hostname: String,
    host_or_ip: String,
    port: u16,
    /// As the agents call themselves.
    agent: &'static str,
}

impl From<Found> for DiscoveredDevice {
    fn from(found: Found) -> Self {
        let agent = if found.host == "OctoPrint" { "Obico for OctoPrint" } else { "moonraker_obico" };
        Self {
            device_id: found.device,
            hostname: found.name,
            host_or_ip: found.from.to_canonical().to_string(),
            port: found.port,
            agent,
        }
    }
}

async fn list(State(app): State<App>) -> Json<Vec<DiscoveredDevice>> {
    Json(app.linking.looking(Instant::now()).into_iter().map(Into::into).collect())
}

/// Which agent is told the code, with the secret that the agent told its own network.
#[derive(Deserialize, schemars::JsonSchema)]
struct LinkDevice {
    code: String,
    device_id: String,
    device_secret: String,
}

#[derive(Serialize, schemars::JsonSchema)]
struct DeviceTold {
    queued: bool,
}

async fn link(State(app): State<App>, Json(link): Json<LinkDevice>) -> Result<Json<DeviceTold>, ApiError> {
    if !is_shown(&app, link.code.trim()) {
        let error = ApiError::bad_request("this verification code is wrong or too old");
        return Err(ApiError {
            hint: "Ask for a new one at /api/v1/onetimeverificationcodes/.".into(),
            ..error
        });
    }
    if link.device_secret.len() > LONGEST_SECRET {
        let error = ApiError::bad_request(format!("a device's secret has at most {LONGEST_SECRET} bytes"));
        return Err(error.of_field("device_secret"));
    }
    let found = app.linking.find(&link.device_id, Instant::now());
    let found = found.ok_or_else(|| ApiError::not_found("this device").of_field("device_id"))?;
    let answer = if found.takes_code { Answer::Code } else { Answer::Secret(link.device_secret) };
    app.linking.answer(&found.device, answer);
    Ok(Json(DeviceTold { queued: true }))
}
