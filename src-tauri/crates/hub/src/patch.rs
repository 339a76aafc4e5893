//! Changes of settings: what is checked, and what is changed.

use crate::checks::need_rest;
use crate::facts::Facts;
use crate::refusal::refusal;
use domain::limits::{self, Limit};
use domain::{
    CameraId, Heater, Printer, PrinterPatch, Refusal, ScriptAt, TempProfiles, Temperature, Timestamp,
};
use serde_json::Value;

/// A printer that is put away is one that nobody looks at: it must be cold and at rest.
fn check_archive(facts: &Facts<'_>) -> Result<(), Refusal> {
    need_rest(facts, "the printer is printing")?;
    let heats = |t: &Temperature| t.target.is_some_and(|target_c| target_c > 0.0);
    if facts.reported.when_up().is_some_and(|report| report.temperatures.values().any(heats)) {
        return Err(refusal(
            "hot",
            "the printer's heaters are on",
            "Press Cool down first, then archive it.",
        ));
    }
    Ok(())
}

/// Returns why a change is not made.
pub(crate) fn check_patch(patch: &PrinterPatch, facts: &Facts<'_>) -> Result<(), Refusal> {
    if let Some(name) = &patch.name {
        let length = name.trim().chars().count();
        if !(1..=256).contains(&length) {
            return Err(out_of_range("the name must have 1 to 256 characters"));
        }
    }
    within("the sensitivity", patch.detective_sensitivity, limits::SENSITIVITY)?;
    let threshold = patch.watch.map(|watch| watch.threshold);
    within("the factor on the thresholds", threshold, limits::THRESHOLD)?;
    within("retract on pause", patch.retract_on_pause, limits::RETRACT)?;
    within("lift on pause", patch.lift_z_on_pause, limits::LIFT)?;
    within("the height of the machine", patch.max_z_mm, limits::HEIGHT)?;
    within("the diameter of the filament", patch.filament_diameter_mm, limits::FILAMENT_DIAMETER)?;
    let shortest = [patch.min_timelapse_secs_on_finish, patch.min_timelapse_secs_on_cancel];
    for secs in shortest.into_iter().flatten() {
        within("the shortest print with a film", Some(secs as f64), limits::SHORTEST_FILM)?;
    }
    within("the time the bed is held", patch.bed_hold_mins.map(f64::from), limits::BED_HOLD)?;
    for (heater, offset) in patch.temperature_offsets.iter().flatten() {
        if Heater::from_key(heater).is_none() {
            return Err(out_of_range(format!("there is no heater {heater:?}; use tool0, bed or chamber")));
        }
        within("an offset", Some(*offset), limits::OFFSET)?;
    }
    if let Some(profiles) = &patch.temp_profiles {
        check_profiles(profiles)?;
    }
    for at in ScriptAt::ALL {
        if let Some(Err(why)) = patch.scripts.as_ref().map(|scripts| scripts.lines(at)) {
            return Err(refusal("bad_script", why, "Correct the script."));
        }
    }
    if patch.archived == Some(true) {
        check_archive(facts)?;
    }
    if let Some(camera) = patch.camera.filter(|id| !facts.world.cameras.contains_key(id)) {
        let message = format!("there is no camera {camera}");
        return Err(refusal("unknown_camera", message, "Choose another camera."));
    }
    check_other_cameras(patch, facts)?;
    if let Some(port) = &patch.port {
        need_rest(facts, "the port cannot change while it prints")?;
        if port.path.trim().is_empty() {
            return Err(out_of_range("the port has no name"));
        }
        // 0 is "find it".
        let baud = (port.baud != 0).then_some(f64::from(port.baud));
        within("the baud rate", baud, limits::BAUD)?;
    }
    Ok(())
}

/// Cameras of a printer besides the watched one at most.
const MOST_OTHER_CAMERAS: usize = 7;

fn check_other_cameras(patch: &PrinterPatch, facts: &Facts<'_>) -> Result<(), Refusal> {
    let Some(others) = &patch.other_cameras else { return Ok(()) };
    if others.len() > MOST_OTHER_CAMERAS {
        return Err(out_of_range(format!("a printer has at most {MOST_OTHER_CAMERAS} cameras besides")));
    }
    // One that was removed meanwhile is left out when it is shown.
    let unknown =
        |id: &&CameraId| !facts.world.cameras.contains_key(id) && !facts.settings.other_cameras.contains(id);
    match others.iter().find(unknown) {
        Some(camera) => {
            let message = format!("there is no camera {camera}");
            Err(refusal("unknown_camera", message, "Choose another camera."))
        }
        None => Ok(()),
    }
}

/// Presets at most.
const MOST_PROFILES: usize = 20;
/// Characters of a preset's name at most.
const LONGEST_PROFILE_NAME: usize = 32;

