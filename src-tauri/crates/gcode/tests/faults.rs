//! Files that play what people reported, each with its right value: the table is `tests/faults/gcode.json`, the files lie
//! beside it.

#![allow(clippy::unwrap_used)] // Tests say what broke by panicking.

use domain::{Area, MachineProfile};
use gcode::command::Handling;
use gcode::preflight::{Machine, preflight};
use gcode::{
    Commands, Ends, GcodeError, Metadata, Summary, open_program, preview, summarise, summarise_for,
    thumbnails,
};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{Cursor, Read};
use std::path::PathBuf;

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../tests/faults/gcode"))
}

/// What is seen of a file, under the names of the table.
fn seen(name: &str) -> Value {
    let open = || File::open(folder().join(name)).unwrap();
    let mut program = open_program(open()).unwrap();
    let plain = program.kind == gcode::ProgramKind::Plain;
    let pictures = if plain { thumbnails(open()) } else { std::mem::take(&mut program.thumbnails) };
    let beside = std::mem::take(&mut program.metadata);
    let mut text = Vec::new();
    let mut ends = Ends::new(program.reader);
    ends.read_to_end(&mut text).unwrap();
    let claims = ends.metadata(&beside);
    let sum = summarise_for(text.as_slice(), gcode::Limits::default()).unwrap();
    let profile = MachineProfile {
        area_mm: Some(Area { min: [0.0; 3], max: [220.0, 220.0, 250.0] }),
        extruders: 1,
        ..MachineProfile::default()
    };
    let found = preflight(&sum, &claims, &Machine { profile: Some(&profile), max_z_mm: 0.0 });
    let commands: Vec<_> = Commands::new(text.as_slice()).map(Result::unwrap).collect();
    let sent = commands.iter().filter(|c| matches!(c.handling, Handling::Send | Handling::Dwell(_)));
    // The layer view counts the same layers and commands.
    let index = preview::index(text.as_slice()).unwrap();
    let drawn = index.layers.iter().filter(|layer| layer.number.is_some()).count();
    assert_eq!((drawn, index.commands), (sum.layers as usize, commands.len() as u64), "{name}");
    json!({
        "layers": sum.layers,
        "filament_mm": sum.filament_mm,
        "max_hotend_c": sum.max_hotend_c,
        "max_bed_c": sum.max_bed_c,
        "secs": sum.estimated_secs,
        "x_mm": sum.extents.map(|e| e[0]),
        "y_mm": sum.extents.map(|e| e[1]),
        "slicer": claims.slicer.map(|s| format!("{} {}", s.name, s.version.unwrap_or_default())),
        "time_secs": claims.time_secs,
        "claimed_filament_mm": claims.filament_mm,
        "layer_height_mm": claims.layer_height_mm,
        "nozzle_mm": claims.nozzle_mm,
        "printer": claims.printer,
        "material": claims.material,
        "thumbnails": pictures.iter().map(|p| format!("{}x{}", p.width, p.height)).collect::<Vec<_>>(),
        "left_out_of_container": program.left_out.len(),
        "findings": found.iter().map(|f| f.code).collect::<Vec<_>>(),
        "left_out": sum.left_out.iter().map(|c| c.text.as_str()).collect::<Vec<_>>(),
        "pauses": commands.iter().filter(|c| c.handling == Handling::Pause).count(),
        "sent": sent.map(|c| c.text.as_str()).collect::<Vec<_>>(),
    })
}

/// Says what is wrong with one value of the table.
fn wrong(key: &str, want: &Value, seen: &Value) -> bool {
    let has = |code: &Value| seen["findings"].as_array().unwrap().contains(code);
    match key {
        "class" | "file" => false,
        "found" => !want.as_array().unwrap().iter().all(has),
        "not_found" => want.as_array().unwrap().iter().any(has),
        "least_secs" => seen["secs"].as_f64() < want.as_f64(),
        _ => !same(want, &seen[key]),
    }
}

fn same(want: &Value, seen: &Value) -> bool {
    match (want, seen) {
        (Value::Number(a), Value::Number(b)) => (a.as_f64().unwrap() - b.as_f64().unwrap()).abs() < 2e-3,
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        _ => want == seen,
    }
}

#[test]
fn every_file_of_the_table_has_its_right_values() {
    let table: Vec<Value> =
        serde_json::from_reader(File::open(folder().with_extension("json")).unwrap()).unwrap();
    let mut faults = Vec::new();
    for row in &table {
        let file = row["file"].as_str().unwrap();
        let seen = seen(file);
        for (key, want) in row.as_object().unwrap() {
            if wrong(key, want, &seen) {
                let is = if key.contains("found") { &seen["findings"] } else { &seen[key] };
                faults.push(format!("{file}: {key} should be {want}, is {is}"));
            }
        }
    }
    let files = std::fs::read_dir(folder()).unwrap().count();
    assert_eq!(table.len(), files, "a row for each file");
    assert!(faults.is_empty(), "{faults:#?}");
}

