//! What PrusaSlicer, OrcaSlicer, Cura and PrusaLink's clients ask, byte by byte, against the whole core.

use domain::{PrinterId, PrinterKind, PrinterPatch, Request, Seen};
use serde_json::json;
use station::NewPrinter;
use std::io::Write;
use std::time::Duration;
use tests::network::Lan;
use tests::slicer::{Answer, Slicer, form, read};
use tests::world::demo_printer;

/// The print that comes with the demo.
fn sample(lan: &Lan) -> Vec<u8> {
    let query = store::file::FileQuery { limit: 1, ..Default::default() };
    let (files, _) =
        lan.door.world.station.store().read(|conn| store::file::list(conn, &query)).expect("listed");
    std::fs::read(lan.door.world.station.file_path(files[0].id)).expect("the sample")
}

/// Ends the print under way and clears the bed, as a person does.
async fn clear_the_bed(lan: &Lan) {
    let world = &lan.door.world;
    world.until("begun", 60, |view| view.current_print.is_some()).await;
    world.ask(Request::Cancel(world.printer)).await;
    world.until("over", 60, |view| view.vigil.last_print.is_some() && view.vigil.can.start).await;
    put_away(lan).await;
}

/// Says that the last print was seen, as a person does.
async fn put_away(lan: &Lan) {
    let world = &lan.door.world;
    world.ask(Request::Seen(world.printer, Seen::LastPrint)).await;
    world.until("put away", 20, |view| view.vigil.last_print.is_none()).await;
}

