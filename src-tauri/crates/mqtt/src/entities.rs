//! What Home Assistant is told: one discovery message an entity, and one state a printer.
//!
//! Single messages, since older versions of Home Assistant take no others; keys that a version does not know it leaves out.

use crate::settings::Settings;
use crate::topics::{Command, Topics};
use bytes::Bytes;
use domain::{PrinterState, PrinterView, one_line};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Longest name that is shown, characters; Home Assistant's states have 255 at most.
const LONGEST: usize = 200;
/// Most heaters of a printer that are shown.
const MOST_HEATERS: usize = 16;

/// What one entity has beyond what all have.
struct Entity {
    component: &'static str,
    key: String,
    name: String,
    more: Value,
}

/// Returns the topics and messages by which a printer's entities are found.
pub(crate) fn configs(
    view: &PrinterView,
    topics: &Topics,
    settings: &Settings,
    heaters: &BTreeSet<String>,
) -> BTreeMap<String, Bytes> {
    let id = view.id;
    let device = device(view, topics);
    let mut all = BTreeMap::new();
    for entity in entities(view, topics, settings, heaters) {
        let mut config = Map::new();
        config.insert("name".into(), entity.name.into());
        config.insert("unique_id".into(), format!("{}_{}", topics.device(id), entity.key).into());
        let usual = format!("{}.{}_{}", entity.component, slug(&view.name), entity.key);
        config.insert("default_entity_id".into(), usual.into());
        config.insert("availability".into(), json!([{"topic": topics.status()}]));
        config
            .insert("origin".into(), json!({"name": "Printvigil", "sw_version": env!("CARGO_PKG_VERSION")}));
        config.insert("device".into(), device.clone());
        config.extend(entity.more.as_object().cloned().unwrap_or_default());
        let topic = topics.config(entity.component, id, &entity.key);
        all.insert(topic, Value::Object(config).to_string().into());
    }
    all
}

fn device(view: &PrinterView, topics: &Topics) -> Value {
    let machine = view.vigil.machine.as_deref().map_or("", |machine| machine.machine.as_str());
    let mut device = json!({
        "identifiers": [topics.device(view.id)],
        "name": one_line(&view.name, LONGEST),
        "manufacturer": "Printvigil",
        "model": if machine.is_empty() { "3D printer".to_owned() } else { one_line(machine, LONGEST) },
    });
    if !view.vigil.firmware.is_empty() {
        device["sw_version"] = one_line(&view.vigil.firmware, LONGEST).into();
    }
    device
}

fn entities(
    view: &PrinterView,
    topics: &Topics,
    settings: &Settings,
    heaters: &BTreeSet<String>,
) -> Vec<Entity> {
    let state = topics.state(view.id);
    let value = |key: &str| format!("{{{{ value_json.{key} }}}}");
    let told = |component, key: &str, name: &str, more: Value| {
        let mut whole = json!({"state_topic": state, "value_template": value(key)});
        merge(&mut whole, more);
        Entity { component, key: key.into(), name: name.into(), more: whole }
    };
    let sensor = |key: &str, name: &str, more| told("sensor", key, name, more);
    let binary = |key: &str, name: &str, more| told("binary_sensor", key, name, more);
    let words: BTreeSet<&str> = PrinterState::ALL.into_iter().map(PrinterState::word).collect();
    let mut all = vec![
        sensor("state", "State", json!({"device_class": "enum", "options": words, "icon": "mdi:printer-3d"})),
        sensor(
            "progress",
            "Progress",
            json!({"unit_of_measurement": "%", "state_class": "measurement", "suggested_display_precision": 0,
                "icon": "mdi:progress-check"}),
        ),
        sensor("layer", "Layer", json!({"icon": "mdi:layers"})),
        sensor("layers", "Layers", json!({"icon": "mdi:layers-triple"})),
        sensor("finish", "Finish time", finish(&state, &topics.status())),
        sensor("file", "File", json!({"icon": "mdi:file"})),
        sensor(
            "probability",
            "Failure probability",
            json!({"unit_of_measurement": "%", "state_class": "measurement", "suggested_display_precision": 0,
                "icon": "mdi:eye"}),
        ),
        binary("watching", "Watching", json!({"icon": "mdi:eye"})),
        binary("alert", "Possible failure", json!({"device_class": "problem"})),
        binary("alarm", "Alarm", json!({"device_class": "problem"})),
    ];
    for heater in heaters.iter().take(MOST_HEATERS) {
        let name = heater_name(heater);
        let more =
            json!({"device_class": "temperature", "unit_of_measurement": "°C", "state_class": "measurement"});
        all.push(sensor(&format!("{heater}_actual"), &format!("{name} temperature"), more.clone()));
        all.push(sensor(&format!("{heater}_target"), &format!("{name} target"), more));
    }
    if settings.pictures && view.vigil.camera.is_some() {
        let more = json!({"topic": topics.picture(view.id)});
        all.push(Entity { component: "camera", key: "camera".into(), name: "Camera".into(), more });
    }
    if settings.buttons {
        all.extend(Command::ALL.into_iter().map(|command| button(command, topics.command(view.id, command))));
    }
    all
}

/// A time that is not known is no time: the entity is not available then, rather than wrong.
fn finish(state: &str, status: &str) -> Value {
    json!({
        "device_class": "timestamp",
        "value_template": "{{ value_json.finish or '1970-01-01T00:00:00+00:00' }}",
        "availability": [
            {"topic": status},
            {"topic": state, "value_template": "{{ 'online' if value_json.finish else 'offline' }}"},
        ],
        "availability_mode": "all",
    })
}

