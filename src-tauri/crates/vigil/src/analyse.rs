//! `vigil analyse`: what G-code files need, by our own reading.

use anyhow::Context;
use gcode::preflight::{Finding, Machine, preflight};
use gcode::{
    Ends, Limits, ProgramKind, Thumbnail, ThumbnailFormat, open_program, summarise_for, tail_settings, weigh,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

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
    let mut program = open_program(open()?)?;
    let (kind, beside) = (program.kind, std::mem::take(&mut program.metadata));
    let unread = std::mem::take(&mut program.left_out);
    let settings: BTreeMap<String, String> = match kind {
        ProgramKind::Plain => tail_settings(open()?)?,
        ProgramKind::Bgcode | ProgramKind::ThreeMf | ProgramKind::Ufp => beside.iter().cloned().collect(),
    };
    let setting = |key: &str| settings.get(key).map(String::as_str);
    let pictures = match kind {
        ProgramKind::Plain => gcode::thumbnails(open()?),
        ProgramKind::Bgcode | ProgramKind::ThreeMf | ProgramKind::Ufp => {
            std::mem::take(&mut program.thumbnails)
        }
    };
    let mut ends = Ends::new(program.reader);
    let sum = summarise_for(&mut ends, Limits::of_settings(setting).unwrap_or_default())?;
    let claims = ends.metadata(&beside);
    let weight = weigh(&sum, &claims);
    // Of a printer of which nothing is known.
    let findings = preflight(&sum, &claims, &Machine::default());
    Ok(json!({
        "file": path.display().to_string(),
        "kind": match kind {
            ProgramKind::Plain => "gcode",
            ProgramKind::Bgcode => "bgcode",
            ProgramKind::ThreeMf => "3mf",
            ProgramKind::Ufp => "ufp",
        },
        "bytes": sum.bytes,
        "commands": sum.lines,
        "layers": sum.layers,
        "extents_mm": sum.extents,
        "object_height_mm": sum.extents.map(|[_, _, (_, high)]| high),
        "filament_mm": sum.filament_mm,
        "filament_per_tool_mm": sum.filament_per_tool_mm,
        "filament_g": weight.grams,
        "filament_g_assumed": weight.assumed,
        "seconds": sum.estimated_secs,
        "homing_seconds": sum.homing_secs,
        "max_hotend_c": sum.max_hotend_c,
        "max_bed_c": sum.max_bed_c,
        "slicer_says": settings.iter().find(|(key, _)| key.starts_with("estimated printing time")).map(|(_, said)| said),
        "slicer": claims.slicer,
        "claims": claims,
        "findings": findings.iter().map(finding).chain(unread.iter().map(|what| unread_part(what))).collect::<Vec<_>>(),
        "commands_left_out": sum.left_out,
        "commands_left_out_count": sum.left_out_count,
        "thumbnails": pictures.iter().map(picture).collect::<Vec<_>>(),
    }))
}

fn picture(picture: &Thumbnail) -> Value {
    let format = match picture.format {
        ThumbnailFormat::Png => "png",
        ThumbnailFormat::Jpg => "jpg",
        ThumbnailFormat::Qoi => "qoi",
        ThumbnailFormat::Rgba => "rgba",
    };
    json!({"format": format, "width": picture.width, "height": picture.height, "bytes": picture.bytes.len()})
}

fn finding(finding: &Finding) -> Value {
    json!({
        "code": finding.code,
        "severity": finding.severity,
        "text": format!("{}. {}", finding.what, finding.cure),
    })
}

/// What of a container was left out.
fn unread_part(what: &str) -> Value {
    json!({"code": "left_out_of_container", "severity": "note", "text": format!("left out: {what}.")})
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
        assert_eq!((&found["slicer"], &found["filament_g_assumed"]), (&Value::Null, &json!(false)));
    }

    #[test]
    fn what_the_slicer_claims_stands_beside_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.gcode");
        let text = ";TIME:1427\n;Filament used: 0.5m\n;Generated with Cura_SteamEngine 3.5.0\n;LAYER_COUNT:7\n\
            ; thumbnail begin 16x12 16\n; iVBORw0KGgoAAAAN\n; thumbnail end\nG28\n;LAYER:0\nG1 X60 E1000 F600\n";
        std::fs::write(&path, text).unwrap();
        let found = analyse(&path).unwrap();
        assert_eq!(found["slicer"], json!({"name": "Cura", "version": "3.5.0"}));
        let claims = &found["claims"];
        assert_eq!(
            (&claims["time_secs"], &claims["filament_mm"], &claims["layers"]),
            (&json!(1427.0), &json!(500.0), &json!(7))
        );
        assert_eq!(found["thumbnails"], json!([{"format": "png", "width": 16, "height": 12, "bytes": 12}]));
        assert!((found["filament_g"].as_f64().unwrap() - 2.98).abs() < 0.01, "{found}");
        assert_eq!(found["filament_g_assumed"], true, "taken for PLA");
    }

    #[test]
    fn what_is_found_and_what_is_not_sent_is_listed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.gcode");
        let text = "M104 S200\nM 112\nM0S2\n@pause\n;LAYER:0\nG1 X60 Z0.2 E1 F600\nM28a.gco\nM104 S0\n";
        std::fs::write(&path, text).unwrap();
        let found = analyse(&path).unwrap();
        let codes: Vec<_> = found["findings"].as_array().unwrap().iter().map(|f| &f["code"]).collect();
        assert!(
            codes.contains(&&json!("never_homes")) && found["findings"][0]["severity"].is_string(),
            "{codes:?}"
        );
        let left: Vec<_> =
            found["commands_left_out"].as_array().unwrap().iter().map(|c| &c["text"]).collect();
        assert_eq!(left, ["M 112", "M0S2", "@pause", "M28a.gco"]);
        assert_eq!(found["commands_left_out"][0]["why"], "only a person stops the printer");
        assert_eq!(found["commands_left_out_count"], 4);
    }

    #[test]
    fn a_file_without_moves_takes_no_time() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.gcode");
        std::fs::write(&path, "M104 S200\n").unwrap();
        assert!(in_words(&analyse(&path).unwrap()).ends_with(" 0 min"));
    }

    #[test]
    fn what_is_no_gcode_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.bin");
        std::fs::write(&path, [0u8, 1, 2, 3, 0, 255]).unwrap();
        assert!(analyse(&path).is_err());
    }
}
