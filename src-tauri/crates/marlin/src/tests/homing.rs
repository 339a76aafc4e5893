//! Nothing moves before it is known where the head is, and what was refused is not remembered as done.

use super::bench::{Bench, recipe};
use super::firmware::Make;
use domain::{Initiator, LinkChange, Order, PrintId, PrinterState};

/// A pause while the machine heats for the first time.
fn paused_while_heating(homes_first: bool) -> Bench {
    let mut bench = Bench::up(Make::Two, &[]);
    bench.fw.homes_first = homes_first;
    bench.fw.slow = Some("M109");
    bench.start("M104 S205|M109 S205|G28|G1 X10 Y20 Z0.4 E1|G1 X11 E2");
    bench.run(1_000);
    bench.pause();
    bench.run(200);
    assert_eq!(bench.sent.last().map(String::as_str), Some("M108"), "the wait is ended");
    bench.release();
    bench.run_until(|b| b.state() == PrinterState::Paused);
    bench
}

#[test]
fn a_pause_before_homing_moves_nothing_and_can_be_resumed() {
    for homes_first in [false, true] {
        let mut bench = paused_while_heating(homes_first);
        assert!(!bench.moves().iter().any(|l| l.contains('Z')), "{:?}", bench.moves());
        bench.forget();
        bench.order(Order::Resume(Initiator::Person));
        bench.run_until(|b| !b.link.has_job());
        let moves = bench.moves();
        let homed = moves.iter().position(|l| *l == "G28").expect("the file goes on");
        assert!(!moves[..homed].iter().any(|l| l.contains('Z') || l.contains('X')), "{moves:?}");
        assert!(moves[..homed].contains(&"M109 S205"), "the wait is caught up on: {moves:?}");
        assert!(bench.changes.contains(&LinkChange::Resumed(PrintId(7), Initiator::Person)));
    }
}

#[test]
fn a_lift_that_was_refused_is_not_gone_down_again() {
    let mut bench = Bench::printing(&[], "G1 X11 E1.3|G1 X12 E1.4");
    (bench.fw.homes_first, bench.fw.homed) = (true, false);
    bench.pause();
    bench.run_until(|b| b.state() == PrinterState::Paused);
    assert!((bench.fw.at[2] - 0.4).abs() < 1e-9, "the lift was refused");
    bench.fw.homes_first = false;
    bench.forget();
    bench.order(Order::Resume(Initiator::Person));
    bench.run_until(|b| b.state() != PrinterState::Resuming && b.state() != PrinterState::Paused);
    assert!(!bench.changes.iter().any(|c| matches!(c, LinkChange::Refused { .. })), "{:?}", bench.changes);
}

#[test]
fn a_resume_whose_moves_are_refused_stays_paused() {
    let mut bench = Bench::printing(&[], "G1 X11 E1.3|G1 X12 E1.4");
    bench.order(Order::Pause(recipe(), Initiator::Person));
    bench.run_until(|b| b.state() == PrinterState::Paused);
    (bench.fw.homes_first, bench.fw.homed) = (true, false);
    bench.order(Order::Resume(Initiator::Person));
    bench.run(2_000);
    assert_eq!(bench.state(), PrinterState::Paused);
    let refused =
        |c: &LinkChange| matches!(c, LinkChange::Refused { why, .. } if why.contains("Home XYZ first"));
    assert!(bench.changes.iter().any(refused), "{:?}", bench.changes);
}
