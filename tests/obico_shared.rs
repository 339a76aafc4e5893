//! Obico's live socket and shared links: what they show, what is passed through, and those who mean no good.

#![allow(clippy::disallowed_methods)] // How soon somebody is cut off is about real time.

use serde_json::{Value, json};
use std::time::Duration;
use tests::network::{Lan, Live};
use tests::visitor::TOKEN;
use tokio::time::Instant;

/// Reads messages until one is as wanted.
fn until(live: &mut Live, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        assert!(begun.elapsed() < Duration::from_secs(60), "not seen: {what}");
        let message = live.message().unwrap_or_else(|| panic!("closed before: {what}"));
        if wanted(&message) {
            return message;
        }
    }
}

/// Passes something through and returns the answer.
fn pass(live: &mut Live, reference: &str, target: &str, func: &str, args: Value) -> Value {
    let passed = json!({"target": target, "func": func, "args": args, "ref": reference});
    live.say(&json!({"passthru": passed}).to_string());
    until(live, reference, |message| message["passthru"]["ref"] == reference)["passthru"].clone()
}

fn bearer(secret: &str) -> String {
    format!("Authorization: Bearer {secret}")
}

/// Shares the demo printer; returns the secret of the link and its number.
fn share(lan: &Lan) -> (String, i64) {
    let (status, links) = lan.door.post("/api/v1/sharedresources/?printer_id=1", &json!({"hours": 1}));
    assert_eq!(status, 200, "{links}");
    let link = &links[0];
    assert_eq!(link["printer_id"], 1, "{links}");
    // To scan: the same address at each of this computer's own, and the secret is told this once.
    let (url, codes) = (link["url"].as_str().expect("told once"), link["codes"].as_array().expect("a list"));
    let ends = |code: &Value| {
        code["url"].as_str().is_some_and(|whole| whole.starts_with("http://") && whole.ends_with(url))
    };
    assert!(
        codes.iter().all(|code| ends(code) && code["path"].as_str().is_some_and(|path| path.len() > 100)),
        "{links}"
    );
    let (_, listed) = lan.door.get("/api/v1/sharedresources/?printer_id=1");
    assert!(!listed.to_string().contains(url) && listed[0]["codes"] == json!([]), "{listed}");
    (link["share_token"].as_str().expect("told once").to_owned(), link["id"].as_i64().expect("a number"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_socket_tells_the_whole_printer_at_once_and_with_each_change() {
    let lan = Lan::open().await;
    let (owner, _) = lan.key("owner");
    let (status, mut live) = lan.socket("/ws/web/1/", &[&bearer(&owner)]);
    assert_eq!(status, 101);
    let first = live.message().expect("the printer");
    assert_eq!((&first["id"], first["auth_token"].as_str().map(str::len)), (&json!(1), Some(20)), "{first}");
    for field in ["status", "settings", "pic", "current_print", "normalized_p", "not_watching_reason"] {
        assert!(first.get(field).is_some(), "{field} in {first}");
    }
    // A change is told without being asked for.
    assert_eq!(lan.door.patch("/api/v1/printers/1/", &json!({"name": "Named anew"})).0, 200);
    until(&mut live, "the name", |message| message["name"] == "Named anew");
    // And the state when it is asked for.
    live.say("{}");
    until(&mut live, "again", |message| message["id"] == 1);
    live.say("no JSON");
    until(&mut live, "an error", |message| message["error"].is_string());
    // By an API key of a slicer, too; those who only look see no token.
    let (view, _) = lan.key("view");
    let (status, mut live) = lan.socket("/ws/web/1/", &[&format!("X-Api-Key: {view}")]);
    assert_eq!(status, 101);
    let seen = live.message().expect("the printer");
    assert_eq!((&seen["id"], &seen["auth_token"]), (&json!(1), &json!("")), "{seen}");
    // A browser's socket carries a ticket.
    let ticket =
        lan.ask("POST", "/api/v1/vigil/tickets/", Some(&view), Some(&json!({"path": "/ws/web/1/"}))).1;
    let with = format!("/ws/web/1/?ticket={}", ticket["ticket"].as_str().expect("a ticket"));
    assert_eq!(lan.socket(&with, &[]).0, 101);
    // The printer's own token shows its printer, and no other way than by looking.
    let token = first["auth_token"].as_str().expect("a token");
    let (status, mut live) = lan.socket(&format!("/ws/token/web/{token}/"), &[]);
    assert_eq!((status, live.message().expect("the printer")["id"].as_i64()), (101, Some(1)));
    let refused = pass(&mut live, "a", "_printer", "home", json!([["x"]]));
    assert!(refused["error"].as_str().is_some_and(|why| why.contains("may only look")), "{refused}");
    lan.door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_passed_through_is_done_as_in_the_window_and_by_role() {
    let lan = Lan::open().await;
    let (owner, _) = lan.key("owner");
    let (_, mut live) = lan.socket("/ws/web/1/", &[&bearer(&owner)]);
    assert_eq!(pass(&mut live, "1", "_printer", "home", json!([["x", "y", "z"]]))["ret"], "ok");
    // Homing takes a while, and meanwhile nothing is moved by hand.
    let mut jogged = Value::Null;
    for n in 0..200 {
        jogged = pass(&mut live, &format!("jog {n}"), "_printer", "jog", json!([{"x": 5}]));
        if jogged["ret"] == "ok" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(jogged["ret"], "ok", "{jogged}");
    assert_eq!(pass(&mut live, "3", "_printer", "set_temperature", json!(["tool0", 60]))["ret"], "ok");
    until(&mut live, "the target", |m| m["status"]["temperatures"]["tool0"]["target"] == 60.0);
    assert_eq!(pass(&mut live, "4", "_printer", "set_temperature", json!(["heater_bed", 40]))["ret"], "ok");
    let hot = pass(&mut live, "5", "_printer", "set_temperature", json!(["tool0", 9_000]));
    assert!(hot["error"].is_string(), "out of range: {hot}");
    let pic = pass(&mut live, "6", "jpeg_poster", "web_snapshot_request", json!(["http://evil.example/"]));
    assert!(
        pic["ret"]["pic"].as_str().is_some_and(|pic| pic.starts_with("/9j/")),
        "a JPEG of ours: {pic:.80}"
    );
    // The terminal is followed while it is wanted.
    assert_eq!(pass(&mut live, "7", "gcode_hooks", "toggle_terminal_feed", json!(["on"]))["ret"], "ok");
    let lines = json!({"target": "_printer", "func": "commands", "args": [["M114", "M105"]], "ref": "8"});
    live.say(&json!({"passthru": lines}).to_string());
    until(&mut live, "the line", |m| {
        m["passthru"]["terminal_feed"]["msg"].as_str().is_some_and(|line| line.contains("M114"))
    });
    assert_eq!(pass(&mut live, "9", "gcode_hooks", "toggle_terminal_feed", json!(["off"]))["ret"], "ok");
    for (n, target, func, args) in [
        ("a", "_printer", "select_file", json!(["/etc/passwd"])),
        ("b", "file_downloader", "download", json!([{"url": "http://evil.example/x", "filename": "x"}])),
        ("c", "file_downloader", "download", json!([{"id": 999}])),
        ("d", "os", "system", json!(["reboot"])),
        ("e", "_printer", "__class__", json!([])),
        ("f", "_printer", "commands", json!([])),
    ] {
        let refused = pass(&mut live, n, target, func, args);
        assert!(refused["error"].is_string() && refused.get("ret").is_none(), "{target}.{func}: {refused}");
    }
    // The same reference again is left out; without one nobody waits.
    live.say(
        &json!({"passthru": {"target": "_printer", "func": "jog", "args": [{"x": 1}], "ref": "3"}})
            .to_string(),
    );
    live.say(&json!({"passthru": {"target": "_printer", "func": "jog", "args": [{"x": 1}]}}).to_string());
    until(&mut live, "an error", |message| message["error"].is_string());

    let print = lan.door.world.print_sample().await;
    let (operate, _) = lan.key("operate");
    let (_, mut hand) = lan.socket("/ws/web/1/", &[&bearer(&operate)]);
    for (n, func, args) in [
        ("1", "jog", json!([{"x": 5}])),
        ("2", "set_temperature", json!(["tool0", 60])),
        ("3", "commands", json!(["M112"])),
        ("4", "disconnect", json!([])),
    ] {
        let refused = pass(&mut hand, n, "_printer", func, args);
        assert!(refused["error"].as_str().is_some_and(|why| why.contains("may only")), "{func}: {refused}");
    }
    let feed = pass(&mut hand, "5", "gcode_hooks", "toggle_terminal_feed", json!(["on"]));
    assert!(feed["error"].is_string(), "{feed}");
    assert_eq!(pass(&mut hand, "6", "_printer", "pause_print", json!([]))["ret"], "ok");
    until(&mut hand, "paused", |m| m["status"]["state"]["flags"]["paused"] == true);
    assert_eq!(lan.door.world.view().current_print.as_ref().map(|p| p.id), Some(print));
    lan.door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_comes_to_the_socket_who_may_not() {
    let lan = Lan::open().await;
    let (view, id) = lan.key("view");
    for (path, lines, status) in [
        ("/ws/web/1/", vec![], 401),
        ("/ws/web/1/", vec![bearer(TOKEN)], 401),
        ("/ws/web/1/", vec![bearer("0123456789abcdef0123456789abcdee")], 401),
        ("/ws/web/1/?ticket=ffff.w.00.00", vec![], 401),
        ("/ws/web/99/", vec![bearer(&view)], 404),
        ("/ws/web/0123456789abcdef0123456789abcdef/", vec![], 404),
        ("/ws/web/..%2f..%2fetc/", vec![bearer(&view)], 404),
        ("/ws/token/web/00000000000000000000/", vec![], 404),
        ("/ws/share_token/web/x/", vec![bearer(&view)], 404),
        ("/ws/janus/1/", vec![bearer(&view)], 404),
    ] {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert_eq!(lan.socket(path, &lines).0, status, "{path}");
    }
    let good = bearer(&view);
    for (line, status) in [
        ("Origin: http://evil.example", 403),
        ("Origin: null", 403),
        ("Origin: https://127.0.0.1", 403),
        ("Host: evil.example", 421),
    ] {
        assert_eq!(lan.socket("/ws/web/1/", &[&good, line]).0, status, "{line}");
    }
    let own = format!("Origin: http://127.0.0.1:{}", lan.port);
    let (status, live) = lan.socket("/ws/web/1/", &[&good, &own]);
    assert_eq!(status, 101);
    // Without a handshake it is an error that can be read.
    let (status, plain) = lan.ask("GET", "/ws/web/1/", Some(&view), None);
    assert!((400..=426).contains(&status) && plain["detail"].is_string(), "{status} {plain}");
    // Too long a message ends it.
    let (_, mut long) = lan.socket("/ws/web/1/", &[&good]);
    long.say(&"x".repeat(100_000));
    assert!(long.until_closed() < Duration::from_secs(20));
    // Whoever is revoked is out.
    lan.revoke(id);
    assert!(live.until_closed() < Duration::from_secs(20));
    assert_eq!(lan.socket("/ws/web/1/", &[&good]).0, 401);
    lan.door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_reads_nothing_holds_nobody_up() {
    let lan = Lan::open().await;
    let (view, _) = lan.key("view");
    let (status, _stuck) = lan.socket("/ws/web/1/", &[&bearer(&view)]);
    assert_eq!(status, 101);
    let (_, mut live) = lan.socket("/ws/web/1/", &[&bearer(&view)]);
    lan.door.world.print_sample().await;
    until(&mut live, "printing", |m| m["current_print"].is_object());
    for n in 0..30 {
        let name = format!("Name {n} {}", "x".repeat(200));
        assert_eq!(lan.door.patch("/api/v1/printers/1/", &json!({"name": name})).0, 200);
    }
    until(&mut live, "the last name", |m| {
        m["name"].as_str().is_some_and(|name| name.starts_with("Name 29 "))
    });
    lan.door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shared_link_shows_one_printer_ends_and_can_be_revoked() {
    let lan = Lan::open().await;
    lan.door.patch("/api/v1/printers/1/", &json!({"name": "<script>alert(1)</script>"}));
    let (token, id) = share(&lan);
    let (_, listed) = lan.door.get("/api/v1/sharedresources/?printer_id=1");
    assert_eq!(
        (&listed[0]["id"], &listed[0]["share_token"]),
        (&json!(id), &Value::Null),
        "told once: {listed}"
    );
    assert!(listed[0]["ends_at"].is_string(), "{listed}");
    let at = format!("/printers/share_token/{token}/");

    let raw = |path: &str, more: &str| {
        lan.raw(&format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{more}\r\n"))
    };
    let page = raw(&at, "");
    let low = page.to_lowercase();
    assert!(page.starts_with("HTTP/1.1 200") && low.contains("content-type: text/html"), "{page}");
    assert!(low.contains("no-store") && low.contains("referrer-policy: no-referrer"), "{page}");
    assert!(low.contains("default-src 'none'"), "{page}");
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;"), "{page}");
    for (path, more) in [
        (format!("{at}?format=json"), ""),
        (at.clone(), "Accept: application/json\r\n"),
        (format!("/api/v1/printers/share_token/{token}/"), ""),
    ] {
        let answer = raw(&path, more);
        let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
        let shown: Value = serde_json::from_str(body).unwrap_or_else(|_| panic!("{path}: {answer}"));
        assert_eq!(shown["name"], "<script>alert(1)</script>", "{path}: {shown}");
        assert!(shown["status"]["state"]["text"].is_string() && shown["settings"].is_object(), "{shown}");
        for secret in ["auth_token", "id", "vigil"] {
            assert!(shown.get(secret).is_none(), "{secret} in {shown}");
        }
        let picture = shown["pic"]["img_url"].as_str().expect("a live picture");
        assert!(raw(picture, "").to_lowercase().contains("content-type: image/jpeg"), "{picture}");
    }
    let (status, mut live) = lan.socket(&format!("/ws/share_token/web/{token}/"), &[]);
    assert_eq!(status, 101);
    let first = live.message().expect("the printer");
    assert!(first["name"].is_string() && first.get("auth_token").is_none(), "{first}");
    assert_eq!(lan.socket(&format!("/ws/web/{token}/"), &[]).0, 101, "also as Obico's clients may");

    // It allows nothing else: no address with the secret in a header, no method, no message.
    let key = format!("X-Api-Key: {token}");
    for path in ["/api/v1/printers/", "/api/v1/printers/1/", "/api/v1/prints/", "/api/v1/sharedresources/"] {
        assert_eq!(lan.ask("GET", path, Some(&token), None).0, 401, "{path}");
        assert!(raw(path, &format!("{key}\r\n")).starts_with("HTTP/1.1 401"), "{path}");
    }
    assert_eq!(lan.ask("POST", "/api/v1/printers/1/pause_print/", Some(&token), Some(&json!({}))).0, 401);
    assert_eq!(
        lan.ask("POST", "/api/v1/vigil/tickets/", Some(&token), Some(&json!({"path": "/ws/web/1/"}))).0,
        401
    );
    assert_eq!(lan.socket("/ws/web/1/", &[&bearer(&token)]).0, 401);
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        for path in [at.clone(), format!("{at}pic.jpg"), format!("/api/v1/printers/share_token/{token}/")] {
            let (status, _) = lan.ask(method, &path, None, Some(&json!({})));
            assert_eq!(status, 405, "{method} {path}");
        }
    }
    let (_, nothing) = lan.ask("POST", &format!("{at}pause_print/"), None, Some(&json!({})));
    assert!(nothing.get("succeeded").is_none(), "there is no such address: {nothing}");
    let target = |lan: &Lan| lan.door.world.view().status.temperatures.get("tool0").and_then(|t| t.target);
    let before = target(&lan);
    let heat = json!({"target": "_printer", "func": "set_temperature", "args": ["tool0", 200], "ref": "x"});
    live.say(&json!({"passthru": heat}).to_string());
    let answer = until(&mut live, "the state again", |_| true);
    assert!(answer.get("passthru").is_none(), "{answer}");
    assert_eq!(target(&lan), before);
    let (_live, refused) = lan.live(&token);
    assert_eq!(refused["type"], "refused", "{refused}");

    // Others' roles make, list and revoke none.
    let (operate, _) = lan.key("operate");
    assert_eq!(lan.ask("POST", "/api/v1/sharedresources/?printer_id=1", Some(&operate), None).0, 403);
    assert_eq!(lan.ask("DELETE", &format!("/api/v1/sharedresources/{id}/"), Some(&operate), None).0, 403);
    for wrong in ["x", "..%2f..%2fx", &"0".repeat(32), &"a".repeat(5_000)] {
        let answer = raw(&format!("/printers/share_token/{wrong}/"), "");
        assert!(answer.starts_with("HTTP/1.1 404"), "{wrong:.40}: {answer:.200}");
    }
    // Revoked, it is out at once; a grant of another kind is not revoked there.
    let (_, key_id) = lan.key("view");
    assert_eq!(lan.door.delete(&format!("/api/v1/sharedresources/{key_id}/")).0, 404);
    assert_eq!(lan.door.delete(&format!("/api/v1/sharedresources/{id}/")).0, 204);
    assert!(live.until_closed() < Duration::from_secs(20));
    let gone = raw(&at, "");
    assert!(gone.starts_with("HTTP/1.1 404") && gone.contains("revoked"), "{gone}");
    lan.door.world.end().await;
}
