//! Which of Obico's API this is.

use crate::routing::{Routes, get};
use axum::Json;
use serde::Serialize;

pub(super) fn routes() -> Routes {
    Routes::new().route("/version/", get(version))
}

#[derive(Serialize, schemars::JsonSchema)]
struct ApiVersion {
    /// Of Obico's API.
    version: &'static str,
    server: &'static str,
    server_version: &'static str,
}

async fn version() -> Json<ApiVersion> {
    let server_version = env!("CARGO_PKG_VERSION");
    Json(ApiVersion { version: "1.0.0", server: "printvigil", server_version })
}
