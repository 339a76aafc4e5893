//! Pages, filters and figures; deletion hides and can be undone.

use crate::rows::*;
use domain::*;
use store::file::{FileQuery, InFolder};
use store::print_list::{Filter, Outcome, PrintQuery, Said, Sorting};
use store::{
    Store, StoreError, event, file, folder, look, print, print_extra, print_list, print_stats, printer, shot,
};

/// Two printers, twelve prints: odd ones on printer 1, every third cancelled, the last open.
fn with_history() -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let (store, ..) = open(dir.path());
    store
        .write_now(|tx| {
            let file = file::insert(tx, &full_file("part.gcode", None))?;
            for id in [1, 2] {
                printer::put(tx, &plain_printer(id))?;
            }
            for id in 1..=12 {
                let mut row = plain_print(id, 2 - id % 2);
                row.g_code_file = Some(file);
                let ended = at(id * 100 + 60);
                if id == 12 {
                } else if id % 3 == 0 {
                    (row.cancelled_at, row.ended_by) = (Some(ended), Some(EndedBy::Cancelled));
                } else {
                    (row.finished_at, row.ended_by) = (Some(ended), Some(EndedBy::Finished));
                    row.print_time = Some(id as f64 * 10.0);
                }
                if id == 4 {
                    row.tagged_video_url = Some("media/4_tagged.mp4".to_owned());
                }
                print::put(tx, &row)?;
            }
            shot::insert(tx, PrintId(5), "media/5.jpg")?;
            Ok(())
        })
        .unwrap();
    (dir, store)
}

fn check(store: &Store, query: PrintQuery, expected: &[i64]) {
    let query = PrintQuery { limit: if query.limit == 0 { 100 } else { query.limit }, ..query };
    let ids: Vec<i64> =
        store.read(|conn| print_list::list(conn, &query)).unwrap().iter().map(|p| p.id.get()).collect();
    assert_eq!(ids, expected, "{query:?}");
    if query.start == 0 && query.limit == 100 {
        let count = store.read(|conn| print_list::count(conn, &query)).unwrap();
        assert_eq!(count, expected.len() as u64, "{query:?}");
    }
}

#[test]
fn prints_come_in_pages_and_through_filters() {
    let (_dir, store) = with_history();
    let all = PrintQuery::default;
    check(&store, PrintQuery { limit: 3, ..all() }, &[12, 11, 10]);
    check(&store, PrintQuery { limit: 3, start: 3, ..all() }, &[9, 8, 7]);
    check(&store, PrintQuery { limit: 3, start: 11, sorting: Sorting::DateAsc, ..all() }, &[12]);
    check(&store, PrintQuery { filter: Some(Filter::Cancelled), ..all() }, &[9, 6, 3]);
    check(&store, PrintQuery { filter: Some(Filter::Finished), ..all() }, &[11, 10, 8, 7, 5, 4, 2, 1]);
    check(&store, PrintQuery { filter: Some(Filter::NeedAlertOverwrite), ..all() }, &[4]);
    check(&store, PrintQuery { filter: Some(Filter::NeedPrintShotFeedback), ..all() }, &[5]);
    check(&store, PrintQuery { printers: vec![PrinterId(1)], ..all() }, &[11, 9, 7, 5, 3, 1]);
    check(&store, PrintQuery { printers: vec![PrinterId(1), PrinterId(2)], limit: 2, ..all() }, &[12, 11]);
    check(&store, PrintQuery { from: Some(at(300)), to: Some(at(600)), ..all() }, &[5, 4, 3]);
}

#[test]
fn figures_and_past_times_tell_how_long_prints_took() {
    let (_dir, store) = with_history();
    let figures = store.read(|conn| print_stats::figures(conn, &[], None, None)).unwrap();
    assert_eq!(figures.len(), 12);
    assert_eq!((figures[0].started_at, figures[0].print_time_secs), (at(100), Some(10.0)));
    assert_eq!(figures[11].ended_by, None);
    let some = |printers: Vec<PrinterId>, from, to| {
        store.read(|conn| print_stats::figures(conn, &printers, from, to)).unwrap().len()
    };
    assert_eq!(some(vec![PrinterId(1)], None, None), 6);
    assert_eq!(some(vec![], Some(at(300)), Some(at(500))), 2, "the later bound is open");
    let times = store.read(|conn| print::past_times(conn, FileId(1), PrinterId(1))).unwrap();
    let expected = print::PastTimes { prints: 4, last_secs: Some(110.0), average_secs: Some(60.0) };
    assert_eq!(times, expected, "1, 5, 7 and 11 finished on printer 1");
    let never = store.read(|conn| print::past_times(conn, FileId(1), PrinterId(9))).unwrap();
    assert_eq!(never, print::PastTimes::default());
}

