//! The nozzle's height: baby steps, and what the printer keeps of them.

use super::bench::Bench;
use super::firmware::Make;
use super::firmware::stored::Stored;
use domain::{Able, Order, PrinterState, Sure, Tool, Tools, ZKeeper, ZSave};

/// A printer with these settings, after a print of a first layer that was shifted by as many steps of 0.02 mm down.
fn stepped(stored: Stored, steps: usize) -> Bench {
    let mut bench = Bench::new(Make::Two, &[]);
    bench.fw.stored = Some(stored);
    bench.run(5_000);
    bench.start("M140 S60|M104 S205|G28|M190 S60|M109 S205|G1 X10 Y20 Z0.2 E1|G1 X11 E2|G1 X12 E3");
    bench.run_until(|b| b.fw.done.iter().any(|l| l.starts_with("G1 X10")));
    (0..steps).for_each(|_| bench.order(Order::Tool(Tool::BabyStep { mm: -0.02 })));
    bench.run_until(|b| b.state() == PrinterState::Operational);
    bench.run(2_000);
    bench.forget();
    bench
}

fn save(bench: &mut Bench) -> Tools {
    bench.order(Order::Tool(Tool::SaveZ { sure: Sure::Yes }));
    bench.run(500);
    bench.tools()
}

fn lines(bench: &Bench) -> Vec<&str> {
    bench.moves().into_iter().filter(|l| !l.starts_with("M220") && !l.starts_with("M221")).collect()
}

#[test]
fn a_probe_offset_that_the_steps_do_not_change_is_lowered_by_them_once() {
    let mut bench =
        stepped(Stored { probe: Some(-2.15), home: Some(0.0), stores: true, ..Stored::default() }, 2);
    assert_eq!((bench.tools().baby_mm, bench.tools().z_offset.told_mm), (-0.04, Some(-2.15)));
    let known = save(&mut bench);
    assert_eq!(lines(&bench), ["M503", "M851 Z-2.19", "M503", "M500"]);
    assert_eq!(known.z_offset.save, ZSave::Saved { keeper: ZKeeper::Probe, mm: -2.19 });
    assert_eq!((known.baby_mm, known.homed[2]), (0.0, false), "each print homes it anyway");
    assert_eq!(bench.fw.stored.as_ref().map(|s| s.kept.0), Some(Some(-2.19)));
    bench.order(Order::Tool(Tool::SaveZ { sure: Sure::Yes }));
    assert!(bench.refused().contains("nothing to save"));
}

#[test]
fn steps_that_the_firmware_adds_itself_are_stored_and_not_added_again() {
    let stored = Stored { probe: Some(-2.15), steps_in_probe: true, stores: true, ..Stored::default() };
    let mut bench = stepped(stored, 2);
    assert_eq!(bench.tools().z_offset.told_mm, Some(-2.19), "as it told after the step");
    // Homing takes nothing of that away.
    bench.order(Order::Home(Vec::new()));
    bench.run(200);
    assert!(bench.tools().z_offset.holds);
    bench.forget();
    let known = save(&mut bench);
    assert_eq!(lines(&bench), ["M503", "M500"]);
    assert_eq!(known.z_offset.save, ZSave::Saved { keeper: ZKeeper::Probe, mm: -2.19 });
    assert_eq!(bench.fw.stored.as_ref().map(|s| s.kept.0), Some(Some(-2.19)));
}

#[test]
fn without_a_probe_the_offset_of_homing_goes_the_other_way() {
    let mut bench = stepped(Stored { home: Some(0.1), stores: true, ..Stored::default() }, 2);
    bench.order(Order::Home(Vec::new()));
    bench.run(200);
    assert!(!bench.tools().z_offset.holds, "the steps are gone with homing, but can still be saved");
    bench.forget();
    let known = save(&mut bench);
    assert_eq!(lines(&bench), ["M503", "M206 Z0.14", "M503", "M500"]);
    assert_eq!(known.z_offset.save, ZSave::Saved { keeper: ZKeeper::Home, mm: 0.14 });
}

