//! Found by itself: what a browser of services and a slicer see of the network's listener, by multicast DNS over a real
//! network of this computer; and what Prometheus reads there.

use mdns_sd::{IfKind, Receiver, ServiceDaemon, ServiceEvent};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::UdpSocket;
use std::time::Duration;
use tests::network::{Lan, NETWORK};
use tests::world::SPEED;
use tokio::time::{Instant, sleep};

/// How long anything may take on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until the listener says whether it is found by itself; none where no network of this computer does that.
async fn announced(lan: &Lan) -> Option<String> {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        let (_, told) = lan.door.get(NETWORK);
        if let Some(name) = told["announced"].as_str() {
            return Some(name.to_owned());
        }
        if let Some(why) = told["announce_error"].as_str() {
            println!("skipped: {why}");
            return None;
        }
        sleep(Duration::from_millis(200)).await;
    }
    panic!("it is not said whether others find it");
}

/// Waits for a service of this port to come (`true`) or to go; returns what is told of it.
fn wait_for(
    events: &Receiver<ServiceEvent>,
    port: u16,
    names: &mut Vec<String>,
    come: bool,
) -> BTreeMap<String, String> {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        match events.recv_timeout(Duration::from_secs(1)) {
            Ok(ServiceEvent::ServiceResolved(found)) if come && found.get_port() == port => {
                assert!(!found.get_addresses().is_empty(), "an address comes with it");
                names.push(found.get_fullname().to_owned());
                let told = found.get_properties().iter();
                return told.map(|one| (one.key().to_owned(), one.val_str().to_owned())).collect();
            }
            Ok(ServiceEvent::ServiceRemoved(_, name)) if !come && names.contains(&name) => {
                return BTreeMap::new();
            }
            _ => (),
        }
    }
    panic!("not seen within {PATIENCE:?}: port {port}, come: {come}, {names:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_found_while_it_is_open_and_not_after() {
    let lan = Lan::open().await;
    let Some(name) = announced(&lan).await else { return lan.door.world.end().await };
    assert!(name.starts_with("Printvigil on "), "{name}");
    let browser = ServiceDaemon::new().expect("a browser");
    browser.disable_interface(IfKind::IPv6).expect("asked");
    let ours = browser.browse("_printvigil._tcp.local.").expect("asked");
    let slicers = browser.browse("_octoprint._tcp.local.").expect("asked");
    let (mut names, mut octoprints) = (Vec::new(), Vec::new());
    let told = wait_for(&ours, lan.port, &mut names, true);
    assert_eq!((told["path"].as_str(), told["version"].as_str()), ("/", env!("CARGO_PKG_VERSION")));
    let told = wait_for(&slicers, lan.port, &mut octoprints, true);
    assert_eq!(told["path"], "/", "the only printer is meant at the top: {told:?}");
    assert!(told["version"].starts_with("1.") && told["useHttps"] == "false", "{told:?}");
    let demo = lan.door.world.view().name.clone();
    assert!(octoprints[0].starts_with(&demo[..4]), "{octoprints:?}");

    // As PrusaSlicer and OrcaSlicer ask: of any class; all that they need is in the one answer.
    let kinds = asked_as_a_slicer();
    for kind in [PTR, SRV, TXT, A] {
        assert!(kinds.contains(&kind), "type {kind} is not in the answer: {kinds:?}");
    }

    let (status, told) = lan.door.patch(NETWORK, &json!({"enabled": false}));
    assert_eq!((status, &told["announced"]), (200, &Value::Null), "{told}");
    wait_for(&ours, lan.port, &mut names, false);
    wait_for(&slicers, lan.port, &mut octoprints, false);
    browser.shutdown().expect("asked").recv_timeout(PATIENCE).expect("ended");
    lan.door.world.end().await;
}

const A: u16 = 1;
const PTR: u16 = 12;
const TXT: u16 = 16;
const SRV: u16 = 33;

