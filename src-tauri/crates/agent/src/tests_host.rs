//! What goes beyond the print: STOP, starts, questions to the host, lines, and an agent that never comes back.

use crate::Ask;
use crate::desk::Desk;
use domain::{
    Initiator, LinkState, Order, PrintId, PrinterState, Rotation, StartJob, Tool, TrafficDirection,
};
use serde_json::{Value, json};

fn answer(desk: &mut Desk, message: &Value, what: Value) {
    let mut passthru = json!({"ref": message["passthru"]["ref"]});
    what.as_object().into_iter().flatten().for_each(|(key, value)| passthru[key] = value.clone());
    desk.hear(&json!({"passthru": passthru}));
}

fn stop(desk: &mut Desk) -> Vec<Value> {
    let now = desk.now();
    desk.link.emergency_stop(now);
    desk.sent()
}

#[test]
fn stop_is_an_alarm_unless_it_is_answered_and_its_work_is_seen() {
    let mut desk = Desk::new("octoprint_obico");
    desk.printing(1_700_000_000, "a.gcode");
    desk.changes();
    desk.sent();
    let sent = stop(&mut desk);
    assert_eq!(sent[0]["passthru"]["args"], json!([["M112"]]));
    answer(&mut desk, &sent[0], json!({"ret": null}));
    desk.status(
        1_700_000_000,
        "a.gcode",
        "Offline after error",
        &["error", "closedOrError"],
        Some("PrintFailed"),
    );
    desk.pass(30);
    let told = desk.changes();
    assert!(!told.iter().any(|told| told.starts_with("stop failed")), "it was heard: {told:?}");

    // Nobody answers.
    desk.printing(1_700_000_900, "b.gcode");
    desk.changes();
    stop(&mut desk);
    desk.pass(5);
    assert_eq!(desk.changes(), ["stop failed: the agent beside OctoPrint does not answer"]);
    desk.pass(20);
    assert_eq!(desk.changes(), Vec::<String>::new(), "told once");

    // The agent says that it went wrong.
    let sent = stop(&mut desk);
    answer(&mut desk, &sent[0], json!({"error": "no"}));
    assert!(desk.changes().contains(&"stop failed: the agent answered: no".to_owned()));

    // It is taken, and the printer goes on.
    let sent = stop(&mut desk);
    answer(&mut desk, &sent[0], json!({"ret": null}));
    for _ in 0..8 {
        desk.pass(2);
        desk.printing(1_700_000_900, "b.gcode");
    }
    let told = desk.changes();
    assert_eq!(told, ["stop failed: the agent took it, but OctoPrint still says that it prints"]);

    // The connection takes no message, and then there is none.
    stop(&mut desk);
    desk.link.handle_untaken();
    assert_eq!(desk.changes(), ["stop failed: the agent beside OctoPrint takes no messages"]);
    let now = desk.now();
    desk.link.handle_gone(now);
    assert!(stop(&mut desk).is_empty());
    assert_eq!(desk.changes(), ["stop failed: the agent beside OctoPrint is not connected"]);
}

#[test]
fn beside_klipper_stop_is_a_request_to_moonraker() {
    let mut desk = Desk::new("moonraker_obico");
    desk.idle();
    let sent = stop(&mut desk);
    let stop = sent.last().expect("sent");
    assert_eq!(stop["passthru"]["func"], "printer/emergency_stop");
    answer(&mut desk, stop, json!({"ret": {"result": "ok"}}));
    desk.hear(&json!({}));
    desk.pass(30);
    assert_eq!(desk.changes(), ["up", "lost"]);
}

#[test]
fn numbers_of_questions_are_others_after_a_restart_since_agents_leave_out_what_they_know() {
    let reference = |ms: u64| {
        let mut desk = Desk::new("octoprint_obico");
        desk.ms = ms;
        let agent = domain::Agent { name: "octoprint_obico".into(), version: String::new() };
        desk.link = crate::AgentLink::new(agent, desk.now());
        desk.link.handle_connected(desk.now());
        desk.link.ask(&Ask::Files { folder: String::new() }).expect("asked")
    };
    assert_ne!(reference(0), reference(1_000));
}

