//! Slicers' addresses and those who mean no good there: roles, names that lead elsewhere, forms with tricks, and questions
//! for a key.

use serde_json::{Value, json};
use tests::network::Lan;
use tests::slicer::{Answer, Slicer, form};

/// Moves, heats at the end only, and lays plastic: small and whole.
const PART: &[u8] =
    b"G28\nG90\nM83\nG1 Z0.2 F600\nG1 X10 Y10 F3000\nG1 X50 E2\nG1 Y50 E2\nG1 Z0.4\nG1 X10 E2\nM104 S0\n";

fn in_the_library(lan: &Lan) -> Vec<String> {
    let (_, told) = lan.door.get("/api/v1/g_code_files/?page_size=500");
    let files = told["results"].as_array().expect("a list");
    files.iter().map(|file| file["filename"].as_str().expect("a name").to_owned()).collect()
}

/// Whether nothing half-sent is left in the data folder.
fn is_swept(lan: &Lan) -> bool {
    let entries = std::fs::read_dir(lan.door.world.dir.path()).expect("the data folder");
    !entries.flatten().any(|entry| entry.file_name().to_string_lossy().ends_with(".part"))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_role_may_ask_what_its_line_says_for_one_printer_and_for_the_only_one() {
    let lan = Lan::open().await;
    let printer = lan.door.world.printer.get();
    let owner = Slicer::new(&lan, "owner");
    assert_eq!(owner.upload("a.gcode", PART, false).status, 201);
    let fill = |route: &str| {
        let place = |text: &str, name: &str, value: &str| text.replace(name, value);
        place(&place(&place(route, "{location}", "local"), "{*path}", "nothing.gcode"), "{job}", "77")
    };
    for name in ["view", "operate", "owner"] {
        let role: domain::Role = serde_json::from_value(json!(name)).expect("a role");
        let only = Slicer::new(&lan, name);
        for slicer in [only.of_printer(printer), only] {
            for (method, route, least) in api::SLICER_ROLES {
                let answer = slicer.ask(method, &fill(route), &[], b"");
                let what = format!("{name}: {method} {}{route}: {answer:?}", slicer.below);
                assert_eq!(answer.status == 403, role < *least, "{what}");
                assert!(answer.status != 401 && answer.status != 405 && answer.status < 500, "{what}");
                assert!(!answer.text.starts_with("This address does not exist"), "{what}");
            }
        }
    }
    // The key of a slicer is nobody's at the window's other addresses below its role, and a paired phone is no slicer.
    let (phone, _) = lan.device("view");
    let as_key = Slicer { lan: &lan, key: phone, below: String::new() };
    assert_eq!(as_key.get("/api/version").status, 401, "X-Api-Key takes keys only");
    let looks = lan.door.world.executed_since(0);
    assert!(!looks.iter().any(|line| line.starts_with("M104 S2") || line.starts_with("M109")), "{looks:?}");
    lan.door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_looks_heats_and_moves_nothing() {
    let lan = Lan::open().await;
    let (view, operate) = (Slicer::new(&lan, "view"), Slicer::new(&lan, "operate"));
    for slicer in [&view, &operate, &view.of_printer(lan.door.world.printer.get())] {
        for body in ["{\"command\": \"M104 S200\"}", "{\"commands\": [\"G28\", \"M140 S60\"]}"] {
            assert_eq!(slicer.post("/api/printer/command", body).status, 403);
        }
        assert_eq!(slicer.upload("a.gcode", PART, true).status, 403);
        assert_eq!(
            slicer.post("/api/files/local/a.gcode", "{\"command\": \"select\", \"print\": true}").status,
            403
        );
        assert_eq!(
            slicer.ask("PUT", "/api/v1/files/local/a.gcode", &["Print-After-Upload: ?1"], PART).status,
            403
        );
        assert_eq!(slicer.ask("DELETE", "/api/files/local/a.gcode", &[], b"").status, 403);
    }
    for command in ["pause", "cancel", "start"] {
        assert_eq!(view.post("/api/job", &json!({"command": command}).to_string()).status, 403);
    }
    let sent = lan.door.world.executed_since(0);
    assert!(
        !sent.iter().any(|line| ["M104 S2", "M140 S6", "G28"].iter().any(|code| line.starts_with(code))),
        "{sent:?}"
    );
    assert!(!in_the_library(&lan).contains(&"a.gcode".to_owned()));
    lan.door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_name_and_no_folder_leads_out_of_the_library() {
    let lan = Lan::open().await;
    let slicer = Slicer::new(&lan, "owner");
    for (sent, kept) in [
        ("../../../evil.gcode", "evil.gcode"),
        ("..\\..\\windows.gcode", "windows.gcode"),
        ("C:\\fakepath\\path.gcode", "path.gcode"),
        ("/etc/cron.d/cron.gcode", "cron.gcode"),
        ("$(reboot);`id`.gcode", "$(reboot);`id`.gcode"),
        ("<img src=x onerror=alert(1)>.gcode", "<img src=x onerror=alert(1)>.gcode"),
        ("a%2f..%2fb.gcode", "a%2f..%2fb.gcode"),
        ("tab\there.gcode", "tabhere.gcode"),
    ] {
        let answer = slicer.upload(sent, PART, false);
        assert_eq!(answer.status, 201, "{sent}: {answer:?}");
        assert_eq!(answer.json()["files"]["local"]["name"], kept, "{sent}");
        let location = answer.header("location").expect("an address").to_owned();
        assert!(location.bytes().all(|b| b.is_ascii_graphic()), "{location}");
        let path = location.split_once(&lan.port.to_string()).expect("the port").1;
        assert_eq!(slicer.get(path).json()["name"], kept, "the address leads to it: {location}");
    }
    for folder in ["..", "a/../../b", "a\\b", "a/./b", "1/2/3/4/5/6/7/8/9", "\u{202e}"] {
        let parts = [("name=\"path\"", folder.as_bytes()), ("name=\"file\"; filename=\"lost.gcode\"", PART)];
        let answer = slicer.form(&parts);
        assert_eq!(answer.status, 400, "{folder}: {answer:?}");
        assert!(answer.text.starts_with("A folder is given as names"), "{answer:?}");
    }
    for path in ["/api/v1/files/local/../../../lost.gcode", "/api/v1/files/local/%2e%2e/%2e%2e/lost.gcode"] {
        let answer = slicer.ask("PUT", path, &["Content-Type: text/x.gcode"], PART);
        assert!(answer.status == 400 || answer.status == 404, "{path}: {answer:?}");
    }
    for path in ["/api/files/local/../../printvigil.db", "/api/files/local/%2e%2e%2fprintvigil.db"] {
        assert_eq!(slicer.get(path).status, 404, "{path}");
    }
    assert!(!in_the_library(&lan).contains(&"lost.gcode".to_owned()));
    assert!(is_swept(&lan), "nothing is left of what was refused");
    let stray: Vec<_> =
        std::fs::read_dir(lan.door.world.dir.path().join("files")).expect("files").flatten().collect();
    let ours = |name: &str| name.starts_with(|c: char| c.is_ascii_digit());
    assert!(
        stray.iter().all(|entry| ours(&entry.file_name().to_string_lossy())),
        "the names on disk are ours: {stray:?}"
    );
    lan.door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_with_tricks_are_refused_or_mean_nothing() {
    let lan = Lan::open().await;
    let slicer = Slicer::new(&lan, "owner");
    let file = "name=\"file\"; filename=\"trick.gcode\"";
    let refused = |parts: &[(&str, &[u8])], why: &str| {
        let answer: Answer = slicer.form(parts);
        assert_eq!(answer.status, 400, "{why}: {answer:?}");
        assert!(answer.text.contains(why), "{why}: {answer:?}");
    };
    refused(&[("name=\"print\"", b"true")], "no field `file`");
    refused(&[("name=\"file\"; filename=\"\"", PART)], "a file needs a name".trim_start_matches('a'));
    refused(&[(file, PART), (file, PART)], "two files");
    refused(&[("name=\"print\"", b"false"), ("name=\"print\"", b"true"), (file, PART)], "twice");
    refused(&[("name=\"path\"", &[b'a'; 2_000]), (file, PART)], "too long");
    refused(&[("name=\"path\"", b"\xff\xfe"), (file, PART)], "no text");
    let many: Vec<(&str, &[u8])> = vec![("name=\"x\"", b"y"); 40];
    refused(&many, "at most 32 parts");
    // Fields that name a place on the disk, as the upload of another program once obeyed, are not looked at.
    for field in ["file.path", "file.name", "file.size", "upload.path"] {
        let told = format!("name=\"{field}\"");
        let answer = slicer.form(&[(&told, b"/etc/passwd"), (file, PART)]);
        assert_eq!(answer.status, 201, "{field}: {answer:?}");
        let content = lan.door.get("/api/v1/g_code_files/?filename=trick.gcode").1;
        assert_eq!(content["results"][0]["num_bytes"], PART.len(), "{field}");
    }
    // A header in a header, a form in a form, an end that never comes, and a type that is none.
    let split = slicer.form(&[("name=\"file\"; filename=\"a.gcode\r\nX-Evil: 1\r\nx.gcode\"", PART)]);
    assert_eq!(split.header("x-evil"), None, "{split:?}");
    let inner = form("inner", &[("name=\"print\"", b"true")]);
    let nested = slicer.form(&[("name=\"x\"", &inner), (file, PART)]);
    assert_eq!((nested.status, &nested.json()["effectivePrint"]), (201, &json!(false)), "{nested:?}");
    let kind = "Content-Type: multipart/form-data; boundary=edge";
    let whole = form("edge", &[(file, PART)]);
    let open = slicer.ask("POST", "/api/files/local", &[kind], &whole[..whole.len() - 10]);
    assert_eq!(open.status, 400, "{open:?}");
    for kind in ["Content-Type: application/json", "Content-Type: multipart/form-data", "X: y"] {
        let answer = slicer.ask("POST", "/api/files/local", &[kind], &whole);
        assert!((400..500).contains(&answer.status), "{kind}: {answer:?}");
        assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"), "{kind}: {answer:?}");
    }
    for body in ["{\"command\": 5}", "[", "\u{0}", "null"] {
        assert_eq!(slicer.post("/api/job", body).status, 400, "{body}");
        assert_eq!(slicer.post("/api/printer/command", body).status, 400, "{body}");
    }
    assert!(is_swept(&lan), "nothing is left of what was refused");
    assert!(lan.door.world.view().current_print.is_none(), "nothing was started by any of it");
    lan.door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_gets_a_key_when_a_person_allows_it_in_the_window() {
    let lan = Lan::open().await;
    let stranger = Slicer { key: String::new(), lan: &lan, below: String::new() };
    let ask =
        |app: &str| stranger.post("/plugin/appkeys/request", &json!({"app": app, "user": ""}).to_string());
    assert_eq!(stranger.get("/plugin/appkeys/probe").status, 204);
    let asked = ask("Cura");
    let token = asked.json()["app_token"].as_str().expect("a token").to_owned();
    let at = format!("/plugin/appkeys/request/{token}");
    assert_eq!(asked.status, 201);
    assert_eq!(asked.header("location"), Some(format!("http://127.0.0.1:{}{at}", lan.port).as_str()));
    assert_eq!(stranger.get(&at).status, 202);

    // Owners are told, and nobody else.
    let next = |token: &str| {
        let (mut live, _) = lan.live(token);
        let mut seen = Vec::new();
        while !seen.iter().any(|kind| kind == "app_key_requests") && seen.len() < 20 {
            let message: Value = live.message().expect("it goes on");
            if message["type"] == "app_key_requests" {
                return Some(message["requests"].clone());
            }
            seen.push(message["type"].as_str().expect("a kind").to_owned());
        }
        None
    };
    let told = next(&lan.key("owner").0).expect("told");
    assert_eq!((&told[0]["app"], &told[0]["from"]), (&json!("Cura"), &json!("127.0.0.1")), "{told}");
    assert_eq!(next(&lan.device("operate").0), None);
    let answer = |id: &Value, role: Value| {
        lan.door.post(&format!("/api/v1/vigil/network/app_keys/{id}/"), &json!({"role": role})).0
    };
    assert_eq!(answer(&json!(99), json!("owner")), 404);
    assert_eq!(stranger.get(&at).status, 202, "still nobody has allowed it");
    assert_eq!(answer(&told[0]["id"], json!("operate")), 204);
    let key = stranger.get(&at);
    assert_eq!(key.status, 200, "{key:?}");
    let key = key.json()["api_key"].as_str().expect("a key").to_owned();
    assert_eq!(stranger.get(&at).status, 404, "it is told once");
    let cura = Slicer { key, lan: &lan, below: String::new() };
    assert_eq!(cura.get("/api/currentuser").json()["name"], "Cura");
    assert_eq!(cura.post("/api/printer/command", "{\"command\": \"M105\"}").status, 403, "as it was allowed");

    let refused = ask("Evil").json()["app_token"].as_str().expect("a token").to_owned();
    let owner = lan.key("owner").0;
    let told = next(&owner).expect("told");
    assert_eq!(told[0]["app"], "Evil");
    assert_eq!(answer(&told[0]["id"], Value::Null), 204);
    let no = stranger.get(&format!("/plugin/appkeys/request/{refused}"));
    assert_eq!(no.status, 404);
    assert!(no.text.starts_with("This was not allowed, or nobody answered in time."), "{no:?}");
    for wrong in ["", "x\ny", &"x".repeat(65)] {
        assert_eq!(ask(wrong).status, 400, "{wrong:?}");
    }
    // Nobody fills the window with questions.
    let statuses: Vec<u16> = (0..12).map(|n| ask(&format!("again {n}")).status).collect();
    assert!(statuses.ends_with(&[429, 429]), "{statuses:?}");
    let at_the_window = lan.door.agent.get(lan.door.url("/plugin/appkeys/probe")).call().expect("answered");
    assert_eq!(at_the_window.status(), 404, "nobody asks at the window's own listener");
    lan.door.world.end().await;
}
