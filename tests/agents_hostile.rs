//! Agents that mean no good, are broken, or were copied: garbage, messages without end, wrong tokens, two machines with
//! one token, and an anonymous question that is never refused.

#![allow(clippy::disallowed_methods)] // How soon something is noticed is about real time.

use domain::{LinkState, PrinterId};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::Duration;
use tests::agent::{FakeAgent, ask, code};
use tests::network::Lan;
use tokio::time::Instant;

const UNLINKED: &str = "/api/v1/octo/unlinked/";

fn link(lan: &Lan, printer: i64) -> LinkState {
    lan.door.world.station.snapshot().printers[&PrinterId(printer)].vigil.link.clone()
}

/// Goes on reading for so long; returns whether the socket stayed open.
fn stays(agent: &mut FakeAgent<'_>, secs: f64) -> bool {
    let begun = Instant::now();
    while begun.elapsed().as_secs_f64() < secs {
        if agent.poll().is_err() {
            return false;
        }
    }
    true
}

fn idle(agent: &mut FakeAgent<'_>) {
    agent.status(0, "", "Operational", &["operational", "ready"], None);
}

/// Waits until the link of the printer is so.
fn until(lan: &Lan, agent: &mut FakeAgent<'_>, what: &str, is: impl Fn(&LinkState) -> bool) {
    let begun = Instant::now();
    while !is(&link(lan, agent.printer)) {
        assert!(begun.elapsed() < Duration::from_secs(40), "{what}: {:?}", link(lan, agent.printer));
        if agent.poll().is_err() {
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_changes_nothing_and_a_message_without_end_ends_the_socket_alone() {
    let lan = Lan::open().await;
    let digits = code(&lan, None);
    let mut agent = FakeAgent::link(&lan, &digits);
    assert_eq!(agent.connect(), 101);
    agent.say(&json!({}));
    assert!(stays(&mut agent, 0.5));
    idle(&mut agent);
    until(&lan, &mut agent, "up", |link| *link == LinkState::Up);
    for garbage in
        ["", "nonsense", "null", "[[[[", "{\"status\":", "{\"status\":{\"_ts\":\"x\"}}", "{\"commands\":[1]}"]
    {
        agent.say_text(garbage);
    }
    agent.say_text(&"[".repeat(100_000));
    agent.say(&json!({"status": {"_ts": 1e300}, "current_print_ts": 9e99, "event": 7, "settings": [1]}));
    agent.frame(2, &[0, 1, 2, 3]);
    assert!(stays(&mut agent, 1.0), "it is still heard");
    assert_eq!(link(&lan, agent.printer), LinkState::Up);
    // Eleven million characters.
    agent.say_text(&"x".repeat(11_000_000));
    assert!(!stays(&mut agent, 10.0), "too long");
    assert_eq!(agent.connect(), 101, "and welcome again");
    idle(&mut agent);
    until(&lan, &mut agent, "up again", |link| *link == LinkState::Up);

    for (what, jpeg) in [("no picture", &b"GIF89a"[..]), ("none", &b""[..])] {
        assert_eq!(agent.picture(jpeg), 400, "{what}");
    }
    assert!([400, 413].contains(&agent.picture(&[0xff; 9_000_000])), "larger than any agent sends");
    let fields: Vec<(&str, &str)> = (0..100).map(|_| ("x", "y")).collect();
    assert_eq!(agent.form("/api/v1/octo/printer_events/", &fields).status, 400);
    lan.door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_token_of_a_printer_with_an_agent_lets_in_and_only_from_the_network() {
    let lan = Lan::open().await;
    let digits = code(&lan, None);
    let agent = FakeAgent::link(&lan, &digits);
    let mut stranger = agent.copied();
    // That of the demo printer is no agent's.
    for wrong in ["", "0123456789abcdef0123", "x", &"0".repeat(5_000)] {
        stranger.token = wrong.into();
        assert_eq!(stranger.connect(), 401, "{wrong:.30}");
        assert_eq!(stranger.ask("GET", "/api/v1/octo/printer/", &[], b"").status, 401);
    }
    // An agent's token opens nothing else.
    for path in ["/api/v1/printers/", "/api/v1/prints/", "/api/version"] {
        assert_eq!(agent.ask("GET", path, &[], b"").status, 401, "{path}");
        assert_eq!(lan.ask("GET", path, Some(&agent.token), None).0, 401, "{path}");
    }
    let page = agent.ask("GET", "/api/v1/octo/printer/", &["Host: evil.example"], b"");
    assert_eq!(page.status, 421, "a page that points its own name here");
    let origin = agent.ask("GET", "/api/v1/octo/printer/", &["Origin: http://evil.example"], b"");
    assert_eq!(origin.status, 403);
    let window = lan.door.agent.get(lan.door.url("/api/v1/octo/printer/"));
    let window = window.header("Authorization", format!("Token {}", agent.token)).call().expect("answered");
    assert_eq!(window.status().as_u16(), 404, "the window's listener is for the window");
    // A printer with an agent is not made by asking for one.
    let (status, _) = lan.door.post("/api/v1/printers/", &json!({"name": "A", "kind": "agent"}));
    assert_eq!(status, 400);
    lan.door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_machines_with_one_token_the_first_stays_unless_it_is_dead() {
    let lan = Lan::open().await;
    let digits = code(&lan, None);
    let mut first = FakeAgent::link(&lan, &digits);
    let mut second = first.copied();
    assert_eq!(first.connect(), 101);
    idle(&mut first);
    until(&lan, &mut first, "up", |link| *link == LinkState::Up);
    let refused = tokio::task::block_in_place(|| {
        std::thread::scope(|scope| {
            let asks = scope.spawn(|| second.connect());
            while !asks.is_finished() {
                let _ = first.poll();
            }
            asks.join().expect("answered")
        })
    });
    assert_eq!(refused, 409, "the first one is alive");
    assert!(stays(&mut first, 1.0), "and goes on");
    let printer = lan.door.world.station.snapshot().printers[&PrinterId(first.printer)].clone();
    let alarms = &printer.vigil.alarms;
    assert!(alarms.iter().any(|alarm| alarm.text.contains("Two machines use one token")), "{alarms:?}");
    // The first one does not answer any more: a computer that lost its power.
    assert_eq!(second.connect(), 101);
    idle(&mut second);
    until(&lan, &mut second, "up", |link| *link == LinkState::Up);
    assert!(!stays(&mut first, 5.0), "its socket was closed");
    lan.door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_anonymous_question_is_never_refused_and_one_click_links_who_asked() {
    let lan = Lan::open().await;
    let nothing = json!({"messages": []});
    let long = format!("{{\"device_id\": \"{}\"}}", "0".repeat(100_000));
    for (lines, body) in [
        (vec![], "{}"),
        (vec![], "nonsense"),
        (vec![], ""),
        (vec![], long.as_str()),
        (vec!["Host: evil.example"], "{}"),
        (vec!["Origin: http://evil.example"], "{}"),
    ] {
        let told = ask(&lan, "POST", UNLINKED, &lines, body.as_bytes());
        assert_eq!((told.status, told.json()), (200, nothing.clone()), "{lines:?} {body:.40}");
    }
    // OctoPrint's agent tells its secret to its own network alone.
    let host = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = host.local_addr().expect("bound").port();
    let device = "0123456789abcdef0123456789abcdef";
    let question = json!({"device_id": device, "hostname": "octopi", "host_or_ip": "10.9.9.9", "port": port,
        "agent": "Obico for OctoPrint"})
    .to_string();
    let asks = || ask(&lan, "POST", UNLINKED, &[], question.as_bytes()).json();
    assert_eq!(asks(), nothing);
    let told = lan.door.get("/api/v1/vigil/agents/").1;
    let found = &told["found"][0];
    assert_eq!((&found["host"], &found["name"]), (&json!("OctoPrint"), &json!("octopi")), "{told}");
    assert_eq!(found["address"], format!("127.0.0.1:{port}"), "where it asked from, not what it said");
    let answers = tokio::task::spawn_blocking(move || {
        let (mut asked, _) = host.accept().expect("asked");
        let mut head = [0; 2048];
        let read = asked.read(&mut head).expect("a request");
        let answer =
            "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{\"device_secret\": \"a secret\"}";
        asked.write_all(answer.replace("a secret", "s3cr3t").as_bytes()).expect("answered");
        String::from_utf8_lossy(&head[..read]).into_owned()
    });
    let (status, told) = lan.door.post(&format!("/api/v1/vigil/agents/found/{device}/"), &json!({}));
    assert_eq!(status, 200, "{told}");
    let request = answers.await.expect("no panic");
    assert!(
        request.starts_with(&format!("GET /plugin/obico/grab-discovery-secret?device_id={device} HTTP/1"))
    );
    let message = asks()["messages"][0].clone();
    assert_eq!((&message["type"], &message["data"]["secret"]), (&json!("verify_code"), &json!("s3cr3t")));
    let agent = FakeAgent::link(&lan, message["data"]["code"].as_str().expect("six digits"));
    let told: Value = lan.door.get("/api/v1/vigil/agents/").1;
    assert_eq!(told["linked"], json!(agent.printer), "{told}");
    let (_, printer) = lan.door.get(&format!("/api/v1/printers/{}/", agent.printer));
    assert_eq!(printer["name"], "OctoPrint on octopi");
    lan.door.world.end().await;
}
