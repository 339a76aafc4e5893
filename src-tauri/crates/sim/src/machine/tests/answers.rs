//! Numbers, checksums, resends, queries.

use super::{Bench, play};
use crate::machine::{BadLine, Fault, SimOptions};
use expect_test::{Expect, expect};

fn check(script: &str, expected: Expect) {
    expected.assert_eq(&play(SimOptions::default(), script));
}

#[test]
fn it_introduces_itself() {
    let mut bench = Bench::new(SimOptions::default());
    bench.printer.reset(domain::Now::at(bench.ms));
    assert_eq!(bench.ask("M105"), "", "it is deaf while it boots");
    bench.pass(1.5);
    assert!(bench.heard().starts_with("start\n"));
    let firmware = bench.ask("M115");
    for part in
        ["FIRMWARE_NAME:Marlin 2.1.2", "Cap:EMERGENCY_PARSER:1", "Cap:AUTOREPORT_TEMP:1", "ok P15 B3\n"]
    {
        assert!(firmware.contains(part), "{part} is missing in {firmware}");
    }
}

#[test]
fn numbered_lines_are_acknowledged_with_their_number() {
    check(
        "N0 M110 N0*125
         N1 G92 E0*70
         M117 hello
         g1 x2
         M84 S0",
        expect![[r#"
            > N0 M110 N0*125
            ok N0 P15 B3
            > N1 G92 E0*70
            X:0.00 Y:0.00 Z:0.00 E:0.00 Count X:3200 Y:15200 Z:24800
            ok N1 P15 B3
            > M117 hello
            ok P15 B3
            > g1 x2
            echo:Unknown command: "g1 x2"
            ok P15 B3
            > M84 S0
            ok P15 B3
        "#]],
    );
}

#[test]
fn a_bad_line_is_asked_for_again() {
    check(
        r"N1 M107*36
         N2 M107*36
         N2 M107*39
         N9 M107*44
         N2 M107*39
         N3 M107",
        expect![[r#"
            > N1 M107*36
            ok N1 P15 B3
            > N2 M107*36
            Error:checksum mismatch, Last Line: 1
            Resend: 2
            ok
            > N2 M107*39
            ok N2 P15 B3
            > N9 M107*44
            Error:Line Number is not Last Line Number+1, Last Line: 2
            Resend: 3
            ok
            > N2 M107*39
            > N3 M107
            Error:No Checksum with line number, Last Line: 2
            Resend: 3
            ok
        "#]],
    );
}

#[test]
fn lines_behind_a_bad_one_are_flushed_or_each_complained_about() {
    let script = r"N1 M107*99\nN2 M107*39\nN3 M107*38";
    let once = play(SimOptions::default(), script);
    assert_eq!(once.matches("Resend: 1").count(), 1, "{once}");
    let each = play(SimOptions { bad_line: BadLine::KeepGoing, ..SimOptions::default() }, script);
    assert_eq!(each.matches("Resend: 1\nok\n").count(), 3, "{each}");
}

#[test]
fn a_line_too_long_is_cut_and_so_never_good() {
    let long = format!("N1 M117 {}*5", "x".repeat(120));
    assert!(Bench::new(SimOptions::default()).ask(&long).contains("No Checksum with line number"));
}

#[test]
fn temperatures_are_told_when_asked_and_by_themselves() {
    let mut bench = Bench::new(SimOptions::default());
    let answer = bench.ask("M105");
    assert!(answer.starts_with("ok T:") && answer.contains(" /0.00 B:"), "{answer}");
    bench.ask("M155 S2");
    bench.pass(10.1);
    assert_eq!(bench.heard().lines().filter(|l| l.starts_with(" T:")).count(), 5);
    bench.ask("M155 S0");
    bench.pass(10.0);
    assert_eq!(bench.heard(), "");
}

#[test]
fn long_waits_report_and_say_busy() {
    let mut bench = Bench::new(SimOptions::default());
    bench.send("M109 S60\n");
    bench.pass(6.0);
    let said = bench.heard();
    assert_eq!(said.matches("echo:busy: processing").count(), 3, "each 2 s: {said}");
    assert_eq!(said.matches("W:?").count(), 7, "each second: {said}");
    assert_eq!(bench.ask("M105"), "", "a queued command waits");
    let secs = bench.until("ok P15 B2\nok T:", 60.0).expect("it gets warm");
    assert!((10.0..30.0).contains(&secs), "took {secs} s more");
}

#[test]
fn m108_breaks_a_wait_and_answers_twice() {
    let mut bench = Bench::new(SimOptions::default());
    bench.send("M190 S60\n");
    bench.pass(3.0);
    bench.heard();
    let answer = bench.ask("M108");
    assert_eq!(answer.matches("ok P15").count(), 2, "the wait's and its own: {answer}");
}

#[test]
fn m112_halts_whatever_is_queued() {
    let mut bench = Bench::new(SimOptions::default());
    bench.send("M109 S200\nM190 S60\nG28\nG1 X10\n");
    bench.send(&"G1 X20\n".repeat(40));
    bench.pass(3.0);
    bench.heard();
    assert!(bench.printer.state().bytes_lost > 0, "the receive buffer is full");
    let answer = bench.ask("M112");
    assert!(answer.contains("Printer halted. kill() called!"), "{answer}");
    bench.pass(5.0);
    assert_eq!(bench.ask("M105"), "", "a dead board is silent");
    let state = bench.printer.state();
    assert!(state.halted && state.hotend_target_c == 0.0 && state.bed_target_c == 0.0);
    bench.printer.reset(domain::Now::at(bench.ms));
    assert!(bench.until("start", 3.0).is_some(), "a reset revives it");
}

#[test]
fn without_the_parser_m112_waits_in_the_queue() {
    let mut bench = Bench::new(SimOptions { emergency_parser: false, ..SimOptions::default() });
    bench.send("M109 S200\n");
    assert!(!bench.ask("M112").contains("halted"));
    assert!(bench.until("halted", 120.0).is_some_and(|secs| secs > 30.0));
}

#[test]
fn a_person_is_waited_for() {
    let mut bench = Bench::new(SimOptions::default());
    assert!(bench.ask("M0 press me").contains("//action:prompt_begin press me"));
    bench.pass(4.5);
    assert!(bench.heard().contains("echo:busy: paused for user"));
    assert!(bench.ask("M108").contains("ok"));
}

#[test]
fn a_turn_of_the_knob_is_told_when_it_is_asked_for() {
    let mut bench = Bench::new(SimOptions::default());
    bench.printer.set_fault(Fault::Knob, true, domain::Now::at(bench.ms));
    assert!(bench.ask("M220").starts_with("FR:65%"));
    bench.ask("M220 S90");
    assert!(bench.ask("M220").starts_with("FR:90%"), "the host has the last word");
}

#[test]
fn a_probe_offset_lasts_when_it_was_stored() {
    let mut bench = Bench::new(SimOptions::default());
    bench.ask("M851 Z-2.01");
    assert!(bench.ask("M503").contains("M851 X-40.00 Y-10.00 Z-2.01"));
    bench.printer.reset(domain::Now::at(bench.ms));
    bench.pass(3.0);
    bench.heard();
    assert!(bench.ask("M851").contains("Z-1.95"), "it was not stored");
    bench.ask("M851 Z-2.01");
    assert!(bench.ask("M500").contains("Settings Stored"));
    bench.printer.reset(domain::Now::at(bench.ms));
    bench.pass(3.0);
    bench.heard();
    assert!(bench.ask("M851").contains("Z-2.01"));
}
