//! What agents ask by HTTP, at Obico's addresses.

use crate::admission::Stranger;
use crate::door::{Guest, Peer};
use crate::{ApiError, App, new_auth_token, new_pin};
use axum::Extension;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequestParts, Multipart, Path, Query, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::{AgentEvent, EventClass, PrinterId, PrinterKind, PrinterPatch, PrinterView, Request, one_line};
use serde::Deserialize;
use serde_json::{Value, json};
use station::NewPrinter;
use std::collections::BTreeMap;
use std::sync::Arc;
use subtle::ConstantTimeEq;
use tokio::time::Instant;
use tower_http::services::ServeFile;

/// Longest title of an event that is kept, characters.
const LONGEST_TITLE: usize = 200;
/// Longest text of an event that is kept, characters.
const LONGEST_TEXT: usize = 1_000;
/// Longest name of a printer, characters.
const LONGEST_NAME: usize = 256;
/// Longest value of a field of a form, bytes.
const LONGEST_VALUE: usize = 4_096;
/// Parts of a form at most.
const MOST_PARTS: usize = 32;

/// The agent of a printer: it has shown the printer's token.
pub(super) struct AgentOf(pub(super) PrinterId);

/// Why an agent is not let in, as agents know it.
pub(super) struct NotLetIn(Response);

impl IntoResponse for NotLetIn {
    fn into_response(self) -> Response {
        self.0
    }
}

impl FromRequestParts<App> for AgentOf {
    type Rejection = NotLetIn;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, NotLetIn> {
        let peer = parts.extensions.get::<Peer>().copied().filter(|_| app.access.is_network());
        let refused = |error: ApiError| NotLetIn(error.into_response());
        // The window's listener is for the window.
        let peer = peer.ok_or_else(|| refused(ApiError::not_found("this address")))?;
        let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header.and_then(|header| header.split_once(' ')).filter(|(scheme, _)| {
            scheme.eq_ignore_ascii_case("token") || scheme.eq_ignore_ascii_case("bearer")
        });
        let printer = token.and_then(|(_, token)| printer_of(app, token.trim()));
        let Some(printer) = printer else {
            app.access.check_strikes(Some(peer)).map_err(refused)?;
            app.access.strike(Some(peer));
            let told = json!({"error": "Invalid or Inactive Token", "is_authenticated": false});
            return Err(NotLetIn((StatusCode::UNAUTHORIZED, Json(told)).into_response()));
        };
        if let Some(guest) = parts.extensions.get::<Guest>() {
            guest.admit();
        }
        Ok(Self(printer))
    }
}

/// Returns whose token it is; takes the same time for every guess.
fn printer_of(app: &App, token: &str) -> Option<PrinterId> {
    let snapshot = app.station.snapshot();
    let agents = snapshot.printers.values().filter(|view| view.vigil.kind == PrinterKind::Agent);
    let mut known = None;
    for view in agents {
        if bool::from(view.auth_token.as_bytes().ct_eq(token.as_bytes())) {
            known = Some(view.id);
        }
    }
    known
}

