//! Dialogues with both agents, as they were seen on the wire.

use crate::desk::Desk;
use domain::{Initiator, LinkState, Order, OrderKind, PrintId, PrinterState, RefusedReason};
use serde_json::{Value, json};

#[test]
fn a_print_is_followed_from_its_start_to_its_end() {
    let mut desk = Desk::new("octoprint_obico");
    assert_eq!(desk.report().link, LinkState::Opening, "connected, nothing told yet");
    desk.idle();
    assert_eq!(desk.changes(), ["up"]);
    desk.printing(1_700_000_000, "benchy.gcode");
    assert_eq!(desk.changes(), ["print benchy.gcode 1700000000", "1 started"]);
    // The number is corrected a little later: the same print.
    desk.printing(1_700_000_003, "benchy.gcode");
    assert_eq!(desk.changes(), Vec::<String>::new());
    let report = desk.report().clone();
    let job = report.job.expect("a job");
    assert_eq!((job.print, job.name.as_str(), job.print_secs), (PrintId(1), "benchy.gcode", 60.0));
    assert_eq!(report.state, PrinterState::Printing);
    assert_eq!(report.temperatures["tool0"].target, Some(205.0));
    assert_eq!(report.temperatures["bed"].actual, 60.0);
    assert_eq!(report.temperatures["temperature_sensor mcu"].target, None);
    desk.status(1_700_000_003, "benchy.gcode", "Finishing", &["operational", "finishing"], Some("PrintDone"));
    assert_eq!(desk.changes(), ["1 finished"]);
    desk.status(1_700_000_003, "benchy.gcode", "Operational", &["operational"], None);
    desk.idle();
    assert_eq!(desk.changes(), Vec::<String>::new(), "an ended print is not begun again");
    assert_eq!(desk.report().job, None);
}

#[test]
fn a_pause_has_all_four_arguments_and_is_confirmed_by_the_status_alone() {
    let mut desk = Desk::new("octoprint_obico");
    desk.printing(1_700_000_000, "a.gcode");
    desk.changes();
    desk.sent();
    desk.pause();
    let args = json!({"retract": 6.5, "lift_z": 2.5, "tools_off": 1, "bed_off": 0});
    let command = json!({"commands": [{"cmd": "pause", "args": args, "initiator": "system"}]});
    assert_eq!(desk.sent(), [command]);
    desk.printing(1_700_000_000, "a.gcode");
    desk.status(1_700_000_000, "a.gcode", "Pausing", &["operational", "printing", "pausing"], None);
    assert_eq!(desk.changes(), Vec::<String>::new(), "not before the printer says so");
    assert_eq!(desk.report().state, PrinterState::Pausing);
    desk.paused(1_700_000_000, "a.gcode");
    assert_eq!(desk.changes(), ["1 paused Detection"]);
    let now = desk.now();
    desk.link.handle_order(Order::Resume(Initiator::Person), now);
    assert_eq!(desk.sent(), [json!({"commands": [{"cmd": "resume", "args": {}, "initiator": "web"}]})]);
    desk.printing(1_700_000_000, "a.gcode");
    assert_eq!(desk.changes(), ["1 resumed Person"]);
    // By somebody at the printer.
    desk.paused(1_700_000_000, "a.gcode");
    assert_eq!(desk.changes(), ["1 paused Printer"]);
    desk.link.handle_order(Order::Cancel(Initiator::Person), now);
    desk.status(
        1_700_000_000,
        "a.gcode",
        "Cancelling",
        &["operational", "cancelling"],
        Some("PrintCancelled"),
    );
    desk.status(1_700_000_000, "a.gcode", "Operational", &["operational"], Some("PrintFailed"));
    assert_eq!(desk.changes(), ["1 cancelled Person"]);
}

#[test]
fn beside_klipper_heaters_go_off_after_the_pause_and_on_before_the_resume() {
    let mut desk = Desk::new("moonraker_obico");
    desk.printing(1_700_000_000, "a.gcode");
    desk.changes();
    desk.pause();
    assert_eq!(desk.sent().len(), 1);
    desk.paused(1_700_000_000, "a.gcode");
    assert_eq!(desk.changes(), ["1 paused Detection"]);
    let script = |sent: &[Value]| sent[0]["passthru"]["kwargs"]["script"].as_str().map(str::to_owned);
    let sent = desk.sent();
    assert_eq!(sent[0]["passthru"]["func"], "printer/gcode/script");
    assert_eq!(script(&sent).as_deref(), Some("M104 T0 S0"));
    let now = desk.now();
    desk.link.handle_order(Order::Resume(Initiator::Person), now);
    let sent = desk.sent();
    assert_eq!((sent.len(), script(&sent).as_deref()), (1, Some("M104 T0 S205")), "heat first");
    assert_eq!(desk.report().state, PrinterState::Resuming);
    desk.pass(2);
    assert_eq!(desk.sent()[0]["commands"][0]["cmd"], "resume", "it is as hot as it was");
}

#[test]
fn racy_starts_of_moonraker_are_new_prints() {
    let mut desk = Desk::new("moonraker_obico");
    desk.printing(1_700_000_000, "a.gcode");
    desk.status(1_700_000_000, "a.gcode", "Operational", &["operational"], Some("PrintDone"));
    assert_eq!(desk.changes().last().map(String::as_str), Some("1 finished"));
    // The number of the print that ended, and another file.
    desk.printing(1_700_000_000, "b.gcode");
    assert_eq!(desk.changes(), ["print b.gcode 1700000000", "2 started"]);
    desk.status(1_700_000_000, "b.gcode", "Operational", &["operational"], Some("PrintDone"));
    assert_eq!(desk.changes(), ["2 finished"]);
    // A start without a status, then the old number and the same file.
    desk.hear(&json!({"event": {"event_type": "PrintStarted"}}));
    assert_eq!(desk.report().state, PrinterState::Operational, "the state is left alone");
    desk.printing(1_700_000_000, "b.gcode");
    assert_eq!(desk.changes(), ["print b.gcode 1700000000", "3 started"]);
}

