//! What `cargo xtask bench` measures: each figure beside a peer in the same run, so that a busy machine slows both.

use detect::detect_jpeg;
use domain::{Now, PredictionState, PrinterId};
use std::time::Instant;

/// Pictures analysed.
const PICTURES: usize = 60;

/// Looks decided.
const LOOKS: u32 = 1_000_000;

fn main() {
    let named: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let wanted = |name: &str| named.is_empty() || named.iter().any(|word| word == name);
    if wanted("watching") {
        watching();
    }
    if wanted("deciding") {
        deciding();
    }
}

/// From a camera's bytes to the findings, beside the bare inference of the same pictures.
fn watching() {
    let mut detector = match vigil::far::load_detector() {
        Ok(detector) => detector,
        Err(error) => return println!("watching: skipped: {error}"),
    };
    let picture = sim::sample_picture(true).expect("the sample can be drawn");
    let mut runs: Vec<(f32, f32)> = (0..PICTURES)
        .map(|_| {
            let found = detect_jpeg(detector.as_mut(), &picture).expect("analysed");
            (found.total_ms, found.inference_ms)
        })
        .collect();
    runs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (total, inference) = runs[PICTURES / 2];
    println!(
        "watching: 1280x720 JPEG to findings {total:.1} ms, of those inference {inference:.1} ms; \
         ratio {:.2}, {:.1} ms beside the inference (medians of {PICTURES})",
        total / inference,
        total - inference
    );
}

/// The rule over a million looks, beside summing the same numbers.
fn deciding() {
    let p = |n: u32| f64::from(n % 97) / 970.0;
    let start = now();
    let mut state = PredictionState::fresh(PrinterId(1), Now::at(0).utc);
    let mut paused = 0;
    for n in 0..LOOKS {
        let verdict = verdict::look(&mut state, p(n), 1.0, Now::at(u64::from(n) * 10_000).utc);
        paused += u32::from(verdict == verdict::Verdict::Pause);
    }
    let rule = start.elapsed();
    let start = now();
    let sum: f64 = (0..LOOKS).map(p).sum();
    let bare = start.elapsed();
    println!(
        "deciding: {LOOKS} looks in {:.0} ms, beside {:.1} ms for summing them ({paused} pauses, sum {sum:.0})",
        rule.as_secs_f64() * 1e3,
        bare.as_secs_f64() * 1e3
    );
}

#[allow(clippy::disallowed_methods)] // A measurement is about real time.
fn now() -> Instant {
    Instant::now()
}
