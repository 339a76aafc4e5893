//! What only clients of Obico ask, at Obico's addresses: the window has other ways to the same.
//!
//! Printers, prints, files and notices have Obico's addresses anyway, and lie beside this folder. Nothing here has a way of
//! its own to a printer: what is passed through goes to the hub as the page's requests do, with the role of whoever asks.

mod agentless;
mod codes;
mod discovery;
mod events;
mod passthru;
pub(crate) mod shared;
mod shared_page;
mod socket;
mod version;
mod viewer;

pub(crate) use agentless::{Agentless, Predictions};
pub(crate) use viewer::is_socket;

use crate::App;
use crate::error::refusals_in_json;
use crate::routing::Routes;
use axum::{Router, middleware};

/// Returns what needs a caller.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .merge(agentless::routes())
        .merge(codes::routes())
        .merge(discovery::routes())
        .merge(events::routes())
        .merge(shared::routes())
        .merge(version::routes())
}

/// Returns what carries its own secret in the address: sockets, and what a shared link opens.
pub(crate) fn open_routes() -> Router<App> {
    socket::routes().merge(shared_page::routes()).layer(middleware::from_fn(refusals_in_json))
}
