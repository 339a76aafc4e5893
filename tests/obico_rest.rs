//! Obico's REST: what a client of Obico asks at Obico's addresses, in Obico's forms, against the whole core.

use domain::{EventClass, Initiator, PrinterEvent, PrinterId};
use serde_json::{Value, json};
use station::DeviceFactory;
use tests::agent::{FakeAgent, code};
use tests::network::Lan;
use tests::visitor::{Door, TOKEN, read};

/// Sends a request of any method, with the window's token.
fn send(door: &Door, method: &str, path: &str, body: &str) -> (u16, Value) {
    let request = ureq::http::Request::builder().method(method).uri(door.url(path));
    let request = request.header("Authorization", format!("Bearer {TOKEN}"));
    let request = request.header("Content-Type", "application/json");
    let config = ureq::Agent::config_builder().http_status_as_error(false).max_idle_connections(0);
    let agent = ureq::Agent::from(config.allow_non_standard_methods(true).build());
    // These have no body.
    let answer = if body.is_empty() || ["GET", "HEAD", "DELETE"].contains(&method) {
        agent.run(request.body(()).expect("a request"))
    } else {
        agent.run(request.body(body.to_owned()).expect("a request"))
    };
    read(answer.expect("answered"))
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_addresses_are_errors_in_json_for_every_method() {
    let lan = Lan::open().await;
    for path in [
        "/api/v1/nothing/",
        "/api/v1/printers/1/nothing/",
        "/api/v1/",
        "/api/nothing",
        "/api/",
        "/api",
        "/api/v2/printers/",
        "/ent/api/printers/1/ext/",
        "/ent/",
        "/ent",
        "/ws/nothing/",
        "/api/v1/../../etc/passwd",
        "/api/v1/printers/%2e%2e/",
    ] {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            let (status, answer) = send(&lan.door, method, path, "{}");
            let bad_number = path.contains("%2e") && status == 400;
            assert!(
                status == 404 || bad_number || (status == 405 && path.contains("%2e")),
                "{method} {path}: {status} {answer}"
            );
            assert!(answer["detail"].is_string() && answer["code"].is_string(), "{method} {path}: {answer}");
        }
        let strangers = lan.ask("GET", path, None, None);
        assert!(
            [401, 404].contains(&strangers.0) && strangers.1["detail"].is_string(),
            "{path}: {strangers:?}"
        );
    }
    let (status, answer) = send(&lan.door, "DELETE", "/api/v1/printers/", "");
    assert_eq!((status, answer["code"].as_str()), (405, Some("method_not_allowed")), "{answer}");
    lan.door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_is_wrong_has_its_reasons_in_a_list_and_every_error_a_detail() {
    let door = Door::open().await;
    for (method, path, body, field) in [
        ("POST", "/api/v1/printers/", json!({"name": ""}), "name"),
        ("POST", "/api/v1/printers/", json!({"name": 5}), "name"),
        ("POST", "/api/v1/printers/", json!({}), "name"),
        ("PATCH", "/api/v1/printers/1/", json!({"lift_z_on_pause": "high"}), "lift_z_on_pause"),
        ("PATCH", "/api/v1/printers/1/", json!({"auth_token": "mine"}), "auth_token"),
        ("PATCH", "/api/v1/users/me/", json!({"first_name": "x".repeat(200)}), "first_name"),
        ("GET", "/api/v1/prints/?sorting=wild", Value::Null, "sorting"),
        ("GET", "/api/v1/prints/?filter_by_printer_ids[]=x", Value::Null, "filter_by_printer_ids"),
        ("GET", "/api/v1/printer_events/?filter_by_types[]=WILD", Value::Null, "filter_by_types"),
        ("GET", "/api/v1/g_code_files/?page=x", Value::Null, "page"),
        ("GET", "/api/v1/g_code_folders/?sorting=wild", Value::Null, "sorting"),
        ("POST", "/api/v1/sharedresources/", Value::Null, "printer_id"),
        ("POST", "/api/v1/sharedresources/?printer_id=1", json!({"hours": 0}), "hours"),
    ] {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let (status, answer) = send(&door, method, path, &text);
        assert!((400..=422).contains(&status), "{method} {path}: {status} {answer}");
        assert!(answer[field][0].is_string(), "{method} {path}: {field} in {answer}");
        assert!(answer["detail"].is_string(), "{answer}");
    }
    let (status, answer) = door.get("/api/v1/printers/99/");
    assert_eq!(
        (status, answer["detail"].as_str()),
        (404, Some("This printer does not exist. It may have been deleted."))
    );
    let (status, refused) = door.post("/api/v1/printers/1/pause_print/", &json!({}));
    assert_eq!((status, &refused["succeeded"]), (409, &json!(false)), "nothing prints: {refused}");
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn actions_are_taken_by_get_too_and_never_by_head() {
    let door = Door::open().await;
    let print = door.world.print_sample().await;
    let (status, answer) = door.get("/api/v1/printers/1/mute_current_print/?mute_alert=true");
    assert_eq!((status, &answer["succeeded"]), (200, &json!(true)), "{answer}");
    assert!(answer["printer"]["current_print"]["alert_muted_at"].is_string(), "{answer}");
    let (status, answer) = door.get("/api/v1/printers/1/mute_current_print/");
    assert_eq!(
        (status, &answer["printer"]["current_print"]["alert_muted_at"]),
        (200, &Value::Null),
        "{answer}"
    );
    let (status, _) = send(&door, "HEAD", "/api/v1/printers/1/pause_print/", "");
    assert_eq!(status, 405);
    assert!(!door.world.view().status.state.flags.pausing, "asking what is there paused nothing");
    assert_eq!(door.get("/api/v1/printers/1/pause_print/").0, 200);
    door.world.until("paused", 60, |v| v.vigil.pause_confirmed).await;
    assert_eq!(door.get("/api/v1/printers/1/cancel_print/").0, 200);
    door.world.until("ready", 60, |v| v.vigil.state == domain::PrinterState::Operational).await;
    let (status, archived) = door.post("/api/v1/printers/1/archive/", &json!({}));
    assert_eq!((status, archived["printer"]["archived_at"].is_string()), (200, true), "{archived}");
    assert_eq!(door.get("/api/v1/printers/").1, json!([]));
    assert_eq!(door.get("/api/v1/printers/?with_archived=true").1[0]["id"], 1);
    let (_, deleted) = door.post("/api/v1/prints/bulk_delete/", &json!({"print_ids": [print]}));
    assert_eq!(deleted, "", "204 has no body");
    assert_ne!(door.get("/api/v1/prints/").1[0]["id"], print.get());
    assert_eq!(door.get("/api/v1/prints/?with_deleted=true").1[0]["id"], print.get());
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_found_by_class_type_group_printer_and_page() {
    use domain::EventType::{AlertMuted, Ended, FailureAlerted, Paused, Resumed};
    let door = Door::open().await;
    let now = door.world.station.now();
    let kinds = [
        (Paused, EventClass::Info),
        (Resumed, EventClass::Info),
        (FailureAlerted, EventClass::Error),
        (AlertMuted, EventClass::Warning),
        (Ended, EventClass::Success),
    ];
    let store = door.world.station.store();
    let written = store.write_now(move |tx| {
        kinds.iter().try_for_each(|(event_type, event_class)| {
            let event = PrinterEvent {
                id: domain::EventId(0),
                print: None,
                printer: PrinterId(1),
                event_type: *event_type,
                event_class: *event_class,
                event_title: format!("{event_type:?}"),
                event_text: "<b>hostile</b>".into(),
                image_url: None,
                info_url: None,
                initiator: Initiator::App,
                created_at: now,
            };
            store::event::insert(tx, &event)
        })
    });
    written.expect("written");
    let titles = |query: &str| -> Vec<String> {
        let (status, found) = door.get(&format!("/api/v1/printer_events/?{query}"));
        assert_eq!(status, 200, "{query}: {found}");
        let found = found.as_array().expect("a list").clone();
        let ours = found.iter().filter(|event| event["event_text"] == "<b>hostile</b>");
        ours.map(|event| event["event_title"].as_str().unwrap_or_default().to_owned()).collect()
    };
    let all = ["Ended", "AlertMuted", "FailureAlerted", "Resumed", "Paused"];
    assert_eq!(titles(""), all, "the newest first");
    assert_eq!(titles("filter_by_classes[]=ERROR&filter_by_classes[]=WARNING"), all[1..3]);
    assert_eq!(titles("filter_by_types%5B%5D=ALERT"), all[1..3]);
    assert_eq!(
        titles("filter_by_types[]=PAUSE_RESUME&filter_by_types[]=ENDED"),
        ["Ended", "Resumed", "Paused"]
    );
    assert_eq!(titles("filter_by_classes[]=ERROR&filter_by_types[]=PAUSE_RESUME"), [""; 0]);
    assert_eq!(titles("start=1&limit=2&printer_id=1"), all[1..3]);
    assert_eq!(titles("filter_by_printer_ids[]=99"), [""; 0]);
    let id = door.get("/api/v1/printer_events/?limit=1").1[0]["id"].as_i64().expect("a number");
    assert_eq!(door.get(&format!("/api/v1/printer_events/{id}/")).1["event_title"], "Ended");
    assert_eq!(door.get("/api/v1/printer_events/999999/").0, 404);
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_and_folders_come_in_pages_that_lead_to_each_other() {
    let door = Door::open().await;
    for n in 0..5 {
        let file = format!("G28\nG1 X{n} Y2 E1 F1000\n");
        assert_eq!(door.upload(&format!("part {n}.gcode"), file.as_bytes(), &[]).0, 201);
        assert_eq!(door.post("/api/v1/g_code_folders/", &json!({"name": format!("folder {n}")})).0, 201);
    }
    for (list, q) in [("g_code_files", "part"), ("g_code_folders", "folder")] {
        let mut names = Vec::new();
        let mut next = Some(door.url(&format!("/api/v1/{list}/?q={q}&page_size=2&sorting=created_at_asc")));
        while let Some(address) = next {
            let answer = door.agent.get(&address).header("Authorization", format!("Bearer {TOKEN}")).call();
            let (status, page) = read(answer.expect("answered"));
            assert_eq!((status, page["count"].as_u64()), (200, Some(5)), "{address}: {page}");
            let results = page["results"].as_array().expect("a list");
            names.extend(results.iter().map(|one| one.get("filename").unwrap_or(&one["name"]).clone()));
            next = page["next"].as_str().map(str::to_owned);
        }
        assert_eq!(names.len(), 5, "{list}: {names:?}");
        assert!(names[0].as_str().is_some_and(|name| name.contains('0')), "{names:?}");
        let (status, beyond) = door.get(&format!("/api/v1/{list}/?page=9&page_size=2"));
        assert_eq!(
            (status, beyond["detail"].as_str()),
            (404, Some("Invalid page. The list ends before it."))
        );
        assert_eq!(door.get(&format!("/api/v1/{list}/?page=0")).0, 404);
    }
    assert_eq!(door.get("/api/v1/g_code_files/?resident_printer=1").1["count"], 0);
    let file = door.get("/api/v1/g_code_files/?q=part%202").1["results"][0].clone();
    let by = format!(
        "/api/v1/g_code_files/?safe_filename={}&agent_signature={}",
        file["safe_filename"].as_str().expect("a name"),
        file["agent_signature"].as_str().expect("a signature")
    );
    assert_eq!(door.get(&by).1["results"][0]["id"], file["id"], "{by}");
    assert_eq!(door.get(&by.replace("part", "other")).1["count"], 0);
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_user_the_version_and_what_can_be_told_are_as_obico_has_them() {
    let door = Door::open().await;
    let (_, me) = door.get("/api/v1/users/me/");
    assert_eq!(
        (&me["is_pro"], &me["is_dh_unlimited"], &me["first_name"]),
        (&json!(true), &json!(true), &json!(""))
    );
    let (status, me) = door.patch("/api/v1/users/me/", &json!({"first_name": "Ada", "dh_balance": 3}));
    assert_eq!(
        (status, &me["first_name"], &me["is_dh_unlimited"]),
        (200, &json!("Ada"), &json!(false)),
        "{me}"
    );
    assert_eq!(door.get("/api/v1/version/").1["version"], "1.0.0");
    let (_, plugins) = door.get("/api/v1/notification_settings/available_plugins/");
    for name in ["ntfy", "telegram", "discord", "pushover", "webhook"] {
        let features = &plugins["plugins"][name]["features"];
        assert!(
            features.as_array().is_some_and(|all| all.contains(&json!("notify_on_failure_alert"))),
            "{name}"
        );
    }
    let print = door.world.print_sample().await;
    let store = door.world.station.store();
    store.write_now(move |tx| store::shot::insert(tx, print, "/media/x.jpg")).expect("written");
    let (_, shots) = door.get("/api/v1/printshotfeedbacks/");
    let shot = shots[0]["id"].as_i64().expect("one");
    let path = format!("/api/v1/printshotfeedbacks/{shot}/?print_id={print}");
    let (status, answered) = door.put(&path, &json!({"answer": "UNDECIDED"}));
    assert_eq!((status, &answered["instance"]["answer"]), (200, &json!("UNANSWERED")), "{answered}");
    assert!(answered["instance"]["answered_at"].is_string(), "{answered}");
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_is_linked_by_the_code_of_obicos_address() {
    let lan = Lan::open().await;
    let (status, shown) = lan.door.get("/api/v1/onetimeverificationcodes/");
    assert_eq!(
        (status, &shown["printer"], &shown["verified_at"]),
        (200, &Value::Null, &Value::Null),
        "{shown}"
    );
    let digits = shown["code"].as_str().expect("six digits").to_owned();
    assert!(digits.len() == 6 && shown["expired_at"].is_string(), "{shown}");
    assert_eq!(lan.door.get("/api/v1/onetimeverificationcodes/").1["id"], shown["id"], "the same again");
    let path = format!("/api/v1/onetimeverificationcodes/{}/", shown["id"]);
    let agent = FakeAgent::link(&lan, &digits);
    let (status, verified) = lan.door.get(&path);
    assert_eq!((status, &verified["printer"]["id"]), (200, &json!(agent.printer)), "{verified}");
    assert!(verified["verified_at"].is_string(), "{verified}");
    assert_eq!(lan.door.get("/api/v1/onetimeverificationcodes/999/").0, 404);
    assert_eq!(
        lan.door.get("/api/v1/onetimeverificationcodes/?printer_id=1").0,
        400,
        "the demo has no agent"
    );
    let again = format!("/api/v1/onetimeverificationcodes/?printer_id={}", agent.printer);
    assert_eq!(lan.door.get(&again).1["printer"]["id"], agent.printer);

    // One that looks for a server is listed, and told the code by the passcode that it shows.
    let device = "0123456789abcdef0123456789abcdef";
    let looks = json!({"device_id": device, "hostname": "voron", "port": 7125, "agent": "moonraker_obico",
        "one_time_passcode": ""});
    let asks = || lan.ask("POST", "/api/v1/octo/unlinked/", None, Some(&looks)).1;
    let passcode = asks()["one_time_passcode"].clone();
    let (_, found) = lan.door.get("/api/v1/printer_discovery/");
    assert_eq!((&found[0]["device_id"], &found[0]["hostname"]), (&json!(device), &json!("voron")), "{found}");
    let digits = code(&lan, None);
    let tell = |passcode: &Value, digits: &str| {
        let body = json!({"one_time_passcode": passcode, "verification_code": digits});
        lan.door.post("/api/v1/one_time_passcodes/", &body)
    };
    assert_eq!(tell(&json!("zzzzz"), &digits).0, 404);
    assert_eq!(tell(&passcode, "000000").0, 404, "a code that is not shown");
    assert_eq!(tell(&passcode, &digits), (200, json!({"detail": "OK"})));
    assert_eq!(asks()["verification_code"], digits.as_str());
    // One beside OctoPrint is told it with the secret that it gave its own network.
    let other = "fedcba9876543210fedcba9876543210";
    let looks = json!({"device_id": other, "hostname": "octopi", "port": 80, "agent": "Obico for OctoPrint"});
    let asks = || lan.ask("POST", "/api/v1/octo/unlinked/", None, Some(&looks)).1;
    assert_eq!(asks(), json!({"messages": []}));
    let link = |digits: &str| {
        let body = json!({"code": digits, "device_id": other, "device_secret": "s3cret"});
        lan.door.post("/api/v1/printer_discovery/", &body)
    };
    assert_eq!(link("111111").0, 400);
    assert_eq!(link(&digits), (200, json!({"queued": true})));
    assert_eq!(asks()["messages"][0]["data"], json!({"code": digits, "secret": "s3cret"}));
    for role in ["view", "operate"] {
        let (key, _) = lan.key(role);
        for path in
            ["/api/v1/onetimeverificationcodes/", "/api/v1/printer_discovery/", "/api/v1/sharedresources/"]
        {
            assert_eq!(lan.ask("GET", path, Some(&key), None).0, 403, "{role} {path}");
        }
    }
    lan.door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_without_an_agent_tells_of_its_prints_and_asks_what_a_picture_shows() {
    let lan = Lan::open().await;
    let door = &lan.door;
    let (status, made) = door.post("/api/v1/printers/", &json!({"name": "Resin"}));
    assert_eq!(status, 201, "{made}");
    let id = made["id"].as_i64().expect("a number");
    let at = |what: &str| format!("/api/v1/printers/{id}/{what}/");
    assert_eq!(door.post(&at("finish_print"), &json!({})).0, 404, "nothing is under way");
    assert_eq!(
        door.post(&at("start_print"), &json!({})).1["filename"][0].as_str().map(str::is_empty),
        Some(false)
    );
    let (status, begun) = door.post(&at("start_print"), &json!({"filename": "../../tower<b>.gcode"}));
    assert_eq!((status, &begun["succeeded"]), (200, &json!(true)), "{begun}");
    let first = begun["printer"]["current_print"]["id"].as_i64().expect("a print");
    let (status, next) = door.post(&at("start_print"), &json!({"filename": "second.gcode"}));
    assert_eq!(
        (status, next["printer"]["current_print"]["filename"].as_str()),
        (200, Some("second.gcode")),
        "{next}"
    );
    let second = next["printer"]["current_print"]["id"].as_i64().expect("a print");
    assert_ne!(first, second);
    let (status, over) = door.post(&at("finish_print"), &json!({"status": "cancelled"}));
    assert_eq!((status, &over["printer"]["current_print"]), (200, &Value::Null), "{over}");
    assert_eq!(door.post(&at("finish_print"), &json!({"status": "melted"})).0, 400);
    door.world.until_row("ended", domain::PrintId(second), |row| row.cancelled_at.is_some()).await;
    door.world.until_row("ended", domain::PrintId(first), |row| row.finished_at.is_some()).await;
    // Printers that are driven from here know themselves what they print.
    let (status, refused) = door.post("/api/v1/printers/1/start_print/", &json!({"filename": "a.gcode"}));
    assert_eq!((status, refused["code"].as_str()), (409, Some("driven_here")), "{refused}");
    // An agent with the printer's own token takes over.
    let (status, _) = door.post(&at("start_print"), &json!({"filename": "third.gcode"}));
    assert_eq!(status, 200);
    let token = made["auth_token"].as_str().expect("a token");
    let line = format!("authorization: bearer {token}");
    assert_eq!(lan.socket("/ws/dev/", &[&line]).0, 101);

    let failing = vigil::far::Far::demo().sample_picture(true).expect("a picture");
    let form = |name: &str, content: &[u8]| {
        let head =
            format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"a.jpg\"\r\n\r\n");
        let body = [head.as_bytes(), content, b"\r\n--edge--\r\n"].concat();
        let request = door.agent.post(door.url("/api/v1/printers/1/predict/"));
        let request = request.header("Authorization", format!("Bearer {TOKEN}"));
        let request = request.header("Content-Type", "multipart/form-data; boundary=edge");
        read(request.send(&body[..]).expect("answered"))
    };
    let before = door.get("/api/v1/printers/1/").1["normalized_p"].clone();
    let (status, said) = form("img", &failing);
    let result = &said["result"];
    assert_eq!(status, 200, "{said}");
    assert!(result["p"].as_f64() > Some(0.5), "{said}");
    assert_eq!(result["detections"][0][0], "failure", "{said}");
    assert_eq!(result["detections"][0][2].as_array().map(Vec::len), Some(4), "{said}");
    let mean = result["temporal_stats"]["ewm_mean"].as_f64();
    let (_, again) = form("img", &failing);
    assert!(again["result"]["temporal_stats"]["ewm_mean"].as_f64() > mean, "{again}");
    assert_eq!(again["result"]["temporal_stats"]["prediction_num"], 2);
    assert_eq!(door.get("/api/v1/printers/1/").1["normalized_p"], before, "the watch is not touched");
    assert_eq!(form("img", b"no picture").0, 422);
    assert_eq!(form("other", &failing).1["img"][0].as_str(), Some("The form has no field `img`."));
    lan.door.world.end().await;
}