/// Asks for `_octoprint._tcp` of any class and returns the types of all records of the first answer.
fn asked_as_a_slicer() -> Vec<u16> {
    let socket = UdpSocket::bind("0.0.0.0:0").expect("a socket");
    socket.set_read_timeout(Some(Duration::from_secs(2))).expect("a timeout");
    let mut question = vec![0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in ["_octoprint", "_tcp", "local"] {
        question.push(label.len() as u8);
        question.extend_from_slice(label.as_bytes());
    }
    question.extend_from_slice(&[0, 0, PTR as u8, 0, 255]);
    let mut answer = [0; 9000];
    for _ in 0..20 {
        socket.send_to(&question, "224.0.0.251:5353").expect("asked");
        if let Ok(len) = socket.recv(&mut answer) {
            return types(&answer[..len]).expect("a whole answer");
        }
    }
    panic!("nobody answers");
}

/// Returns the types of the records of a message.
fn types(message: &[u8]) -> Option<Vec<u16>> {
    let number = |at: usize| Some(u16::from_be_bytes([*message.get(at)?, *message.get(at + 1)?]));
    let after_name = |mut at: usize| loop {
        match *message.get(at)? {
            0 => return Some(at + 1),
            len if len & 0xc0 == 0xc0 => return Some(at + 2),
            len => at += usize::from(len) + 1,
        }
    };
    let mut at = 12;
    for _ in 0..number(4)? {
        at = after_name(at)? + 4;
    }
    let mut types = Vec::new();
    for _ in 0..number(6)? + number(8)? + number(10)? {
        at = after_name(at)?;
        types.push(number(at)?);
        at += 10 + usize::from(number(at + 8)?);
    }
    (at == message.len()).then_some(types)
}

#[tokio::test(flavor = "multi_thread")]
async fn prometheus_reads_every_figure_with_a_key_that_may_look() {
    let lan = Lan::open().await;
    assert_eq!(lan.ask("GET", "/metrics", None, None).0, 401, "nobody without a key");
    let (_, made) =
        lan.door.post("/api/v1/vigil/network/keys/", &json!({"name": "Prometheus", "role": "view"}));
    let key = made["secret"].as_str().expect("a key").to_owned();
    let hostile = "a\"} 1\n# EOF\\";
    let printer = format!("/api/v1/printers/{}/", lan.door.world.printer);
    let (status, _) = lan.door.patch(&printer, &json!({"name": hostile}));
    let name = if status == 200 { hostile.to_owned() } else { lan.door.world.view().name.clone() };
    lan.door.world.print_sample().await;
    lan.door.world.until_looks(3, 60).await;

    let url = lan.url("/metrics");
    let answer =
        lan.door.agent.get(url).header("Authorization", format!("Bearer {key}")).call().expect("answered");
    let kind = answer.headers()["content-type"].to_str().expect("text").to_owned();
    assert_eq!(kind, "application/openmetrics-text; version=1.0.0; charset=utf-8");
    let text = answer.into_body().read_to_string().expect("text");
    let read = exposition(&text);
    let id = lan.door.world.printer.to_string();
    let of = |sample: &str| {
        let found = read
            .iter()
            .filter(|(got, labels, _)| got == sample && labels.get("printer").is_none_or(|of| *of == id));
        found.map(|(_, labels, value)| (labels.clone(), *value)).collect::<Vec<_>>()
    };
    assert_eq!(of("printvigil_printing")[0].1, 1.0, "{text}");
    assert_eq!(of("printvigil_printer_info")[0].0["name"], name);
    let state = of("printvigil_printer_state");
    assert_eq!((state.len(), state.iter().map(|(_, value)| value).sum::<f64>()), (12, 1.0));
    assert!(of("printvigil_looks_total")[0].1 >= 3.0 && of("printvigil_uptime_seconds")[0].1 > 0.0);
    assert_eq!(of("printvigil_watching")[0].1, 1.0);
    assert_eq!(of("printvigil_alert")[0].1, 0.0);
    assert_eq!(of("printvigil_notices_waiting")[0].1, 0.0);
    let nozzle = of("printvigil_temperature_celsius");
    assert!(nozzle.iter().any(|(labels, value)| labels["heater"] == "tool0" && *value > 0.0), "{text}");
    assert!(!of("printvigil_temperature_target_celsius").is_empty() && SPEED > 1.0);
    let progress = of("printvigil_print_progress_ratio");
    assert!(progress.iter().all(|(_, value)| (0.0..=1.0).contains(value)), "{text}");
    lan.door.world.end().await;
}

type Sample = (String, BTreeMap<String, String>, f64);

/// Reads OpenMetrics strictly: families in one piece, declared before their samples, suffixes by type, units in names,
/// nothing twice, `# EOF` at the end.
fn exposition(text: &str) -> Vec<Sample> {
    let body = text.strip_suffix("# EOF\n").expect("it ends in # EOF");
    assert!(!body.contains("# EOF\n") && !body.contains('\r') && body.ends_with('\n'), "{text}");
    let (mut family, mut kind, mut unit) = (String::new(), String::new(), None::<String>);
    let (mut seen, mut series, mut samples) = (Vec::new(), Vec::new(), Vec::new());
    for line in body.lines() {
        if let Some(meta) = line.strip_prefix("# ") {
            let mut words = meta.splitn(3, ' ');
            let (what, name, rest) =
                (words.next().expect("what"), words.next().expect("a name"), words.next().expect("a text"));
            match what {
                "TYPE" => {
                    assert!(!seen.contains(&name.to_owned()), "{name} comes twice");
                    assert!(["gauge", "counter", "info", "stateset"].contains(&rest), "{line}");
                    seen.push(name.to_owned());
                    (family, kind, unit) = (name.to_owned(), rest.to_owned(), None);
                }
                "UNIT" => {
                    assert!(name == family && name.ends_with(&format!("_{rest}")), "{line}");
                    unit = Some(rest.to_owned());
                }
                "HELP" => assert_eq!(name, family, "{line}"),
                _ => panic!("{line}"),
            }
            continue;
        }
        let (name, labels, value) = sample(line);
        let suffix = name.strip_prefix(&family).unwrap_or_else(|| panic!("{line} is not of {family}"));
        let wanted = match kind.as_str() {
            "counter" => "_total",
            "info" => "_info",
            _ => "",
        };
        assert_eq!(suffix, wanted, "{line}");
        assert!(kind != "stateset" || labels.contains_key(&family), "{line}");
        assert!(unit.is_none() || suffix.is_empty(), "{line}");
        let one = (name.clone(), labels.clone());
        assert!(!series.contains(&one), "twice: {line}");
        series.push(one);
        samples.push((name, labels, value));
    }
    samples
}

fn sample(line: &str) -> Sample {
    let end = line.find(['{', ' ']).expect("a name and a value");
    let name = line[..end].to_owned();
    assert!(name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'), "{line}");
    let mut labels = BTreeMap::new();
    let mut rest = &line[end..];
    if let Some(inner) = rest.strip_prefix('{') {
        rest = inner;
        loop {
            let (label, after) = rest.split_once("=\"").expect("a label");
            let (mut text, mut chars, mut done) = (String::new(), after.char_indices(), None);
            while let Some((at, c)) = chars.next() {
                match c {
                    '"' => {
                        done = Some(at + 1);
                        break;
                    }
                    '\\' => text.push(match chars.next().expect("what is escaped").1 {
                        'n' => '\n',
                        c @ ('\\' | '"') => c,
                        other => panic!("\\{other} in {line}"),
                    }),
                    c => text.push(c),
                }
            }
            assert!(labels.insert(label.to_owned(), text).is_none(), "{line}");
            rest = &after[done.expect("the quotes are closed")..];
            match rest.strip_prefix(',') {
                Some(more) => rest = more,
                None => break,
            }
        }
        rest = rest.strip_prefix('}').expect("the labels are closed");
    }
    let value = rest.strip_prefix(' ').expect("one space").parse().expect("a number");
    (name, labels, value)
}