fn button(command: Command, topic: String) -> Entity {
    let (name, icon) = match command {
        Command::Pause => ("Pause", "mdi:pause"),
        Command::Resume => ("Resume", "mdi:play"),
        Command::Cancel => ("Cancel", "mdi:stop"),
        Command::NotFailed => ("Not a failure", "mdi:check"),
        Command::Mute => ("Mute alerts of this print", "mdi:bell-off"),
    };
    let mut more = json!({"command_topic": topic, "payload_press": "PRESS", "retain": false, "icon": icon});
    if command == Command::Cancel {
        // A print that is cancelled is gone: nobody gets this button who has not switched it on over there.
        more["enabled_by_default"] = false.into();
    }
    Entity { component: "button", key: command.word().into(), name: name.into(), more }
}

/// Returns a printer's state; what is not known is null.
pub(crate) fn state(view: &PrinterView, settings: &Settings, heaters: &BTreeSet<String>) -> Bytes {
    let vigil = &view.vigil;
    let printing = view.current_print.is_some();
    let progress = vigil.progress.as_ref().filter(|_| printing);
    let on = |on: bool| if on { "ON" } else { "OFF" };
    let round = |value: f64, to: f64| (value * to).round() / to;
    let completion = view.status.progress.completion.filter(|_| printing);
    let probability = vigil.watch.probability.filter(|_| vigil.watch.watching);
    // To the minute: an estimate that moves by seconds is no news.
    let finish = progress.and_then(|it| it.done_at).map(|at| {
        let minutes = (at.micros() as f64 / 60e6).round() as i64;
        domain::Timestamp::from_micros(minutes * 60_000_000).to_string()
    });
    let mut state = json!({
        "state": vigil.state.word(),
        "progress": completion.map(|percent| round(percent, 10.0)),
        "layer": progress.and_then(|it| it.layer),
        "layers": progress.and_then(|it| it.layers),
        "finish": finish,
        "file": view.current_print.as_ref().map(|print| one_line(&print.filename, LONGEST)),
        "probability": probability.map(|p| round(p * 100.0, 1.0)),
        "watching": on(vigil.watch.watching),
        "alert": on(vigil.alert.is_some()),
        "alarm": on(!vigil.alarms.is_empty()),
        // For other Printvigils. Times are spans: clocks of two computers differ.
        "name": one_line(&view.name, LONGEST),
        "left_mins": view.status.progress.printTimeLeft.filter(|_| printing).map(|secs| round(secs / 60.0, 1.0)),
        "alert_text": vigil.alert.as_ref().map(|alert| one_line(&alert.text, LONGEST)),
        "alarm_text": vigil.alarm.as_deref().map(|alarm| one_line(alarm, LONGEST)),
        "muted": on(view.current_print.as_ref().is_some_and(|print| print.alert_muted_at.is_some())),
        "can": can(view, settings),
    });
    for heater in heaters.iter().take(MOST_HEATERS) {
        // What was known once is not what is so now.
        let t = view.status.temperatures.get(heater).filter(|_| vigil.heat.known);
        state[format!("{heater}_actual")] = t.map(|t| round(t.actual, 10.0)).into();
        state[format!("{heater}_target")] = t.and_then(|t| t.target).map(|target| round(target, 10.0)).into();
    }
    state.to_string().into()
}

/// Returns which commands would be taken now.
fn can(view: &PrinterView, settings: &Settings) -> Vec<Command> {
    let vigil = &view.vigil;
    let muted = view.current_print.as_ref().map(|print| print.alert_muted_at.is_some());
    let all = [
        (Command::Pause, vigil.can.pause),
        (Command::Resume, vigil.can.resume),
        (Command::Cancel, vigil.can.cancel),
        (Command::NotFailed, vigil.alert.is_some()),
        (Command::Mute, muted == Some(false)),
    ];
    all.into_iter().filter(|(_, can)| *can && settings.buttons).map(|(command, _)| command).collect()
}

/// Returns the heaters that a printer tells of or has told of, by names that can stand in a topic.
pub(crate) fn heaters(view: &PrinterView) -> impl Iterator<Item = String> {
    let plain = |name: &&String| {
        (1..=20).contains(&name.len()) && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let told = view.vigil.machine.iter().flat_map(|machine| machine.heaters.iter());
    view.status.temperatures.keys().chain(told).filter(plain).cloned()
}

fn heater_name(heater: &str) -> String {
    match heater {
        "tool0" => "Nozzle".into(),
        "bed" => "Bed".into(),
        "chamber" => "Chamber".into(),
        other => match other.strip_prefix("tool").and_then(|n| n.parse::<u32>().ok()) {
            Some(n) => format!("Nozzle {}", n.saturating_add(1)),
            None => other.to_owned(),
        },
    }
}

/// Returns a name in signs that may stand in an entity's id.
fn slug(name: &str) -> String {
    let mut slug = String::new();
    for c in name.chars().take(64) {
        match c.to_ascii_lowercase() {
            c if c.is_ascii_alphanumeric() => slug.push(c),
            _ if !slug.is_empty() && !slug.ends_with('_') => slug.push('_'),
            _ => (),
        }
    }
    let slug = slug.trim_end_matches('_');
    if slug.is_empty() { "printer".into() } else { slug.into() }
}

fn merge(whole: &mut Value, more: Value) {
    if let (Some(whole), Value::Object(more)) = (whole.as_object_mut(), more) {
        whole.extend(more);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_ids_whatever_they_are() {
        assert_eq!(slug("Ender 3 V2"), "ender_3_v2");
        assert_eq!(slug("  #+/Ä "), "printer");
        assert_eq!(slug("a//b__c!"), "a_b_c");
        assert_eq!((heater_name("tool1"), heater_name("bed")), ("Nozzle 2".to_owned(), "Bed".to_owned()));
        assert_eq!(one_line("a\u{1b}[1m\nb", LONGEST), "a [1m b");
    }
}
