//! Which printer a slicer means: the one in the address, else the only one.

use crate::{ApiError, App};
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::StatusCode;
use axum::http::request::Parts;
use domain::{PrinterId, PrinterView};
use std::sync::Arc;

/// The printer that is meant.
pub(crate) struct Meant(pub(crate) Arc<PrinterView>);

impl FromRequestParts<App> for Meant {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let snapshot = app.station.snapshot();
        let mut shown: Vec<Arc<PrinterView>> = snapshot.shown().cloned().collect();
        if let Some(text) = printer_in_path(parts, app).await {
            let id = text.parse().map(PrinterId).ok();
            let found = shown.into_iter().find(|view| Some(view.id) == id);
            return found.map(Self).ok_or_else(|| ApiError::not_found("this printer"));
        }
        match shown.len() {
            1 => Ok(Self(shown.remove(0))),
            0 => Err(ApiError::new(
                StatusCode::CONFLICT,
                "no_printer",
                "there is no printer yet",
                "Add one in Printvigil.",
            )),
            _ => Err(several(&shown)),
        }
    }
}

/// Returns what stands for the printer in the address.
pub(crate) async fn printer_in_path(parts: &mut Parts, app: &App) -> Option<String> {
    let params = RawPathParams::from_request_parts(parts, app).await.ok()?;
    params.iter().find(|(name, _)| *name == "printer").map(|(_, text)| text.to_owned())
}

fn several(printers: &[Arc<PrinterView>]) -> ApiError {
    let ends: Vec<String> =
        printers.iter().map(|view| format!("/printers/{} for {}", view.id, view.name)).collect();
    ApiError::new(
        StatusCode::CONFLICT,
        "which_printer",
        "there are several printers, and this address does not say which one is meant",
        format!("Add to the address in your slicer: {}.", ends.join(", ")),
    )
}
