//! The detector's thread from outside, with a detector that does what the test says.
#![allow(clippy::unwrap_used)] // Helpers of tests.

use bytes::Bytes;
use detect::{
    DetectError, DetectHandle, DetectJob, Detector, Done, Eye, Findings, LastModel, Picture, look_here, spawn,
};
use domain::{CameraId, FrameId, FrameInfo, Now, Place, PrinterId, View};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const LONG: Duration = Duration::from_secs(20);

/// Waits for the test's word before each answer, which says how it goes.
struct Scripted(Arc<Mutex<Receiver<Way>>>);

enum Way {
    Fine,
    Fails,
    Panics,
}

impl Detector for Scripted {
    fn detect(&mut self, picture: &Picture) -> Result<Findings, DetectError> {
        let way = self.0.lock().unwrap_or_else(|e| e.into_inner()).recv();
        match way {
            Ok(Way::Fine) | Err(_) => Ok(Findings {
                probability: f64::from(picture.width) / 100.0,
                p: 0.1,
                boxes: vec![],
                view: View::Whole,
                cells: vec![],
                cell_columns: 0,
                calibration: None,
                scene: None,
                inference_ms: 1.0,
                total_ms: 2.0,
            }),
            Ok(Way::Fails) => Err(DetectError::Inference { reason: "out of memory".into() }),
            Ok(Way::Panics) => panic!("the detector panics, as the test wants"),
        }
    }

    fn name(&self) -> String {
        "scripted 1".into()
    }
}

fn jpeg() -> Bytes {
    jpeg_of(16, 8)
}

/// One of which a part would be large enough to look at.
fn large_jpeg() -> Bytes {
    jpeg_of(128, 96)
}

fn jpeg_of(width: u16, height: u16) -> Bytes {
    let mut jpeg = Vec::new();
    let pixels = vec![128; usize::from(width) * usize::from(height) * 3];
    jpeg_encoder::Encoder::new(&mut jpeg, 80)
        .encode(&pixels, width, height, jpeg_encoder::ColorType::Rgb)
        .unwrap();
    jpeg.into()
}

fn job(printer: i64, frame: i64) -> DetectJob {
    let info =
        FrameInfo { camera: CameraId(printer), id: FrameId(frame), taken: Now::at(0), width: 16, height: 8 };
    DetectJob { printer: PrinterId(printer), frame: info, jpeg: jpeg(), view: View::Whole }
}

/// Starts the thread; `loads` fails so many times before a detector comes.
fn start(fail_loads: u32) -> (DetectHandle, std::sync::mpsc::SyncSender<Way>, Receiver<Done>) {
    let (ways, script) = sync_channel(16);
    let script = Arc::new(Mutex::new(script));
    let (told, done) = sync_channel(64);
    let mut left = fail_loads;
    let load = Box::new(move |_: LastModel| -> Result<Box<dyn Eye>, DetectError> {
        if left > 0 {
            left -= 1;
            return Err(DetectError::NoModel { looked: vec!["models/printvigil.onnx".into()] });
        }
        Ok(look_here(Box::new(Scripted(script.clone()))))
    });
    let handle = spawn(load, Box::new(move |d| told.send(d).unwrap())).unwrap();
    (handle, ways, done)
}

/// A short text for each thing told.
fn told(done: &Receiver<Done>) -> String {
    match done.recv_timeout(LONG).unwrap() {
        Done::Looked(look) => format!("looked {}:{} {}", look.printer, look.frame.id, look.probability),
        Done::Failed { printer, frame, why } => format!("failed {printer}:{} {why}", frame.id),
        Done::Up(name) => format!("up {name}"),
        Done::Down(why) => format!("down {why}"),
    }
}

