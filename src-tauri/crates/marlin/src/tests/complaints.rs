//! Lines that are refused, faults and halts: what is said of them is what happened, and heaters go off first.

use super::bench::Bench;
use super::firmware::Make;
use domain::{Initiator, JobEnd, LinkChange, Order, PrinterState, Tool};

const FILE: &str = "G1 X11 E1.3|G1 X12 E1.4|G1 X13 E1.5|G1 X14 E1.6|G1 X15 E1.7|G1 X16 E1.8|G1 X17 E1.9|G1 X18 E2|\
                    G1 X19 E2.1|G1 X20 E2.2|G1 X21 E2.3|G1 X22 E2.4|G1 X23 E2.5|G1 X24 E2.6";

fn end(bench: &Bench) -> &JobEnd {
    let mut ends =
        bench.changes.iter().filter_map(|c| if let LinkChange::Ended(_, end) = c { Some(end) } else { None });
    ends.next_back().unwrap_or_else(|| panic!("it has not ended: {:?}", bench.changes))
}

fn why(bench: &Bench) -> &str {
    if let JobEnd::Interrupted { why } = end(bench) { why } else { panic!("{:?}", end(bench)) }
}

fn all_off(bench: &Bench) -> bool {
    bench.fw.hotend.1 == 0.0 && bench.fw.bed.1 == 0.0
}

#[test]
fn an_ok_of_a_refused_line_is_no_success_however_the_line_is_asked_for() {
    let forms = [
        "rs: #\nok",
        "RESEND N#\nok",
        "rs N# Expected checksum 67\nok",
        "Error:checksum mismatch, Last Line: %\nrs: #\nok",
        "Error:checksum mismatch, Last Line: %\nok",
        "Error:checksum mismatch, Last Line: %\nplease send # again\nok",
        "Error:Erreur somme de contr\u{f4}le, derni\u{e8}re ligne: %\nResend: #\nok",
    ];
    for form in forms {
        let mut bench = Bench::up(Make::One, &[]);
        bench.fw.asks_so = Some(form);
        let mut count = 0;
        bench.wire = Box::new(move |line| {
            count += 1;
            if count % 5 == 0
                && let Some(x) = line.iter_mut().find(|b| **b == b'X')
            {
                *x = b'Y';
            }
        });
        bench.start(FILE);
        bench.run_until(|b| !b.link.has_job());
        let want: Vec<&str> = FILE.split('|').chain(["M400"]).collect();
        assert_eq!(bench.moves(), want, "{form}");
        assert_eq!(*end(&bench), JobEnd::Finished, "{form}");
        let said = bench.changes.iter().filter(|c| matches!(c, LinkChange::Says(_))).count();
        assert_eq!(said, 0, "a bad line is no news: {:?}", bench.changes);
    }
}

#[test]
fn a_line_that_is_never_taken_is_named_and_the_heaters_go_off() {
    for oks in ["Error:checksum mismatch, Last Line: %\nResend: #\nok", "Resend:#\nok"] {
        let mut bench = Bench::printing(&[], "G1 X11 E1.3|M117 ETL 01:01:17|G1 X12 E1.4|G1 X13 E1.5");
        bench.fw.asks_so = Some(oks);
        bench.fw.never_takes = Some("ETL");
        bench.run(20_000);
        assert!(
            why(&bench).contains("line 9") && why(&bench).contains("M117 ETL 01:01:17"),
            "{}",
            why(&bench)
        );
        assert!(all_off(&bench), "{:?}", bench.sent);
        assert_eq!(bench.state(), PrinterState::Operational, "the link is kept");
        assert!(bench.sent.iter().filter(|line| line.contains("ETL")).count() < 15);
    }
}

#[test]
fn a_probe_that_fails_ends_the_print_but_not_the_link() {
    let mut bench = Bench::printing(&[], "G29|G1 X11 E1.3|G1 X12 E1.4");
    bench.fw.slow = Some("G29");
    bench.run(500);
    bench.say("Error:Probing Failed");
    bench.release();
    bench.run(2_000);
    assert!(why(&bench).contains("line 8 (G29"), "{}", why(&bench));
    assert!(all_off(&bench));
    assert_eq!(bench.state(), PrinterState::Operational);
    bench.forget();
    bench.order(Order::CoolDown);
    bench.run(100);
    let off = LinkChange::HeatersOff { unconfirmed: Vec::new() };
    assert!(bench.changes == [off] && bench.fw.done.contains(&"M104 S0".to_owned()), "{:?}", bench.changes);
}

#[test]
fn a_probe_that_is_tried_again_and_well_ends_nothing() {
    let mut bench = Bench::printing(&[], "G29|G1 X11 E1.3");
    bench.fw.slow = Some("G29");
    bench.run(500);
    for line in ["Error:Probing Failed", "//action:probe_rewipe", "//action:probe_success"] {
        bench.say(line);
    }
    bench.release();
    bench.run_until(|b| !b.link.has_job());
    assert_eq!(*end(&bench), JobEnd::Finished);
}

/// A print on a Klipper, so far that lines of it are under way.
fn on_klipper(file: &str) -> Bench {
    let mut bench = Bench::printing(&[], file);
    bench.say("FIRMWARE_NAME:Klipper FIRMWARE_VERSION:v0.12");
    bench.fw.slow = Some("G1 X12");
    bench.run_until(|b| b.fw.done.iter().any(|line| line.starts_with("G1 X12")));
    bench
}