#[test]
fn prints_are_found_by_what_became_of_them_and_by_words() {
    let (_dir, store) = with_history();
    store
        .write_now(|tx| {
            print::set_alert_overwrite(tx, PrintId(4), Some(AlertOverwrite::Failed))?;
            print_extra::set_notes(tx, PrintId(5), "glue 100% on the bed, 0_2 nozzle")?;
            print_extra::set_tags(tx, PrintId(7), &["for Anna".into(), "petg".into()])?;
            print_extra::set_kept(tx, PrintId(7), true)?;
            print_extra::set_other_bytes(tx, PrintId(7), 500)
        })
        .unwrap();
    let all = || PrintQuery { limit: 50, ..Default::default() };
    check(&store, PrintQuery { outcome: Some(Outcome::Failed), ..all() }, &[4]);
    check(&store, PrintQuery { outcome: Some(Outcome::Finished), ..all() }, &[11, 10, 8, 7, 5, 2, 1]);
    check(&store, PrintQuery { outcome: Some(Outcome::Cancelled), ..all() }, &[9, 6, 3]);
    check(&store, PrintQuery { outcome: Some(Outcome::Open), ..all() }, &[12]);
    check(&store, PrintQuery { outcome: Some(Outcome::Interrupted), ..all() }, &[]);
    check(&store, PrintQuery { said: Some(Said::Failed), ..all() }, &[4]);
    check(&store, PrintQuery { text: " 100% ".into(), ..all() }, &[5]);
    check(&store, PrintQuery { text: "0_2".into(), ..all() }, &[5]);
    check(&store, PrintQuery { text: "0x2".into(), ..all() }, &[]);
    check(&store, PrintQuery { text: "anna".into(), ..all() }, &[7]);
    check(&store, PrintQuery { tag: Some("petg".into()), ..all() }, &[7]);
    check(&store, PrintQuery { tag: Some("pet".into()), ..all() }, &[]);
    check(&store, PrintQuery { kept: true, ..all() }, &[7]);
    check(&store, PrintQuery { file: Some(FileId(9)), ..all() }, &[]);
    let bytes = |query: PrintQuery| store.read(|conn| print_list::media_bytes(conn, &query)).unwrap();
    assert_eq!((bytes(all()), bytes(PrintQuery { tag: Some("x".into()), ..all() })), (500, 0));
    let extras = store.read(|conn| print_extra::of(conn, &[PrintId(7), PrintId(8), PrintId(99)])).unwrap();
    assert_eq!(extras.len(), 2);
    let seven = &extras[&PrintId(7)];
    assert_eq!((seven.tags.len(), seven.kept, seven.media_bytes, seven.watched), (2, true, 500, None));
    assert_eq!(store.read(print_extra::all_tags).unwrap(), ["for Anna", "petg"]);
}

#[test]
fn a_deleted_print_is_hidden_and_comes_back() {
    let (_dir, store) = with_history();
    let deleted = store.write_now(|tx| print::delete(tx, &[PrintId(11), PrintId(12)], at(5000))).unwrap();
    assert_eq!(deleted, 1, "a print under way stays");
    check(&store, PrintQuery { limit: 2, ..Default::default() }, &[12, 10]);
    check(&store, PrintQuery { limit: 2, with_deleted: true, ..Default::default() }, &[12, 11]);
    assert_eq!(store.read(|conn| print::get(conn, PrintId(11))).unwrap(), None);
    // A late write of the hub's does not bring it back.
    store.write_now(|tx| print::put(tx, &plain_print(11, 1))).unwrap();
    assert_eq!(store.read(|conn| print::get(conn, PrintId(11))).unwrap(), None);
    assert_eq!(store.write_now(|tx| print::undelete(tx, &[PrintId(11)])).unwrap(), 1);
    check(&store, PrintQuery { limit: 2, ..Default::default() }, &[12, 11]);
}

