//! What left this computer: the connections that the core opened.

use crate::routing::{Routes, get};
use axum::Json;
use outbound::Outbound;

pub(crate) fn routes() -> Routes {
    Routes::new().route("/vigil/outbound/", get(list))
}

/// Host, port, purpose and figures of each; no address of a page, no name and no password.
async fn list() -> Json<Outbound> {
    Json(outbound::list())
}