#[test]
fn a_refused_move_is_told_by_line_and_the_print_is_not_called_finished() {
    let mut bench = on_klipper("G1 X11 E1.3|G1 X12 E1.4|G1 X13 E1.5");
    let said = "!! Move exceeds maximum extrusion (2.040mm^2 vs 0.640mm^2)";
    bench.say(said);
    bench.release();
    bench.run_until(|b| !b.link.has_job());
    let told = LinkChange::LineRefused { line: Some(9), command: "G1 X12 E1.4".into(), said: said.into() };
    assert!(bench.changes.contains(&told), "{:?}", bench.changes);
    assert!(bench.moves().contains(&"G1 X13 E1.5"), "it goes on");
    assert!(why(&bench).contains("line 9 (G1 X12 E1.4"), "{}", why(&bench));
    assert_eq!(bench.state(), PrinterState::Operational);
}

#[test]
fn moves_that_are_all_refused_end_the_print_at_once() {
    let mut bench = Bench::printing(&[], &"G1 X11 E1.3|".repeat(100));
    bench.fw.complains = Some("echo: cold extrusion prevented");
    bench.run_until(|b| !b.link.has_job());
    assert!(why(&bench).contains("cold extrusion prevented"), "{}", why(&bench));
    assert!(bench.fw.done.iter().filter(|line| line.starts_with("G1 X11")).count() < 12);
    assert!(all_off(&bench));
}

#[test]
fn a_fault_of_a_board_that_talks_on_is_no_halt() {
    for fault in ["Error:MAXTEMP triggered", "Error: heating fault on heater 1", "Error:Heater decoupled"] {
        let mut bench = Bench::printing(&[], &"G1 X11 E1.3|".repeat(500));
        bench.say(fault);
        bench.run(10_000);
        assert!(why(&bench).contains(fault), "{}", why(&bench));
        assert!(
            bench
                .changes
                .iter()
                .any(|c| matches!(c, LinkChange::HeaterFault(f) if f.said.as_deref() == Some(fault)))
        );
        assert!(!bench.changes.iter().any(|c| matches!(c, LinkChange::Halted { .. })), "{:?}", bench.changes);
        assert!(all_off(&bench), "{fault}");
        assert_eq!(bench.state(), PrinterState::Operational);
        bench.fw.hotend.0 = 123.0;
        bench.run(6_000);
        let report = bench.link.report(domain::Now::at(bench.now));
        assert_eq!(report.temperatures["tool0"].actual, 123.0, "temperatures stay live");
    }
}

#[test]
fn a_board_that_says_no_more_after_a_fault_has_halted() {
    let mut bench = Bench::printing(&[], &"G1 X11 E1.3|".repeat(500));
    bench.say("Error:MINTEMP triggered");
    bench.mute = true;
    bench.run(10_000);
    assert_eq!(bench.state(), PrinterState::Halted);
    bench.forget();
    bench.order(Order::CoolDown);
    bench.run(100);
    assert!(bench.changes.is_empty(), "it is not refused: {:?}", bench.changes);
    assert!(bench.sent.contains(&"M104 S0".to_owned()));
}

#[test]
fn a_board_that_takes_lines_after_its_halt_is_connected_again() {
    let mut bench = Bench::printing(&[], &"G1 X11 E1.3|".repeat(500));
    // Said by the file, say.
    bench.say("Error:Printer halted. kill() called!");
    assert_eq!(bench.state(), PrinterState::Halted);
    bench.run(5_000);
    assert_eq!(bench.state(), PrinterState::Operational, "{:?}", bench.changes);
    assert!(all_off(&bench));
}

#[test]
fn a_stopped_klipper_is_restarted_by_a_line_or_by_connecting() {
    let mut bench = on_klipper("G1 X11 E1.3|G1 X12 E1.4|G1 X13 E1.5");
    for line in ["// Lost communication with MCU 'mcu'", "// Once the underlying issue is corrected, use the"]
    {
        bench.say(line);
    }
    bench.mute = true;
    bench.run(4_000);
    assert_eq!(bench.state(), PrinterState::Halted);
    assert!(
        why(&bench).contains("Lost communication") && why(&bench).contains("FIRMWARE_RESTART"),
        "{}",
        why(&bench)
    );
    bench.forget();
    bench.order(Order::Tool(Tool::Lines(vec!["G28".into()])));
    assert!(matches!(bench.changes.last(), Some(LinkChange::Refused { .. })));
    bench.order(Order::Tool(Tool::Lines(vec!["FIRMWARE_RESTART".into()])));
    bench.run(100);
    assert!(bench.sent.contains(&"FIRMWARE_RESTART".to_owned()));
    bench.mute = false;
    let _other_words = bench.fw.boot();
    bench.say("// Klipper state: Disconnect");
    bench.run(10_000);
    assert_eq!(bench.state(), PrinterState::Operational);
}

#[test]
fn a_shout_without_words_has_its_reason_in_the_line_before() {
    let mut bench = Bench::printing(&[], &"G1 X11 E1.3|".repeat(500));
    bench.say("ERROR: Something is wrong with the spindle");
    bench.say("!!");
    assert!(why(&bench).contains("wrong with the spindle"), "{}", why(&bench));
}

#[test]
fn a_cancel_of_a_good_print_stays_a_cancel() {
    let mut bench = Bench::printing(&[], &"G1 X11 E1.3|".repeat(500));
    bench.order(Order::Cancel(Initiator::Person));
    bench.run_until(|b| !b.link.has_job());
    assert_eq!(*end(&bench), JobEnd::Cancelled(Initiator::Person));
}