fn check_profiles(profiles: &TempProfiles) -> Result<(), Refusal> {
    if profiles.is_empty() || profiles.len() > MOST_PROFILES {
        return Err(out_of_range(format!("a printer has 1 to {MOST_PROFILES} presets")));
    }
    for profile in profiles {
        let name = profile.get("name").and_then(Value::as_str).unwrap_or_default().trim();
        if !(1..=LONGEST_PROFILE_NAME).contains(&name.chars().count()) {
            return Err(out_of_range(format!("a preset's name has 1 to {LONGEST_PROFILE_NAME} characters")));
        }
        for (heater, target_c) in profile.iter().filter(|(key, _)| *key != "name") {
            let max_c = match heater.as_str() {
                "extruder" => Heater::Hotend(0).max_target_c(),
                "bed" => Heater::Bed.max_target_c(),
                "chamber" => Heater::Chamber.max_target_c(),
                other => {
                    return Err(out_of_range(format!(
                        "a preset has extruder, bed and chamber, no {other:?}"
                    )));
                }
            };
            let target_c = target_c.as_f64().unwrap_or(f64::NAN);
            let limit = Limit { field: "temp_profiles", min: 0.0, max: max_c, unit: " °C" };
            within(&format!("{heater} of a preset"), Some(target_c), limit)?;
        }
    }
    Ok(())
}

fn within(what: &str, value: Option<f64>, limit: Limit) -> Result<(), Refusal> {
    match value {
        Some(value) if !limit.has(value) => {
            let Limit { min, max, unit, .. } = limit;
            Err(out_of_range(format!("{what} must be {min} to {max}{unit}, not {value}")))
        }
        Some(_) | None => Ok(()),
    }
}

fn out_of_range(message: impl Into<String>) -> Refusal {
    refusal("out_of_range", message, "Choose a value within the range.")
}

/// Makes a change that was asked for at a moment.
pub(crate) fn change(row: &mut Printer, patch: &PrinterPatch, at: Timestamp) {
    apply(patch, row);
    row.updated_at = at;
    match patch.archived {
        Some(true) => row.archived_at = row.archived_at.or(Some(at)),
        Some(false) => row.archived_at = None,
        None => (),
    }
}

fn apply(patch: &PrinterPatch, printer: &mut Printer) {
    let PrinterPatch {
        name,
        action_on_failure,
        watching_enabled,
        tools_off_on_pause,
        bed_off_on_pause,
        retract_on_pause,
        lift_z_on_pause,
        detective_sensitivity,
        min_timelapse_secs_on_finish,
        min_timelapse_secs_on_cancel,
        port,
        camera,
        other_cameras,
        watch,
        bed_hold_mins,
        max_z_mm,
        filament_diameter_mm,
        temperature_offsets,
        temp_profiles,
        scripts,
        auth_token,
        // Needs the time: set by the caller.
        archived: _,
    } = patch.clone();
    set(&mut printer.name, name.map(|name| name.trim().to_owned()));
    set(&mut printer.action_on_failure, action_on_failure);
    set(&mut printer.watching_enabled, watching_enabled);
    set(&mut printer.tools_off_on_pause, tools_off_on_pause);
    set(&mut printer.bed_off_on_pause, bed_off_on_pause);
    set(&mut printer.retract_on_pause, retract_on_pause);
    set(&mut printer.lift_z_on_pause, lift_z_on_pause);
    set(&mut printer.detective_sensitivity, detective_sensitivity);
    set(&mut printer.min_timelapse_secs_on_finish, min_timelapse_secs_on_finish);
    set(&mut printer.min_timelapse_secs_on_cancel, min_timelapse_secs_on_cancel);
    set(&mut printer.watch, watch);
    set(&mut printer.bed_hold_mins, bed_hold_mins);
    set(&mut printer.max_z_mm, max_z_mm);
    set(&mut printer.filament_diameter_mm, filament_diameter_mm);
    set(&mut printer.temperature_offsets, temperature_offsets);
    set(&mut printer.temp_profiles, temp_profiles);
    set(&mut printer.scripts, scripts);
    set(&mut printer.auth_token, auth_token);
    if port.as_ref().is_some_and(|new| printer.port.as_ref().is_none_or(|old| old.path != new.path)) {
        // What was known of the old port's printer.
        (printer.usb, printer.machine) = (None, None);
    }
    printer.port = port.or(printer.port.take());
    set(&mut printer.other_cameras, other_cameras);
    if let Some(new) = camera {
        let before = printer.camera.replace(new).filter(|before| *before != new);
        // One of the others becomes the watched one: the two change places.
        if let Some(place) = printer.other_cameras.iter().position(|other| *other == new) {
            match before {
                Some(before) => printer.other_cameras[place] = before,
                None => drop(printer.other_cameras.remove(place)),
            }
        }
    }
    let mut known = Vec::new();
    printer.other_cameras.retain(|other| {
        let first = printer.camera != Some(*other) && !known.contains(other);
        known.push(*other);
        first
    });
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}
