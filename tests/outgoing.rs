//! What leaves this computer: nothing that a person did not set up, and all that does is listed.

use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tests::visitor::Door;

const LIST: &str = "/api/v1/vigil/outbound/";

/// Libraries that open sockets, and the crates that may use them. `outbound` counts; the others hand it what they open, or
/// say here why there is nothing to count.
const LIBRARIES: &[(&str, &[&str])] = &[
    // vigil and the window ask the core on loopback, in a process of their own.
    ("ureq", &["camera", "notices", "outbound", "vigil"]),
    ("lettre", &["notices"]),
    ("rumqttc", &["mqtt"]),
    ("retina", &["camera"]),
    ("mdns-sd", &["api"]),
    // The listener of the network: nobody is asked through it.
    ("socket2", &["api"]),
    ("hyper", &["api"]),
    ("hyper-util", &["api"]),
];

/// Libraries that no crate of the core uses: each opens sockets.
const NEVER: &[&str] = &[
    "reqwest",
    "isahc",
    "curl",
    "attohttpc",
    "minreq",
    "surf",
    "awc",
    "tungstenite",
    "tokio-tungstenite",
    "quinn",
];

/// What opens a connection, and the files that may have it. Those marked `true` hand what they open to `outbound`.
const OPENERS: &[(&str, &[(&str, bool)])] = &[
    ("TcpStream::connect", &[("outbound/src/line.rs", false), ("outbound/src/relay.rs", false)]),
    ("UdpSocket", &[]),
    ("TcpSocket", &[]),
    ("TcpConnector", &[("outbound/src/http.rs", false)]),
    ("DefaultConnector", &[]),
    ("ureq::get", &[]),
    ("ureq::post", &[]),
    (
        "Agent::config_builder",
        &[("camera/src/http.rs", true), ("notices/src/send.rs", true), ("vigil/src/running.rs", false)],
    ),
    ("Agent::new", &[]),
    ("SmtpTransport::", &[("notices/src/mail.rs", true)]),
    ("MqttOptions::new", &[("mqtt/src/broker.rs", true)]),
    ("Session::describe", &[("camera/src/rtsp.rs", true)]),
    ("ServiceDaemon::new", &[("api/src/announce.rs", true)]),
    ("Socket::new", &[("api/src/network_door.rs", false)]),
];

fn crates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../src-tauri/crates")
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn no_crate_opens_a_connection_that_is_not_counted() {
    let mut wrong = Vec::new();
    let mut all = Vec::new();
    for folder in fs::read_dir(crates()).expect("crates").flatten().map(|entry| entry.path()) {
        let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
        sources(&folder.join("src"), &mut all);
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).expect("a manifest");
        let uses = manifest.split("[dev-dependencies]").next().unwrap_or_default();
        let uses = |library: &str| {
            uses.lines()
                .any(|line| line.strip_prefix(library).is_some_and(|rest| rest.starts_with(['.', ' ', '='])))
        };
        let here = LIBRARIES.iter().filter(|(library, may)| uses(library) && !may.contains(&name.as_str()));
        wrong.extend(here.map(|(library, _)| format!("{name} uses {library}")));
        wrong.extend(
            NEVER.iter().filter(|library| uses(library)).map(|library| format!("{name} uses {library}")),
        );
    }
    assert!(all.len() > 200, "the sources were read: {}", all.len());
    for path in &all {
        let whole = fs::read_to_string(path).expect("read");
        // Tests open what they like.
        let code = whole.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let short = path.strip_prefix(crates()).expect("below").to_string_lossy().replace('\\', "/");
        for (opener, may) in OPENERS {
            if !code.contains(opener) {
                continue;
            }
            match may.iter().find(|(file, _)| *file == short) {
                None => wrong.push(format!("{short} has {opener}")),
                Some((_, true)) if !code.contains("outbound::") => {
                    wrong.push(format!("{short} has {opener} and counts nothing"));
                }
                Some(_) => (),
            }
        }
    }
    assert!(wrong.is_empty(), "a connection goes through `outbound`: {wrong:#?}");
    for (opener, may) in OPENERS {
        for (file, _) in *may {
            let code = fs::read_to_string(crates().join(file)).expect("named here");
            assert!(code.contains(opener), "{file} has no {opener} any more");
        }
    }
}

