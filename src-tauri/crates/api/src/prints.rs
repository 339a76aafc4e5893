//! Past and present prints.

use crate::error::blocking;
use crate::print_query::Params;
use crate::{ApiError, App, review};
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use domain::{AlertOverwrite, FilmStep, Print, PrintFilm, PrintId, PrintView, Timestamp};
use serde::{Deserialize, Deserializer, Serialize};
use station::Record;
use store::StoreError;
use store::print_extra::{LONGEST_NOTES, LONGEST_TAG, MOST_TAGS, PrintExtra};

/// Most seconds or millimetres of a print: 31 years, a thousand kilometres.
const MOST_FIGURE: f64 = 1e9;
/// Prints erased at once at most.
const MOST_ERASED: usize = 1000;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/prints/", get(list))
        .route("/prints/bulk_delete/", post(bulk_remove))
        .route("/prints/{id}/", get(detail).patch(change).delete(remove))
        .route("/vigil/prints/count/", get(count))
        .route("/vigil/prints/tags/", get(tags))
}

/// Returns prints with their files, shots, and what else is kept of them.
pub(crate) fn views(conn: &store::Connection, prints: &[Print]) -> Result<Vec<PrintView>, StoreError> {
    let ids: Vec<PrintId> = prints.iter().map(|print| print.id).collect();
    let mut extras = store::print_extra::of(conn, &ids)?;
    prints
        .iter()
        .map(|print| {
            let mut view = PrintView::from(print);
            if let Some(file) = print.g_code_file {
                view.g_code_file = store::file::get(conn, file)?;
            }
            view.printshotfeedback_set = store::shot::of_print(conn, print.id)?;
            view.need_print_shot_feedback =
                view.printshotfeedback_set.iter().any(|shot| shot.answer.is_none());
            if let Some(extra) = extras.remove(&print.id) {
                add(&mut view, extra);
            }
            Ok(view)
        })
        .collect()
}

fn add(view: &mut PrintView, extra: PrintExtra) {
    let ours = &mut view.vigil;
    ours.notes = extra.notes;
    ours.tags = extra.tags;
    ours.kept = extra.kept;
    ours.media_bytes = extra.media_bytes;
    ours.num_frames = extra.num_frames;
    ours.pictures_dropped_at = extra.pictures_dropped_at;
    ours.watched = extra.watched;
    ours.alerts = extra.alerts;
    ours.film = PrintFilm { state: extra.film_state.map(FilmStep::from), why: extra.film_why };
}