#[test]
fn steps_after_homing_count_from_nothing_again() {
    let mut bench = stepped(Stored { home: Some(0.0), stores: true, ..Stored::default() }, 3);
    bench.order(Order::Home(Vec::new()));
    bench.run(200);
    bench.order(Order::Tool(Tool::BabyStep { mm: -0.02 }));
    bench.run(200);
    assert_eq!((bench.tools().baby_mm, bench.tools().z_offset.holds), (-0.02, true));
}

fn failure(known: &Tools) -> &str {
    let ZSave::Failed { why } = &known.z_offset.save else {
        panic!("it did not fail: {:?}", known.z_offset.save);
    };
    why
}

#[test]
fn what_is_not_certain_is_not_stored_and_said_to_be_so() {
    let probe = Stored { probe: Some(-2.15), stores: true, ..Stored::default() };
    let mut elsewhere = stepped(probe.clone(), 2);
    elsewhere.fw.stored = Some(Stored { probe: Some(-1.0), ..probe.clone() });
    let known = save(&mut elsewhere);
    assert!(failure(&known).contains("changed elsewhere"), "{}", failure(&known));
    assert_eq!(lines(&elsewhere), ["M503"]);

    let mut stubborn = stepped(Stored { stubborn: true, ..probe.clone() }, 2);
    let known = save(&mut stubborn);
    assert!(failure(&known).contains("-2.15 mm: nothing was stored"), "{}", failure(&known));
    assert!(!lines(&stubborn).contains(&"M500"));

    let mut forgetful = stepped(Stored { stores: false, ..probe }, 2);
    let known = save(&mut forgetful);
    assert!(failure(&known).contains("did not say that it stored"), "{}", failure(&known));
    assert_eq!(known.baby_mm, -0.04);

    let mut mute = stepped(Stored { stores: true, ..Stored::default() }, 2);
    let known = save(&mut mute);
    assert!(failure(&known).contains("neither a probe offset"), "{}", failure(&known));
}

#[test]
fn a_printer_that_cannot_keep_it_says_why() {
    let stored = Stored { probe: Some(-2.15), stores: true, ..Stored::default() };
    let mut bench = stepped(stored, 2);
    bench.say("Cap:EEPROM:0");
    assert!(bench.tools().z_offset.cannot_save.contains("without EEPROM"));
    bench.order(Order::Tool(Tool::SaveZ { sure: Sure::Yes }));
    assert!(bench.refused().contains("without EEPROM"));
    bench.say("Cap:EEPROM:1");
    assert_eq!(bench.tools().z_offset.cannot_save, "");
    bench.say("echo:  M665 L250.00 R124.00 H285.00");
    assert!(bench.tools().z_offset.cannot_save.contains("delta"));
    bench.say("FIRMWARE_NAME:Klipper FIRMWARE_VERSION:v0.12");
    assert!(bench.tools().z_offset.cannot_save.contains("SAVE_CONFIG"));
    bench.run(500);
    assert_eq!(lines(&bench), Vec::<&str>::new());
    assert_eq!(bench.tools().baby, Able::Yes);
}

#[test]
fn a_print_that_begins_ends_the_saving() {
    let stored = Stored { probe: Some(-2.15), stores: true, ..Stored::default() };
    let mut bench = stepped(stored, 2);
    bench.order(Order::Tool(Tool::SaveZ { sure: Sure::Yes }));
    bench.start("G28|G1 X10 Y20 Z0.2");
    bench.run(500);
    assert!(failure(&bench.tools()).contains("print was begun"), "{:?}", bench.tools().z_offset);
    assert!(!lines(&bench).iter().any(|l| l.starts_with("M851") || *l == "M500"));
    let mut printing = Bench::printing(&[], "G1 X11 E2|G1 X12 E3");
    printing.order(Order::Tool(Tool::SaveZ { sure: Sure::Yes }));
    assert!(printing.refused().contains("print is under way"));
}
