//! `vigil detect`: pictures past all rules over time.

use crate::shots::Shots;
use detect::{AllViews, Findings};
use domain::View;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::ExitCode;
use vigil::far;

/// Seconds between two looks at a film.
const FILM_EVERY: f64 = 1.0;

/// What is looked at, and how.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Prints one JSON object per picture and line, with a score for each view.
    #[arg(long)]
    json: bool,
    /// Looks at whole pictures only: ten times as fast, and blind to what is small in them.
    #[arg(long)]
    whole: bool,
    /// Pictures (JPEG, PNG), folders of them, or MP4 films (H.264), which are looked at once a second.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
}

/// Analyses pictures, all pictures of folders, and films once a second, and prints one line each.
pub(crate) fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let mut detector = vigil::far::load_detector()?;
    let mut failed = false;
    for shot in Shots::new(&options.paths, FILM_EVERY, far::decoders_apart())? {
        let parts = verdict::tiles().filter(|_| !options.whole);
        let found =
            shot.picture.and_then(|picture| Ok(detect::detect_all(detector.as_mut(), &picture, parts)?));
        match found {
            Ok(found) if options.json => println!("{}", as_json(&shot.name, &found)),
            Ok(found) => println!("{}", as_text(&shot.name, &found)),
            Err(error) => {
                failed = true;
                eprintln!("{}: {error:#}", shot.name);
            }
        }
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn as_json(name: &str, found: &AllViews) -> String {
    let boxes: Vec<_> = found
        .boxes
        .iter()
        .map(|b| json!({"confidence": b.confidence, "x": b.area.x, "y": b.area.y, "w": b.area.w, "h": b.area.h}))
        .collect();
    let views: Vec<_> = looks(found).map(view).collect();
    json!({
        "file": name,
        "score": found.probability,
        "p": found.p,
        "boxes": boxes,
        "views": views,
        "total_ms": looks(found).map(|look| look.total_ms).sum::<f32>(),
        "inference_ms": looks(found).map(|look| look.inference_ms).sum::<f32>(),
    })
    .to_string()
}

/// All looks at a picture, the one at the whole first.
fn looks(found: &AllViews) -> impl Iterator<Item = &Findings> {
    std::iter::once(&found.whole).chain(&found.closer)
}

/// One look: what part of the picture it was at, in fractions of its width and height, and what came of it.
fn view(look: &Findings) -> Value {
    let (kind, place) = match look.view {
        View::Whole => ("whole", look.view.place()),
        View::Closer(place) => ("closer", place),
    };
    json!({
        "view": kind,
        "x": place.x, "y": place.y, "w": place.w, "h": place.h,
        "score": look.probability,
        "p": look.p,
        "total_ms": look.total_ms,
        "inference_ms": look.inference_ms,
    })
}

fn as_text(name: &str, found: &AllViews) -> String {
    format!(
        "{:5.1} %  p {:.2}  {} boxes  {:.0} ms  {name}",
        found.probability * 100.0,
        found.p,
        found.boxes.len(),
        looks(found).map(|look| look.total_ms).sum::<f32>(),
    )
}
