//! A printer that OctoPrint drives, from its link to the end of a failing print: its agent is spoken for message by
//! message, everything else is the whole core.

#![allow(clippy::disallowed_methods)] // An agent's clock is the wall's.

use domain::{LinkState, PrintId, PrinterId, PrinterState, PrinterView};
use serde_json::{Value, json};
use station::DeviceFactory;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tests::agent::{FakeAgent, ask, code};
use tests::network::Lan;
use tests::world::World;
use tokio::time::Instant;

fn view(lan: &Lan, printer: i64) -> Arc<PrinterView> {
    lan.door.world.station.snapshot().printers.get(&PrinterId(printer)).cloned().expect("the printer")
}

/// Waits until the printer is seen so, while its agent goes on with what it does.
fn until(
    lan: &Lan,
    agent: &mut FakeAgent<'_>,
    what: &str,
    mut does: impl FnMut(&mut FakeAgent<'_>),
    seen: impl Fn(&PrinterView) -> bool,
) {
    let begun = Instant::now();
    let mut next = begun;
    while !seen(&view(lan, agent.printer)) {
        assert!(begun.elapsed() < Duration::from_secs(60), "{what}: {:#?}", view(lan, agent.printer).vigil);
        if Instant::now() >= next {
            does(agent);
            next = Instant::now() + Duration::from_millis(500);
        }
        agent.poll().expect("connected");
    }
}

/// Reads on until a command comes, while the agent goes on with what it does.
fn command(agent: &mut FakeAgent<'_>, secs: u64, mut does: impl FnMut(&mut FakeAgent<'_>)) -> Value {
    let begun = Instant::now();
    let mut next = begun;
    loop {
        assert!(begun.elapsed() < Duration::from_secs(secs), "no command");
        if Instant::now() >= next {
            does(agent);
            next = Instant::now() + Duration::from_millis(300);
        }
        if let Some(message) = agent.poll().expect("connected")
            && message.get("commands").is_some()
        {
            return message["commands"][0].clone();
        }
    }
}

