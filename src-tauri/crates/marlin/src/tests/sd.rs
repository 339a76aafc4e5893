//! The card: its list, and prints that the printer reads from it.

use super::bench::{Bench, recipe};
use super::firmware::Make;
use super::firmware::card::CardSim;
use crate::sd::{SdReply, entry, parse};
use domain::{Initiator, JobEnd, LinkChange, Now, Order, PrintId, PrinterState, SdOrder, StartJob, Tool};

fn job(path: &str) -> StartJob {
    StartJob {
        print: PrintId(7),
        file: None,
        path: path.into(),
        name: "A long name.gcode".into(),
        initiator: Initiator::Person,
        past: domain::PastTimes::default(),
        done_lines: 0,
        left_out: Vec::new(),
    }
}

fn with_card(caps: &[&'static str]) -> Bench {
    let mut bench = Bench::new(Make::Two, caps);
    bench.fw.card = Some(CardSim::new());
    bench.run(5_000);
    bench.forget();
    bench
}

fn printing() -> Bench {
    let mut bench = with_card(&[]);
    bench.order(Order::Sd(SdOrder::Print(job("SHORT.GCO"))));
    (bench.fw.hotend, bench.fw.bed) = ((205.0, 205.0), (60.0, 60.0));
    bench.run_until(|b| b.state() == PrinterState::Printing);
    bench.forget();
    bench
}

fn sent(bench: &Bench, word: &str) -> usize {
    bench.fw.done.iter().filter(|line| line.starts_with(word)).count()
}

#[test]
fn entries_are_read_in_all_their_forms_and_hostile_ones_are_none() {
    let read = |line: &str| entry(line).map(|f| (f.path, f.name, f.bytes, f.printable));
    let file = |path: &str, name: &str, bytes: u64, printable| {
        Some((path.to_owned(), name.to_owned(), Some(bytes), printable))
    };
    assert_eq!(read("SHORT.GCO 60"), file("SHORT.GCO", "SHORT.GCO", 60, true));
    assert_eq!(read("/SUBDIR/PLATE.GCO 62219\r"), file("/SUBDIR/PLATE.GCO", "SUBDIR/PLATE.GCO", 62219, true));
    let long = file("ALONGF~1.GCO", "A long file name.gcode", 85818, true);
    assert_eq!(read("ALONGF~1.GCO 85818 \"A long file name.gcode\""), long);
    assert_eq!(read("ALONGF~1.GCO 85818 A long file name.gcode"), long);
    assert_eq!(read("ALONGF~1.GCO 85818 0x555C9A31 \"A long file name.gcode\""), long);
    assert_eq!(
        read("my little part.gcode 1234"),
        file("my little part.gcode", "my little part.gcode", 1234, true)
    );
    assert_eq!(read("README.TXT 12"), file("README.TXT", "README.TXT", 12, false));
    assert_eq!(read("OLD.G").map(|f| f.2), Some(None), "without a size");
    let dated = entry("A.GCO 1 0x555C9A31 \"a.gcode\"").and_then(|f| f.written);
    assert_eq!(dated.as_deref(), Some("2022-10-28T19:17"));
    assert_eq!(entry("A.GCO 1 0xFFFFFFFF \"a.gcode\"").and_then(|f| f.written), None);
    for none in [
        "",
        "ok",
        "start",
        " T:20.0 /0.0 B:20.0 /0.0 @:0 B@:0",
        "echo:busy: processing",
        "X:1 Y:2 Z:3 E:4",
        "Error:Printer halted. kill() called!",
        "//action:cancel",
        &"A".repeat(5000),
    ] {
        assert_eq!(read(none), None, "{none}");
    }
    let nasty = entry("A.GCO 1 \"x\u{1b}[31m\u{202e}ev\u{0}il.gcode\"").expect("a file");
    assert_eq!(nasty.name, "x[31mevil.gcode");
}

#[test]
fn words_about_the_card_are_understood() {
    let opened = |name: &str, size| Some(SdReply::Opened(name.into(), size));
    assert_eq!(parse("File opened: SHORT.GCO Size: 60"), opened("SHORT.GCO", Some(60)));
    assert_eq!(parse("echo:File opened: a b.g Size: 60\r"), opened("a b.g", Some(60)));
    assert_eq!(parse("SD printing byte 12/345"), Some(SdReply::Byte(12, 345)));
    assert_eq!(parse("SD printing byte 12/99999999999999999999999"), None);
    assert_eq!(parse("echo:No SD card"), Some(SdReply::Gone));
    assert_eq!(parse("SD init fail"), Some(SdReply::Gone));
    assert_eq!(parse("open failed, File: NOPE.GCO."), Some(SdReply::OpenFailed));
    assert_eq!(parse("ok"), None);
}

#[test]
fn the_card_is_listed_and_forgotten_when_it_is_changed() {
    let mut bench = with_card(&[]);
    bench.order(Order::Sd(SdOrder::List));
    bench.run(1_000);
    let card = |bench: &Bench| bench.link.report(Now::at(bench.now)).sd.expect("it has a card");
    let files = card(&bench).files.expect("listed");
    assert_eq!(files.len(), 3);
    assert!(card(&bench).present && !card(&bench).listing);
    assert_eq!((sent(&bench, "M21"), sent(&bench, "M20")), (1, 1));
    bench.say("echo:SD card removed");
    assert!(!card(&bench).present && card(&bench).files.is_none());
    bench.fw.card.as_mut().expect("a card").list = vec!["A.GCO 1"; 3_000];
    bench.order(Order::Sd(SdOrder::List));
    bench.run(1_000);
    assert_eq!(card(&bench).files.map(|files| files.len()), Some(domain::MOST_SD_FILES));
}

#[test]
fn folders_and_lists_in_one_line_are_read() {
    let mut bench = with_card(&[]);
    bench.fw.card.as_mut().expect("a card").list = vec![
        "DIR_ENTER: /SUB/ \"A folder\"",
        "PLATE.GCO 9",
        " T:20.0 /0.0",
        "DIR_EXIT",
        "TOP.GCO 8",
        "\"a.g\",\"b.g\"",
    ];
    bench.order(Order::Sd(SdOrder::List));
    bench.run(1_000);
    let files = bench.link.report(Now::at(bench.now)).sd.and_then(|card| card.files).expect("listed");
    let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, ["/SUB/PLATE.GCO", "TOP.GCO", "a.g", "b.g"]);
}

