//! Models that users bring, against tiny networks whose answers can be told by eye.
//!
//! Needs the ONNX Runtime library; where it is absent each test says "skipped".
#![allow(clippy::unwrap_used)] // Helpers of tests.

use detect::{
    BoxDetector, Detector, Findings, Loaded, ModelKind, ModelSettings, Picture, check, find_runtime,
    load_model,
};
use std::io::Write;
use std::path::{Path, PathBuf};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// Returns the library, or says that the test is skipped.
fn runtime() -> Option<PathBuf> {
    find_runtime(&[])
        .inspect_err(|error| {
            // Past the capture of the test harness, so that it is seen.
            let _ = writeln!(std::io::stderr(), "skipped: {error}. {}", error.cure());
        })
        .ok()
}

fn load(runtime: &Path, name: &str, settings: Option<&ModelSettings>) -> Box<BoxDetector> {
    match load_model(runtime, &data(name), settings) {
        Ok(Loaded::Boxes(model)) => model,
        Ok(Loaded::Grid(_)) => panic!("{name} is no grid"),
        Err(error) => panic!("{error}"),
    }
}

/// Twice as wide as high, all of one red.
fn red(red: u8) -> Picture {
    Picture { width: 200, height: 100, pixels: [red, 0, 0].repeat(200 * 100) }
}

fn boxes(found: &Findings) -> Vec<String> {
    let text = |d: &domain::Detection| {
        format!(
            "{} {:.0},{:.0} {:.0}x{:.0} {:.2}",
            d.class, d.area.x, d.area.y, d.area.w, d.area.h, d.confidence
        )
    };
    found.boxes.iter().map(text).collect()
}

#[test]
fn obicos_file_is_stretched_and_scaled_by_height() {
    let Some(runtime) = runtime() else { return };
    let mut model = load(&runtime, "obico.onnx", None);
    assert_eq!((model.kind(), model.classes()), (ModelKind::Obico, &["failure".to_owned()][..]));
    let found = model.detect(&red(255)).unwrap();
    assert_eq!(boxes(&found), ["failure 100,0 100x25 1.00"], "0.08 is not above 0.08");
    assert!((found.p - 1.0).abs() < 1e-6 && found.probability > 0.99);
    assert_eq!((found.cells.len(), found.cell_columns, found.cells[20], found.cells[5]), (784, 28, 255, 0));
    let faint = model.detect(&red(51)).unwrap();
    assert!((faint.p - 0.2).abs() < 1e-5 && (faint.probability - 0.2).abs() < 1e-5, "{}", faint.p);
    let nothing = model.detect(&red(10)).unwrap();
    assert_eq!((nothing.p, nothing.probability, nothing.boxes.len()), (0.0, 0.0, 0));
}

#[test]
fn both_yolos_are_letterboxed_and_only_failures_count() {
    let Some(runtime) = runtime() else { return };
    for (name, kind, want) in [
        ("yolo5.onnx", ModelKind::Yolo5, "spaghetti 50,25 100x50 0.50"),
        ("yolo8.onnx", ModelKind::Yolo8, "spaghetti 50,25 100x50 1.00"),
    ] {
        let mut model = load(&runtime, name, None);
        assert_eq!((model.kind(), model.input_size()), (kind, (64, 64)));
        assert_eq!(model.settings().failure_classes, ["spaghetti"], "the names tell");
        assert_eq!(boxes(&model.detect(&red(255)).unwrap()), [want], "{name}");
        let good = ModelSettings { failure_classes: vec!["good".into()], ..model.settings().clone() };
        let found = load(&runtime, name, Some(&good)).detect(&red(255)).unwrap();
        let want: &[&str] = if kind == ModelKind::Yolo8 { &["good 50,25 100x50 0.90"] } else { &[] };
        assert_eq!(boxes(&found), want, "{name}: 0.1 is below 0.25, 0.9 above");
        let none = ModelSettings { failure_classes: vec!["cat".into()], ..good };
        let Ok(loaded) = load_model(&runtime, &data(name), Some(&none)) else { panic!("{name}") };
        let Err(error) = loaded.into_detector(&data(name)) else { panic!("it would never find anything") };
        assert!(error.to_string().contains("none of its classes"), "{error}");
    }
}

#[test]
fn random_networks_of_each_shape_run() {
    let Some(runtime) = runtime() else { return };
    for (name, kind, classes) in [
        ("obico-random.onnx", ModelKind::Obico, 1),
        ("random-yolo5.onnx", ModelKind::Yolo5, 1),
        ("random-yolo8.onnx", ModelKind::Yolo8, 3),
    ] {
        let mut model = load(&runtime, name, None);
        assert_eq!((model.kind(), model.classes().len()), (kind, classes), "{name}");
        for picture in [red(0), red(200), Picture { width: 3, height: 500, pixels: vec![77; 4500] }] {
            let found = model.detect(&picture).unwrap();
            assert!((0.0..=1.0).contains(&found.probability) && found.p.is_finite(), "{name}");
            let (w, h) = (picture.width as f32 + 0.01, picture.height as f32 + 0.01);
            assert!(found.boxes.iter().all(|b| b.area.x + b.area.w <= w && b.area.y + b.area.h <= h));
        }
    }
}

#[test]
fn what_does_not_fit_is_refused_with_words() {
    let Some(runtime) = runtime() else { return };
    let dir = tempfile::tempdir().unwrap();
    let (cut, text) = (dir.path().join("cut.onnx"), dir.path().join("text.onnx"));
    std::fs::write(&cut, &std::fs::read(data("yolo8.onnx")).unwrap()[..900]).unwrap();
    std::fs::write(&text, "this is no model").unwrap();
    for (path, words) in [
        (data("half.onnx"), "16-bit floats"),
        (data("bytes.onnx"), "32-bit floats"),
        (data("picture-to-picture.onnx"), "no known kind"),
        (data("pose.onnx"), "pose"),
        (data("bad-map.onnx"), "do not ascend"),
        (cut, "cannot be used"),
        (text, "cannot be used"),
        (data("absent.onnx"), "was not found"),
    ] {
        let Err(error) = load_model(&runtime, &path, None) else { panic!("{} was loaded", path.display()) };
        assert!(error.for_people().contains(words), "{}: {error}", path.display());
    }
}

#[test]
fn numbers_that_mean_nothing_are_an_error() {
    let Some(runtime) = runtime() else { return };
    let mut model = load(&runtime, "yolo8-nan.onnx", None);
    assert!(model.detect(&red(255)).is_ok(), "the root of a half");
    let error = model.detect(&red(10)).unwrap_err();
    assert!(error.to_string().contains("NaN"), "{error}");
}

#[test]
fn a_check_tells_kind_speed_and_what_it_finds() {
    let Some(runtime) = runtime() else { return };
    let report = check(&runtime, &data("yolo8.onnx"), None, &red(255)).unwrap();
    assert_eq!((report.kind, report.input, report.classes.len()), (ModelKind::Yolo8, (64, 64), 2));
    assert!(
        report.ms_per_picture > 0.0 && report.boxes.len() == 1 && report.problems.is_empty(),
        "{report:?}"
    );
    let report = check(&runtime, &data("grid.onnx"), None, &red(255)).unwrap();
    assert_eq!((report.kind, report.input), (ModelKind::Grid, (48, 32)));
}
