use super::*;
use crate::summarise;
use domain::Area;

/// A file with nothing wrong: head, part and end.
const HEAD: &str = "M140 S60\nM104 S205\nG28\nM190 S60\nM109 S205\nM83\nG1 Z0.3 F600\nG1 X0.1 Y20 F5000\n\
    G1 X0.1 Y200 E15 F1500\nM73 P0 R3\n";
const PART: &str = ";LAYER:0\nG1 X60 Y60 Z0.2\nG1 X80 Y60 E1\n;LAYER:1\nG1 X60 Y60 Z0.4\nG1 X80 Y60 E1\n";
const END: &str = "M73 P100 R0\nM104 S0\nM140 S0\nG1 X-2 Y235 Z10\nM84\n";

fn profile() -> MachineProfile {
    MachineProfile {
        firmware: "Marlin 2.1.2".into(),
        machine: "Ender-3 Pro".into(),
        area_mm: Some(Area { min: [0.0, 0.0, 0.0], max: [220.0, 220.0, 250.0] }),
        extruders: 1,
        ..MachineProfile::default()
    }
}

fn found_by(
    file: &str,
    metadata: &Metadata,
    profile: Option<&MachineProfile>,
    max_z_mm: f64,
) -> Vec<(Severity, String)> {
    let sum = summarise(file.as_bytes()).unwrap();
    let all = preflight(&sum, metadata, &Machine { profile, max_z_mm });
    all.into_iter().map(|f| (f.severity, f.what)).collect()
}

fn found(file: &str) -> Vec<(Severity, String)> {
    found_by(file, &Metadata::default(), Some(&profile()), 0.0)
}

#[track_caller]
fn only(seen: &[(Severity, String)], severity: Severity, words: &str) {
    let [(found, what)] = seen else { panic!("one finding about {words}: {seen:?}") };
    assert!(*found == severity && what.contains(words), "{words}: {seen:?}");
}

#[test]
fn a_usual_file_has_nothing_to_say() {
    let file = format!("{HEAD}{PART}{END}");
    assert_eq!(found(&file), []);
    assert_eq!(found_by(&file, &Metadata::default(), None, 0.0), [], "of a printer that told nothing");
}

#[test]
fn each_fault_of_a_file_is_found_with_its_weight() {
    let all = format!("{HEAD}{PART}{END}");
    let table = [
        (all.replace("M104 S205", "M104 S290"), Severity::Warn, "290 °C"),
        (all.replace("M104 S205", "M104 S340"), Severity::Stop, "340 °C"),
        (all.replace("M140 S60", "M140 S130"), Severity::Warn, "130 °C"),
        (all.replace("M104 S205", "").replace("M109 S205", ""), Severity::Warn, "never heats"),
        (all.replace("M140 S60", "").replace("M190 S60", ""), Severity::Note, "cold"),
        (all.replace("G28\n", ""), Severity::Stop, "never homes"),
        (all.replace("G28\n", "").replace("M84", "G28 X"), Severity::Stop, "never homes"),
        (all.replace("M140 S0\n", ""), Severity::Warn, "never switches the bed off"),
        (all.replace("M104 S0\n", ""), Severity::Warn, "never switches the heaters off"),
        (format!("{HEAD}{END}").replace("E15", ""), Severity::Stop, "no plastic"),
        (all.replace("M83\n", "M83\nT2\n"), Severity::Stop, "extruder 3"),
    ];
    for (file, severity, words) in table {
        only(&found(&file), severity, words);
    }
    let late =
        all.replace("M104 S205", "").replace("M109 S205", "").replace(PART, &format!("M104 S205\n{PART}"));
    only(&found(&late), Severity::Warn, "before it heats");
}

#[test]
fn what_reaches_beyond_the_bed_is_found_and_purge_lines_are_not() {
    let all = format!("{HEAD}{PART}{END}");
    let table = [
        (all.replace("X80", "X232"), Some((Severity::Stop, "12 mm beyond the right"))),
        (all.replace("Y60", "Y-30"), Some((Severity::Stop, "30 mm beyond the front"))),
        (all.replace("X80", "X223"), Some((Severity::Warn, "3 mm beyond the right"))),
        (all.replace("X80", "X220.6"), None),
        // Purged beside the bed, as some printers do.
        (all.replace("X0.1", "X-4"), None),
        (all.replace("X0.1", "X-30"), Some((Severity::Warn, "before the first layer"))),
        (all.replace("Z0.4", "Z251"), Some((Severity::Stop, "251.0 mm"))),
        (all.replace("Z10", "Z260"), Some((Severity::Note, "lifts the nozzle to 260"))),
        (all.replace("Z10", "Z250"), None),
    ];
    for (file, want) in table {
        match want {
            Some((severity, words)) => only(&found(&file), severity, words),
            None => assert_eq!(found(&file), [], "{file}"),
        }
    }
    only(&found_by(&all, &Metadata::default(), Some(&profile()), 0.3), Severity::Stop, "reaches 0 mm");
    let centred = crate::Bed { min: [-110.0; 2], max: [110.0; 2], height: None };
    let metadata = Metadata { bed: Some(centred), ..Metadata::default() };
    let sum = summarise(all.replace("X80", "X-80").as_bytes()).unwrap();
    let of = preflight(&sum, &metadata, &Machine { profile: Some(&profile()), max_z_mm: 0.0 });
    assert!(of[0].cure.contains("zero is elsewhere"), "{of:?}");
}

