//! One axum router over the station: REST in Obico's shape, the live socket, pictures and films.
//!
//! The window, a phone, `curl` and the tests all come through here. Each request carries a token and a Host that we
//! allow; loopback is no exception, since any page in the user's browser can reach it. `<img>` and `<video>` cannot
//! send a header: they carry a ticket, good for one path, reading only, five minutes.

mod auth;
mod cameras;
mod card;
mod error;
mod evidence;
mod export;
mod files;
mod films;
mod folders;
mod imports;
mod live;
mod maintenance;
mod media;
mod models;
mod past;
mod price;
mod print_query;
mod printers;
mod prints;
mod recoveries;
mod review;
mod shots;
mod stats;
mod storage;
mod system;
mod tools;
mod trial;
mod ui;
mod upload;
mod user;
mod watching;

pub use auth::{Access, new_auth_token, new_token};
pub use error::ApiError;
pub use export::{export_print, history, history_table, open_history};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware;
use station::Station;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tower_http::cors::{AllowOrigin, CorsLayer};

/// Pictures that may wait for their next frame at once, over all clients.
const WAITING_PICTURES: usize = 12;

/// What each handler gets.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) station: Station,
    pub(crate) access: Arc<Access>,
    pub(crate) waiting_pictures: Arc<Semaphore>,
    pub(crate) doors: Doors,
}

/// What the listener's owner is told: clients come and go, someone asked to end.
#[derive(Clone)]
pub struct Doors {
    /// Live sockets open now.
    pub clients: Arc<watch::Sender<usize>>,
    /// Set when someone asked the core to end and it has left the printers as asked.
    pub ended: Arc<watch::Sender<bool>>,
}

impl Default for Doors {
    fn default() -> Self {
        Self { clients: Arc::new(watch::Sender::new(0)), ended: Arc::new(watch::Sender::new(false)) }
    }
}

/// Returns the router. `address` is where it will listen: only its names are allowed as Host.
pub fn router(station: Station, token: String, address: SocketAddr, doors: Doors) -> Router {
    let access = Arc::new(Access::new(token, address));
    let media = media::service(station.data_dir());
    let app = App {
        station,
        access: access.clone(),
        waiting_pictures: Arc::new(Semaphore::new(WAITING_PICTURES)),
        doors,
    };
    let v1 = Router::new()
        .merge(printers::routes())
        .merge(prints::routes())
        .merge(past::routes())
        .merge(maintenance::routes())
        .merge(export::routes())
        .merge(stats::routes())
        .merge(storage::routes())
        .merge(films::routes())
        .merge(price::routes())
        .merge(imports::routes())
        .merge(shots::routes())
        .merge(review::routes())
        .merge(evidence::routes())
        .merge(files::routes())
        .merge(recoveries::routes())
        .merge(upload::routes())
        .merge(user::routes())
        .merge(folders::routes())
        .merge(cameras::routes())
        .merge(system::routes())
        .merge(tools::routes())
        .merge(card::routes())
        .merge(models::routes())
        .merge(trial::routes())
        .merge(watching::routes())
        .fallback(|| async { ApiError::not_found("this address") })
        .layer(DefaultBodyLimit::max(1024 * 1024));
    Router::new()
        .nest("/api/v1", v1)
        .nest_service("/media", media)
        .layer(middleware::from_fn_with_state(access.clone(), auth::require_token))
        .route("/api/v1/live", axum::routing::get(live::live))
        .fallback(ui::page)
        .layer(cors(&access))
        .layer(middleware::from_fn_with_state(access, auth::require_host))
        .with_state(app)
}

fn cors(access: &Access) -> CorsLayer {
    let origins: Vec<HeaderValue> = access.origins().iter().filter_map(|o| o.parse().ok()).collect();
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers([AUTHORIZATION, CONTENT_TYPE])
        .expose_headers([HeaderName::from_static("x-frame-id")])
}

/// Serves the router on a listener until `doors.ended` is set.
///
/// # Errors
/// When the listener fails.
pub async fn serve(listener: TcpListener, router: Router, doors: Doors) -> std::io::Result<()> {
    let mut ended = doors.ended.subscribe();
    axum::serve(listener, router)
        .with_graceful_shutdown(async move {
            let _ = ended.wait_for(|ended| *ended).await;
        })
        .await
}
