//! Care of machines that is due after so much printing.

use crate::error::blocking;
use crate::openapi::Created;
use crate::routing::{Routes, get, patch, post};
use crate::{ApiError, App};
use axum::Json;
use axum::extract::{Path, State};
use axum::response::NoContent;
use domain::{Care, CareUnit, PrinterId};
use serde::Deserialize;

/// Longest name, characters.
const LONGEST_NAME: usize = 64;
/// Most of a unit.
const MOST_EVERY: f64 = 1_000_000.0;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .route("/vigil/maintenance/", get(list).post(add))
        .route("/vigil/maintenance/{id}/", patch(change).delete(remove))
        .route("/vigil/maintenance/{id}/done/", post(done))
}

fn check(name: &str, every: f64) -> Result<(), ApiError> {
    let length = name.trim().chars().count();
    if !(1..=LONGEST_NAME).contains(&length) || name.chars().any(char::is_control) {
        return Err(ApiError::bad_request(format!("a name has 1 to {LONGEST_NAME} characters")));
    }
    if !(every > 0.0 && every <= MOST_EVERY) {
        return Err(ApiError::bad_request(format!("it is due after more than 0 and at most {MOST_EVERY}")));
    }
    Ok(())
}

async fn list(State(app): State<App>) -> Result<Json<Vec<Care>>, ApiError> {
    let store = app.station.store().clone();
    Ok(Json(blocking(move || store.read(store::maintenance::list)).await?))
}

async fn find(app: &App, id: i64) -> Result<Care, ApiError> {
    let store = app.station.store().clone();
    let found = blocking(move || store.read(move |conn| store::maintenance::get(conn, id))).await?;
    found.ok_or_else(|| ApiError::not_found("this reminder"))
}

#[derive(Deserialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[serde(rename = "NewCare")]
pub(crate) struct New {
    printer: PrinterId,
    name: String,
    unit: CareUnit,
    every: f64,
}

async fn add(State(app): State<App>, Json(new): Json<New>) -> Result<Created<Care>, ApiError> {
    check(&new.name, new.every)?;
    if !app.station.snapshot().printers.contains_key(&new.printer) {
        return Err(ApiError::not_found("this printer"));
    }
    let (store, now) = (app.station.store().clone(), app.station.now());
    let id = blocking(move || {
        store.write_now(move |tx| {
            store::maintenance::insert(tx, new.printer, new.name.trim(), new.unit, new.every, now)
        })
    });
    let id = id.await?;
    Ok(Created(find(&app, id).await?))
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct CarePatch {
    name: Option<String>,
    every: Option<f64>,
}

async fn change(
    State(app): State<App>,
    Path(id): Path<i64>,
    Json(change): Json<CarePatch>,
) -> Result<Json<Care>, ApiError> {
    let before = find(&app, id).await?;
    let (name, every) = (change.name.unwrap_or(before.name), change.every.unwrap_or(before.every));
    check(&name, every)?;
    let store = app.station.store().clone();
    blocking(move || store.write_now(move |tx| store::maintenance::update(tx, id, name.trim(), every)))
        .await?;
    Ok(Json(find(&app, id).await?))
}

async fn done(State(app): State<App>, Path(id): Path<i64>) -> Result<Json<Care>, ApiError> {
    find(&app, id).await?;
    let (store, now) = (app.station.store().clone(), app.station.now());
    blocking(move || store.write_now(move |tx| store::maintenance::done(tx, id, now))).await?;
    Ok(Json(find(&app, id).await?))
}

async fn remove(State(app): State<App>, Path(id): Path<i64>) -> Result<NoContent, ApiError> {
    find(&app, id).await?;
    let store = app.station.store().clone();
    blocking(move || store.write_now(move |tx| store::maintenance::delete(tx, id))).await?;
    Ok(NoContent)
}