/// An agent without a token looks for a server. Whatever comes is answered: OctoPrint's stops looking at a refusal.
pub(super) async fn unlinked(
    State(app): State<App>,
    peer: Option<Extension<Peer>>,
    body: Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> Json<Value> {
    let message = body.ok().and_then(|body| serde_json::from_slice(&body).ok()).unwrap_or_default();
    let passcode = new_pin()[..5].bytes().map(|digit| char::from(digit - b'0' + b'a')).collect();
    match peer.filter(|_| app.access.is_network()) {
        Some(Extension(peer)) => Json(app.linking.unlinked(&message, peer.from, passcode, Instant::now())),
        None => Json(json!({"messages": []})),
    }
}

#[derive(Deserialize)]
pub(super) struct Code {
    #[serde(default)]
    code: String,
}

/// Takes the six digits, and gives the printer and its token.
pub(super) async fn verify(
    State(app): State<App>,
    Stranger(peer): Stranger,
    Query(Code { code }): Query<Code>,
) -> Result<Response, ApiError> {
    let Some(offer) = app.linking.redeem(code.trim(), Instant::now()) else {
        app.access.strike(Some(peer));
        let told =
            json!({"detail": "This code is wrong, was used, or is too old. Show a new one in Printvigil."});
        return Ok((StatusCode::NOT_FOUND, Json(told)).into_response());
    };
    let number = offer.number;
    // Wholly: an agent that hangs up meanwhile leaves no printer half linked.
    let linked = tokio::spawn(async move {
        let known = app.linking.known_at(peer.from);
        let linked = link(&app, offer.printer, known).await;
        match &linked {
            Ok(view) => app.linking.set_linked(offer, view.id, peer.from, Instant::now()),
            Err(_) => app.linking.put_back(offer),
        }
        linked.map(|view| (number, view))
    });
    let (number, view) = linked.await.map_err(|error| ApiError::internal(error.to_string()))??;
    let told = json!({"id": number, "code": code.trim(), "printer": view});
    Ok(Json(told).into_response())
}

async fn link(
    app: &App,
    printer: Option<PrinterId>,
    known: Option<(&'static str, String)>,
) -> Result<Arc<PrinterView>, ApiError> {
    let auth_token = new_auth_token();
    let id = match printer {
        Some(id) => {
            let patch = PrinterPatch { auth_token: Some(auth_token), ..PrinterPatch::default() };
            app.station.ask(Request::Patch(id, Box::new(patch))).await?;
            app.station.agents().let_go(id);
            id
        }
        None => {
            let (kind, port, camera) = (PrinterKind::Agent, None, None);
            let name = match known {
                Some((host, name)) if !name.is_empty() => format!("{host} on {name}"),
                Some((host, _)) => format!("Printer at {host}"),
                None => "Printer with an agent".to_owned(),
            };
            app.station.add_printer(NewPrinter { name, kind, port, camera, auth_token }).await?
        }
    };
    crate::printers::view(app, id)
}

/// Tells an agent which printer it is.
pub(super) async fn printer(State(app): State<App>, AgentOf(id): AgentOf) -> Result<Json<Value>, ApiError> {
    let view = crate::printers::view(&app, id)?;
    Ok(Json(json!({
        "user": {"is_pro": true},
        "printer": {
            "is_pro": true,
            "id": view.id,
            "name": view.name,
            "retract_on_pause": view.retract_on_pause,
            "lift_z_on_pause": view.lift_z_on_pause,
            "tools_off_on_pause": view.tools_off_on_pause,
            "bed_off_on_pause": view.bed_off_on_pause,
        },
    })))
}

#[derive(Deserialize)]
pub(super) struct Name {
    name: Option<String>,
}

/// Gives the printer the name that it has at its host.
pub(super) async fn rename(
    State(app): State<App>,
    agent: AgentOf,
    body: Bytes,
) -> Result<Json<Value>, ApiError> {
    let told: Name =
        serde_json::from_slice(&body).map_err(|error| ApiError::bad_request(error.to_string()))?;
    if let Some(name) = told.name.map(|name| one_line(name.trim(), LONGEST_NAME)).filter(|n| !n.is_empty()) {
        let patch = PrinterPatch { name: Some(name), ..PrinterPatch::default() };
        app.station.ask(Request::Patch(agent.0, Box::new(patch))).await?;
    }
    printer(State(app), agent).await
}

/// Takes a picture of the printer's first camera; those of others are left out.
pub(super) async fn picture(
    State(app): State<App>,
    AgentOf(id): AgentOf,
    form: Multipart,
) -> Result<Json<Value>, ApiError> {
    let Form { values, mut files } = Form::read(form, &["pic"]).await?;
    let first = values.get("is_primary_camera").is_none_or(|first| !first.eq_ignore_ascii_case("false"));
    let jpeg = files.remove("pic").filter(|jpeg| jpeg.starts_with(&[0xff, 0xd8]));
    let jpeg = jpeg.ok_or_else(|| ApiError::bad_request("`pic` is missing, or no JPEG"))?;
    if first && !app.station.agents().picture(id, jpeg) {
        return Err(ApiError::not_found("this printer"));
    }
    Ok(Json(json!({"result": "ok"})))
}

/// Notes what an agent reports, for the log.
pub(super) async fn event(
    State(app): State<App>,
    AgentOf(id): AgentOf,
    headers: HeaderMap,
    request: axum::extract::Request,
) -> Result<Json<Value>, ApiError> {
    let values = fields(&app, &headers, request).await?;
    let word = |key: &str, most| one_line(values.get(key).map_or("", String::as_str).trim(), most);
    let title = word("event_title", LONGEST_TITLE);
    let told = match word("event_class", 16).as_str() {
        "ERROR" => EventClass::Error,
        "WARNING" => EventClass::Warning,
        "SUCCESS" => EventClass::Success,
        _ => EventClass::Info,
    };
    let said = if title.contains("Webcam Streaming Failed") {
        // Without the streaming program that agents have for Obico's cloud, they say so at each start.
        let text = "The agent cannot stream live video. It is not needed here: pictures come all the same.";
        AgentEvent {
            class: EventClass::Info,
            title: "No live video from the agent".into(),
            text: text.into(),
        }
    } else {
        let title = if title.is_empty() { "The agent reports something".into() } else { title };
        AgentEvent { class: told, title, text: word("event_text", LONGEST_TEXT) }
    };
    app.station.agents().says(id, said).await;
    Ok(Json(json!({"result": "ok"})))
}

/// Gives a number to the file that a print is of. Agents wait for it before they tell of the print.
pub(super) async fn file(
    State(app): State<App>,
    AgentOf(id): AgentOf,
    headers: HeaderMap,
    request: axum::extract::Request,
) -> Result<Response, ApiError> {
    let values = fields(&app, &headers, request).await?;
    let value = |key: &str| values.get(key).map_or("", String::as_str);
    let name = format!("{} {}", value("agent_signature"), value("safe_filename"));
    let number = app.station.agents().file_number(id, &name);
    let told = json!({
        "id": number,
        "filename": value("filename"),
        "safe_filename": value("safe_filename"),
        "agent_signature": value("agent_signature"),
    });
    Ok((StatusCode::CREATED, Json(told)).into_response())
}

/// An agent tells more of such a file: nothing of it is kept.
pub(super) async fn file_change(_: AgentOf, Path(id): Path<i64>) -> Json<Value> {
    Json(json!({"id": id}))
}

/// Gives the agent the file that it is to print. The address was told it by its socket, and works once.
pub(super) async fn fetch(
    State(app): State<App>,
    Stranger(peer): Stranger,
    Path((token, _)): Path<(String, String)>,
    request: axum::extract::Request,
) -> Result<Response, ApiError> {
    let Some(file) = app.station.agents().fetched(&token) else {
        app.access.strike(Some(peer));
        return Err(ApiError::not_found("this file"));
    };
    if let Some(guest) = request.extensions().get::<Guest>() {
        guest.admit();
    }
    let gone = || ApiError::not_found("this file");
    let mut served = ServeFile::new(&file.path).try_call(request).await.map_err(|_| gone())?;
    if served.status() == StatusCode::NOT_FOUND {
        return Err(gone());
    }
    served.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/x.gcode"));
    Ok(served.into_response())
}

/// A form, read whole.
#[derive(Default)]
struct Form {
    values: BTreeMap<String, String>,
    files: BTreeMap<String, Bytes>,
}

impl Form {
    /// Reads a form; of its files those with these names.
    async fn read(mut form: Multipart, wanted: &[&str]) -> Result<Self, ApiError> {
        let broken = |error: axum::extract::multipart::MultipartError| {
            ApiError::new(error.status(), "bad_form", error.body_text(), "")
        };
        let mut read = Self::default();
        let mut count = 0;
        while let Some(field) = form.next_field().await.map_err(broken)? {
            count += 1;
            if count > MOST_PARTS {
                return Err(ApiError::bad_request(format!("a form has at most {MOST_PARTS} parts")));
            }
            let name = field.name().unwrap_or_default().to_owned();
            let bytes = field.bytes().await.map_err(broken)?;
            if wanted.contains(&name.as_str()) {
                read.files.insert(name, bytes);
            } else if bytes.len() <= LONGEST_VALUE {
                read.values.insert(name, String::from_utf8_lossy(&bytes).into_owned());
            }
        }
        Ok(read)
    }
}

/// Reads the fields of a form, in either of the two ways in which agents send one, or of JSON.
async fn fields(
    app: &App,
    headers: &HeaderMap,
    request: axum::extract::Request,
) -> Result<BTreeMap<String, String>, ApiError> {
    use axum::extract::FromRequest;
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.starts_with("multipart/") {
        let form = Multipart::from_request(request, app).await;
        let form = form.map_err(|error| ApiError::bad_request(error.body_text()))?;
        return Ok(Form::read(form, &[]).await?.values);
    }
    let json = kind.starts_with("application/json");
    let body = Bytes::from_request(request, app).await;
    let body = body.map_err(|error| ApiError::new(error.status(), "bad_body", error.body_text(), ""))?;
    if json {
        let told: Value = serde_json::from_slice(&body).unwrap_or_default();
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let pairs = told.as_object().into_iter().flatten().take(MOST_PARTS);
        return Ok(pairs.map(|(key, value)| (key.clone(), text(value))).collect());
    }
    let pairs = form_urlencoded::parse(&body).take(MOST_PARTS);
    let short = pairs.filter(|(_, value)| value.len() <= LONGEST_VALUE);
    Ok(short.map(|(key, value)| (key.into_owned(), value.into_owned())).collect())
}