#[test]
fn an_outage_ends_no_print_and_what_was_kept_meanwhile_is_no_state() {
    let mut desk = Desk::new("octoprint_obico");
    desk.printing(1_700_000_000, "a.gcode");
    desk.changes();
    let left = desk.now();
    desk.link.handle_gone(left);
    desk.pass(20);
    assert_eq!(desk.report().link, LinkState::Opening, "it may be back in a moment");
    assert_eq!(desk.report().state, PrinterState::Printing);
    desk.pass(2_400);
    assert_eq!(desk.changes(), ["lost"]);
    assert_eq!(desk.report().state, PrinterState::LinkLost);
    desk.pause();
    assert_eq!(desk.changes(), ["refused Pause NotConnected"]);
    let now = desk.now();
    desk.link.handle_connected(now);
    // The queue, old states and all, at once.
    let old = left.utc.micros() as f64 / 1e6;
    desk.status_of(old + 50.0, 1_700_000_000, "a.gcode", "Paused", &["operational", "paused"], None);
    assert_eq!(desk.changes(), Vec::<String>::new(), "it was paused 40 minutes ago");
    desk.printing(1_700_000_000, "a.gcode");
    assert_eq!(desk.changes(), ["up"], "the same print");
    assert_eq!(desk.sent()[0]["commands"][0]["cmd"], "pause", "the pause that it did not hear");
    // It ends in the next outage; the queue tells how.
    let ended = desk.now().utc.micros() as f64 / 1e6;
    let now = desk.now();
    desk.link.handle_gone(now);
    desk.pass(600);
    let now = desk.now();
    desk.link.handle_connected(now);
    let done = Some("PrintDone");
    desk.status_of(ended + 9.0, 1_700_000_000, "a.gcode", "Finishing", &["operational"], done);
    assert!(desk.changes().contains(&"1 finished".to_owned()));
}

#[test]
fn what_says_nothing_changes_nothing_and_the_empty_message_takes_the_state_back() {
    let mut desk = Desk::new("moonraker_obico");
    desk.hear(&json!({}));
    assert_eq!(desk.report().link, LinkState::Opening, "unknown is not offline");
    desk.printing(1_700_000_000, "a.gcode");
    desk.changes();
    let before = desk.report().clone();
    for garbage in [
        "",
        "null",
        "[]",
        "7",
        "{\"status\":7}",
        "{\"status\":{\"state\":1}}",
        "{\"event\":[]}",
        "{{",
        "\u{0}",
    ] {
        let now = desk.now();
        desk.link.handle_message(garbage, now);
    }
    for odd in [
        json!({"current_print_ts": "x", "status": {"_ts": "y"}}),
        json!({"passthru": {"ref": 7, "ret": []}}),
        json!({"settings": {"agent": [1, 2]}}),
        json!({"status": {"temperatures": {"a": {"actual": 1e300}}}}),
    ] {
        desk.hear(&odd);
    }
    assert_eq!(*desk.report(), before);
    desk.hear(&json!({}));
    assert!(matches!(desk.report().link, LinkState::Lost { .. }));
    assert_eq!(desk.changes(), ["lost"]);
    desk.printing(1_700_000_000, "a.gcode");
    assert_eq!(desk.changes(), ["up"], "and the print goes on");
}

#[test]
fn diagnoses_are_said_in_words() {
    let mut desk = Desk::new("octoprint_obico");
    desk.idle();
    desk.changes();
    for _ in 0..20 {
        desk.pass(10);
        let now = desk.now();
        desk.link.handle_picture(now);
    }
    assert_eq!(desk.changes(), ["lost"]);
    let LinkState::Lost { why } = desk.report().link.clone() else { panic!("lost") };
    assert!(why.contains("no status") && why.contains("restart OctoPrint"), "{why}");
    desk.idle();
    assert_eq!(desk.changes(), ["up"]);
    let now = desk.now();
    desk.link.handle_second_machine(now);
    assert_eq!(desk.changes(), ["trouble true"]);
    for _ in 0..40 {
        desk.pass(10);
        desk.idle();
    }
    assert_eq!(desk.changes(), ["trouble false"]);
}

#[test]
fn orders_that_no_agent_knows_are_refused_and_heaters_are_called_by_their_names() {
    let mut desk = Desk::new("moonraker_obico");
    desk.idle();
    desk.changes();
    desk.sent();
    let now = desk.now();
    desk.link.handle_order(Order::SetTarget(domain::Heater::Bed, 55.0), now);
    desk.link.handle_order(Order::CoolDown, now);
    let sent = desk.sent();
    let args: Vec<&Value> = sent.iter().map(|message| &message["passthru"]["args"]).collect();
    assert_eq!(args, [&json!(["heater_bed", 55.0]), &json!(["heater_bed", 0.0]), &json!(["extruder", 0.0])]);
    desk.link.handle_order(Order::Tool(domain::Tool::ProbeMesh), now);
    assert_eq!(desk.changes(), [format!("refused {:?} {:?}", OrderKind::Tool, RefusedReason::NotSupported)]);
}
