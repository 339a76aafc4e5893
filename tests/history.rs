//! The history: lists, figures, notes, and room on the disk; what is erased is gone with its files.

use domain::{AlertOverwrite, EndedBy, Print, PrintId, PrinterId, Timestamp};
use serde_json::{Value, json};
use std::path::PathBuf;
use tests::visitor::Door;
use tests::world::{Options, start_at};

const DAY: f64 = 86_400.0;
/// 2026-10-24, noon in Berlin; the clock goes back in the night after.
const NOON: i64 = 1_792_836_000;

/// Six prints, a day apart; each third is cancelled. Each has a folder with a picture.
fn made_up(door: &Door) -> Vec<i64> {
    let store = door.world.station.store();
    let first = store.read(store::print::next_id).expect("readable").get() + 100;
    let ids: Vec<i64> = (0..6).map(|n| first + n).collect();
    let printer = door.world.printer;
    for (n, id) in ids.iter().copied().enumerate() {
        let began = Timestamp::from_micros(NOON * 1_000_000).plus_secs(n as f64 * DAY);
        let mut print = Print::begin(PrintId(id), printer, None, format!("part-{n}.gcode"), began);
        let ended = Some(began.plus_secs(3600.0));
        if n % 3 == 2 {
            (print.cancelled_at, print.ended_by) = (ended, Some(EndedBy::Cancelled));
        } else {
            (print.finished_at, print.ended_by) = (ended, Some(EndedBy::Finished));
        }
        (print.print_time, print.filament_used) = (Some(3600.0), Some(1000.0));
        let frame = domain::FrameRow {
            id: domain::FrameId(1_000_000 + id),
            print: PrintId(id),
            camera: domain::CameraId(1),
            taken_at: began,
            path: format!("media/prints/{id}/frames/{}.jpg", 1_000_000 + id),
            width: 64,
            height: 48,
            num_bytes: 2000,
            why: "film".into(),
            line: None,
            layer_idx: None,
        };
        let file = door.world.dir.path().join(&frame.path);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("made");
        std::fs::write(file, vec![0; 2000]).expect("written");
        store
            .write_now(move |tx| {
                store::print::put(tx, &print)?;
                store::frame::insert(tx, &frame)
            })
            .expect("written");
    }
    ids
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().expect("a list").iter().filter_map(|print| print["filename"].as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn prints_are_listed_summed_up_noted_and_grouped_by_local_days() {
    let door = Door::open().await;
    let ids = made_up(&door);
    let of = format!("filter_by_printer_ids[]={}", door.world.printer);
    let get = |path: String| {
        let (status, answer) = door.get(&path);
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    };
    let some = get(format!("/api/v1/prints/?{of}&limit=2&sorting=date_desc"));
    assert_eq!(names(&some), ["part-5.gcode", "part-4.gcode"]);
    assert_eq!(names(&get("/api/v1/prints/?q=part-3".into())), ["part-3.gcode"]);
    let cancelled = get("/api/v1/prints/?result=cancelled&q=part".into());
    assert_eq!(names(&cancelled), ["part-5.gcode", "part-2.gcode"]);
    let days = "from_date=2026-10-25&to_date=2026-10-26&timezone=Europe/Berlin";
    assert_eq!(names(&get(format!("/api/v1/prints/?{days}&q=part"))), ["part-2.gcode", "part-1.gcode"]);
    let count = get("/api/v1/vigil/prints/count/?q=part".into());
    assert_eq!((count["count"].as_u64(), count["media_bytes"].as_u64()), (Some(6), Some(12_000)));
    for bad in ["result=lost", "timezone=Moon/Crater", "from_date=soon", "limit=many", "feedback_needed=no"] {
        assert_eq!(door.get(&format!("/api/v1/prints/?{bad}")).0, 400, "{bad}");
    }

    // By hand: notes, marks, kept, the last word.
    let path = format!("/api/v1/prints/{}/", ids[0]);
    let words =
        json!({"notes": "glue", "tags": [" petg ", "petg", ""], "kept": true, "alert_overwrite": "FAILED"});
    let (status, changed) = door.patch(&path, &words);
    assert_eq!((status, &changed["vigil"]["tags"]), (200, &json!(["petg"])), "{changed}");
    assert_eq!(changed["vigil"]["media_bytes"], 2000);
    assert_eq!(names(&get("/api/v1/prints/?tag=petg".into())), ["part-0.gcode"]);
    assert_eq!(names(&get("/api/v1/prints/?result=failed&kept=true".into())), ["part-0.gcode"]);
    assert_eq!(get("/api/v1/vigil/prints/tags/".into()), json!(["petg"]));
    assert_eq!(door.patch(&path, &json!({"notes": "x".repeat(10_001)})).0, 400);
    assert_eq!(door.patch(&path, &json!({"print_time": -1})).0, 400);

    // Figures; the days are those of the place, over a change of its clock.
    let days = format!("{of}&from_date=2026-10-20&to_date=2026-10-31&timezone=Europe/Berlin&group_by=day");
    let stats = get(format!("/api/v1/prints/stats/?{days}"));
    assert_eq!(stats["total_print_count"], 6);
    assert_eq!(
        (&stats["total_succeeded_print_count"], &stats["total_cancelled_print_count"]),
        (&json!(3), &json!(2)),
        "one of the four that ended well was said to have failed"
    );
    assert_eq!(
        (&stats["longest_print_time"], &stats["average_print_time"]),
        (&json!(3600.0), &json!(3600.0))
    );
    let keys: Vec<&str> = stats["print_count_groups"]
        .as_array()
        .expect("groups")
        .iter()
        .filter_map(|bar| bar["key"].as_str())
        .collect();
    assert_eq!(keys[..2], ["2026-10-24T00:00:00+02:00", "2026-10-25T00:00:00+02:00"]);
    assert_eq!(keys[2], "2026-10-26T00:00:00+01:00");
    let ours = get(format!(
        "/api/v1/vigil/prints/stats/?{of}&from_date=2026-10-20&to_date=2026-10-31&group_by=week"
    ));
    let sum = |name: &str| -> u64 {
        ours["groups"].as_array().expect("groups").iter().filter_map(|group| group[name].as_u64()).sum()
    };
    assert_eq!((sum("finished"), sum("failed"), sum("cancelled")), (3, 1, 2), "{ours}");
    assert_eq!(door.get("/api/v1/prints/stats/?group_by=hour").0, 400);

    // Care is counted from the prints since it was last done.
    let care = json!({"printer": door.world.printer, "name": "Grease the rods", "unit": "hours", "every": 3});
    let (status, care) = door.post("/api/v1/vigil/maintenance/", &care);
    assert_eq!((status, &care["due"]), (201, &json!(false)), "{care}");
    let id = care["id"].as_i64().expect("a number");
    let long_ago = Timestamp::from_micros(NOON * 1_000_000);
    let store = door.world.station.store();
    store.write_now(move |tx| store::maintenance::done(tx, id, long_ago)).expect("written");
    let due = &get("/api/v1/vigil/maintenance/".into())[0];
    assert!(due["used"].as_f64() >= Some(6.0) && due["due"] == true, "six hours and the demo's own: {due}");
    let path = format!("/api/v1/vigil/maintenance/{id}/");
    assert_eq!(door.patch(&path, &json!({"every": 100})).1["due"], false);
    assert_eq!(door.patch(&path, &json!({"every": 0})).0, 400);
    assert!(door.post(&format!("{path}done/"), &json!({})).1["used"].as_f64() < Some(1.0));
    assert_eq!((door.delete(&path).0, door.delete(&path).0), (204, 404));
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_erased_is_gone_with_its_files_and_a_record_can_stay() {
    let door = Door::open().await;
    let ids = made_up(&door);
    let folder = |id: i64| -> PathBuf { door.world.dir.path().join("media/prints").join(id.to_string()) };
    let before = door.get("/api/v1/vigil/storage/?limit=3").1;
    assert_eq!(
        (before["media_bytes"].as_u64(), before["prints"].as_array().map(Vec::len)),
        (Some(12_000), Some(3))
    );
    assert!(
        before["free_bytes"].as_u64() > Some(0) && before["database_bytes"].as_u64() > Some(10_000),
        "{before}"
    );

    assert_eq!(door.delete(&format!("/api/v1/prints/{}/?keep_record=true", ids[0])).0, 204);
    let (_, kept) = door.get(&format!("/api/v1/prints/{}/", ids[0]));
    assert!(kept["vigil"]["pictures_dropped_at"].is_string() && kept["vigil"]["num_frames"] == 0, "{kept}");
    assert!(!folder(ids[0]).join("frames").exists());
    let (status, refused) = door.post(&format!("/api/v1/vigil/prints/{}/film/", ids[0]), &json!({}));
    assert_eq!((status, refused["code"].as_str()), (409, Some("no_pictures")));

    let all = json!({"print_ids": &ids[1..3], "for_good": true});
    assert_eq!(door.post("/api/v1/prints/bulk_delete/", &all).0, 204);
    assert_eq!(door.delete(&format!("/api/v1/prints/{}/?for_good=true", ids[5])).0, 204);
    for id in [ids[1], ids[2], ids[5]] {
        assert!(!folder(id).exists());
        assert_eq!(door.get(&format!("/api/v1/prints/{id}/")).0, 404);
    }
    let next = door.world.station.store().read(store::print::next_id).expect("readable");
    assert_eq!(next.get(), ids[5] + 1, "the number of the last print is not given again");

    // By rule: what a person keeps, and what nobody looked at yet, stays.
    let answer = door.patch(&format!("/api/v1/prints/{}/", ids[3]), &json!({"kept": true}));
    assert_eq!(answer.0, 200);
    let rules = json!({"pictures_days": null, "films_days": null, "max_bytes": 0, "max_prints": null});
    assert_eq!(door.put("/api/v1/vigil/storage/retention/", &rules).0, 200);
    let would = door.get("/api/v1/vigil/storage/tidy/").1;
    assert_eq!((would["prints"].as_u64(), would["bytes"].as_u64()), (Some(1), Some(2000)), "{would}");
    assert_eq!(door.post("/api/v1/vigil/storage/tidy/", &json!({})).1, would);
    assert!(folder(ids[3]).join("frames").exists() && !folder(ids[4]).join("frames").exists());
    assert_eq!(door.get("/api/v1/vigil/storage/").1["media_bytes"], 2000);
    let zero = json!({"pictures_days": 0});
    assert_eq!(door.put("/api/v1/vigil/storage/retention/", &zero).0, 400);
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_print_under_way_cannot_be_erased() {
    let door = Door::open().await;
    let print = door.world.print_sample().await;
    let (status, error) = door.delete(&format!("/api/v1/prints/{print}/"));
    assert_eq!((status, error["code"].as_str()), (409, Some("still_printing")));
    assert_eq!(door.get(&format!("/api/v1/prints/{print}/")).0, 200);
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_crash_left_of_an_erased_print_is_swept_at_the_next_start() {
    let door = Door::open().await;
    let ids = made_up(&door);
    let (rows_gone, dropped) = (PrintId(ids[0]), PrintId(ids[1]));
    // The rows went, then the power: the files are still there.
    let now = door.world.station.now();
    door.world
        .station
        .store()
        .write_now(move |tx| {
            store::erase::prints(tx, &[rows_gone])?;
            store::erase::pictures(tx, dropped, now)
        })
        .expect("written");
    let world = door.world;
    let root = world.dir.path().to_path_buf();
    std::fs::create_dir_all(root.join("trash/media-prints-9")).expect("made");
    let folder = |id: PrintId| root.join("media/prints").join(id.to_string());
    assert!(folder(rows_gone).exists() && folder(dropped).join("frames").exists());
    world.station.shutdown(domain::Leave::AsItIs).await;
    let (station, _far) = start_at(&root, &Options::default()).await;
    for _ in 0..100 {
        if !folder(rows_gone).exists() && !folder(dropped).join("frames").exists() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(!folder(rows_gone).exists() && !folder(dropped).join("frames").exists());
    assert!(!root.join("trash/media-prints-9").exists() && folder(PrintId(ids[2])).join("frames").exists());
    assert!(station.snapshot().printers.contains_key(&PrinterId(world.printer.get())));
    let said = station.store().read(|conn| store::print::get(conn, dropped)).expect("readable");
    assert_eq!(said.expect("its record stays").alert_overwrite, None::<AlertOverwrite>);
    station.shutdown(domain::Leave::AsItIs).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_made_in_mid_print_restores_the_whole_history_on_a_fresh_folder() {
    let door = Door::open().await;
    let ids = made_up(&door);
    door.patch(&format!("/api/v1/prints/{}/", ids[1]), &json!({"notes": "keep me"}));
    let running = door.world.print_sample().await;
    let archive = door.world.dir.path().join("backup.zip");
    let bytes = door.raw("/api/v1/vigil/backup.zip?pictures=true").body_mut().read_to_vec().expect("sent");
    std::fs::write(&archive, &bytes).expect("written");
    let fresh = door.world.dir.path().join("fresh");
    let restored = station::restore(&archive, &fresh).expect("restored");
    assert!(restored.files > 7, "{restored:?}");
    let again = station::restore(&archive, &fresh).expect_err("a folder that is there is left alone");
    assert!(again.to_string().contains("already"), "{again}");

    let (station, _far) = start_at(&fresh, &Options::default()).await;
    let print = station.store().read(|conn| store::print::get(conn, PrintId(ids[1]))).expect("readable");
    assert_eq!(print.expect("there").filename, "part-1.gcode");
    let extras =
        station.store().read(|conn| store::print_extra::of(conn, &[PrintId(ids[1])])).expect("readable");
    assert_eq!(extras[&PrintId(ids[1])].notes, "keep me");
    assert!(fresh.join(format!("media/prints/{}/frames", ids[1])).exists());
    // The print that ran then is closed as interrupted there, and nothing moves.
    for _ in 0..100 {
        let row = station.store().read(|conn| store::print::get(conn, running)).expect("readable");
        if row.as_ref().is_some_and(|row| row.ended_by == Some(EndedBy::Interrupted)) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let row = station.store().read(|conn| store::print::get(conn, running)).expect("readable");
    assert_eq!(row.expect("there").ended_by, Some(EndedBy::Interrupted));
    station.shutdown(domain::Leave::AsItIs).await;

    // One byte changed in the middle is noticed, and nothing is left.
    let mut damaged = bytes.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 0x55;
    std::fs::write(&archive, &damaged).expect("written");
    let other = door.world.dir.path().join("other");
    let refused = station::restore(&archive, &other).expect_err("damaged");
    assert!(!other.exists() && !refused.to_string().is_empty(), "{refused}");
    std::fs::write(&archive, b"no archive at all").expect("written");
    assert!(station::restore(&archive, &other).expect_err("none").to_string().contains("no whole backup"));
    door.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_print_is_exported_as_an_archive_and_as_one_page_and_the_history_as_a_table() {
    let door = Door::open().await;
    let ids = made_up(&door);
    let hostile = json!({"notes": "<script>alert(1)</script>", "tags": ["=SUM(A1)"]});
    door.patch(&format!("/api/v1/prints/{}/", ids[0]), &hostile);
    let sent = |path: String| door.raw(&path).body_mut().read_to_vec().expect("sent");
    let zip = sent(format!("/api/v1/vigil/prints/{}/export.zip", ids[0]));
    for name in ["print.json", "looks.csv", "print.html", &format!("frames/{}.jpg", 1_000_000 + ids[0])] {
        assert!(zip.windows(name.len()).any(|some| some == name.as_bytes()), "{name} is in it");
    }
    let page = String::from_utf8(sent(format!("/api/v1/vigil/prints/{}/export.html", ids[0]))).expect("text");
    assert!(page.contains("part-0.gcode") && page.contains("data:image/jpeg") && !page.contains("<script"));
    let table = String::from_utf8(sent("/api/v1/vigil/history.csv?q=part".into())).expect("text");
    assert_eq!(table.lines().count(), 7, "{table}");
    assert!(table.contains(",'=SUM(A1),"), "{table}");
    assert_eq!(names(&door.get("/api/v1/vigil/history.json?q=part").1).len(), 6);
    assert_eq!(door.get("/api/v1/vigil/prints/999999/export.zip").0, 404);
    let out = door.world.dir.path().join("out");
    assert!(station::export_print(door.world.dir.path(), PrintId(ids[0]), &out).expect("written"));
    assert!(out.join("print.json").is_file() && out.join("frames").is_dir());
    assert!(
        !station::export_print(door.world.dir.path(), PrintId(999_999), &out.join("x")).expect("no error")
    );
    door.world.end().await;
}
