//! Notices that leave this computer: sent to the services that a person has set up, tried again until they are taken, and
//! with nothing secret where others could read it.

use domain::Request;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tests::visitor::Door;
use tests::world::{Options, start_at};

const SETTINGS: &str = "/api/v1/notification_settings/";
const LOG: &str = "/api/v1/vigil/notices/log/";

/// What a service was asked.
struct Asked {
    /// Method, address, version.
    line: String,
    /// In small letters.
    headers: String,
    body: Vec<u8>,
}

/// A service: gives the next of its answers to each request, 200 when there are none left.
struct Service {
    url: String,
    asked: Receiver<Asked>,
}

impl Service {
    fn open(answers: &[&str]) -> Self {
        Self::at(TcpListener::bind("127.0.0.1:0").expect("a free port"), answers)
    }

    fn at(listener: TcpListener, answers: &[&str]) -> Self {
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let answers: Arc<Mutex<VecDeque<String>>> =
            Arc::new(Mutex::new(answers.iter().map(|answer| (*answer).to_owned()).collect()));
        let (sender, asked) = channel();
        serve(move || {
            for stream in listener.incoming().flatten() {
                let Some(one) = read(&stream) else { continue };
                let answer = answers.lock().expect("not poisoned").pop_front();
                let answer = answer.unwrap_or_else(|| "200 OK\r\nContent-Length: 5\r\n\r\ntaken".into());
                let _ = (&stream).write_all(format!("HTTP/1.1 {answer}").as_bytes());
                if sender.send(one).is_err() {
                    return;
                }
            }
        });
        Self { url, asked }
    }

    fn next(&self) -> Asked {
        self.asked.recv_timeout(Duration::from_secs(120)).expect("asked within two minutes")
    }
}

fn serve(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().name("service".into()).spawn(work).expect("a thread");
}

fn read(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut headers = String::new();
    while !headers.ends_with("\r\n\r\n") && headers != "\r\n" {
        reader.read_line(&mut headers).ok().filter(|read| *read > 0)?;
    }
    let headers = headers.to_lowercase();
    let length = headers.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    Some(Asked { line: line.trim().to_owned(), headers, body })
}

