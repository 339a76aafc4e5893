//! The network's listener: switched on and off by a person, opened again as it was at the next start.
//!
//! **Invariant:** it is closed until a person opens it, and what opens it is stored first.

use crate::announce::{self, Announced};
use crate::auth::Access;
use crate::door::serve_with;
use crate::error::blocking;
use crate::https::{Certificate, Tls};
use crate::keys::Keys;
use crate::network_door::{Code, addresses, bind};
use crate::pairing::Pairing;
use crate::routing::{Routes, get};
use crate::{ApiError, App, Doors, names, router_of};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::{Grant, Role};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;
use store::setting;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

/// The port, unless another is chosen.
const USUAL_PORT: u16 = 7412;
/// Ports below are the system's.
const LEAST_PORT: u16 = 1024;
/// Most further names of this computer.
const MOST_NAMES: usize = 16;
/// A port that was taken at the start is tried again so often.
const RETRY: Duration = Duration::from_secs(10);

/// Keys of the settings.
const ENABLED: &str = "network.enabled";
const PORT: &str = "network.port";
const NAMES: &str = "network.names";
const HTTPS: &str = "network.https";

/// The network's listener and who may come in by it.
pub(crate) struct Network {
    pub(crate) keys: Arc<Keys>,
    pub(crate) pairing: Pairing,
    names: Arc<RwLock<Vec<String>>>,
    tls: Tls,
    listening: Mutex<Listening>,
    /// Changes take turns.
    turn: tokio::sync::Mutex<()>,
}

enum Listening {
    Closed,
    Serving {
        doors: Doors,
        task: JoinHandle<std::io::Result<()>>,
        /// Whether others find it by themselves.
        announced: announce::Standing,
        announcing: JoinHandle<()>,
    },
    /// It is switched on and could not be opened.
    Failed(String),
}

#[derive(Clone)]
struct Stored {
    enabled: bool,
    port: u16,
    names: Vec<String>,
    https: bool,
}

impl Network {
    pub(crate) fn closed(keys: Arc<Keys>) -> Self {
        Self {
            keys,
            pairing: Pairing::default(),
            names: Arc::default(),
            tls: Tls::default(),
            listening: Mutex::new(Listening::Closed),
            turn: tokio::sync::Mutex::default(),
        }
    }

    fn now(&self) -> MutexGuard<'_, Listening> {
        self.listening.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_open(&self) -> bool {
        matches!(*self.now(), Listening::Serving { .. })
    }

    /// Serves the network on a port that was taken.
    fn open(&self, app: &App, listener: tokio::net::TcpListener) {
        let doors = app.doors.beside();
        let access = Access::network(self.names.clone(), self.keys.clone(), app.station.clone());
        let router = router_of(App { access: Arc::new(access), doors: doors.clone(), ..app.clone() });
        let announced = announce::Standing::default();
        let port = listener.local_addr().map_or(USUAL_PORT, |address| address.port());
        let announcing =
            tokio::spawn(announce::announce(app.station.clone(), port, announced.clone(), doors.over()));
        let task = tokio::spawn(serve_with(listener, router, doors.clone(), self.tls.clone()));
        *self.now() = Listening::Serving { doors, task, announced, announcing };
    }

    /// Closes the listener and cuts its connections; returns when the port is free.
    async fn close(&self) {
        let before = std::mem::replace(&mut *self.now(), Listening::Closed);
        self.pairing.withdraw();
        if let Listening::Serving { doors, task, announcing, .. } = before {
            doors.shut();
            let _ = (task.await, announcing.await);
        }
    }
}

fn read(conn: &store::Connection) -> Result<Stored, store::StoreError> {
    Ok(Stored {
        enabled: setting::get(conn, ENABLED)?.unwrap_or(false),
        port: setting::get(conn, PORT)?.unwrap_or(USUAL_PORT),
        names: setting::get(conn, NAMES)?.unwrap_or_default(),
        https: setting::get(conn, HTTPS)?.unwrap_or(false),
    })
}

async fn stored(app: &App) -> Result<Stored, ApiError> {
    let store = app.station.store().clone();
    blocking(move || store.read(read)).await
}

async fn keep(app: &App, stored: &Stored) -> Result<(), ApiError> {
    let (store, stored) = (app.station.store().clone(), stored.clone());
    let write = move |tx: &store::Transaction<'_>| {
        setting::set(tx, ENABLED, &stored.enabled)?;
        setting::set(tx, PORT, &stored.port)?;
        setting::set(tx, NAMES, &stored.names)?;
        setting::set(tx, HTTPS, &stored.https)
    };
    blocking(move || store.write_now(write)).await
}

