//! The record, field by field: the table in `tests/records/table.md` against the answers of a running core, its files
//! and its tests; and what a person is shown to look at.

use domain::{AlertOverwrite, DemoFault, Request};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use tests::visitor::Door;

#[path = "records/changing.rs"]
mod changing;

/// What was promised, object by object; the table may say more of each object, never less.
const PROMISED: &[(&str, &str)] = &[
    (
        "Printer",
        "id name created_at action_on_failure watching_enabled not_watching_reason tools_off_on_pause \
         bed_off_on_pause retract_on_pause lift_z_on_pause detective_sensitivity pic.img_url status settings \
         current_print normalized_p auth_token",
    ),
    (
        "PrinterStatus",
        "state.text state.flags.operational state.flags.paused state.flags.printing state.flags.pausing \
         state.flags.cancelling state.flags.sdReady state.flags.error state.flags.ready \
         state.flags.closedOrError job.estimatedPrintTime job.lastPrintTime job.filament.length \
         job.filament.volume progress.completion progress.filepos progress.printTime progress.printTimeLeft \
         progress.printTimeLeftOrigin temperatures.*.actual temperatures.*.target temperatures.*.offset",
    ),
    (
        "PrinterSettings",
        "webcam_flipV webcam_flipH webcam_streamRatio webcam_rotation agent_name agent_version temp_profiles",
    ),
    (
        "Print",
        "id printer filename started_at finished_at cancelled_at uploaded_at alerted_at alert_acknowledged_at \
         alert_muted_at paused_at video_url tagged_video_url poster_url prediction_json_url alert_overwrite \
         printshotfeedback_set",
    ),
    ("PrintShotFeedback", "id print_id image_url answer answered_at"),
    ("GCodeFile", "id user filename safe_filename url num_bytes"),
    ("User", "email consented_at dh_balance"),
];

struct Row {
    object: String,
    field: String,
    set_in: String,
    shown_by: String,
    /// A test, or `never: why`.
    changes: String,
}

fn table() -> Vec<Row> {
    let row = |line: &str| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [object, field, set_in, shown_by, changes] = cells[..] else { panic!("five cells: {line}") };
        let set_in = set_in.trim_matches('`').to_owned();
        Row {
            object: object.into(),
            field: field.into(),
            set_in,
            shown_by: shown_by.into(),
            changes: changes.into(),
        }
    };
    let lines = include_str!("records/table.md").lines().filter(|line| line.starts_with('|'));
    lines.skip(2).map(row).collect()
}

/// Returns the text of each Rust file below a folder.
fn sources(folder: &Path, all: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "target" && name != "node_modules") {
            sources(&path, all);
        } else if path.extension().is_some_and(|end| end == "rs") {
            all.push(std::fs::read_to_string(&path).expect("readable"));
        }
    }
}

#[test]
fn every_row_of_the_table_names_a_file_and_a_test_that_exist() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut texts = Vec::new();
    sources(&root.join("src-tauri/crates"), &mut texts);
    sources(&root.join("tests"), &mut texts);
    let rows = table();
    for row in &rows {
        let file = root.join("src-tauri/crates").join(&row.set_in);
        assert!(file.is_file(), "{} {}: {} does not exist", row.object, row.field, row.set_in);
        let never = row.changes.strip_prefix("never: ").is_some_and(|why| !why.is_empty());
        for test in [&row.shown_by, &row.changes].into_iter().take(if never { 1 } else { 2 }) {
            let function = format!("fn {test}(");
            let there = texts.iter().any(|text| text.contains(&function));
            assert!(there, "{} {}: there is no test {test}", row.object, row.field);
        }
    }
    for (object, fields) in PROMISED {
        for field in fields.split_whitespace() {
            let there = rows.iter().any(|row| row.object == *object && row.field == field);
            assert!(there, "{object} {field} is not in the table");
        }
    }
}

/// Where an object ends and another begins: these are named, not opened.
const CLOSED: &[&str] = &[
    "status",
    "settings",
    "current_print",
    "g_code_file",
    "printshotfeedback_set",
    "temp_profiles",
    "metadata_json",
];

