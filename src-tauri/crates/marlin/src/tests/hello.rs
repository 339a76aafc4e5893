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
fn hello_is_repeated_until_the_board_has_booted_and_then_given_up() {
    let mut bench = Bench::new(Make::One, &[]);
    bench.mute = true;
    bench.run(30_000);
    assert!(bench.texts().iter().all(|l| l == "M110 N0"), "{:?}", bench.sent);
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