/// A server that answers each connection and keeps it no longer; returns its port.
fn serve(answer: Vec<u8>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("bound").port();
    let work = move || {
        for mut stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(stream.try_clone().expect("cloned"));
            let (mut line, mut length) = (String::new(), 0);
            while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
                if let Some(told) = line.to_lowercase().strip_prefix("content-length:") {
                    length = told.trim().parse().unwrap_or(0);
                }
                line.clear();
            }
            let _ = reader.take(length).read_to_end(&mut Vec::new());
            let _ = stream.write_all(&answer);
        }
    };
    std::thread::Builder::new().name("server".into()).spawn(work).expect("a thread");
    port
}

fn answer(kind: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

fn listed(door: &Door, place: &str) -> Option<Value> {
    let (_, list) = door.get(LIST);
    list["connections"].as_array().expect("a list").iter().find(|one| one["place"] == place).cloned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_camera_and_a_webhook_are_listed_with_what_went_there() {
    let door = Door::open().await;
    let id = door.world.view().vigil.camera.as_ref().expect("a camera").camera.id;
    let picture = door.raw(&format!("/api/v1/vigil/cameras/{id}/frame.jpg"));
    let picture = picture.into_body().read_to_vec().expect("a picture of the demo");
    let camera = format!("127.0.0.1:{}", serve(answer("image/jpeg", &picture)));
    let hook = format!("127.0.0.1:{}", serve(answer("text/plain", b"taken")));
    assert_eq!((listed(&door, &camera), listed(&door, &hook)), (None, None), "nobody was asked yet");

    let source = json!({"source": {"kind": "snapshot", "url": format!("http://me:geheim1@{camera}/snap?token=geheim2")}});
    let (status, tried) = door.post("/api/v1/vigil/cameras/try/", &source);
    assert_eq!(status, 200, "{tried}");
    let seen = listed(&door, &camera).expect("the camera is listed");
    assert_eq!((&seen["purpose"], &seen["reach"]), (&json!("camera"), &json!("this_computer")), "{seen}");
    let run = &seen["this_run"];
    assert_eq!((&run["tries"], &run["opened"]), (&json!(1), &json!(1)), "{run}");
    assert!(run["received_bytes"].as_u64() >= Some(picture.len() as u64), "{run}");
    assert!(run["sent_bytes"].as_u64() > Some(20) && run["sent_bytes"].as_u64() < Some(2000), "{run}");

    let config = json!({"name": "webhook", "config": {"url": format!("http://{hook}/geheim3")}});
    let (status, set) = door.post("/api/v1/notification_settings/", &config);
    assert_eq!(status, 201, "{set}");
    let (status, sent) =
        door.post(&format!("/api/v1/notification_settings/{}/send_test_message/", set["id"]), &json!({}));
    assert!(status == 200, "{sent}");
    let seen = listed(&door, &hook).expect("the webhook is listed");
    assert_eq!(seen["purpose"], "notice");
    assert!(seen["this_run"]["sent_bytes"].as_u64() > Some(100), "{seen}");
    assert_eq!(seen["this_run"], seen["last_days"], "no run came before");
    let (_, list) = door.get(LIST);
    assert!(!list.to_string().contains("geheim"), "hosts and ports alone are noted: {list}");
}

#[cfg(target_os = "linux")]
mod watched {
    use super::*;
    use std::collections::BTreeSet;
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
    use tests::cores::Core;

    /// Numbers of the sockets that a process and those that it started hold.
    fn sockets(process: u32, found: &mut BTreeSet<String>) {
        let links = fs::read_dir(format!("/proc/{process}/fd")).into_iter().flatten().flatten();
        for link in links.filter_map(|entry| fs::read_link(entry.path()).ok()) {
            let link = link.to_string_lossy().into_owned();
            found.extend(
                link.strip_prefix("socket:[").and_then(|rest| rest.strip_suffix(']')).map(str::to_owned),
            );
        }
        let tasks = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
        for task in tasks {
            let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
            for child in children.split_whitespace().filter_map(|child| child.parse().ok()) {
                sockets(child, found);
            }
        }
    }

    fn address(hex: &str) -> SocketAddr {
        let (ip, port) = hex.split_once(':').expect("an address and a port");
        let words: Vec<[u8; 4]> = ip
            .as_bytes()
            .chunks(8)
            .map(|word| {
                let word = std::str::from_utf8(word).expect("digits");
                u32::from_str_radix(word, 16).expect("a number").to_ne_bytes()
            })
            .collect();
        let ip: IpAddr = match words.as_slice() {
            [v4] => Ipv4Addr::from(*v4).into(),
            all => Ipv6Addr::from(<[u8; 16]>::try_from(all.concat()).expect("16 bytes")).into(),
        };
        SocketAddr::new(ip.to_canonical(), u16::from_str_radix(port, 16).expect("a port"))
    }

    /// Where the sockets of the core lead that lead anywhere.
    fn far_ends(core: &Core) -> BTreeSet<SocketAddr> {
        let process = core.child.id();
        let mut ours = BTreeSet::new();
        sockets(process, &mut ours);
        let mut ends = BTreeSet::new();
        for table in ["tcp", "tcp6", "udp", "udp6"] {
            let table = fs::read_to_string(format!("/proc/{process}/net/{table}")).unwrap_or_default();
            for row in table.lines().skip(1) {
                let columns: Vec<&str> = row.split_whitespace().collect();
                let (Some(far), Some(number)) = (columns.get(2), columns.get(9)) else { continue };
                if ours.contains(*number) {
                    ends.insert(address(far));
                }
            }
        }
        ends.retain(|end| !end.ip().is_unspecified());
        ends
    }

    #[test]
    fn the_demo_leads_nowhere_and_a_camera_that_is_set_up_is_seen() -> anyhow::Result<()> {
        let dir = tempfile::tempdir()?;
        let core = Core::start(dir.path())?;
        let mut seen = BTreeSet::new();
        let mut looks = 0;
        let mut watch = |core: &Core| {
            seen.extend(far_ends(core));
            looks += 1;
            std::thread::sleep(Duration::from_millis(5));
        };
        // A print is begun, watched, goes wrong, is paused, answered and cancelled.
        core.print()?;
        for _ in 0..400 {
            watch(&core);
        }
        core.post("/api/v1/vigil/printers/1/demo/", &json!({"fault": "tangle", "on": true}))?;
        for _ in 0..200 {
            watch(&core);
        }
        core.post("/api/v1/printers/1/cancel_print/", &json!({}))?;
        for _ in 0..200 {
            watch(&core);
        }
        let foreign: Vec<_> = seen.iter().filter(|end| !end.ip().is_loopback()).collect();
        assert!(foreign.is_empty(), "sockets lead elsewhere: {foreign:?}");
        assert_eq!(looks, 800);
        assert_eq!(core.get(LIST)?["connections"], json!([]), "and nothing is listed");

        // What is set up is seen by the same eyes: else they would see nothing at all.
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let camera = listener.local_addr()?;
        let source = json!({"name": "Bed", "source": {"kind": "mjpeg", "url": format!("http://{camera}/")}});
        core.post("/api/v1/vigil/cameras/", &source)?;
        let made = core.get("/api/v1/vigil/cameras/")?;
        let made =
            made["cameras"].as_array().and_then(|all| all.iter().find(|one| one["name"] == "Bed")).cloned();
        let id = made.ok_or_else(|| anyhow::anyhow!("the camera was made"))?["id"].clone();
        core.patch("/api/v1/printers/1/", &json!({"camera": id}))?;
        listener.set_nonblocking(true)?;
        let accepted = (0..400).find_map(|_| {
            std::thread::sleep(Duration::from_millis(50));
            listener.accept().ok()
        });
        let (stream, _) = accepted.ok_or_else(|| anyhow::anyhow!("nobody asked the camera in 20 seconds"))?;
        assert!(far_ends(&core).contains(&camera), "the camera's socket is seen");
        let list = core.get(LIST)?;
        assert_eq!(list["connections"][0]["place"], json!(camera.to_string()), "{list}");
        drop(stream);
        Ok(())
    }
}