#[test]
fn an_agent_that_never_comes_back_leaves_no_print_open_and_one_that_does_begins_anew() {
    let mut desk = Desk::new("octoprint_obico");
    desk.printing(1_700_000_000, "a.gcode");
    desk.changes();
    let now = desk.now();
    desk.link.handle_gone(now);
    desk.pass(60);
    assert_eq!(desk.changes(), ["lost"]);
    desk.pass(10_000);
    assert_eq!(desk.changes(), Vec::<String>::new(), "not after less than three hours");
    desk.pass(900);
    assert_eq!(desk.changes(), ["1 unknown"]);
    let now = desk.now();
    desk.link.handle_connected(now);
    desk.printing(1_700_000_000, "a.gcode");
    assert_eq!(desk.changes(), ["print a.gcode 1700000000", "up", "2 started"], "it is watched again");
}

#[test]
fn a_file_of_ours_is_fetched_and_begun_or_it_is_said_why_not() {
    let mut desk = Desk::new("moonraker_obico");
    let job = StartJob::new(PrintId(9), "Würfel 2.gcode".into(), "x".into(), Initiator::Person);
    desk.idle();
    desk.changes();
    desk.sent();
    let start = |desk: &mut Desk| {
        let now = desk.now();
        desk.link.start(&job, "http://pc:1/f", now);
        desk.sent()
    };
    let sent = start(&mut desk);
    let file = &sent[0]["passthru"]["args"][0];
    assert_eq!((&file["url"], &file["safe_filename"]), (&json!("http://pc:1/f"), &json!("W_rfel_2.gcode")));
    assert_eq!(sent[0]["passthru"]["target"], "file_downloader");
    answer(&mut desk, &sent[0], json!({"error": "Printer busy!"}));
    let told = desk.changes();
    assert!(told.contains(&"refused Start Busy".to_owned()), "{told:?}");

    // It is fetched: no print yet, and nothing wrong; then nothing comes of it.
    let sent = start(&mut desk);
    answer(&mut desk, &sent[0], json!({"ret": {"target_path": "W_rfel_2.gcode"}}));
    for _ in 0..20 {
        desk.pass(10);
        desk.status(0, "", "G-Code Downloading", &[], None);
    }
    assert_eq!((desk.changes(), desk.report().state), (Vec::new(), PrinterState::Operational));
    desk.idle();
    desk.pass(70);
    assert_eq!(desk.changes(), ["refused Start Unconfirmed"]);

    // It begins.
    let sent = start(&mut desk);
    answer(&mut desk, &sent[0], json!({"ret": {"target_path": "W_rfel_2.gcode"}}));
    desk.printing(1_700_000_000, "W_rfel_2.gcode");
    desk.pass(100);
    assert_eq!(desk.changes(), ["print W_rfel_2.gcode 1700000000", "1 started"]);
    start(&mut desk);
    assert_eq!(desk.changes(), ["refused Start Busy"], "it prints");
    desk.status(1_700_000_000, "W_rfel_2.gcode", "Operational", &["operational"], Some("PrintDone"));
    desk.idle();
    desk.changes();
    start(&mut desk);
    stop(&mut desk);
    assert_eq!(desk.changes(), ["refused Start Busy"], "STOP ends what has not begun, too");
}

#[test]
fn questions_have_answers_by_number_and_what_a_host_does_not_know_is_not_asked() {
    let mut desk = Desk::new("octoprint_obico");
    desk.idle();
    desk.sent();
    let reference = desk.link.ask(&Ask::Files { folder: "in".into() }).expect("asked");
    let sent = desk.sent();
    let passed = &sent[0]["passthru"];
    assert_eq!((&passed["func"], &passed["kwargs"]["path"]), (&json!("list_files"), &json!("in")));
    answer(&mut desk, &sent[0], json!({"ret": {"local": {}}}));
    assert_eq!(desk.link.poll_answer(), Some((reference, Ok(json!({"local": {}})))));
    assert!(desk.link.ask(&Ask::Power).is_err_and(|why| why.contains("OctoPrint")));
    let now = desk.now();
    desk.link.handle_gone(now);
    assert!(
        desk.link.ask(&Ask::Files { folder: String::new() }).is_err_and(|why| why.contains("not connected"))
    );

    let mut desk = Desk::new("moonraker_obico");
    let on = Ask::Switch { device: "printer".into(), on: true };
    for (ask, func) in [(Ask::Power, "machine/device_power/devices"), (on, "machine/device_power/device")] {
        desk.link.ask(&ask).expect("asked");
        assert_eq!(desk.sent()[0]["passthru"]["func"], func);
    }
}