#[test]
fn a_print_from_the_card_is_started_followed_and_finished() {
    let mut bench = printing();
    let report = bench.link.report(Now::at(bench.now)).job.expect("a print");
    assert!(report.on_card && report.file_bytes == 2000 && report.filepos > 0, "{report:?}");
    bench.order(Order::Tool(Tool::MotorsOff));
    assert!(matches!(&bench.changes[..], [LinkChange::Refused { .. }]), "work by hand is blocked");
    bench.run_until(|b| b.changes.contains(&LinkChange::Ended(PrintId(7), JobEnd::Finished)));
    assert_eq!(sent(&bench, "M400"), 1, "the end of reading is not the end of motion");
    assert!(!bench.fw.done.iter().any(|line| line.starts_with('G')), "{:?}", bench.fw.done);
}

#[test]
fn a_file_that_cannot_be_opened_or_named_is_refused() {
    let mut bench = with_card(&[]);
    for path in ["NOPE.GCO", "A.GCO\nM104 S300"] {
        bench.forget();
        bench.order(Order::Sd(SdOrder::Print(job(path))));
        bench.run(2_000);
        assert!(
            matches!(&bench.changes[..], [LinkChange::Refused { order, .. }] if *order == domain::OrderKind::SdPrint),
            "{path}"
        );
        assert_eq!((sent(&bench, "M24"), bench.state()), (0, PrinterState::Operational));
    }
}

#[test]
fn a_pause_is_confirmed_when_the_card_stands_still_and_the_heat_comes_back() {
    let mut bench = printing();
    bench.fw.card.as_mut().expect("a card").deaf_pauses = 1;
    bench.order(Order::Pause(recipe(), Initiator::Detection));
    bench.run(500);
    assert_eq!(bench.state(), PrinterState::Pausing, "M25 was lost, so nothing is confirmed");
    bench.run_until(|b| b.state() == PrinterState::Paused);
    assert!(bench.changes.contains(&LinkChange::Paused(PrintId(7), Initiator::Detection)));
    assert_eq!((sent(&bench, "M25"), sent(&bench, "M400")), (2, 1));
    assert_eq!((bench.fw.hotend.1, bench.fw.bed.1), (0.0, 60.0), "as the options say");
    assert!(!bench.fw.done.iter().any(|line| line.starts_with('G')), "no move: {:?}", bench.fw.done);
    bench.run(10_000);
    assert_eq!(bench.state(), PrinterState::Paused);
    bench.forget();
    bench.order(Order::Resume(Initiator::Person));
    bench.run_until(|b| b.changes.contains(&LinkChange::Resumed(PrintId(7), Initiator::Person)));
    let at = |word: &str| bench.fw.done.iter().position(|line| line.starts_with(word)).expect(word);
    assert!(at("M109 S205") < at("M24"), "hot first: {:?}", bench.fw.done);
    bench.run_until(|b| b.changes.contains(&LinkChange::Ended(PrintId(7), JobEnd::Finished)));
}

