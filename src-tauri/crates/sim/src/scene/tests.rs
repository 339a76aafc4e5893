//! The picture follows the print, the same way each time.

use super::Scene;
use crate::machine::SimOptions;
use crate::sample::SampleRun;
use camera::Rgb;

const LOOSE_AFTER_MS: u64 = 5 * 60_000;

/// Pictures of the sample at these minutes, at a quarter of the size.
fn pictures(tangle_after_clock_ms: Option<u64>, minutes: &[u64]) -> Vec<Rgb> {
    let options = SimOptions { tangle_after_clock_ms, ..SimOptions::default() };
    let mut scene = Scene::new(640, 360, options.seed);
    let mut run = SampleRun::new(options);
    let mut take = |minute: &u64| {
        run.until(minute * 60_000);
        scene.follow(run.printer().bed());
        scene.picture(&run.printer().state())
    };
    minutes.iter().map(&mut take).collect()
}

/// Counts pixels in the colour of the filament.
fn filament(picture: &Rgb) -> usize {
    let (pixels, _) = picture.pixels.as_chunks::<3>();
    pixels.iter().filter(|[r, g, b]| i32::from(*g) > i32::from(*r) + 22 && *b > *r && *g > 70).count()
}

/// Counts pixels of filament beside other ones: many where strands lie loose, few on walls.
fn outlines(picture: &Rgb) -> usize {
    let (pixels, _) = picture.pixels.as_chunks::<3>();
    let rough = |pair: &[[u8; 3]]| pair[0][1].abs_diff(pair[1][1]) > 26 && pair[0][1] > pair[0][0] + 12;
    pixels.windows(2).filter(|pair| pair[0][1] >= 12 && pair[0][0] < 240 && rough(pair)).count()
}

#[test]
fn the_same_print_gives_the_same_pictures() {
    let (once, again) = (pictures(Some(LOOSE_AFTER_MS), &[9, 12]), pictures(Some(LOOSE_AFTER_MS), &[9, 12]));
    assert!(once == again, "pictures differ though seed and moves are the same");
    assert!(once[0].pixels != once[1].pixels);
}

#[test]
fn strands_do_not_depend_on_when_pictures_were_taken() {
    let often = pictures(Some(LOOSE_AFTER_MS), &[8, 9, 10, 11, 12]);
    let once = pictures(Some(LOOSE_AFTER_MS), &[12]);
    // Only the noise differs, which is new in each frame.
    let (a, b) = (&often[4].pixels, &once[0].pixels);
    let far = a.iter().zip(b).filter(|(a, b)| a.abs_diff(**b) > 60).count();
    assert_eq!(far, 0, "the tangle would look different");
}

#[test]
fn the_part_grows() {
    let sizes: Vec<usize> = pictures(None, &[2, 6, 12, 20, 27]).iter().map(filament).collect();
    assert!(sizes[0] < 50, "the bed is empty while it heats: {sizes:?}");
    assert!(sizes.windows(2).all(|w| w[1] > w[0]), "{sizes:?}");
    assert!(sizes[4] > 3_000, "{sizes:?}");
}

#[test]
fn a_tangle_shows() {
    let minutes = [7, 12, 16, 20];
    let clean: Vec<usize> = pictures(None, &minutes).iter().map(outlines).collect();
    let tangled: Vec<usize> = pictures(Some(LOOSE_AFTER_MS), &minutes).iter().map(outlines).collect();
    assert_eq!(clean[0], tangled[0], "until then both look alike");
    assert!(tangled[3] > clean[3] * 3 / 2, "strands have many edges: {tangled:?} against {clean:?}");
    assert!(tangled[3] > tangled[1], "and it grows: {tangled:?}");
}
