//! STOP of all printers at once.

use crate::routing::{Routes, post};
use crate::{ApiError, App};
use axum::Json;
use axum::extract::State;
use domain::PrinterId;
use serde::Serialize;
use station::StopOfOne;

pub(crate) fn routes() -> Routes {
    Routes::new().route("/vigil/emergency_stop/", post(stop_all))
}

/// A printer to which STOP is on its way.
#[derive(Serialize, ts_rs::TS, schemars::JsonSchema)]
pub(crate) struct Stopped {
    printer: PrinterId,
    name: String,
}

/// A printer that STOP does not reach.
#[derive(Serialize, ts_rs::TS, schemars::JsonSchema)]
pub(crate) struct NotStopped {
    printer: PrinterId,
    name: String,
    /// Why, and what to do.
    why: String,
}

/// What became of STOP at each printer that is in use. What was told is on its way; whether the printer stopped, its own
/// state says.
#[derive(Serialize, ts_rs::TS, schemars::JsonSchema)]
pub(crate) struct StoppedAll {
    told: Vec<Stopped>,
    not_told: Vec<NotStopped>,
}

async fn stop_all(State(app): State<App>) -> Json<StoppedAll> {
    let mut all = StoppedAll { told: Vec::new(), not_told: Vec::new() };
    for StopOfOne { printer, name, told } in app.station.emergency_stop_all().await {
        match told.map_err(ApiError::from) {
            Ok(()) => all.told.push(Stopped { printer, name }),
            Err(error) => all.not_told.push(NotStopped { printer, name, why: error.sentence() }),
        }
    }
    Json(all)
}
