//! Messages to an agent.

use domain::{Axis, PauseRecipe};
use serde_json::{Value, json};

/// Asks for a pause. OctoPrint's agent hands the arguments to a function as they are: one that is missing, null or unknown
/// and nothing is paused, and nobody is told. So all four are sent, as numbers.
pub(crate) fn pause(recipe: PauseRecipe, initiator: &str) -> Value {
    let millimetres = |mm: f64| if mm.is_finite() { mm.max(0.0) } else { 0.0 };
    let args = json!({
        "retract": millimetres(recipe.retract_mm),
        "lift_z": millimetres(recipe.lift_z_mm),
        "tools_off": u8::from(recipe.hotend_off),
        "bed_off": u8::from(recipe.bed_off),
    });
    json!({"commands": [{"cmd": "pause", "args": args, "initiator": initiator}]})
}

/// Asks for `resume` or `cancel`.
pub(crate) fn plain(command: &str, initiator: &str) -> Value {
    json!({"commands": [{"cmd": command, "args": {}, "initiator": initiator}]})
}

/// Something that the agent passes through to its host; the answer names `reference`.
pub(crate) fn pass(reference: &str, target: &str, func: &str, args: &Value) -> Value {
    json!({"passthru": {"ref": reference, "target": target, "func": func, "args": args}})
}

/// Something that Moonraker is asked through its agent.
pub(crate) fn moonraker(reference: &str, func: &str, kwargs: Value) -> Value {
    json!({"passthru": {"ref": reference, "target": "moonraker_api", "func": func, "kwargs": kwargs}})
}

/// Lines of G-code.
pub(crate) fn lines(reference: &str, all: &[String], is_moonraker: bool) -> Value {
    if is_moonraker {
        let script = json!({"verb": "post", "script": all.join("\n")});
        moonraker(reference, "printer/gcode/script", script)
    } else {
        pass(reference, "_printer", "commands", &json!([all]))
    }
}

/// Stops the machine at once.
pub(crate) fn emergency_stop(reference: &str, is_moonraker: bool) -> Value {
    if is_moonraker {
        moonraker(reference, "printer/emergency_stop", json!({"verb": "post"}))
    } else {
        pass(reference, "_printer", "commands", &json!([["M112"]]))
    }
}

/// Has the agent fetch a file from us and print it. Its names there are plain, so that what it tells can be recognised.
pub(crate) fn print_ours(reference: &str, id: i64, url: &str, name: &str) -> Value {
    let file = json!({"id": id, "url": url, "filename": name, "safe_filename": name});
    pass(reference, "file_downloader", "download", &json!([file]))
}

pub(crate) fn set_temperature(reference: &str, heater: &str, target_c: f64) -> Value {
    pass(reference, "_printer", "set_temperature", &json!([heater, target_c]))
}

pub(crate) fn home(reference: &str, axes: &[Axis]) -> Value {
    let all = [Axis::X, Axis::Y, Axis::Z];
    let axes = if axes.is_empty() { &all } else { axes };
    let names: Vec<&str> = axes.iter().copied().map(axis_name).collect();
    pass(reference, "_printer", "home", &json!([names]))
}

pub(crate) fn remote_status(viewing: bool, should_watch: bool) -> Value {
    json!({"remote_status": {"viewing": viewing, "should_watch": should_watch}})
}

fn axis_name(axis: Axis) -> &'static str {
    match axis {
        Axis::X => "x",
        Axis::Y => "y",
        Axis::Z => "z",
    }
}
