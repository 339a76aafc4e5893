//! The model that comes with the app. Needs the ONNX Runtime library and the model's file; where either is
//! absent the test says "skipped".
#![allow(clippy::unwrap_used)] // Helpers of tests.

use detect::{Canvas, Detector, OnnxDetector, detect_jpeg, find_model, find_runtime};
use domain::{Place, View};
use std::io::Write;

#[test]
fn our_model_fits_its_contract_and_answers() {
    let (runtime, model) = match (find_runtime(&[]), find_model(&[])) {
        (Ok(runtime), Ok(model)) => (runtime, model),
        (Err(error), _) | (_, Err(error)) => {
            // Past the capture of the test harness, so that it is seen.
            let _ = writeln!(std::io::stderr(), "skipped: {error}. {}", error.cure());
            return;
        }
    };
    let mut detector = OnnxDetector::load(&runtime, &model).unwrap();
    assert!(!detector.name().trim().is_empty());

    let (width, height) = (1280u32, 720u32);
    let shade = |i: u32| [(i % width / 6) as u8, (i / width / 4) as u8, 120];
    let pixels: Vec<u8> = (0..width * height).flat_map(shade).collect();
    let mut canvas = Canvas::default();
    let mut jpeg = Vec::new();
    jpeg_encoder::Encoder::new(&mut jpeg, 85)
        .encode(&pixels, width as u16, height as u16, jpeg_encoder::ColorType::Rgb)
        .unwrap();
    let closer = View::Closer(Place { x: 0.25, y: 0.5, w: 0.5, h: 0.5 });
    let (mut whole, mut inference) = (Vec::new(), Vec::new());
    for view in [View::Whole, closer, View::Whole, closer, View::Whole] {
        let found = detect_jpeg(&mut detector, &mut canvas, &jpeg, view).unwrap();
        assert!((0.0..=1.0).contains(&found.probability) && (0.0..10.0).contains(&found.p), "{found:?}");
        assert!(found.cell_columns > 0 && found.cells.len().is_multiple_of(found.cell_columns.into()));
        assert!(found.boxes.len() <= 20);
        assert_eq!(found.view, view, "our model sees parts, too");
        for found in &found.boxes {
            let area = found.area;
            let inside = area.x >= 0.0
                && area.x + area.w <= width as f32 + 0.5
                && area.y + area.h <= height as f32 + 0.5;
            assert!(inside, "a box lies in the picture: {area:?}");
        }
        whole.push(found.total_ms);
        inference.push(found.inference_ms);
    }
    whole.sort_by(f32::total_cmp);
    inference.sort_by(f32::total_cmp);
    println!(
        "{}: {:.1} ms a picture of {width} x {height}, {:.1} of them inference",
        detector.name(),
        whole[2],
        inference[2]
    );
    assert!(whole[2] < 5000.0, "a look must take far less than the 10 s between looks: {:.0} ms", whole[2]);
}
