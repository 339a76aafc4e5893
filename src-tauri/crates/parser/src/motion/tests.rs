use super::*;

fn after_by(g90: FirmwareG90, text: &str) -> (MotionState, Option<Move>) {
    let mut state = MotionState::new(g90);
    let mut last = None;
    for line in text.split('|') {
        last = Command::of(line).and_then(|command| state.follow(&command));
    }
    (state, last)
}

fn after(text: &str) -> MotionState {
    after_by(FirmwareG90::KeepsM83, text).0
}

fn last(text: &str) -> Move {
    after_by(FirmwareG90::KeepsM83, text).1.expect("a move")
}

#[test]
fn modes_decide_what_a_number_means() {
    // Commands, then the X and E they lead to.
    let table = [
        ("G1 X5|G1 X5", 5.0, 0.0),
        ("G91|G1 X5|G1 X5", 10.0, 0.0),
        ("G1 X1 E2|M83|G1 X2 E2", 2.0, 4.0),
        ("G91|G90|G1 X3 E1|G1 X4 E1", 4.0, 1.0),
        ("G1 X9 E9|G92 E0|G1 X1 E1", 1.0, 1.0),
        ("G20|G1 X1|G21|G1 E1", 25.4, 1.0),
        ("G20|G92 X1 E1", 25.4, 25.4),
        ("G1 X9 E3|G92 E", 9.0, 3.0),
        ("G1 X9|G28 Y", 9.0, 0.0),
        ("G1 X9|G28", 0.0, 0.0),
        ("G1X9 Y9 Z9|G28O", 9.0, 0.0),
        ("G01X7E2", 7.0, 2.0),
        ("g1 x7 e2", 7.0, 2.0),
        ("G5 X4 E1 I1 J1 P1 Q1", 4.0, 1.0),
        ("G1 X7 F0", 7.0, 0.0),
    ];
    for (text, x, e) in table {
        let state = after(text);
        assert_eq!((state.at[0], state.e), (x, e), "{text}");
    }
    assert_eq!(after("G1 F1800|G1 X1 F0").feed, 1800.0, "no feed rate of nothing");
    assert_eq!(after("G20|G1 F10").feed, 254.0);
}

#[test]
fn each_firmware_has_its_own_mode_of_the_extruder() {
    use FirmwareG90::{EndsM83, KeepsM83};
    // Commands, then E for firmwares where G90 ends M83 and where it does not.
    let table = [
        ("M83|G91|G90|G1 E2|G1 E2", 2.0, 4.0),
        ("M83|G90|G1 E2|G1 E2", 2.0, 4.0),
        ("G90|M83|G1 E2|G1 E2", 4.0, 4.0),
        ("M82|G91|G1 E2|G1 E2", 4.0, 4.0),
        ("G91|M82|G1 E2|G1 E2", 2.0, 4.0),
        ("M83|G91|G90|M83|G1 E2|G1 E2", 4.0, 4.0),
    ];
    for (text, ends, keeps) in table {
        assert_eq!(after_by(EndsM83, text).0.e, ends, "{text}");
        assert_eq!(after_by(KeepsM83, text).0.e, keeps, "{text}");
    }
    // What is given again leads back to the same modes, from any others.
    for g90 in [EndsM83, KeepsM83] {
        for (text, ..) in table {
            let want = after_by(g90, text).0;
            let (mut back, _) = after_by(g90, "G20|G91|M83");
            for line in want.mode_commands() {
                back.follow(&Command::of(line).unwrap());
            }
            let modes = |s: &MotionState| (s.inches, s.absolute, s.e_absolute, s.e_mode_absolute);
            assert_eq!(modes(&back), modes(&want), "{text}");
        }
    }
    let names = [
        ("Marlin 2.1.2", Some(EndsM83)),
        ("Marlin bugfix-2.1.x (Sep 1 2024)", Some(EndsM83)),
        ("Marlin 1.1.9", Some(KeepsM83)),
        ("Marlin V1; Sprinter/grbl mashup", Some(KeepsM83)),
        ("Prusa-Firmware 3.13.2 based on Marlin", Some(KeepsM83)),
        ("Prusa-Firmware-Buddy 6.0.3 (Github)", Some(KeepsM83)),
        ("Klipper", Some(KeepsM83)),
        ("RepRapFirmware for Duet 2", Some(KeepsM83)),
        ("Smoothieware", Some(EndsM83)),
        ("Marlin Ender-3", None),
        ("", None),
    ];
    for (name, want) in names {
        assert_eq!(FirmwareG90::of_firmware(name), want, "{name}");
    }
}

