//! The film of an alert, made and read back.
#![allow(clippy::unwrap_used)] // Helpers of tests.

use sandbox::Decoders;
use timelapse::draw::Rect;
use timelapse::{Clip, Continue, FilmError, Scene, render_evidence};

/// Ten pictures a second, grey, with a box from half a second on.
fn scenes(count: usize) -> Vec<Scene<Vec<u8>>> {
    let mut jpeg = Vec::new();
    let pixels = vec![120; 640 * 352 * 3];
    jpeg_encoder::Encoder::new(&mut jpeg, 90)
        .encode(&pixels, 640, 352, jpeg_encoder::ColorType::Rgb)
        .unwrap();
    let rect = Rect { left: 100.0, top: 100.0, width: 200.0, height: 100.0 };
    (0..count)
        .map(|n| Scene {
            jpeg: jpeg.clone(),
            seconds: 500.0 + n as f64 / 10.0,
            boxes: if n < 5 { vec![] } else { vec![rect] },
            sure: None,
            lines: vec![],
        })
        .collect()
}

fn greenest(rgb: &[u8]) -> i32 {
    rgb.chunks_exact(3).map(|p| i32::from(p[1]) - i32::from(p[0])).max().unwrap()
}

#[test]
fn the_film_is_thinned_and_has_the_boxes_when_they_were_seen() {
    let dir = tempfile::tempdir().unwrap();
    let video = dir.path().join("evidence-7.mp4");
    let mut scenes = scenes(20);
    scenes[3].jpeg.truncate(50);
    let done = render_evidence(scenes, &video, &mut || Continue::Yes).unwrap();
    let pictures: Vec<_> = Clip::open(&video, &Decoders::here()).unwrap().map(Result::unwrap).collect();
    assert_eq!((done.frames, pictures.len()), (10, 10), "five of the ten a second");
    for picture in &pictures {
        let boxed = greenest(&picture.rgb) > 80;
        assert_eq!(boxed, picture.seconds > 0.45, "at {} s", picture.seconds);
    }
    assert!((pictures[9].seconds - 1.8).abs() < 1e-3, "{} s", pictures[9].seconds);
}

#[test]
fn a_film_broken_off_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let video = dir.path().join("evidence-7.mp4");
    let mut left = 3;
    let mut go_on = || {
        left -= 1;
        if left > 0 { Continue::Yes } else { Continue::No }
    };
    assert_eq!(render_evidence(scenes(20), &video, &mut go_on), Err(FilmError::Cancelled));
    let none = render_evidence(Vec::<Scene<Vec<u8>>>::new(), &video, &mut || Continue::Yes);
    assert_eq!(none, Err(FilmError::NoFrames { skipped: 0 }));
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}
