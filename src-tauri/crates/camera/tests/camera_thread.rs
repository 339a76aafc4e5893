//! A camera's thread from outside: frames in, ring and health out.
#![allow(clippy::unwrap_used)] // Helpers of tests.

use bytes::Bytes;
use camera::{CameraError, FrameIds, OpenSource, Rgb, Source, decode_jpeg, encode_jpeg, spawn};
use domain::{Camera, CameraHealth, CameraId, CameraSource, Clock, Crop, FrameId, Now, Rotation};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

const LONG: Duration = Duration::from_secs(20);

/// A clock that the test sets.
struct Hand(AtomicU64);

impl Clock for Hand {
    fn now(&self) -> Now {
        Now::at(self.0.load(Ordering::Relaxed))
    }
}

/// What the fake camera does, one step a call.
enum Step {
    OpenFails,
    Picture(Vec<u8>),
    Panics,
    Fails,
}

/// Plays steps from a channel: `open` takes one too when it is to fail, else it succeeds.
struct Script(Arc<std::sync::Mutex<Receiver<Step>>>);

impl OpenSource for Script {
    fn open(&mut self) -> Result<Box<dyn Source>, CameraError> {
        let steps = self.0.lock().unwrap_or_else(|e| e.into_inner());
        match steps.recv() {
            Ok(Step::OpenFails) => Err(CameraError::Busy { device: "fake".into() }),
            _ => Ok(Box::new(Play(self.0.clone()))),
        }
    }
}

struct Play(Arc<std::sync::Mutex<Receiver<Step>>>);

impl Source for Play {
    fn next(&mut self) -> Result<Bytes, CameraError> {
        let step = self.0.lock().unwrap_or_else(|e| e.into_inner()).recv();
        match step {
            Ok(Step::Picture(jpeg)) => Ok(jpeg.into()),
            Ok(Step::Panics) => panic!("the fake driver panics, as the test wants"),
            Ok(Step::Fails | Step::OpenFails) | Err(_) => {
                Err(CameraError::Device { device: "fake".into(), reason: "unplugged".into() })
            }
        }
    }
}

struct Bench {
    steps: SyncSender<Step>,
    health: Receiver<CameraHealth>,
    clock: Arc<Hand>,
    handle: camera::CameraHandle,
}

fn fake() -> Camera {
    Camera {
        id: CameraId(3),
        name: "fake".into(),
        source: CameraSource::Demo { printer: None },
        rotation: Rotation::Deg0,
        flip_h: false,
        flip_v: false,
        crop: None,
    }
}

fn start(rotation: Rotation, flip_h: bool) -> Bench {
    start_with(Camera { rotation, flip_h, ..fake() })
}

fn start_with(camera: Camera) -> Bench {
    let (steps, script) = sync_channel(8);
    let (told, health) = sync_channel(8);
    let clock = Arc::new(Hand(AtomicU64::new(1000)));
    let opener = Box::new(Script(Arc::new(std::sync::Mutex::new(script))));
    let on_health = Box::new(move |_, health| told.send(health).unwrap());
    let handle = spawn(camera, opener, clock.clone(), FrameIds::after(FrameId(41)), on_health).unwrap();
    Bench { steps, health, clock, handle }
}

/// A wide picture, red on the left half, blue on the right.
fn picture() -> Vec<u8> {
    let (width, height) = (64, 32);
    let pixels =
        (0..width * height).flat_map(|i| if i % width < width / 2 { [255, 0, 0] } else { [0, 0, 255] });
    encode_jpeg(&Rgb { width, height, pixels: pixels.collect() }, 90).unwrap()
}

#[test]
fn frames_are_numbered_stamped_and_kept_as_the_camera_sent_them() {
    let bench = start(Rotation::Deg0, false);
    let mut padded = picture();
    padded.extend([0; 500]);
    bench.steps.send(Step::Picture(vec![])).unwrap(); // Opens.
    bench.steps.send(Step::Picture(padded)).unwrap();
    let live = bench.health.recv_timeout(LONG).unwrap();
    assert_eq!(live, CameraHealth::Live { width: 64, height: 32 });
    let frame = bench.handle.latest().borrow().clone().unwrap();
    assert_eq!(frame.jpeg, picture(), "the camera's own bytes, without what follows them");
    assert_eq!(frame.info.id, FrameId(42), "numbers go on after the highest known");
    assert_eq!(frame.info.taken, Now::at(1000));
    assert_eq!(bench.handle.frame(FrameId(42)).unwrap(), frame);
    assert_eq!(bench.handle.recent(0), vec![frame.info]);
    drop(bench.steps);
    bench.handle.stop();
}

#[test]
fn a_turned_camera_gives_turned_pictures() {
    let bench = start(Rotation::Deg90, true);
    bench.steps.send(Step::Picture(vec![])).unwrap();
    bench.steps.send(Step::Picture(picture())).unwrap();
    let live = bench.health.recv_timeout(LONG).unwrap();
    assert_eq!(live, CameraHealth::Live { width: 32, height: 64 }, "size after rotation");
    let frame = bench.handle.latest().borrow().clone().unwrap();
    let rgb = decode_jpeg(&frame.jpeg).unwrap();
    assert_eq!((rgb.width, rgb.height), (32, 64));
    assert!(rgb.pixels[0] > 200 && rgb.pixels[2] < 60, "red was left, so it is on top now");
    assert!(*rgb.pixels.last().unwrap() > 200, "blue was right, so it is at the bottom");
    drop(bench.steps);
}

