//! Cancel, the end of a print, cooling down, leaving.

use super::bench::Bench;
use super::firmware::Make;
use domain::{Initiator, JobEnd, Leave, LinkChange, Order, PrintId, PrinterState};

const OFF: LinkChange = LinkChange::HeatersOff { unconfirmed: Vec::new() };

fn ended(how: JobEnd) -> LinkChange {
    LinkChange::Ended(PrintId(7), how)
}

#[test]
fn a_cancel_switches_all_off_then_leaves_the_part_while_hot() {
    let mut bench = Bench::printing(&[], &"G1 X11 E1.3|".repeat(500));
    bench.order(Order::Cancel(Initiator::Person));
    bench.run_until(|b| !b.link.has_job());
    let moves = bench.moves();
    let from = moves.iter().position(|l| *l == "M104 S0").expect("switches off");
    assert_eq!(moves[from..].join("|"), "M104 S0|M140 S0|M107|M83|G1 E-2 F1800|G91|G1 Z5 F600|G90|M400|M84");
    assert_eq!(bench.changes, [OFF, ended(JobEnd::Cancelled(Initiator::Person))]);
}

#[test]
fn a_cancel_breaks_a_heat_up_with_emergency_parser_or_without() {
    for caps in [&["EMERGENCY_PARSER"][..], &[][..]] {
        let mut bench = Bench::up(Make::Two, caps);
        bench.fw.slow = Some("M109");
        bench.start("M109 S205|G1 X1 E1");
        bench.run(1_000);
        bench.order(Order::Cancel(Initiator::Person));
        bench.run(100);
        assert_eq!(bench.texts(), ["M109 S205", "M108", "M104 S0"], "off waits behind the heat alone");
        let steps = bench.link.report(domain::Now::at(bench.now)).job.expect("cancelling").steps;
        assert!(steps[0].detail.contains("heats first") && steps[0].detail.contains("205 °C"), "{steps:?}");
        bench.release();
        bench.run_until(|b| !b.link.has_job());
        assert!(
            bench.moves().ends_with(&["M108", "M104 S0", "M140 S0", "M107", "M400", "M84"]),
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
fn cooling_down_in_mid_print_switches_off_then_pauses() {
    let mut bench = Bench::printing(&[], &"G1 X11 E1.3|".repeat(500));
    bench.order(Order::CoolDown);
    bench.run_until(|b| b.state() == PrinterState::Paused);
    let off_first = "M104 S0|M140 S0|M400|M83|G1 E-6.5 F1800|G90|G1 Z2.9 F600|M400|M84 S0";
    assert!(bench.moves().join("|").ends_with(off_first), "{:?}", bench.moves());
    assert!(bench.changes.contains(&OFF), "{:?}", bench.changes);
}

#[test]
fn leaving_switches_all_off_then_pauses() {
    let mut bench = Bench::printing(&[], &"G1 X11 E1.3|".repeat(500));
    bench.order(Order::Stop(Leave::HeatersOff));
    bench.run_until(|b| b.link.is_finished());
    let off_first = "M104 S0|M140 S0|M400|M83|G1 E-6.5 F1800|G90|G1 Z2.9 F600|M400|M84 S0";
    assert!(bench.moves().join("|").ends_with(off_first), "{:?}", bench.moves());
    let [LinkChange::Paused(..), off, LinkChange::Ended(..)] = &bench.changes[..] else {
        panic!("{:?}", bench.changes)
    };
    assert_eq!(off, &OFF);
}
