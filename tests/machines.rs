//! Printvigils on several computers, over a real broker: they see each other, steer by what the other confirms, and take
//! nothing from those who mean no good.

#![cfg(unix)]

use serde_json::{Value, json};
use std::time::Duration;
use tests::broker::{Broker, Listener};
use tests::cores::Core;
use tests::network::Lan;
use tests::visitor::Door;
use tokio::time::{Instant, sleep};

const MQTT: &str = "/api/v1/vigil/mqtt/";
const MACHINES: &str = "/api/v1/vigil/machines/";

/// How long anything may take on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(90);
/// A machine that goes is shown as gone within.
const GONE_WITHIN: Duration = Duration::from_secs(10);

fn settings(broker: &Broker, name: &str) -> Value {
    json!({"enabled": true, "host": "127.0.0.1", "port": broker.port, "others": true, "machine": name, "pictures": false})
}

fn switch_on(door: &Door, broker: &Broker, name: &str) {
    let (status, told) = door.patch(MQTT, &settings(broker, name));
    assert_eq!((status, &told["machine"]), (200, &json!(name)), "{told}");
}

fn machine(seen: &Value, name: &str) -> Option<Value> {
    seen["machines"].as_array()?.iter().find(|machine| machine["name"] == name).cloned()
}

/// Waits until what is shown of other machines is so.
async fn until(door: &Door, what: &str, is: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let (status, seen) = door.get(MACHINES);
        assert_eq!(status, 200, "{seen}");
        if is(&seen) {
            return seen;
        }
        assert!(begun.elapsed() < PATIENCE, "not so: {what}; {seen:#}");
        sleep(Duration::from_millis(100)).await;
    }
}

async fn until_printer(door: &Door, name: &str, what: &str, is: impl Fn(&Value) -> bool) -> Value {
    let seen =
        until(door, what, |seen| machine(seen, name).is_some_and(|found| is(&found["printers"][0]))).await;
    machine(&seen, name).expect("it was there")["printers"][0].clone()
}

fn presence(seen: &Value, name: &str) -> String {
    machine(seen, name).and_then(|found| Some(found["presence"].as_str()?.to_owned())).unwrap_or_default()
}

/// A machine that only the test plays.
struct Played<'a> {
    listener: &'a Listener,
    node: String,
}

impl Played<'_> {
    async fn say(&self, topic: &str, payload: impl Into<Vec<u8>>, retain: bool) {
        self.listener.say(&format!("printvigil/{}/{topic}", self.node), payload, retain).await;
    }

    fn introduced(&self) -> String {
        json!({"name": format!("Played {}", self.node), "version": "1", "steered": true}).to_string()
    }

    async fn arrive(&self) {
        self.say("status", "online", true).await;
        self.say("machine", self.introduced(), true).await;
        self.say("1/state", state("Printing", &["pause"]), true).await;
        self.alive().await;
    }

    async fn alive(&self) {
        self.say("alive", self.introduced(), false).await;
    }
}