/// Opens the listener if it is switched on; where that fails it is tried again, since whoever has the port may go.
pub(crate) async fn open_as_stored(app: App) {
    loop {
        let turn = app.network.turn.lock().await;
        let why = match stored(&app).await {
            Ok(stored) if stored.enabled && !app.network.is_open() => {
                match certificate(&app, &stored).await {
                    Ok(certificate) => app.network.tls.set(certificate),
                    // Whoever reaches it by plain HTTP still does; the settings say what is wrong.
                    Err(error) => {
                        tracing::warn!(why = error.message, "the network's listener is not encrypted")
                    }
                }
                *app.network.names.write().unwrap_or_else(PoisonError::into_inner) = stored.names;
                match bind(stored.port) {
                    Ok(listener) => return app.network.open(&app, listener),
                    Err(error) => error.message,
                }
            }
            // Switched off, or opened by a person meanwhile.
            Ok(_) => return,
            Err(error) => error.message,
        };
        tracing::warn!(why, "the network's listener could not be opened");
        *app.network.now() = Listening::Failed(why);
        drop(turn);
        sleep(RETRY).await;
    }
}

/// Returns what connections are to be encrypted with; `None` while that is switched off.
async fn certificate(app: &App, stored: &Stored) -> Result<Option<Certificate>, ApiError> {
    if !stored.https {
        return Ok(None);
    }
    let folder = app.station.data_dir().to_path_buf();
    let mut names = stored.names.clone();
    names.extend(addresses().iter().map(ToString::to_string));
    if let Ok(name) = hostname::get() {
        let name = name.to_string_lossy().to_ascii_lowercase();
        names.extend([format!("{name}.local"), name]);
    }
    blocking(move || Certificate::of(&folder, names)).await.map(Some)
}

/// Closes the listener as the core ends; it stays switched on.
pub(crate) async fn leave(app: &App) {
    let _turn = app.network.turn.lock().await;
    app.network.close().await;
}

pub(crate) fn routes() -> Routes {
    Routes::new().route("/vigil/network/", get(show).patch(change))
}

/// The network's door, as the settings show it.
#[derive(Serialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(rename = "Network")]
pub(crate) struct View {
    /// Switched on.
    enabled: bool,
    port: u16,
    /// Further names by which browsers may ask, such as `workshop.lan`.
    names: Vec<String>,
    /// Whether connections are encrypted for browsers that ask for it: `https://` at the same port.
    https: bool,
    /// SHA-256 of the certificate as browsers show it; null while nothing can be encrypted.
    fingerprint: Option<String>,
    /// Whether others can reach it now.
    open: bool,
    /// Why it is not open though it is switched on.
    error: Option<String>,
    /// What a browser opens, the likeliest first; where connections can be encrypted, those that are come first.
    addresses: Vec<String>,
    /// The name under which slicers and other programs find it by themselves; null while they do not.
    announced: Option<String>,
    /// Why they do not, once that is known.
    announce_error: Option<String>,
    /// The code that is shown now.
    pairing: Option<PairingView>,
    grants: Vec<GrantView>,
}

#[derive(Serialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(rename = "NetworkPairing")]
struct PairingView {
    role: Role,
    expires_in_secs: u64,
    /// Too many wrong PINs came: only the QR code lets in.
    pin_is_void: bool,
}

#[derive(Serialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(rename = "NetworkGrant")]
struct GrantView {
    #[serde(flatten)]
    grant: Grant,
    /// Connections that are open now.
    connections: usize,
}

async fn view(app: &App) -> Result<View, ApiError> {
    let Stored { enabled, port, names, https } = stored(app).await?;
    let (open, error, standing) = match &*app.network.now() {
        Listening::Closed => (false, None, Announced::Not),
        Listening::Serving { announced, .. } => {
            (true, None, announced.lock().unwrap_or_else(PoisonError::into_inner).clone())
        }
        Listening::Failed(why) => (false, Some(why.clone()), Announced::Not),
    };
    let (announced, announce_error) = match standing {
        Announced::Not => (None, None),
        Announced::As(name) => (Some(name), None),
        Announced::Failed(why) => (None, Some(why)),
    };
    let fingerprint = app.network.tls.certificate().map(|certificate| certificate.fingerprint);
    let mut addresses = if open { urls("http", port) } else { Vec::new() };
    if open && fingerprint.is_some() {
        addresses.splice(0..0, urls("https", port));
    }
    let pairing = app.network.pairing.offered(Instant::now()).map(|offered| PairingView {
        role: offered.role,
        expires_in_secs: offered.left.as_secs(),
        pin_is_void: offered.pin_is_void,
    });
    let grants = app.network.keys.list();
    let grants = grants.into_iter().map(|(grant, connections)| GrantView { grant, connections }).collect();
    Ok(View {
        enabled,
        port,
        names,
        https,
        fingerprint,
        open,
        error,
        addresses,
        announced,
        announce_error,
        pairing,
        grants,
    })
}