#[test]
fn a_shift_does_not_move_the_machine() {
    let state = after("G1 X10 Z2|G92 X0|G91|G1 X5|G20|G1 X1");
    assert_eq!(state.machine(), [10.0 + 5.0 + 25.4, 0.0, 2.0]);
    assert_eq!(after("G1 X10|G92 X0|G28 X").machine()[0], 0.0);
    assert_eq!(after("G20|G1 X2|G92 X1|G1 X2").machine()[0], 3.0 * 25.4);
}

#[test]
fn volumes_are_followed_as_filament() {
    let close = |text: &str, want: f64| {
        let seen = after(text).filament_mm;
        assert!((seen - want).abs() < 1e-3, "{text}: {seen}");
    };
    close("M200 S1 D1.75|G1 X1 E48.1056", 20.0);
    close("M200 D1.75|G1 E48.1056", 20.0);
    close("M200 S1|G1 E48.1056", 20.0);
    close("M200 D1.75|M200 D0|G1 E20", 20.0);
    close("M200 D1.75|M200 S0|G1 E20", 20.0);
    close("M200 D2.85|G1 E63.794", 10.0);
    close("G1 E20", 20.0);
}

#[test]
fn arcs_are_as_long_as_they_are() {
    let half = last("G1 X0 Y0 F600|G2 X10 Y0 I5 J0 E1");
    assert!((half.length_mm() - 15.708).abs() < 1e-3 && half.is_extruding(), "{half:?}");
    assert!(last("G3 I5 J0 E1").is_extruding(), "a whole circle ends where it began");
    assert!((last("G20|G2 X1 Y0 I0.5").length_mm() - 39.898).abs() < 1e-2);
}

#[test]
fn retractions_are_not_filament_used() {
    assert_eq!(after("G1 X10 E10|G1 E4|G1 E10|G92 E0|G1 X0 E5").filament_mm, 15.0);
    assert!(last("G1 X10 E10|G92 E0|G1 X0 E5").is_extruding());
    assert!(!last("G1 X10 E10|G1 E4").is_extruding());
    assert!(!last("G1 E10").is_extruding(), "priming on the spot is no extruding move");
    assert_eq!(last("G1 E10").length_mm(), 10.0);
}

#[test]
fn heat_fan_and_tool_are_remembered() {
    let state = after("M104 S200|M104 T1 S190.5|M140S60|T1|M109 R180|M141 S40|M106 S127.5|G1 F1800");
    assert_eq!((state.hotend_c(0), state.hotend_c(1), state.hotend_c(2)), (Some(200.0), Some(180.0), None));
    assert_eq!((state.bed_c, state.chamber_c), (Some(60.0), Some(40.0)));
    assert_eq!((state.fan, state.tool, state.feed), (Some(127), Some(1), 1800.0));
    assert_eq!(after("M106|M107").fan, Some(0));
    assert_eq!(after("M106 S90|M106 P1 S255|M107 P2").fan, Some(90), "another fan");
    assert_eq!(after("M106 S300").fan, Some(255));
    assert_eq!(after("G1 X1").fan, None, "nobody asked for a fan");
    assert_eq!(after("M104 T99 S200").hotend_c(99), None);
    assert_eq!(after("T3|Tx").tool, Some(3));
}

#[test]
fn a_place_is_known_only_after_an_absolute_move() {
    let table = [
        ("G28", [None, None, None]),
        ("G28|G1 X5", [Some(5.0), None, None]),
        ("G28|G1 X5 Y6 Z7", [Some(5.0), Some(6.0), Some(7.0)]),
        ("G28|G91|G1 X5 Y6 Z7", [None, None, None]),
        ("G1 X5 Y6 Z7|G91|G1 X5", [Some(10.0), Some(6.0), Some(7.0)]),
        ("G1 X5 Y6 Z7|G28 X", [None, Some(6.0), Some(7.0)]),
        ("G1 X5 Y6 Z7|G28 Z", [None, None, None]),
        ("G1 X5 Y6 Z7|PARK", [None, None, None]),
        ("G1 X5 Y6 Z7|T1", [None, None, None]),
        ("G1 X5 Y6 Z7|M600|G1 X1", [Some(1.0), None, None]),
        ("G1 X5 Y6 Z7|G92 X0", [Some(0.0), Some(6.0), Some(7.0)]),
    ];
    for (text, want) in table {
        assert_eq!(after(text).reported()[..3], want, "{text}");
    }
    assert_eq!(after("M83|G1 E5|G1 E-2").reported()[3], Some(3.0));
}
