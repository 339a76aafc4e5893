//! What a camera cannot be: refused before it is opened or kept.

use crate::error::blocking;
use crate::{ApiError, App};
use axum::http::StatusCode;
use domain::{CameraSource, PrinterId, PrinterKind};
use station::{CameraError, Station};

/// Longest name of a camera, characters.
pub(crate) const LONGEST_NAME: usize = 256;
/// Longest address of a camera, bytes.
const LONGEST_ADDRESS: usize = 2_000;
/// Settings of a camera of this computer at most.
const MOST_CONTROLS: usize = 64;

/// Refuses an address that a camera cannot have.
pub(crate) async fn check(app: &App, source: &CameraSource) -> Result<(), ApiError> {
    if let CameraSource::Agent { printer, url: Some(url) } = source {
        return check_further(app, *printer, url);
    }
    if let CameraSource::Agent { url: None, .. } = source {
        return Err(ApiError::bad_request(
            "the camera of an agent comes with its printer: link the printer, and it is there",
        ));
    }
    if let CameraSource::Device { device, controls, .. } = source {
        if device.len() > LONGEST_ADDRESS || device.chars().any(char::is_control) {
            return Err(ApiError::bad_request("there can be no such camera"));
        }
        if controls.len() > MOST_CONTROLS || controls.keys().any(|key| key.len() > LONGEST_NAME) {
            return Err(ApiError::bad_request("no camera has so many settings, or such long names of them"));
        }
    }
    if let CameraSource::Snapshot { certificate: Some(shown), .. }
    | CameraSource::Mjpeg { certificate: Some(shown), .. } = source
        && !Station::is_fingerprint(shown)
    {
        return Err(ApiError::bad_request(
            "a certificate is named by its SHA-256 fingerprint, 64 hex digits",
        ));
    }
    let Some(url) = source.address() else { return Ok(()) };
    if url.len() > LONGEST_ADDRESS {
        let why = format!("a camera's address has at most {LONGEST_ADDRESS} characters");
        return Err(ApiError::bad_request(why));
    }
    if url.chars().any(char::is_control) {
        return Err(ApiError::bad_request("a camera's address is one line, without tabs and the like"));
    }
    let source = source.clone();
    let checked = move || Station::check_camera_address(&source).map_err(|wrong| refused(&wrong));
    blocking(checked).await
}

/// An address that is none needs no camera to be told so.
fn refused(wrong: &CameraError) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, "bad_request", wrong.to_string(), wrong.cure())
}

/// Refuses an address that the host of a printer cannot be asked for. The host is asked, and not we: it may be any that
/// the host reaches.
fn check_further(app: &App, printer: PrinterId, url: &str) -> Result<(), ApiError> {
    if crate::printers::view(app, printer)?.vigil.kind != PrinterKind::Agent {
        return Err(ApiError::bad_request("this printer has no agent: it is driven from here"));
    }
    let odd = url.len() > LONGEST_ADDRESS || url.chars().any(|c| c.is_control() || c.is_whitespace());
    if odd || !url.starts_with("http://") || url.contains('@') {
        return Err(ApiError::bad_request(
            "the address begins with http:// and has no name and password in it, as the host's computer reaches it",
        ));
    }
    Ok(())
}
