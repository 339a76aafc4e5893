//! Printers: list, add, change, and everything one can ask of them.

use crate::error::blocking;
use crate::keys::Caller;
use crate::openapi::Created;
use crate::routing::{Routes, get, post};
use crate::{ApiError, App, new_auth_token};
use axum::extract::{Path, Query, State};
use axum::response::NoContent;
use axum::{Extension, Json};
use domain::{
    AlertOverwrite, Axis, CameraId, DemoFault, FileId, Heater, PastTimes, PortChoice, PrinterId, PrinterKind,
    PrinterPatch, PrinterView, Request, Seen,
};
use serde::{Deserialize, Serialize};
use station::{NewPrinter, TemperatureSample};
use std::ops::RangeInclusive;
use std::sync::Arc;

/// Longest name of a printer, characters.
const LONGEST_NAME: usize = 256;
/// Longest name of a port, characters.
const LONGEST_PORT: usize = 1024;
/// Speeds of a port, bits per second.
const RATES: RangeInclusive<u32> = 1_200..=2_000_000;

/// Obico's answer to an action: it was sent, the printer confirms later.
#[derive(Serialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(rename = "Accepted")]
pub(crate) struct Sent {
    succeeded: bool,
    printer: Arc<PrinterView>,
}

/// It was done.
#[derive(Serialize, schemars::JsonSchema)]
pub(crate) struct Succeeded {
    pub(crate) succeeded: bool,
}

pub(crate) type Done = Result<Json<Sent>, ApiError>;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .route("/printers/", get(list).post(add))
        .route("/printers/{id}/", get(detail).patch(change).delete(remove))
        .route("/printers/{id}/archive/", post(archive))
        .route("/printers/{id}/unarchive/", post(unarchive))
        .route("/printers/{id}/pause_print/", post(pause).get(pause))
        .route("/printers/{id}/resume_print/", post(resume).get(resume))
        .route("/printers/{id}/cancel_print/", post(cancel).get(cancel))
        .route("/printers/{id}/mute_current_print/", post(mute).get(mute))
        .route("/printers/{id}/acknowledge_alert/", post(acknowledge).get(acknowledge))
        .route("/vigil/printers/{id}/start/", post(start))
        .route("/vigil/printers/{id}/cool_down/", post(cool_down))
        .route("/vigil/printers/{id}/keep_warm/", post(keep_warm))
        .route("/vigil/printers/{id}/seen/", post(seen))
        .route("/vigil/printers/{id}/emergency_stop/", post(emergency_stop))
        .route("/vigil/printers/{id}/home/", post(home))
        .route("/vigil/printers/{id}/set_temperature/", post(set_temperature))
        .route("/vigil/printers/{id}/connect/", post(connect))
        .route("/vigil/printers/{id}/disconnect/", post(disconnect))
        .route("/vigil/printers/{id}/demo/", post(demo))
        .route("/vigil/printers/{id}/temperatures/", get(temperatures))
}

/// Refuses a port that cannot be one. The rate 0 is "find it".
fn check_port(port: &PortChoice) -> Result<(), ApiError> {
    let length = port.path.trim().chars().count();
    if !(1..=LONGEST_PORT).contains(&length) || port.path.chars().any(char::is_control) {
        return Err(ApiError::bad_request(format!(
            "the name of a port has 1 to {LONGEST_PORT} characters that can be seen"
        )));
    }
    if port.baud != 0 && !RATES.contains(&port.baud) {
        return Err(ApiError::bad_request(format!(
            "the speed of a port is {} to {} bits per second, or 0 to find it, not {}",
            RATES.start(),
            RATES.end(),
            port.baud
        )));
    }
    Ok(())
}

/// Refuses a name that no list could show.
fn check_name(name: &str) -> Result<(), ApiError> {
    if !(1..=LONGEST_NAME).contains(&name.trim().chars().count()) || name.chars().any(char::is_control) {
        let why = format!("a printer's name has 1 to {LONGEST_NAME} characters that can be seen");
        return Err(ApiError::bad_request(why).of_field("name"));
    }
    Ok(())
}

pub(crate) fn view(app: &App, id: PrinterId) -> Result<Arc<PrinterView>, ApiError> {
    app.station.snapshot().printers.get(&id).cloned().ok_or_else(|| ApiError::not_found("this printer"))
}

pub(crate) async fn ask(app: &App, id: PrinterId, request: Request) -> Done {
    view(app, id)?;
    let refused = |error| ApiError::from(error).not_succeeded();
    app.station.ask(request).await.map_err(refused)?;
    sent(view(app, id)?)
}

