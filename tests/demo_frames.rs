//! What the true model says of the demo camera's pictures, without any special case: the demo shows detection, it
//! does not play it. No such picture is in the training or validation sets.

use detect::{Canvas, Detector, detect_jpeg};
use domain::View;
use tests::pictures::demo_pictures;

/// Pictures of each kind.
const PICTURES: usize = 50;

/// The print comes loose here, ms of the demo's clock after its first extruding move.
const LOOSE_MS: u64 = 5 * 60_000;

/// A tangle is one when it has grown so long, ms.
const GROWN_MS: u64 = 3 * 60_000;

/// Returns p of `PICTURES` frames, one per `every_ms` from `from_ms` of the clock on.
fn p_of_frames(detector: &mut dyn Detector, tangle: Option<u64>, from_ms: u64, every_ms: u64) -> Vec<f64> {
    let frames = demo_pictures(tangle, from_ms, every_ms, PICTURES).into_iter();
    frames
        .map(|drawn| {
            let jpeg = camera::encode_jpeg(&drawn, 82).expect("encodes");
            detect_jpeg(detector, &mut Canvas::default(), &jpeg, View::Whole).expect("analysed").p
        })
        .collect()
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

#[test]
fn good_demo_frames_stay_low_and_tangled_ones_are_found() {
    let mut detector = match vigil::far::load_detector() {
        Ok(detector) => detector,
        Err(error) => {
            println!("skipped: {error}");
            return;
        }
    };
    // Clean: over the whole print, from the empty bed on. Tangled: once the tangle has grown.
    let clean = sorted(p_of_frames(detector.as_mut(), None, 10_000, 35_000));
    let tangled =
        sorted(p_of_frames(detector.as_mut(), Some(LOOSE_MS), LOOSE_MS + GROWN_MS + 120_000, 10_000));
    println!("clean p: median {:.3}, highest {:.3}", clean[PICTURES / 2], clean[PICTURES - 1]);
    println!("tangled p: lowest {:.3}, median {:.3}", tangled[0], tangled[PICTURES / 2]);
    assert!(clean[PICTURES - 3] < 0.1, "good frames stay under .1, but for two of fifty: {clean:?}");
    assert!(clean[PICTURES - 1] < 0.38, "no good frame comes near an alert: {clean:?}");
    assert!(tangled[PICTURES / 2] > 1.0, "a grown tangle is a clear failure: {tangled:?}");
    assert!(tangled[5] > 0.7, "and nine of ten frames show it: {tangled:?}");
}
