//! Reading and writing at the same time, and the end.

use crate::rows::*;
use domain::*;
use std::thread;
use store::print_list::{PrintQuery, count};
use store::{StoreError, camera, frame, printer, setting};

#[test]
fn reading_goes_on_while_writing_and_sees_whole_transactions() {
    let dir = tempfile::tempdir().unwrap();
    let (store, ..) = open(dir.path());
    store.write_now(|tx| printer::put(tx, &plain_printer(1))).unwrap();
    let everything = PrintQuery { limit: 1, ..Default::default() };
    thread::scope(|scope| {
        let readers: Vec<_> = (0..6)
            .map(|_| {
                scope.spawn(|| {
                    let mut seen = 0;
                    while seen < 400 {
                        let now = store.read(|conn| {
                            let first = count(conn, &everything)?;
                            assert_eq!(count(conn, &everything)?, first, "one state in one read");
                            Ok(first)
                        });
                        let now = now.unwrap();
                        assert!(now >= seen && now % 2 == 0, "pairs are written together, {now} are there");
                        seen = now;
                    }
                })
            })
            .collect();
        for pair in 0..200 {
            let (first, second) = (plain_print(2 * pair + 1, 1), plain_print(2 * pair + 2, 1));
            let both = store.write_now(move |tx| {
                store::print::put(tx, &first)?;
                store::print::put(tx, &second)
            });
            both.unwrap();
        }
        for reader in readers {
            reader.join().unwrap();
        }
    });
}

#[test]
fn a_read_cannot_write() {
    let dir = tempfile::tempdir().unwrap();
    let (store, ..) = open(dir.path());
    let written = store.read(|conn| Ok(conn.execute("delete from user", [])?));
    assert!(matches!(written, Err(StoreError::Sqlite(_))), "{written:?}");
}

#[test]
fn a_write_that_panics_harms_nobody_else() {
    let dir = tempfile::tempdir().unwrap();
    let (store, ..) = open(dir.path());
    let lost: Result<(), _> = store.write_now(|tx| {
        setting::set(tx, "half", &1)?;
        panic!("as a test");
    });
    assert!(matches!(lost, Err(StoreError::Closed)), "{lost:?}");
    assert_eq!(store.read(|conn| setting::get::<i32>(conn, "half")).unwrap(), None);
    store.write_now(|tx| setting::set(tx, "whole", &2)).unwrap();
    assert_eq!(store.read(|conn| setting::get(conn, "whole")).unwrap(), Some(2));
}

#[test]
fn after_closing_nothing_is_read_or_written() {
    let dir = tempfile::tempdir().unwrap();
    let (store, ..) = open(dir.path());
    store.close(SOON).unwrap();
    store.close(SOON).unwrap();
    assert!(matches!(store.read(printer::list), Err(StoreError::Closed)));
    assert!(matches!(store.write_now(|tx| setting::set(tx, "x", &1)), Err(StoreError::Closed)));
    store.record(Write::Printer(Box::new(plain_printer(1))), None);
}

#[test]
fn a_frame_kept_twice_has_the_weightier_reason() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _, outcomes) = open(dir.path());
    record(&store, &outcomes, Write::Printer(Box::new(plain_printer(1)))).unwrap();
    record(&store, &outcomes, Write::Print(Box::new(plain_print(1, 1)))).unwrap();
    record(&store, &outcomes, Write::Print(Box::new(plain_print(2, 1)))).unwrap();
    for why in [KeepWhy::Film, KeepWhy::Alert, KeepWhy::Suspicious] {
        record(&store, &outcomes, Write::Frame(Box::new(full_frame(1, 7, why)))).unwrap();
    }
    record(&store, &outcomes, Write::Frame(Box::new(full_frame(1, 8, KeepWhy::Film)))).unwrap();
    record(&store, &outcomes, Write::Frame(Box::new(full_frame(2, 7, KeepWhy::Film)))).unwrap();
    let of = |whys: &'static [&'static str]| {
        let frames = store.read(|conn| frame::of_print(conn, PrintId(1), whys)).unwrap();
        frames.iter().map(|f| (f.id.get(), f.why.clone())).collect::<Vec<_>>()
    };
    assert_eq!(of(&[]), [(7, "alert".to_owned()), (8, "film".to_owned())]);
    assert_eq!(of(&["suspicious", "alert"]), [(7, "alert".to_owned())]);
    assert_eq!(store.write_now(|tx| frame::delete(tx, PrintId(1), &[FrameId(7)])).unwrap(), 1);
    assert_eq!(
        store.read(|conn| frame::get(conn, FrameId(7))).unwrap(),
        Some(full_frame(2, 7, KeepWhy::Film))
    );
}

#[test]
fn a_long_print_is_thinned_out_and_what_was_suspicious_stays() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _, outcomes) = open(dir.path());
    record(&store, &outcomes, Write::Printer(Box::new(plain_printer(1)))).unwrap();
    record(&store, &outcomes, Write::Print(Box::new(plain_print(1, 1)))).unwrap();
    record(&store, &outcomes, Write::Print(Box::new(plain_print(2, 1)))).unwrap();
    use KeepWhy::{Alert, Film, Layer, Suspicious};
    let whys = [Film, Suspicious, Film, Layer, Film, Alert, Film, Layer, Film];
    for (id, why) in (1..).zip(whys) {
        record(&store, &outcomes, Write::Frame(Box::new(full_frame(1, id, why)))).unwrap();
        record(&store, &outcomes, Write::Frame(Box::new(full_frame(2, id, why)))).unwrap();
    }
    let dropped = store.read(|conn| frame::every_second(conn, PrintId(1))).unwrap();
    let mut ids: Vec<i64> = dropped.iter().map(|id| id.get()).collect();
    ids.sort_unstable();
    assert_eq!(ids, [3, 7, 8], "the first of each kind stays");
    store.write_now(move |tx| frame::delete(tx, PrintId(1), &dropped)).unwrap();
    let left = |print| store.read(|conn| frame::of_print(conn, PrintId(print), &[])).unwrap().len();
    assert_eq!((left(1), left(2)), (6, 9));
}

#[test]
fn a_printer_whose_camera_is_gone_is_kept_all_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _, outcomes) = open(dir.path());
    let camera = store.write_now(|tx| camera::insert(tx, &full_camera("top"))).unwrap();
    let row = Printer { camera: Some(camera), ..plain_printer(1) };
    record(&store, &outcomes, Write::Printer(Box::new(row.clone()))).unwrap();
    store.write_now(move |tx| camera::delete(tx, camera)).unwrap();
    // The hub may not have heard of it yet.
    record(&store, &outcomes, Write::Printer(Box::new(row))).unwrap();
    assert_eq!(store.read(printer::list).unwrap(), [plain_printer(1)]);
    let next = store.write_now(|tx| camera::insert(tx, &full_camera("new"))).unwrap();
    assert!(next > camera, "kept frames name the old one");
}
