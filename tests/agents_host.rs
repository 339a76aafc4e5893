//! What a printer's host is asked through its agent, and what it fetches from us: files, prints, power, lines, STOP.

#![allow(clippy::disallowed_methods)] // How soon something is noticed is about real time.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::{AlarmKind, PrinterId, PrinterState, PrinterView};
use serde_json::{Value, json};
use station::DeviceFactory;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tests::agent::{FakeAgent, ask, code};
use tests::network::Lan;
use tokio::time::Instant;

const PART: &str = "G28\nM104 S200\nG1 X10 Y10 E1 F600\nG1 X20 E1\nM104 S0\n";

fn view(lan: &Lan, agent: &FakeAgent<'_>) -> Arc<PrinterView> {
    lan.door.world.station.snapshot().printers.get(&PrinterId(agent.printer)).cloned().expect("the printer")
}

fn idle(agent: &mut FakeAgent<'_>) {
    agent.status(0, "", "Operational", &["operational", "ready"], None);
}

/// Goes on as the agent until the printer is seen so.
fn until(
    lan: &Lan,
    agent: &mut FakeAgent<'_>,
    what: &str,
    mut does: impl FnMut(&mut FakeAgent<'_>),
    seen: impl Fn(&PrinterView) -> bool,
) {
    let begun = Instant::now();
    let mut next = begun;
    while !seen(&view(lan, agent)) {
        assert!(begun.elapsed() < Duration::from_secs(60), "{what}: {:#?}", view(lan, agent).vigil);
        if Instant::now() >= next {
            does(agent);
            next = Instant::now() + Duration::from_millis(500);
        }
        agent.poll().expect("connected");
    }
}

/// Reads on until something is passed through to this function of the host.
fn passed(agent: &mut FakeAgent<'_>, func: &str) -> Value {
    let begun = Instant::now();
    loop {
        assert!(begun.elapsed() < Duration::from_secs(30), "{func} is not asked for");
        if let Some(message) = agent.poll().expect("connected")
            && message["passthru"]["func"] == func
        {
            return message["passthru"].clone();
        }
    }
}

fn answer(agent: &mut FakeAgent<'_>, asked: &Value, ret: Value) {
    agent.say(&json!({"passthru": {"ref": asked["ref"], "ret": ret}}));
}

/// Asks in the window while the agent answers what the host is asked.
fn asks(
    agent: &mut FakeAgent<'_>,
    func: &str,
    ret: Value,
    ask: impl Fn() -> (u16, Value) + Send + Sync,
) -> (Value, (u16, Value)) {
    tokio::task::block_in_place(|| {
        std::thread::scope(|scope| {
            let asking = scope.spawn(&ask);
            let asked = passed(agent, func);
            answer(agent, &asked, ret);
            while !asking.is_finished() {
                let _ = agent.poll();
            }
            (asked, asking.join().expect("answered"))
        })
    })
}

fn linked<'a>(lan: &'a Lan, name: &str) -> FakeAgent<'a> {
    let digits = code(lan, None);
    let mut agent = FakeAgent::link(lan, &digits);
    assert_eq!(agent.connect(), 101);
    agent.say(&json!({"settings": {
        "agent": {"name": name, "version": "2"},
        "webcams": [{"name": "", "is_primary_camera": true, "rotation": 90, "flipH": false, "flipV": true}],
    }}));
    until(lan, &mut agent, "ready", idle, |view| view.vigil.state == PrinterState::Operational);
    agent
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_the_library_is_fetched_once_by_the_host_and_its_print_is_ours() {
    let lan = Lan::open().await;
    let mut agent = linked(&lan, "octoprint_obico");
    let (status, file) = lan.door.upload("Würfel 2.gcode", PART.as_bytes(), &[]);
    assert_eq!(status, 201, "{file}");
    assert!(view(&lan, &agent).vigil.can.start);
    let start = format!("/api/v1/vigil/printers/{}/start/", agent.printer);
    let (status, told) = lan.door.post(&start, &json!({"file_id": file["id"]}));
    assert_eq!(status, 200, "{told}");
    assert_eq!(view(&lan, &agent).vigil.state_detail, "starting Würfel 2.gcode");

    let asked = passed(&mut agent, "download");
    let wanted = asked["args"][0].clone();
    assert_eq!((&wanted["filename"], &wanted["id"]), (&json!("W_rfel_2.gcode"), &file["id"]));
    let url = wanted["url"].as_str().expect("an address");
    let path = url.strip_prefix(&format!("http://127.0.0.1:{}", lan.port)).expect("as the agent reached us");
    answer(&mut agent, &asked, json!({"target_path": "W_rfel_2.gcode"}));
    agent.status(0, "", "G-Code Downloading", &[], None);
    let fetched = ask(&lan, "GET", path, &[], b"");
    assert_eq!((fetched.status, fetched.text.as_str()), (200, PART));
    assert_eq!(ask(&lan, "GET", path, &[], b"").status, 404, "once");
    let guess = path.replace(|c: char| c.is_ascii_digit(), "0");
    assert_eq!(ask(&lan, "GET", &guess, &[], b"").status, 404);
    let known =
        agent.form(&format!("/api/v1/octo/g_code_files/{}/", wanted["id"]), &[("safe_filename", "x")]);
    assert!([200, 405].contains(&known.status), "{known:?}");

    let second = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs() as i64;
    let prints = |agent: &mut FakeAgent<'_>| agent.prints(second, "W_rfel_2.gcode");
    until(&lan, &mut agent, "printing", prints, |view| view.current_print.is_some());
    let print = view(&lan, &agent).current_print.clone().expect("prints");
    assert_eq!(print.filename, "Würfel 2.gcode");
    assert_eq!(print.g_code_file.map(|file| file.id.get()), file["id"].as_i64(), "it is the file's print");

    agent.status(second, "W_rfel_2.gcode", "Operational", &["operational"], Some("PrintDone"));
    until(&lan, &mut agent, "over", idle, |view| view.vigil.can.start);
    lan.door.world.until_row("its number there", print.id, |row| row.ext_id == second).await;
    lan.door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hosts_files_and_power_are_asked_through_the_agent_and_a_yes_is_needed() {
    let lan = Lan::open().await;
    let mut agent = linked(&lan, "moonraker_obico");
    let of = format!("/api/v1/vigil/printers/{}/host/", agent.printer);
    let list = json!([{"path": "sub/a.gcode", "size": 5, "modified": 7.5}]);
    let files = format!("{of}files/?folder=sub");
    let (asked, (status, told)) = asks(&mut agent, "server/files/list", list, || lan.door.get(&files));
    assert_eq!((status, &asked["kwargs"]["root"]), (200, &json!("gcodes")), "{told}");
    assert_eq!(
        (&told["files"][0]["path"], &told["files"][0]["signature"]),
        (&json!("sub/a.gcode"), &json!("ts:7.5"))
    );

    let print = format!("{of}print/");
    let (status, told) = lan.door.post(&print, &json!({"path": "sub/a.gcode", "bed_clear": false}));
    assert_eq!((status, &told["code"]), (409, &json!("bed_not_clear")));
    let wanted = json!({"path": "sub/a.gcode", "signature": "ts:7.5", "bed_clear": true});
    let ok = json!({"result": "ok"});
    let (asked, (status, _)) =
        asks(&mut agent, "printer/print/start", ok.clone(), || lan.door.post(&print, &wanted));
    assert_eq!((status, &asked["kwargs"]["filename"]), (204, &json!("sub/a.gcode")));

    let power = format!("{of}power/");
    let devices = json!({"devices": [{"device": "psu", "status": "on"}]});
    let (_, (status, told)) =
        asks(&mut agent, "machine/device_power/devices", devices, || lan.door.get(&power));
    assert_eq!((status, &told["devices"][0]["on"]), (200, &json!(true)), "{told}");
    let prints = |agent: &mut FakeAgent<'_>| agent.prints(1_700_000_000, "a.gcode");
    until(&lan, &mut agent, "printing", prints, |view| view.current_print.is_some());
    let (status, told) = lan.door.post(&power, &json!({"device": "psu", "on": false}));
    assert_eq!((status, &told["code"]), (409, &json!("busy")), "not while it prints");
    // An agent that refuses is quoted.
    let refusal = tokio::task::block_in_place(|| {
        std::thread::scope(|scope| {
            let asking = scope.spawn(|| lan.door.get(&power));
            let asked = passed(&mut agent, "machine/device_power/devices");
            agent.say(&json!({"passthru": {"ref": asked["ref"], "error": "no such thing"}}));
            asking.join().expect("answered")
        })
    });
    assert_eq!((refusal.0, &refusal.1["message"]), (502, &json!("no such thing")));
    let (status, _) = lan.door.get("/api/v1/vigil/printers/1/host/power/");
    assert_eq!(status, 400, "a printer that is driven from here");
    lan.door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_that_nobody_takes_is_an_alarm_and_a_camera_stands_as_its_host_has_it() {
    let lan = Lan::open().await;
    let mut agent = linked(&lan, "octoprint_obico");
    let camera = view(&lan, &agent).vigil.camera.clone().expect("a camera");
    let begun = Instant::now();
    loop {
        let (_, all) = lan.door.get("/api/v1/vigil/cameras/");
        let all = all["cameras"].as_array().expect("a list").clone();
        let ours = all.iter().find(|one| one["id"] == json!(camera.id)).expect("its camera").clone();
        if (&ours["rotation"], &ours["flip_v"]) == (&json!(90), &json!(true)) {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{ours}");
        agent.poll().expect("connected");
    }
    let stop = format!("/api/v1/vigil/printers/{}/emergency_stop/", agent.printer);
    assert_eq!(lan.door.post(&stop, &json!({})).0, 200);
    assert_eq!(passed(&mut agent, "commands")["args"], json!([["M112"]]));
    // It hears it and answers nothing.
    let alarm = |view: &PrinterView| view.vigil.alarms.iter().any(|alarm| alarm.kind == AlarmKind::Stop);
    until(&lan, &mut agent, "an alarm", |_| (), alarm);
    let told = view(&lan, &agent).vigil.alarms.iter().find(|a| a.kind == AlarmKind::Stop).cloned();
    let text = told.expect("an alarm").text;
    assert!(
        text.contains("STOP did not reach the printer") && text.contains("Switch it off by hand"),
        "{text}"
    );
    let seen = format!("/api/v1/vigil/printers/{}/seen/", agent.printer);
    assert_eq!(lan.door.post(&seen, &json!({"what": "alarms"})).0, 200);
    assert!(!alarm(&view(&lan, &agent)));
    // Nobody is there.
    agent.hang_up();
    let begun = Instant::now();
    while lan.door.post(&stop, &json!({})).0 == 200 {
        assert!(begun.elapsed() < Duration::from_secs(20), "the socket is gone");
    }
    while !alarm(&view(&lan, &agent)) {
        assert!(begun.elapsed() < Duration::from_secs(40), "an alarm on the page, too");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    lan.door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_further_camera_is_fetched_by_the_agent_while_somebody_looks() {
    let lan = Lan::open().await;
    let mut agent = linked(&lan, "moonraker_obico");
    let of = agent.printer;
    let source = |url: &str| json!({"kind": "agent", "printer": of, "url": url});
    let cameras = "/api/v1/vigil/cameras/";
    for odd in ["https://127.0.0.1/x", "http://a:b@127.0.0.1/x", "file:///etc/passwd", "http://a b"] {
        let (status, told) = lan.door.post(cameras, &json!({"name": "A", "source": source(odd)}));
        assert_eq!(status, 400, "{odd}: {told}");
    }
    let url = "http://127.0.0.1:8080/?action=snapshot";
    let tried = json!({"source": source(url)});
    let none = json!({"pic": "no picture"});
    let (_, (status, told)) =
        asks(&mut agent, "web_snapshot_request", none, || lan.door.post(&format!("{cameras}try/"), &tried));
    assert_eq!((status, &told["code"]), (503, &json!("camera")));
    let (status, camera) = lan.door.post(cameras, &json!({"name": "Side", "source": source(url)}));
    assert_eq!(status, 201, "{camera}");
    let printer = format!("/api/v1/printers/{}/", agent.printer);
    assert_eq!(lan.door.patch(&printer, &json!({"camera": camera["id"]})).0, 200);
    let frame = format!("/api/v1/vigil/cameras/{}/frame.jpg", camera["id"]);
    let jpeg = vigil::far::Far::demo().sample_picture(false).expect("a picture");
    let pic = STANDARD.encode(&jpeg);
    let (asked, status) = tokio::task::block_in_place(|| {
        std::thread::scope(|scope| {
            let looking = scope.spawn(|| {
                let begun = Instant::now();
                loop {
                    let status = lan.door.raw(&frame).status().as_u16();
                    if status == 200 || begun.elapsed() > Duration::from_secs(40) {
                        return status;
                    }
                }
            });
            let asked = passed(&mut agent, "web_snapshot_request");
            answer(&mut agent, &asked, json!({"pic": pic}));
            while !looking.is_finished() {
                let _ = agent.poll();
            }
            (asked, looking.join().expect("looked"))
        })
    });
    assert_eq!((status, &asked["args"]), (200, &json!([url])));
    lan.door.world.end().await;
}
