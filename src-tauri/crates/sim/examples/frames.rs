//! Writes frames of two whole demo prints, one that goes well and one that tangles, for looking at and measuring.
//!
//! `cargo run -p sim --example frames -- FOLDER [EVERY_SECS]`

use camera::encode_jpeg;
use sim::{SampleRun, Scene, SimOptions};
use std::error::Error;
use std::path::{Path, PathBuf};

const TANGLE_AFTER_MS: u64 = 5 * 60_000;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("which folder?")?);
    let every_secs: u64 = arguments.next().map_or(Ok(20), |a| a.parse())?;
    for (name, tangle_after_clock_ms) in [("clean", None), ("tangled", Some(TANGLE_AFTER_MS))] {
        let folder = folder.join(name);
        std::fs::create_dir_all(&folder)?;
        play(&folder, every_secs * 1_000, SimOptions { tangle_after_clock_ms, ..SimOptions::default() })?;
    }
    Ok(())
}

/// Prints the sample, and writes a frame each `every_ms`.
fn play(folder: &Path, every_ms: u64, options: SimOptions) -> Result<(), Box<dyn Error>> {
    let mut scene = Scene::new(1280, 720, options.seed);
    let mut run = SampleRun::new(options);
    let mut spent = std::time::Duration::ZERO;
    let mut frames = 0;
    while run.until(run.ms() + every_ms) {
        #[allow(clippy::disallowed_methods, reason = "this measures real time")]
        let start = std::time::Instant::now();
        scene.follow(run.printer().bed());
        let jpeg = encode_jpeg(&scene.picture(&run.printer().state()), 82)?;
        spent += start.elapsed();
        frames += 1;
        std::fs::write(folder.join(format!("{:05}.jpg", run.ms() / 1_000)), jpeg)?;
    }
    println!("{}: {frames} frames, {:?} each", folder.display(), spent / frames);
    Ok(())
}