#[test]
fn a_removed_printer_keeps_its_prints_and_its_number_is_not_given_again() {
    let (_dir, store) = with_history();
    store.write_now(|tx| printer::delete(tx, PrinterId(2), at(5000))).unwrap();
    check(&store, PrintQuery { limit: 2, ..Default::default() }, &[12, 11]);
    assert_eq!(store.read(printer::next_id).unwrap(), PrinterId(3));
    assert_eq!(store.read(print::next_id).unwrap(), PrintId(13));
    let again = store.write_now(|tx| printer::delete(tx, PrinterId(2), at(5001)));
    assert!(matches!(again, Err(StoreError::NotFound { what: "printer", id: 2 })), "{again:?}");
}

#[test]
fn a_person_corrects_a_past_print() {
    let (_dir, store) = with_history();
    store
        .write_now(|tx| {
            print::set_alert_overwrite(tx, PrintId(4), Some(AlertOverwrite::Failed))?;
            print::set_access_consented(tx, PrintId(4), at(7))?;
            print::set_figures(tx, PrintId(4), Some(12.5), None)?;
            let film = Film { video: Some("media/4.mp4".to_owned()), ..Default::default() };
            print::set_film(tx, PrintId(4), &film)
        })
        .unwrap();
    let kept = store.read(|conn| print::get(conn, PrintId(4))).unwrap().unwrap();
    assert_eq!(kept.alert_overwrite, Some(AlertOverwrite::Failed));
    assert_eq!(kept.access_consented_at, Some(at(7)));
    assert_eq!((kept.filament_used, kept.print_time), (Some(12.5), Some(40.0)));
    assert_eq!(kept.video_url.as_deref(), Some("media/4.mp4"));
    store.write_now(|tx| print::answer(tx, PrintId(4), None, None)).unwrap();
    let again = store.read(|conn| print::get(conn, PrintId(4))).unwrap().unwrap();
    assert_eq!(again.alert_overwrite, None);
    assert_eq!(again.alert_acknowledged_at, kept.alert_acknowledged_at, "a word is no answer to an alert");
    store.write_now(|tx| print::answer(tx, PrintId(4), Some(AlertOverwrite::Failed), Some(at(9)))).unwrap();
    let again = store.read(|conn| print::get(conn, PrintId(4))).unwrap().unwrap();
    assert_eq!(again, Print { alert_acknowledged_at: Some(at(9)), ..kept }, "and nothing else of the row");
    let none = store.write_now(|tx| print::set_alert_overwrite(tx, PrintId(99), None));
    assert!(matches!(none, Err(StoreError::NotFound { what: "print", id: 99 })), "{none:?}");
}

#[test]
fn events_come_newest_first_and_by_kind() {
    let (_dir, store) = with_history();
    store
        .write_now(|tx| {
            for id in 1..=6 {
                let mut row = full_event(id, 1, 1 + id % 2);
                if id % 3 == 0 {
                    (row.event_type, row.event_class) = (EventType::Ended, EventClass::Success);
                }
                event::insert(tx, &row)?;
            }
            // Without a number, and with one that is taken.
            event::insert(tx, &PrinterEvent { print: None, ..full_event(0, 1, 1) })?;
            event::insert(tx, &PrinterEvent { print: None, ..full_event(7, 1, 1) })
        })
        .unwrap();
    let check = |query: event::EventQuery, expected: &[i64]| {
        let query = event::EventQuery { limit: 3, ..query };
        let ids: Vec<i64> =
            store.read(|conn| event::list(conn, &query)).unwrap().iter().map(|e| e.id.get()).collect();
        assert_eq!(ids, expected, "{query:?}");
    };
    let all = event::EventQuery::default;
    check(all(), &[8, 7, 6]);
    check(event::EventQuery { start: 4, ..all() }, &[4, 3, 2]);
    check(event::EventQuery { classes: vec![EventClass::Success], ..all() }, &[6, 3]);
    check(event::EventQuery { types: vec![EventType::Ended, EventType::Started], ..all() }, &[6, 3]);
    check(event::EventQuery { printers: vec![PrinterId(2)], ..all() }, &[5, 3, 1]);
    check(event::EventQuery { print: Some(PrintId(2)), ..all() }, &[]);
}

