//! A camera of this computer. Needs one: `VIGIL_TEST_CAMERA` names it (`/dev/video0`, or a number); where it is
//! not set the test says "skipped".
#![allow(clippy::unwrap_used)] // Helpers of tests.

use camera::{
    CameraError, FrameIds, decode_jpeg, device_options, list_devices, one_frame, opener_for, spawn,
};
use domain::{Camera, CameraHealth, CameraId, CameraSource, Clock, FrameId, Now, Rotation};
use sandbox::Decoders;
use std::io::Write;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

struct Wall(Instant);

impl Clock for Wall {
    fn now(&self) -> Now {
        Now::at(self.0.elapsed().as_millis() as u64)
    }
}

fn device(name: &str, format: Option<(u32, u32, u32)>) -> CameraSource {
    CameraSource::Device { device: name.into(), format, coding: None, controls: Default::default() }
}

#[test]
fn a_real_device_is_listed_opened_read_and_closed() {
    let Ok(name) = std::env::var("VIGIL_TEST_CAMERA") else {
        // Past the capture of the test harness, so that it is seen.
        let _ = writeln!(std::io::stderr(), "skipped: VIGIL_TEST_CAMERA names no camera");
        return;
    };
    let listed = list_devices();
    println!("listed: {listed:?}");
    assert!(!listed.is_empty() && listed.iter().all(|d| !d.label.is_empty()));

    let jpeg = one_frame(&device(&name, None), &Decoders::here()).unwrap();
    let rgb = decode_jpeg(&jpeg).unwrap();
    println!("left to the app: {} x {}, {} bytes", rgb.width, rgb.height, jpeg.len());
    assert!(rgb.width <= 1280 && rgb.height <= 720);

    let odd = one_frame(&device(&name, Some((123, 45, 6))), &Decoders::here()).unwrap_err();
    assert!(matches!(odd, CameraError::NoFormat { .. }), "{odd}");
    println!("refused: {}", odd.for_people());

    // What its driver offers is told, and taken when it is opened.
    let options = device_options(&name).unwrap();
    println!("offered: {} formats, {:?}", options.formats.len(), options.controls);
    assert!(!options.formats.is_empty());
    if let Some(control) = options.controls.iter().find(|control| control.key == "brightness") {
        let wanted = if control.value == control.min { control.max } else { control.min };
        let controls = [("brightness".to_owned(), wanted), ("no_such".to_owned(), 1)].into();
        let set = CameraSource::Device { device: name.clone(), format: None, coding: None, controls };
        one_frame(&set, &Decoders::here()).unwrap();
        let now = device_options(&name).unwrap().controls;
        assert_eq!(now.iter().find(|control| control.key == "brightness").map(|c| c.value), Some(wanted));
    }

    let source = device(&name, Some((rgb.width, rgb.height, 10)));
    let camera = Camera {
        id: CameraId(1),
        name: "test".into(),
        source: source.clone(),
        rotation: Rotation::Deg180,
        flip_h: false,
        flip_v: false,
        crop: None,
    };
    let (tell, told) = sync_channel(8);
    #[allow(clippy::disallowed_methods)] // The test is the clock module here.
    let clock = Arc::new(Wall(Instant::now()));
    let on_health = Box::new(move |_, health| tell.send(health).unwrap());
    let opener = opener_for(&source, &Decoders::here()).unwrap();
    let handle = spawn(camera, opener, clock.clone(), FrameIds::after(FrameId(0)), on_health).unwrap();
    let live = told.recv_timeout(Duration::from_secs(30)).unwrap();
    assert_eq!(live, CameraHealth::Live { width: rgb.width, height: rgb.height });
    while handle.recent(0).len() < 10 && clock.now().mono_ms < 60_000 {
        std::thread::sleep(Duration::from_millis(50));
    }
    let frames = handle.recent(0);
    assert!(frames.len() >= 10, "{} frames in {} ms", frames.len(), clock.now().mono_ms);
    let span = frames[frames.len() - 1].taken.since(frames[0].taken);
    println!("{} frames in {span} ms, turned by half", frames.len());
    let (first, last) = (handle.frame(frames[0].id).unwrap(), handle.frame(frames[9].id).unwrap());
    assert_ne!(first.jpeg, last.jpeg, "the picture moves");

    let busy = one_frame(&source, &Decoders::here());
    println!("while it runs: {busy:?}");
    assert!(busy.is_err(), "a device has one owner");
    assert!(told.try_recv().is_err(), "and the owner keeps it");
    handle.stop();
    assert!(one_frame(&source, &Decoders::here()).is_ok(), "closed, it can be opened again");
}
