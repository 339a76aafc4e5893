//! The network's listener and those who mean no good there: closed until a person opens it, and then for those only who
//! were let in.

#![allow(clippy::disallowed_methods)] // How soon somebody is cut off is about real time.

use domain::{Grant, GrantId, GrantKind, Role};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;
use tests::network::{Lan, NETWORK, PAIR, free_port};
use tests::visitor::{Door, TOKEN, read};
use tests::world::{Options, World};
use tokio::time::Instant;

const PRINTERS: &str = "/api/v1/printers/";

#[tokio::test(flavor = "multi_thread")]
async fn it_is_closed_until_a_person_opens_it_and_closing_it_cuts_all() {
    let door = Door::open().await;
    let (_, told) = door.get(NETWORK);
    assert_eq!((&told["enabled"], &told["open"]), (&json!(false), &json!(false)), "{told}");
    assert_eq!(told["addresses"], json!([]), "{told}");
    let offered = door.post("/api/v1/vigil/network/pairing/", &json!({"role": "view"}));
    assert_eq!((offered.0, offered.1["code"].as_str()), (409, Some("network_closed")), "{offered:?}");

    // A port that another program has is said, and nothing is switched on.
    let other = std::net::TcpListener::bind("0.0.0.0:0").expect("a free port");
    let taken = other.local_addr().expect("bound").port();
    let (status, refused) = door.patch(NETWORK, &json!({"enabled": true, "port": taken}));
    assert_eq!((status, refused["code"].as_str()), (409, Some("port_in_use")), "{refused}");
    assert!(refused["message"].as_str().is_some_and(|m| m.contains(&taken.to_string())), "{refused}");
    assert_eq!(door.get(NETWORK).1["enabled"], false);
    for wrong in
        [json!({"port": 80}), json!({"port": 70_000}), json!({"names": ["http://a.b"]}), json!({"x": 1})]
    {
        let (status, refused) = door.patch(NETWORK, &wrong);
        assert!((400..500).contains(&status), "{wrong}: {status} {refused}");
    }

    let lan = Lan::of(door);
    assert_eq!(lan.ask("GET", PRINTERS, None, None).0, 401, "nobody without a token");
    assert_eq!(lan.ask("GET", PRINTERS, Some(TOKEN), None).0, 401, "the window's token opens nothing here");
    let (status, _) = lan.ask("GET", "/", None, None);
    assert!(status == 200 || status == 404, "the page itself needs no token: {status}");
    let (token, _) = lan.device("owner");
    let (live, first) = lan.live(&token);
    assert_eq!((&first["type"], &first["role"]), (&json!("snapshot"), &json!("owner")), "{first}");

    // The device itself switches it off: its own connection goes with it.
    let body = "{\"enabled\":false}";
    lan.raw(&format!(
        "PATCH {NETWORK} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    ));
    let cut = live.until_closed();
    assert!(cut < Duration::from_secs(10), "{cut:?}");
    let begun = Instant::now();
    while TcpStream::connect(("127.0.0.1", lan.port)).is_ok() {
        assert!(begun.elapsed() < Duration::from_secs(20), "it is still open");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(lan.door.get(NETWORK).1["enabled"], false);
    // On again, whoever was paired is still let in.
    let lan = Lan::of(lan.door);
    assert_eq!(lan.ask("GET", PRINTERS, Some(&token), None).0, 200);
    lan.door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_core_that_starts_opens_it_as_a_person_left_it_and_waits_for_a_taken_port() {
    let world = World::start(Options::default()).await;
    let port = free_port();
    let write = move |tx: &store::Transaction<'_>| {
        store::setting::set(tx, "network.enabled", &true)?;
        store::setting::set(tx, "network.port", &port)
    };
    world.station.store().write_now(write).expect("stored");
    let taken = std::net::TcpListener::bind(("0.0.0.0", port)).expect("free a moment ago");
    let address = "127.0.0.1:9".parse().expect("an address");
    let core = api::Core::new(world.station.clone(), TOKEN.into(), address, api::Doors::default());
    let opening = tokio::spawn(core.open_network_as_stored());
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!opening.is_finished(), "it waits for the port");
    drop(taken);
    tokio::time::timeout(Duration::from_secs(60), opening).await.expect("opened").expect("no panic");
    let lan = Lan { door: Door::of(world).await, port };
    assert_eq!(lan.ask("GET", PRINTERS, None, None).0, 401, "it is open, and asks for a token");
    lan.door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_pages_of_others_are_refused_readably() {
    let lan = Lan::open().await;
    let (key, _) = lan.key("owner");
    let ask = |host: &str, origin: Option<&str>| {
        let origin = origin.map(|origin| format!("Origin: {origin}\r\n")).unwrap_or_default();
        let answer = lan.raw(&format!(
            "GET {PRINTERS} HTTP/1.1\r\nHost: {host}\r\n{origin}Authorization: Bearer {key}\r\n\
             Connection: close\r\n\r\n"
        ));
        answer.split(' ').nth(1).and_then(|status| status.parse::<u16>().ok()).map(|status| (status, answer))
    };
    let status = |host: &str, origin: Option<&str>| ask(host, origin).map_or(0, |(status, _)| status);
    let port = lan.port;
    let here = format!("127.0.0.1:{port}");
    for ours in [here.as_str(), "127.0.0.1", "localhost", "WORKSHOP", "workshop.local", "Workshop.Local.:80"]
    {
        assert_eq!(status(ours, None), 200, "{ours}");
    }
    for foreign in ["evil.example", &format!("127.0.0.1.nip.io:{port}"), "192.168.77.1", "workshop.lan", ""] {
        let (status, answer) = ask(foreign, None).expect("answered");
        assert_eq!(status, 421, "{foreign}: {answer}");
        assert!(answer.contains("is no name by which Printvigil may be opened"), "{answer}");
    }
    assert_eq!(status(&here, Some(&format!("http://{here}"))), 200, "its own page");
    assert_eq!(status("workshop", Some(&format!("http://workshop:{port}"))), 200, "a Host without a port");
    for foreign in
        ["http://evil.example", "http://127.0.0.1", "https://127.0.0.1", "null", "tauri://localhost"]
    {
        assert_eq!(status(&here, Some(foreign)), 403, "{foreign}");
    }
    // The handshake of a live socket is a request like any other.
    let handshake = |host: &str, origin: &str| {
        lan.raw(&format!(
            "GET /api/v1/live HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\nConnection: Upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        ))
    };
    assert!(handshake(&here, "http://evil.example").starts_with("HTTP/1.1 403"));
    assert!(handshake("evil.example", "http://evil.example").starts_with("HTTP/1.1 421"));
    // Another name holds once it is entered, and no longer than that.
    assert_eq!(lan.door.patch(NETWORK, &json!({"names": ["Workshop.LAN"]})).0, 200);
    assert_eq!(status(&format!("workshop.lan:{port}"), None), 200);
    assert_eq!(lan.door.patch(NETWORK, &json!({"names": []})).0, 200);
    assert_eq!(status("workshop.lan", None), 421);
    let twice = lan.raw(&format!("GET / HTTP/1.1\r\nHost: {here}\r\nHost: {here}\r\n\r\n"));
    assert!(twice.starts_with("HTTP/1.1 400"), "{twice}");
    lan.door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_lets_one_device_in_and_is_used_up() {
    let lan = Lan::open().await;
    let (token, pin) = lan.offer("operate");
    assert_eq!(lan.pair("token", "0123456789abcdef0123456789abcdef").0, 403);
    assert_eq!(lan.ask("POST", PAIR, None, Some(&json!({"name": "neither"}))).0, 400);
    assert_eq!(lan.ask("POST", PAIR, None, Some(&json!({"pin": pin, "token": "x", "name": "both"}))).0, 400);
    assert_eq!(lan.ask("POST", PAIR, None, Some(&json!({"pin": pin, "name": ""}))).0, 400, "no name");
    let (status, paired) = if token.is_empty() { lan.pair("pin", &pin) } else { lan.pair("token", &token) };
    assert_eq!((status, paired["role"].as_str()), (200, Some("operate")), "{paired}");
    let (status, used) = lan.pair("pin", &pin);
    assert_eq!((status, used["code"].as_str()), (403, Some("wrong_code")), "{used}");
    assert!(
        used["hint"].as_str().is_some_and(|hint| hint.contains("Settings")),
        "it says what to do: {used}"
    );
    // Nobody is paired at the window's listener, whatever code they have.
    let (_, pin) = lan.offer("view");
    let at_the_window = lan.door.agent.post(lan.door.url(PAIR)).header("Content-Type", "application/json");
    let body = json!({"pin": pin, "name": "a phone"}).to_string();
    assert_eq!(read(at_the_window.send(body).expect("answered")).0, 404);
    // A code that is taken back is worth nothing.
    assert_eq!(lan.door.delete("/api/v1/vigil/network/pairing/").0, 204);
    assert_eq!(lan.pair("pin", &pin).0, 403);
    let (_, told) = lan.door.get(NETWORK);
    assert_eq!(told["grants"].as_array().map(Vec::len), Some(1), "{told}");
    lan.door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_wrong_pins_let_nobody_in_and_do_not_keep_a_qr_code_out() {
    let lan = Lan::open().await;
    let (_, pin) = lan.offer("owner");
    let wrong = |n: u32| format!("{n:06}");
    let mut refused = [0_u32; 2];
    for n in (0..2_000).filter(|n| wrong(*n) != pin) {
        match lan.pair("pin", &wrong(n)).0 {
            403 => refused[0] += 1,
            429 => refused[1] += 1,
            status => panic!("{n}: {status}"),
        }
    }
    assert_eq!(refused[0], 5, "five are looked at: {refused:?}");
    let (status, locked) = lan.pair("pin", &pin);
    assert_eq!((status, locked["code"].as_str()), (429, Some("locked_out")), "even the right one: {locked}");
    assert_eq!(lan.door.get(NETWORK).1["grants"], json!([]));
    assert_eq!(lan.door.get(NETWORK).1["pairing"]["pin_is_void"], false, "one address does not void it");
    #[cfg(target_os = "linux")]
    {
        // From many addresses: each has its tries, and all together few.
        let from = async |last: u8, how: &str, code: &str| {
            let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
            socket.bind(([127, 0, 3, last], 0).into()).expect("all of 127 is ours");
            let to = ([127, 0, 0, 1], lan.port).into();
            let mut stream = socket.connect(to).await.expect("connected").into_std().expect("a stream");
            stream.set_nonblocking(false).expect("it waits");
            let body = json!({how: code, "name": "a phone"}).to_string();
            let head = format!(
                "POST {PAIR} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
                 Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(head.as_bytes()).expect("sent");
            let mut answer = String::new();
            stream.read_to_string(&mut answer).expect("answered");
            answer.split(' ').nth(1).and_then(|status| status.parse::<u16>().ok()).expect("a status")
        };
        for n in 0..15 {
            assert_eq!(from(n + 1, "pin", &wrong(u32::from(n))).await, 403, "{n}");
        }
        assert_eq!(from(200, "pin", &pin).await, 429, "the PIN is void for all");
        assert_eq!(lan.door.get(NETWORK).1["pairing"]["pin_is_void"], true);
        let (token, pin) = lan.offer("view");
        assert_eq!(pin, "", "and no new one is shown for a while");
        if !token.is_empty() {
            assert_eq!(from(201, "token", &token).await, 200, "the QR code lets in");
            assert_eq!(lan.door.get(NETWORK).1["grants"][0]["role"], "view");
        }
    }
    lan.door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_revoked_is_out_at_once_with_socket_connection_and_tickets() {
    let lan = Lan::open().await;
    let (token, id) = lan.device("view");
    let camera = lan.door.world.view().vigil.camera.as_ref().expect("the demo camera").id;
    let picture = format!("/api/v1/vigil/cameras/{camera}/frame.jpg");
    let ticket = lan.ask("POST", "/api/v1/vigil/tickets/", Some(&token), Some(&json!({"path": picture}))).1;
    let ticket = ticket["ticket"].as_str().expect("a ticket").to_owned();
    let with_ticket = format!("{picture}?after=0&ticket={ticket}");
    assert_eq!(lan.ask("GET", &with_ticket, None, None).0, 200);
    let (live, _) = lan.live(&token);
    let (other, _) = lan.device("view");
    let (mut others, _) = lan.live(&other);
    let mut kept_alive = lan.connect();
    let head = format!("GET {PRINTERS} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n");
    kept_alive.write_all(head.as_bytes()).expect("sent");
    assert!(kept_alive.read(&mut [0; 12]).is_ok_and(|read| read > 0), "answered");
    let open = lan.door.get(NETWORK).1["grants"][0]["connections"].as_u64();
    assert!(open.is_some_and(|open| open >= 2), "{open:?}");

    lan.revoke(id);
    let cut = live.until_closed();
    assert!(cut < Duration::from_secs(10), "{cut:?}");
    let mut rest = Vec::new();
    let _ = kept_alive.read_to_end(&mut rest);
    assert_eq!(kept_alive.read(&mut [0; 1]).unwrap_or(0), 0, "its other connections, too");
    assert_eq!(lan.ask("GET", PRINTERS, Some(&token), None).0, 401);
    assert_eq!(lan.ask("GET", &with_ticket, None, None).0, 401, "nor does its ticket open anything");
    let (_, refused) = lan.live(&token);
    assert_eq!(refused["type"], "refused", "{refused}");
    assert!(others.message().is_some(), "others stay");
    assert_eq!(
        lan.door.delete(&format!("/api/v1/vigil/network/grants/{id}/")).0,
        404,
        "there is none any more"
    );
    lan.door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_only_looks_and_ends_by_itself() {
    let world = World::start(Options::default()).await;
    let now = world.station.now();
    let link = Grant {
        id: GrantId(0),
        kind: GrantKind::Link,
        name: "for a friend".into(),
        role: Role::View,
        created_at: now,
        seen_at: None,
        // As much as connecting takes on a loaded machine.
        ends_at: Some(now.plus_secs(25.0)),
        printer: None,
    };
    let secret = "00112233445566778899aabbccddeeff";
    let hash: [u8; 32] = Sha256::digest(secret).into();
    let insert = move |tx: &store::Transaction<'_>| store::access_grant::insert(tx, &link, &hash);
    world.station.store().write_now(insert).expect("stored");
    let lan = Lan::of(Door::of(world).await);
    let new = json!({"name": "for a friend", "hours": 2});
    let (status, made) = lan.door.post("/api/v1/vigil/network/links/", &new);
    assert_eq!((status, &made["grant"]["role"]), (201, &json!("view")), "{made}");
    for hours in [0, 721] {
        assert_eq!(
            lan.door.post("/api/v1/vigil/network/links/", &json!({"name": "x", "hours": hours})).0,
            400
        );
    }
    let other = made["secret"].as_str().expect("a secret");
    assert_eq!(lan.ask("GET", PRINTERS, Some(other), None).0, 200);
    let (live, first) = lan.live(secret);
    assert_eq!((&first["type"], &first["role"]), (&json!("snapshot"), &json!("view")), "{first}");
    live.until_closed();
    assert_eq!(lan.ask("GET", PRINTERS, Some(secret), None).0, 401, "it has ended");
    let names = lan.door.get(NETWORK).1["grants"].as_array().map(Vec::len);
    assert_eq!(names, Some(1), "and is listed no longer");
    lan.door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_hashed_at_rest_and_shown_once() {
    let lan = Lan::open().await;
    let ((key, id), (device, _)) = (lan.key("view"), lan.device("operate"));
    let rows = lan.door.world.station.store().read(store::access_grant::list).expect("readable");
    let hash: [u8; 32] = Sha256::digest(&key).into();
    assert!(rows.iter().any(|(grant, kept)| grant.id == GrantId(id) && *kept == hash));
    for name in ["printvigil.db", "printvigil.db-wal"] {
        let bytes = std::fs::read(lan.door.world.dir.path().join(name)).unwrap_or_default();
        for secret in [&key, &device] {
            assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()), "{name}");
        }
    }
    let told = lan.door.get(NETWORK).1.to_string();
    assert!(!told.contains(&key) && !told.contains(&device), "never shown again: {told}");
    // Scripts send it in either header; a device's token is no key.
    let by = |header: &str, value: &str| {
        read(lan.door.agent.get(lan.url(PRINTERS)).header(header, value).call().expect("answered")).0
    };
    assert_eq!((by("X-Api-Key", &key), by("Authorization", &format!("bearer {key}"))), (200, 200));
    assert_eq!((by("X-Api-Key", &device), by("X-Api-Key", &key[1..]), by("X-Api-Key", "")), (401, 401, 401));
    assert_eq!(by("Cookie", &format!("token={key}")), 401, "no cookie acts");
    lan.door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_strangers_send_is_refused_before_it_is_read() {
    let lan = Lan::open().await;
    let head = |path: &str, more: &str| {
        format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{more}\r\n")
    };
    // An upload without a token: answered though nothing of it has come.
    for expect in ["", "Expect: 100-continue\r\n"] {
        let begun = Instant::now();
        let answer =
            lan.raw(&head("/api/v1/g_code_files/", &format!("{expect}Content-Length: 500000000\r\n")));
        assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
        assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
    }
    let large = lan.raw(&format!("{}{}", head(PAIR, "Content-Length: 20000\r\n"), "x".repeat(20_000)));
    assert!(large.starts_with("HTTP/1.1 413"), "{large:.200}");
    let long =
        lan.raw(&format!("GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: {}\r\n\r\n", "x".repeat(300_000)));
    assert!(long.is_empty() || long.starts_with("HTTP/1.1 431"), "{long:.200}");
    // A body of which a byte comes now and then, and one that never comes.
    let begun = Instant::now();
    let mut slow = lan.connect();
    slow.write_all(head(PAIR, "Content-Length: 200\r\n").as_bytes()).expect("sent");
    let silent = lan.raw(&head(PAIR, "Content-Length: 200\r\n"));
    assert!(!silent.starts_with("HTTP/1.1 200"), "{silent}");
    let mut answer = Vec::new();
    let _ = slow.read_to_end(&mut answer);
    assert!(begun.elapsed() < Duration::from_secs(25), "{:?}", begun.elapsed());
    assert_eq!(lan.ask("GET", PRINTERS, None, None).0, 401, "and the next is answered as ever");
    // Guessed tokens: after sixty in a minute nothing more is looked at.
    let (key, _) = lan.key("view");
    let guesses: Vec<u16> =
        (0..80).map(|n| lan.ask("GET", PRINTERS, Some(&format!("{n:032x}")), None).0).collect();
    assert!(guesses.iter().all(|status| *status == 401 || *status == 429), "{guesses:?}");
    assert_eq!(guesses.last(), Some(&429));
    assert_eq!(lan.ask("GET", PRINTERS, Some(&key), None).0, 200, "whoever has a key is let in all the same");
    lan.door.world.end().await;
}
