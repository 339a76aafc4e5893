//! Spools of filament: what there is, what is loaded where, whether it is enough, and what prints took of them.

use crate::error::blocking;
use crate::keys::Caller;
use crate::openapi::Created;
use crate::printers::{Done, ask_as};
use crate::routing::{Routes, get, post, put};
use crate::{ApiError, App};
use axum::extract::{Path, Query, State};
use axum::response::NoContent;
use axum::{Extension, Json};
use domain::{
    EnergyPrice, FileId, PrintCost, PrintId, PrinterId, QueueItemId, Request, SpoolForm, SpoolId, SpoolList,
    SpoolNeed, SpoolView,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use station::SpoolmanImport;

/// Bytes of an export of Spoolman at most.
const MOST_SPOOLMAN: usize = 16 * 1024 * 1024;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .route("/vigil/spools/", get(list).post(add))
        .route("/vigil/spools/{id}/", get(detail).put(change).delete(remove))
        .route("/vigil/spools/{id}/weigh/", post(weigh))
        .route("/vigil/spools/low/", put(set_low))
        .route("/vigil/spools/spoolman/", get(export).post(import).body_limit(MOST_SPOOLMAN))
        .route("/vigil/printers/{id}/spools/{tool}/", put(load))
        .route("/vigil/printers/{id}/spools/need/", get(need))
        .route("/vigil/printers/{id}/queue/spools/", get(queue_needs))
        .route("/vigil/prints/{id}/cost/", get(cost))
        .route("/vigil/prints/{id}/spools/{part}/", put(assign))
        .route("/vigil/energy_price/", get(energy).put(set_energy))
}

async fn list(State(app): State<App>) -> Result<Json<SpoolList>, ApiError> {
    Ok(Json(blocking(move || app.station.spools().list()).await?))
}

async fn detail(State(app): State<App>, Path(id): Path<SpoolId>) -> Result<Json<SpoolView>, ApiError> {
    Ok(Json(blocking(move || app.station.spools().find(id)).await?))
}

async fn add(State(app): State<App>, Json(form): Json<SpoolForm>) -> Result<Created<SpoolView>, ApiError> {
    Ok(Created(app.station.spools().add(form).await?))
}

async fn change(
    State(app): State<App>,
    Path(id): Path<SpoolId>,
    Json(form): Json<SpoolForm>,
) -> Result<Json<SpoolView>, ApiError> {
    Ok(Json(app.station.spools().change(id, form).await?))
}

async fn remove(State(app): State<App>, Path(id): Path<SpoolId>) -> Result<NoContent, ApiError> {
    app.station.spools().remove(id).await?;
    Ok(NoContent)
}

#[derive(Deserialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SpoolWeighed {
    /// The spool with its filament, g.
    gross_g: f64,
}

async fn weigh(
    State(app): State<App>,
    Path(id): Path<SpoolId>,
    Json(weighed): Json<SpoolWeighed>,
) -> Result<Json<SpoolView>, ApiError> {
    Ok(Json(app.station.spools().weigh(id, weighed.gross_g).await?))
}

#[derive(Deserialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SpoolLow {
    /// Below so much a spool counts as low, g; 0 is never.
    low_g: f64,
}

async fn set_low(State(app): State<App>, Json(low): Json<SpoolLow>) -> Result<Json<SpoolList>, ApiError> {
    app.station.spools().set_low(low.low_g).await?;
    list(State(app)).await
}

/// Returns the spools as Spoolman's own API gives them.
async fn export(State(app): State<App>) -> Result<Json<Vec<Value>>, ApiError> {
    Ok(Json(blocking(move || app.station.spools().to_spoolman()).await?))
}

#[derive(Deserialize, schemars::JsonSchema)]
struct How {
    /// Only say what would come.
    #[serde(default)]
    look_only: bool,
}

/// Takes in spools as Spoolman exports them.
async fn import(
    State(app): State<App>,
    Query(how): Query<How>,
    Json(export): Json<Value>,
) -> Result<Json<SpoolmanImport>, ApiError> {
    Ok(Json(app.station.spools().from_spoolman(export, how.look_only).await?))
}

#[derive(Deserialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SpoolChoice {
    /// Null: none, or nobody knows.
    spool: Option<SpoolId>,
}

/// Says which spool is on a tool of a printer, from 0.
async fn load(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path((id, tool)): Path<(PrinterId, u8)>,
    Json(choice): Json<SpoolChoice>,
) -> Done {
    let spool = match choice.spool {
        Some(spool) => {
            let spools = app.station.spools().clone();
            let view = blocking(move || spools.find(spool)).await?;
            if view.spool.archived_at.is_some() {
                return Err(ApiError::bad_request("this spool was put away; bring it back into use first"));
            }
            Some((spool, view.spool.name))
        }
        None => None,
    };
    ask_as(&app, caller, id, Request::LoadSpool(id, tool, spool)).await
}

#[derive(Deserialize, schemars::JsonSchema)]
struct NeedOf {
    file: FileId,
    copies: Option<u32>,
}

/// Returns what a file needs of the loaded spools, and whether they are enough. It holds nothing up.
async fn need(
    State(app): State<App>,
    Path(id): Path<PrinterId>,
    Query(of): Query<NeedOf>,
) -> Result<Json<Vec<SpoolNeed>>, ApiError> {
    let copies = of.copies.unwrap_or(1);
    Ok(Json(blocking(move || app.station.spools().need(id, of.file, copies)).await?))
}

/// What an item of the queue needs of the loaded spools.
#[derive(Serialize, ts_rs::TS, schemars::JsonSchema)]
pub(crate) struct QueueNeed {
    item: QueueItemId,
    needs: Vec<SpoolNeed>,
}

async fn queue_needs(
    State(app): State<App>,
    Path(id): Path<PrinterId>,
) -> Result<Json<Vec<QueueNeed>>, ApiError> {
    let all = blocking(move || app.station.spools().queue_needs(id)).await?;
    Ok(Json(all.into_iter().map(|(item, needs)| QueueNeed { item, needs }).collect()))
}

async fn cost(State(app): State<App>, Path(id): Path<PrintId>) -> Result<Json<PrintCost>, ApiError> {
    let found = blocking(move || app.station.spools().cost(id)).await?;
    Ok(Json(found.ok_or_else(|| ApiError::not_found("this print"))?))
}

/// Says of which spool a part of a past print was.
async fn assign(
    State(app): State<App>,
    Path((id, part)): Path<(PrintId, u32)>,
    Json(choice): Json<SpoolChoice>,
) -> Result<Json<PrintCost>, ApiError> {
    Ok(Json(app.station.spools().assign(id, part, choice.spool).await?))
}

async fn energy(State(app): State<App>) -> Result<Json<EnergyPrice>, ApiError> {
    Ok(Json(blocking(move || app.station.spools().energy()).await?))
}

async fn set_energy(
    State(app): State<App>,
    Json(energy): Json<EnergyPrice>,
) -> Result<Json<EnergyPrice>, ApiError> {
    app.station.spools().set_energy(energy.clone()).await?;
    Ok(Json(energy))
}