#[test]
fn what_is_cut_out_is_cut_out_of_the_turned_picture() {
    // The lower half of what was turned: blue.
    let crop = Some(Crop { x: 0, y: 500, w: 1000, h: 500 });
    let bench = start_with(Camera { rotation: Rotation::Deg90, flip_h: true, crop, ..fake() });
    bench.steps.send(Step::Picture(vec![])).unwrap();
    bench.steps.send(Step::Picture(picture())).unwrap();
    let live = bench.health.recv_timeout(LONG).unwrap();
    assert_eq!(live, CameraHealth::Live { width: 32, height: 32 }, "size after all of it");
    let frame = bench.handle.latest().borrow().clone().unwrap();
    let rgb = decode_jpeg(&frame.jpeg).unwrap();
    let middle = (16 * 32 + 16) * 3;
    assert!(rgb.pixels[middle] < 60 && rgb.pixels[middle + 2] > 200, "{:?}", &rgb.pixels[middle..middle + 3]);
    drop(bench.steps);
}

#[test]
fn a_picture_that_asks_to_be_turned_is_turned_once() {
    let bench = start(Rotation::Deg0, false);
    bench.steps.send(Step::Picture(vec![])).unwrap();
    // As a phone held upright sends it: stored lying, "turn me clockwise by a quarter".
    let exif = b"\xFF\xE1\0\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    let mut jpeg = picture();
    jpeg.splice(2..2, *exif);
    assert_eq!(camera::read_head(&jpeg).unwrap().shown_size(), (32, 64));
    bench.steps.send(Step::Picture(jpeg)).unwrap();
    let live = bench.health.recv_timeout(LONG).unwrap();
    assert_eq!(live, CameraHealth::Live { width: 32, height: 64 });
    let frame = bench.handle.latest().borrow().clone().unwrap();
    let head = camera::read_head(&frame.jpeg).unwrap();
    assert_eq!((head.width, head.height, head.shown_size()), (32, 64, (32, 64)), "nobody turns it again");
    let rgb = decode_jpeg(&frame.jpeg).unwrap();
    assert!(rgb.pixels[0] > 200 && *rgb.pixels.last().unwrap() > 200, "red is on top, blue at the bottom");
    drop(bench.steps);
}

#[test]
fn a_torn_picture_is_dropped_and_the_camera_goes_on() {
    let bench = start(Rotation::Deg0, false);
    bench.steps.send(Step::Picture(vec![])).unwrap();
    let half = picture().len() / 2;
    bench.steps.send(Step::Picture(picture()[..half].to_vec())).unwrap();
    bench.steps.send(Step::Picture(picture())).unwrap();
    let live = bench.health.recv_timeout(LONG).unwrap();
    assert!(matches!(live, CameraHealth::Live { .. }), "no loss in between: {live:?}");
    assert_eq!(bench.handle.recent(0).len(), 1, "only the whole one is kept");
    drop(bench.steps);
}

#[test]
fn a_camera_that_fails_is_opened_again_and_a_crash_below_is_contained() {
    let bench = start(Rotation::Deg0, false);
    bench.steps.send(Step::OpenFails).unwrap();
    let CameraHealth::Lost { why } = bench.health.recv_timeout(LONG).unwrap() else { panic!("must be lost") };
    assert!(why.contains("in use by another program") && why.contains("Close other programs"), "{why}");
    for step in [Step::Picture(vec![]), Step::Picture(picture()), Step::Panics] {
        bench.steps.send(step).unwrap();
    }
    assert!(matches!(bench.health.recv_timeout(LONG).unwrap(), CameraHealth::Live { .. }));
    for step in [Step::Picture(vec![]), Step::Picture(picture()), Step::Fails] {
        bench.steps.send(step).unwrap();
    }
    let mut latest = bench.handle.latest();
    while latest.borrow().as_ref().map(|f| f.info.id) != Some(FrameId(43)) {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(latest.borrow_and_update().is_some(), "a picture came after the crash");
    assert!(bench.health.try_recv().is_err(), "and nobody was alarmed: it took less than five seconds");
    drop(bench.steps);
}

#[test]
fn a_hung_device_is_noticed_and_does_not_hang_its_owner() {
    let bench = start(Rotation::Deg0, false);
    bench.steps.send(Step::Picture(vec![])).unwrap();
    bench.steps.send(Step::Picture(picture())).unwrap();
    assert!(matches!(bench.health.recv_timeout(LONG).unwrap(), CameraHealth::Live { .. }));
    // The device now blocks in `next`, since no step comes.
    bench.clock.0.store(6_500, Ordering::Relaxed);
    let CameraHealth::Lost { why } = bench.health.recv_timeout(LONG).unwrap() else { panic!("must be lost") };
    assert!(why.starts_with("No picture for 5 seconds"), "{why}");
    bench.handle.stop();
    drop(bench.steps);
}