fn second() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs() as i64
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_is_linked_by_six_digits_once_and_knows_its_printer() {
    let lan = Lan::open().await;
    let refused = ask(&lan, "POST", "/api/v1/octo/verify/?code=123456", &[], b"");
    assert_eq!(refused.status, 404, "no code is shown: {refused:?}");
    assert!(refused.json()["detail"].is_string(), "{refused:?}");
    let digits = code(&lan, None);
    let agent = FakeAgent::link(&lan, &digits);
    assert_eq!(ask(&lan, "POST", &format!("/api/v1/octo/verify/?code={digits}"), &[], b"").status, 404);
    let told = lan.door.get("/api/v1/vigil/agents/").1;
    assert_eq!((&told["linked"], &told["code"]), (&json!(agent.printer), &Value::Null), "{told}");

    let known = agent.ask("GET", "/api/v1/octo/printer/", &[], b"").json();
    assert_eq!((&known["printer"]["id"], &known["user"]["is_pro"]), (&json!(agent.printer), &json!(true)));
    let stranger =
        ask(&lan, "GET", "/api/v1/octo/printer/", &["Authorization: Token 00000000000000000000"], b"");
    assert_eq!((stranger.status, stranger.json()["is_authenticated"].clone()), (401, json!(false)));
    let named = agent.ask("PATCH", "/api/v1/octo/printer/", &[], b"{\"name\": \"Ender at the window\"}");
    assert_eq!((named.status, view(&lan, agent.printer).name.as_str()), (200, "Ender at the window"));
    // A number for a file, at once and the same one again.
    let fields = [("filename", "a b.gcode"), ("safe_filename", "a_b.gcode"), ("agent_signature", "md5:1")];
    let file = agent.form("/api/v1/octo/g_code_files/", &fields);
    assert!(file.status == 201 && file.json()["id"].is_i64(), "{file:?}");
    assert_eq!(agent.form("/api/v1/octo/g_code_files/", &fields).json()["id"], file.json()["id"]);
    let event =
        [("event_title", "Something"), ("event_text", "went <b>wrong</b>"), ("event_class", "WARNING")];
    assert_eq!(agent.form("/api/v1/octo/printer_events/", &event).json()["result"], "ok");
    for path in ["/ent/api/printers/1/ext/", "/api/v1/octo/nothing/", "/api/nothing"] {
        let nothing = agent.ask("GET", path, &[], b"");
        assert!(
            [401, 404].contains(&nothing.status) && nothing.json()["code"].is_string(),
            "{path}: {nothing:?}"
        );
    }
    // Linked anew, the token before opens nothing.
    let digits = code(&lan, Some(agent.printer));
    let anew = FakeAgent::link(&lan, &digits);
    assert_eq!(anew.printer, agent.printer);
    assert_eq!(agent.ask("GET", "/api/v1/octo/printer/", &[], b"").status, 401);
    assert_eq!(anew.ask("GET", "/api/v1/octo/printer/", &[], b"").status, 200);
    lan.door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_print_is_paused_and_only_the_status_says_that_it_is() {
    let lan = Lan::open().await;
    let digits = code(&lan, None);
    let mut agent = FakeAgent::link(&lan, &digits);
    assert_eq!(view(&lan, agent.printer).vigil.link, LinkState::Closed);
    assert_eq!(agent.connect(), 101);
    agent.settings();
    let idle =
        |agent: &mut FakeAgent<'_>| agent.status(0, "", "Operational", &["operational", "ready"], None);
    until(&lan, &mut agent, "ready", idle, |view| view.vigil.state == PrinterState::Operational);
    let told = view(&lan, agent.printer);
    assert_eq!(
        (told.agent_name.as_deref(), told.agent_version.as_deref()),
        (Some("octoprint_obico"), Some("2.6.1"))
    );
    assert!(told.vigil.can.start && !told.vigil.can.connect);

    let print = second();
    let failing = vigil::far::Far::demo().sample_picture(true).expect("a picture");
    let prints = |agent: &mut FakeAgent<'_>| agent.prints(print, "tower.gcode");
    until(&lan, &mut agent, "printing", prints, |view| view.current_print.is_some());
    let asked = command(&mut agent, 200, |agent| {
        prints(agent);
        assert_eq!(agent.picture(&failing), 200);
    });
    let args = json!({"retract": 6.5, "lift_z": 2.5, "tools_off": 1, "bed_off": 0});
    assert_eq!(asked, json!({"cmd": "pause", "args": args, "initiator": "system"}));
    prints(&mut agent);
    until(&lan, &mut agent, "pausing", prints, |view| view.vigil.state == PrinterState::Pausing);
    let told = view(&lan, agent.printer);
    assert!(!told.vigil.pause_confirmed && told.vigil.alert.is_some(), "{:#?}", told.vigil);

    let paused = |agent: &mut FakeAgent<'_>| {
        agent.status(print, "tower.gcode", "Paused", &["operational", "paused"], None);
    };
    until(&lan, &mut agent, "paused", paused, |view| view.vigil.pause_confirmed);
    let row = view(&lan, agent.printer).current_print.clone().expect("under way");
    assert!(row.alerted_at.is_some() && row.paused_at.is_some());

    let resume = format!("/api/v1/printers/{}/resume_print/", agent.printer);
    assert_eq!(lan.door.post(&resume, &json!({})).0, 200);
    assert_eq!(command(&mut agent, 20, paused)["cmd"], "resume");
    until(&lan, &mut agent, "printing again", prints, |view| view.vigil.state == PrinterState::Printing);

    agent.status(print, "tower.gcode", "Finishing", &["operational", "finishing"], Some("PrintDone"));
    until(&lan, &mut agent, "over", idle, |view| view.vigil.last_print.is_some());
    lan.door
        .world
        .until_row("finished", row.id, |row| row.finished_at.is_some() && row.ext_id == print)
        .await;
    assert_eq!(frames(&lan.door.world, row.id), Some(true), "its pictures are kept");
    lan.door.world.end().await;
}

/// Returns whether pictures of a print are kept.
fn frames(world: &World, print: PrintId) -> Option<bool> {
    let kept = world.station.past().frames(print).ok()?;
    kept.map(|frames| !frames.id.is_empty())
}
