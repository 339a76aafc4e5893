//! `vigil detect`: pictures past all rules over time.

use crate::shots::Shots;
use anyhow::Context;
use detect::Findings;
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

/// Seconds between two looks at a film.
const FILM_EVERY: f64 = 1.0;

/// Analyses pictures, all pictures of folders, and films once a second, and prints one line each.
pub(crate) fn run(json: bool, paths: &[PathBuf]) -> anyhow::Result<ExitCode> {
    let mut detector = vigil::far::load_detector()?;
    let mut failed = false;
    for shot in Shots::new(paths, FILM_EVERY)? {
        let found = shot.picture.and_then(|picture| Ok(detect::detect_picture(detector.as_mut(), &picture)?));
        match found {
            Ok(found) if json => println!("{}", as_json(&shot.name, &found)),
            Ok(found) => println!("{}", as_text(&shot.name, &found)),
            Err(error) => {
                failed = true;
                eprintln!("{}: {error:#}", shot.name);
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

fn as_json(name: &str, found: &Findings) -> String {
    let boxes: Vec<_> = found
        .boxes
        .iter()
        .map(|b| json!({"confidence": b.confidence, "x": b.area.x, "y": b.area.y, "w": b.area.w, "h": b.area.h}))
        .collect();
    json!({
        "file": name,
        "score": found.probability,
        "p": found.p,
        "boxes": boxes,
        "total_ms": found.total_ms,
        "inference_ms": found.inference_ms,
    })
    .to_string()
}

fn as_text(name: &str, found: &Findings) -> String {
    format!(
        "{:5.1} %  p {:.2}  {} boxes  {:.0} ms  {name}",
        found.probability * 100.0,
        found.p,
        found.boxes.len(),
        found.total_ms,
    )
}
