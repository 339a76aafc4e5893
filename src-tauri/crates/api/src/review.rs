//! Review: what the watch wants a person to look at, and what was said of it.

use crate::error::blocking;
use crate::{ApiError, App};
use axum::extract::{Query, State};
use axum::routing::get;
use axum::{Json, Router};
use domain::{
    AlertOverwrite, FrameAnswer, PrintId, PrinterId, Request, ReviewCounts, ReviewItem, ReviewKind,
    ReviewRef, Timestamp,
};
use serde::{Deserialize, Deserializer, Serialize};
use station::StationError;
use store::review::{Answered, ReviewQuery};

/// Items changed at once at most.
const MOST: usize = 1000;

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/vigil/review/", get(list).post(change)).route("/vigil/review/counts/", get(counts))
}

#[derive(Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
#[ts(rename = "ReviewQuery", optional_fields)]
pub(crate) struct Wanted {
    kind: Option<ReviewKind>,
    printer: Option<PrinterId>,
    answer: Option<String>,
    reviewed: Option<bool>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    #[serde(default)]
    #[ts(as = "Option<u32>")]
    start: u32,
    limit: Option<u32>,
}

#[derive(Serialize, ts_rs::TS)]
#[ts(rename = "ReviewPage")]
pub(crate) struct Page {
    items: Vec<ReviewItem>,
    count: u32,
    unreviewed: u32,
}

async fn list(State(app): State<App>, Query(wanted): Query<Wanted>) -> Result<Json<Page>, ApiError> {
    let answer = match wanted.answer.as_deref() {
        None | Some("") => None,
        Some("none") => Some(Answered::Not),
        Some("failure") => Some(Answered::With(FrameAnswer::Failure)),
        Some("fine") => Some(Answered::With(FrameAnswer::Fine)),
        Some("unsure") => Some(Answered::With(FrameAnswer::Unsure)),
        Some(other) => return Err(ApiError::bad_request(format!("answer {other:?} is unknown"))),
    };
    let query = ReviewQuery {
        kind: wanted.kind,
        printer: wanted.printer,
        answer,
        reviewed: wanted.reviewed,
        from: wanted.from,
        to: wanted.to,
        start: wanted.start,
        limit: wanted.limit.unwrap_or(24).min(500),
    };
    let station = app.station.clone();
    let page = blocking(move || {
        let (mut items, (count, unreviewed)) = station
            .store()
            .read(|conn| Ok((store::review::list(conn, &query)?, store::review::count(conn, &query)?)))?;
        for item in &mut items {
            if let (ReviewKind::Alert, Some(frame)) = (item.kind, item.frame) {
                item.evidence_url = station.evidence_of(item.print, frame);
            }
        }
        Ok::<_, store::StoreError>(Page { items, count, unreviewed })
    });
    Ok(Json(page.await?))
}

async fn counts(State(app): State<App>) -> Result<Json<ReviewCounts>, ApiError> {
    let store = app.station.store().clone();
    Ok(Json(blocking(move || store.read(store::review::counts)).await?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    items: Vec<ReviewRef>,
    reviewed: Option<bool>,
    /// Absent: unchanged; null: taken back.
    #[serde(default, deserialize_with = "present")]
    answer: Option<Option<FrameAnswer>>,
}

fn present<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Option<FrameAnswer>>, D::Error> {
    Option::<FrameAnswer>::deserialize(d).map(Some)
}

/// How many were marked or answered.
#[derive(Serialize, ts_rs::TS)]
pub(crate) struct Reviewed {
    changed: usize,
}

async fn change(State(app): State<App>, Json(change): Json<Change>) -> Result<Json<Reviewed>, ApiError> {
    if change.items.len() > MOST {
        return Err(ApiError::bad_request(format!("{MOST} items at once at most")));
    }
    let (store, now) = (app.station.store().clone(), app.station.now());
    let Change { items, reviewed, answer } = change;
    let judged = judged(&items, answer);
    let changed = blocking(move || {
        store.write_now(move |tx| {
            if let Some(answer) = answer {
                store::answer::put_all(tx, &items, answer, now)?;
            }
            match reviewed {
                Some(true) => store::answer::mark(tx, &items, Some(now)),
                Some(false) => store::answer::mark(tx, &items, None),
                None => Ok(items.len()),
            }
        })
    });
    let changed = changed.await?;
    for (print, verdict) in judged {
        judge(&app, print, verdict).await?;
    }
    Ok(Json(Reviewed { changed }))
}

/// Returns what answers about alerts say of their prints.
fn judged(items: &[ReviewRef], answer: Option<Option<FrameAnswer>>) -> Vec<(PrintId, AlertOverwrite)> {
    let verdict = match answer {
        Some(Some(FrameAnswer::Failure)) => AlertOverwrite::Failed,
        Some(Some(FrameAnswer::Fine)) => AlertOverwrite::NotFailed,
        Some(Some(FrameAnswer::Unsure) | None) | None => return Vec::new(),
    };
    let mut prints: Vec<PrintId> =
        items.iter().filter(|item| item.kind == ReviewKind::Alert).map(|item| item.print).collect();
    prints.sort_unstable();
    prints.dedup();
    prints.into_iter().map(|print| (print, verdict)).collect()
}

/// An answer about an alert of a past print that nobody judged yet is a word on the print, too. One under way is
/// answered at its alert, where answering does more than keep a word.
async fn judge(app: &App, print: PrintId, verdict: AlertOverwrite) -> Result<(), ApiError> {
    let store = app.station.store().clone();
    let found = blocking(move || store.read(move |conn| store::print::get(conn, print))).await?;
    if found.is_some_and(|print| print.ended_at().is_some() && print.alert_overwrite.is_none()) {
        overwrite(app, print, Some(verdict)).await?;
    }
    Ok(())
}

/// Keeps a person's word on a print, whether it runs or is long over.
pub(crate) async fn overwrite(
    app: &App,
    print: PrintId,
    verdict: Option<AlertOverwrite>,
) -> Result<(), ApiError> {
    match app.station.ask(Request::Overwrite(print, verdict)).await {
        Ok(_) => Ok(()),
        // A past print is no live state: its record is changed where it lies.
        Err(StationError::Refused(refusal)) if refusal.code == "not_here" => {
            let store = app.station.store().clone();
            blocking(move || {
                store.write_now(move |tx| store::print::set_alert_overwrite(tx, print, verdict))
            })
            .await?;
            Ok(app.station.refresh_scales().await?)
        }
        Err(error) => Err(error.into()),
    }
}
