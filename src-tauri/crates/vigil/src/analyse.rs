//! `vigil analyse`: what G-code files need, by our own reading.

use anyhow::Context;
use gcode::{Limits, ProgramKind, Summary, open_program, summarise_for, tail_settings};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::f64::consts::PI;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Diameter where the file does not say it, mm.
const USUAL_DIAMETER_MM: f64 = 1.75;

/// Prints one line a file; a file that cannot be read is named, and the others go on.
pub(crate) fn run(as_json: bool, files: &[PathBuf]) -> anyhow::Result<ExitCode> {
    let mut code = ExitCode::SUCCESS;
    for path in files {
        match analyse(path) {
            Ok(found) if as_json => println!("{found}"),
            Ok(found) => println!("{}", in_words(&found)),
            Err(why) => {
                eprintln!("{}: {why:#}", path.display());
                code = ExitCode::FAILURE;
            }
        }
    }
    Ok(code)
}

fn analyse(path: &Path) -> anyhow::Result<Value> {
    let open = || File::open(path).context("it cannot be opened");
    let program = open_program(open()?)?;
    let kind = program.kind;
    let settings: BTreeMap<String, String> = match kind {
        ProgramKind::Plain => tail_settings(open()?)?,
        ProgramKind::Bgcode | ProgramKind::ThreeMf => program.metadata.into_iter().collect(),
    };
    let setting = |key: &str| settings.get(key).map(String::as_str);
    let pictures: Vec<Vec<u8>> = match kind {
        ProgramKind::Plain => station::pictures_in_comments(path),
        ProgramKind::Bgcode | ProgramKind::ThreeMf => {
            program.thumbnails.into_iter().map(|t| t.bytes).collect()
        }
    };
    let sum = summarise_for(program.reader, Limits::of_settings(setting).unwrap_or_default())?;
    Ok(json!({
        "file": path.display().to_string(),
        "kind": match kind {
            ProgramKind::Plain => "gcode",
            ProgramKind::Bgcode => "bgcode",
            ProgramKind::ThreeMf => "3mf",
        },
        "bytes": sum.bytes,
        "commands": sum.lines,
        "layers": sum.layers,
        "extents_mm": sum.extents,
        "object_height_mm": sum.extents.map(|[_, _, (_, high)]| high),
        "filament_mm": sum.filament_mm,
        "filament_per_tool_mm": sum.filament_per_tool_mm,
        "filament_g": grams(&sum, setting("filament_diameter"), setting("filament_density")),
        "seconds": sum.estimated_secs,
        "homing_seconds": sum.homing_secs,
        "max_hotend_c": sum.max_hotend_c,
        "max_bed_c": sum.max_bed_c,
        "slicer_says": settings.iter().find(|(key, _)| key.starts_with("estimated printing time")).map(|(_, said)| said),
        "thumbnails": pictures.iter().map(|p| json!({"format": picture(p), "bytes": p.len()})).collect::<Vec<_>>(),
    }))
}

/// Returns the grams of all tools where the file says how dense its filament is, g/cm³: volume is that of a cylinder.
fn grams(sum: &Summary, diameters: Option<&str>, densities: Option<&str>) -> Option<f64> {
    let at = |list: Option<&str>, tool: usize| -> Option<f64> {
        let values: Vec<&str> = list?.split([',', ';']).collect();
        values.get(tool).or(values.first())?.trim().parse().ok().filter(|v| *v > 0.0)
    };
    let tools = sum.filament_per_tool_mm.iter().enumerate();
    tools
        .map(|(tool, mm)| {
            let diameter = at(diameters, tool).unwrap_or(USUAL_DIAMETER_MM);
            Some(PI * (diameter / 2.0).powi(2) * mm / 1000.0 * at(densities, tool)?)
        })
        .sum()
}

fn picture(bytes: &[u8]) -> &'static str {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => "png",
        [0xff, 0xd8, ..] => "jpg",
        [b'q', b'o', b'i', b'f', ..] => "qoi",
        _ => "unknown",
    }
}

fn in_words(found: &Value) -> String {
    let number = |key: &str| found[key].as_f64().unwrap_or(0.0);
    format!(
        "{}  {} layers, {:.2} m of filament, {:.0} min",
        found["file"].as_str().unwrap_or_default(),
        found["layers"],
        number("filament_mm") / 1000.0,
        number("seconds") / 60.0
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_and_weighed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.gcode");
        let body = "M83\nG28\n;LAYER:0\nG1 Z0.2 F600\nG1 X60 E1000 F600\n;LAYER:1\nG1 Z0.4\nG1 X0 E0.5\n";
        std::fs::write(&path, format!("{body}; filament_diameter = 1.75\n; filament_density = 1.24\n"))
            .unwrap();
        let found = analyse(&path).unwrap();
        assert_eq!((&found["layers"], &found["kind"]), (&json!(2), &json!("gcode")));
        assert!((found["filament_mm"].as_f64().unwrap() - 1000.5).abs() < 1e-6, "{found}");
        assert!((found["filament_g"].as_f64().unwrap() - 2.984).abs() < 0.01, "{found}");
        assert!(found["seconds"].as_f64().unwrap() > 12.0, "{found}");
        assert!(in_words(&found).contains("2 layers"));
    }

    #[test]
    fn what_is_no_gcode_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.bin");
        std::fs::write(&path, [0u8, 1, 2, 3, 0, 255]).unwrap();
        assert!(analyse(&path).is_err());
    }
}