#[test]
fn lines_go_in_the_way_of_the_host_and_stand_in_the_terminal() {
    let mut desk = Desk::new("octoprint_obico");
    desk.idle();
    desk.sent();
    let now = desk.now();
    desk.link.handle_terminal_read(now);
    let sent = desk.sent();
    assert_eq!(
        (&sent[0]["passthru"]["func"], &sent[0]["passthru"]["args"]),
        (&json!("toggle_terminal_feed"), &json!(["on"]))
    );
    desk.link.handle_order(Order::Tool(Tool::Lines(vec!["M115".into()])), now);
    assert_eq!(desk.sent()[0]["passthru"]["args"], json!([["M115"]]));
    desk.hear(&json!({"passthru": {"terminal_feed": {"msg": "Recv: ok\u{1b}[31m", "_ts": 1.0}}}));
    let lines = desk.link.take_traffic();
    let short: Vec<_> = lines.iter().map(|line| (line.direction, line.text.as_str())).collect();
    assert_eq!(short, [(TrafficDirection::Sent, "M115"), (TrafficDirection::Received, "Recv: ok [31m")]);
    desk.pass(30);
    assert_eq!(desk.sent()[0]["passthru"]["args"], json!(["off"]), "nobody reads any more");
    let (x, y, z, sure) = (1.0, 0.0, -2.0, domain::Sure::Yes);
    desk.link.handle_order(Order::Tool(Tool::Jog { x, y, z, sure }), now);
    let jogs = desk.sent();
    let args: Vec<&Value> =
        jogs.iter().map(|jog| &jog["passthru"]["args"][0]).filter(|told| told.is_object()).collect();
    assert_eq!(args, [&json!({"x": 1.0}), &json!({"z": -2.0})], "an axis a message");

    let mut desk = Desk::new("moonraker_obico");
    desk.idle();
    desk.sent();
    let now = desk.now();
    desk.link.handle_order(Order::Tool(Tool::Fan { percent: 50 }), now);
    let sent = desk.sent();
    assert_eq!(sent[0]["passthru"]["kwargs"], json!({"verb": "post", "script": "M106 S127"}));
}

#[test]
fn a_pause_that_takes_too_long_is_told_and_layers_are_counts() {
    let mut desk = Desk::new("octoprint_obico");
    desk.printing(1_700_000_000, "a.gcode");
    desk.changes();
    desk.pause();
    for _ in 0..130 {
        desk.pass(1);
        desk.status(1_700_000_000, "a.gcode", "Pausing", &["operational", "printing", "pausing"], None);
    }
    assert_eq!(desk.changes(), ["1 pause unconfirmed"]);
    let ts = desk.now().utc.micros() as f64 / 1e6;
    desk.hear(&json!({"current_print_ts": 1_700_000_000, "status": {
        "_ts": ts, "state": {"text": "Printing", "flags": {"printing": true}},
        "job": {"file": {"name": "a.gcode"}}, "currentZ": null, "currentLayerHeight": 3,
        "file_metadata": {"obico": {"totalLayerCount": 40}},
    }}));
    let job = desk.report().job.clone().expect("prints");
    assert_eq!((job.layer_idx, job.layers, job.z_mm), (Some(2), Some(40), None));
}

#[test]
fn an_agent_that_says_nothing_any_more_is_not_taken_for_live_and_tells_how_its_camera_stands() {
    let mut desk = Desk::new("octoprint_obico");
    desk.idle();
    desk.hear(&json!({"settings": {"webcams": [
        {"name": "b", "rotation": 180},
        {"name": "", "is_primary_camera": true, "rotation": 90, "flipH": true},
    ]}}));
    desk.hear(&json!({"settings": {"agent": {"name": "octoprint_obico", "version": "2"}}}));
    assert_eq!(desk.changes(), ["up", "turned 90"]);
    assert_eq!(u16::from(Rotation::Deg90), 90);
    desk.pass(170);
    assert_eq!(desk.changes(), ["lost"]);
    let LinkState::Lost { why } = desk.report().link.clone() else { panic!("lost") };
    assert!(why.contains("tells nothing any more") && why.contains("restart OctoPrint"), "{why}");
    // Klipper is off, and its agent has nothing to say: that is no fault of the agent.
    let mut desk = Desk::new("moonraker_obico");
    desk.idle();
    desk.hear(&json!({}));
    desk.pass(400);
    let LinkState::Lost { why } = desk.report().link.clone() else { panic!("lost") };
    assert!(why.contains("knows nothing of its printer"), "{why}");
}
