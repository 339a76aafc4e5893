//! Faults do what they say.

use super::Bench;
use crate::machine::{BadLine, Fault, SimOptions};
use domain::Now;

fn set(bench: &mut Bench, fault: Fault, on: bool) {
    bench.printer.set_fault(fault, on, Now::at(bench.ms));
}

fn numbered(n: i64, text: &str) -> String {
    let line = format!("N{n} {text}");
    let sum = line.bytes().fold(0u8, |sum, b| sum ^ b);
    format!("{line}*{sum}")
}

#[test]
fn noise_asks_for_lines_again_and_a_patient_host_gets_through() {
    let mut bench = Bench::new(SimOptions::default());
    set(&mut bench, Fault::Noise, true);
    let (mut n, mut resends) = (1, 0);
    for _ in 0..2_000 {
        if n > 400 {
            break;
        }
        let answer = bench.ask(&numbered(n, "M117 hello"));
        if answer.contains("Resend") {
            resends += 1;
        } else {
            n += 1;
        }
    }
    assert_eq!(bench.printer.state().last_line_number, 400);
    assert!((8..40).contains(&resends), "about one in twenty: {resends} of 400");
}

#[test]
fn a_flipped_byte_never_gets_through_in_a_window() {
    for bad_line in [BadLine::Flush, BadLine::KeepGoing] {
        let mut bench = Bench::new(SimOptions { bad_line, ..SimOptions::default() });
        let bad = numbered(2, "G1 X2").replace("X2", "X6");
        bench.send(&format!("{}\n{bad}\n{}\n", numbered(1, "G1 X1"), numbered(3, "G1 X3")));
        let said = bench.heard();
        assert!(said.contains("checksum mismatch") && said.contains("Resend: 2"), "{said}");
        assert_eq!(bench.printer.log().count(), 1, "only the first line was carried out");
    }
}

#[test]
fn a_reboot_forgets_everything_but_heat_and_part() {
    let mut bench = Bench::new(SimOptions::default());
    bench.send("M109 S200\nG28\nG91\nG1 X20 E2 F600\nG1 X20 E2 F600\n");
    bench.until("ok P13 B3", 300.0).expect("it prints");
    bench.pass(1.0);
    set(&mut bench, Fault::Reboot, true);
    assert!(bench.until("start\n", 3.0).is_some());
    let state = bench.printer.state();
    assert_eq!((state.hotend_target_c, state.last_line_number, state.moves_queued), (0.0, 0, 0));
    assert!(state.hotend_c > 180.0, "it is still hot");
    assert_eq!(bench.printer.bed().strands().len(), 1, "half a strand was laid");
    assert!(bench.ask(&numbered(77, "M105")).contains("Resend: 1"));
    assert!(!bench.printer.faults().has(Fault::Reboot), "it happens once");
}

#[test]
fn no_ok_comes_once_a_pause_began() {
    let mut bench = Bench::new(SimOptions::default());
    set(&mut bench, Fault::NoOksAfterPause, true);
    assert!(bench.ask("M107").contains("ok"), "until then all is well");
    for line in ["M400", "M114", "M105"] {
        assert!(!bench.ask(line).contains("ok"), "{line}");
    }
    set(&mut bench, Fault::NoOksAfterPause, false);
    assert!(bench.ask("M105").contains("ok"));
}

#[test]
fn some_oks_get_lost() {
    let mut bench = Bench::new(SimOptions::default());
    set(&mut bench, Fault::LostOks, true);
    let oks = (0..1_000).filter(|_| bench.ask("M107").contains("ok")).count();
    assert!((960..998).contains(&oks), "{oks} of 1000");
}

#[test]
fn a_deaf_firmware_needs_a_reset() {
    let mut bench = Bench::new(SimOptions::default());
    set(&mut bench, Fault::Deaf, true);
    assert_eq!(bench.ask("M112"), "");
    assert!(!bench.printer.state().halted);
}

#[test]
fn a_broken_heater_ends_in_a_thermal_runaway() {
    let mut bench = Bench::new(SimOptions::default());
    set(&mut bench, Fault::ThermalRunaway, true);
    bench.send("M109 S200\n");
    assert!(bench.until("Thermal Runaway", 60.0).is_some());
    assert!(bench.printer.state().halted);
}

#[test]
fn the_tangle_begins_so_long_after_the_first_extruding_move() {
    let options = SimOptions { tangle_after_clock_ms: Some(10_000), ..SimOptions::default() };
    let mut bench = Bench::new(options);
    bench.send("M109 S200\nG28\nG91\nM83\n");
    bench.until("X:0.00", 300.0).expect("it heats and homes");
    bench.pass(60.0);
    assert!(!bench.printer.state().tangled, "heating does not count");
    for _ in 0..12 {
        bench.send("G1 X10 E1 F300\n");
    }
    bench.pass(30.0);
    let loose: Vec<bool> = bench.printer.bed().strands().iter().map(|s| s.loose).collect();
    assert_eq!(loose.iter().filter(|l| !**l).count(), 4, "ten seconds at two a move: {loose:?}");
    assert!(loose.ends_with(&[true, true]));
    bench.send("G28\n");
    bench.pass(20.0);
    assert!(!bench.printer.state().tangled, "the next print starts well");
}
