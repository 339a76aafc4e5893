//! What slicers ask before they send anything: version, settings, who they are, what the printer is like.

use super::base::Base;
use super::meant::Meant;
use crate::keys::Caller;
use crate::{ApiError, App};
use axum::extract::State;
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use domain::{PrinterView, Role};
use serde_json::{Value, json};

/// The version of OctoPrint whose addresses these are: slicers compare it.
pub(crate) const LIKE: &str = "1.9.3";
/// Build volume where the printer did not tell it, mm.
const USUAL_MM: [f64; 3] = [220.0, 220.0, 250.0];

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/api/version", get(version))
        .route("/api/server", get(server))
        .route("/api/settings", get(settings))
        .route("/api/login", post(login))
        .route("/api/currentuser", get(current_user))
        .route("/api/printerprofiles", get(profiles))
}

/// Slicers go on only where `text` begins with "OctoPrint"; PrusaSlicer sends by PUT where it may.
async fn version() -> Json<Value> {
    Json(json!({
        "api": "0.1",
        "server": LIKE,
        "text": format!("OctoPrint {LIKE} (Printvigil {})", env!("CARGO_PKG_VERSION")),
        "capabilities": {"upload-by-put": true},
    }))
}

async fn server() -> Json<Value> {
    Json(json!({"version": LIKE, "safemode": null}))
}

async fn settings(printer: Result<Meant, ApiError>) -> Json<Value> {
    let name = printer.map_or_else(|_| "Printvigil".to_owned(), |Meant(printer)| printer.name.clone());
    Json(json!({
        "api": {"allowCrossOrigin": false},
        "appearance": {"name": name, "color": "default"},
        "feature": {"sdSupport": false, "temperatureGraph": true, "modelSizeDetection": false},
        "folder": {},
        "plugins": {},
        "scripts": {},
        "serial": {},
        "server": {"commands": {}},
        "system": {"actions": []},
        "temperature": {"profiles": []},
        // Pictures are seen in Printvigil's own page: here no address would carry the right to see them.
        "webcam": {
            "webcamEnabled": false,
            "streamUrl": "",
            "snapshotUrl": "",
            "flipH": false,
            "flipV": false,
            "rotate90": false,
        },
    }))
}

/// Returns who a key belongs to, in OctoPrint's words.
fn user(app: &App, caller: &Caller) -> (String, Vec<&'static str>) {
    let name =
        caller.grant.and_then(|id| app.network.keys.name_of(id)).unwrap_or_else(|| "Printvigil".into());
    let groups = match caller.role {
        Role::Owner => vec!["admins", "users"],
        Role::Operate => vec!["users"],
        Role::View => vec!["readonly"],
    };
    (name, groups)
}

/// Nobody logs in here with a name and a password: whoever asks has a key already.
async fn login(State(app): State<App>, Extension(caller): Extension<Caller>) -> Json<Value> {
    let (name, groups) = user(&app, &caller);
    Json(json!({
        "name": name,
        "active": true,
        "user": caller.role > Role::View,
        "admin": caller.role == Role::Owner,
        "groups": groups,
        "permissions": [],
        "needs": {},
        "apikey": null,
        "session": null,
        "settings": {},
        "_is_external_client": true,
    }))
}

async fn current_user(State(app): State<App>, Extension(caller): Extension<Caller>) -> Json<Value> {
    let (name, groups) = user(&app, &caller);
    Json(json!({"name": name, "groups": groups, "permissions": []}))
}

async fn profiles(Base(base): Base, Meant(printer): Meant) -> Json<Value> {
    Json(json!({"profiles": {"_default": profile(&base, &printer)}}))
}

/// Returns the printer as one of OctoPrint's profiles; Cura reads its axes and its heaters.
fn profile(base: &str, printer: &PrinterView) -> Value {
    let machine = printer.vigil.machine.as_deref();
    let area = machine.and_then(|machine| machine.area_mm.as_ref());
    let side = |axis: usize| area.map_or(USUAL_MM[axis], |area| area.max[axis] - area.min[axis].min(0.0));
    let height = if printer.vigil.max_z_mm > 0.0 { printer.vigil.max_z_mm } else { side(2) };
    let heats = |name: &str| {
        printer.status.temperatures.contains_key(name)
            || machine.is_some_and(|machine| machine.heaters.iter().any(|heater| heater == name))
    };
    let extruders = machine.map_or(1, |machine| machine.extruders.max(1));
    let axis = |mm_per_min: f64| json!({"speed": mm_per_min, "inverted": false});
    let offsets: Vec<[f64; 2]> = vec![[0.0, 0.0]; usize::from(extruders)];
    json!({
        "id": "_default",
        "name": printer.name,
        "model": machine.map_or("", |machine| machine.machine.as_str()),
        "color": "default",
        "default": true,
        "current": true,
        "resource": format!("{base}/api/printerprofiles/_default"),
        "volume": {
            "formFactor": "rectangular",
            "origin": "lowerleft",
            "width": side(0),
            "depth": side(1),
            "height": height,
            "custom_box": false,
        },
        "heatedBed": heats("bed"),
        "heatedChamber": heats("chamber"),
        "axes": {"x": axis(6000.0), "y": axis(6000.0), "z": axis(200.0), "e": axis(300.0)},
        "extruder": {"count": extruders, "offsets": offsets, "nozzleDiameter": 0.4, "sharedNozzle": false},
    })
}
