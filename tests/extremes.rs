//! Every number and text that a client may send, at its extremes: no answer is a fault of ours, and the core lives on.

use api::LEAST_ROLES;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tests::visitor::{Door, TOKEN, read};

/// Paths that are left out: the one ends the core, the other waits for a picture.
const LEFT_OUT: &[&str] = &["/vigil/shutdown/", "/vigil/cameras/{id}/frame.jpg"];

/// Returns the paths of all routes of the API, and which methods each takes: the API's own table, which a test of it holds
/// against its sources.
fn routes() -> Vec<(String, Vec<&'static str>)> {
    let mut routes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (method, route, _) in LEAST_ROLES {
        routes.entry(route.trim_start_matches("/api/v1")).or_default().push(method);
    }
    routes.into_iter().map(|(path, methods)| (path.to_owned(), methods)).collect()
}

fn send(door: &Door, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
    let body = body.filter(|_| !["GET", "DELETE"].contains(&method));
    let ask = || {
        let request = ureq::http::Request::builder().method(method).uri(door.url(path));
        let request = request.header("Authorization", format!("Bearer {TOKEN}"));
        let request = request.header("Content-Type", "application/json");
        match body {
            Some(body) => door.agent.run(request.body(body.to_string()).expect("a request")),
            None => door.agent.run(request.body(()).expect("a request")),
        }
    };
    // A connection that was kept may be closed by the time it is used again; a handler that panics closes each.
    let answer = (0..3).find_map(|_| ask().ok());
    read(answer.unwrap_or_else(|| panic!("not answered: {method} {path:.200}")))
}

fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric();
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// Returns the body with each of its values replaced by `extreme`, one after the other.
fn with_extreme(body: &Value, extreme: &Value) -> Vec<Value> {
    let mut all = vec![extreme.clone()];
    match body {
        Value::Object(fields) => {
            for (name, value) in fields {
                for changed in with_extreme(value, extreme) {
                    let mut fields = fields.clone();
                    fields.insert(name.clone(), changed);
                    all.push(Value::Object(fields));
                }
            }
        }
        Value::Array(items) => {
            for (at, value) in items.iter().enumerate() {
                for changed in with_extreme(value, extreme) {
                    let mut items = items.clone();
                    items[at] = changed;
                    all.push(Value::Array(items));
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => (),
    }
    all
}

async fn lives(door: &Door) {
    let (status, printers) = door.get("/api/v1/printers/");
    assert_eq!((status, printers[0]["id"].as_i64()), (200, Some(1)), "{printers}");
    // Answered by the hub itself.
    let (status, refused) = door.post("/api/v1/printers/1/pause_print/", &json!({}));
    assert_eq!((status, refused["code"].as_str()), (409, Some("not_printing")), "{refused}");
}

fn table() -> Value {
    serde_json::from_str(include_str!("faults/requests.json")).expect("the table of requests")
}

/// The extremes, and a text of 60,000 characters.
fn extremes(table: &Value) -> Vec<Value> {
    let mut all = table["extremes"].as_array().expect("extremes").clone();
    all.push("x".repeat(60_000).into());
    all
}

fn as_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_number_in_a_path_or_query_is_a_fault_of_ours() {
    let door = Door::open().await;
    let table = table();
    let mut asked = 0;
    let routes = routes();
    assert!(routes.len() > 90, "all routes are found: {}", routes.len());
    for (path, methods) in routes.iter().filter(|(path, _)| !LEFT_OUT.contains(&path.as_str())) {
        for extreme in extremes(&table).iter().filter(|_| path.contains('{')) {
            let place = encoded(&as_text(extreme).chars().take(9_000).collect::<String>());
            let names = ["{id}", "{n}", "{name}", "{print}", "{frame}", "{node}"];
            let path = names.iter().fold(path.clone(), |path, name| path.replace(name, &place));
            for method in methods {
                // A 1 is a thing that is there.
                if *extreme == json!(1) && *method != "GET" {
                    continue;
                }
                let (status, answer) = send(&door, method, &format!("/api/v1{path}"), Some(&json!({})));
                assert!(status < 500, "{method} {path:.200}: {status} {answer}");
                asked += 1;
            }
        }
    }
    for (path, names) in table["queries"].as_object().expect("queries") {
        for name in names.as_array().expect("names") {
            for extreme in extremes(&table) {
                let value = encoded(&as_text(&extreme));
                // The same once short enough to be read as a value.
                for value in [value.clone(), value.chars().take(6_000).collect()] {
                    let path = format!("{path}?{}={value}", encoded(&as_text(name)));
                    let (status, answer) = send(&door, "GET", &path, None);
                    assert!(status < 500, "GET {path:.200}: {status} {answer}");
                    asked += 1;
                }
            }
        }
    }
    println!("{asked} requests");
    lives(&door).await;
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_value_in_a_body_is_a_fault_of_ours() {
    let door = Door::open().await;
    let table = table();
    let bodies = table["bodies"].as_array().expect("bodies");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let known: Vec<(String, String)> = bodies.iter().map(|row| (text(&row[0]), text(&row[1]))).collect();
    let mut asked = 0;
    for row in bodies {
        // A 1 is a thing that is there, such as a file that would be printed.
        for extreme in extremes(&table).into_iter().filter(|extreme| *extreme != json!(1)) {
            for body in with_extreme(&row[2], &extreme) {
                let (method, path) = (text(&row[0]), text(&row[1]));
                let (status, answer) = send(&door, &method, &path, Some(&body));
                let shown: String = body.to_string().chars().take(300).collect();
                let said = format!("{method} {path} {shown}: {status} {answer}");
                // 503 names what is not there, such as a detector or a port.
                assert!(status != 500 && status < 504, "{said}");
                asked += 1;
            }
        }
    }
    println!("{asked} requests");
    // A route that takes a body and is not in the table would not be tried.
    let without_body = [
        "pause_print",
        "resume_print",
        "cancel_print",
        "cool_down",
        "emergency_stop",
        "archive",
        "connect",
        "disconnect",
        "acknowledge_alert",
        "mute_current_print",
        "sd/list",
        "drill",
        "done",
        "take_up",
        "archive",
        "tidy",
        "use",
        "send_test_message",
    ];
    let uploads = [
        "/g_code_files/",
        "/models/",
        "/vigil/prints/import/",
        "/vigil/octoprint_backup/",
        "/vigil/try/",
        "/printers/{id}/predict/",
    ];
    for (path, methods) in routes() {
        for method in methods.into_iter().filter(|method| !["GET", "DELETE"].contains(method)) {
            let plain = |path: &str| {
                let parts = path.trim_start_matches("/api/v1").split('/');
                parts
                    .map(|part| if part.starts_with('{') || part.parse::<i64>().is_ok() { "1" } else { part })
                    .collect::<Vec<_>>()
                    .join("/")
            };
            let listed = known.iter().any(|(m, p)| m == method && plain(p) == plain(&path));
            let last = path.trim_end_matches('/');
            let bare =
                without_body.iter().any(|end| last.ends_with(end)) || LEFT_OUT.contains(&path.as_str());
            assert!(
                listed || bare || uploads.contains(&path.as_str()),
                "{method} {path} is not in the table"
            );
        }
    }
    lives(&door).await;
    door.world.end().await;
}
