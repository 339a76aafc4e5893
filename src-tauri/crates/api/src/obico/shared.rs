//! Links that show one printer to whoever has them, as Obico's clients make, list and revoke them.
//!
//! Such a link is a grant like all that comes in from the network: it stands in the list of the window, ends by itself, and
//! is out at once when it is revoked. What it opens is in `shared_page` and `socket`, and nothing else.

use crate::network::codes_to;
use crate::network_door::Code;
use crate::printers::view;
use crate::routing::{Routes, delete, get};
use crate::{ApiError, App};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::response::NoContent;
use domain::{Grant, GrantId, LONGEST_GRANT_NAME, PrinterId, Timestamp, one_line};
use serde::{Deserialize, Serialize};

/// How long a link lasts unless said otherwise, hours: a week.
const USUAL_HOURS: u32 = 168;
/// Longest life of a link, hours: 30 days.
const LONGEST_HOURS: u32 = 720;

pub(super) fn routes() -> Routes {
    Routes::new()
        .route("/sharedresources/", get(list).post(share).body::<NewShare>())
        .route("/sharedresources/{id}/", delete(revoke))
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Of {
    /// Of this printer only.
    printer_id: Option<PrinterId>,
}

/// For how long a printer is shared.
#[derive(Default, Deserialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[ts(optional_fields)]
pub(crate) struct NewShare {
    /// 1 to 720; a week unless said.
    hours: Option<u32>,
    /// What people call the link.
    name: Option<String>,
}

/// A link that shows one printer.
#[derive(Serialize, ts_rs::TS, schemars::JsonSchema)]
pub(crate) struct SharedResource {
    id: GrantId,
    printer_id: PrinterId,
    /// The secret of the link, in the answer that makes it and in no other: only a hash of it is kept.
    share_token: Option<String>,
    /// Where the link leads, behind any address of this computer; as `share_token`.
    url: Option<String>,
    /// The same as whole addresses, one a network of this computer, with codes to scan; in the answer that makes it.
    codes: Vec<Code>,
    name: String,
    created_at: Timestamp,
    ends_at: Option<Timestamp>,
}

fn shown(grant: Grant, share_token: Option<String>) -> Option<SharedResource> {
    let Grant { id, name, created_at, ends_at, printer, .. } = grant;
    let url = share_token.as_ref().map(|token| super::viewer::address(token));
    let codes = Vec::new();
    Some(SharedResource { id, printer_id: printer?, share_token, url, codes, name, created_at, ends_at })
}

/// Returns the links of a printer, or of all, the newest first.
fn links(app: &App, printer: Option<PrinterId>) -> Vec<SharedResource> {
    let all = app.network.keys.list().into_iter().rev().filter_map(|(grant, _)| shown(grant, None));
    all.filter(|link| printer.is_none_or(|printer| link.printer_id == printer)).collect()
}

async fn list(State(app): State<App>, Query(of): Query<Of>) -> Result<Json<Vec<SharedResource>>, ApiError> {
    of.printer_id.map(|id| view(&app, id)).transpose()?;
    Ok(Json(links(&app, of.printer_id)))
}

/// Makes a link, and lists those of the printer with the new one in front.
async fn share(
    State(app): State<App>,
    Query(of): Query<Of>,
    body: Bytes,
) -> Result<Json<Vec<SharedResource>>, ApiError> {
    let missing = || ApiError::bad_request("which printer? `printer_id` is missing").of_field("printer_id");
    let printer = view(&app, of.printer_id.ok_or_else(missing)?)?;
    let wanted = read(&body)?;
    let hours = wanted.hours.unwrap_or(USUAL_HOURS);
    if !(1..=LONGEST_HOURS).contains(&hours) {
        let error = ApiError::bad_request(format!("a link lasts 1 to {LONGEST_HOURS} hours"));
        return Err(error.of_field("hours"));
    }
    let name = match wanted.name {
        Some(name) => Grant::check_name(&name).map_err(|why| ApiError::bad_request(why).of_field("name"))?,
        None => one_line(&format!("Link to {}", printer.name), LONGEST_GRANT_NAME),
    };
    let ends_at = app.station.now().plus_secs(f64::from(hours) * 3600.0);
    let (grant, token) = app.network.keys.share(printer.id, name, ends_at).await?;
    let mut all = links(&app, Some(printer.id));
    let new = grant.id;
    all.retain(|link| link.id != new);
    if let Some(mut made) = shown(grant, Some(token)) {
        made.codes = codes_to(&app, made.url.as_deref().unwrap_or_default()).await?;
        all.insert(0, made);
    }
    Ok(Json(all))
}

fn read(body: &[u8]) -> Result<NewShare, ApiError> {
    if body.trim_ascii().is_empty() {
        return Ok(NewShare::default());
    }
    serde_json::from_slice(body)
        .map_err(|error| ApiError::bad_request(format!("the body cannot be read: {error}")))
}

async fn revoke(State(app): State<App>, Path(id): Path<GrantId>) -> Result<NoContent, ApiError> {
    if !links(&app, None).iter().any(|link| link.id == id) {
        return Err(ApiError::not_found("this link"));
    }
    app.network.keys.revoke(id).await?;
    Ok(NoContent)
}
