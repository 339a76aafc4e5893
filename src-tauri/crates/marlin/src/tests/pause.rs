//! Pause: the exact bytes, each move once, and what happens when it is not confirmed.

use super::bench::{Bench, recipe};
use super::firmware::Make;
use domain::{Heater, Initiator, LinkChange, Order, PrintId, PrinterState};
use expect_test::expect;

const PAUSED: LinkChange = LinkChange::Paused(PrintId(7), Initiator::Detection);

#[test]
fn a_pause_sends_each_move_once_and_in_order() {
    let mut bench = Bench::printing(&["AUTOREPORT_TEMP"], "G1 X11 E1.3|G1 X12 E1.4|G1 X13 E1.5");
    bench.pause();
    assert_eq!(bench.state(), PrinterState::Pausing);
    bench.run(2_000);
    expect![[r#"
        [
            "M400",
            "M114",
            "M105",
            "M83",
            "G1 E-6.5 F1800",
            "G90",
            "G1 Z2.9 F600",
            "M400",
            "M84 S0",
            "M104 S0",
            "M105",
        ]
    "#]]
    .assert_debug_eq(&bench.texts());
    assert_eq!(bench.changes, [PAUSED]);
    assert_eq!(bench.state(), PrinterState::Paused);
    let steps = bench.link.report(domain::Now::at(bench.now)).job.expect("paused").steps;
    assert!(steps.iter().all(|step| step.done), "{steps:?}");
    bench.run(60_000);
    assert!(bench.texts()[11..].iter().all(|l| l == "M105"), "nothing moves while paused");
}

#[test]
fn a_lift_stops_at_the_machines_height_and_a_cold_nozzle_does_not_retract() {
    let mut bench = Bench::printing(&[], "G1 X11 E1.3");
    bench.fw.hotend = (40.0, 0.0);
    let low = domain::PauseRecipe { max_z_mm: 1.0, bed_off: true, ..recipe() };
    bench.order(Order::Pause(low, Initiator::Person));
    bench.run_until(|b| b.state() == PrinterState::Paused);
    let moves = bench.moves().join("|");
    assert_eq!(moves, "M400|G90|G1 Z1 F600|M400|M84 S0|M104 S0|M140 S0");
}

#[test]
fn an_unconfirmed_pause_alarms_once_and_repeats_only_queries() {
    let mut bench = Bench::printing(&[], "G1 X11 E1.3|G1 X12 E1.4");
    bench.fw.slow = Some("M400");
    bench.pause();
    bench.run(400_000);
    let told: Vec<_> =
        bench.changes.iter().filter(|c| matches!(c, LinkChange::PauseUnconfirmed(..))).collect();
    assert_eq!(told.len(), 1, "{:?}", bench.changes);
    assert_eq!(bench.state(), PrinterState::Pausing);
    let texts = bench.texts();
    assert_eq!(texts.iter().filter(|l| *l == "M400").count(), 1, "{texts:?}");
    assert!(texts.iter().all(|l| l == "M400" || l == "M105"), "{texts:?}");
    bench.release();
    bench.run_until(|b| b.changes.contains(&PAUSED));
    assert_eq!(bench.moves().iter().filter(|l| l.starts_with("G1 Z")).count(), 1);
}

#[test]
fn a_heater_that_stays_on_is_named_and_keeps_no_pause_from_completing() {
    let mut bench = Bench::printing(&[], "G1 X11 E1.3");
    bench.fw.deaf_heater = true;
    bench.pause();
    bench.run(12_000);
    let named = LinkChange::HeatersOff { unconfirmed: vec![Heater::Hotend(0)] };
    assert_eq!(bench.changes, [PAUSED, named]);
    let steps = bench.link.report(domain::Now::at(bench.now)).job.expect("paused").steps;
    let last = steps.last().expect("read back");
    assert_eq!((last.done, last.detail.as_str()), (false, "Nozzle 1: not confirmed"));
}

#[test]
fn a_pause_while_heating_waits_as_long_as_heating_may_take() {
    let mut bench = Bench::up(Make::Two, &[]);
    bench.fw.slow = Some("M109");
    bench.start("M109 S205|G1 X1 E1");
    bench.run(1_000);
    assert_eq!(bench.state(), PrinterState::Heating);
    bench.pause();
    bench.run(600_000);
    assert!(!bench.changes.iter().any(|c| matches!(c, LinkChange::PauseUnconfirmed(..))));
    bench.release();
    bench.run_until(|b| b.changes.contains(&PAUSED));
    assert!(!bench.moves().iter().any(|l| l.contains("X1")), "nothing of the file follows");
}

#[test]
fn a_pause_in_the_file_and_one_at_the_printer_are_pauses() {
    let mut bench = Bench::printing(&[], "M0|G1 X11 E1.3");
    bench.run_until(|b| b.state() == PrinterState::Paused);
    assert!(!bench.moves().contains(&"M0"), "the firmware would wait for its knob");
    let mut bench = Bench::printing(&[], &"G1 X11 E1.3|".repeat(500));
    bench.say("//action:pause");
    bench.run_until(|b| b.state() == PrinterState::Paused);
    assert!(bench.changes.contains(&LinkChange::Paused(PrintId(7), Initiator::Printer)));
}

#[test]
fn a_filament_change_never_times_out() {
    let mut bench = Bench::printing(&[], "M600|G1 X11 E1.3");
    bench.fw.slow = Some("M600");
    bench.run(100);
    bench.say("//action:paused filament_runout 0");
    for _ in 0..600 {
        bench.say("echo:busy: paused for user");
        bench.run(2_000);
    }
    assert_eq!(bench.state(), PrinterState::Paused);
    let asked = bench.changes.iter().filter(|c| matches!(c, LinkChange::FilamentChange { .. })).count();
    assert_eq!(asked, 1);
    assert_eq!(bench.texts(), ["M600"], "nothing is sent meanwhile");
    bench.say("//action:resumed");
    bench.release();
    bench.run_until(|b| b.moves().contains(&"G1 X11 E1.3"));
}

#[test]
fn a_firmware_that_answers_behind_its_ok_is_believed_too() {
    let mut bench = Bench::printing(&[], "G1 X11 E1.3|G1 X12 E1.4|G1 X13 E1.5");
    bench.fw.ok_first = true;
    bench.pause();
    bench.run(3_000);
    assert_eq!(bench.changes, [PAUSED]);
    let asked = bench.texts().iter().filter(|l| l.starts_with("M114")).count();
    assert_eq!(asked, 1, "{:?}", bench.texts());
}
