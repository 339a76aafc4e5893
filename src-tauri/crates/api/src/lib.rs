//! One axum router over the station: REST in Obico's shape, the live socket, pictures and films.
//!
//! The window, a phone, `curl` and the tests all come through here. Each request carries a token and a Host that we
//! allow; loopback is no exception, since any page in the user's browser can reach it. `<img>` and `<video>` cannot
//! send a header: they carry a ticket, good for one path, reading only, five minutes.
//!
//! There are two listeners: the window's, on loopback with the token of this launch, and the network's, which is closed
//! until a person opens it, for what was paired there. Both have this router; what each may ask is in [`LEAST_ROLES`].

mod admission;
mod agents;
mod announce;
mod app_keys;
mod auth;
mod camera_checks;
mod cameras;
mod card;
mod contract;
mod deleted;
mod disposition;
mod door;
mod error;
mod evidence;
mod export;
mod files;
mod films;
mod folders;
mod https;
mod imports;
mod keys;
mod live;
mod machines;
mod maintenance;
mod media;
mod metrics;
mod models;
mod mqtt;
mod names;
mod network;
mod network_door;
mod notices;
mod obico;
mod octoprint;
mod octoprint_backup;
mod openapi;
mod outgoing;
mod pace;
mod paging;
mod pairing;
mod past;
mod preflight;
mod price;
mod print_fields;
mod print_query;
mod printers;
mod prints;
mod queue;
mod reasons;
mod recoveries;
mod report;
mod request_body;
mod review;
mod roles;
mod routes;
mod routing;
mod secret;
mod shots;
mod sound;
mod spools;
mod stats;
mod stops;
mod storage;
mod system;
mod tickets;
mod tools;
mod trial;
mod ui;
mod upload;
mod user;
mod waiting;
mod watching;

pub use contract::write_types;
pub use door::{Doors, serve};
pub use error::ApiError;
pub use export::{history, open_history};
pub use octoprint::roles::LEAST_ROLES as SLICER_ROLES;
pub use roles::LEAST_ROLES;
pub(crate) use secret::new_pin;
pub use secret::{new_auth_token, new_token};

use auth::Access;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::Response;
use domain::one_line;
use station::Station;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tower_http::set_header::SetResponseHeaderLayer;
use waiting::Waiting;

/// Downloads that are put together while they are sent, at once: each has a thread of its own.
const DOWNLOADS: usize = 4;
/// Longest query, bytes: ours are far shorter.
const LONGEST_QUERY: usize = 8 * 1024;

/// What each handler gets.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) station: Station,
    pub(crate) access: Arc<Access>,
    pub(crate) waiting: Arc<Waiting>,
    pub(crate) downloads: Arc<Semaphore>,
    pub(crate) uploads: Arc<upload::Uploads>,
    pub(crate) doors: Doors,
    pub(crate) network: Arc<network::Network>,
    pub(crate) notices: Arc<::notices::Notices>,
    pub(crate) mqtt: Arc<::mqtt::Mqtt>,
    /// Returns the API in OpenAPI.
    pub(crate) description: fn() -> Bytes,
    pub(crate) app_keys: Arc<app_keys::AppKeys>,
    pub(crate) linking: Arc<agents::linking::Linking>,
    pub(crate) started: tokio::time::Instant,
    pub(crate) selected: Arc<octoprint::select::Selected>,
    pub(crate) agentless: Arc<obico::Agentless>,
    pub(crate) predictions: Arc<obico::Predictions>,
}

/// What all listeners of one core share.
#[derive(Clone)]
pub struct Core(App);

impl Core {
    /// Prepares the window's listener at `address`: only its names are allowed as Host there. Starts to send notices to the
    /// services that a person has set up, and connects to their MQTT broker. Needs a Tokio runtime.
    pub fn new(station: Station, token: String, address: SocketAddr, doors: Doors) -> Self {
        let keys = Arc::new(keys::Keys::read(station.clone()));
        let notices = ::notices::Notices::start(station.clone());
        let mqtt = ::mqtt::Mqtt::start(station.clone());
        let access = Access::window(token, address, keys.clone(), station.clone());
        Self(App {
            station,
            access: Arc::new(access),
            waiting: Arc::default(),
            downloads: Arc::new(Semaphore::new(DOWNLOADS)),
            uploads: Arc::default(),
            doors,
            network: Arc::new(network::Network::closed(keys)),
            notices: Arc::new(notices),
            mqtt: Arc::new(mqtt),
            description: routes::description,
            app_keys: Arc::default(),
            linking: Arc::default(),
            started: tokio::time::Instant::now(),
            selected: Arc::default(),
            agentless: Arc::default(),
            predictions: Arc::default(),
        })
    }

