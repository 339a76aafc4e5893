//! Whatever ends, heaters go off first and are asked about afterwards; what is not read back is named.

use super::bench::Bench;
use super::firmware::Make;
use domain::{Heater, Initiator, JobEnd, LinkChange, Order, PrintId, PrinterState};

fn unconfirmed(bench: &Bench) -> Option<&[Heater]> {
    bench.changes.iter().rev().find_map(|change| {
        if let LinkChange::HeatersOff { unconfirmed } = change { Some(unconfirmed.as_slice()) } else { None }
    })
}

fn off_lines(bench: &Bench) -> Vec<&str> {
    let off = |l: &&str| l.ends_with("S0") && (l.starts_with("M104") || l.starts_with("M14"));
    bench.moves().into_iter().filter(off).collect()
}

#[test]
fn a_cancel_waits_for_no_temperature_that_never_comes() {
    let mut bench = Bench::printing(&[], &"G1 X11 E1.3|".repeat(500));
    bench.fw.tells_nothing = true;
    bench.order(Order::Cancel(Initiator::Person));
    bench.run(500);
    assert_eq!(off_lines(&bench), ["M104 S0", "M140 S0"], "{:?}", bench.sent);
    bench.run_until(|b| !b.link.has_job());
    assert_eq!(unconfirmed(&bench), Some(&[Heater::Hotend(0), Heater::Bed][..]));
    assert!(bench.changes.contains(&LinkChange::Ended(PrintId(7), JobEnd::Cancelled(Initiator::Person))));
}

#[test]
fn a_print_that_ends_without_readable_heat_says_so() {
    let mut bench = Bench::printing(&[], "G1 X11 E1.3|M104 S0|M140 S0");
    bench.fw.tells_nothing = true;
    bench.run_until(|b| !b.link.has_job());
    assert_eq!(off_lines(&bench), ["M104 S0", "M140 S0"], "the file's own lines are enough");
    assert_eq!(unconfirmed(&bench), Some(&[Heater::Hotend(0), Heater::Bed][..]));
    assert!(bench.changes.contains(&LinkChange::Ended(PrintId(7), JobEnd::Finished)), "{:?}", bench.changes);
}

#[test]
fn what_a_file_leaves_on_is_switched_off_at_its_end() {
    let mut bench = Bench::printing(&[], "G1 X11 E1.3|M104 S0");
    bench.run_until(|b| !b.link.has_job());
    assert_eq!(off_lines(&bench), ["M104 S0", "M140 S0"], "{:?}", bench.moves());
    assert_eq!((bench.fw.hotend.1, bench.fw.bed.1), (0.0, 0.0));
    assert_eq!(unconfirmed(&bench), Some(&[][..]));
}

#[test]
fn every_tool_goes_off_though_only_the_active_one_is_told() {
    let mut bench = Bench::new(Make::Two, &[]);
    bench.fw.second = Some((20.0, 0.0));
    bench.run(5_000);
    bench.start(&format!("M104 T0 S200|M104 T1 S210|T1|G28|G1 X1 E1|{}", "G1 X2 E2|".repeat(500)));
    bench.run_until(|b| b.fw.done.iter().any(|l| l == "G1 X1 E1"));
    bench.forget();
    bench.order(Order::Cancel(Initiator::Person));
    bench.run_until(|b| !b.link.has_job());
    assert_eq!(off_lines(&bench), ["M104 T0 S0", "M104 T1 S0", "M140 S0"]);
    assert_eq!((bench.fw.hotend.1, bench.fw.second.map(|t| t.1)), (0.0, Some(0.0)));
    assert!(unconfirmed(&bench).is_some_and(|named| !named.is_empty()), "one of them was never told");
}

#[test]
fn cooling_down_names_what_is_not_confirmed() {
    for (tells_nothing, want) in [(false, vec![]), (true, vec![Heater::Hotend(0), Heater::Bed])] {
        let mut bench = Bench::up(Make::Two, &[]);
        bench.order(Order::SetTarget(Heater::Bed, 60.0));
        bench.order(Order::SetTarget(Heater::Hotend(0), 200.0));
        bench.run(3_000);
        bench.forget();
        bench.fw.tells_nothing = tells_nothing;
        bench.order(Order::CoolDown);
        bench.run(300);
        assert_eq!(off_lines(&bench), ["M104 S0", "M140 S0"]);
        bench.run(15_000);
        assert_eq!(unconfirmed(&bench), Some(&want[..]));
    }
}

#[test]
fn an_error_that_ends_the_print_switches_off_while_lines_are_taken() {
    let mut bench = Bench::printing(&[], &"G1 X11 E1.3|".repeat(500));
    bench.say("echo:Printer locked! (Unlock with M511 or LCD)");
    bench.run(2_000);
    assert!(
        matches!(bench.changes[0], LinkChange::Ended(_, JobEnd::Interrupted { .. })),
        "{:?}",
        bench.changes
    );
    assert_eq!(off_lines(&bench), ["M104 S0", "M140 S0"]);
    assert_eq!(unconfirmed(&bench), Some(&[][..]));
}

#[test]
fn a_pause_needs_neither_place_nor_heat_and_the_resume_follows_the_lines_sent() {
    let mut bench = Bench::printing(&[], "G1 X11 Y21 Z0.6 E1.3|G1 X12 E1.4|G1 X13 E1.5");
    bench.run_until(|b| b.fw.done.iter().any(|l| l.starts_with("G1 X11")));
    bench.forget();
    bench.fw.tells_nothing = true;
    bench.pause();
    bench.run(12_000);
    assert_eq!(bench.state(), PrinterState::Paused, "{:?}", bench.sent);
    let named = LinkChange::HeatersOff { unconfirmed: vec![Heater::Hotend(0)] };
    assert_eq!(bench.changes, [LinkChange::Paused(PrintId(7), Initiator::Detection), named]);
    let at = bench.fw.at;
    bench.forget();
    bench.order(Order::Resume(Initiator::Person));
    bench.run_until(|b| b.state() == PrinterState::Printing || !b.link.has_job());
    assert!(bench.moves().starts_with(&["M190 S60", "M109 S205"]), "{:?}", bench.moves());
    let back = format!("G1 X{} Y{} F6000", at[0], at[1]);
    assert!(bench.moves().contains(&back.as_str()), "{back}: {:?}", bench.moves());
}

#[test]
fn a_print_whose_last_moves_were_not_carried_out_has_failed() {
    let mut bench = Bench::printing(&[], "G1 X11 E1.3|G1 X12 E1.4|G1 X13 E1.5|G1 X14 E1.6|M104 S0|M140 S0");
    bench.run_until(|b| b.fw.done.iter().any(|l| l.starts_with("G1 X12")));
    bench.fw.does_nothing = true;
    bench.run_until(|b| !b.link.has_job());
    let Some(LinkChange::Ended(_, JobEnd::Interrupted { why })) = bench.changes.last() else {
        panic!("{:?}", bench.changes)
    };
    assert!(why.contains("line 10 (\"G1 X13 E1.5\")"), "{why}");
}
