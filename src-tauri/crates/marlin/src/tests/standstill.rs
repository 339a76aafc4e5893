//! After this process stood still the printer is asked before anything is sent.

use super::bench::Bench;
use domain::{JobEnd, LinkChange};

#[test]
fn after_a_standstill_the_printer_is_asked_first_and_the_print_goes_on() {
    let mut bench = Bench::printing(&[], &"G1 X11|G1 X12|".repeat(40));
    bench.run(50);
    bench.forget();
    bench.link.stood_still();
    bench.mute = true;
    bench.run(100);
    assert_eq!(bench.texts().iter().filter(|t| *t != "M105").count(), 0, "{:?}", bench.texts());
    assert!(bench.link.is_asking_first());
    bench.mute = false;
    bench.run_until(|b| b.changes.iter().any(|c| matches!(c, LinkChange::Ended(..))));
    assert!(
        matches!(bench.changes.last(), Some(LinkChange::Ended(_, JobEnd::Finished))),
        "{:?}",
        bench.changes
    );
    assert!(!bench.link.is_asking_first());
}

#[test]
fn a_printer_that_restarted_during_a_standstill_is_not_fed_on() {
    let mut bench = Bench::printing(&[], &"G1 X11|G1 X12|".repeat(40));
    bench.link.stood_still();
    let banner = bench.fw.boot();
    bench.hear(banner);
    bench.forget();
    bench.run(5_000);
    assert!(!bench.texts().iter().any(|t| t.starts_with("G1")), "{:?}", bench.texts());
    assert!(!bench.link.is_asking_first() && !bench.link.has_job());
}

#[test]
fn an_idle_printer_answers_and_takes_orders_again() {
    let mut bench = Bench::up(super::firmware::Make::Two, &[]);
    bench.link.stood_still();
    bench.run(500);
    assert!(!bench.link.is_asking_first());
    bench.order(domain::Order::Home(Vec::new()));
    bench.run(500);
    assert!(bench.texts().contains(&"G28".to_owned()));
}