    /// Returns the window's router.
    pub fn router(&self) -> Router {
        router_of(self.0.clone())
    }

    /// Closes the network's listener, if it is open, takes back what was announced of it, and says on the MQTT broker that
    /// this core is gone.
    pub async fn leave(&self) {
        tokio::join!(network::leave(&self.0), self.0.mqtt.leave());
    }

    /// Opens the network's listener if a person has switched it on, and goes on trying where its port is taken.
    pub async fn open_network_as_stored(self) {
        network::open_as_stored(self.0).await;
    }
}

/// Returns the window's router. `address` is where it will listen.
pub fn router(station: Station, token: String, address: SocketAddr, doors: Doors) -> Router {
    Core::new(station, token, address, doors).router()
}

/// Returns the router of one listener.
pub(crate) fn router_of(app: App) -> Router {
    let access = app.access.clone();
    let media = media::service(app.station.data_dir());
    let v1 = routes::v1()
        .into_router()
        .merge(octoprint::prusalink::routes())
        .fallback(|| async { ApiError::not_found("this address") })
        .layer(middleware::from_fn(error::refusals_in_json))
        .layer(DefaultBodyLimit::max(1024 * 1024))
        .layer(middleware::from_fn(pace::steady_body));
    let slicers = octoprint::routes()
        .layer(DefaultBodyLimit::max(1024 * 1024))
        .layer(middleware::from_fn(pace::steady_body));
    Router::new()
        .nest("/api/v1", v1)
        .nest_service("/media", media)
        .merge(slicers)
        .merge(metrics::routes().into_router())
        .layer(middleware::from_fn_with_state(access.clone(), auth::require_caller))
        .route("/api/v1/live", axum::routing::get(live::live))
        .merge(
            admission::pair_route()
                .into_router()
                .layer(middleware::from_fn(error::refusals_in_json))
                .layer(middleware::from_fn(pace::steady_body)),
        )
        .merge(octoprint::open_routes())
        .merge(agents::open_routes())
        .merge(obico::open_routes())
        .fallback(ui::page)
        .layer(cors(&access))
        .layer(middleware::from_fn_with_state(access, auth::require_host))
        .layer(middleware::from_fn(require_short_query))
        .layer(middleware::from_fn(require_plain_body))
        .layer(middleware::from_fn(octoprint::sentences::refusals_as_sentences))
        .layer(SetResponseHeaderLayer::overriding(
            X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ))
        .with_state(app)
}

/// Refuses what no page of ours asks: a text of tens of thousands of characters costs every search dearly.
async fn require_short_query(request: Request, next: Next) -> Result<Response, ApiError> {
    if request.uri().query().is_some_and(|query| query.len() > LONGEST_QUERY) {
        return Err(ApiError::new(
            StatusCode::URI_TOO_LONG,
            "query_too_long",
            format!("a query has at most {LONGEST_QUERY} characters"),
            "Look for a shorter text.",
        ));
    }
    Ok(next.run(request).await)
}

/// Refuses a body that was packed for the way: nothing here unpacks one, so it would be kept or read as what it is not.
async fn require_plain_body(request: Request, next: Next) -> Result<Response, ApiError> {
    let mut coded = request.headers().get_all(CONTENT_ENCODING).iter();
    if let Some(coding) = coded.find(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        let coding = one_line(&String::from_utf8_lossy(coding.as_bytes()), 40);
        return Err(ApiError::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "packed_body",
            format!("the request's body is packed ({coding}), and bodies are taken unpacked only"),
            "Send it without Content-Encoding. A file that is packed itself has to be unpacked before.",
        ));
    }
    Ok(next.run(request).await)
}

fn cors(access: &Access) -> CorsLayer {
    let origins: Vec<HeaderValue> = access.origins().iter().filter_map(|o| o.parse().ok()).collect();
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers([AUTHORIZATION, CONTENT_TYPE])
        .expose_headers([HeaderName::from_static("x-frame-id")])
}