#[test]
fn a_file_that_was_cut_off_is_known_by_more_than_one_sign() {
    let all = format!("{HEAD}{PART}{END}");
    let cut = &all[..all.len() - END.len() - 3];
    let seen = found(cut);
    assert!(seen.contains(&(Severity::Warn, "the file ends in the middle of printing".into())), "{seen:?}");
    let by = |file: &str, metadata: &Metadata| found_by(file, metadata, Some(&profile()), 0.0);
    let claims = |layers| Metadata { layers: Some(layers), ..Metadata::default() };
    only(&by(&all, &claims(40)), Severity::Stop, "40 layers, 2 are there");
    assert_eq!(by(&all, &claims(4)), [], "layers may be empty");
    only(&found(&all.replace("M73 P100", "M73 P41")), Severity::Stop, "41 %");
    let unfinished = Metadata { ends: Some(false), ..Metadata::default() };
    assert_eq!(by(&all, &unfinished), [], "comments may have been taken out");
    only(&by(cut, &unfinished), Severity::Stop, "cut off");
}

#[test]
fn another_machines_words_are_found() {
    let all = format!("{HEAD}{PART}{END}");
    let macros = all.replace("G28\n", "").replace("M109 S205", "START_PRINT BED=60");
    only(&found(&macros), Severity::Stop, "Klipper: line 4 says START_PRINT");
    only(&found(&all.replace("M83\n", "M83\nEXCLUDE_OBJECT_START NAME=a\n")), Severity::Warn, "Klipper");
    only(&found(&all.replace("M83\n", "M83\nM620 S0A\n")), Severity::Stop, "Bambu");
    only(&found(&all.replace("G28\n", "M98 P\"home.g\"\n")), Severity::Stop, "M98");
    let klipper = MachineProfile { firmware: "Klipper v0.12".into(), ..profile() };
    let file = all.replace("M83\n", "M83\nEXCLUDE_OBJECT_START NAME=a\n");
    assert_eq!(found_by(&file, &Metadata::default(), Some(&klipper), 0.0), []);
    let two = all.replace("M83\n", "M83\nT1\n");
    assert_eq!(
        found_by(&two, &Metadata::default(), Some(&MachineProfile { extruders: 2, ..profile() }), 0.0),
        []
    );
    let both = all.replace(";LAYER:1", "T1\n;LAYER:1");
    only(&found_by(&both, &Metadata::default(), None, 0.0), Severity::Warn, "2 extruders");
    let heaters = vec!["tool0".into(), "tool1".into(), "bed".into()];
    let dual = MachineProfile { extruders: 2, heaters, ..profile() };
    only(&found_by(&both, &Metadata::default(), Some(&dual), 0.0), Severity::Warn, "never switches");
}

#[test]
fn another_model_is_named_only_when_it_clearly_is_another() {
    let all = format!("{HEAD}{PART}{END}");
    let of = |printer: &str, machine: &str| {
        let metadata = Metadata { printer: Some(printer.into()), ..Metadata::default() };
        let profile = MachineProfile { machine: machine.into(), ..profile() };
        found_by(&all, &metadata, Some(&profile), 0.0)
    };
    only(&of("MK4S", "Ender-3 Pro"), Severity::Warn, "sliced for MK4S, this printer is Ender-3 Pro");
    only(&of("Bambu Lab A1 mini", "Prusa-mini"), Severity::Warn, "Bambu");
    for (printer, machine) in [
        ("ENDER3V2", "Ender-3 V2"),
        ("Creality Ender-3", "Ender-3 Pro"),
        ("MK3SMMU2S", "Prusa i3 MK3S"),
        ("My printer", "Ender-3"),
        ("MK4S", "3D Printer"),
        ("MK4S", ""),
    ] {
        assert_eq!(of(printer, machine), [], "{printer}, {machine}");
    }
}
