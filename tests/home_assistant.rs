//! Home Assistant by MQTT, over a real broker: what it finds, what its buttons do, and that nothing is left behind.

#![cfg(unix)]

use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tests::broker::{Broker, Listener};
use tests::cores::Core;
use tests::visitor::Door;
use tokio::time::{Instant, sleep};

const MQTT: &str = "/api/v1/vigil/mqtt/";

/// How long anything may take on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(90);

type Kept = BTreeMap<String, Vec<u8>>;

fn switch_on(door: &Door, broker: &Broker) {
    let wanted = json!({"enabled": true, "host": "127.0.0.1", "port": broker.port});
    let (status, told) = door.patch(MQTT, &wanted);
    assert_eq!(status, 200, "{told}");
}

async fn until_state(door: &Door, state: &str) -> Value {
    let begun = Instant::now();
    loop {
        let (_, told) = door.get(MQTT);
        if told["state"] == state {
            return told;
        }
        assert!(begun.elapsed() < PATIENCE, "not {state}: {told}");
        sleep(Duration::from_millis(100)).await;
    }
}

/// Returns the configs of discovery, by topic.
fn configs(kept: &Kept) -> BTreeMap<String, Value> {
    let configs = kept.iter().filter(|(topic, _)| topic.starts_with("homeassistant/"));
    configs.map(|(topic, text)| (topic.clone(), serde_json::from_slice(text).expect("JSON"))).collect()
}

fn topic_of(kept: &Kept, entity: &str, key: &str) -> String {
    let found = configs(kept).into_iter().find(|(topic, _)| topic.ends_with(&format!("_{entity}/config")));
    let (_, config) = found.unwrap_or_else(|| panic!("no {entity}"));
    config[key].as_str().unwrap_or_else(|| panic!("no {key}")).to_owned()
}

fn state(kept: &Kept) -> Option<Value> {
    let found = kept.iter().find(|(topic, _)| topic.ends_with("/1/state"))?;
    serde_json::from_slice(found.1).ok()
}

fn says(kept: &Kept, word: &str) -> bool {
    state(kept).is_some_and(|state| state["state"] == word)
}

