//! Printers that OctoPrint or Klipper drives: their Obico agents are linked in the window, and come in by the network's
//! listener with Obico's addresses, each with the token of its printer.

pub(crate) mod files;
mod found;
pub(crate) mod host;
pub(crate) mod linking;
mod socket;
mod wire;

use crate::network::{self, require_open};
use crate::openapi::Created;
use crate::routing::{Routes, get, post};
use crate::{ApiError, App, pace};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::response::NoContent;
use axum::{Json, Router, middleware};
use domain::{PrinterId, PrinterKind};
use linking::{Answer, FoundView};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

/// Largest body of an agent, but for pictures.
const MAX_BODY: usize = 64 * 1024;
/// Largest picture with its form; agents send none of more than 7 MB.
const MAX_PICTURE: usize = 8 * 1024 * 1024;

/// Returns what the window asks.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .route("/vigil/agents/", get(show))
        .route("/vigil/agents/code/", post(offer).delete(withdraw))
        .route("/vigil/agents/found/{device}/", post(link_found))
        .merge(host::routes())
}

/// Returns what agents ask, at Obico's addresses.
pub(crate) fn open_routes() -> Router<App> {
    let forms = Router::new()
        .route("/api/v1/octo/pic/", axum::routing::post(wire::picture))
        .route("/api/v1/octo/printer_events/", axum::routing::post(wire::event))
        .layer(DefaultBodyLimit::max(MAX_PICTURE));
    Router::new()
        .route(linking::UNLINKED, axum::routing::post(wire::unlinked))
        .route("/api/v1/octo/verify/", axum::routing::post(wire::verify))
        .route("/api/v1/octo/printer/", axum::routing::get(wire::printer).patch(wire::rename))
        .route("/api/v1/octo/g_code_files/", axum::routing::post(wire::file))
        .route("/api/v1/octo/g_code_files/{id}/", axum::routing::patch(wire::file_change))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .merge(forms)
        .layer(middleware::from_fn(pace::steady_body))
        .route("/api/v1/octo/files/{token}/{name}", axum::routing::get(wire::fetch))
        .route("/ws/dev/", axum::routing::get(socket::dev))
}

/// How the linking of agents stands.
#[derive(Serialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(rename = "AgentLinking")]
pub(crate) struct View {
    /// Others on the network can come in: agents need that.
    open: bool,
    /// The code to be entered at the agent, while there is one.
    code: Option<CodeView>,
    /// The printer that was linked last since the code was shown; null while none was.
    linked: Option<PrinterId>,
    /// What is entered as the server's address, the likeliest first.
    addresses: Vec<String>,
    /// Agents that look for a server now.
    found: Vec<FoundView>,
}

#[derive(Serialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(rename = "AgentCode")]
struct CodeView {
    /// Six digits.
    code: String,
    expires_in_secs: u64,
    /// The printer that is linked anew; null: one more is added.
    printer: Option<PrinterId>,
}

async fn view(app: &App) -> Result<View, ApiError> {
    let (now, addresses) = (Instant::now(), network::open_addresses(app).await?);
    let code = app.linking.offered(now).map(|offer| CodeView {
        code: offer.code,
        expires_in_secs: offer.until.saturating_duration_since(now).as_secs(),
        printer: offer.printer,
    });
    Ok(View {
        open: !addresses.is_empty(),
        code,
        linked: app.linking.linked(),
        found: app.linking.found(now),
        addresses,
    })
}

async fn show(State(app): State<App>) -> Result<Json<View>, ApiError> {
    view(&app).await.map(Json)
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct OfferFor {
    /// The printer to be linked anew; null adds one.
    printer: Option<PrinterId>,
}

async fn offer(State(app): State<App>, Json(offer): Json<OfferFor>) -> Result<Created<View>, ApiError> {
    require_open(&app)?;
    check_has_agent(&app, offer.printer)?;
    app.linking.offer(crate::new_pin(), offer.printer, Instant::now());
    Ok(Created(view(&app).await?))
}

/// Refuses to link a printer anew that never had an agent.
pub(crate) fn check_has_agent(app: &App, printer: Option<PrinterId>) -> Result<(), ApiError> {
    let Some(id) = printer else { return Ok(()) };
    if crate::printers::view(app, id)?.vigil.kind != PrinterKind::Agent {
        return Err(ApiError::bad_request("this printer has no agent: it is driven from here"));
    }
    Ok(())
}

async fn withdraw(State(app): State<App>) -> NoContent {
    app.linking.withdraw();
    NoContent
}

/// Links an agent that looks for a server: it is asked for its secret, where it has one, and told the code.
async fn link_found(State(app): State<App>, Path(device): Path<String>) -> Result<Json<View>, ApiError> {
    require_open(&app)?;
    let gone = || ApiError::not_found("this agent");
    let found = app.linking.find(&device, Instant::now()).ok_or_else(gone)?;
    let answer = if found.takes_code {
        Answer::Code
    } else {
        Answer::Secret(found::secret_of(found.from, found.port, &device).await?)
    };
    if app.linking.offered(Instant::now()).is_none() {
        app.linking.offer(crate::new_pin(), None, Instant::now());
    }
    app.linking.answer(&device, answer);
    Ok(Json(view(&app).await?))
}
