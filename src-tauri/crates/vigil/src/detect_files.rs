//! `vigil detect`: pictures past all rules over time.

use anyhow::Context;
use detect::{Detector, Findings};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Analyses pictures, or all pictures of folders, and prints one line each.
pub(crate) fn run(json: bool, paths: &[PathBuf]) -> anyhow::Result<ExitCode> {
    let mut detector = vigil::far::load_detector()?;
    let mut failed = false;
    for path in pictures(paths)? {
        match analyse(detector.as_mut(), &path) {
            Ok(found) => println!("{}", if json { as_json(&path, &found) } else { as_text(&path, &found) }),
            Err(error) => {
                failed = true;
                eprintln!("{}: {error:#}", path.display());
            }
        }
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Returns the pictures named, those of folders by name.
pub(crate) fn pictures(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut pictures = Vec::new();
    for path in paths {
        if !path.is_dir() {
            pictures.push(path.clone());
            continue;
        }
        let entries =
            std::fs::read_dir(path).with_context(|| format!("{} cannot be read", path.display()))?;
        let mut inside: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        inside.retain(|path| {
            let end = path.extension().and_then(|end| end.to_str()).unwrap_or_default().to_ascii_lowercase();
            ["jpg", "jpeg", "png"].contains(&end.as_str())
        });
        inside.sort();
        pictures.extend(inside);
    }
    Ok(pictures)
}

fn analyse(detector: &mut dyn Detector, path: &Path) -> anyhow::Result<Findings> {
    Ok(detect::detect_file(detector, path)?.0)
}

fn as_json(path: &Path, found: &Findings) -> String {
    let boxes: Vec<_> = found
        .boxes
        .iter()
        .map(|b| json!({"confidence": b.confidence, "x": b.area.x, "y": b.area.y, "w": b.area.w, "h": b.area.h}))
        .collect();
    json!({
        "file": path.display().to_string(),
        "score": found.probability,
        "p": found.p,
        "boxes": boxes,
        "total_ms": found.total_ms,
        "inference_ms": found.inference_ms,
    })
    .to_string()
}

fn as_text(path: &Path, found: &Findings) -> String {
    format!(
        "{:5.1} %  p {:.2}  {} boxes  {:.0} ms  {}",
        found.probability * 100.0,
        found.p,
        found.boxes.len(),
        found.total_ms,
        path.display()
    )
}
