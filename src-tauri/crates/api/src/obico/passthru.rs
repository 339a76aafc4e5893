//! What Obico's clients pass through to a printer, as far as our own commands mean the same: by the same requests to the
//! hub, with the same refusals and the same roles.

use super::viewer::Viewer;
use crate::octoprint::start;
use crate::printers::{ask as ask_hub, view};
use crate::{ApiError, App, roles};
use axum::http::StatusCode;
use base64::Engine;
use domain::{Axis, FileId, Heater, PrinterId, Request, Role, Tool};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::time::Duration;
use tokio::time::timeout;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// Longest name of a target or a function, bytes.
const LONGEST_NAME: usize = 100;

/// What a client passes through.
pub(super) struct Ask {
    pub(super) reference: Value,
    target: String,
    func: String,
    args: Vec<Value>,
    kwargs: Map<String, Value>,
}

/// Who answers.
#[derive(Debug, PartialEq)]
pub(super) enum Asked {
    /// The socket itself follows the terminal, or does not any more.
    Terminal(bool),
    /// The printer.
    Printer,
}

impl Ask {
    /// Reads it; `None` when it is none, or nobody waits for an answer.
    pub(super) fn read(passed: &Value) -> Option<Self> {
        let word =
            |key: &str| passed[key].as_str().filter(|word| word.len() <= LONGEST_NAME).map(str::to_owned);
        let reference = passed.get("ref").filter(|value| value.is_string() || value.is_number())?.clone();
        let args = match passed.get("args") {
            Some(Value::Array(args)) => args.clone(),
            Some(Value::Null) | None => Vec::new(),
            Some(one) => vec![one.clone()],
        };
        let kwargs = passed.get("kwargs").and_then(Value::as_object).cloned().unwrap_or_default();
        Some(Self { reference, target: word("target")?, func: word("func")?, args, kwargs })
    }

    pub(super) fn what(&self) -> Asked {
        match (self.target.as_str(), self.func.as_str()) {
            ("gcode_hooks", "toggle_terminal_feed") => {
                Asked::Terminal(self.args.first() == Some(&json!("on")))
            }
            _ => Asked::Printer,
        }
    }

    fn arg<T: DeserializeOwned>(&self, at: usize, what: &str) -> Result<T, ApiError> {
        let value = self.args.get(at).cloned().unwrap_or_default();
        serde_json::from_value(value)
            .map_err(|_| ApiError::bad_request(format!("{what} is missing or wrong")))
    }
}

/// Returns an answer.
pub(super) fn done(reference: &Value, ret: Value) -> Value {
    json!({"passthru": {"ref": reference, "ret": ret}})
}

/// Returns the answer that it was not done, and why.
pub(super) fn refused(reference: &Value, why: &str) -> Value {
    json!({"passthru": {"ref": reference, "error": why}})
}

/// Carries it out and returns the answer.
pub(super) async fn carry_out(app: &App, viewer: &Viewer, ask: Ask) -> Value {
    match timeout(PATIENCE, answer(app, viewer, &ask)).await {
        Ok(Ok(ret)) => done(&ask.reference, ret),
        Ok(Err(error)) => refused(&ask.reference, &error.sentence()),
        Err(_) => refused(&ask.reference, "There was no answer within a minute."),
    }
}

fn check(viewer: &Viewer, least: Role) -> Result<(), ApiError> {
    if viewer.caller.role >= least { Ok(()) } else { Err(roles::refused(viewer.caller.role)) }
}

/// Refuses whoever is not the owner.
///
/// # Errors
/// 403.
pub(super) fn check_owner(viewer: &Viewer) -> Result<(), ApiError> {
    check(viewer, Role::Owner)
}

async fn answer(app: &App, viewer: &Viewer, ask: &Ask) -> Result<Value, ApiError> {
    let id = viewer.printer;
    let (least, request) = match (ask.target.as_str(), ask.func.as_str()) {
        ("_printer", "jog") => (Role::Owner, Request::Tool(id, jog(ask)?)),
        ("_printer", "home") => (Role::Owner, Request::Home(id, axes(ask)?)),
        ("_printer", "set_temperature") => (Role::Owner, target(id, ask)?),
        ("_printer", "connect") => (Role::Owner, Request::Connect(id)),
        ("_printer", "disconnect") => (Role::Owner, Request::Disconnect(id)),
        ("_printer", "pause_print") => (Role::Operate, Request::Pause(id)),
        ("_printer", "resume_print") => (Role::Operate, Request::Resume(id)),
        ("_printer", "cancel_print") => (Role::Operate, Request::Cancel(id)),
        ("moonraker_api", "printer/print/pause") => (Role::Operate, Request::Pause(id)),
        ("moonraker_api", "printer/print/resume") => (Role::Operate, Request::Resume(id)),
        ("moonraker_api", "printer/print/cancel") => (Role::Operate, Request::Cancel(id)),
        ("moonraker_api", "printer/emergency_stop") => {
            check(viewer, Role::Operate)?;
            app.station.emergency_stop(id).await?;
            return Ok("ok".into());
        }
        ("_printer", "commands") => return send(app, viewer, lines(ask.args.first())).await,
        ("moonraker_api", "printer/gcode/script") => {
            return send(app, viewer, lines(ask.kwargs.get("script"))).await;
        }
        ("file_downloader", "download") | ("file_operations", "start_printer_local_print") => {
            check_owner(viewer)?;
            return start_file(app, id, ask).await;
        }
        ("jpeg_poster", "web_snapshot_request") => return snapshot(app, id),
        _ => return Err(not_offered(ask)),
    };
    check(viewer, least)?;
    let _ = ask_hub(app, id, request).await?;
    Ok("ok".into())
}