/// Answers that something was sent.
pub(crate) fn sent(printer: Arc<PrinterView>) -> Done {
    Ok(Json(Sent { succeeded: true, printer }))
}

/// As [`ask`], for what those may do who see less than the owner.
pub(crate) async fn ask_as(app: &App, caller: Caller, id: PrinterId, request: Request) -> Done {
    let Json(Sent { succeeded, printer }) = ask(app, id, request).await?;
    Ok(Json(Sent { succeeded, printer: caller.sees(&printer) }))
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Which {
    #[serde(default)]
    with_archived: bool,
}

/// Lists printers; those that are archived only when they are asked for.
async fn list(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Query(which): Query<Which>,
) -> Json<Vec<Arc<PrinterView>>> {
    let shown = |view: &&Arc<PrinterView>| which.with_archived || view.archived_at.is_none();
    let snapshot = app.station.snapshot();
    Json(snapshot.printers.values().filter(shown).map(|view| caller.sees(view)).collect())
}

async fn detail(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<PrinterId>,
) -> Result<Json<Arc<PrinterView>>, ApiError> {
    Ok(Json(caller.sees(&view(&app, id)?)))
}

#[derive(Deserialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(rename = "NewPrinter")]
#[ts(optional_fields)]
pub(crate) struct Add {
    name: String,
    /// Without it, as in Obico: one that an agent or a program tells of, by the token in the answer.
    kind: Option<PrinterKind>,
    port: Option<PortChoice>,
    camera: Option<CameraId>,
}

async fn add(State(app): State<App>, Json(add): Json<Add>) -> Result<Created<Arc<PrinterView>>, ApiError> {
    check_name(&add.name)?;
    add.port.iter().try_for_each(check_port)?;
    let kind = match add.kind {
        Some(PrinterKind::Agent) => {
            return Err(ApiError::bad_request("a printer with an agent is added as its agent is linked"));
        }
        Some(kind) => kind,
        None if add.port.is_some() || add.camera.is_some() => {
            return Err(
                ApiError::bad_request("which `kind` of printer has this port or camera?").of_field("kind")
            );
        }
        None => PrinterKind::Agent,
    };
    let name = add.name.trim().to_owned();
    let new = NewPrinter { name, kind, port: add.port, camera: add.camera, auth_token: new_auth_token() };
    let id = app.station.add_printer(new).await?;
    Ok(Created(view(&app, id)?))
}

async fn change(State(app): State<App>, Path(id): Path<PrinterId>, Json(patch): Json<PrinterPatch>) -> Done {
    patch.name.iter().try_for_each(|name| check_name(name))?;
    patch.port.iter().try_for_each(check_port)?;
    ask(&app, id, Request::Patch(id, Box::new(patch))).await
}

/// Puts a printer away: it is not connected, not watched and not listed, and loses nothing.
async fn archive(State(app): State<App>, Path(id): Path<PrinterId>) -> Done {
    let patch = PrinterPatch { archived: Some(true), ..PrinterPatch::default() };
    ask(&app, id, Request::Patch(id, Box::new(patch))).await
}

async fn unarchive(State(app): State<App>, Path(id): Path<PrinterId>) -> Done {
    let patch = PrinterPatch { archived: Some(false), ..PrinterPatch::default() };
    ask(&app, id, Request::Patch(id, Box::new(patch))).await
}

async fn remove(State(app): State<App>, Path(id): Path<PrinterId>) -> Result<NoContent, ApiError> {
    view(&app, id)?;
    app.station.remove_printer(id).await?;
    Ok(NoContent)
}

/// Asks for a pause. Answers when the order is taken, not when the head is parked.
async fn pause(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<PrinterId>,
) -> Done {
    ask_as(&app, caller, id, Request::Pause(id)).await
}

async fn resume(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<PrinterId>,
) -> Done {
    ask_as(&app, caller, id, Request::Resume(id)).await
}

async fn cancel(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<PrinterId>,
) -> Done {
    ask_as(&app, caller, id, Request::Cancel(id)).await
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Mute {
    /// Without it the alerts of the print are heard again.
    #[serde(default)]
    mute_alert: bool,
}

async fn mute(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<PrinterId>,
    Query(query): Query<Mute>,
) -> Done {
    ask_as(&app, caller, id, Request::Mute(id, query.mute_alert)).await
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Acknowledge {
    alert_overwrite: Option<AlertOverwrite>,
}

async fn acknowledge(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<PrinterId>,
    Query(query): Query<Acknowledge>,
) -> Done {
    ask_as(&app, caller, id, Request::Acknowledge(id, query.alert_overwrite)).await
}

#[derive(Deserialize, schemars::JsonSchema)]
struct StartPrint {
    file_id: FileId,
}

async fn start(State(app): State<App>, Path(id): Path<PrinterId>, Json(start): Json<StartPrint>) -> Done {
    start_file(&app, id, start.file_id).await
}

/// Asks for a print of a file of the library.
pub(crate) async fn start_file(app: &App, id: PrinterId, file_id: FileId) -> Done {
    let store = app.station.store().clone();
    let file = blocking(move || store.read(move |conn| store::file::get(conn, file_id))).await?;
    let past = past_times(app, id, file_id).await?;
    let file = file.filter(|file| file.deleted.is_none()).ok_or_else(|| ApiError::not_found("this file"))?;
    let path = app.station.file_path(file.id);
    let (file, name) = (Some(file.id), file.filename);
    ask(app, id, Request::Start { printer: id, file, path, name, past, done_lines: 0, left_out: Vec::new() })
        .await
}

/// Returns how long a file took on this printer before.
pub(crate) async fn past_times(app: &App, id: PrinterId, file: FileId) -> Result<PastTimes, ApiError> {
    let store = app.station.store().clone();
    let past = blocking(move || store.read(move |conn| store::print::past_times(conn, file, id))).await?;
    Ok(PastTimes { average_secs: past.average_secs, last_secs: past.last_secs })
}

async fn cool_down(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<PrinterId>,
) -> Done {
    ask_as(&app, caller, id, Request::CoolDown(id)).await
}

#[derive(Deserialize, schemars::JsonSchema)]
struct KeepWarm {
    minutes: u32,
}

/// Lets idle heaters stay on for longer.
async fn keep_warm(State(app): State<App>, Path(id): Path<PrinterId>, Json(keep): Json<KeepWarm>) -> Done {
    ask(&app, id, Request::KeepWarm(id, keep.minutes)).await
}

#[derive(Deserialize, schemars::JsonSchema)]
struct SeenByPerson {
    what: Seen,
}

/// A person has seen the alarms of what is over, or the card of the print that ended.
async fn seen(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<PrinterId>,
    Json(saw): Json<SeenByPerson>,
) -> Done {
    ask_as(&app, caller, id, Request::Seen(id, saw.what)).await
}

async fn emergency_stop(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<PrinterId>,
) -> Done {
    app.station.emergency_stop(id).await?;
    Ok(Json(Sent { succeeded: true, printer: caller.sees(&view(&app, id)?) }))
}

#[derive(Deserialize, schemars::JsonSchema)]
struct HomeAxes {
    #[serde(default)]
    axes: Vec<Axis>,
}

async fn home(State(app): State<App>, Path(id): Path<PrinterId>, Json(home): Json<HomeAxes>) -> Done {
    ask(&app, id, Request::Home(id, home.axes)).await
}

#[derive(Deserialize, schemars::JsonSchema)]
struct SetTemperature {
    heater: String,
    target: f64,
}

async fn set_temperature(
    State(app): State<App>,
    Path(id): Path<PrinterId>,
    Json(set): Json<SetTemperature>,
) -> Done {
    let heater = Heater::from_key(&set.heater).ok_or_else(|| {
        ApiError::bad_request(format!("there is no heater {:?}; tool0, bed and chamber exist", set.heater))
    })?;
    ask(&app, id, Request::SetTarget(id, heater, set.target)).await
}

async fn connect(State(app): State<App>, Path(id): Path<PrinterId>) -> Done {
    ask(&app, id, Request::Connect(id)).await
}

async fn disconnect(State(app): State<App>, Path(id): Path<PrinterId>) -> Done {
    ask(&app, id, Request::Disconnect(id)).await
}

#[derive(Deserialize, schemars::JsonSchema)]
struct DemoSwitch {
    fault: DemoFault,
    on: bool,
}

async fn demo(
    State(app): State<App>,
    Path(id): Path<PrinterId>,
    Json(demo): Json<DemoSwitch>,
) -> Result<Json<Succeeded>, ApiError> {
    if view(&app, id)?.vigil.kind != PrinterKind::Demo {
        return Err(ApiError::bad_request("only the demo printer can be made to fail"));
    }
    app.station.demo_fault(id, demo.fault, demo.on).map_err(ApiError::bad_request)?;
    Ok(Json(Succeeded { succeeded: true }))
}

#[derive(Serialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(rename = "Temperatures")]
pub(crate) struct Temperatures {
    samples: Vec<TemperatureSample>,
}

async fn temperatures(
    State(app): State<App>,
    Path(id): Path<PrinterId>,
) -> Result<Json<Temperatures>, ApiError> {
    view(&app, id)?;
    Ok(Json(Temperatures { samples: app.station.temperatures(id).await? }))
}
