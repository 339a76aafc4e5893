//! Moves take their time, the queue is finite, nothing is extruded cold.

use super::Bench;
use crate::machine::SimOptions;

fn hot() -> Bench {
    let mut bench = Bench::new(SimOptions::default());
    bench.send("M109 S200\nG28\nM83\n");
    bench.until("X:0.00 Y:0.00 Z:0.00", 300.0).expect("it heats and homes");
    bench.heard();
    bench
}

#[test]
fn ok_comes_when_a_move_is_queued_and_m400_waits_for_the_last() {
    let mut bench = hot();
    assert_eq!(bench.ask("G1 X100 F3000"), "ok P14 B3\n");
    assert_eq!(bench.ask("M400"), "");
    let secs = bench.until("ok P15 B3", 10.0).expect("it arrives");
    assert!((1.9..2.3).contains(&secs), "100 mm at 50 mm/s took {secs} s");
    assert_eq!(bench.printer.state().position_mm, [100.0, 0.0, 0.0]);
}

#[test]
fn a_full_queue_holds_the_ok_back() {
    let mut bench = hot();
    let mut acknowledged = 0;
    for i in 0..17 {
        let line = format!("G1 X{} F600", if i % 2 == 0 { 10 } else { 0 });
        acknowledged += bench.ask(&line).matches("ok").count();
    }
    assert_eq!(acknowledged, 15, "fifteen fit");
    assert_eq!(bench.printer.state().moves_queued, 15);
    let secs = bench.until("ok", 5.0).expect("one ends");
    assert!((0.7..1.3).contains(&secs), "after one move: {secs} s");
}

#[test]
fn modes_offsets_and_limits_are_kept() {
    let mut bench = hot();
    // commands, where M114 says the head will be
    let cases = [
        ("G1 X10 Y20 Z5 F9000", "X:10.00 Y:20.00 Z:5.00 E:0.00"),
        ("G91\nG1 X5 Z1", "X:15.00 Y:20.00 Z:6.00 E:0.00"),
        ("G90\nM83\nG1 E2 F600\nG1 E2", "X:15.00 Y:20.00 Z:6.00 E:4.00"),
        ("G92 E0", "X:15.00 Y:20.00 Z:6.00 E:0.00"),
        ("G1 X999 Y-5 F9000", "X:220.00 Y:0.00 Z:6.00 E:0.00"),
        ("G92 X0\nG1 X-10", "X:-10.00 Y:0.00 Z:6.00 E:0.00"),
    ];
    for (commands, expected) in cases {
        bench.send(&format!("{commands}\nM400\n"));
        bench.pass(20.0);
        bench.heard();
        let answer = bench.ask("M114");
        assert!(answer.starts_with(expected), "{commands}: {answer}");
    }
}

#[test]
fn nothing_is_extruded_cold() {
    let mut bench = Bench::new(SimOptions::default());
    let answer = bench.ask("G1 X60 E5 F600");
    assert_eq!(answer, "echo: cold extrusion prevented\nok P14 B3\n");
    bench.pass(20.0);
    assert!(bench.printer.bed().strands().is_empty());
    assert!(bench.ask("M114").contains("E:5.00"), "the host's count goes on");
}

#[test]
fn what_is_extruded_lies_on_the_bed_by_layers() {
    let mut bench = hot();
    bench.send("G1 Z0.3 F600\nG1 X20 E1 F1200\nG1 Y20 E1\nG1 Z0.6\nG1 X0 E1\nM400\n");
    bench.pass(20.0);
    let layers: Vec<u32> = bench.printer.bed().strands().iter().map(|s| s.layer_idx).collect();
    assert_eq!(layers, [0, 0, 1]);
    let total: f32 = bench.printer.bed().strands().iter().map(|s| s.e_mm).sum();
    assert!((total - 3.0).abs() < 1e-4);
    bench.send("G28\n");
    bench.pass(20.0);
    assert!(bench.printer.bed().strands().is_empty(), "a new print begins on an empty bed");
}

#[test]
fn flow_and_speed_factors_count() {
    let mut bench = hot();
    bench.send("M220 S50\nM221 S200\nG1 X50 E1 F3000\nM400\n");
    bench.heard();
    let secs = bench.until("ok P15 B3\n", 10.0).expect("it arrives");
    assert!((1.9..2.3).contains(&secs), "half as fast: {secs} s");
    let pushed = bench.printer.bed().strands()[0].e_mm;
    assert!((pushed - 2.0).abs() < 1e-4, "twice as much: {pushed}");
}

#[test]
fn motors_sleep_when_idle_unless_told_otherwise() {
    let mut bench = hot();
    bench.pass(130.0);
    assert!(!bench.printer.state().steppers_on, "Marlin lets go after two minutes");
    bench.send("G28\nM84 S0\n");
    bench.pass(400.0);
    assert!(bench.printer.state().steppers_on, "M84 S0 keeps them on");
    bench.ask("M84");
    assert!(!bench.printer.state().steppers_on);
}

#[test]
fn a_quick_stop_leaves_the_head_where_it_is() {
    let mut bench = hot();
    bench.send("G1 X100 F3000\nG1 X0\n");
    bench.pass(1.0);
    bench.heard();
    bench.ask("M410");
    let x = bench.printer.state().position_mm[0];
    assert!((40.0..60.0).contains(&x), "half way: {x}");
    bench.pass(5.0);
    assert_eq!(bench.printer.state().position_mm[0], x);
}
