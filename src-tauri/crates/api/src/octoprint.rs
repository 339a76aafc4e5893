//! What slicers ask: OctoPrint's way to test a connection, to upload and to start a print, and PrusaLink's.
//!
//! PrusaSlicer, OrcaSlicer, Cura and others have no list of our addresses; they have OctoPrint's. Each of them is here
//! twice: at the top, where the only printer is meant, and below `/printers/{printer}`, where that one is. A slicer sends
//! an API key of ours, which has a role like any other; what each role may ask here is in [`roles::LEAST_ROLES`]. Nothing
//! here stores, starts or moves by a way of its own: uploads go through `upload`, starts through pre-flight and the hub.

pub(crate) mod about;
pub(crate) mod app_keys;
mod base;
mod files;
mod finish;
mod job;
mod listing;
mod meant;
mod printer;
pub(crate) mod prusalink;
pub(crate) mod roles;
pub(crate) mod select;
pub(crate) mod sentences;
pub(crate) mod start;
mod take;
mod words;

use crate::App;
use axum::Router;

/// Returns the addresses for those who have a key.
pub(crate) fn routes() -> Router<App> {
    of_one().merge(Router::new().nest("/printers/{printer}", of_one().nest("/api/v1", prusalink::routes())))
}

/// Returns the addresses that strangers may ask: for a key that a person then allows in the window.
pub(crate) fn open_routes() -> Router<App> {
    app_keys::routes().merge(Router::new().nest("/printers/{printer}", app_keys::routes()))
}

fn of_one() -> Router<App> {
    about::routes().merge(printer::routes()).merge(job::routes()).merge(files::routes())
}
