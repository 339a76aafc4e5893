//! Spools: what is left follows from what was on them and what prints used, each counted once.

use crate::rows::*;
use domain::*;
use store::{erase, file, print_stats, printer, spool, spool_use};

fn teal() -> Spool {
    Spool {
        id: SpoolId(0),
        name: "Teal".to_owned(),
        vendor: "Acme".to_owned(),
        material: "PLA".to_owned(),
        color: Some("#18a0a0".to_owned()),
        diameter_mm: 2.85,
        density: 1.24,
        net_g: 1000.0,
        empty_g: Some(230.0),
        price: Some(25.0),
        location: "Shelf".to_owned(),
        notes: "dry it".to_owned(),
        hotend_c: Some(210.0),
        bed_c: Some(60.0),
        archived_at: None,
        created_at: at(5),
        spoolman_id: Some(42),
    }
}

fn part(part: u32, spool: Option<SpoolId>, used_mm: f64, about: bool) -> SpoolUse {
    SpoolUse { part, tool: 0, spool, used_mm, about }
}

#[test]
fn a_use_that_is_written_again_counts_once_and_an_erased_print_stays_counted() {
    let dir = tempfile::tempdir().unwrap();
    let (store, boot, outcomes) = open(dir.path());
    assert!(boot.spools.is_empty() && boot.uses.is_empty());
    record(&store, &outcomes, Write::Printer(Box::new(plain_printer(1)))).unwrap();
    record(&store, &outcomes, Write::Print(Box::new(plain_print(7, 1)))).unwrap();
    let id = store.write_now(|tx| spool::insert(tx, &teal(), 100.0)).unwrap();
    let left = || store.read(|conn| spool::get(conn, id)).unwrap().unwrap();
    assert_eq!(left().spool, Spool { id, ..teal() }, "field by field");
    assert_eq!((left().left_g, left().prints), (900.0, 0));
    // 2.85 mm: 7.91 g a metre.
    for mm in [1000.0, 1000.0, 2000.0] {
        record(&store, &outcomes, Write::SpoolUse(PrintId(7), vec![part(0, Some(id), mm, false)])).unwrap();
    }
    let view = left();
    assert!((view.left_g - (900.0 - 15.8208)).abs() < 0.001, "{view:?}");
    assert!((view.left_mm - view.left_g / 0.0079104).abs() < 1.0, "{view:?}");
    assert_eq!((view.prints, view.about, view.overdrawn), (1, false, false));

    let used = store.read(|conn| spool_use::of_print(conn, PrintId(7))).unwrap();
    assert!((used[0].cost.unwrap() - 15.8208 * 25.0 / 1000.0).abs() < 1e-4);
    let ended =
        Print { cancelled_at: Some(at(900)), ended_by: Some(EndedBy::Cancelled), ..plain_print(7, 1) };
    record(&store, &outcomes, Write::Print(Box::new(ended))).unwrap();
    assert_eq!(store.write_now(|tx| erase::prints(tx, &[PrintId(7)])).unwrap(), [PrintId(7)]);
    assert!((left().left_g - view.left_g).abs() < 1e-9, "what was used stays used");
    assert!(!store.write_now(move |tx| spool::delete(tx, id)).unwrap(), "it is in the records");
    // A use that comes late, of a print that is gone, is nobody's.
    record(&store, &outcomes, Write::SpoolUse(PrintId(7), vec![part(0, Some(id), 9e6, false)])).unwrap();
    assert!((left().left_g - view.left_g).abs() < 1e-9);
}

#[test]
fn a_print_from_the_card_is_estimated_by_the_file_that_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _, outcomes) = open(dir.path());
    record(&store, &outcomes, Write::Printer(Box::new(plain_printer(1)))).unwrap();
    let id = store.write_now(|tx| spool::insert(tx, &teal(), 0.0)).unwrap();
    let add = |name: &str, num_bytes: u64, mm: f64| {
        let file = GCodeFile { num_bytes, filament_total: Some(mm), ..full_file(name, None) };
        store.write_now(move |tx| file::insert(tx, &file)).unwrap();
    };
    for (name, bytes, mm) in
        [("boat.gcode", 500, 4000.0), ("clip.gcode", 500, 1000.0), ("vase.gcode", 900, 8000.0)]
    {
        add(name, bytes, mm);
    }
    let used = |print: i64, name: &str, file_bytes: u64| {
        record(&store, &outcomes, Write::Print(Box::new(plain_print(print, 1)))).unwrap();
        let (name, spool) = (name.to_owned(), Some(id));
        let used = CardUse { print: PrintId(print), name, file_bytes, share: 0.5, spool };
        record(&store, &outcomes, Write::CardUse(Box::new(used))).unwrap();
        let parts = store.read(|conn| spool_use::of_print(conn, PrintId(print))).unwrap();
        let row = store.read(|conn| store::print::get(conn, PrintId(print))).unwrap().unwrap();
        assert_eq!(parts.first().map(|part| part.used_mm), row.filament_used);
        parts.first().map(|part| (part.used_mm, part.about))
    };
    assert_eq!(used(1, "boat.gcode", 500), Some((2000.0, true)));
    assert_eq!(used(2, "VASE~1.GCO", 900), Some((4000.0, true)), "the only one of its size");
    assert_eq!(used(3, "CLIP~1.GCO", 500), None, "two are of this size");
    assert_eq!(used(4, "boat.gcode", 501), None, "another file of this name");
}