/// Returns the addresses by which programs ask this computer from the network; none while nobody can come in.
pub(crate) async fn open_addresses(app: &App) -> Result<Vec<String>, ApiError> {
    let port = stored(app).await?.port;
    Ok(if app.network.is_open() { urls("http", port) } else { Vec::new() })
}

fn urls(scheme: &str, port: u16) -> Vec<String> {
    addresses().iter().map(|ip| format!("{scheme}://{ip}:{port}")).collect()
}

async fn show(State(app): State<App>) -> Result<Json<View>, ApiError> {
    Ok(Json(view(&app).await?))
}

#[derive(Deserialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[serde(rename = "NetworkChange")]
#[ts(optional_fields)]
pub(crate) struct Change {
    enabled: Option<bool>,
    port: Option<u16>,
    names: Option<Vec<String>>,
    https: Option<bool>,
}

impl Change {
    fn on(self, before: &Stored) -> Result<Stored, ApiError> {
        let port = self.port.unwrap_or(before.port);
        if port < LEAST_PORT {
            return Err(ApiError::bad_request(format!("a port is {LEAST_PORT} to {}, not {port}", u16::MAX)));
        }
        let names = match self.names {
            None => before.names.clone(),
            Some(names) if names.len() > MOST_NAMES => {
                return Err(ApiError::bad_request(format!("at most {MOST_NAMES} names are kept")));
            }
            Some(names) => {
                let read: Result<Vec<String>, String> =
                    names.iter().map(|name| names::further_name(name)).collect();
                read.map_err(ApiError::bad_request)?
            }
        };
        let (enabled, https) = (self.enabled.unwrap_or(before.enabled), self.https.unwrap_or(before.https));
        Ok(Stored { enabled, port, names, https })
    }
}

async fn change(State(app): State<App>, Json(change): Json<Change>) -> Result<Json<View>, ApiError> {
    // Carried out wholly even when who asked has gone: it may be a phone whose connection this closes.
    let carried_out = tokio::spawn(async move {
        set(&app, change).await?;
        view(&app).await
    });
    carried_out.await.map_err(|error| ApiError::internal(error.to_string()))?.map(Json)
}

/// Takes the port and the certificate first, since that may fail; then it is stored; only then does it act.
async fn set(app: &App, change: Change) -> Result<(), ApiError> {
    let _turn = app.network.turn.lock().await;
    let before = stored(app).await?;
    let wanted = change.on(&before)?;
    let moves = !app.network.is_open() || wanted.port != before.port;
    let listener = if wanted.enabled && moves { Some(bind(wanted.port)?) } else { None };
    let certificate = certificate(app, &wanted).await?;
    keep(app, &wanted).await?;
    app.network.tls.set(certificate);
    *app.network.names.write().unwrap_or_else(PoisonError::into_inner) = wanted.names;
    if moves || !wanted.enabled {
        app.network.close().await;
        app.app_keys.forget();
    }
    if let Some(listener) = listener {
        app.network.open(app, listener);
    }
    Ok(())
}

/// Refuses what makes no sense while nobody can come in.
pub(crate) fn require_open(app: &App) -> Result<(), ApiError> {
    if app.network.is_open() {
        return Ok(());
    }
    let hint = "Switch on “Phone and other devices on your network” first.";
    Err(ApiError::new(
        StatusCode::CONFLICT,
        "network_closed",
        "nobody can come in from the network now",
        hint,
    ))
}

/// Returns the addresses that lead to the page with `end` behind the `#`, and their codes.
pub(crate) async fn codes(app: &App, end: &str) -> Result<Vec<Code>, ApiError> {
    codes_to(app, &format!("/#{end}")).await
}

/// Returns the addresses that lead to a path, and their codes.
pub(crate) async fn codes_to(app: &App, path: &str) -> Result<Vec<Code>, ApiError> {
    let port = stored(app).await?.port;
    let scheme = if app.network.tls.certificate().is_some() { "https" } else { "http" };
    urls(scheme, port).into_iter().map(|url| Code::of(format!("{url}{path}"))).collect()
}