#[test]
fn looks_come_back_with_their_frame_and_questions_are_answered() {
    let (handle, ways, done) = start(0);
    assert_eq!(told(&done), "up scripted 1");
    ways.send(Way::Fine).unwrap();
    handle.submit(job(1, 1));
    assert_eq!(told(&done), "looked 1:1 0.16");
    ways.send(Way::Fine).unwrap();
    let (answered, answer) = sync_channel(1);
    handle.ask(jpeg(), View::Whole, Box::new(move |a| answered.send(a).unwrap()));
    assert_eq!(answer.recv_timeout(LONG).unwrap().unwrap().probability, 0.16);
    drop(handle);
    assert!(done.try_recv().is_err(), "a question is no look");
}

#[test]
fn a_model_for_whole_pictures_is_never_shown_a_part() {
    let (handle, ways, done) = start(0);
    assert_eq!(told(&done), "up scripted 1");
    ways.send(Way::Fine).unwrap();
    let place = Place { x: 0.0, y: 0.0, w: 0.5, h: 0.5 };
    handle.submit(DetectJob { jpeg: large_jpeg(), view: View::Closer(place), ..job(1, 1) });
    let Done::Looked(look) = done.recv_timeout(LONG).unwrap() else { panic!("a look is told") };
    assert_eq!((look.view, look.probability), (View::Whole, 1.28));
}

#[test]
fn a_torn_picture_is_told_and_nothing_else_happens() {
    let (handle, ways, done) = start(0);
    assert_eq!(told(&done), "up scripted 1");
    for frame in 1..6 {
        let torn = DetectJob { jpeg: jpeg().slice(..40), ..job(1, frame) };
        handle.submit(torn);
        assert!(told(&done).starts_with(&format!("failed 1:{frame} The picture cannot be read")));
    }
    ways.send(Way::Fine).unwrap();
    handle.submit(job(1, 6));
    assert_eq!(told(&done), "looked 1:6 0.16", "no reload in between");
}

#[test]
fn a_model_that_keeps_failing_is_loaded_anew() {
    let (handle, ways, done) = start(0);
    assert_eq!(told(&done), "up scripted 1");
    for (frame, way) in [(1, Way::Fails), (2, Way::Panics), (3, Way::Fails)] {
        ways.send(way).unwrap();
        handle.submit(job(7, frame));
        assert!(told(&done).starts_with(&format!("failed 7:{frame} The detection model failed")));
    }
    let down = told(&done);
    assert!(
        down.starts_with("down ") && down.contains("out of memory") && down.contains("tried again"),
        "{down}"
    );
    let (answered, answer) = sync_channel(1);
    handle.ask(jpeg(), View::Whole, Box::new(move |a| answered.send(a).unwrap()));
    assert!(answer.recv_timeout(LONG).unwrap().is_err(), "while it is down a question is answered at once");
    assert_eq!(told(&done), "up scripted 1");
    ways.send(Way::Fine).unwrap();
    handle.submit(job(7, 4));
    assert_eq!(told(&done), "looked 7:4 0.16");
}

#[test]
fn a_missing_model_is_told_with_its_cure_and_looked_for_again() {
    let (_handle, _ways, done) = start(1);
    let down = told(&done);
    assert!(down.contains("models/printvigil.onnx") && down.contains("Install Printvigil again"), "{down}");
    assert_eq!(told(&done), "up scripted 1");
}

#[test]
fn another_model_is_loaded_when_it_is_chosen() {
    let (told_by, done) = sync_channel(8);
    let mut number = 0;
    let load = Box::new(move |_: LastModel| -> Result<Box<dyn Eye>, DetectError> {
        number += 1;
        Ok(look_here(Box::new(Numbered(number))))
    });
    let handle = spawn(load, Box::new(move |d| told_by.send(d).unwrap())).unwrap();
    assert_eq!(told(&done), "up model 1");
    handle.reload();
    assert_eq!(told(&done), "up model 2", "at once, nothing broke");
}

struct Numbered(u32);

impl Detector for Numbered {
    fn detect(&mut self, _: &Picture) -> Result<Findings, DetectError> {
        Err(DetectError::Busy)
    }

    fn name(&self) -> String {
        format!("model {}", self.0)
    }
}