fn plain() -> String {
    let mut text = String::new();
    File::open(folder().join("30a-crcrlf.gcode")).unwrap().read_to_string(&mut text).unwrap();
    text.replace("\r\r\n", "\n")
}

/// What must not depend on odd bytes: everything but offsets.
fn core(text: &[u8]) -> (Summary, Metadata) {
    let mut sum = summarise(text).unwrap();
    sum.bytes = 0;
    sum.layer_starts.iter_mut().for_each(|start| start.offset = 0);
    (sum, gcode::metadata(Cursor::new(text)).unwrap())
}

#[test]
fn odd_bytes_change_nothing() {
    let plain = plain();
    let want = core(plain.as_bytes());
    assert_eq!((want.0.layers, want.1.time_secs), (5, Some(600.0)));
    let odd = [
        plain.replace('\n', "\r\n"),
        plain.replace('\n', "\r\r\n"),
        plain.replace('\n', "\n\r"),
        plain.replace('\n', "\r"),
        plain.replace('\n', "\x0c\n"),
        plain.replace('\n', "\x0b\n"),
        plain.replace('\n', "\t\n"),
        format!("\u{feff}{plain}"),
        plain.replace(" S", "\u{a0}S"),
        plain.replace(" S", "\u{2009}S"),
        plain.replace(" X", "\u{200b} X"),
        plain.replace("G1 ", "g1 "),
        plain.replace("G1 X", "G1X"),
        plain.replace("G1 ", "G01 "),
        plain.replace("G28", "G28\u{a0}; home"),
    ];
    for text in odd {
        assert_eq!(core(text.as_bytes()), want, "{text:?}");
    }
    let latin: Vec<u8> =
        plain.replace(" S", "\u{1}S").bytes().map(|b| if b == 1 { 0xa0 } else { b }).collect();
    assert_eq!(core(&latin), want);
}

#[test]
fn every_spelling_of_a_forbidden_word_stays_here() {
    for word in ["M112", "M110", "M28", "M108", "M410", "M997", "M23", "M30", "M999", "M876", "M524", "M155"]
    {
        let (letter, digits) = word.split_at(1);
        for spelt in [
            word.to_owned(),
            word.to_lowercase(),
            format!("{letter} {digits}"),
            format!("{letter}\t{digits}"),
            format!("{letter}0{digits}"),
            format!("{letter}\u{a0}{digits}"),
            format!("{word}.0"),
            format!("{word}X1"),
            format!("{word}*12"),
            format!("N7 {word}"),
            format!("N7N8{word}"),
            format!(" \t{word}"),
            format!("(a){word}"),
            format!("{word};b"),
            format!("\u{feff}{word}"),
            format!("{word}{}", "x".repeat(300)),
        ] {
            let file = format!("G28\n{spelt}\nG1 X1\n");
            let commands: Vec<_> = Commands::new(file.as_bytes()).map(Result::unwrap).collect();
            let sent: Vec<_> = commands.iter().filter(|c| c.handling == Handling::Send).collect();
            assert_eq!(
                sent.iter().map(|c| c.text.as_str()).collect::<Vec<_>>(),
                ["G28", "G1 X1"],
                "{spelt:?}"
            );
            assert_eq!(commands.len(), 3, "{spelt:?}");
        }
    }
}

#[test]
fn what_a_firmware_makes_of_g90_is_what_is_counted() {
    use gcode::command::FirmwareG90::{EndsM83, KeepsM83};
    let file = File::open(folder().join("17a-g91g90.gcode")).unwrap();
    let text = std::io::read_to_string(file).unwrap();
    for (g90, want) in [(KeepsM83, 10.0), (EndsM83, 4.0)] {
        let mut survey = gcode::Survey::for_firmware(text.as_bytes(), gcode::Limits::default(), g90);
        let sum = survey.advance(usize::MAX).unwrap().unwrap();
        assert_eq!(sum.filament_mm, want);
        let last = Commands::for_firmware(text.as_bytes(), g90).map(Result::unwrap).last().unwrap();
        assert_eq!(last.after.e_mode_absolute, g90 == EndsM83, "what a resume gives again");
    }
}

#[test]
fn an_error_of_a_container_is_not_one_of_the_disk() {
    let mut bytes = std::fs::read(folder().join("15d-thumb-format3.bgcode")).unwrap();
    let last = bytes.len() - 6;
    bytes[last] ^= 1;
    let error = match open_program(Cursor::new(bytes)) {
        Ok(program) => summarise(program.reader).unwrap_err(),
        Err(error) => GcodeError::Container(error),
    };
    let text = error.to_string();
    assert!(text.contains("is damaged") && !text.contains("disk"), "{text}");
}
