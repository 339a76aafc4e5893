//! Who may come in: the token of this launch, what was paired, tickets for pictures, and only Hosts and Origins that are
//! ours.

use crate::ApiError;
use crate::agents::linking::UNLINKED;
use crate::door::{Guest, Peer};
use crate::keys::{Caller, Keys};
use crate::names::HostName;
use crate::pairing::Strikes;
use crate::roles;
use crate::secret::random;
use crate::tickets::Tickets;
use axum::Json;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{AUTHORIZATION, HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderName, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::{GrantKind, PrinterId};
use station::Station;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;
use subtle::ConstantTimeEq;
use tokio::time::{Instant, sleep};

/// The header by which slicers and scripts send their key.
const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
/// Wrong tokens from one address of the network in a minute before it is refused unread.
const MOST_WRONG_TOKENS: u32 = 60;
const WRONG_TERM: Duration = Duration::from_secs(60);
/// The end of a link is looked for at least so often: the clock may be set.
const END_LOOK: Duration = Duration::from_secs(30);

/// The keys to one listener.
pub(crate) struct Access {
    way: Way,
    keys: Arc<Keys>,
    station: Station,
    tickets: Tickets,
}

/// Which listener it is.
enum Way {
    /// The window's, on this computer only.
    Window { token: String, hosts: Vec<String>, origins: Vec<String> },
    /// The network's. `names`: further ones by which this computer may be asked.
    Network { names: Arc<RwLock<Vec<String>>>, wrong: Mutex<Strikes> },
}

impl Access {
    /// Makes the keys for the window's listener at `address`.
    pub(crate) fn window(token: String, address: SocketAddr, keys: Arc<Keys>, station: Station) -> Self {
        let port = address.port();
        let hosts = [format!("127.0.0.1:{port}"), format!("localhost:{port}"), format!("[::1]:{port}")];
        let mut origins: Vec<String> = hosts.iter().map(|host| format!("http://{host}")).collect();
        // The window's own page, on Linux and macOS, and on Windows.
        origins.extend(["tauri://localhost".to_owned(), "http://tauri.localhost".to_owned()]);
        Self::of(Way::Window { token, hosts: hosts.into(), origins }, keys, station)
    }

    /// Makes the keys for the network's listener. The token of this launch opens nothing there.
    pub(crate) fn network(names: Arc<RwLock<Vec<String>>>, keys: Arc<Keys>, station: Station) -> Self {
        let wrong = Mutex::new(Strikes::new(MOST_WRONG_TOKENS, u32::MAX, WRONG_TERM));
        Self::of(Way::Network { names, wrong }, keys, station)
    }

    fn of(way: Way, keys: Arc<Keys>, station: Station) -> Self {
        Self { way, keys, station, tickets: Tickets::new(random()) }
    }

    /// Returns whether this is the network's listener.
    pub(crate) fn is_network(&self) -> bool {
        matches!(self.way, Way::Network { .. })
    }

    /// Returns the origins whose pages may ask though they come from elsewhere.
    pub(crate) fn origins(&self) -> &[String] {
        match &self.way {
            Way::Window { origins, .. } => origins,
            Way::Network { .. } => &[],
        }
    }

    /// Returns whose secret this is: the token of this launch, or that of a device, a link or a key. With a guest, the
    /// connection is theirs from now on, and ends when they are revoked.
    pub(crate) fn by_secret(&self, guess: &str, guest: Option<&Guest>) -> Option<Caller> {
        let caller = if self.is_token(guess) { Caller::WINDOW } else { self.keys.find(guess, None)? };
        self.admit(Some(caller).filter(|caller| caller.shared.is_none())?, guest)
    }

    /// Returns which printer a shared link shows, and whose link it is.
    pub(crate) fn by_share(&self, token: &str, guest: Option<&Guest>) -> Option<(PrinterId, Caller)> {
        let caller = self.keys.find(token, Some(GrantKind::Link))?;
        let printer = caller.shared?;
        Some((printer, self.admit(caller, guest)?))
    }

    /// Admits a caller, unless it was revoked this very moment.
    fn admit(&self, caller: Caller, guest: Option<&Guest>) -> Option<Caller> {
        let Some(guest) = guest else { return Some(caller) };
        if !caller.grant.is_none_or(|id| self.keys.follow(id, guest)) {
            return None;
        }
        guest.admit();
        Some(caller)
    }

    /// Waits until a link has ended; for ever where nothing ends by itself.
    pub(crate) async fn ends(&self, caller: &Caller) {
        let Some(ends_at) = caller.ends_at else { return std::future::pending().await };
        loop {
            let left = ends_at.secs_since(self.station.now());
            if left <= 0.0 {
                return;
            }
            sleep(Duration::from_secs_f64(left).min(END_LOOK)).await;
        }
    }

    /// Counts a wrong token.
    pub(crate) fn strike(&self, peer: Option<Peer>) {
        if let (Way::Network { wrong, .. }, Some(peer)) = (&self.way, peer) {
            wrong.lock().unwrap_or_else(PoisonError::into_inner).strike(peer.from, Instant::now());
        }
    }

    /// Refuses a stranger from whom too much was wrong lately.
    ///
    /// # Errors
    /// 429.
    pub(crate) fn check_strikes(&self, peer: Option<Peer>) -> Result<(), ApiError> {
        let (Way::Network { wrong, .. }, Some(peer)) = (&self.way, peer) else { return Ok(()) };
        match wrong.lock().unwrap_or_else(PoisonError::into_inner).locked(peer.from, Instant::now()) {
            None => Ok(()),
            Some(left) => Err(ApiError::too_many(left)),
        }
    }

    /// Returns whether this is the token of this launch; takes the same time for every guess of its length.
    fn is_token(&self, guess: &str) -> bool {
        match &self.way {
            Way::Window { token, .. } => token.as_bytes().ct_eq(guess.as_bytes()).into(),
            Way::Network { .. } => false,
        }
    }

    /// Makes a ticket for reading one path.
    pub(crate) fn ticket(&self, path: &str, caller: &Caller) -> String {
        self.tickets.make(path, caller.grant)
    }

    /// Returns whose ticket it is, if it is good for this path; none once they are revoked.
    fn by_ticket(&self, ticket: &str, path: &str) -> Option<Caller> {
        match self.tickets.whose(ticket, path)? {
            None => Some(Caller::WINDOW),
            Some(id) => self.keys.by_id(id),
        }
    }

    /// Checks the names that a request gives: ours, and the page that it comes from.
    fn check_names(
        &self,
        headers: &HeaderMap,
        authority: Option<&str>,
        peer: Option<Peer>,
    ) -> Result<(), ApiError> {
        let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let origin = headers.get(ORIGIN).map(|origin| origin.to_str().unwrap_or_default());
        // `GET http://name/path` names a host of its own.
        let named = || std::iter::once(host).chain(authority);
        let wrong_origin =
            || ApiError::new(StatusCode::FORBIDDEN, "wrong_origin", "this page may not ask", "");
        match &self.way {
            Way::Window { hosts, origins, .. } => {
                let ours = |list: &[String], name: &str| list.iter().any(|ours| ours == name);
                if !named().all(|name| ours(hosts, name)) {
                    return Err(wrong_host("this is not our name", "Open the app by the address it shows."));
                }
                origin.is_none_or(|origin| ours(origins, origin)).then_some(()).ok_or_else(wrong_origin)
            }
            Way::Network { names, .. } => {
                let to = peer.map_or_else(|| SocketAddr::from(([0, 0, 0, 0], 0)), |peer| peer.to);
                let names = names.read().unwrap_or_else(PoisonError::into_inner);
                let ours = |name: &str| HostName::read(name).is_some_and(|name| name.is_ours(to, &names));
                if let Some(foreign) = named().find(|name| !ours(name)) {
                    return Err(foreign_name(foreign, to));
                }
                let read = HostName::read(host);
                let same = |origin: &str| read.as_ref().is_some_and(|host| host.is_origin(origin, to));
                origin.is_none_or(same).then_some(()).ok_or_else(wrong_origin)
            }
        }
    }
}

fn wrong_host(message: impl Into<String>, hint: impl Into<String>) -> ApiError {
    ApiError::new(StatusCode::MISDIRECTED_REQUEST, "wrong_host", message, hint)
}

fn foreign_name(name: &str, to: SocketAddr) -> ApiError {
    let shown: String = name.chars().take(100).collect();
    let hint = format!(
        "Open http://{to}, or enter the name on the computer in Printvigil’s settings, under “Phone and other devices”."
    );
    wrong_host(format!("“{shown}” is no name by which Printvigil may be opened"), hint)
}

/// Lets in only requests to our own names: a page that points its own name at this computer stays outside.
pub(crate) async fn require_host(
    State(access): State<Arc<Access>>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let twice = |name: &HeaderName| request.headers().get_all(name).iter().nth(1).is_some();
    if [HOST, ORIGIN, AUTHORIZATION, API_KEY].iter().any(twice) {
        // Which of the two counts would be a guess.
        return Err(ApiError::bad_request(
            "Host, Origin, Authorization and X-Api-Key may each be sent once only",
        ));
    }
    let authority = request.uri().authority().map(|authority| authority.as_str());
    if let Err(refused) = access.check_names(request.headers(), authority, peer_of(&request)) {
        // An agent that looks for a server would stop looking: it is told nothing instead.
        if request.uri().path() == UNLINKED {
            return Ok(Json(serde_json::json!({"messages": []})).into_response());
        }
        return Err(refused);
    }
    Ok(next.run(request).await)
}

fn peer_of(request: &Request) -> Option<Peer> {
    request.extensions().get::<Peer>().copied()
}

/// Who asks, as far as it matters for a fair share: all that carry one token are one, each ticket is another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asker(pub(crate) String);

/// Lets in only who has a token, a key, or a ticket for reading this path, and only to what their role may ask.
pub(crate) async fn require_caller(
    State(access): State<Arc<Access>>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    let (caller, asker) = caller_of(&access, &parts)?;
    request = Request::from_parts(parts, body);
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let path = whole_path(request.extensions(), request.uri());
    roles::check(caller.role, request.method(), route, path)?;
    request.extensions_mut().insert(asker);
    request.extensions_mut().insert(caller);
    Ok(next.run(request).await)
}

/// Returns who asks, by the token, key or ticket of a request.
///
/// # Errors
/// 401; 429 where too much was wrong lately.
pub(crate) fn caller_of(access: &Access, parts: &Parts) -> Result<(Caller, Asker), ApiError> {
    let guest = parts.extensions.get::<Guest>();
    let known = known(access, parts);
    if let Some((caller, asker)) =
        known.and_then(|(caller, asker)| Some((access.admit(caller, guest)?, asker)))
    {
        return Ok((caller, asker));
    }
    let peer = parts.extensions.get::<Peer>().copied();
    access.check_strikes(peer)?;
    access.strike(peer);
    Err(ApiError::new(
        StatusCode::UNAUTHORIZED,
        "no_token",
        "this needs the app's token",
        "Open the app by the address it shows, or send its token as `Authorization: Bearer …`.",
    ))
}

/// The nested router sees the path without its prefix; tickets and roles name the whole one.
fn whole_path<'a>(extensions: &'a Extensions, uri: &'a Uri) -> &'a str {
    extensions.get::<axum::extract::OriginalUri>().map_or_else(|| uri.path(), |whole| whole.path())
}

fn known(access: &Access, parts: &Parts) -> Option<(Caller, Asker)> {
    let header = |name: HeaderName| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let bearer = header(AUTHORIZATION).and_then(|value| value.split_once(' '));
    let bearer = bearer.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let by_token = || access.by_secret(bearer?.1.trim(), None);
    let by_key = || access.keys.find(header(API_KEY)?.trim(), Some(GrantKind::Key));
    if let Some(caller) = by_token().or_else(by_key) {
        let name = caller.grant.map_or_else(|| "token".to_owned(), |id| format!("grant {id}"));
        return Some((caller, Asker(name)));
    }
    if parts.method != Method::GET {
        return None;
    }
    let path = whole_path(&parts.extensions, &parts.uri);
    let pairs = parts.uri.query().into_iter().flat_map(|query| query.split('&'));
    let mut tickets = pairs.filter_map(|pair| pair.strip_prefix("ticket="));
    tickets.find_map(|ticket| {
        let caller = access.by_ticket(ticket, path)?;
        Some((caller, Asker(ticket.to_owned())))
    })
}
