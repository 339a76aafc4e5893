//! Past and present prints.

use crate::error::blocking;
use crate::print_fields::{PRINTS, REMOVE};
use crate::print_query::Params;
use crate::routing::{Routes, get, post};
use crate::{ApiError, App};
use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::response::NoContent;
use domain::{PrintId, PrintView};
use serde::Deserialize;
use station::Record;
pub(crate) use station::{PrintCount, PrintPatch as Change};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .route("/prints/", get(list).query(PRINTS))
        .route("/prints/bulk_delete/", post(bulk_remove))
        .route("/prints/{id}/", get(detail).patch(change).delete(remove).query(REMOVE))
        .route("/vigil/prints/count/", get(count).query(PRINTS))
        .route("/vigil/prints/tags/", get(tags))
}

async fn list(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Json<Vec<PrintView>>, ApiError> {
    let query = Params::read(query).prints()?;
    Ok(Json(blocking(move || app.station.past().list(&query)).await?))
}

async fn count(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Json<PrintCount>, ApiError> {
    let query = Params::read(query).prints()?;
    Ok(Json(blocking(move || app.station.past().count(&query)).await?))
}

async fn tags(State(app): State<App>) -> Result<Json<Vec<String>>, ApiError> {
    Ok(Json(blocking(move || app.station.past().tags()).await?))
}

async fn find(app: &App, id: PrintId) -> Result<PrintView, ApiError> {
    let station = app.station.clone();
    let found = blocking(move || station.past().find(id)).await?;
    found.ok_or_else(|| ApiError::not_found("this print"))
}

async fn detail(State(app): State<App>, Path(id): Path<PrintId>) -> Result<Json<PrintView>, ApiError> {
    Ok(Json(find(&app, id).await?))
}

async fn change(
    State(app): State<App>,
    Path(id): Path<PrintId>,
    Json(change): Json<Change>,
) -> Result<Json<PrintView>, ApiError> {
    Ok(Json(app.station.past().change(id, change).await?))
}

fn record(keep: bool, for_good: bool) -> Record {
    match (keep, for_good) {
        (true, _) => Record::Stays,
        (false, true) => Record::GoesForGood,
        (false, false) => Record::Goes,
    }
}

async fn remove(
    State(app): State<App>,
    Path(id): Path<PrintId>,
    RawQuery(query): RawQuery,
) -> Result<NoContent, ApiError> {
    find(&app, id).await?;
    let query = Params::read(query);
    let is = |name| query.get(name) == Some("true");
    let record = record(is("keep_record"), is("for_good"));
    let station = app.station.clone();
    blocking(move || station.erase(&[id], record)).await?;
    Ok(NoContent)
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct PrintsToDelete {
    print_ids: Vec<PrintId>,
    #[serde(default)]
    keep_record: bool,
    /// At once, instead of so that it can be brought back within the hour.
    #[serde(default)]
    for_good: bool,
}

async fn bulk_remove(
    State(app): State<App>,
    Json(wanted): Json<PrintsToDelete>,
) -> Result<NoContent, ApiError> {
    let station = app.station.clone();
    blocking(move || station.erase(&wanted.print_ids, record(wanted.keep_record, wanted.for_good))).await?;
    Ok(NoContent)
}
