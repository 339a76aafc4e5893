//! What the tray says of printers in each state.

use super::*;
use serde_json::{Value, json};

/// Half past four in the afternoon of a day in Berlin.
fn now() -> Zoned {
    "2026-11-22T16:30:00[Europe/Berlin]".parse().expect("a moment")
}

fn printer(change: impl FnOnce(&mut Value)) -> Printer {
    let mut printer = json!({
        "id": 3, "name": "Ender 3", "watching_enabled": true,
        "status": {"progress": {"completion": 42.9}},
        "vigil": {
            "state": "printing", "state_word": "Printing", "alarms": [], "switch_off_now": false, "alert": null,
            "watch": {"watching": true}, "progress": {"done_at": "2026-11-22T17:20:00.000000Z"},
            "can": {"pause": true}
        }
    });
    change(&mut printer);
    serde_json::from_value(printer).expect("as the core shows it")
}

fn line(change: impl FnOnce(&mut Value)) -> String {
    Shown::of(&[printer(change)], &now()).entries[0].text.clone()
}

fn in_state(state: &str, word: &str) -> impl FnOnce(&mut Value) {
    move |printer| {
        printer["vigil"]["state"] = json!(state);
        printer["vigil"]["state_word"] = json!(word);
        printer["vigil"]["can"]["pause"] = json!(false);
    }
}

#[test]
fn how_far_a_print_is_and_when_it_is_done_is_said() {
    assert_eq!(line(|_| ()), "Printing 42 %, done about 18:20");
    let tomorrow = json!("2026-11-23T01:10:00.000000Z");
    assert_eq!(line(|p| p["vigil"]["progress"]["done_at"] = tomorrow), "Printing 42 %, done about Mon 02:10");
    let unknown = |p: &mut Value| {
        p["vigil"]["progress"] = Value::Null;
        p["status"]["progress"]["completion"] = Value::Null;
    };
    assert_eq!(line(unknown), "Printing");
    assert_eq!(
        line(|p| p["status"]["progress"]["completion"] = json!(99.99)).split(',').next(),
        Some("Printing 99 %")
    );
    assert_eq!(line(in_state("paused", "Paused")), "Paused 42 %", "nobody knows when it will be done");
    assert_eq!(line(in_state("operational", "Ready")), "Ready");
}

#[test]
fn that_nobody_watches_is_never_silence() {
    let unwatched = |p: &mut Value| p["vigil"]["watch"]["watching"] = json!(false);
    let shown = Shown::of(&[printer(unwatched)], &now());
    assert_eq!(shown.entries[0].text, "Printing 42 %, done about 18:20. NOT watched");
    assert_eq!(shown.mood, Mood::Attention);
    let off = |p: &mut Value| {
        unwatched(p);
        p["watching_enabled"] = json!(false);
    };
    assert_eq!(line(off), "Printing 42 %, done about 18:20. Failure detection is off");
}

#[test]
fn an_alert_comes_first_and_says_how_the_print_really_stands() {
    let alert = |p: &mut Value| p["vigil"]["alert"] = json!({"paused": true});
    assert_eq!(line(alert), "ALERT: possible failure. Printing 42 %, done about 18:20", "not confirmed yet");
    let paused = |p: &mut Value| {
        in_state("paused", "Paused")(p);
        alert(p);
    };
    let shown = Shown::of(&[printer(paused)], &now());
    assert_eq!((shown.label.as_str(), shown.mood), ("ALERT", Mood::Alert));
    assert_eq!(shown.entries[0].text, "ALERT: possible failure. Paused 42 %");
    assert_eq!(shown.entries[1], Entry { id: "alert 3".into(), text: "I have seen the alert".into() });
    let alarm = json!([{"text": "The pause is not confirmed. Look at the printer.", "can_be_seen": false}]);
    assert_eq!(
        line(|p| p["vigil"]["alarms"] = alarm),
        "ALERT: The pause is not confirmed (Printing 42 %, done about 18:20)"
    );
    assert_eq!(line(|p| p["vigil"]["switch_off_now"] = json!(true)), "ALERT: switch the printer off now");
}

#[test]
fn several_printers_are_told_apart_and_the_gravest_is_seen_from_afar() {
    let one = printer(|_| ());
    let other = printer(|p| {
        in_state("operational", "Ready")(p);
        p["id"] = json!(4);
        p["name"] = json!("Prusa");
        p["vigil"]["alarms"] = json!([{"text": "The link broke.", "can_be_seen": true}]);
    });
    let shown = Shown::of(&[one, other], &now());
    let texts: Vec<&str> = shown.entries.iter().map(|entry| entry.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "Ender 3: Printing 42 %, done about 18:20",
            "Pause: Ender 3",
            "Prusa: ALERT: The link broke (Ready)",
            "I have seen the alarm: Prusa"
        ]
    );
    assert_eq!(shown.label, "ALERT");
    assert_eq!(Shown::of(&[printer(|_| ())], &now()).label, "42 %");
    assert_eq!(Shown::of(&[], &now()).entries[0].text, "No printer yet");
}

#[test]
fn a_pause_is_offered_only_where_the_core_takes_it() {
    let shown = Shown::of(&[printer(in_state("pausing", "Pausing"))], &now());
    assert!(shown.entries.iter().all(|entry| !entry.id.starts_with("pause")), "{shown:?}");
}

#[test]
fn what_is_pressed_is_read_again_by_its_name() {
    for action in [Action::Open, Action::Pause(3), Action::SeenAlert(12), Action::SeenAlarms(1), Action::Quit]
    {
        assert_eq!(Action::of_id(&action.id()), Some(action));
    }
    assert_eq!(Action::of_id("line 3"), Some(Action::Open));
    assert_eq!(Action::of_id("pause all"), None);
    assert_eq!(Action::of_id("format c"), None);
}

#[test]
fn a_long_alarm_is_cut_between_letters() {
    let long = "ä".repeat(100);
    assert_eq!(first_sentence(&long), format!("{} …", "ä".repeat(LONGEST)));
    assert_eq!(first_sentence("One\ntwo. Three"), "One");
}