async fn list(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Json<Vec<PrintView>>, ApiError> {
    let query = Params::read(query).prints()?;
    let store = app.station.store().clone();
    let found =
        blocking(move || store.read(move |conn| views(conn, &store::print_list::list(conn, &query)?)));
    Ok(Json(found.await?))
}

/// How many prints a query means.
#[derive(Serialize, ts_rs::TS)]
pub(crate) struct PrintCount {
    count: u64,
    /// What their pictures and films take.
    media_bytes: u64,
}

async fn count(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Json<PrintCount>, ApiError> {
    let query = Params::read(query).prints()?;
    let store = app.station.store().clone();
    let counted = blocking(move || {
        store.read(move |conn| {
            let count = store::print_list::count(conn, &query)?;
            let media_bytes = store::print_list::media_bytes(conn, &query)?;
            Ok(PrintCount { count, media_bytes })
        })
    });
    Ok(Json(counted.await?))
}

async fn tags(State(app): State<App>) -> Result<Json<Vec<String>>, ApiError> {
    let store = app.station.store().clone();
    Ok(Json(blocking(move || store.read(store::print_extra::all_tags)).await?))
}

async fn find(app: &App, id: PrintId) -> Result<PrintView, ApiError> {
    let store = app.station.store().clone();
    let found = blocking(move || {
        store.read(move |conn| {
            let print: Vec<Print> = store::print::get(conn, id)?.into_iter().collect();
            views(conn, &print)
        })
    });
    found.await?.pop().ok_or_else(|| ApiError::not_found("this print"))
}

async fn detail(State(app): State<App>, Path(id): Path<PrintId>) -> Result<Json<PrintView>, ApiError> {
    Ok(Json(find(&app, id).await?))
}

#[derive(Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
#[ts(rename = "PrintPatch", optional_fields)]
pub(crate) struct Change {
    /// Absent: unchanged; null: taken back.
    #[serde(default, deserialize_with = "present")]
    #[ts(optional = nullable, as = "Option<AlertOverwrite>")]
    alert_overwrite: Option<Option<AlertOverwrite>>,
    access_consented_at: Option<Timestamp>,
    filament_used: Option<f64>,
    print_time: Option<f64>,
    notes: Option<String>,
    tags: Option<Vec<String>>,
    kept: Option<bool>,
}

fn present<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Option<AlertOverwrite>>, D::Error> {
    Option::<AlertOverwrite>::deserialize(d).map(Some)
}

impl Change {
    fn check(&self) -> Result<(), ApiError> {
        let bad = |why: String| Err(ApiError::bad_request(why));
        if self.notes.as_ref().is_some_and(|notes| notes.chars().count() > LONGEST_NOTES) {
            return bad(format!("notes have at most {LONGEST_NOTES} characters"));
        }
        let tags = self.tags.as_deref().unwrap_or_default();
        if tags.len() > MOST_TAGS || tags.iter().any(|tag| tag.chars().count() > LONGEST_TAG) {
            return bad(format!("a print has at most {MOST_TAGS} tags of {LONGEST_TAG} characters"));
        }
        let figures = [self.filament_used, self.print_time];
        if figures.into_iter().flatten().any(|figure| !(0.0..=MOST_FIGURE).contains(&figure)) {
            return bad(format!("filament_used (mm) and print_time (s) are 0 to {MOST_FIGURE}"));
        }
        Ok(())
    }
}

async fn change(
    State(app): State<App>,
    Path(id): Path<PrintId>,
    Json(change): Json<Change>,
) -> Result<Json<PrintView>, ApiError> {
    change.check()?;
    let before = find(&app, id).await?;
    let figures = change.filament_used.is_some() || change.print_time.is_some();
    if figures && before.ended_at.is_none() {
        return Err(still_printing());
    }
    if let Some(verdict) = change.alert_overwrite {
        review::overwrite(&app, id, verdict).await?;
    }
    let store = app.station.store().clone();
    blocking(move || {
        store.write_now(move |tx| {
            if let Some(at) = change.access_consented_at {
                store::print::set_access_consented(tx, id, at)?;
            }
            if figures {
                store::print::set_figures(tx, id, change.filament_used, change.print_time)?;
            }
            if let Some(notes) = &change.notes {
                store::print_extra::set_notes(tx, id, notes)?;
            }
            if let Some(tags) = change.tags {
                store::print_extra::set_tags(tx, id, &tidy_tags(tags))?;
            }
            if let Some(kept) = change.kept {
                store::print_extra::set_kept(tx, id, kept)?;
            }
            Ok(())
        })
    })
    .await?;
    Ok(Json(find(&app, id).await?))
}

/// Without spaces at the ends, empty ones, and those that are there twice.
fn tidy_tags(tags: Vec<String>) -> Vec<String> {
    let mut tidy: Vec<String> = Vec::new();
    for tag in tags {
        let tag = tag.trim();
        if !tag.is_empty() && !tidy.iter().any(|there| there == tag) {
            tidy.push(tag.to_owned());
        }
    }
    tidy
}

fn still_printing() -> ApiError {
    let hint = "Cancel it first, or wait until it is done.";
    ApiError::new(StatusCode::CONFLICT, "still_printing", "this print is under way", hint)
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
) -> Result<StatusCode, ApiError> {
    find(&app, id).await?;
    let query = Params::read(query);
    let is = |name| query.get(name) == Some("true");
    let record = record(is("keep_record"), is("for_good"));
    let station = app.station.clone();
    blocking(move || station.erase(&[id], record)).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BulkRemove {
    print_ids: Vec<PrintId>,
    #[serde(default)]
    keep_record: bool,
    /// At once, instead of so that it can be brought back within the hour.
    #[serde(default)]
    for_good: bool,
}

async fn bulk_remove(State(app): State<App>, Json(wanted): Json<BulkRemove>) -> Result<StatusCode, ApiError> {
    if wanted.print_ids.len() > MOST_ERASED {
        return Err(ApiError::bad_request(format!("{MOST_ERASED} prints at once at most")));
    }
    let station = app.station.clone();
    blocking(move || station.erase(&wanted.print_ids, record(wanted.keep_record, wanted.for_good))).await?;
    Ok(StatusCode::NO_CONTENT)
}
