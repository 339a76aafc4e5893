//! Clients that mean no good, or are just slow: they take nothing from the owner.

#![allow(clippy::disallowed_methods)] // How long a client may take is about real time.

use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;
use tests::visitor::{Door, TOKEN};
use tests::world::Options;
use tokio::time::Instant;

/// Connects without the client that the tests use elsewhere.
fn connect(door: &Door) -> TcpStream {
    let address = door.url("").replace("http://", "");
    let stream = TcpStream::connect(address).expect("connected");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
    stream
}

/// Sends raw bytes and returns what is answered until the connection is closed.
fn raw(door: &Door, request: &str) -> String {
    let mut stream = connect(door);
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = Vec::new();
    // A reset behind the answer is an end, too.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn host(door: &Door) -> String {
    door.url("").replace("http://", "")
}

#[tokio::test(flavor = "multi_thread")]
async fn hundreds_of_idle_connections_do_not_keep_the_owner_out() {
    let door = Door::open().await;
    let mut idle: Vec<TcpStream> = (0..300).map(|_| connect(&door)).collect();
    let mut half: Vec<TcpStream> = (0..300).map(|_| connect(&door)).collect();
    for stream in &mut half {
        // Those that were sent away already cannot be written to.
        let _ = stream.write_all(b"GET /api/v1/printers/ HTTP/1.1\r\nHost: ");
    }
    for _ in 0..5 {
        let begun = Instant::now();
        assert_eq!(door.get("/api/v1/printers/").0, 200);
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    }
    let mut nothing = [0; 1];
    assert_eq!(idle[0].read(&mut nothing).unwrap_or(0), 0, "who came first had to go");
    // Nobody may stay who has not shown the token.
    let last = half.last_mut().expect("the last one");
    let begun = Instant::now();
    let mut answer = Vec::new();
    let _ = last.read_to_end(&mut answer);
    assert!(begun.elapsed() < Duration::from_secs(15), "the last is let go, too: {:?}", begun.elapsed());
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_trickles_is_ended() {
    let door = Door::open().await;
    let mut stream = connect(&door);
    let head = format!(
        "POST /api/v1/g_code_files/ HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {TOKEN}\r\n\
         Content-Type: multipart/form-data; boundary=edge\r\nContent-Length: 1000000\r\n\r\n--edge\r\n\
         Content-Disposition: form-data; name=\"file\"; filename=\"a.gcode\"\r\n\r\n",
        host(&door)
    );
    stream.write_all(head.as_bytes()).expect("sent");
    let begun = Instant::now();
    let mut writing = stream.try_clone().expect("a second handle");
    let trickling = move || {
        while begun.elapsed() < Duration::from_secs(40) && writing.write_all(b"x").is_ok() {
            std::thread::sleep(Duration::from_millis(500));
        }
    };
    let trickle = std::thread::Builder::new().name("trickle".into()).spawn(trickling).expect("a thread");
    stream.set_read_timeout(Some(Duration::from_secs(40))).expect("a timeout");
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    assert!(begun.elapsed() < Duration::from_secs(35), "{:?}", begun.elapsed());
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    let left = std::fs::read_dir(door.world.dir.path()).expect("the data folder").flatten();
    let parts: Vec<_> =
        left.filter(|file| file.file_name().to_string_lossy().starts_with("upload-")).collect();
    assert!(parts.is_empty(), "nothing of it is left: {parts:?}");
    drop(stream);
    trickle.join().expect("ended");
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_wait_for_pictures_leave_some_for_others() {
    let door = Door::open().await;
    let camera = door.world.view().vigil.camera.as_ref().expect("the demo camera").id;
    let path = format!("/api/v1/vigil/cameras/{camera}/frame.jpg");
    let never = format!("{path}?after={}", i64::MAX);
    std::thread::scope(|scope| {
        let waiting: Vec<_> = (0..20).map(|_| scope.spawn(|| door.raw(&never).status().as_u16())).collect();
        std::thread::sleep(Duration::from_millis(500));
        let ticket = door.post("/api/v1/vigil/tickets/", &json!({"path": path})).1;
        let ticket = ticket["ticket"].as_str().expect("a ticket").to_owned();
        let mut after = 0;
        for _ in 0..5 {
            let url = door.url(&format!("{path}?after={after}&ticket={ticket}"));
            let picture = door.agent.get(url).call().expect("answered");
            assert_eq!(picture.status().as_u16(), 200);
            let number = picture.headers()["x-frame-id"].to_str().expect("a number").to_owned();
            after = number.parse().expect("a number");
        }
        let answers: Vec<u16> = waiting.into_iter().map(|one| one.join().expect("answered")).collect();
        assert!(answers.iter().all(|status| *status == 204), "nobody is refused: {answers:?}");
    });
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_upload_declares_is_believed_when_it_is_too_much() {
    let door = Door::open().await;
    let begun = Instant::now();
    for path in
        ["/api/v1/g_code_files/", "/api/v1/vigil/prints/import/", "/api/v1/vigil/try/", "/api/v1/models/"]
    {
        let answer = raw(
            &door,
            &format!(
                "POST {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {TOKEN}\r\n\
                 Content-Type: multipart/form-data; boundary=edge\r\nContent-Length: 3221225472\r\n\r\n",
                host(&door)
            ),
        );
        assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("too_large"), "{path}: {answer}");
    }
    assert!(begun.elapsed() < Duration::from_secs(5), "at once: {:?}", begun.elapsed());
    door.world.end().await;
    let door = Door::open_as(Options { reserve_bytes: u64::MAX / 2, ..Options::default() }).await;
    let (status, error) = door.upload("a.gcode", b"G28\n", &[]);
    assert_eq!((status, error["code"].as_str()), (507, Some("disk_full")), "below the reserve: {error}");
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_names_one_host_and_one_origin() {
    let door = Door::open().await;
    let ours = host(&door);
    let ask = |line: &str, more: &str| {
        let request = format!(
            "GET {line} HTTP/1.1\r\n{more}Authorization: Bearer {TOKEN}\r\nConnection: close\r\n\r\n"
        );
        raw(&door, &request).lines().next().unwrap_or_default().to_owned()
    };
    let path = "/api/v1/printers/";
    assert!(ask(path, &format!("Host: {ours}\r\n")).contains("200"));
    for (line, more) in [
        (path.to_owned(), format!("Host: {ours}\r\nHost: evil.example\r\n")),
        (path.to_owned(), format!("Host: evil.example\r\nHost: {ours}\r\n")),
        (
            path.to_owned(),
            format!("Host: {ours}\r\nOrigin: http://{ours}\r\nOrigin: http://evil.example\r\n"),
        ),
        (format!("http://evil.example{path}"), format!("Host: {ours}\r\n")),
        (path.to_owned(), String::new()),
    ] {
        let said = ask(&line, &more);
        assert!(said.contains(" 400") || said.contains(" 421"), "{line} {more:?}: {said}");
    }
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_says_that_its_type_is_what_it_says() {
    let door = Door::open().await;
    for path in
        ["/", "/nothing.js", "/api/v1/printers/", "/api/v1/nothing/", "/media/nothing.mp4", "/api/v1/live"]
    {
        for token in [TOKEN, "wrong"] {
            let request = door.agent.get(door.url(path)).header("Authorization", format!("Bearer {token}"));
            let answer = request.call().expect("answered");
            assert_eq!(answer.headers()["x-content-type-options"], "nosniff", "{path}");
        }
    }
    let page = door.agent.get(door.url("/")).header("Accept-Encoding", "gzip").call().expect("answered");
    if page.status().as_u16() == 200 {
        let policy = page.headers()["content-security-policy"].to_str().expect("text");
        assert!(policy.contains("form-action 'none'"), "{policy}");
        assert_eq!(page.headers()["vary"], "accept-encoding");
    }
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_is_refused_in_words() {
    let door = Door::open().await;
    let long = "x".repeat(60_000);
    for path in ["prints/", "g_code_files/", "g_code_folders/"] {
        let (status, error) = door.get(&format!("/api/v1/{path}?q={long}"));
        assert!((400..=414).contains(&status) && error["message"].is_string(), "{path}: {status} {error}");
        let (status, error) = door.get(&format!("/api/v1/{path}?q={}", &long[..5_000]));
        assert!(status == 400 || status == 200, "{path}: {status} {error}");
    }
    let port = |path: &str, baud: u64| json!({"name": "A", "kind": "serial", "port": {"path": path, "baud": baud}, "camera": null});
    let camera = |name: &str, url: &str| json!({"name": name, "source": {"kind": "snapshot", "url": url}});
    let good = "http://127.0.0.1:9/";
    for (path, body) in [
        ("printers/", port("/dev/a\u{0}b", 115_200)),
        ("printers/", port("/dev/none", 1)),
        ("printers/", port("", 115_200)),
        ("printers/", json!({"name": "a".repeat(257), "kind": "serial", "port": null, "camera": null})),
        ("vigil/cameras/", camera(&"a".repeat(257), good)),
        ("vigil/cameras/", camera("a\u{0}b", good)),
        ("vigil/cameras/", camera("", good)),
        ("vigil/cameras/", camera("A", "http://169.254.169.254/latest/")),
        ("vigil/cameras/", camera("A", "http://2852039166/")),
        ("vigil/cameras/", camera("A", "http://0251.0376.0251.0376/")),
        ("vigil/cameras/", camera("A", "http://[::ffff:169.254.169.254]/")),
        ("vigil/cameras/", camera("A", "http://[fe80::1]/")),
        ("vigil/cameras/", camera("A", "file:///etc/passwd")),
    ] {
        let (status, error) = door.post(&format!("/api/v1/{path}"), &body);
        assert_eq!((status, error["message"].is_string()), (400, true), "{body:.200}: {error}");
    }
    let (status, error) = door.patch("/api/v1/printers/1/", &json!({"port": {"path": "/dev/x", "baud": 1}}));
    assert_eq!(status, 400, "{error}");
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_router_itself_refuses_has_the_form_of_all_errors() {
    let door = Door::open().await;
    for (method, path, body, status) in [
        ("PATCH", "/api/v1/printers/1/", r#"{"name": 5}"#, 422),
        ("PATCH", "/api/v1/printers/1/", r#"{"name": "#, 400),
        ("PATCH", "/api/v1/printers/x/", r#"{"name": "A"}"#, 400),
        ("POST", "/api/v1/vigil/printers/1/start/", "{}", 422),
        ("PUT", "/api/v1/printers/1/", "{}", 405),
        ("GET", "/api/v1/prints/?limit=x", "", 400),
        ("GET", "/api/v1/nothing/", "", 404),
        ("GET", "/api/nothing/", "", 404),
        ("GET", "/ent/api/nothing/", "", 404),
        ("GET", "//api/v1/printers/", "", 404),
    ] {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {TOKEN}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            host(&door),
            body.len()
        );
        let answer = raw(&door, &request);
        let (head, text) = answer.split_once("\r\n\r\n").expect("a head and a body");
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{method} {path}: {head}");
        let error: Value = serde_json::from_str(text).unwrap_or_else(|_| panic!("{method} {path}: {text}"));
        assert!(error["code"].is_string() && error["message"].is_string(), "{method} {path}: {error}");
        assert!(head.to_ascii_lowercase().contains("application/json"), "{method} {path}: {head}");
    }
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_password_of_a_camera_is_taken_and_never_given_back() {
    let door = Door::open().await;
    let address = "http://me:h4rd2guess@127.0.0.1:9/snap.jpg?token=x9y8z7&w=640";
    let body = json!({"name": "Bed", "source": {"kind": "snapshot", "url": address}});
    let (status, made) = door.post("/api/v1/vigil/cameras/", &body);
    let shown = json!({"kind": "snapshot", "url": "http://127.0.0.1:9/snap.jpg?token=***&w=640"});
    assert_eq!((status, &made["source"], &made["password_set"]), (201, &shown, &json!(true)), "{made}");
    let path = format!("/api/v1/vigil/cameras/{}/", made["id"]);
    // What is shown is sent back with a change of something else: the password stays.
    let (_, renamed) = door.patch(&path, &json!({"name": "Bed, left", "source": shown}));
    assert_eq!((&renamed["source"], &renamed["password_set"]), (&shown, &json!(true)), "{renamed}");
    let (_, listed) = door.get("/api/v1/vigil/cameras/");
    let backup =
        door.raw("/api/v1/vigil/backup.zip?pictures=true").body_mut().read_to_vec().expect("a backup");
    let database = std::fs::read(door.world.dir.path().join("printvigil.db")).expect("the database");
    let journal = std::fs::read(door.world.dir.path().join("printvigil.db-wal")).unwrap_or_default();
    let said = listed.to_string().into_bytes();
    for (what, bytes) in [("list", said), ("backup", backup), ("database", database), ("journal", journal)] {
        for secret in [&b"h4rd2guess"[..], b"x9y8z7", b"camera-passwords"] {
            let found = bytes.windows(secret.len()).any(|part| part == secret);
            assert!(!found, "{} is in the {what}", String::from_utf8_lossy(secret));
        }
    }
    let elsewhere = json!({"source": {"kind": "snapshot", "url": "http://127.0.0.2:9/snap.jpg?token=***"}});
    let (_, moved) = door.patch(&path, &elsewhere);
    assert_eq!(moved["password_set"], json!(false), "no other host gets it: {moved}");
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stalled_downloads_leave_the_database_to_others() {
    let door = Door::open().await;
    let head = format!(
        "GET /api/v1/vigil/backup.zip?pictures=true HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {TOKEN}\r\n\r\n",
        host(&door)
    );
    let mut stalled: Vec<TcpStream> = (0..60).map(|_| connect(&door)).collect();
    for stream in &mut stalled {
        stream.write_all(head.as_bytes()).expect("sent");
    }
    std::thread::sleep(Duration::from_millis(500));
    for _ in 0..10 {
        let begun = Instant::now();
        let (status, prints): (u16, Value) = door.get("/api/v1/prints/");
        assert_eq!(status, 200, "{prints}");
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    }
    drop(stalled);
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_nobody_reads_costs_the_client_no_request() {
    let door = Door::open().await;
    let head = |length: usize| {
        format!(
            "POST /api/v1/vigil/recoveries/1/take_up/ HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {TOKEN}\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n",
            host(&door)
        )
    };
    // The body comes behind the head, in a segment of its own; the connection serves the next request, too.
    let mut stream = connect(&door);
    for _ in 0..3 {
        stream.write_all(head(2).as_bytes()).expect("sent");
        std::thread::sleep(Duration::from_millis(50));
        stream.write_all(b"{}").expect("sent");
        let answer = head_of(&mut stream);
        assert!(answer.starts_with("http/1.1 404") && !answer.contains("connection: close"), "{answer}");
    }
    // One that is too long to be read for nothing: the answer says that the connection ends.
    let mut stream = connect(&door);
    stream.write_all(head(10_000_000).as_bytes()).expect("sent");
    let answer = head_of(&mut stream);
    assert!(answer.contains("connection: close"), "{answer}");
    door.world.end().await;
}

/// Reads an answer with its body and returns its head, in small letters.
fn head_of(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    let mut byte = [0];
    while !text.ends_with("\r\n\r\n") {
        stream.read_exact(&mut byte).expect("an answer");
        text.push(char::from(byte[0]).to_ascii_lowercase());
    }
    let length = text.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    stream.read_exact(&mut vec![0; length.unwrap_or(0)]).expect("its body");
    text
}