/// Returns the names of all fields, with dots; maps of heaters have `*` for the name.
fn fields(value: &Value, before: &str, found: &mut BTreeSet<String>) {
    let Some(object) = value.as_object() else { return };
    for (name, value) in object {
        if name == "vigil" {
            continue;
        }
        let name = if before == "temperatures." { "*" } else { name.as_str() };
        let full = format!("{before}{name}");
        match value {
            Value::Object(_) if !CLOSED.contains(&name) => fields(value, &format!("{full}."), found),
            Value::Object(_)
            | Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_) => {
                found.insert(full);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_record_has_every_field_of_its_table_and_no_other() {
    let door = Door::open().await;
    let print = door.world.print_sample().await;
    door.world.until_looks(5, 60).await;
    let (_, printers) = door.get("/api/v1/printers/");
    let printer = &printers[0];
    let (_, shown) = door.get(&format!("/api/v1/prints/{print}/"));
    let file = &shown["g_code_file"];
    assert_eq!(printer["status"]["job"]["file"]["obico_g_code_file_id"], file["id"], "{printer}");
    let bed = &printer["status"]["temperatures"]["bed"];
    assert!(bed["actual"].as_f64() > Some(15.0) && bed["target"].as_f64() > Some(30.0), "{bed}");
    let (_, events) = door.get("/api/v1/printer_events/");
    let (status, user) =
        door.patch("/api/v1/users/me/", &json!({"email": "me@example.org", "unseen_printer_events": 0}));
    assert_eq!((status, user["email"].as_str()), (200, Some("me@example.org")), "{user}");
    assert_eq!(user["unseen_printer_events"], 0);
    for wrong in [json!({"dh_balance": -1}), json!({"dh_balance": 200_000}), json!({"consented_at": 0})] {
        assert!(door.patch("/api/v1/users/me/", &wrong).0 >= 400, "{wrong}");
    }
    let store = door.world.station.store();
    store.write_now(move |tx| store::shot::insert(tx, print, "/media/x.jpg")).expect("written");
    let (_, with_shot) = door.get(&format!("/api/v1/prints/{print}/"));
    let objects: BTreeMap<&str, &Value> = [
        ("Printer", printer),
        ("PrinterStatus", &printer["status"]),
        ("PrinterSettings", &printer["settings"]),
        ("Print", &shown),
        ("PrintShotFeedback", &with_shot["printshotfeedback_set"][0]),
        ("GCodeFile", file),
        ("User", &user),
        ("PrinterEvent", &events[0]),
    ]
    .into();
    let rows = table();
    for (object, value) in objects {
        let mut found = BTreeSet::new();
        fields(value, "", &mut found);
        let told: BTreeSet<String> =
            rows.iter().filter(|row| row.object == object).map(|row| row.field.clone()).collect();
        assert_eq!(found, told, "{object}: the API on the left, the table on the right");
    }
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_is_listed_to_be_looked_at_answered_and_gone_from_the_count() {
    let door = Door::open().await;
    let print = door.world.print_sample().await;
    door.world.until_looks(35, 60).await;
    door.world
        .station
        .demo_fault(door.world.printer, DemoFault::Tangle, true)
        .expect("the demo has a tangle");
    door.world.until("paused", 60, |v| v.status.state.flags.paused && v.vigil.pause_confirmed).await;
    door.world.ask(Request::Acknowledge(door.world.printer, None)).await;
    door.world.ask(Request::Cancel(door.world.printer)).await;
    door.world.until("ready again", 60, |v| v.vigil.can.start && v.current_print.is_none()).await;
    // The answer to the alert that paused is on its way to the disk when the printer is ready already.
    let mut seen = Value::Null;
    for _ in 0..1200 {
        seen = door.get("/api/v1/vigil/review/?kind=alert&reviewed=true").1;
        if seen["items"].as_array().is_some_and(|items| !items.is_empty()) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let (_, counts) = door.get("/api/v1/vigil/review/counts/");
    assert!(counts["alerts"].as_u64() >= Some(1), "{counts}");
    let (_, page) = door.get("/api/v1/vigil/review/?kind=alert&reviewed=false");
    let item = &page["items"][0];
    assert_eq!(
        (item["print"].as_i64(), item["paused"].as_bool()),
        (Some(print.get()), Some(false)),
        "{item}"
    );
    assert_eq!(
        seen["items"][0]["paused"], true,
        "who answered the alert that paused has looked at it: {seen}"
    );
    assert!(item["reasons"].is_object() && item["level"].as_f64() > Some(0.3), "{item}");
    let picture = item["image_url"].as_str().expect("its picture is kept");
    assert_eq!(door.raw(picture).status().as_u16(), 200);
    assert!(!item["boxes"].as_array().expect("boxes").is_empty(), "{item}");

    // What is known of the print moment by moment has columns of one length.
    for (what, columns) in [
        ("temperatures", vec!["t"]),
        ("frames", vec!["t", "id", "line", "layer", "url"]),
        ("looks", vec!["t", "frame", "level"]),
    ] {
        let (status, all) = door.get(&format!("/api/v1/vigil/prints/{print}/{what}/"));
        let long: BTreeSet<usize> =
            columns.iter().map(|name| all[name].as_array().expect("a column").len()).collect();
        assert!(status == 200 && long.len() == 1 && !long.contains(&0), "{what}: {long:?}");
    }
    // The line that was executed last when a picture was taken, as it stands in the file.
    let (_, frames) = door.get(&format!("/api/v1/vigil/prints/{print}/frames/"));
    let line = frames["line"].as_array().and_then(|lines| lines.last()?.as_u64()).expect("a line");
    let file = door.get(&format!("/api/v1/prints/{print}/")).1["g_code_file"]["id"].clone();
    let (status, around) = door.get(&format!("/api/v1/vigil/files/{file}/lines/?at={line}&around=2"));
    assert_eq!((status, around["first"].as_u64()), (200, Some(line - 2)), "{around}");
    let whole = sim::sample_gcode();
    let commands: Vec<&str> =
        whole.lines().filter(|text| !text.trim().is_empty() && !text.trim_start().starts_with(';')).collect();
    let from = line as usize - 3;
    assert_eq!(around["lines"], json!(commands[from..from + 5]));
    assert_eq!(door.get(&format!("/api/v1/vigil/files/{file}/lines/?at=0")).1["first"], 1);
    assert_eq!(door.get(&format!("/api/v1/vigil/files/{file}/lines/?at=99999999")).1["lines"], json!([]));
    let (_, hot) = door.get(&format!("/api/v1/vigil/prints/{print}/temperatures/"));
    let highest =
        hot["heaters"]["tool0"]["actual"].as_array().expect("a column").iter().filter_map(Value::as_f64);
    assert!(highest.fold(0.0, f64::max) > 150.0, "it was hot: {hot}");

    let name = json!({"kind": "alert", "print": print.get(), "id": item["id"]});
    let answer = json!({"items": [name], "answer": "failure"});
    let (status, told) = door.post("/api/v1/vigil/review/", &answer);
    assert_eq!(status, 200, "{told}");
    let (_, after) = door.get("/api/v1/vigil/review/?kind=alert&answer=failure");
    assert_eq!(after["items"][0]["answer"], "failure");
    assert!(after["items"][0]["reviewed_at"].is_string());
    let row = door.world.station.store().read(|conn| store::print::get(conn, print)).expect("readable");
    assert_eq!(row.expect("there").alert_overwrite, Some(AlertOverwrite::Failed), "a word on the print, too");
    let (_, left) = door.get("/api/v1/vigil/review/counts/");
    assert_eq!(left["alerts"].as_u64(), counts["alerts"].as_u64().map(|n| n - 1), "{left}");
    let back = json!({"items": [name], "reviewed": false});
    assert_eq!(door.post("/api/v1/vigil/review/", &back).1["changed"], 1);
    assert_eq!(door.get("/api/v1/vigil/review/counts/").1["alerts"], counts["alerts"]);
    assert_eq!(door.get("/api/v1/vigil/review/?answer=perhaps").0, 400);
    door.world.end().await;
}
