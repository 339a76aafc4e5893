//! Two pictures to try the detection with: a print that goes well, and one that became a tangle.

use crate::machine::SimOptions;
use crate::sample::SampleRun;
use crate::scene::Scene;
use camera::{CameraError, encode_jpeg};

/// When the print of the failing picture comes loose, and when both pictures are taken, ms after power on.
const LOOSE_AFTER_MS: u64 = 8 * 60_000;
const TAKEN_AT_MS: u64 = 25 * 60_000;

/// Returns a picture of the demo's print as JPEG, 1280 x 720: a tangle when `failing`, a good print otherwise.
///
/// Takes about a second: the print is played to get there.
///
/// # Errors
/// When the picture cannot be encoded, which would be a mistake in here.
pub fn sample_picture(failing: bool) -> Result<Vec<u8>, CameraError> {
    let tangle_after_clock_ms = failing.then_some(LOOSE_AFTER_MS);
    let options = SimOptions { tangle_after_clock_ms, ..SimOptions::default() };
    let mut scene = Scene::new(1280, 720, options.seed);
    let mut run = SampleRun::new(options);
    run.until(TAKEN_AT_MS);
    scene.follow(run.printer().bed());
    encode_jpeg(&scene.picture(&run.printer().state()), 88)
}
