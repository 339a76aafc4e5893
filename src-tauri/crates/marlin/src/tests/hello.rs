//! Opening: hello, who are you, how hot.

use super::bench::Bench;
use super::firmware::Make;
use domain::{LinkChange, PrinterState};
use expect_test::expect;

#[test]
fn hello_asks_for_heat_before_anything_else() {
    let mut bench = Bench::new(Make::Two, &["AUTOREPORT_TEMP"]);
    assert_eq!(bench.state(), PrinterState::Connecting);
    bench.run(3_000);
    expect![[r#"
        [
            "N0 M110 N0*125",
            "N1 M105*38",
            "N02 M115*20",
            "N3 M155 S2*96",
            "N4 M27*18",
            "N05 M503*16",
            "N6 M211*39",
        ]
    "#]]
    .assert_debug_eq(&bench.sent);
    assert_eq!(bench.changes, [LinkChange::Up { hot: false }]);
    assert_eq!(bench.link.report(domain::Now::at(0)).firmware.expect("told").name, "Marlin 2.1.2");
}

#[test]
fn without_autoreports_heat_is_asked_for_now_and_then() {
    let mut bench = Bench::up(Make::One, &[]);
    bench.run(20_000);
    let asked = bench.texts();
    assert!(asked.iter().all(|l| l == "M105") && (3..=5).contains(&asked.len()), "{asked:?}");
}

#[test]
fn the_machine_is_asked_once_and_its_answers_are_kept() {
    let mut bench = Bench::new(Make::Two, &[]);
    bench.run(3_000);
    let told = |bench: &Bench| bench.link.report(domain::Now::at(0)).machine;
    let machine = told(&bench).expect("all was answered");
    assert_eq!((machine.firmware.as_str(), machine.extruders), ("Marlin 2.1.2", 1));
    assert_eq!(machine.heaters, ["bed", "tool0"]);
    bench.say("echo:busy: processing");
    assert!(told(&bench).expect("kept").busy_protocol);
    let boot = bench.fw.boot();
    bench.forget();
    bench.hear(boot);
    bench.run(3_000);
    assert!(!bench.texts().iter().any(|l| l == "M503"), "a restart changes no machine: {:?}", bench.texts());
}

#[test]
fn a_printer_found_at_work_is_told_of_and_not_asked_more() {
    let mut bench = Bench::new(Make::Two, &[]);
    bench.say("SD printing byte 2134/235422");
    bench.run(3_000);
    let report = bench.link.report(domain::Now::at(0));
    assert_eq!(report.at_work.as_deref(), Some("it prints from its SD card"));
    assert!(!bench.texts().iter().any(|l| l == "M503"), "{:?}", bench.texts());
}

#[test]
fn hello_is_repeated_until_the_board_has_booted_and_then_given_up() {
    let mut bench = Bench::new(Make::One, &[]);
    bench.mute = true;
    bench.run(30_000);
    assert!(bench.texts().iter().all(|l| l == "M110 N0" || l == "M105"), "{:?}", bench.sent);
    let why = bench.link.poll_broken().expect("given up");
    assert!(why.contains("does not answer"), "{why}");
}

#[test]
fn a_hot_printer_is_told_of() {
    let mut bench = Bench::new(Make::Two, &[]);
    bench.fw.hotend = (180.0, 0.0);
    bench.run(5_000);
    assert_eq!(bench.changes, [LinkChange::Up { hot: true }]);
}

#[test]
fn a_firmware_that_says_nothing_to_the_hello_is_asked_a_question() {
    let mut bench = Bench::new(Make::Two, &[]);
    bench.fw.mute_hello = true;
    bench.run(6_000);
    assert_eq!(bench.state(), PrinterState::Operational, "{:?}", bench.sent);
    bench.start("G1 X1|G1 X2");
    bench.run_until(|b| !b.link.has_job());
    assert!(bench.moves().ends_with(&["G1 X1", "G1 X2", "M400"]), "{:?}", bench.moves());
}

#[test]
fn a_firmware_that_counts_from_elsewhere_is_followed() {
    let mut bench = Bench::new(Make::Two, &[]);
    bench.fw.mute_hello = true;
    // It chokes on the hello: its count is that of the host before.
    bench.wire = Box::new(|line| {
        if line.windows(4).any(|w| w == b"M110") {
            line.clear();
        }
    });
    bench.fw.count_from(57);
    bench.run(8_000);
    assert_eq!(bench.state(), PrinterState::Operational, "{:?}", bench.sent);
    bench.start("G1 X1|G1 X2");
    bench.run_until(|b| !b.link.has_job());
    assert!(bench.moves().ends_with(&["G1 X1", "G1 X2", "M400"]), "{:?}", bench.moves());
}

#[test]
fn a_klipper_that_is_only_starting_is_waited_for() {
    let mut bench = Bench::new(Make::Two, &[]);
    bench.fw.name = "Klipper";
    bench.fw.not_ready = true;
    bench.run(10_000);
    assert_eq!(bench.state(), PrinterState::Connecting, "{:?}", bench.changes);
    assert!(!bench.changes.iter().any(|c| matches!(c, LinkChange::Up { .. } | LinkChange::Halted { .. })));
    bench.fw.not_ready = false;
    bench.run(5_000);
    assert_eq!(bench.changes.last(), Some(&LinkChange::Up { hot: false }));
}
