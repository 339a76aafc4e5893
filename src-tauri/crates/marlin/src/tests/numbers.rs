//! Numbers that no machine means, wherever a printer, a file or a person can put one. Run with overflow checks, as tests
//! are built: nothing panics, nothing absurd is believed or sent on.

use super::bench::Bench;
use super::firmware::Make;
use domain::{Initiator, Now, Order, Tool};

fn numbers() -> Vec<String> {
    let plain = [
        "",
        "-",
        ".",
        "0",
        "-0",
        "-1",
        "255",
        "256",
        "65536",
        "4294967295",
        "4294967296",
        "9007199254740993",
        "18446744073709551615",
        "18446744073709551616",
        "99999999999999999999",
        "1e300",
        "-1e300",
        "1e999",
        "1E-320",
        "nan",
        "-nan",
        "inf",
        "-inf",
        "infinity",
        "0x1F",
        "1.2.3",
        "--5",
        "1,5",
        "{speed}",
        "?",
    ];
    let long = ["9".repeat(400), format!("-{}", "9".repeat(400)), format!("0.{}1", "0".repeat(400))];
    plain.iter().map(|n| (*n).to_owned()).chain(long).collect()
}

/// What a printer says; `#` is the number.
const SAID: [&str; 30] = [
    "ok N#",
    "ok #",
    "ok P# B#",
    "ok N1 P15 B#",
    "Resend: #",
    "Resend:N:#",
    "rs #",
    "Error:checksum mismatch, Last Line: #",
    "Error:Line Number is not Last Line Number+1, Last Line: #",
    " T:# /# B:# /# @:# B@:#",
    "ok T:# /60 B:20 /#",
    "T#:20 /30 T1:#",
    "T:20 E:# W:#",
    "C:# T:#",
    "TargetExtr#:#",
    "X:# Y:# Z:# E:# Count X:# Y:0 Z:0",
    "ok X:# Y:# Z:# E:#",
    "C: X:# Y:# Z:# E:#",
    "SD printing byte #/#",
    "SD printing byte 5/#",
    "File opened: a.gco Size: #",
    "area:{full:{min:{x:#,y:#,z:#},max:{x:#,y:#,z:#}}}",
    "Soft endstops: On Min: X# Y# Z# Max: X# Y# Z#",
    "echo:  M203 X# Y# Z# E#",
    "FR:#%",
    "E0 Flow: #%",
    "FIRMWARE_NAME:Marlin EXTRUDER_COUNT:#",
    "// probe at #,# is z=#",
    " # +0.100 -0.200",
    "//action:paused #",
];

/// What a file or a person sends.
const SENT: [&str; 18] = [
    "G4 S#",
    "G4 P#",
    "G4 S# P#",
    "M73 P# R#",
    "M109 S#",
    "M190 R#",
    "M104 T# S#",
    "G1 X# E# F#",
    "G92 E#",
    "T#",
    "M106 S#",
    "M106 P# S#",
    "M220 S#",
    "M221 S#",
    "M290 Z#",
    "M84 S#",
    "M155 S#",
    "M600 E#",
];

fn all_is_possible(bench: &Bench, what: &str) {
    let report = bench.link.report(Now::at(bench.now));
    for (heater, t) in &report.temperatures {
        let told = [Some(t.actual), t.target];
        assert!(told.iter().flatten().all(|c| c.is_finite() && c.abs() < 1e7), "{what}: {heater} {t:?}");
    }
    let position = report.position_mm.unwrap_or_default();
    assert!(position.iter().all(|mm| mm.is_finite() && mm.abs() < 1e7), "{what}: {position:?}");
    assert!(report.tools.baby_mm.is_finite(), "{what}");
    let own = bench.sent.iter().filter(|line| !line.contains("G92 ") && !line.contains("G1 X11"));
    for line in own {
        let lower = line.to_ascii_lowercase();
        assert!(!lower.contains("nan") && !lower.contains("inf") && line.len() < 97, "{what}: sent {line}");
    }
}

#[test]
fn no_number_that_a_printer_says_breaks_anything() {
    for said in SAID {
        for number in numbers() {
            let line = said.replace('#', &number);
            let mut bench = Bench::printing(&[], &"G1 X11 E1.3|".repeat(40));
            bench.say(&line);
            bench.run(300);
            all_is_possible(&bench, &line);
            bench.forget();
            bench.pause();
            bench.say(&line);
            bench.run(3_000);
            bench.order(Order::Cancel(Initiator::Person));
            bench.run(3_000);
            all_is_possible(&bench, &line);
        }
    }
}

#[test]
fn no_number_in_a_command_breaks_anything() {
    for sent in SENT {
        for number in numbers().into_iter().filter(|n| n.len() < 60) {
            let line = sent.replace('#', &number);
            let mut bench = Bench::printing(&[], &format!("{line}|G1 X12 E1.4"));
            bench.fw.slow = Some("M105");
            bench.run(30_000);
            let mut by_hand = Bench::up(Make::Two, &[]);
            by_hand.order(Order::Tool(Tool::Lines(vec![line.clone()])));
            by_hand.mute = true;
            by_hand.run(30_000);
            let report = by_hand.link.report(Now::at(by_hand.now));
            assert!(report.tools.baby_mm.is_finite(), "{line}");
        }
    }
}