/// Checks a discovery message against the rules that all versions have.
fn check(topic: &str, config: &Value, kept: &Kept) {
    let parts: Vec<&str> = topic.split('/').collect();
    let [_, component, node, object, "config"] = parts[..] else { panic!("{topic}") };
    assert!(["sensor", "binary_sensor", "button", "camera"].contains(&component), "{topic}");
    for part in [node, object] {
        assert!(part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-'), "{topic}");
    }
    let unique = config["unique_id"].as_str().expect("a unique id");
    assert!(unique.starts_with(node) && unique.ends_with(object), "{unique}");
    let usual = config["default_entity_id"].as_str().expect("an entity id");
    let (domain, slug) = usual.split_once('.').expect("a domain");
    assert_eq!(domain, component, "{config}");
    assert!(slug.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'), "{usual}");
    assert_eq!(config["origin"]["name"], "Printvigil");
    let device = &config["device"];
    assert_eq!(device["identifiers"], json!([format!("{node}_1")]), "{config}");
    assert!(device["name"].as_str().is_some_and(|name| !name.is_empty()), "{config}");
    assert!(config["name"].is_string() && config.get("platform").is_none(), "{config}");
    let seen = |topic: &Value| kept.contains_key(topic.as_str().expect("a topic"));
    for one in config["availability"].as_array().expect("it is said when we are gone") {
        assert!(seen(&one["topic"]), "{one} is told");
    }
    match component {
        "button" => {
            assert!(config["command_topic"].is_string() && config["retain"] == false, "{config}");
            assert!(config.get("state_topic").is_none(), "{config}");
        }
        "camera" => assert!(seen(&config["topic"]), "the picture is told"),
        _ => assert!(seen(&config["state_topic"]), "the state is told"),
    }
    if config["device_class"] == "enum" {
        assert!(config.get("state_class").is_none() && config.get("unit_of_measurement").is_none());
        let now = state(kept).expect("a state");
        assert!(config["options"].as_array().expect("options").contains(&now["state"]), "{now}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_finds_the_printer_and_its_buttons_ask_as_the_page_does() {
    let Some(broker) = Broker::start(None) else { return };
    let door = Door::open().await;
    assert_eq!(door.get(MQTT).1["state"], "off");
    door.world.print_sample().await;
    switch_on(&door, &broker);
    until_state(&door, "connected").await;
    let kept = broker.until("printing, with a picture", |kept| {
        says(kept, "Printing") && kept.keys().any(|topic| topic.ends_with("/picture"))
    });
    let kept = kept.await;
    let found = configs(&kept);
    for (topic, config) in &found {
        check(topic, config, &kept);
    }
    let entities: BTreeSet<&str> = found
        .keys()
        .filter_map(|topic| topic.rsplit('/').nth(1)?.split_once('_'))
        .map(|(_, it)| it)
        .collect();
    for entity in [
        "state",
        "progress",
        "layer",
        "finish",
        "probability",
        "watching",
        "alert",
        "tool0_actual",
        "tool0_target",
        "bed_actual",
        "camera",
        "pause",
        "resume",
        "cancel",
        "not_failed",
        "mute",
    ] {
        assert!(entities.contains(entity), "{entity} is not among {entities:?}");
    }
    let unique: BTreeSet<String> = found.values().map(|config| config["unique_id"].to_string()).collect();
    assert_eq!(unique.len(), found.len(), "nothing twice");
    assert_eq!(kept[&topic_of(&kept, "camera", "topic")][..2], [0xff, 0xd8], "a JPEG");
    let cancel = found.iter().find(|(topic, _)| topic.ends_with("_cancel/config")).expect("there").1;
    assert_eq!(cancel["enabled_by_default"], false, "cancelling is switched on over there first");

    // What means nothing does nothing.
    let pause = topic_of(&kept, "pause", "command_topic");
    let somebody = Listener::open(broker.port).await;
    for payload in [b"press".to_vec(), Vec::new(), vec![b'P'; 1_000_000], b"PRESS\0".to_vec(), vec![0xff; 9]]
    {
        somebody.say(&pause, payload, false).await;
    }
    somebody.say(&pause.replace("/1/", "/99/"), "PRESS", false).await;
    somebody.say(&format!("{pause}/x"), "PRESS", false).await;
    // Home Assistant starts anew: all is told again.
    let config = found.keys().next().expect("one").clone();
    let before = somebody.told(&config);
    somebody.say("homeassistant/status", "online", false).await;
    let begun = Instant::now();
    while somebody.told(&config) == before {
        assert!(begun.elapsed() < PATIENCE, "it is not told again");
        sleep(Duration::from_millis(50)).await;
    }
    assert!(door.world.view().vigil.state == domain::PrinterState::Printing, "nothing was done");

    somebody.say(&pause, "PRESS", false).await;
    broker.until("paused, as the printer confirmed", |kept| says(kept, "Paused")).await;
    assert!(door.world.view().vigil.pause_confirmed);
    somebody.say(&topic_of(&kept, "resume", "command_topic"), "PRESS", false).await;
    broker.until("printing again", |kept| says(kept, "Printing")).await;

    // Switched off, nothing of it stays there; but for what somebody else has left: a button's press, kept by the broker.
    assert_eq!(door.patch(MQTT, &json!({"enabled": false})).0, 200);
    broker.until("nothing is left", BTreeMap::is_empty).await;
    somebody.say(&pause, "PRESS", true).await;
    broker.until("the press is kept", |kept| kept.contains_key(&pause)).await;
    switch_on(&door, &broker);
    broker
        .until("the press was seen and taken away", |kept| {
            !kept.contains_key(&pause) && says(kept, "Printing")
        })
        .await;
    assert!(door.world.view().vigil.state == domain::PrinterState::Printing, "a kept press pauses nothing");

    somebody.say(&topic_of(&kept, "cancel", "command_topic"), "PRESS", false).await;
    door.world.until("cancelled", 60, |view| view.current_print.is_none() && view.vigil.can.start).await;
    broker.until("ready", |kept| says(kept, "Ready")).await;
    assert_eq!(door.delete(&format!("/api/v1/printers/{}/", door.world.printer)).0, 204);
    let left = broker.until("only we ourselves are left", |kept| kept.len() == 1).await;
    assert!(left.keys().all(|topic| topic.ends_with("/status")), "{left:?}");
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_goes_is_found_again_and_told_all() {
    let Some(mut broker) = Broker::start(None) else { return };
    let door = Door::open().await;
    switch_on(&door, &broker);
    until_state(&door, "connected").await;
    broker.until("told", |kept| says(kept, "Ready")).await;
    broker.stop();
    let told = until_state(&door, "failed").await;
    assert!(told["why"].as_str().is_some_and(|why| !why.is_empty()), "{told}");
    // Meanwhile nobody waits for it.
    door.world.print_sample().await;
    broker.start_again();
    until_state(&door, "connected").await;
    let kept = broker.until("told again", |kept| says(kept, "Printing")).await;
    assert!(configs(&kept).len() > 10);
    // What somebody has left under our name goes.
    let status = kept.keys().find(|topic| topic.ends_with("/status")).expect("there").clone();
    let node = status.split('/').nth(1).expect("a node").to_owned();
    let old = format!("homeassistant/sensor/printvigil_{node}/77_state/config");
    let somebody = Listener::open(broker.port).await;
    somebody.say(&old, "{}", true).await;
    somebody.say(&format!("printvigil/{node}/77/state"), "{}", true).await;
    somebody.say(&format!("printvigil/{node}/77/picture"), "x", true).await;
    somebody.say("printvigil/other/77/state", "{}", true).await;
    let wanted = json!({"user": "", "pictures": false});
    assert_eq!(door.patch(MQTT, &wanted).0, 200);
    let kept = broker.until("what is not ours any longer is gone", |kept| {
        !kept.contains_key(&old)
            && kept.keys().all(|topic| !topic.contains("/77/") || topic.contains("other"))
    });
    assert!(kept.await.contains_key("printvigil/other/77/state"), "another core's stays");
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_core_that_is_killed_is_said_to_be_gone() {
    let Some(broker) = Broker::start(None) else { return };
    let dir = tempfile::tempdir().expect("a folder");
    let mut core = Core::start(dir.path()).expect("a core");
    let on = json!({"enabled": true, "host": "127.0.0.1", "port": broker.port});
    core.patch(MQTT, &on).expect("switched on");
    let is = |kept: &Kept, word: &[u8]| {
        kept.iter().any(|(topic, told)| topic.ends_with("/status") && told == word)
    };
    broker.until("online", |kept| is(kept, b"online") && says(kept, "Ready")).await;
    core.child.kill().expect("killed");
    let begun = Instant::now();
    broker.until("the last will", |kept| is(kept, b"offline")).await;
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    drop(core);

    // It comes back under the same name, and leaves in order.
    let mut core = Core::start(dir.path()).expect("a core");
    let kept = broker.until("online again", |kept| is(kept, b"online") && says(kept, "Ready")).await;
    let nodes: BTreeSet<&str> = kept
        .keys()
        .filter(|topic| topic.starts_with("printvigil/"))
        .filter_map(|topic| topic.split('/').nth(1))
        .collect();
    assert_eq!(nodes.len(), 1, "{nodes:?}");
    core.signal("-TERM").expect("asked");
    core.ended(30).expect("ended");
    let left = broker.until("offline", |kept| is(kept, b"offline")).await;
    assert!(!configs(&left).is_empty(), "what is known of the printer stays for the next start");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_is_tried_and_the_password_is_shown_nowhere() {
    let Some(broker) = Broker::start(Some(("printer", "geheim-7731"))) else { return };
    let door = Door::open().await;
    let test = format!("{MQTT}test/");
    let mut form = json!({"host": "127.0.0.1", "port": broker.port, "user": "printer", "password": "wrong"});
    let (status, tried) = door.post(&test, &form);
    assert_eq!((status, &tried["connected"]), (200, &json!(false)), "{tried}");
    assert!(tried["answer"].as_str().is_some_and(|said| said.contains("refuses")), "{tried}");
    form["password"] = json!("geheim-7731");
    assert_eq!(door.post(&test, &form).1, json!({"connected": true, "answer": "it took the connection"}));
    for (host, says) in [("169.254.169.254", "no broker can have"), ("nobody.invalid", "found")] {
        let (_, tried) = door.post(&test, &json!({"host": host}));
        assert!(tried["answer"].as_str().is_some_and(|said| said.contains(says)), "{host}: {tried}");
    }
    let nobody = tests::network::free_port();
    let (_, tried) = door.post(&test, &json!({"host": "127.0.0.1", "port": nobody}));
    assert!(tried["answer"].as_str().is_some_and(|said| said.contains("nothing listens")), "{tried}");
    for wrong in [json!({"base_topic": "a/#"}), json!({"enabled": true, "host": ""}), json!({"x": 1})] {
        let (status, told) = door.patch(MQTT, &wrong);
        assert!((400..500).contains(&status), "{wrong}: {told}");
    }

    form["enabled"] = json!(true);
    let (status, told) = door.patch(MQTT, &form);
    assert_eq!((status, &told["password_set"]), (200, &json!(true)), "{told}");
    assert!(!told.to_string().contains("geheim"), "{told}");
    until_state(&door, "connected").await;
    // It stays when it is left out.
    assert_eq!(door.patch(MQTT, &json!({"buttons": false})).1["password_set"], true);
    let told = until_state(&door, "connected").await;
    assert!(!told.to_string().contains("geheim"), "{told}");
    let (dir, station) = (door.world.dir, door.world.station);
    station.shutdown(domain::Leave::AsItIs).await;
    for entry in std::fs::read_dir(dir.path()).expect("there").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let bytes = std::fs::read(entry.path()).unwrap_or_default();
        let holds = bytes.windows(11).any(|window| window == b"geheim-7731");
        assert_eq!(holds, name == "broker-password.json", "{name}");
    }
}