#[test]
fn files_are_found_sorted_and_paged() {
    let dir = tempfile::tempdir().unwrap();
    let (store, ..) = open(dir.path());
    let (top, below) = store
        .write_now(|tx| {
            let top = folder::insert(tx, "top", None, at(1))?;
            let below = folder::insert(tx, "below", Some(top), at(1))?;
            for (name, place) in
                [("Benchy.gcode", None), ("a_100%.gcode", Some(top)), ("abc.gcode", Some(below))]
            {
                file::insert(tx, &full_file(name, place))?;
            }
            Ok((top, below))
        })
        .unwrap();
    let check = |query: FileQuery, expected: &[&str], of: u64| {
        let query = FileQuery { limit: 2, ..query };
        let (files, count) = store.read(|conn| file::list(conn, &query)).unwrap();
        let names: Vec<&str> = files.iter().map(|f| f.filename.as_str()).collect();
        assert_eq!((names.as_slice(), count), (expected, of), "{query:?}");
    };
    let by_name = || FileQuery { sorting: FileSorting::FilenameAsc, ..Default::default() };
    check(by_name(), &["a_100%.gcode", "abc.gcode"], 3);
    check(FileQuery { start: 2, ..by_name() }, &["Benchy.gcode"], 3);
    check(FileQuery { q: Some("bench".to_owned()), ..by_name() }, &["Benchy.gcode"], 1);
    check(FileQuery { q: Some("_".to_owned()), ..by_name() }, &["a_100%.gcode"], 1);
    check(FileQuery { folder: InFolder::Top, ..by_name() }, &["Benchy.gcode"], 1);
    check(FileQuery { folder: InFolder::Folder(below), ..by_name() }, &["abc.gcode"], 1);

    let loops = store.write_now(move |tx| {
        let folder = GCodeFolder { parent_folder: Some(below), ..folder::get(tx, top)?.unwrap() };
        folder::update(tx, &folder, at(2))
    });
    assert!(matches!(loops, Err(StoreError::FolderInItself { .. })), "{loops:?}");
    store.write_now(move |tx| folder::delete(tx, top, at(3))).unwrap();
    check(by_name(), &["Benchy.gcode"], 1);
    assert_eq!(store.read(folder::all).unwrap(), []);
    let hidden = store.read(|conn| file::get(conn, FileId(3))).unwrap().unwrap();
    assert_eq!((hidden.deleted, hidden.parent_folder), (Some(at(3)), None), "past prints still find it");
    store.write_now(|tx| file::undelete(tx, &[FileId(3)])).unwrap();
    check(by_name(), &["abc.gcode", "Benchy.gcode"], 2);
}

#[test]
fn the_prediction_json_has_obicos_shape() {
    let (_dir, store) = with_history();
    assert_eq!(store.read(|conn| look::prediction_json(conn, PrintId(1))).unwrap(), serde_json::json!([]));
    store
        .write_now(|tx| {
            store::prediction::put(tx, &state(1, 31))?;
            look::insert(tx, &full_look(1, 1, 7))?;
            look::insert(tx, &full_look(1, 1, 8))
        })
        .unwrap();
    let json = store.read(|conn| look::prediction_json(conn, PrintId(1))).unwrap();
    expect_test::expect![[r#"
        {
          "fields": {
            "created_at": "2026-01-01T00:00:10.000001Z",
            "current_frame_num": 31,
            "current_p": 0.1,
            "ewm_mean": 0.2,
            "lifetime_frame_num": 1031,
            "normalized_p": 0.5,
            "rolling_mean_long": 0.0212345678901234,
            "rolling_mean_short": 0.3333333333333333,
            "updated_at": "2026-01-01T00:00:08.000001Z"
          },
          "model": "app.printerprediction",
          "pk": 1
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&json[1]).unwrap());
    let minute = store.read(|conn| look::between(conn, PrintId(1), at(8), at(60))).unwrap();
    assert_eq!(minute, [full_look(1, 1, 8)]);
}