fn state(word: &str, can: &[&str]) -> String {
    let told = json!({"name": "Played printer", "state": word, "file": "part.gcode", "progress": 42.0, "left_mins": 61,
        "watching": "ON", "alert": "OFF", "alert_text": null, "alarm": "OFF", "alarm_text": null, "muted": "OFF",
        "can": can});
    told.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_machines_see_each_other_and_one_steers_the_other_by_what_it_confirms() {
    let Some(broker) = Broker::start(None) else { return };
    let (lan, there) = (Lan::open().await, Door::open().await);
    let here = &lan.door;
    assert_eq!(here.get(MACHINES).1["on"], false, "off until a person switches it on");
    let (_, on) = here.patch(MQTT, &json!({"enabled": true, "host": "127.0.0.1", "port": broker.port}));
    assert_eq!(
        (&on["others"], here.get(MACHINES).1["on"].as_bool()),
        (&json!(false), Some(false)),
        "a broker is not enough"
    );
    switch_on(here, &broker, "Office");
    switch_on(&there, &broker, "Garage");
    let idle = until_printer(here, "Garage", "ready", |printer| printer["state"] == "operational").await;
    assert_eq!((&idle["name"], &idle["file"]), (&json!("Demo printer"), &Value::Null));
    let seen = until(&there, "seen from there, too", |seen| presence(seen, "Office") == "here").await;
    assert_eq!(seen["machines"].as_array().map(Vec::len), Some(1), "not itself: {seen}");
    let node =
        machine(&here.get(MACHINES).1, "Garage").expect("seen")["node"].as_str().expect("a node").to_owned();
    let printer = format!("{MACHINES}{node}/printers/1/");
    let ask = |command: &str| here.post(&printer, &json!({"command": command}));
    assert_eq!(ask("pause").1["code"], "not_now", "nothing prints there");

    there.world.print_sample().await;
    let prints = |printer: &Value| printer["state"] == "printing" && printer["percent"].is_number();
    let printing = until_printer(here, "Garage", "printing", prints).await;
    assert!(printing["can"].as_array().is_some_and(|can| can.contains(&json!("pause"))), "{printing}");
    // Whoever only looks here steers nothing there.
    let (view, _) = lan.key("view");
    assert_eq!(lan.ask("GET", MACHINES, Some(&view), None).0, 200);
    assert_eq!(lan.ask("POST", &printer, Some(&view), Some(&json!({"command": "pause"}))).0, 403);
    let friend = here.post("/api/v1/vigil/network/links/", &json!({"name": "a friend", "hours": 1})).1;
    let seen = lan.ask("GET", MACHINES, friend["secret"].as_str(), None);
    assert_eq!((seen.0, seen.1["on"].as_bool()), (200, Some(false)), "a link is to what is here");
    let (operate, _) = lan.key("operate");
    let (status, asked) = lan.ask("POST", &printer, Some(&operate), Some(&json!({"command": "pause"})));
    assert_eq!((status, asked), (200, json!({"sent": true})));
    let asked = |printer: &Value| printer["asked"]["command"] == "pause" || printer["state"] == "paused";
    until_printer(here, "Garage", "it is asked", asked).await;
    let paused = until_printer(here, "Garage", "paused", |printer| {
        // Never claimed before the printer over there has confirmed it.
        assert!(printer["state"] != "paused" || there.world.view().vigil.pause_confirmed, "{printer}");
        printer["state"] == "paused"
    });
    assert_eq!(paused.await["asked"], Value::Null, "confirmed: nothing is waited for any longer");
    assert_eq!(here.world.view().vigil.state, domain::PrinterState::Operational, "nothing was done here");
    assert_eq!(ask("resume").0, 200);
    until_printer(here, "Garage", "printing again", |printer| printer["state"] == "printing").await;

    // The other machine says whether it may be steered; it goes on showing itself.
    assert_eq!(there.patch(MQTT, &json!({"buttons": false})).0, 200);
    until(here, "not steered", |seen| {
        machine(seen, "Garage").is_some_and(|it| it["steered"] == false && it["presence"] == "here")
    })
    .await;
    let (status, refused) = ask("cancel");
    assert_eq!((status, &refused["code"]), (409, &json!("not_steered")), "{refused}");
    // Should somebody send it all the same, it is not heard.
    let somebody = Listener::open(broker.port).await;
    somebody.say(&format!("printvigil/{node}/1/command/cancel"), "PRESS", false).await;
    sleep(Duration::from_secs(2)).await;
    assert!(there.world.view().current_print.is_some(), "it prints on");

    // Switched off there, it goes from the list here, and from the broker; Home Assistant keeps what is its own.
    assert_eq!(there.patch(MQTT, &json!({"others": false})).0, 200);
    until(here, "it is not shown any longer", |seen| machine(seen, "Garage").is_none()).await;
    let kept = broker.until("its name is gone from the broker", |kept| {
        !kept.contains_key(&format!("printvigil/{node}/machine"))
    });
    assert!(kept.await.contains_key(&format!("printvigil/{node}/1/state")));
    assert_eq!(there.get(MACHINES).1["on"], false);
    here.world.station.shutdown(domain::Leave::AsItIs).await;
    there.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_is_killed_or_hangs_is_shown_as_gone_within_ten_seconds() {
    let Some(broker) = Broker::start(None) else { return };
    let here = Door::open().await;
    switch_on(&here, &broker, "Office");
    let dir = tempfile::tempdir().expect("a folder");
    let mut core = Core::start(dir.path()).expect("a core");
    core.patch(MQTT, &settings(&broker, "Garage")).expect("switched on");
    until(&here, "here", |seen| presence(seen, "Garage") == "here").await;

    // It hangs: its connection stays, and nothing comes.
    core.signal("-STOP").expect("stopped");
    let begun = Instant::now();
    until(&here, "hangs: gone", |seen| presence(seen, "Garage") == "gone").await;
    println!("a machine that hangs is gone after {:.1} s", begun.elapsed().as_secs_f64());
    assert!(begun.elapsed() < GONE_WITHIN, "{:?}", begun.elapsed());
    core.signal("-CONT").expect("it goes on");
    until(&here, "back", |seen| presence(seen, "Garage") == "here").await;

    core.child.kill().expect("killed");
    let begun = Instant::now();
    let seen = until(&here, "killed: gone", |seen| presence(seen, "Garage") == "gone").await;
    println!("a machine that is killed is gone after {:.1} s", begun.elapsed().as_secs_f64());
    assert!(begun.elapsed() < GONE_WITHIN, "{:?}", begun.elapsed());
    let gone = machine(&seen, "Garage").expect("shown");
    assert!(gone["heard_at"].is_string(), "{gone}");
    let node = gone["node"].as_str().expect("a node");
    let (status, refused) = here.post(&format!("{MACHINES}{node}/printers/1/"), &json!({"command": "pause"}));
    assert_eq!((status, &refused["code"]), (409, &json!("machine_gone")), "{refused}");
    // Gone for good: it can be forgotten, and does not come back from what the broker keeps.
    assert_eq!(here.delete(&format!("{MACHINES}{node}/")).0, 204);
    assert_eq!(here.delete(&format!("{MACHINES}{node}/")).0, 404);
    broker
        .until("forgotten there, too", |kept| !kept.contains_key(&format!("printvigil/{node}/machine")))
        .await;
    assert!(here.get(MACHINES).1["machines"].as_array().is_some_and(Vec::is_empty));
    here.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_machines_on_one_broker_are_all_shown_and_those_that_go_are_told_apart() {
    let Some(mut broker) = Broker::start(None) else { return };
    let here = Door::open().await;
    let listener = Listener::open(broker.port).await;
    let machines: Vec<Played> = (0..50)
        .map(|n| Played { listener: &listener, node: format!("{:08x}", 0xabc0_0000_u32 + n) })
        .collect();
    // Half of them are there already.
    for machine in &machines[..25] {
        machine.arrive().await;
    }
    switch_on(&here, &broker, "Office");
    until(&here, "connected", |seen| seen["connected"] == true).await;
    for machine in &machines[25..] {
        machine.arrive().await;
    }
    let whole = |seen: &Value| {
        let all = seen["machines"].as_array().expect("a list");
        let known = |machine: &&Value| {
            machine["printers"][0]["percent"] == 42.0 && machine["printers"][0]["left_mins"] == 61
        };
        all.len() == 50 && all.iter().filter(known).count() == 50
    };
    until(&here, "all fifty with their printers", whole).await;
    // Two fall silent, one is said to be gone, the others go on.
    machines[2].say("status", "offline", true).await;
    let (mut begun, mut gone) = (Instant::now(), Vec::new());
    for round in 0..6 {
        for machine in &machines[3..] {
            machine.alive().await;
        }
        if round == 0 {
            begun = Instant::now();
        }
        sleep(Duration::from_millis(1_500)).await;
        let (_, seen) = here.get(MACHINES);
        gone = machines.iter().filter(|m| presence(&seen, &format!("Played {}", m.node)) == "gone").collect();
    }
    assert!(begun.elapsed() < Duration::from_secs(30), "a machine too busy to tell: {:?}", begun.elapsed());
    let gone: Vec<&str> = gone.iter().map(|machine| machine.node.as_str()).collect();
    assert_eq!(gone, ["abc00000", "abc00001", "abc00002"], "the three that went and no other");

    // The broker goes: nothing is claimed of anybody, and nothing is asked.
    broker.stop();
    let seen = until(&here, "not connected", |seen| seen["connected"] == false).await;
    assert!(seen["why"].as_str().is_some_and(|why| !why.is_empty()), "{seen}");
    let all = seen["machines"].as_array().expect("a list");
    assert!(all.len() == 50 && all.iter().all(|machine| machine["presence"] == "unknown"), "{seen:#}");
    let (status, refused) =
        here.post(&format!("{MACHINES}{}/printers/1/", machines[9].node), &json!({"command": "pause"}));
    assert_eq!((status, &refused["code"]), (409, &json!("broker_away")), "{refused}");
    here.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_means_no_good_at_the_broker_changes_nothing_here() {
    let Some(broker) = Broker::start(None) else { return };
    let here = Door::open().await;
    switch_on(&here, &broker, "Office");
    until(&here, "connected", |seen| seen["connected"] == true).await;
    let listener = Listener::open(broker.port).await;
    let played = |node: &str| Played { listener: &listener, node: node.to_owned() };
    let good = played("a0000001");
    good.arrive().await;
    until(&here, "here", |seen| presence(seen, "Played a0000001") == "here").await;

    let bad = played("bad00001");
    bad.arrive().await;
    let name = "\u{202e}<img src=x onerror=alert(1)>\u{0}\n".repeat(50);
    bad.say(
        "machine",
        json!({"name": name, "version": "9".repeat(5_000), "steered": true}).to_string(),
        true,
    )
    .await;
    for payload in [
        vec![0xff; 3],
        vec![b'['; 100_000],
        vec![b'{'; 4_000_000],
        b"null".to_vec(),
        b"{\"name\": 1e999}".to_vec(),
        state("Quite fine", &[]).into_bytes(),
        state("Printing", &["pause"; 10_000]).into_bytes(),
        state("Printing", &[]).replace("42.0", "-1e308").into_bytes(),
        state("Printing", &[]).replace("61", "1e300").into_bytes(),
    ] {
        for topic in ["status", "machine", "alive", "1/state", "2/state", "-9223372036854775808/state"] {
            bad.say(topic, payload.clone(), false).await;
        }
    }
    for n in 0..300 {
        bad.say(&format!("{n}/state"), state("Printing", &[]), false).await;
        played(&format!("{n:08x}")).say("machine", json!({"name": "crowd"}).to_string(), true).await;
        good.alive().await;
    }
    for topic in [
        "printvigil//machine",
        "printvigil/UPPERCAS/machine",
        "printvigil/../machine",
        "printvigil/a/b/c/d/state",
    ] {
        listener.say(topic, "{}", false).await;
    }
    // It is still told what comes from others, and all of it is bounded.
    good.say("1/state", state("Paused", &["resume"]), true).await;
    good.alive().await;
    let seen = until(&here, "heard behind all that", |seen| {
        machine(seen, "Played a0000001").is_some_and(|it| it["printers"][0]["state"] == "paused")
    });
    let seen = seen.await;
    let all = seen["machines"].as_array().expect("a list");
    assert!(all.len() <= 100, "{}", all.len());
    assert!(seen.to_string().len() < 200_000, "{}", seen.to_string().len());
    for machine in all {
        assert!(machine["printers"].as_array().is_some_and(|printers| printers.len() <= 32), "{machine}");
        let name = machine["name"].as_str().expect("a name");
        assert!(name.chars().count() <= 80 && !name.contains(['\u{202e}', '\n', '\0']), "{name:?}");
        for printer in machine["printers"].as_array().expect("a list") {
            assert!(printer["percent"].is_null() || printer["percent"] == 42.0, "{printer}");
            assert!(printer["left_mins"].is_null() || printer["left_mins"] == 61, "{printer}");
        }
    }
    // None of it is taken for something of our own, and nothing of it is kept.
    let (_, own) = here.get("/api/v1/printers/");
    assert_eq!(own.as_array().map(Vec::len), Some(1), "{own}");
    assert_eq!(here.world.view().vigil.state, domain::PrinterState::Operational);
    let (status, told) = here.get(MQTT);
    assert_eq!((status, &told["state"]), (200, &json!("connected")), "Home Assistant's connection held");
    let (dir, station) = (here.world.dir, here.world.station);
    station.shutdown(domain::Leave::AsItIs).await;
    for entry in std::fs::read_dir(dir.path()).expect("there").flatten() {
        let bytes = std::fs::read(entry.path()).unwrap_or_default();
        let holds = |what: &[u8]| bytes.windows(what.len()).any(|window| window == what);
        assert!(
            !holds(b"Played printer") && !holds(b"onerror"),
            "{:?} holds what others told",
            entry.file_name()
        );
    }
}
