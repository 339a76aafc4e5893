//! The six digits by which an agent is linked, as Obico's clients ask for them.
//!
//! There is one code at a time, the same that the window shows: asking for another printer's takes its place.

use crate::agents::check_has_agent;
use crate::agents::linking::Offer;
use crate::network::require_open;
use crate::printers::view;
use crate::routing::{Routes, get, post};
use crate::{ApiError, App, new_pin};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use domain::{PrinterId, PrinterView, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use subtle::ConstantTimeEq;
use tokio::time::Instant;

pub(super) fn routes() -> Routes {
    Routes::new()
        .route("/onetimeverificationcodes/", get(current))
        .route("/onetimeverificationcodes/{id}/", get(detail))
        .route("/one_time_passcodes/", post(passcode))
}

/// A code, and the printer that it linked or shall link anew.
#[derive(Serialize, schemars::JsonSchema)]
struct OneTimeVerificationCode {
    id: i64,
    printer: Option<Arc<PrinterView>>,
    code: String,
    expired_at: Timestamp,
    /// When an agent entered it; null while none did.
    verified_at: Option<Timestamp>,
}

#[derive(Deserialize, schemars::JsonSchema)]
struct For {
    /// The printer that is linked anew; without it one is added.
    printer_id: Option<PrinterId>,
}

/// Returns the moment of the clock that people read.
fn moment(app: &App, at: Instant) -> Timestamp {
    let (now, stamp) = (Instant::now(), app.station.now());
    let ahead = at.saturating_duration_since(now).as_secs_f64();
    stamp.plus_secs(ahead - now.saturating_duration_since(at).as_secs_f64())
}

fn shown(app: &App, offer: Offer) -> OneTimeVerificationCode {
    let printer = offer.printer.and_then(|id| view(app, id).ok());
    let expired_at = moment(app, offer.until);
    OneTimeVerificationCode { id: offer.number, printer, code: offer.code, expired_at, verified_at: None }
}

/// Returns the code that is shown, or shows a new one.
async fn current(
    State(app): State<App>,
    Query(wanted): Query<For>,
) -> Result<Json<OneTimeVerificationCode>, ApiError> {
    require_open(&app)?;
    check_has_agent(&app, wanted.printer_id).map_err(|error| error.of_field("printer_id"))?;
    let now = Instant::now();
    let there = app.linking.offered(now).filter(|offer| offer.printer == wanted.printer_id);
    let offer = there.unwrap_or_else(|| app.linking.offer(new_pin(), wanted.printer_id, now));
    Ok(Json(shown(&app, offer)))
}

/// Returns a code by its number: the one that is shown, or the one that linked a printer last.
async fn detail(
    State(app): State<App>,
    Path(id): Path<i64>,
) -> Result<Json<OneTimeVerificationCode>, ApiError> {
    if let Some(offer) = app.linking.offered(Instant::now()).filter(|offer| offer.number == id) {
        return Ok(Json(shown(&app, offer)));
    }
    let verified = app.linking.verified().filter(|verified| verified.offer.number == id);
    let verified = verified.ok_or_else(|| ApiError::not_found("this code"))?;
    let verified_at = Some(moment(&app, verified.at));
    let offer = Offer { printer: Some(verified.printer), ..verified.offer };
    Ok(Json(OneTimeVerificationCode { verified_at, ..shown(&app, offer) }))
}

/// Returns whether this is the code that is shown.
pub(super) fn is_shown(app: &App, code: &str) -> bool {
    let offer = app.linking.offered(Instant::now());
    offer.is_some_and(|offer| offer.code.as_bytes().ct_eq(code.as_bytes()).into())
}

/// What an agent shows, and the code that it shall be told.
#[derive(Deserialize, schemars::JsonSchema)]
struct Passcode {
    one_time_passcode: String,
    verification_code: String,
}

#[derive(Serialize, schemars::JsonSchema)]
struct PasscodeTaken {
    detail: &'static str,
}

/// Tells the code to the agent that shows this passcode.
async fn passcode(
    State(app): State<App>,
    Json(given): Json<Passcode>,
) -> Result<Json<PasscodeTaken>, ApiError> {
    use crate::agents::linking::Answer;
    let passcode = given.one_time_passcode.trim().to_lowercase();
    let mut shows = app.linking.looking(Instant::now());
    shows.retain(|found| found.takes_code && found.passcode == passcode);
    // Where two say that it is theirs, one of them lies.
    let shows = if shows.len() == 1 { shows.pop() } else { None };
    let known = shows.filter(|_| is_shown(&app, given.verification_code.trim()));
    let Some(found) = known else {
        let hint = "Look at what the agent shows now, and get a new verification code.";
        return Err(ApiError::new(
            StatusCode::NOT_FOUND,
            "not_found",
            "no agent shows this passcode, or the verification code is too old",
            hint,
        ));
    };
    app.linking.answer(&found.device, Answer::Code);
    Ok(Json(PasscodeTaken { detail: "OK" }))
}
