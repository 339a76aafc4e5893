//! Dialogues with both agents, as they were seen on the wire.

use crate::AgentLink;
use domain::{
    Agent, Initiator, JobEnd, LinkChange, LinkState, Now, Order, OrderKind, PauseRecipe, PrintId,
    PrinterReport, PrinterState, RefusedReason,
};
use serde_json::{Value, json};

const RECIPE: PauseRecipe =
    PauseRecipe { retract_mm: 6.5, lift_z_mm: 2.5, max_z_mm: 250.0, hotend_off: true, bed_off: false };

/// A link, and the time.
struct Desk {
    link: AgentLink,
    ms: u64,
    report: Option<Box<PrinterReport>>,
    next: i64,
}

impl Desk {
    fn new(name: &str) -> Self {
        let agent = Agent { name: name.into(), version: "2".into() };
        let mut link = AgentLink::new(agent, Now::at(0));
        link.handle_connected(Now::at(0));
        Self { link, ms: 0, report: None, next: 1 }
    }

    fn now(&self) -> Now {
        Now::at(self.ms)
    }

    fn pass(&mut self, secs: u64) {
        for _ in 0..secs {
            self.ms += 1000;
            self.link.handle_timeout(Now::at(self.ms));
        }
    }

    /// A status of the print with this number (0: none), made now.
    fn status(&mut self, print: i64, name: &str, text: &str, flags: &[&str], event: Option<&str>) {
        let ts = self.now().utc.micros() as f64 / 1e6;
        self.status_of(ts, print, name, text, flags, event);
    }

    fn status_of(
        &mut self,
        ts: f64,
        print: i64,
        name: &str,
        text: &str,
        flags: &[&str],
        event: Option<&str>,
    ) {
        let flags: Value = flags.iter().map(|flag| ((*flag).to_owned(), json!(true))).collect();
        let mut message = json!({
            "current_print_ts": if print == 0 { -1 } else { print },
            "status": {
                "_ts": ts,
                "state": {"text": text, "flags": flags},
                "job": {"file": {"name": if name.is_empty() { Value::Null } else { json!(name) }}},
                "progress": {"completion": 40.0, "printTime": 60, "printTimeLeft": 100},
                "temperatures": {
                    "extruder": {"actual": 205.1, "target": 205.0, "offset": 0},
                    "heater_bed": {"actual": 60.0, "target": 60.0},
                    "temperature_sensor mcu": {"actual": 40.0, "target": null},
                },
            },
        });
        if let Some(event) = event {
            message["event"] = json!({"event_type": event, "data": {}});
        }
        self.hear(&message);
    }

    fn printing(&mut self, print: i64, name: &str) {
        self.status(print, name, "Printing", &["operational", "printing"], None);
    }

    fn paused(&mut self, print: i64, name: &str) {
        self.status(print, name, "Paused", &["operational", "paused"], None);
    }

    fn idle(&mut self) {
        self.status(0, "", "Operational", &["operational", "ready"], None);
    }

    fn hear(&mut self, message: &Value) {
        self.link.handle_message(&message.to_string(), self.now());
    }

    /// What has changed; a print that wants a number gets one.
    fn changes(&mut self) -> Vec<String> {
        let mut said = Vec::new();
        while let Some(change) = self.link.poll_change() {
            let other = format!("{change:?}");
            said.push(match &change {
                LinkChange::AgentPrint { name, ext_id } => {
                    let order = Order::Follow { print: PrintId(self.next), ext_id: *ext_id };
                    self.next += 1;
                    let now = self.now();
                    self.link.handle_order(order, now);
                    format!("print {name} {ext_id}")
                }
                LinkChange::Ended(print, JobEnd::Interrupted { .. }) => format!("{print} interrupted"),
                LinkChange::Ended(print, JobEnd::Cancelled(by)) => format!("{print} cancelled {by:?}"),
                LinkChange::Ended(print, JobEnd::Finished) => format!("{print} finished"),
                LinkChange::Started(print) => format!("{print} started"),
                LinkChange::Paused(print, by) => format!("{print} paused {by:?}"),
                LinkChange::Resumed(print, by) => format!("{print} resumed {by:?}"),
                LinkChange::Refused { order, reason, .. } => format!("refused {order:?} {reason:?}"),
                LinkChange::Up { .. } => "up".into(),
                LinkChange::Lost { .. } => "lost".into(),
                LinkChange::AgentTrouble(text) => format!("trouble {}", text.is_some()),
                LinkChange::CardPrint { .. }
                | LinkChange::AgentSays(_)
                | LinkChange::Rebooted
                | LinkChange::AppFault { .. }
                | LinkChange::Halted { .. }
                | LinkChange::PauseUnconfirmed(..)
                | LinkChange::Silent { .. }
                | LinkChange::Speaks
                | LinkChange::HeaterFault(_)
                | LinkChange::HeatersOff { .. }
                | LinkChange::LineRefused { .. }
                | LinkChange::FilamentChange { .. }
                | LinkChange::Says(_) => other,
            });
        }
        said
    }

    fn sent(&mut self) -> Vec<Value> {
        let all = std::iter::from_fn(|| self.link.poll_message());
        let read = all.map(|text| serde_json::from_str::<Value>(&text).expect("JSON"));
        read.filter(|message| message.get("remote_status").is_none()).collect()
    }

    fn report(&mut self) -> &PrinterReport {
        let now = self.now();
        self.report = self.link.poll_report(now).or(self.report.take());
        self.report.as_deref().expect("a report")
    }

    fn pause(&mut self) {
        let now = self.now();
        self.link.handle_order(Order::Pause(RECIPE, Initiator::Detection), now);
    }
}

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
    desk.link.handle_order(Order::Tool(domain::Tool::MotorsOff), now);
    assert_eq!(desk.changes(), [format!("refused {:?} {:?}", OrderKind::Tool, RefusedReason::NotSupported)]);
    desk.link.emergency_stop();
    assert_eq!(desk.sent()[0]["passthru"]["func"], "printer/emergency_stop");
}