fn not_offered(ask: &Ask) -> ApiError {
    let message = format!("{}.{} is not offered here", ask.target, ask.func);
    ApiError::new(StatusCode::NOT_FOUND, "not_offered", message, "")
}

fn jog(ask: &Ask) -> Result<Tool, ApiError> {
    let by: Map<String, Value> = ask.arg(0, "how far to jog, such as {\"x\": 10},")?;
    if by.is_empty() || by.keys().any(|axis| !["x", "y", "z"].contains(&axis.as_str())) {
        return Err(ApiError::bad_request("the axes to jog are x, y and z"));
    }
    let mut tool = by;
    tool.insert("do".into(), "jog".into());
    serde_json::from_value(tool.into()).map_err(|_| ApiError::bad_request("a way to jog is a number of mm"))
}

fn axes(ask: &Ask) -> Result<Vec<Axis>, ApiError> {
    if ask.args.is_empty() {
        return Ok(Vec::new());
    }
    ask.arg(0, "the list of axes to home, such as [\"x\", \"y\"],")
}

fn target(id: PrinterId, ask: &Ask) -> Result<Request, ApiError> {
    let name: String = ask.arg(0, "the heater")?;
    let degrees: f64 = ask.arg(1, "the temperature")?;
    // As Klipper calls them.
    let key = match name.as_str() {
        "extruder" => "tool0",
        "heater_bed" => "bed",
        other => other,
    };
    let heater = Heater::from_key(key).ok_or_else(|| {
        ApiError::bad_request(format!("there is no heater {name:?}; tool0, bed and chamber exist"))
    })?;
    Ok(Request::SetTarget(id, heater, degrees))
}

/// Returns the lines of one text, or of a list of them.
fn lines(given: Option<&Value>) -> Vec<String> {
    let texts = match given {
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(text)) => vec![text.as_str()],
        _ => Vec::new(),
    };
    let lines = texts.into_iter().flat_map(str::lines).map(|line| line.trim().to_owned());
    lines.filter(|line| !line.is_empty()).collect()
}

/// Sends lines as the terminal does: one after the other, and none behind one that is refused.
async fn send(app: &App, viewer: &Viewer, lines: Vec<String>) -> Result<Value, ApiError> {
    check_owner(viewer)?;
    if lines.is_empty() {
        return Err(ApiError::bad_request("there is no line to be sent"));
    }
    for line in lines {
        let tool = Tool::Send { line, sure: domain::Sure::Ask };
        let _ = ask_hub(app, viewer.printer, Request::Tool(viewer.printer, tool)).await?;
    }
    Ok("ok".into())
}

/// Starts a file of the library through pre-flight, as a slicer does: nobody is there to be asked.
async fn start_file(app: &App, id: PrinterId, ask: &Ask) -> Result<Value, ApiError> {
    let file: Map<String, Value> = ask.arg(0, "the file, such as {\"id\": 1},")?;
    let number = file.get("id").and_then(Value::as_i64);
    let number = number.ok_or_else(|| ApiError::bad_request("the file's `id` is missing"))?;
    let name = crate::files::find(app, FileId(number)).await?.file.filename;
    start::start_free(app, &*view(app, id)?, FileId(number)).await?;
    Ok(json!({"target_path": name}))
}

fn snapshot(app: &App, id: PrinterId) -> Result<Value, ApiError> {
    let none = || ApiError::not_found("a live picture of this printer");
    let view = view(app, id)?;
    let camera = view.vigil.camera.as_ref().filter(|camera| camera.live).ok_or_else(none)?;
    let frames = app.station.frames(camera.id).ok_or_else(none)?;
    let newest = frames.borrow().clone().ok_or_else(none)?;
    let pic = base64::engine::general_purpose::STANDARD.encode(&newest.jpeg);
    Ok(json!({"pic": pic}))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(passed: Value) -> Option<Ask> {
        Ask::read(&passed)
    }

    #[test]
    fn what_is_passed_through_needs_a_reference_and_words() {
        let ask = |args: Value| {
            read(json!({"target": "_printer", "func": "jog", "ref": "a", "args": args})).expect("it is one")
        };
        assert_eq!(
            jog(&ask(json!([{"x": 10, "z": -1.5}]))).unwrap(),
            serde_json::from_value(json!({"do": "jog", "x": 10, "z": -1.5})).unwrap()
        );
        for wrong in [json!([]), json!([{}]), json!([{"e": 1}]), json!([{"x": "a"}]), json!([{"do": "send"}])]
        {
            assert!(jog(&ask(wrong.clone())).is_err(), "{wrong}");
        }
        let home = axes(&ask(json!([["x", "z"]]))).unwrap();
        assert_eq!(home, [Axis::X, Axis::Z]);
        for none in [
            json!({}),
            json!(7),
            json!({"target": "a", "func": "b"}),
            json!({"target": 1, "func": 2, "ref": "x"}),
        ] {
            assert!(read(none.clone()).is_none(), "{none}");
        }
        let feed =
            read(json!({"target": "gcode_hooks", "func": "toggle_terminal_feed", "args": ["on"], "ref": 3}));
        assert_eq!(feed.unwrap().what(), Asked::Terminal(true));
    }

    #[test]
    fn lines_are_told_apart() {
        assert_eq!(lines(Some(&json!("G28\n\n M114 "))), ["G28", "M114"]);
        assert_eq!(lines(Some(&json!(["M105", 7, "M114"]))), ["M105", "M114"]);
        assert!(lines(None).is_empty() && lines(Some(&json!({}))).is_empty());
    }
}
