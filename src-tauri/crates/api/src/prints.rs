//! Past and present prints.

use crate::error::blocking;
use crate::{ApiError, App, review};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use domain::{AlertOverwrite, Print, PrintId, PrintView};
use serde::{Deserialize, Deserializer};
use store::StoreError;
use store::print_list::{Filter, PrintQuery, Sorting};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/prints/", get(list))
        .route("/prints/{id}/", get(detail).patch(change).delete(remove))
}

/// Returns a print with its file and shots.
fn view(conn: &store::Connection, print: &Print) -> Result<PrintView, StoreError> {
    let mut view = PrintView::from(print);
    if let Some(file) = print.g_code_file {
        view.g_code_file = store::file::get(conn, file)?;
    }
    view.printshotfeedback_set = store::shot::of_print(conn, print.id)?;
    view.need_print_shot_feedback = view.printshotfeedback_set.iter().any(|shot| shot.answer.is_none());
    Ok(view)
}

#[derive(Deserialize)]
struct List {
    #[serde(default)]
    start: u32,
    limit: Option<u32>,
    sorting: Option<String>,
    filter: Option<String>,
}

async fn list(State(app): State<App>, Query(list): Query<List>) -> Result<Json<Vec<PrintView>>, ApiError> {
    let sorting = match list.sorting.as_deref() {
        None | Some("date_desc") => Sorting::DateDesc,
        Some("date_asc") => Sorting::DateAsc,
        Some(other) => return Err(ApiError::bad_request(format!("sorting {other:?} is unknown"))),
    };
    let filter = match list.filter.as_deref() {
        None | Some("") => None,
        Some("cancelled") => Some(Filter::Cancelled),
        Some("finished") => Some(Filter::Finished),
        Some(other) => return Err(ApiError::bad_request(format!("filter {other:?} is unknown"))),
    };
    let query = PrintQuery {
        start: list.start,
        limit: list.limit.unwrap_or(12).min(500),
        sorting,
        filter,
        ..PrintQuery::default()
    };
    let store = app.station.store().clone();
    let views = blocking(move || {
        store.read(move |conn| {
            store::print_list::list(conn, &query)?
                .iter()
                .map(|print| view(conn, print))
                .collect::<Result<Vec<_>, _>>()
        })
    });
    Ok(Json(views.await?))
}

async fn find(app: &App, id: PrintId) -> Result<PrintView, ApiError> {
    let store = app.station.store().clone();
    let found = blocking(move || {
        store.read(move |conn| store::print::get(conn, id)?.map(|print| view(conn, &print)).transpose())
    });
    found.await?.ok_or_else(|| ApiError::not_found("this print"))
}

async fn detail(State(app): State<App>, Path(id): Path<PrintId>) -> Result<Json<PrintView>, ApiError> {
    Ok(Json(find(&app, id).await?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    /// Absent: unchanged; null: taken back.
    #[serde(default, deserialize_with = "present")]
    alert_overwrite: Option<Option<AlertOverwrite>>,
}

fn present<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Option<AlertOverwrite>>, D::Error> {
    Option::<AlertOverwrite>::deserialize(d).map(Some)
}

async fn change(
    State(app): State<App>,
    Path(id): Path<PrintId>,
    Json(change): Json<Change>,
) -> Result<Json<PrintView>, ApiError> {
    find(&app, id).await?;
    if let Some(verdict) = change.alert_overwrite {
        review::overwrite(&app, id, verdict).await?;
    }
    Ok(Json(find(&app, id).await?))
}

async fn remove(State(app): State<App>, Path(id): Path<PrintId>) -> Result<StatusCode, ApiError> {
    find(&app, id).await?;
    let current = app
        .station
        .snapshot()
        .printers
        .values()
        .any(|p| p.current_print.as_ref().is_some_and(|c| c.id == id));
    if current {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            "still_printing",
            "this print is under way",
            "Cancel it first, or wait until it is done.",
        ));
    }
    let (store, now) = (app.station.store().clone(), app.station.now());
    blocking(move || store.write_now(move |tx| store::print::delete(tx, &[id], now))).await?;
    Ok(StatusCode::NO_CONTENT)
}
