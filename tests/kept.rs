//! Words that the app gives: what is removed keeps its history, what was deleted comes back within the hour, what is
//! kept is the user's only, and a print that was cut short is taken up with its own file.

use domain::{EndedBy, EventClass, EventId, EventType, Initiator, Print, PrintId, PrinterEvent, Timestamp};
use serde_json::{Value, json};
use tests::visitor::Door;
use tests::world::{Options, start_at};

/// A print that ended an hour ago, with a folder of its own.
fn past_print(door: &Door, id: i64) -> std::path::PathBuf {
    let began = door.world.station.now().plus_secs(-7_200.0);
    let mut print = Print::begin(PrintId(id), door.world.printer, None, format!("part-{id}.gcode"), began);
    (print.finished_at, print.ended_by) = (Some(began.plus_secs(3600.0)), Some(EndedBy::Finished));
    let store = door.world.station.store();
    store.write_now(move |tx| store::print::put(tx, &print)).expect("written");
    let folder = door.world.dir.path().join(format!("media/prints/{id}"));
    std::fs::create_dir_all(&folder).expect("made");
    std::fs::write(folder.join("film.mp4"), [0; 64]).expect("written");
    folder
}

fn ids(list: &Value) -> Vec<i64> {
    list.as_array().into_iter().flatten().filter_map(|one| one["id"].as_i64()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_deleted_within_the_hour_comes_back_and_later_it_is_gone() {
    let door = Door::open().await;
    let folder = past_print(&door, 700);
    let (_, file) = door.upload("a.gcode", b"G28\nG1 X10 E1\n", &[]);
    let file = file["id"].as_i64().expect("a file");
    assert_eq!(door.delete("/api/v1/prints/700/").0, 204);
    assert_eq!(door.post("/api/v1/g_code_files/bulk_delete/", &json!({"file_ids": [file]})).0, 204);
    assert_eq!(door.get("/api/v1/prints/700/").0, 404);
    let (_, deleted) = door.get("/api/v1/vigil/deleted/");
    assert_eq!((ids(&deleted["prints"]), ids(&deleted["files"])), (vec![700], vec![file]), "{deleted}");
    assert_eq!(deleted["prints"][0]["name"], "part-700.gcode");

    let wanted = json!({"prints": [700, 701], "files": [file]});
    let (status, back) = door.post("/api/v1/vigil/deleted/", &wanted);
    assert_eq!((status, &back), (200, &json!({"prints": 1, "files": 1, "printers": 0})), "{back}");
    assert_eq!(door.get("/api/v1/prints/700/").0, 200);
    assert_eq!(door.get(&format!("/api/v1/g_code_files/{file}/")).0, 200);
    assert!(folder.join("film.mp4").is_file(), "with all that belongs to it");

    // An hour and a second later nobody can have it back, and its room is given free.
    let long_ago = door.world.station.now().plus_secs(-3_601.0);
    let store = door.world.station.store();
    store.write_now(move |tx| store::print::delete(tx, &[PrintId(700)], long_ago)).expect("written");
    assert_eq!(door.post("/api/v1/vigil/deleted/", &wanted).1["prints"], 0);
    assert_eq!(door.post("/api/v1/vigil/storage/tidy/", &json!({})).0, 200);
    assert!(!folder.exists(), "tidied up");
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_printer_that_is_removed_keeps_its_history_and_comes_back_within_the_hour() {
    let door = Door::open().await;
    past_print(&door, 700);
    let printer = door.world.printer;
    let (_, file) = door.upload("a.gcode", b"G28\nG1 X10 E1\n", &[]);
    let queue = format!("/api/v1/vigil/printers/{printer}/queue/");
    let (status, said) = door.post(&queue, &json!({"file_id": file["id"], "copies": 3}));
    assert!(status < 300, "{said}");
    assert_eq!(door.delete(&format!("/api/v1/printers/{printer}/")).0, 204);
    let (status, print) = door.get("/api/v1/prints/700/");
    assert_eq!((status, print["printer"].as_i64()), (200, Some(printer.get())), "{print}");
    assert_eq!(ids(&door.get("/api/v1/prints/?q=part-700").1), [700]);
    let (_, removed) = door.get("/api/v1/vigil/printers/removed/");
    assert_eq!((ids(&removed), removed[0]["name"].as_str()), (vec![printer.get()], Some("Demo printer")));
    assert_eq!(ids(&door.get("/api/v1/vigil/deleted/").1["printers"]), [printer.get()]);
    assert!(door.get("/api/v1/printers/").1.as_array().is_some_and(Vec::is_empty));

    let (_, back) = door.post("/api/v1/vigil/deleted/", &json!({"printers": [printer, 77]}));
    assert_eq!(back["printers"], 1, "{back}");
    let (_, printers) = door.get("/api/v1/printers/");
    assert_eq!(ids(&printers), [printer.get()]);
    let waits = &printers[0]["vigil"]["queue"];
    assert_eq!((ids(waits), &waits[0]["copies"]), (vec![1], &json!(3)), "what waited still waits: {waits}");
    assert_eq!(door.get("/api/v1/vigil/printers/removed/").1, json!([]));
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_print_shows_its_own_events_however_many_came_after() {
    let door = Door::open().await;
    past_print(&door, 700);
    let printer = door.world.printer;
    let event = move |n: i64, print: Option<PrintId>| PrinterEvent {
        id: EventId(0),
        print,
        printer,
        event_type: EventType::Paused,
        event_class: EventClass::Info,
        event_title: format!("event {n}"),
        event_text: String::new(),
        image_url: None,
        info_url: None,
        initiator: Initiator::App,
        created_at: Timestamp::from_micros(n),
    };
    door.world
        .station
        .store()
        .write_now(move |tx| {
            store::event::insert(tx, &event(1, Some(PrintId(700))))?;
            (2..700).try_for_each(|n| store::event::insert(tx, &event(n, None)))
        })
        .expect("written");
    let (_, of_print) = door.get("/api/v1/printer_events/?print_id=700");
    let titles: Vec<_> =
        of_print.as_array().into_iter().flatten().map(|event| event["event_title"].clone()).collect();
    assert_eq!(titles, ["event 1"]);
    let newest = door.get("/api/v1/printer_events/?limit=1").1;
    let second = door.get("/api/v1/printer_events/?limit=1&start=1").1;
    assert!(newest[0]["id"].as_i64() > second[0]["id"].as_i64(), "{newest} {second}");
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_short_print_is_taken_up_with_its_own_file_only() {
    let door = Door::open().await;
    let root = door.world.dir.path();
    let content = b"G28\nG1 X10 E1\nG1 X20 E2\nG1 X30 E3\n";
    let (_, file) = door.upload("a.gcode", content, &[]);
    let (id, signature) = (file["id"].as_i64().expect("a file"), file["agent_signature"].clone());
    let at = Timestamp::from_micros(0);
    let cut = |print: i64, file: i64, bytes: usize, sha256: &Value| {
        let head = json!({"print": print, "printer": door.world.printer, "file": file, "name": "a.gcode",
            "lines": 4, "file_bytes": bytes, "layers": 1, "sha256": sha256});
        let note = json!({"at": at, "line": 2, "filepos": 10, "layer_idx": 0, "z_mm": 0.2, "heaters": {}});
        std::fs::write(root.join(format!("ledger/{print}.jsonl")), format!("{head}\n{note}\n"))
            .expect("written");
    };
    let files = || {
        let (_, cut) = door.get("/api/v1/vigil/recoveries/");
        let cut = cut.as_array().expect("a list").clone();
        cut.into_iter().map(|cut| (cut["print"].clone(), cut["file"].clone())).collect::<Vec<_>>()
    };
    let other = json!(format!("sha256:{}", "0".repeat(64)));
    cut(901, id, content.len(), &other);
    cut(902, id, content.len() + 1, &signature);
    cut(903, id + 50, content.len(), &signature);
    cut(904, id, content.len() + 1, &Value::Null);
    let found = files();
    let expected = [(904, Value::Null), (903, json!(id)), (902, Value::Null), (901, Value::Null)];
    assert_eq!(found, expected.map(|(print, file)| (json!(print), file)));
    for print in [901, 902, 904] {
        let (status, error) = door.post(&format!("/api/v1/vigil/recoveries/{print}/take_up/"), &json!({}));
        assert_eq!((status, error["code"].as_str()), (409, Some("file_gone")), "{print}: {error}");
    }
    // Same size, same row, another content on the disk.
    cut(905, id, content.len(), &signature);
    assert_eq!(files()[0], (json!(905), json!(id)));
    let mut changed = content.to_vec();
    changed[8] = b'9';
    std::fs::write(door.world.station.file_path(domain::FileId(id)), changed).expect("written");
    let (status, error) = door.post("/api/v1/vigil/recoveries/905/take_up/", &json!({}));
    assert_eq!((status, error["code"].as_str()), (409, Some("file_changed")), "{error}");
    assert!(door.world.view().current_print.is_none(), "nothing was started");
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_removed_under_the_core_is_said() {
    let dir = tempfile::tempdir().expect("a folder");
    let (station, _far) = start_at(dir.path(), &Options::default()).await;
    let mut changes = station.subscribe();
    std::fs::remove_file(dir.path().join("printvigil.db")).expect("removed");
    let said = changes.wait_for(|now| now.system.history_lost.is_some());
    let said = tokio::time::timeout(std::time::Duration::from_secs(15), said).await;
    let text = said.expect("within seconds").expect("the core lives").system.history_lost.clone();
    assert!(text.as_ref().is_some_and(|text| text.contains("printvigil.db")), "{text:?}");
    station.shutdown(domain::Leave::AsItIs).await;
}
