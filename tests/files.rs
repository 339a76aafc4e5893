//! The library through the door: uploads, folders, what is deleted and comes back, pictures and layers.

use serde_json::{Value, json};
use tests::visitor::{Door, TOKEN, read};

const FILES: &str = "/api/v1/g_code_files/";
const FOLDERS: &str = "/api/v1/g_code_folders/";
const PART: &str = "M104 S200\nM140 S60\nG28\n;LAYER:0\nG1 X10 Y10 Z0.2 E1 F1200\nG1 X20 E2\n;LAYER:1\nG1 Z0.4\nG1 X10 E3\nM104 S0\nM140 S0\n";

/// Adds a file of this content and returns its number.
fn added(door: &Door, name: &str, content: &str, fields: &[(&str, &str)]) -> i64 {
    let (status, file) = door.upload(name, content.as_bytes(), fields);
    assert_eq!(status, 201, "{file}");
    file["id"].as_i64().expect("a number")
}

fn names(door: &Door, query: &str) -> Vec<String> {
    let (status, page) = door.get(&format!("{FILES}?{query}"));
    assert_eq!(status, 200, "{page}");
    let all = page["results"].as_array().expect("a list").iter();
    all.map(|file| file["filename"].as_str().unwrap_or_default().to_owned())
        .filter(|name| !name.starts_with("Demo") && !name.starts_with("demo"))
        .collect()
}

/// A grey PNG of 16 x 16 pixels.
const PICTURE: &str =
    "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAAAAAA6mKC9AAAAD0lEQVR42mNoQAMMI1sAAAUMgAHjM1mKAAAAAElFTkSuQmCC";

