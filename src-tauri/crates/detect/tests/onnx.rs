//! The ONNX detector against tiny models whose answers can be told by eye.
//!
//! Needs the ONNX Runtime library; where it is absent each test says "skipped".
#![allow(clippy::unwrap_used)] // Helpers of tests.

use detect::{
    Canvas, DetectError, Detector, Findings, OnnxDetector, Picture, detect_file, detect_jpeg, detect_view,
    find_runtime,
};
use domain::{Place, View};
use std::io::Write;
use std::path::{Path, PathBuf};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// Returns the library, or says that the test is skipped.
fn runtime() -> Option<PathBuf> {
    match find_runtime(&[]) {
        Ok(path) => Some(path),
        Err(error) => {
            // Past the capture of the test harness, so that it is seen.
            let _ = writeln!(std::io::stderr(), "skipped: {error}. {}", error.cure());
            None
        }
    }
}

/// A black picture of 96 x 64, twice the model's size, with red blocks: `(column, row, red)` in the 6 x 4 grid.
fn picture(blocks: &[(u32, u32, u8)]) -> Picture {
    let (width, height) = (96, 64);
    let mut pixels = vec![0; (width * height * 3) as usize];
    for &(column, row, red) in blocks {
        for y in row * 16..(row + 1) * 16 {
            for x in column * 16..(column + 1) * 16 {
                pixels[((y * width + x) * 3) as usize] = red;
            }
        }
    }
    Picture { width, height, pixels }
}

/// `x,y wxh confidence` of each box.
fn boxes(found: &Findings) -> Vec<String> {
    let text = |d: &domain::Detection| {
        format!("{},{} {}x{} {:.1}", d.area.x, d.area.y, d.area.w, d.area.h, d.confidence)
    };
    found.boxes.iter().map(text).collect()
}

#[test]
fn golden_boxes() {
    let Some(runtime) = runtime() else { return };
    let mut detector = OnnxDetector::load(&runtime, &data("grid.onnx")).unwrap();
    assert_eq!(detector.name(), "red blocks 1");

    let nothing = detector.detect(&picture(&[])).unwrap();
    assert_eq!((nothing.probability, nothing.p), (0.0, 0.0));
    assert_eq!(nothing.boxes, []);

    // An L of strong red, and one weaker block in the far corner.
    let found = detector.detect(&picture(&[(0, 1, 255), (0, 2, 255), (1, 2, 255), (5, 3, 180)])).unwrap();
    assert_eq!(boxes(&found), ["0,16 32x32 1.0", "80,48 16x16 0.7"], "in pixels of the picture, best first");
    assert!(found.probability > 0.95, "{}", found.probability);
    assert!((found.p - (0.4 + (found.probability - 0.5) / 0.5 * 1.6)).abs() < 1e-9, "the model's own map");
    assert_eq!((found.cells.len(), found.cell_columns), (24, 6));
    assert!(found.cells[6] > 240 && found.cells[5] < 10, "row by row: {:?}", found.cells);
    assert!(found.inference_ms > 0.0 && found.total_ms >= found.inference_ms);
}

#[test]
fn jpegs_and_files_come_to_the_same() {
    let Some(runtime) = runtime() else { return };
    let mut detector = OnnxDetector::load(&runtime, &data("grid.onnx")).unwrap();
    let picture = picture(&[(2, 1, 255)]);
    let mut jpeg = Vec::new();
    jpeg_encoder::Encoder::new(&mut jpeg, 95)
        .encode(&picture.pixels, 96, 64, jpeg_encoder::ColorType::Rgb)
        .unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("picture.jpg");
    std::fs::write(&path, &jpeg).unwrap();
    assert_eq!(
        boxes(&detect_jpeg(&mut detector, &mut Canvas::default(), &jpeg, View::Whole).unwrap()),
        ["32,16 16x16 0.9"]
    );
    let (found, size) = detect_file(&mut detector, &path).unwrap();
    assert_eq!((boxes(&found), size), (vec!["32,16 16x16 0.9".to_string()], (96, 64)));
}

#[test]
fn a_part_is_looked_at_alone_and_told_in_the_whole_picture() {
    let Some(runtime) = runtime() else { return };
    let mut detector = OnnxDetector::load(&runtime, &data("grid.onnx")).unwrap();
    let picture = picture(&[(0, 0, 255), (4, 2, 255), (4, 3, 255)]);
    let lower_right = Place { x: 0.5, y: 0.5, w: 0.5, h: 0.5 };
    let found = detect_view(&mut detector, &picture, View::Closer(lower_right)).unwrap();
    assert_eq!(boxes(&found), ["64,32 16x32 1.0"], "what lies outside is not seen");
    assert_eq!(found.view, View::Closer(lower_right));
    assert_eq!((found.cells.len(), found.cell_columns), (24, 6), "the grid is that of the part");
    let mut scene = |view| detect_view(&mut detector, &picture, view).unwrap().scene;
    assert_eq!(found.scene, scene(View::Whole), "the scene is the whole picture's");

    let sliver = View::Closer(Place { w: 0.1, ..lower_right });
    assert_eq!(detect_view(&mut detector, &picture, sliver).unwrap().view, View::Whole, "too few pixels");
}

#[test]
fn models_that_do_not_fit_are_refused_with_words() {
    let Some(runtime) = runtime() else { return };
    let dir = tempfile::tempdir().unwrap();
    let garbage = dir.path().join("garbage.onnx");
    std::fs::write(&garbage, "this is no model").unwrap();
    let cases = [
        (data("no-kind.onnx"), "not made for Printvigil"),
        (data("newer-kind.onnx"), "made for a newer Printvigil"),
        (data("bad-map.onnx"), "do not ascend"),
        (garbage, "cannot be used"),
        (data("absent.onnx"), "was not found"),
    ];
    for (path, words) in cases {
        let Err(error) = OnnxDetector::load(&runtime, &path) else { panic!("{} was loaded", path.display()) };
        let text = error.for_people();
        assert!(text.contains(words), "{}: {text}", path.display());
        assert!(text.contains("Install Printvigil again"), "a cure is named: {text}");
    }
}

#[test]
fn numbers_that_are_no_probabilities_are_an_error() {
    let Some(runtime) = runtime() else { return };
    for name in ["above-one.onnx", "not-a-number.onnx"] {
        let mut detector = OnnxDetector::load(&runtime, &data(name)).unwrap();
        let error = detector.detect(&picture(&[(1, 1, 255)])).unwrap_err();
        assert!(matches!(error, DetectError::Inference { .. }), "{name}: {error}");
    }
}
