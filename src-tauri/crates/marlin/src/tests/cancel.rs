//! Cancel, the end of a print, cooling down, leaving.

use super::bench::Bench;
use super::firmware::Make;
use domain::{Initiator, JobEnd, Leave, LinkChange, Order, PrintId, PrinterState};

fn ended(how: JobEnd) -> LinkChange {
    LinkChange::Ended(PrintId(7), how)
}

#[test]
fn a_cancel_leaves_the_part_while_hot_and_switches_all_off() {
    let mut bench = Bench::printing(&[], &"G1 X11 E1.3|".repeat(500));
    bench.order(Order::Cancel(Initiator::Person));
    bench.run_until(|b| !b.link.has_job());
    let moves = bench.moves();
    let from = moves.iter().position(|l| *l == "M83").expect("retracts");
    assert_eq!(moves[from..].join("|"), "M83|G1 E-2 F1800|G91|G1 Z5 F600|G90|M104 S0|M140 S0|M107|M400|M84");
    assert_eq!(bench.changes, [ended(JobEnd::Cancelled(Initiator::Person))]);
}

#[test]
fn a_cancel_breaks_a_heat_up_where_the_firmware_listens() {
    for (caps, breaks) in [(&["EMERGENCY_PARSER"][..], true), (&[][..], false)] {
        let mut bench = Bench::up(Make::Two, caps);
        bench.fw.slow = Some("M109");
        bench.start("M109 S205|G1 X1 E1");
        bench.run(1_000);
        bench.order(Order::Cancel(Initiator::Person));
        bench.run(100);
        assert_eq!(bench.sent.last().is_some_and(|l| l == "M108"), breaks, "{:?}", bench.sent);
        bench.release();
        bench.run_until(|b| !b.link.has_job());
        assert!(
            bench.moves().ends_with(&["M104 S0", "M140 S0", "M107", "M400", "M84"]),
            "{:?}",
            bench.moves()
        );
        assert!(!bench.moves().iter().any(|l| l.starts_with("G1")), "nothing was printed: nothing to leave");
    }
}

#[test]
fn a_cancel_of_a_pause_does_not_move_again() {
    let mut bench = Bench::printing(&[], "G1 X11 E1.3");
    bench.pause();
    bench.run_until(|b| b.state() == PrinterState::Paused);
    bench.forget();
    bench.order(Order::Cancel(Initiator::Person));
    bench.run_until(|b| !b.link.has_job());
    assert!(!bench.moves().iter().any(|l| l.starts_with('G')), "{:?}", bench.moves());
}

#[test]
fn a_cancel_that_cannot_be_read_back_is_said_to_be_so() {
    let mut bench = Bench::printing(&[], "G1 X11 E1.3|G1 X12 E1.4");
    bench.fw.deaf_heater = true;
    bench.order(Order::Cancel(Initiator::Person));
    bench.run_until(|b| !b.link.has_job());
    let Some(LinkChange::Ended(_, JobEnd::Interrupted { why })) = bench.changes.last() else {
        panic!("{:?}", bench.changes)
    };
    assert!(why.contains("did not confirm"));
}

#[test]
fn the_last_ok_is_not_the_last_motion() {
    let mut bench = Bench::up(Make::Two, &[]);
    bench.fw.slow = Some("M400");
    bench.start("G1 X1 E1|M104 S0");
    bench.run(1_000);
    assert_eq!(bench.state(), PrinterState::Finishing);
    assert_eq!(bench.changes, [LinkChange::Started(PrintId(7))]);
    bench.release();
    bench.run(1_000);
    assert_eq!(bench.changes.last(), Some(&ended(JobEnd::Finished)));
}

#[test]
fn cooling_down_in_mid_print_pauses_it_first() {
    let mut bench = Bench::printing(&[], &"G1 X11 E1.3|".repeat(500));
    bench.order(Order::CoolDown);
    bench.run_until(|b| b.state() == PrinterState::Paused);
    assert!(bench.moves().ends_with(&["M84 S0", "M104 S0", "M140 S0"]), "{:?}", bench.moves());
}

#[test]
fn leaving_pauses_then_switches_all_off() {
    let mut bench = Bench::printing(&[], &"G1 X11 E1.3|".repeat(500));
    bench.order(Order::Stop(Leave::HeatersOff));
    bench.run_until(|b| b.link.is_finished());
    assert!(bench.moves().ends_with(&["M84 S0", "M104 S0", "M104 S0", "M140 S0"]), "{:?}", bench.moves());
    let kinds: Vec<_> = bench.changes.iter().map(|c| matches!(c, LinkChange::Paused(..))).collect();
    assert_eq!(kinds, [true, false], "paused, then ended");
}
