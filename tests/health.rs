//! Whether anything can be seen: the demo camera's pictures as they are, and altered as bad cameras alter them.

use camera::Rgb;
use detect::{Canvas, DetectError, Detector, Findings, Picture, detect_jpeg};
use domain::{Scene, View};
use sim::{Fault, SampleRun, SimOptions};
use tests::pictures::demo_pictures;
use verdict::{FirstLayers, Laying, NothingNew, SceneTrouble, SceneWatch, Stage};

/// Sees nothing: only the scene is wanted.
struct Blind;

impl Detector for Blind {
    fn detect(&mut self, _: &Picture) -> Result<Findings, DetectError> {
        Ok(Findings {
            probability: 0.0,
            p: 0.0,
            boxes: vec![],
            view: View::Whole,
            cells: vec![],
            cell_columns: 0,
            calibration: None,
            scene: None,
            inference_ms: 0.0,
            total_ms: 0.0,
        })
    }

    fn name(&self) -> String {
        "blind".into()
    }
}

fn scene(picture: &Rgb) -> Scene {
    let jpeg = camera::encode_jpeg(picture, 82).expect("encodes");
    let found = detect_jpeg(&mut Blind, &mut Canvas::default(), &jpeg, View::Whole);
    found.expect("a picture").scene.expect("its scene")
}

/// Each colour value of a picture through `alter`.
fn each(picture: &Rgb, alter: impl Fn(f32) -> f32) -> Rgb {
    let pixels = picture.pixels.iter().map(|&v| alter(f32::from(v)).round().clamp(0.0, 255.0) as u8);
    Rgb { pixels: pixels.collect(), ..*picture }
}

/// The picture made of other pixels of itself.
fn mapped(picture: &Rgb, width: u32, height: u32, from: impl Fn(u32, u32) -> (u32, u32)) -> Rgb {
    let mut pixels = Vec::with_capacity((width * height * 3) as usize);
    for y in 0..height {
        for x in 0..width {
            let (x, y) = from(x, y);
            let at = ((y.min(picture.height - 1) * picture.width + x.min(picture.width - 1)) * 3) as usize;
            pixels.extend_from_slice(&picture.pixels[at..at + 3]);
        }
    }
    Rgb { width, height, pixels }
}

/// Mean over a square around each pixel, as a lens out of focus gives.
fn blurred(picture: &Rgb) -> Rgb {
    let (small_w, small_h) = (picture.width / 24, picture.height / 24);
    let mut small = vec![[0_u32; 3]; (small_w * small_h) as usize];
    for y in 0..small_h * 24 {
        for x in 0..small_w * 24 {
            let at = ((y * picture.width + x) * 3) as usize;
            let cell = &mut small[(y / 24 * small_w + x / 24) as usize];
            for (sum, &v) in cell.iter_mut().zip(&picture.pixels[at..at + 3]) {
                *sum += u32::from(v);
            }
        }
    }
    let pixels = small.iter().flat_map(|sum| sum.map(|sum| (sum / 576) as u8)).collect();
    let tiny = Rgb { width: small_w, height: small_h, pixels };
    mapped(&tiny, picture.width, picture.height, |x, y| (x / 24, y / 24))
}

/// What is told of 15 good pictures and then 40 altered ones, ten seconds apart.
fn told(good: &[Rgb], alter: impl Fn(&Rgb) -> Rgb) -> Option<SceneTrouble> {
    let mut watch = SceneWatch::default();
    for (n, picture) in good[..15].iter().enumerate() {
        assert_eq!(watch.look(&scene(picture), n as u64 * 10_000), None, "picture {n} is good");
    }
    let mut last = None;
    for (n, picture) in good[15..].iter().enumerate() {
        last = watch.look(&scene(&alter(picture)), (n as u64 + 15) * 10_000);
    }
    last
}