#[test]
fn a_cancelled_print_stops_reading_and_all_is_off() {
    let mut bench = printing();
    bench.order(Order::Cancel(Initiator::Person));
    bench.run_until(|b| {
        b.changes.contains(&LinkChange::Ended(PrintId(7), JobEnd::Cancelled(Initiator::Person)))
    });
    assert!(!bench.fw.card.as_ref().expect("a card").prints);
    assert_eq!((bench.fw.hotend.1, bench.fw.bed.1), (0.0, 0.0));
    assert_eq!(sent(&bench, "M524"), 1);
}

#[test]
fn what_was_begun_at_the_display_is_found_and_followed() {
    let mut bench = with_card(&[]);
    let card = bench.fw.card.as_mut().expect("a card");
    (card.prints, card.open) = (true, true);
    bench.fw.hotend = (205.0, 205.0);
    bench.say("File opened: SHORT.GCO Size: 2000");
    bench.run_until(|b| b.changes.iter().any(|c| matches!(c, LinkChange::CardPrint { .. })));
    bench.order(Order::Tool(Tool::MotorsOff));
    assert_eq!(sent(&bench, "M84"), 0, "blocked before it has a number");
    bench.order(Order::Sd(SdOrder::Follow(job("SHORT.GCO"))));
    bench.run_until(|b| b.state() == PrinterState::Printing);
    assert!(bench.changes.contains(&LinkChange::Started(PrintId(7))));
    assert_eq!(
        (sent(&bench, "M23"), sent(&bench, "M24"), sent(&bench, "M21")),
        (0, 0, 0),
        "it is left alone"
    );
}

#[test]
fn a_stop_at_the_display_is_told_as_what_is_known() {
    let mut bench = printing();
    bench.fw.card.as_mut().expect("a card").prints = false;
    bench.run_until(|b| b.state() == PrinterState::Paused);
    assert!(bench.changes.contains(&LinkChange::Paused(PrintId(7), Initiator::Printer)));
    let text = bench.link.report(Now::at(bench.now)).tools.pause_text;
    assert!(text.contains("paused or cancelled"), "{text}");
    bench.fw.card.as_mut().expect("a card").prints = true;
    bench.run_until(|b| b.changes.contains(&LinkChange::Resumed(PrintId(7), Initiator::Printer)));
}

#[test]
fn a_lost_link_ends_no_print_and_cools_nothing() {
    let mut bench = printing();
    assert!(bench.link.heaters_off_lines().is_empty(), "it would go on cold");
    bench.link.lost("the cable was pulled");
    bench.run(100);
    assert!(matches!(&bench.changes[..], [LinkChange::Lost { why }] if why.contains("still be printing")));
    assert_eq!(bench.state(), PrinterState::LinkLost);
    bench.link.opened(false, Now::at(bench.now));
    bench.run_until(|b| b.state() == PrinterState::Printing);
    bench.run_until(|b| b.changes.contains(&LinkChange::Ended(PrintId(7), JobEnd::Finished)));
}

#[test]
fn connecting_again_says_when_it_has_restarted_the_printer() {
    let mut bench = printing();
    bench.link.lost("the cable was pulled");
    bench.link.opened(false, Now::at(bench.now));
    let banner = bench.fw.boot();
    bench.hear(banner);
    bench.run(5_000);
    let ended = |c: &LinkChange| matches!(c, LinkChange::Ended(_, JobEnd::Interrupted { why }) if why.contains("restarted the printer"));
    assert!(bench.changes.iter().any(ended), "{:?}", bench.changes);
    assert_eq!(bench.state(), PrinterState::Operational);
}

#[test]
fn heat_that_a_print_from_the_card_loses_is_told_and_what_it_sets_itself_is_not() {
    let faults = |bench: &Bench| {
        let fault = |change: &LinkChange| {
            if let LinkChange::HeaterFault(fault) = change { Some((fault.heater, fault.kind)) } else { None }
        };
        bench.changes.iter().filter_map(fault).collect::<Vec<_>>()
    };
    let mut bench = printing();
    bench.fw.card.as_mut().expect("a card").of = 500_000;
    // The file lowers its targets, and switches off at its end.
    for hotend in [(205.0, 190.0), (190.0, 190.0), (190.0, 0.0), (120.0, 0.0)] {
        bench.fw.hotend = hotend;
        bench.run(15_000);
    }
    assert_eq!((faults(&bench), bench.link.has_job()), (vec![], true));
    bench.fw.hotend = (204.0, 205.0);
    bench.run(10_000);
    bench.fw.hotend.0 = 120.0;
    bench.run(30_000);
    let cooling = (Some(domain::Heater::Hotend(0)), domain::HeaterFaultKind::Cooling);
    assert_eq!(faults(&bench), [cooling], "the target is reported, and the heat is gone");
}
