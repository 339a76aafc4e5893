//! The loopback door: who may come in, what is answered, and that uploads are hostile until read.

use serde_json::{Value, json};
use tests::visitor::{Door, TOKEN, read};

#[tokio::test(flavor = "multi_thread")]
async fn only_who_has_the_token_and_names_us_rightly_comes_in() {
    let door = Door::open().await;
    let all = "/api/v1/printers/";
    assert_eq!(door.get(all).0, 200);
    let bare = |build: &dyn Fn(
        ureq::RequestBuilder<ureq::typestate::WithoutBody>,
    ) -> ureq::RequestBuilder<ureq::typestate::WithoutBody>| {
        read(build(door.agent.get(door.url(all))).call().expect("answered"))
    };
    let (status, error) = bare(&|request| request);
    assert_eq!((status, error["code"].as_str()), (401, Some("no_token")), "{error}");
    let (status, _) =
        bare(&|request| request.header("Authorization", "Bearer 0123456789abcdef0123456789abcdee"));
    assert_eq!(status, 401, "a token that is nearly right is wrong");
    let token = format!("Bearer {TOKEN}");
    let (status, error) =
        bare(&|request| request.header("Authorization", &token).header("Host", "printer.example"));
    assert_eq!(
        (status, error["code"].as_str()),
        (421, Some("wrong_host")),
        "a page that renames this computer"
    );
    let (status, _) =
        bare(&|request| request.header("Authorization", &token).header("Origin", "http://evil.example"));
    assert_eq!(status, 403, "a page from elsewhere");
    let (status, _) = read(door.agent.get(door.url("/")).call().expect("answered"));
    assert!(status == 200 || status == 404, "the page itself needs no token: {status}");
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_opens_one_picture_and_nothing_else() {
    let door = Door::open().await;
    let camera = door.world.view().vigil.camera.as_ref().expect("the demo camera").id;
    let path = format!("/api/v1/vigil/cameras/{camera}/frame.jpg");
    let (status, made) = door.post("/api/v1/vigil/tickets/", &json!({"path": path}));
    assert_eq!(status, 200, "{made}");
    let ticket = made["ticket"].as_str().expect("a ticket");
    let open = |path: &str| {
        door.agent.get(door.url(&format!("{path}?after=0&ticket={ticket}"))).call().expect("answered")
    };
    let mut picture = open(&path);
    assert_eq!(picture.status().as_u16(), 200);
    assert!(picture.headers().contains_key("x-frame-id"));
    let bytes = picture.body_mut().read_to_vec().expect("bytes");
    assert!(bytes.starts_with(&[0xFF, 0xD8]) && bytes.ends_with(&[0xFF, 0xD9]), "a whole JPEG");
    assert_eq!(open("/api/v1/printers/").status().as_u16(), 401, "for that path only");
    let (status, _) = door.post("/api/v1/vigil/tickets/", &json!({"path": "/api/v1/printers/"}));
    assert_eq!(status, 400, "no tickets for what is no picture");
    let refused =
        door.agent.post(door.url(&format!("{path}?ticket={ticket}"))).send_empty().expect("answered");
    assert_eq!(refused.status().as_u16(), 401, "for reading only");
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_are_read_before_they_are_believed() {
    let door = Door::open().await;
    let good = b"G28\nM104 S200\nG1 X10 Y10 Z0.2 E1 F1200\nG1 X20 E2\n";
    let (status, file) = door.upload("../../etc/my part.gcode", good, &[]);
    assert_eq!(status, 201, "{file}");
    assert_eq!(file["num_bytes"], good.len());
    let safe = file["safe_filename"].as_str().expect("a safe name");
    assert!(!safe.contains('/') && !safe.starts_with('.'), "{safe}");
    let (status, content) = door.get(file["url"].as_str().expect("a URL"));
    assert_eq!((status, content.as_str().map(str::len)), (200, Some(good.len())));

    let (status, error) = door.upload("picture.gcode", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\0", &[]);
    assert_eq!((status, error["code"].as_str()), (422, Some("unprintable")), "{error}");
    let (status, error) =
        door.upload("long.gcode", format!("G1 X1 ; ok\nG1 X{}\n", "1".repeat(200)).as_bytes(), &[]);
    assert_eq!(status, 422, "{error}");
    assert!(error["message"].as_str().is_some_and(|text| text.contains('2')), "names the line: {error}");
    let (_, listed) = door.get("/api/v1/g_code_files/");
    assert_eq!(listed["count"], 2, "the sample and the good one: {listed}");
    let left = std::fs::read_dir(door.world.dir.path()).expect("the data folder");
    let parts: Vec<_> =
        left.flatten().filter(|f| f.file_name().to_string_lossy().ends_with(".part")).collect();
    assert!(parts.is_empty(), "nothing half is left: {parts:?}");
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_checked_stored_and_shown() {
    let door = Door::open().await;
    let path = format!("/api/v1/printers/{}/", door.world.printer);
    let patch = |body: Value| {
        let request = door.agent.patch(door.url(&path)).header("Authorization", format!("Bearer {TOKEN}"));
        read(request.header("Content-Type", "application/json").send(body.to_string()).expect("answered"))
    };
    let (status, error) = patch(json!({"detective_sensitivity": 1.5}));
    assert_eq!((status, error["code"].as_str()), (400, Some("out_of_range")), "{error}");
    assert!(error["message"].as_str().is_some_and(|text| text.contains("1.2")), "says the range: {error}");
    let (status, done) = patch(json!({"detective_sensitivity": 1.1, "retract_on_pause": 3.0}));
    assert_eq!((status, &done["succeeded"]), (200, &json!(true)), "{done}");
    let (_, shown) = door.get(&path);
    assert_eq!((&shown["detective_sensitivity"], &shown["retract_on_pause"]), (&json!(1.1), &json!(3.0)));
    for field in
        ["status", "settings", "pic", "current_print", "normalized_p", "not_watching_reason", "auth_token"]
    {
        assert!(shown.get(field).is_some(), "Obico's {field} is there");
    }
    assert_eq!(
        shown["status"]["state"]["flags"].as_object().map(serde_json::Map::len),
        Some(9),
        "nine flags"
    );
    assert_eq!(shown["settings"]["agent_name"], "printvigil");
    let (status, error) = door.post("/api/v1/printers/99/pause_print/", &json!({}));
    assert_eq!((status, error["code"].as_str()), (404, Some("not_found")), "{error}");
    let (status, error) = door.post(&format!("{path}pause_print/"), &json!({}));
    assert_eq!(status, 409, "nothing to pause: {error}");
    assert!(error["hint"].as_str().is_some(), "says what to do: {error}");
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn films_outside_the_media_folder_do_not_exist() {
    let door = Door::open().await;
    for path in ["/media/../printvigil.db", "/media/%2e%2e/printvigil.db", "/media/..%2fprintvigil.db"] {
        let request = door.agent.get(door.url(path)).header("Authorization", format!("Bearer {TOKEN}"));
        let status = request.call().expect("answered").status().as_u16();
        assert!(status == 404 || status == 400, "{path}: {status}");
    }
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_price_of_filament_is_kept_and_nonsense_refused() {
    let door = Door::open().await;
    let path = "/api/v1/vigil/filament_price/";
    assert_eq!(door.get(path), (200, json!({"per_kg": null, "currency": ""})));
    let price = json!({"per_kg": 24.9, "currency": "€"});
    assert_eq!(door.put(path, &price), (200, price.clone()));
    let wrong = [
        json!({"per_kg": -1, "currency": "€"}),
        json!({"per_kg": 0, "currency": "€"}),
        json!({"per_kg": "dear", "currency": "€"}),
        json!({"per_kg": 20, "currency": "a currency without end"}),
        json!({"per_kg": 20, "currency": "€", "tax": 1}),
    ];
    for wrong in wrong {
        let (status, error) = door.put(path, &wrong);
        assert!((400..=422).contains(&status), "{wrong}: {status} {error}");
    }
    assert_eq!(door.get(path), (200, price));
    door.world.end().await;
}