#[test]
fn bad_pictures_are_told_by_their_kind_and_good_ones_never() {
    let good = demo_pictures(None, 200_000, 10_000, 30);
    assert_eq!(told(&good, Rgb::clone), None);
    let grey = |picture: &Rgb| {
        let mut grey = picture.clone();
        for pixel in grey.pixels.chunks_exact_mut(3) {
            let mean = pixel.iter().map(|&v| u32::from(v)).sum::<u32>() / 3;
            pixel.fill(mean as u8);
        }
        grey
    };
    assert_eq!(told(&good, grey), None, "an infrared picture is grey and fine");
    assert_eq!(told(&good, |p| each(p, |v| v * 0.7)), None, "dusk");
    assert_eq!(told(&good, |p| each(p, |v| v * 1.3 + 10.0)), None, "a lamp");

    assert_eq!(told(&good, |p| each(p, |v| v * 0.04)), Some(SceneTrouble::Dark));
    assert_eq!(told(&good, |p| each(p, |v| v * 3.0 + 200.0)), Some(SceneTrouble::Bright));
    assert_eq!(told(&good, |p| each(p, |v| 70.0 + v * 0.01)), Some(SceneTrouble::Covered));
    assert_eq!(told(&good, blurred), Some(SceneTrouble::Blurred));
    let frozen = good[15].clone();
    assert_eq!(told(&good, |_| frozen.clone()), Some(SceneTrouble::Frozen));
    let moved = |p: &Rgb| mapped(p, p.width, p.height, |x, y| (x.saturating_sub(140), y.saturating_sub(40)));
    assert_eq!(told(&good, moved), Some(SceneTrouble::Moved));
}

#[test]
fn a_whole_good_print_is_never_called_bad_at_any_size_or_turn() {
    let good = demo_pictures(None, 10_000, 60_000, 28);
    let small = |p: &Rgb| mapped(p, 160, 120, |x, y| (x * 8, y * 6));
    let large = |p: &Rgb| mapped(p, 3840, 2160, |x, y| (x / 3, y / 3));
    let turned = |p: &Rgb| mapped(p, p.height, p.width, |x, y| (y, p.height - 1 - x));
    let whole = |alter: &dyn Fn(&Rgb) -> Rgb, step: usize| {
        let mut watch = SceneWatch::default();
        for (n, picture) in good.iter().enumerate().step_by(step) {
            let told = watch.look(&scene(&alter(picture)), n as u64 * 60_000);
            assert_eq!(told, None, "picture {n}");
        }
    };
    whole(&Rgb::clone, 1);
    whole(&small, 1);
    whole(&turned, 2);
    whole(&large, 7);
}

/// Watches the first layers of the demo's print, a picture every `every_secs`, and after `clogs_ms` nothing comes out of
/// the nozzle any more. Returns when something was told, seconds after the first filament, and whether something new was
/// seen last.
fn first_layers(every_secs: u64, clogs_ms: Option<u64>) -> (Option<(u64, NothingNew)>, bool) {
    let options = SimOptions::default();
    // The same moves: what is pushed, and does not come out, is told by this one.
    let mut sound = SampleRun::new(options.clone());
    let mut run = SampleRun::new(options.clone());
    let mut drawn = sim::Scene::new(1280, 720, options.seed);
    let mut watch = FirstLayers::default();
    let (mut first, mut told, mut seen) = (None, None, false);
    while told.is_none() {
        let at_ms = run.ms() + every_secs * 1_000;
        sound.until(at_ms);
        run.until(at_ms);
        let strands = sound.printer().bed().strands();
        let layer_idx = strands.last().map(|strand| strand.layer_idx);
        if layer_idx.is_some_and(|idx| idx > 3) {
            break;
        }
        let since = layer_idx.map(|_| at_ms - *first.get_or_insert(at_ms));
        run.set_fault(Fault::Clogged, clogs_ms.zip(since).is_some_and(|(after, since)| since >= after));
        drawn.follow(run.printer().bed());
        let scene = scene(&drawn.picture(&run.printer().state()));
        let laying = Laying {
            at_ms,
            stage: if layer_idx.is_some() { Stage::Printing } else { Stage::Before },
            filament_mm: strands.iter().map(|strand| f64::from(strand.e_mm)).sum(),
            layer_idx,
        };
        told = watch.picture(&scene.colours, laying).map(|nothing| (since.unwrap_or(0) / 1_000, nothing));
        seen |= watch.newest().is_some();
    }
    (told, seen)
}

#[test]
fn the_demos_first_layers_are_seen_and_a_clogged_nozzle_is_told() {
    for every_secs in [2, 5] {
        assert_eq!(first_layers(every_secs, None), (None, true), "a good print");
        for clogs_ms in [0, 30_000] {
            let (told, _) = first_layers(every_secs, Some(clogs_ms));
            let (after, nothing) = told.expect("it is told that nothing is laid");
            assert!((180..300).contains(&after), "clogged after {clogs_ms} ms, told after {after} s");
            assert!(nothing.filament_mm >= 100.0 && nothing.for_secs >= 90.0, "{nothing:?}");
        }
    }
}