/// Waits until the log, newest entry first, is so.
async fn until_log(door: &Door, what: &str, is: impl Fn(&[Value]) -> bool) -> Value {
    let mut log = Value::Null;
    for _ in 0..1200 {
        log = door.get(LOG).1;
        if is(log.as_array().expect("a list")) {
            return log;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the log was not so: {what}; {log:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_arrives_with_its_picture_though_the_service_refuses_at_first() {
    // Two limits in a row: neither loses the alert.
    let service = Service::open(&[
        "429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n",
        "503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
    ]);
    let door = Door::open().await;
    let ntfy = json!({"name": "ntfy", "config": {"topic": "my-printer", "server": service.url, "token": "tk_geheim1"}});
    let (status, set) = door.post(SETTINGS, &ntfy);
    assert_eq!(status, 201, "{set}");
    assert_eq!(set["secrets_set"], json!(["token", "topic"]), "{set}");
    assert_eq!(set["config"], json!({"server": service.url}), "what is secret is not given back");
    assert_eq!(
        (&set["notify_on_failure_alert"], &set["notify_on_print_start"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(door.post(SETTINGS, &ntfy).0, 409, "once a service");

    door.world.print_sample().await;
    door.world.until_looks(35, 60).await;
    door.world
        .station
        .demo_fault(door.world.printer, domain::DemoFault::Tangle, true)
        .expect("the demo has a tangle");
    let asked = service.next();
    assert!(asked.line.starts_with("POST /my-printer?title="), "{}", asked.line);
    assert!(asked.headers.contains("authorization: bearer tk_geheim1"), "{}", asked.headers);
    assert_eq!(asked.body[..2], [0xff, 0xd8], "the picture is the body");
    // The print is paused meanwhile, which is a message of its own: it may come between.
    let again =
        std::iter::repeat_with(|| service.next()).find(|next| next.line == asked.line).expect("endless");
    assert_eq!(again.body, asked.body, "the picture waits with it");
    let (_, log) = door.get(LOG);
    let oldest = log.as_array().and_then(|log| log.last()).expect("an entry").clone();
    assert_eq!(
        (oldest["service"].as_str(), oldest["topic"].as_str()),
        (Some("ntfy"), Some("failure")),
        "{log:#}"
    );
    until_log(&door, "all taken", |log| log.iter().all(|entry| entry["state"] == "sent")).await;

    // Nothing secret is in an answer, nor in the database and its copies.
    for path in [SETTINGS, LOG] {
        let text = door.get(path).1.to_string();
        assert!(!text.contains("tk_geheim1") && !text.contains("my-printer"), "{text}");
    }
    let (dir, station) = (door.world.dir, door.world.station);
    station.shutdown(domain::Leave::AsItIs).await;
    for entry in std::fs::read_dir(dir.path()).expect("there").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let bytes = std::fs::read(entry.path()).unwrap_or_default();
        let holds = bytes.windows(10).any(|window| window == b"tk_geheim1");
        assert_eq!(holds, name == "service-passwords.json", "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_shows_what_the_service_says_and_a_setting_is_changed_without_its_secrets() {
    let service = Service::open(&[
        "400 Bad Request\r\nContent-Length: 46\r\n\r\n{\"ok\":false,\"description\":\"chat not found: 1\"}",
    ]);
    let door = Door::open().await;
    let config = json!({"token": "123:geheimnis", "chat_id": "1", "server": service.url});
    let (_, set) = door.post(SETTINGS, &json!({"name": "telegram", "config": config}));
    let one = format!("{SETTINGS}{}/", set["id"]);
    // A picture goes with it; refused with one it is tried without, and that was taken.
    let (status, tried) = door.post(&format!("{one}send_test_message/"), &json!({}));
    assert_eq!((status, &tried["sent"]), (200, &json!(true)), "{tried}");
    assert_eq!(tried["answer"], "without the picture: 400: chat not found: 1");
    assert_eq!(service.next().line, "POST /bot123:geheimnis/sendPhoto HTTP/1.1");
    let plain = service.next();
    assert_eq!(plain.line, "POST /bot123:geheimnis/sendMessage HTTP/1.1");
    assert!(String::from_utf8_lossy(&plain.body).contains("Printvigil can reach you here"));

    // The token is left out and stays.
    let (status, changed) = door.patch(&one, &json!({"config": {"chat_id": "2", "server": service.url}}));
    assert_eq!((status, &changed["secrets_set"]), (200, &json!(["token"])), "{changed}");
    assert_eq!(door.post(&format!("{one}send_test_message/"), &json!({})).1["sent"], true);
    assert!(service.next().line.contains("/bot123:geheimnis/"));
    // An empty one is forgotten, which this service cannot do without.
    let without = json!({"config": {"chat_id": "2", "token": ""}});
    let (status, refused) = door.patch(&one, &without);
    assert_eq!((status, refused["message"].as_str()), (400, Some("Telegram: Bot token is missing")));

    // Where nobody listens: said at once, and nothing secret in it.
    let nobody = TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("bound");
    let away = json!({"config": {"chat_id": "2", "server": format!("http://{nobody}")}});
    assert_eq!(door.patch(&one, &away).0, 200);
    let (_, tried) = door.post(&format!("{one}send_test_message/"), &json!({}));
    assert_eq!(tried["sent"], false);
    let answer = tried["answer"].as_str().expect("an answer");
    assert!(answer.contains("could not be reached") && !answer.contains("geheimnis"), "{answer}");
    // What could only be asked by mistake is not asked.
    for (url, status) in [("http://169.254.169.254/latest", 200), ("ftp://a.example/", 400), ("http://", 400)]
    {
        let (got, answer) = door.patch(&one, &json!({"config": {"chat_id": "2", "server": url}}));
        assert_eq!(got, status, "{url}: {answer}");
    }
    let metadata = json!({"config": {"chat_id": "2", "server": "http://169.254.169.254/"}});
    assert_eq!(door.patch(&one, &metadata).0, 200);
    assert_eq!(door.post(&format!("{one}send_test_message/"), &json!({})).1["sent"], false);

    assert_eq!(door.delete(&one).0, 204);
    assert_eq!(door.get(SETTINGS).1, json!([]));
    assert_eq!(door.get(&one).0, 404);
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_sent_after_a_restart_and_a_webhook_gets_obicos_form() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    drop(listener);
    let door = Door::open().await;
    let all = json!({"name": "webhook", "config": {"url": format!("http://{address}/hook")},
        "notify_on_print_start": true, "notify_on_failure_alert": false, "notify_on_print_cancelled": true});
    assert_eq!(door.post(SETTINGS, &all).0, 201);
    let print = door.world.print_sample().await;
    let log = until_log(&door, "it was tried", |log| {
        log.first().is_some_and(|newest| newest["attempts"].as_u64() > Some(0))
    })
    .await;
    assert_eq!((&log[0]["topic"], &log[0]["state"]), (&json!("print_start"), &json!("waiting")), "{log:#}");
    door.world.ask(Request::Cancel(door.world.printer)).await;
    door.world.until("ready again", 60, |v| v.vigil.can.start && v.current_print.is_none()).await;
    let (dir, station) = (door.world.dir, door.world.station);
    station.shutdown(domain::Leave::AsItIs).await;
    drop((station, door.agent));

    let service = Service::at(TcpListener::bind(address).expect("still free"), &[]);
    let (station, _far) = start_at(dir.path(), &Options::default()).await;
    let notices = notices::Notices::start(station.clone());
    let asked = service.next();
    let body: Value = serde_json::from_slice(&asked.body).expect("JSON");
    assert_eq!(
        (asked.line.as_str(), &body["event"]["type"]),
        ("POST /hook HTTP/1.1", &json!("PrintStarted"))
    );
    assert_eq!((&body["print"]["id"], &body["print"]["ended_at"]), (&json!(print), &json!("")), "{body:#}");
    assert!(asked.headers.contains("content-type: application/json"));
    let body: Value = serde_json::from_slice(&service.next().body).expect("JSON");
    assert_eq!(body["event"]["type"], "PrintCancelled", "in the order in which it happened");
    drop(notices);
    station.shutdown(domain::Leave::AsItIs).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_is_handed_to_a_server_and_what_it_refuses_is_shown() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("bound").port();
    let (sender, mails) = channel();
    serve(move || {
        for stream in listener.incoming().flatten() {
            let _ = sender.send(speak_smtp(&stream));
        }
    });
    let door = Door::open().await;
    let config = json!({"server": "127.0.0.1", "port": port.to_string(), "security": "none",
        "from": "Printer <printer@example.com>", "to": "me@example.com"});
    let (status, set) = door.post(SETTINGS, &json!({"name": "email", "config": config}));
    assert_eq!(status, 201, "{set}");
    let one = format!("{SETTINGS}{}/", set["id"]);
    let (_, tried) = door.post(&format!("{one}send_test_message/"), &json!({}));
    assert_eq!(
        (&tried["sent"], tried["answer"].as_str()),
        (&json!(true), Some("250 queued as 5")),
        "{tried}"
    );
    let mail = mails.recv_timeout(Duration::from_secs(60)).expect("a mail");
    assert!(mail.contains("Subject: Printvigil can reach you here"), "{mail}");
    assert!(mail.contains("Content-Type: image/jpeg"), "{mail}");

    let mut refused = config;
    refused["to"] = json!("nobody@example.com");
    assert_eq!(door.patch(&one, &json!({"config": refused})).0, 200);
    let (_, tried) = door.post(&format!("{one}send_test_message/"), &json!({}));
    let answer = tried["answer"].as_str().expect("an answer");
    assert!(tried["sent"] == false && answer.contains("no such user"), "{tried}");
    door.world.end().await;
}

/// Takes one mail, but none for nobody@example.com, and returns it.
fn speak_smtp(stream: &TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let say = |text: &str| _ = { stream }.write_all(format!("{text}\r\n").as_bytes());
    say("220 mail.example ready");
    let mut mail = String::new();
    let mut line = String::new();
    while reader.read_line(&mut line).is_ok_and(|read| read > 0) {
        match line.trim().to_uppercase() {
            word if word.starts_with("EHLO") => say("250 mail.example"),
            word if word.starts_with("RCPT") && word.contains("NOBODY") => say("550 no such user"),
            word if word.starts_with("DATA") => {
                say("354 go on");
                while !mail.ends_with("\r\n.\r\n") && reader.read_line(&mut mail).is_ok_and(|read| read > 0) {
                }
                say("250 queued as 5");
            }
            word if word.starts_with("QUIT") => {
                say("221 bye");
                break;
            }
            _ => say("250 ok"),
        }
        line.clear();
    }
    mail
}