fn names(answer: &Answer) -> Vec<String> {
    let told = answer.json();
    let files = told["files"].as_array().expect("a list");
    files.iter().map(|file| file["name"].as_str().expect("a name").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_test_tells_who_answers_and_errors_are_sentences() {
    let lan = Lan::open().await;
    let slicer = Slicer::new(&lan, "view");
    let version = slicer.get("/api/version");
    assert_eq!(version.status, 200, "{version:?}");
    assert_eq!(version.json()["api"], "0.1");
    assert!(
        version.json()["text"].as_str().is_some_and(|text| text.starts_with("OctoPrint ")),
        "{version:?}"
    );
    // Scripts send the same key in another way.
    assert_eq!(lan.ask("GET", "/api/version", Some(&slicer.key), None).0, 200);

    let stranger = Slicer { key: "0123456789abcdef0123456789abcdef".into(), lan: &lan, below: String::new() };
    for path in ["/api/version", "/api/printer", "/printers/1/api/version", "/api/v1/status"] {
        let refused = stranger.get(path);
        assert_eq!(refused.status, 401, "{path}: {refused:?}");
        assert_eq!(refused.header("content-type"), Some("text/plain; charset=utf-8"), "{path}");
        assert!(
            refused.text.starts_with("This needs the app’s token") || refused.text.starts_with("This needs")
        );
    }
    let foreign = slicer.ask("GET", "/api/version", &["Host: evil.example"], b"");
    assert_eq!(foreign.status, 421);
    assert!(
        foreign.text.starts_with("“evil.example” is no name by which Printvigil may be opened."),
        "{foreign:?}"
    );
    let nowhere = slicer.get("/api/nowhere");
    // What nobody knows is no slicer's: it is refused as everywhere below `/api`.
    assert_eq!((nowhere.status, &nowhere.json()["code"]), (404, &json!("not_found")));

    // What Cura indexes.
    let state = slicer.get("/api/printer").json();
    for flag in ["operational", "paused", "printing", "pausing", "cancelling", "sdReady", "error", "ready"] {
        assert!(state["state"]["flags"][flag].is_boolean(), "{flag}: {state}");
    }
    assert!(
        state["temperature"]["tool0"]["actual"].is_number()
            && state["temperature"]["bed"]["target"].is_number()
    );
    assert!(slicer.get("/api/printer?exclude=temperature,sd").json()["temperature"].is_null());
    let profiles = slicer.get("/api/printerprofiles").json();
    let profile = &profiles["profiles"]["_default"];
    assert_eq!(profile["current"], true, "{profile}");
    assert!(["x", "y", "z", "e"].iter().all(|axis| profile["axes"][axis]["inverted"] == false), "{profile}");
    let login = slicer.post("/api/login", "{\"passive\": true}").json();
    assert_eq!((&login["name"], &login["admin"]), (&json!("a script"), &json!(false)), "{login}");
    let settings = slicer.get("/api/settings").json();
    assert_eq!(
        (&settings["feature"]["sdSupport"], &settings["webcam"]["streamUrl"]),
        (&json!(false), &json!(""))
    );
    let job = slicer.get("/api/job").json();
    assert_eq!((&job["state"], &job["job"]["file"]["name"]), (&json!("Operational"), &json!(null)), "{job}");
    lan.door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_kept_and_printed_and_a_busy_printer_keeps_the_next_without_starting_it() {
    let lan = Lan::open().await;
    let (slicer, operator) = (Slicer::new(&lan, "owner"), Slicer::new(&lan, "operate"));
    let content = sample(&lan);
    // Windows sends the name of the computer without the port, and all send names as they are.
    let body = form(
        "edge",
        &[
            ("name=\"print\"", b"true"),
            ("name=\"path\"", "Ordner/ä".as_bytes()),
            ("name=\"file\"; filename=\"Würfel (1) ☃.gcode\"", &content),
        ],
    );
    let kind = "Content-Type: multipart/form-data; boundary=edge";
    let sent = slicer.ask("POST", "/api/files/local", &["Host: localhost", kind], &body);
    assert_eq!(sent.status, 201, "{sent:?}");
    let at = format!(
        "http://localhost:{}/api/files/local/Ordner/%C3%A4/W%C3%BCrfel%20%281%29%20%E2%98%83.gcode",
        lan.port
    );
    assert_eq!(sent.header("location"), Some(at.as_str()));
    let told = sent.json();
    assert_eq!((&told["done"], &told["effectivePrint"]), (&json!(true), &json!(true)), "{told}");
    assert_eq!(told["files"]["local"]["name"], "Würfel (1) ☃.gcode");
    assert_eq!(told["files"]["local"]["refs"]["resource"], at);
    lan.door.world.until("printing", 60, |view| view.vigil.state_word == "Printing").await;
    let job = operator.get("/api/job").json();
    assert_eq!(
        (&job["state"], &job["job"]["file"]["path"]),
        (&json!("Printing"), &json!("Ordner/ä/Würfel (1) ☃.gcode")),
        "{job}"
    );

    let busy = slicer.upload("next.gco", &content, true);
    assert_eq!((busy.status, &busy.json()["effectivePrint"]), (201, &json!(false)), "{busy:?}");
    let said = "The file next.gco was not started, and waits in Printvigil's queue. The printer is busy: it says Printing.";
    assert_eq!(busy.json()["message"], said);
    let queued = lan.door.world.until("in the queue", 10, |view| !view.vigil.queue.is_empty()).await;
    assert_eq!(queued.vigil.queue[0].name, "next.gco");
    let notices = lan.door.world.station.snapshot().notices.clone();
    assert!(
        notices.iter().any(|told| told.notice.title.contains("next.gco waits in the queue")),
        "{notices:?}"
    );
    let again = slicer.ask("POST", "/api/files/local", &[kind], &body);
    assert_eq!(again.status, 409, "{again:?}");
    assert_eq!(
        again.text,
        "The file Würfel (1) ☃.gcode is being printed. Wait until the print has ended, or send it under another name."
    );
    let path = at.split_once(&lan.port.to_string()).expect("the port").1;
    assert_eq!(slicer.ask("DELETE", path, &[], b"").status, 409, "it is being printed");

    // The job, by who may operate.
    assert_eq!(operator.post("/api/job", "{\"command\": \"pause\", \"action\": \"pause\"}").status, 204);
    lan.door.world.until("paused", 60, |view| view.vigil.pause_confirmed).await;
    assert_eq!(operator.get("/api/printer").json()["state"]["flags"]["paused"], true);
    assert_eq!(operator.post("/api/job", "{\"command\": \"pause\", \"action\": \"resume\"}").status, 204);
    lan.door.world.until("printing", 60, |view| view.vigil.state_word == "Printing").await;
    assert_eq!(operator.post("/api/job", "{\"command\": \"restart\"}").status, 409);
    assert_eq!(operator.post("/api/job", "{\"command\": \"cancel\"}").status, 204);
    lan.door.world.until("over", 60, |view| view.vigil.last_print.is_some() && view.vigil.can.start).await;
    // What is left of it may still lie there.
    let refused = slicer.upload("next.gco", &content, true);
    assert_eq!(refused.status, 409, "{refused:?}");
    assert!(refused.text.contains("may still lie on the bed. Clear the bed"), "{refused:?}");
    put_away(&lan).await;
    let started = slicer.upload("next.gco", &content, true);
    assert_eq!((started.status, &started.json()["effectivePrint"]), (201, &json!(true)), "{started:?}");
    clear_the_bed(&lan).await;
    lan.door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_fit_for_printing_is_refused_with_a_sentence_and_stays() {
    let lan = Lan::open().await;
    let slicer = Slicer::new(&lan, "owner");
    let content = sample(&lan);
    let refused = slicer.upload("empty handed.gcode", b"G28\nM104 S200\nG1 X10 F3000\n", true);
    assert_eq!(refused.status, 422, "{refused:?}");
    assert!(
        refused.text.starts_with(
            "The file empty handed.gcode is kept in Printvigil, but was not started: the file lays no plastic."
        ),
        "{refused:?}"
    );
    let model = slicer.upload("model.stl", b"solid model", true);
    assert_eq!(model.status, 415);
    assert!(
        model.text.starts_with("The file model.stl is not one that can be printed. Send G-code:"),
        "{model:?}"
    );
    let picture = slicer.upload("picture.gcode", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", true);
    assert_eq!(picture.status, 415, "{picture:?}");
    let heated: Vec<String> = lan.door.world.executed_since(0);
    assert!(!heated.iter().any(|line| line.starts_with("M104 S2") || line.starts_with("M109")), "{heated:?}");
    lan.door.world.ask(Request::Disconnect(lan.door.world.printer)).await;
    lan.door.world.until("closed", 20, |view| view.vigil.can.connect).await;
    let state = slicer.get("/api/printer");
    assert_eq!((state.status, state.header("content-type")), (409, Some("text/plain; charset=utf-8")));
    let offline = slicer.upload("later.gcode", &content, true);
    assert_eq!(offline.status, 409, "{offline:?}");
    assert!(
        offline.text.contains("is kept in Printvigil, but was not started: the printer is not connected.")
    );
    let there = names(&slicer.get("/api/files"));
    for (name, kept) in
        [("empty handed.gcode", true), ("later.gcode", true), ("model.stl", false), ("picture.gcode", false)]
    {
        assert_eq!(there.contains(&name.to_owned()), kept, "{name}: {there:?}");
    }
    lan.door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_listed_selected_started_and_deleted() {
    let lan = Lan::open().await;
    let slicer = Slicer::new(&lan, "owner");
    let content = sample(&lan);
    // A boundary as Qt writes it, and a folder.
    let boundary = "boundary_.oOo._MTIzNDU2/Nzg5MA==";
    let file = "name=\"file\"; filename=\"box.g\"; filename*=UTF-8''b%C3%B6x.g";
    let body = form(boundary, &[("name=\"path\"", b"shelf"), (file, &content)]);
    let line = format!("Content-Type: multipart/form-data; boundary=\"{boundary}\"");
    let sent = slicer.ask("POST", "/api/files/local", &[&line], &body);
    assert_eq!((sent.status, &sent.json()["effectivePrint"]), (201, &json!(false)), "{sent:?}");
    let all = slicer.get("/api/files?recursive=true").json();
    let shelf =
        all["files"].as_array().expect("a list").iter().find(|one| one["name"] == "shelf").expect("a folder");
    assert_eq!(shelf["children"][0]["path"], "shelf/böx.g", "{shelf}");
    let one = slicer.get("/api/files/local/shelf/b%C3%B6x.g").json();
    assert_eq!((&one["type"], &one["origin"]), (&json!("machinecode"), &json!("local")), "{one}");
    assert_eq!(slicer.get("/api/files/sdcard").status, 404);
    assert_eq!(slicer.upload("packed.gcode.gz", b"\x1f\x8b", false).status, 415, "as in the window");
    // The same name replaces what was there.
    let sent = slicer.upload("box.gcode", &content, false);
    assert_eq!(sent.status, 201);
    let sent = slicer.upload("box.gcode", &[&content[..], b"\n; more\n"].concat(), false);
    assert_eq!(sent.status, 201);
    let there = names(&slicer.get("/api/files/local"));
    assert_eq!(there.iter().filter(|name| name.starts_with("box")).count(), 1, "{there:?}");

    assert_eq!(slicer.post("/api/job", "{\"command\": \"start\"}").status, 409, "nothing is selected");
    let select = "{\"command\": \"select\"}";
    assert_eq!(slicer.post("/api/files/local/box.gcode", select).status, 204);
    assert_eq!(slicer.get("/api/job").json()["job"]["file"]["path"], "box.gcode");
    assert_eq!(slicer.post("/api/files/local/shelf", select).status, 400);
    assert_eq!(slicer.post("/api/files/local/nothing.gcode", select).status, 404);
    let operator = Slicer::new(&lan, "operate");
    let refused = operator.post("/api/job", "{\"command\": \"start\"}");
    assert_eq!(refused.status, 403, "{refused:?}");
    assert!(refused.text.starts_with("This device may only look, pause"), "{refused:?}");
    assert_eq!(slicer.post("/api/job", "{\"command\": \"start\"}").status, 204);
    lan.door.world.until("printing", 60, |view| view.vigil.state_word == "Printing").await;
    clear_the_bed(&lan).await;
    assert_eq!(slicer.ask("DELETE", "/api/files/local/box.gcode", &[], b"").status, 204);
    assert_eq!(slicer.get("/api/files/local/box.gcode").status, 404);
    assert_eq!(slicer.get("/api/job").json()["job"]["file"]["name"], json!(null), "it is gone");

    assert_eq!(slicer.post("/api/printer/command", "{\"commands\": [\"M105\", \"g28 X\"]}").status, 204);
    lan.door.world.until_sim("homed", 20, |sim| sim.commands().iter().any(|line| line.text == "G28 X")).await;
    let sent = slicer.post("/api/printer/command", "{\"command\": \"M104 S999\"}");
    assert_eq!(sent.status, 409, "what a person is asked about first: {sent:?}");
    lan.door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_printers_the_address_says_which_one_is_meant() {
    let lan = Lan::open().await;
    let slicer = Slicer::new(&lan, "owner");
    let content = sample(&lan);
    let first = lan.door.world.printer;
    let new = NewPrinter {
        name: "Second".into(),
        kind: PrinterKind::Serial,
        auth_token: "0123456789abcdef0124".into(),
        ..demo_printer()
    };
    let second: PrinterId = lan.door.world.station.add_printer(new).await.expect("added");
    let which = slicer.get("/api/printer");
    assert_eq!(which.status, 409, "{which:?}");
    for printer in [format!("/printers/{first} for Demo printer"), format!("/printers/{second} for Second")] {
        assert!(which.text.contains(&printer), "{which:?}");
    }
    assert_eq!(slicer.get("/api/version").status, 200, "a connection test needs no printer");
    assert_eq!(slicer.upload("kept.gcode", &content, false).status, 201);
    let unclear = slicer.upload("kept.gcode", &content, true);
    assert_eq!(unclear.status, 409);
    assert!(
        unclear
            .text
            .starts_with("The file kept.gcode is kept in Printvigil, but was not started: there are several")
    );
    let of_first = slicer.of_printer(first.get());
    assert_eq!(of_first.get("/api/settings").json()["appearance"]["name"], "Demo printer");
    let started = of_first.upload("kept.gcode", &content, true);
    assert_eq!((started.status, &started.json()["effectivePrint"]), (201, &json!(true)), "{started:?}");
    let at = format!("http://127.0.0.1:{}/printers/{first}/api/files/local/kept.gcode", lan.port);
    assert_eq!(started.header("location"), Some(at.as_str()));
    assert_eq!(slicer.of_printer(99).get("/api/printer").status, 404);
    // One that is put away does not count.
    let patch = PrinterPatch { archived: Some(true), ..PrinterPatch::default() };
    lan.door.world.ask(Request::Patch(second, Box::new(patch))).await;
    let mut changes = lan.door.world.station.subscribe();
    let away =
        changes.wait_for(|now| now.printers.get(&second).is_some_and(|view| view.archived_at.is_some()));
    tokio::time::timeout(Duration::from_secs(20), away).await.expect("in time").expect("put away");
    assert_eq!(slicer.get("/api/job").json()["job"]["file"]["name"], "kept.gcode");
    clear_the_bed(&lan).await;
    lan.door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_is_asked_for_only_when_it_will_be_taken() {
    let lan = Lan::open().await;
    let (owner, viewer) = (Slicer::new(&lan, "owner"), Slicer::new(&lan, "view"));
    let stranger = Slicer { key: "wrong".into(), lan: &lan, below: String::new() };
    let kind = "Content-Type: multipart/form-data; boundary=edge";
    let expect = "Expect: 100-continue";
    let refused = |slicer: &Slicer<'_>, length: u64| {
        let answer = read(slicer.begin("POST", "/api/files/local", &[kind, expect], length));
        assert!(!answer.continued, "{answer:?}");
        assert_eq!(answer.header("connection"), Some("close"), "{answer:?}");
        answer.status
    };
    assert_eq!(refused(&stranger, 5_000_000), 401);
    assert_eq!(refused(&viewer, 5_000_000), 403);
    assert_eq!(refused(&owner, 3 * 1024 * 1024 * 1024), 413);
    let body = form("edge", &[("name=\"file\"; filename=\"a.gcode\"", &sample(&lan))]);
    let mut stream = owner.begin("POST", "/api/files/local", &[kind, expect], body.len() as u64);
    let mut asked = [0; 25];
    std::io::Read::read_exact(&mut stream, &mut asked).expect("asked for");
    assert_eq!(&asked, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(&body).expect("sent");
    assert_eq!(read(stream).status, 201);
    lan.door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn prusalinks_clients_upload_by_put() {
    let lan = Lan::open().await;
    let slicer = Slicer::new(&lan, "owner");
    let content = sample(&lan);
    assert_eq!(slicer.get("/api/version").json()["capabilities"]["upload-by-put"], true);
    assert_eq!(slicer.get("/api/v1/storage").json()["storage_list"][0]["path"], "/local");
    assert_eq!(slicer.get("/api/v1/status").json()["printer"]["state"], "IDLE");
    assert_eq!(slicer.get("/api/v1/job").status, 204);
    let (at, kind) = ("/api/v1/files/local/sub/w%C3%BCrfel.gcode", "Content-Type: text/x.gcode");
    let sent = slicer.ask("PUT", at, &[kind, "Print-After-Upload: ?0", "Overwrite: ?0"], &content);
    assert_eq!((sent.status, &sent.json()["effectivePrint"]), (201, &json!(false)), "{sent:?}");
    assert_eq!(slicer.ask("PUT", at, &[kind, "Overwrite: ?0"], &content).status, 409);
    let wrong = slicer.ask("PUT", "/api/v1/files/local/a.stl", &[kind], &content);
    assert_eq!((wrong.status, wrong.header("content-type")), (415, Some("text/plain; charset=utf-8")));
    let printing = slicer.ask("PUT", at, &[kind, "Print-After-Upload: ?1", "Overwrite: ?1"], &content);
    assert_eq!((printing.status, &printing.json()["effectivePrint"]), (201, &json!(true)), "{printing:?}");
    lan.door.world.until("printing", 60, |view| view.vigil.state_word == "Printing").await;
    let job = slicer.get("/api/v1/job").json();
    assert_eq!((&job["state"], &job["file"]["name"]), (&json!("PRINTING"), &json!("würfel.gcode")), "{job}");
    assert_eq!(slicer.ask("PUT", "/api/v1/job/77/pause", &[], b"").status, 404, "another print");
    assert_eq!(slicer.ask("PUT", &format!("/api/v1/job/{}/pause", job["id"]), &[], b"").status, 204);
    lan.door.world.until("paused", 60, |view| view.vigil.pause_confirmed).await;
    clear_the_bed(&lan).await;
    lan.door.world.end().await;
}