#[test]
fn weighing_sets_what_is_left_whatever_was_counted() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _, outcomes) = open(dir.path());
    record(&store, &outcomes, Write::Printer(Box::new(plain_printer(1)))).unwrap();
    record(&store, &outcomes, Write::Print(Box::new(plain_print(7, 1)))).unwrap();
    let id = store.write_now(|tx| spool::insert(tx, &teal(), 0.0)).unwrap();
    let left = || store.read(|conn| spool::get(conn, id)).unwrap().unwrap();
    record(&store, &outcomes, Write::SpoolUse(PrintId(7), vec![part(0, Some(id), 1e6, true)])).unwrap();
    assert!(left().overdrawn && left().about && left().left_g == 0.0, "{:?}", left());
    store.write_now(move |tx| spool::set_left(tx, id, 640.0, at(50))).unwrap();
    let view = left();
    assert!(
        (view.left_g - 640.0).abs() < 1e-9 && !view.about,
        "an estimate from before blurs nothing: {view:?}"
    );
    assert_eq!(view.measured_at, Some(at(50)));
    // The full spool held less than was thought: what was weighed stays.
    store.write_now(move |tx| spool::update(tx, &Spool { id, net_g: 750.0, ..teal() })).unwrap();
    assert!((left().left_g - 640.0).abs() < 1e-9);
}

#[test]
fn a_spool_is_loaded_in_one_place_and_known_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _, outcomes) = open(dir.path());
    for id in [1, 2] {
        record(&store, &outcomes, Write::Printer(Box::new(plain_printer(id)))).unwrap();
    }
    let [one, two] = [(); 2].map(|()| store.write_now(|tx| spool::insert(tx, &teal(), 0.0)).unwrap());
    let on = |tool, spool| LoadedSpool { tool, spool };
    record(&store, &outcomes, Write::LoadedSpools(PrinterId(1), vec![on(0, one), on(1, two)])).unwrap();
    record(&store, &outcomes, Write::LoadedSpools(PrinterId(2), vec![on(0, two)])).unwrap();
    let loaded = store.read(|conn| spool::get(conn, two)).unwrap().unwrap().loaded;
    assert_eq!(loaded, Some(LoadedOn { printer: PrinterId(2), tool: 0 }));
    // One that is not there any more costs no other.
    record(&store, &outcomes, Write::LoadedSpools(PrinterId(1), vec![on(0, one), on(3, SpoolId(99))]))
        .unwrap();
    drop(store);
    let (store, boot, outcomes) = open(dir.path());
    assert_eq!(boot.spools, [(PrinterId(1), vec![on(0, one)]), (PrinterId(2), vec![on(0, two)])].into());
    record(&store, &outcomes, Write::LoadedSpools(PrinterId(1), Vec::new())).unwrap();
    store.write_now(|tx| printer::delete(tx, PrinterId(2), at(60))).unwrap();
    let free = store.read(spool::list).unwrap();
    assert!(free.iter().all(|view| view.loaded.is_none()), "of a printer that is gone: {free:?}");
    assert!(store.write_now(move |tx| spool::delete(tx, one)).unwrap());
}

#[test]
fn a_part_of_a_past_print_can_be_given_to_another_spool() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _, outcomes) = open(dir.path());
    record(&store, &outcomes, Write::Printer(Box::new(plain_printer(1)))).unwrap();
    record(&store, &outcomes, Write::Print(Box::new(plain_print(7, 1)))).unwrap();
    let [one, two] = [(); 2].map(|()| store.write_now(|tx| spool::insert(tx, &teal(), 0.0)).unwrap());
    let parts = vec![part(0, None, 1000.0, false), part(1, Some(one), 500.0, false)];
    record(&store, &outcomes, Write::SpoolUse(PrintId(7), parts.clone())).unwrap();
    let left = |id| store.read(move |conn| spool::get(conn, id)).unwrap().unwrap().left_g;
    assert!((left(two) - 1000.0).abs() < 1e-9);
    assert!(store.write_now(move |tx| spool_use::assign(tx, PrintId(7), 0, Some(two))).unwrap());
    assert!((left(two) - (1000.0 - 7.9104)).abs() < 0.001);
    assert!(store.write_now(move |tx| spool_use::assign(tx, PrintId(7), 1, None)).unwrap());
    assert!((left(one) - 1000.0).abs() < 1e-9, "it used nothing");
    assert!(!store.write_now(move |tx| spool_use::assign(tx, PrintId(7), 9, None)).unwrap());
    let figures = store.read(|conn| print_stats::figures(conn, &[], None, None)).unwrap();
    assert_eq!(figures[0].spools.len(), 1);
    assert_eq!((figures[0].spools[0].spool, figures[0].spools[0].used_mm), (two, 1000.0));
    // The print is still open: that is what a start finds of it.
    drop(store);
    let (_, boot, _) = open(dir.path());
    assert_eq!(boot.uses[&PrintId(7)].len(), 2);
}
