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

#[test]
fn moves_far_beside_the_bed_and_into_it_are_found() {
    let all = format!("{HEAD}{PART}{END}");
    let table = [
        (
            all.replace(";LAYER:1", "G1 X300 Y300 F6000\n;LAYER:1"),
            Severity::Warn,
            "moves the head 80 mm beyond the",
        ),
        (all.replace(";LAYER:1", "G1 X-60 F6000\n;LAYER:1"), Severity::Warn, "60 mm beyond the left"),
        (all.replace("Z0.2", "Z-3"), Severity::Stop, "prints 3.0 mm below"),
        (all.replace("Z0.2", "Z-0.5"), Severity::Warn, "prints 0.5 mm below"),
        (all.replace(";LAYER:1", "G1 Z-5\n;LAYER:1"), Severity::Warn, "moves 5.0 mm below"),
        (all.replace("Z0.2", "Z0.2\nG92 Z10\nG1 Z5"), Severity::Stop, "prints 9.4 mm below"),
        // One way: plastic begins where the head was led.
        (all.replace("G1 X60 Y60 Z0.4\n", "G0 X-30 Y60 Z0.4\n"), Severity::Stop, "30 mm beyond the left"),
    ];
    for (file, severity, words) in table {
        only(&found(&file), severity, words);
    }
    for fine in [
        all.replace("Z0.2", "Z-0.05"),
        all.replace(";LAYER:1", "G1 X235 Y-15\n;LAYER:1"),
        all.replace(";LAYER:1", "G28 Z\nG91\nG1 Z-2\nG90\nM83\n;LAYER:1"),
        // The zero was put into the middle of the bed.
        all.replace(";LAYER:0", "G1 X110 Y110\nG92 X0 Y0\n;LAYER:0")
            .replace("X60 Y60", "X-10 Y-10")
            .replace("X80 Y60", "X10 Y-10")
            .replace("X-2 Y235", "X0 Y0"),
    ] {
        assert_eq!(found(&fine), [], "{fine}");
    }
}

#[test]
fn modes_that_firmwares_read_in_two_ways_are_said() {
    let all = format!("{HEAD}{PART}{END}").replace(";LAYER:1", "G91\nG1 Z1\nG90\n;LAYER:1");
    only(&found(&all), Severity::Warn, "counts filament absolutely");
    only(
        &found_by(&all, &Metadata::default(), None, 0.0),
        Severity::Note,
        "depends on the printer's firmware",
    );
    let prusa = MachineProfile { firmware: "Prusa-Firmware 3.13.2".into(), ..profile() };
    assert_eq!(found_by(&all, &Metadata::default(), Some(&prusa), 0.0), []);
    assert_eq!(found(&all.replace("G90\n", "G90\nM83\n")), []);
    let inches = format!("{HEAD}{PART}{END}").replace(";LAYER:0", "G20\nG21\n;LAYER:0");
    only(&found(&inches), Severity::Warn, "inches");
}

#[test]
fn a_claim_of_more_layers_is_no_proof_where_the_end_is_there() {
    let all = format!("{HEAD}{PART}{END}");
    let metadata = Metadata { layers: Some(228), ends: Some(true), ..Metadata::default() };
    assert_eq!(found_by(&all, &metadata, Some(&profile()), 0.0), []);
}

#[test]
fn words_of_a_template_and_exponents_are_found_by_what_they_do() {
    let found = |body: &str, firmware: &str| {
        let file = format!("G28\nM109 S200\n{body}\n;LAYER:0\nG1 X60 Z0.2 E9 F600\nM104 S0\n");
        let sum = crate::summarise(file.as_bytes()).unwrap();
        let profile = MachineProfile { firmware: firmware.to_owned(), ..MachineProfile::default() };
        let machine = Machine { profile: Some(&profile), max_z_mm: 0.0 };
        let all = preflight(&sum, &Metadata::default(), &machine);
        let ours = all.into_iter().find(|f| ["placeholder", "exponent"].contains(&f.code));
        ours.map(|f| (f.code, f.severity, f.what))
    };
    let marlin = "Marlin 2.1.2";
    let code = |body: &str| found(body, marlin).map(|(code, severity, _)| (code, severity));
    assert_eq!(
        code("G1 F{speed_travel}"),
        Some(("placeholder", Severity::Warn)),
        "the feed rate before holds"
    );
    assert_eq!(code("G1 X[x_center] F600"), Some(("placeholder", Severity::Stop)));
    assert_eq!(code("M140 S{first_layer_bed_temperature[0]}"), Some(("placeholder", Severity::Stop)));
    assert_eq!(code("PRINT_START BED=[bed]"), Some(("placeholder", Severity::Stop)));
    assert_eq!(code("M106 S{fan}"), Some(("placeholder", Severity::Warn)));
    assert_eq!(code("G1 X1 E1.2e-05"), Some(("exponent", Severity::Stop)));
    assert_eq!(code("M117 [layer]"), None);
    assert_eq!(found("G1 X{var.x}", "RepRapFirmware 3.5"), None, "these have expressions of their own");
    let (.., what) = found("G1 F{a}\nG1 F{b}\nG1 F{c}", marlin).unwrap();
    assert_eq!(what, "line 3 holds a word of the slicer's template instead of a value: G1 F{a} (and 2 more)");
}
