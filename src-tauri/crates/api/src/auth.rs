//! Who may come in: the token of this launch, tickets for pictures, and only Hosts and Origins that are ours.

use crate::ApiError;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, HOST, ORIGIN};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How long a ticket is good.
pub(crate) const TICKET_LIFE: Duration = Duration::from_secs(300);

/// Tickets held at most; the oldest go first.
const TICKETS: usize = 1024;

/// The keys to this listener.
pub struct Access {
    token: String,
    hosts: Vec<String>,
    origins: Vec<String>,
    tickets: Mutex<HashMap<String, Ticket>>,
}

struct Ticket {
    path: String,
    until: Instant,
}

/// Makes a fresh token: 32 hex digits from the system's random source.
pub fn new_token() -> String {
    hex(&random::<16>())
}

/// Makes an agent's token as Obico has it: 20 hex digits.
pub fn new_auth_token() -> String {
    hex(&random::<10>())
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system has a random source");
    bytes
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl Access {
    /// Makes the keys for a listener at `address`.
    pub fn new(token: String, address: SocketAddr) -> Self {
        let port = address.port();
        let hosts = [format!("127.0.0.1:{port}"), format!("localhost:{port}"), format!("[::1]:{port}")];
        let mut origins: Vec<String> = hosts.iter().map(|host| format!("http://{host}")).collect();
        // The window's own page, on Linux and macOS, and on Windows.
        origins.extend(["tauri://localhost".to_owned(), "http://tauri.localhost".to_owned()]);
        Self { token, hosts: hosts.into(), origins, tickets: Mutex::default() }
    }

    /// Returns the origins whose pages may ask.
    pub(crate) fn origins(&self) -> &[String] {
        &self.origins
    }

    /// Returns whether this is the token; takes the same time for every guess of its length.
    pub(crate) fn is_token(&self, guess: &str) -> bool {
        let differing = self.token.bytes().zip(guess.bytes()).fold(0, |sum, (a, b)| sum | (a ^ b));
        guess.len() == self.token.len() && differing == 0
    }

    /// Makes a ticket for reading one path.
    pub(crate) fn ticket(&self, path: &str) -> String {
        let mut tickets = self.tickets.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        tickets.retain(|_, ticket| ticket.until > now);
        if tickets.len() >= TICKETS {
            let oldest = tickets.iter().min_by_key(|(_, ticket)| ticket.until).map(|(name, _)| name.clone());
            oldest.map(|name| tickets.remove(&name));
        }
        let name = new_token();
        tickets.insert(name.clone(), Ticket { path: path.into(), until: now + TICKET_LIFE });
        name
    }

    fn is_ticket(&self, name: &str, path: &str) -> bool {
        let tickets = self.tickets.lock().unwrap_or_else(PoisonError::into_inner);
        tickets.get(name).is_some_and(|ticket| ticket.path == path && ticket.until > Instant::now())
    }

    /// Returns whether a page of this origin may ask; programs send none.
    pub(crate) fn origin_allowed(&self, headers: &HeaderMap) -> bool {
        match headers.get(ORIGIN) {
            None => true,
            Some(origin) => {
                origin.to_str().is_ok_and(|origin| self.origins.iter().any(|ours| ours == origin))
            }
        }
    }
}

/// Lets in only requests to our own names: a page that points its own name at this computer stays outside.
pub(crate) async fn require_host(
    State(access): State<Arc<Access>>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if !access.hosts.iter().any(|ours| ours == host) {
        let hint = "Open the app by the address it shows.";
        return Err(ApiError::new(
            StatusCode::MISDIRECTED_REQUEST,
            "wrong_host",
            "this is not our name",
            hint,
        ));
    }
    if !access.origin_allowed(request.headers()) {
        return Err(ApiError::new(StatusCode::FORBIDDEN, "wrong_origin", "this page may not ask", ""));
    }
    Ok(next.run(request).await)
}

/// Lets in only who has the token, or a ticket for reading this path.
pub(crate) async fn require_token(
    State(access): State<Arc<Access>>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let bearer = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let by_token =
        bearer.and_then(|value| value.strip_prefix("Bearer ")).is_some_and(|guess| access.is_token(guess));
    // The nested router sees the path without its prefix; a ticket names the whole one.
    let path = request
        .extensions()
        .get::<axum::extract::OriginalUri>()
        .map_or_else(|| request.uri().path().to_owned(), |uri| uri.path().to_owned());
    let ticket = request.uri().query().into_iter().flat_map(|query| query.split('&'));
    let mut tickets = ticket.filter_map(|pair| pair.strip_prefix("ticket="));
    let by_ticket = request.method() == Method::GET && tickets.any(|ticket| access.is_ticket(ticket, &path));
    if by_token || by_ticket {
        return Ok(next.run(request).await);
    }
    let hint = "Open the app by the address it shows, or send its token as `Authorization: Bearer …`.";
    Err(ApiError::new(StatusCode::UNAUTHORIZED, "no_token", "this needs the app's token", hint))
}
