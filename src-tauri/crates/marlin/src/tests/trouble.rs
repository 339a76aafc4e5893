//! Reboots, halts, silence, lost oks, wrong orders.

use super::bench::Bench;
use super::firmware::Make;
use domain::{Heater, Initiator, JobEnd, LinkChange, Now, Order, PrinterState};

fn interrupted(bench: &Bench) -> &str {
    let end = bench.changes.iter().find_map(|c| {
        if let LinkChange::Ended(_, JobEnd::Interrupted { why }) = c { Some(why) } else { None }
    });
    end.unwrap_or_else(|| panic!("not interrupted: {:?}", bench.changes))
}

#[test]
fn a_boot_banner_in_mid_print_ends_it_and_nothing_is_replayed() {
    let mut bench = Bench::printing(&[], &"G1 X11 E1.3|".repeat(500));
    let boot = bench.fw.boot();
    bench.forget();
    bench.hear(boot);
    bench.run(10_000);
    assert!(interrupted(&bench).contains("restarted"));
    assert_eq!(bench.changes[1..], [LinkChange::Rebooted, LinkChange::Up { hot: false }]);
    assert_eq!(bench.moves(), Vec::<&str>::new());
}

#[test]
fn a_reboot_without_banner_shows_by_the_line_it_asks_for() {
    let mut bench = Bench::printing(&[], &"G1 X11 E1.3|".repeat(5_000));
    bench.run(500);
    let _banner_lost = bench.fw.boot();
    bench.forget();
    bench.run(10_000);
    assert!(interrupted(&bench).contains("restarted"));
    assert_eq!(bench.moves(), Vec::<&str>::new());
    assert_eq!(bench.state(), PrinterState::Operational);
}

#[test]
fn after_a_halt_nothing_is_sent_but_heaters_off_and_how_hot_it_is() {
    let mut bench = Bench::printing(&[], &"G1 X11 E1.3|".repeat(500));
    bench.say("Error:Thermal Runaway, system stopped! Heater_ID: 0");
    bench.mute = true;
    bench.forget();
    bench.run(10_000);
    assert_eq!(bench.state(), PrinterState::Halted);
    let sent: std::collections::BTreeSet<String> = bench.sent.iter().cloned().collect();
    assert_eq!(sent.into_iter().collect::<Vec<_>>(), ["M104 S0", "M105", "M107", "M140 S0"]);
}

#[test]
fn harmless_errors_end_nothing() {
    let mut bench = Bench::printing(&[], "G1 X11 E1.3|G1 X12 E1.4");
    bench.say("Error:volume.init failed");
    bench.say("echo:Unknown command: \"M900 K0\"");
    bench.run_until(|b| !b.link.has_job());
    assert!(matches!(bench.changes.last(), Some(LinkChange::Ended(_, JobEnd::Finished))));
}

#[test]
fn a_lost_ok_is_found_out_by_a_query_and_no_move_is_repeated() {
    for make in [Make::One, Make::Two] {
        let mut bench = Bench::up(make, &[]);
        bench.start("G1 X1|G1 X2|G1 X3");
        bench.lose_oks = 1;
        bench.run_until(|b| !b.link.has_job());
        assert_eq!(bench.moves(), ["G1 X1", "G1 X2", "G1 X3", "M400"], "{make:?}");
        assert!(bench.now < 20_000, "it took {} ms", bench.now);
        assert_eq!(bench.link.report(domain::Now::at(bench.now)).lost_answers, 1);
    }
}

#[test]
fn a_damaged_ok_costs_less_than_a_second() {
    let mut bench = Bench::up(Make::Two, &[]);
    bench.start("G1 X1|G1 X2");
    bench.lose_oks = 1;
    bench.round();
    bench.round();
    bench.say("kok");
    let from = bench.now;
    bench.run_until(|b| !b.link.has_job());
    assert!(bench.now - from < 1_000, "{} ms", bench.now - from);
    assert_eq!(bench.moves(), ["G1 X1", "G1 X2", "M400"]);
}

#[test]
fn a_slow_command_gets_its_ok_and_the_queries_theirs() {
    let mut bench = Bench::up(Make::Two, &[]);
    bench.fw.slow = Some("G28");
    bench.start("G28|G1 X1|G1 X2");
    bench.run(200_000);
    assert_eq!(bench.moves(), ["G28"], "two queries wait, nothing else");
    bench.release();
    bench.run_until(|b| !b.link.has_job());
    assert_eq!(bench.moves(), ["G28", "G1 X1", "G1 X2", "M400"]);
}

#[test]
fn a_file_that_cannot_be_read_on_pauses_and_is_not_resumed() {
    let mut bench = Bench::printing(&[], &"G1 X11 E1.3|".repeat(500));
    bench.link.feed_failed("disk gone", Now::at(bench.now));
    bench.run_until(|b| b.state() == PrinterState::Paused);
    bench.order(Order::Resume(Initiator::Person));
    assert!(
        matches!(bench.changes.last(), Some(LinkChange::Refused { why, .. }) if why.contains("cannot be read"))
    );
}

#[test]
fn a_silent_printer_is_given_up() {
    let mut bench = Bench::printing(&[], &"G1 X11 E1.3|".repeat(500));
    bench.mute = true;
    bench.run(200_000);
    let why = bench.link.poll_broken().expect("given up");
    bench.link.lost(&why);
    bench.run(10);
    assert!(interrupted(&bench).contains("no longer answers"));
    assert!(matches!(bench.changes.last(), Some(LinkChange::Lost { .. })));
    assert_eq!(bench.state(), PrinterState::LinkLost);
}

#[test]
fn a_resend_without_end_is_a_broken_link() {
    let mut bench = Bench::up(Make::Two, &[]);
    bench.start("G1 X1|G1 X2");
    bench.wire = Box::new(|line| line.retain(|b| *b != b'*'));
    bench.run(60_000);
    let why = interrupted(&bench);
    assert!(why.contains("again and again") && why.contains("G1 X1"), "{why}");
    assert!(bench.link.poll_broken().is_some(), "nothing else is taken either");
}

#[test]
fn orders_out_of_place_are_refused_with_a_text() {
    let mut bench = Bench::up(Make::Two, &[]);
    for order in [
        Order::Pause(super::bench::recipe(), Initiator::Person),
        Order::Resume(Initiator::Person),
        Order::Cancel(Initiator::Person),
        Order::SetTarget(Heater::Bed, f64::NAN),
    ] {
        bench.forget();
        bench.order(order.clone());
        assert!(matches!(&bench.changes[..], [LinkChange::Refused { .. }]), "{order:?}: {:?}", bench.changes);
    }
    bench.order(Order::SetTarget(Heater::Bed, 60.0));
    bench.order(Order::Home(vec![domain::Axis::X, domain::Axis::Y]));
    bench.run(200);
    assert_eq!(bench.moves(), ["M140 S60", "G28 X Y"]);
}

#[test]
fn the_report_counts_lines_bytes_and_time_without_pauses() {
    let mut bench = Bench::printing(&[], &"G1 X11 E1.3|".repeat(2_000));
    bench.run(1_000);
    let before = bench.link.report(Now::at(bench.now)).job.expect("prints");
    assert!(before.line > 50 && before.filepos == before.line * 10, "{before:?}");
    bench.pause();
    bench.run_until(|b| b.state() == PrinterState::Paused);
    let paused = bench.link.report(Now::at(bench.now)).job.expect("paused").print_secs;
    bench.run(100_000);
    let later = bench.link.report(Now::at(bench.now)).job.expect("paused").print_secs;
    assert!(later - paused < 0.1, "{paused} to {later}");
}
