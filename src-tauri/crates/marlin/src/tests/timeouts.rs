//! When the link wants to be called though nothing comes: in time, and no sooner.

use super::bench::Bench;
use super::firmware::Make;
use domain::PrinterState;

/// Returns how often an idle link wants to be called in a minute.
fn calls_a_minute(caps: &[&'static str]) -> usize {
    let mut bench = Bench::up(Make::Two, caps);
    let (until, mut calls) = (bench.now + 60_000, 0);
    while bench.now < until {
        bench.sleep();
        calls += 1;
    }
    assert_eq!(bench.state(), PrinterState::Operational);
    calls
}

#[test]
fn an_idle_link_is_called_for_its_questions_and_for_nothing_else() {
    let asked = calls_a_minute(&[]);
    assert!((10..=14).contains(&asked), "a question every five seconds: {asked} calls");
    let silent = calls_a_minute(&["AUTOREPORT_TEMP"]);
    assert!((6..=14).contains(&silent), "reports that do not come are asked for: {silent} calls");
}

#[test]
fn a_link_without_a_port_is_never_called() {
    let mut bench = Bench::up(Make::Two, &[]);
    bench.link.lost("the cable was pulled");
    assert_eq!(bench.link.poll_timeout(), None);
}

#[test]
fn a_print_that_is_called_only_when_it_is_due_goes_on_to_its_end() {
    let mut bench = Bench::printing(&[], "G1 X11 E2|G4 P500|G1 X12 E3|G1 X13 E4");
    bench.pause();
    bench.fw.hotend = (205.0, 205.0);
    let mut calls = 0;
    while bench.state() != PrinterState::Paused {
        bench.now = bench.link.poll_timeout().expect("it is under way").saturating_sub(10).max(bench.now);
        bench.round();
        calls += 1;
        assert!(calls < 60, "it turns round and round: {:?}", bench.texts());
    }
    bench.order(domain::Order::Resume(domain::Initiator::Person));
    while bench.state() != PrinterState::Operational {
        bench.now = bench.link.poll_timeout().expect("it is under way").saturating_sub(10).max(bench.now);
        bench.round();
        calls += 1;
        assert!(calls < 160, "it turns round and round: {:?}", bench.texts());
    }
    assert!(bench.moves().contains(&"G1 X13 E4"), "{:?}", bench.moves());
}