#[tokio::test(flavor = "multi_thread")]
async fn folders_hold_files_and_go_with_them() {
    let door = Door::open().await;
    let folder = |name: &str, parent: Value| {
        let (status, made) = door.post(FOLDERS, &json!({"name": name, "parent_folder": parent}));
        assert_eq!(status, 201, "{made}");
        made["id"].as_i64().expect("a number")
    };
    let outer = folder("Vases", Value::Null);
    let inner = folder("Small", json!(outer));
    let inside = inner.to_string();
    let id = added(&door, "a.gcode", PART, &[("parent_folder", inside.as_str())]);
    added(&door, "b.gcode", &format!("{PART}G4\n"), &[]);
    assert_eq!(names(&door, &format!("parent_folder={inner}")), ["a.gcode"]);
    assert!(!names(&door, "parent_folder=root").contains(&"a.gcode".to_owned()));
    assert_eq!(names(&door, "q=A.GC"), ["a.gcode"], "a search looks into folders");
    assert_eq!(names(&door, "sorting=filename_desc")[..2], ["b.gcode", "a.gcode"]);
    let (_, page) = door.get(FOLDERS);
    let small = page["results"].as_array().expect("a list").iter().find(|f| f["id"] == inner);
    assert_eq!(small.expect("it is listed")["vigil"], json!({"files": 1, "folders": 0}));

    let (status, error) = door.patch(&format!("{FOLDERS}{outer}/"), &json!({"parent_folder": inner}));
    assert_eq!((status, error["code"].as_str()), (400, Some("in_itself")), "{error}");
    for name in ["", "  ", "../up", "a\\b", "\u{202e}"] {
        let (status, error) = door.post(FOLDERS, &json!({"name": name}));
        assert_eq!((status, error["code"].as_str()), (400, Some("bad_name")), "{name:?}: {error}");
    }
    let (status, _) =
        door.post(&format!("{FILES}bulk_move/"), &json!({"file_ids": [id], "parent_folder": 999}));
    assert_eq!(status, 404, "into no folder");
    let (status, _) = door.delete(&format!("{FOLDERS}{outer}/"));
    assert_eq!(status, 204);
    assert_eq!(names(&door, "q=a.gcode"), Vec::<String>::new(), "what lay in it went too");
    assert_eq!(door.get(&format!("{FOLDERS}{inner}/")).0, 404);
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_deleted_comes_back_whole() {
    let door = Door::open().await;
    let id = added(&door, "a.gcode", PART, &[]);
    let path = format!("{FILES}{id}/");
    assert_eq!(door.delete(&path).0, 204);
    assert_eq!(door.get(&path).0, 404);
    assert_eq!(door.get(&format!("{path}content/")).0, 404, "nor is its content given out");
    let printer = door.world.printer;
    let (status, _) = door.post(&format!("/api/v1/vigil/printers/{printer}/start/"), &json!({"file_id": id}));
    assert_eq!(status, 404, "what is deleted is not printed");
    let (status, back) = door.post("/api/v1/vigil/files/undelete/", &json!({"file_ids": [id, 9999]}));
    assert_eq!((status, &back["restored"]), (200, &json!(1)), "{back}");
    let mut content = door.raw(&format!("{path}content/"));
    assert_eq!(content.headers()["content-disposition"], "attachment; filename*=UTF-8''a.gcode");
    assert_eq!(content.body_mut().read_to_string().expect("text"), PART);
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn namesakes_are_kept_apart_or_replaced_and_twins_known() {
    let door = Door::open().await;
    let first = added(&door, "a.gcode", PART, &[]);
    let (status, again) = door.upload("a.gcode", PART.as_bytes(), &[]);
    assert_eq!((status, again["id"].as_i64()), (200, Some(first)), "the very same file is there already");
    let other = format!("{PART}G4 P1\n");
    let (status, second) = door.upload("a.gcode", other.as_bytes(), &[]);
    assert_eq!((status, second["filename"].as_str()), (201, Some("a (2).gcode")), "{second}");
    let (status, twin) = door.upload("b.gcode", PART.as_bytes(), &[]);
    assert_eq!((status, twin["vigil"]["same_as"].as_str()), (201, Some("a.gcode")), "{twin}");
    let third = format!("{PART}G4 P2\n");
    let (status, new) = door.upload("a.gcode", third.as_bytes(), &[("same_name", "replace")]);
    assert_eq!((status, new["filename"].as_str()), (201, Some("a.gcode")), "{new}");
    assert_eq!(door.get(&format!("{FILES}{first}/")).0, 404, "the old one is gone");
    assert_eq!(names(&door, "sorting=filename_asc"), ["a (2).gcode", "a.gcode", "b.gcode"]);
    assert_eq!(names(&door, "filename=a.gcode"), ["a.gcode"], "exactly this name");
    assert_eq!(door.upload("a.gcode", b"G28\n", &[("same_name", "burn")]).0, 400);
    assert_eq!(door.upload("a.gcode", b"G28\n", &[("parent_folder", "../x")]).0, 400);
    assert_eq!(door.upload("a.gcode", b"G28\n", &[("parent_folder", "4711")]).0, 404);
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_was_packed_for_the_way_is_refused_with_what_to_do() {
    let door = Door::open().await;
    let send = |coding: &str| {
        let request = door.agent.post(door.url(FOLDERS)).header("Authorization", format!("Bearer {TOKEN}"));
        let request = request.header("Content-Type", "application/json").header("Content-Encoding", coding);
        read(request.send(r#"{"name": "Packed"}"#).expect("answered"))
    };
    for coding in ["gzip", "GZIP", "deflate", "br", "gzip, identity"] {
        let (status, refused) = send(coding);
        assert_eq!((status, &refused["code"]), (415, &json!("packed_body")), "{coding}: {refused}");
        assert!(refused["hint"].as_str().is_some_and(|hint| hint.contains("without")), "{refused}");
    }
    assert_eq!(send("identity").0, 201, "which is not packed");
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_and_numbers_do_no_harm() {
    let door = Door::open().await;
    let id = added(&door, "..\\..\\boot.ini/\u{202e}part.gcode", PART, &[]);
    let path = format!("{FILES}{id}/");
    assert_eq!(door.get(&path).1["filename"], "part.gcode");
    let long = "x".repeat(5000);
    let (status, renamed) = door.patch(&path, &json!({"filename": long}));
    assert_eq!((status, renamed["filename"].as_str().map(str::len)), (200, Some(200)));
    assert_eq!(door.patch(&path, &json!({"filename": "/"})).0, 400);
    assert_eq!(door.patch(&path, &json!({"num_bytes": 1})).0, 422, "only name and folder change");
    for query in ["page=1", "page_size=0", "q=%25_%5C", "parent_folder=root"] {
        assert_eq!(door.get(&format!("{FILES}?{query}")).0, 200, "{query}");
    }
    for query in ["page=4294967295", "page=0", "parent_folder=root&page=2"] {
        assert_eq!(door.get(&format!("{FILES}?{query}")).0, 404, "the list ends before it: {query}");
    }
    for query in ["sorting=password", "parent_folder=1%20or%201=1", "page=-1"] {
        assert_eq!(door.get(&format!("{FILES}?{query}")).0, 400, "{query}");
    }
    for what in ["layers/99999/", "layers/-1/", "layers/1e9/", "preflight/?printer=99"] {
        let status = door.get(&format!("/api/v1/vigil/files/{id}/{what}")).0;
        assert!(status == 404 || status == 400, "{what}: {status}");
    }
    let tickets = "/api/v1/vigil/tickets/";
    for path in [
        "/api/v1/g_code_files/../printers/content/",
        "/api/v1/g_code_files/1/",
        "/api/v1/g_code_files/x/content/",
    ] {
        assert_eq!(door.post(tickets, &json!({"path": path})).0, 400, "{path}");
    }
    assert_eq!(door.post(tickets, &json!({"path": format!("{path}content/")})).0, 200);
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn layers_are_listed_and_drawn_one_by_one() {
    let door = Door::open().await;
    let id = added(&door, "a.gcode", PART, &[]);
    let path = format!("/api/v1/vigil/files/{id}/layers/");
    let (status, list) = door.get(&path);
    assert_eq!(status, 200, "{list}");
    assert_eq!(list["commands"], 9);
    let numbers: Vec<_> = list["layers"].as_array().expect("a list").iter().map(|l| &l["number"]).collect();
    assert_eq!(numbers, [&Value::Null, &json!(0), &json!(1)]);
    assert_eq!(list["layers"][2]["first_command"], 6);
    let mut answer = door.raw(&format!("{path}2/"));
    let bytes = answer.body_mut().read_to_vec().expect("bytes");
    assert_eq!(&bytes[..4], b"PVLG");
    let count = u32::from_le_bytes(bytes[8..12].try_into().expect("four bytes")) as usize;
    assert_eq!(bytes.len(), 16 + 33 * count);
    assert!(count >= 1 && list["layers"][2]["segments"] == count, "{list}");
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_come_out_of_files_and_only_pictures() {
    let door = Door::open().await;
    // The head of a PNG is enough: it is passed on, never opened here.
    let good = format!("; thumbnail begin 16x16 96\n; {PICTURE}\n; thumbnail end\n{PART}");
    let (_, file) = door.upload("a.gcode", good.as_bytes(), &[]);
    let picture = door.raw(file["thumbnail1_url"].as_str().expect("a picture"));
    assert_eq!(picture.status().as_u16(), 200);
    assert_eq!(picture.headers()["content-type"], "image/png");
    assert_eq!(picture.headers()["x-content-type-options"], "nosniff");
    let script = format!("; thumbnail begin 16x16 16\n; PHN2ZyBvbmxvYWQ9IngiPg==\n; thumbnail end\n{PART}");
    let (status, file) = door.upload("b.gcode", script.as_bytes(), &[]);
    assert_eq!((status, &file["thumbnail1_url"]), (201, &Value::Null), "an SVG is no picture of ours");
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_being_printed_stays_and_what_is_wrong_is_said_before() {
    let door = Door::open().await;
    let printer = door.world.printer;
    // Before the others are there: it takes the newest.
    door.world.print_sample().await;
    let good = added(&door, "good.gcode", PART, &[]);
    let cold = added(&door, "cold.gcode", "G28\nG1 X10 Y10 Z0.2 E1 F1200\nG1 X20 E2\n", &[]);
    let (_, list) = door.get(&format!("/api/v1/vigil/files/{good}/preflight/?printer={printer}"));
    assert_eq!(list["findings"], json!([]));
    let (_, list) = door.get(&format!("/api/v1/vigil/files/{cold}/preflight/?printer={printer}"));
    assert_eq!(list["findings"][0]["severity"], "warn", "{list}");

    let printing =
        door.world.view().current_print.as_ref().and_then(|print| print.vigil.file).expect("a file");
    let (_, list) = door.get(&format!("/api/v1/vigil/files/{printing}/preflight/?printer={printer}"));
    assert_eq!(list["findings"], json!([]), "the sample is fit for the printer that it is for");
    let (status, error) = door.post(&format!("{FILES}bulk_delete/"), &json!({"file_ids": [good, printing]}));
    assert_eq!((status, error["code"].as_str()), (409, Some("in_use")), "{error}");
    assert_eq!(door.get(&format!("{FILES}{good}/")).0, 200, "all or none");
    let (_, file) = door.get(&format!("{FILES}{printing}/"));
    assert_eq!(file["vigil"]["printing"], true);
    assert_eq!(file["vigil"]["prints"]["last"], "under_way", "{file}");
    door.world.end().await;
}
