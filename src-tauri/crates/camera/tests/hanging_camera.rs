//! Cameras that hang, drip, and never end: nobody waits for them, and nothing of them stays.
#![allow(clippy::unwrap_used)] // Helpers of tests.

use bytes::Bytes;
use camera::{CameraError, CameraHandle, FrameIds, OpenSource, Source, opener_for, spawn};
use domain::{Camera, CameraHealth, CameraId, CameraSource, Clock, FrameId, Now, Rotation};
use sandbox::Decoders;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

const LONG: Duration = Duration::from_secs(20);

#[allow(clippy::disallowed_methods)] // What is promised here is real time.
fn real_now() -> Instant {
    Instant::now()
}

/// A clock that the test sets.
#[derive(Default)]
struct Hand(AtomicU64);

impl Clock for Hand {
    fn now(&self) -> Now {
        Now::at(self.0.load(Ordering::Relaxed))
    }
}

fn run(
    source: CameraSource,
    opener: Box<dyn OpenSource>,
    clock: Arc<Hand>,
) -> (CameraHandle, Receiver<CameraHealth>) {
    let (told, health) = sync_channel(64);
    let camera = Camera {
        id: CameraId(3),
        name: "fake".into(),
        source,
        rotation: Rotation::Deg0,
        flip_h: false,
        flip_v: false,
        crop: None,
    };
    let on_health = Box::new(move |_, health| drop(told.try_send(health)));
    (spawn(camera, opener, clock, FrameIds::after(FrameId(0)), on_health).unwrap(), health)
}

#[track_caller]
fn stops_at_once(handle: CameraHandle) {
    let from = real_now();
    handle.stop();
    assert!(from.elapsed() < Duration::from_millis(50), "stop took {:?}", from.elapsed());
}

/// Hangs in one of its calls until it is let go.
#[derive(Clone)]
struct Hangs {
    call: &'static str,
    let_go: Arc<AtomicBool>,
    /// How often it hangs now.
    inside: Arc<AtomicUsize>,
}

impl Hangs {
    fn maybe(&self, call: &str) {
        if call == self.call {
            self.inside.fetch_add(1, Ordering::SeqCst);
            while !self.let_go.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    }
}

impl OpenSource for Hangs {
    fn open(&mut self) -> Result<Box<dyn Source>, CameraError> {
        self.maybe("open");
        Ok(Box::new(HungSource(self.clone())))
    }
}

struct HungSource(Hangs);

impl Source for HungSource {
    fn next(&mut self) -> Result<Bytes, CameraError> {
        self.0.maybe("next");
        Err(CameraError::Damaged { reason: "as the test wants".into() })
    }
}

impl Drop for HungSource {
    fn drop(&mut self) {
        self.0.maybe("close");
    }
}

#[test]
fn a_camera_that_hangs_in_any_call_is_stopped_without_waiting() {
    for call in ["open", "next", "close"] {
        let hangs = Hangs { call, let_go: Arc::default(), inside: Arc::default() };
        let (handle, _health) =
            run(CameraSource::Demo { printer: None }, Box::new(hangs.clone()), Arc::default());
        let from = real_now();
        while hangs.inside.load(Ordering::SeqCst) == 0 {
            assert!(from.elapsed() < LONG, "{call} is never called");
            std::thread::sleep(Duration::from_millis(1));
        }
        stops_at_once(handle);
        hangs.let_go.store(true, Ordering::SeqCst);
    }
}

#[test]
fn a_camera_that_hangs_in_its_driver_is_lost_by_the_age_of_its_last_picture() {
    for call in ["open", "next"] {
        let hangs = Hangs { call, let_go: Arc::default(), inside: Arc::default() };
        let clock = Arc::new(Hand::default());
        let (handle, health) =
            run(CameraSource::Demo { printer: None }, Box::new(hangs.clone()), clock.clone());
        clock.0.store(10_500, Ordering::Relaxed);
        let CameraHealth::Lost { why } = health.recv_timeout(LONG).unwrap() else {
            panic!("{call}: must be lost")
        };
        assert!(why.starts_with("No picture for 10 seconds"), "{call}: {why}");
        stops_at_once(handle);
        hangs.let_go.store(true, Ordering::SeqCst);
    }
}

#[test]
fn the_next_camera_on_a_device_waits_for_the_one_before_to_close() {
    let device = || CameraSource::device("/dev/the-tests-own");
    let first = Hangs { call: "next", let_go: Arc::default(), inside: Arc::default() };
    let (handle, _health) = run(device(), Box::new(first.clone()), Arc::default());
    while first.inside.load(Ordering::SeqCst) == 0 {
        std::thread::sleep(Duration::from_millis(1));
    }
    stops_at_once(handle);
    let second = Hangs { call: "open", let_go: Arc::default(), inside: Arc::default() };
    let (handle, _health) = run(device(), Box::new(second.clone()), Arc::default());
    std::thread::sleep(Duration::from_millis(60));
    assert_eq!(second.inside.load(Ordering::SeqCst), 0, "the device is still held");
    first.let_go.store(true, Ordering::SeqCst);
    let from = real_now();
    while second.inside.load(Ordering::SeqCst) == 0 {
        assert!(from.elapsed() < Duration::from_secs(2), "it is opened once the first has let go");
        std::thread::sleep(Duration::from_millis(1));
    }
    stops_at_once(handle);
    second.let_go.store(true, Ordering::SeqCst);
}

/// Answers each connection with a head and then `bytes`, again and again with `pause` between, until it is closed. Sends
/// a word for each connection that was closed by the other side.
fn endless(bytes: &'static [u8], pause: Duration) -> (String, Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://127.0.0.1:{}/", listener.local_addr().unwrap().port());
    let (tell, closed) = sync_channel(16);
    std::thread::Builder::new()
        .name("endless camera".into())
        .spawn(move || {
            for stream in listener.incoming() {
                let tell = tell.clone();
                let serve = move || {
                    let _ = drip(stream.unwrap(), bytes, pause);
                    let _ = tell.try_send(());
                };
                std::thread::Builder::new().name("drip".into()).spawn(serve).unwrap();
            }
        })
        .unwrap();
    (url, closed)
}

fn drip(mut stream: TcpStream, bytes: &[u8], pause: Duration) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let _ = stream.read(&mut [0; 4096])?;
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=b\r\n\r\n")?;
    loop {
        stream.write_all(bytes)?;
        std::thread::sleep(pause);
    }
}

fn mjpeg(url: &str) -> (CameraSource, Box<dyn OpenSource>) {
    let source = CameraSource::Mjpeg { url: url.into(), certificate: None };
    let opener = opener_for(&source, &Decoders::here()).unwrap();
    (source, opener)
}

#[test]
fn an_endless_stream_without_a_picture_is_cut_off() {
    let (url, _closed) = endless(&[b'x'; 64 * 1024], Duration::ZERO);
    let mut source = mjpeg(&url).1.open().unwrap();
    let error = source.next().unwrap_err();
    assert!(error.to_string().contains("MB and no whole JPEG"), "{error}");
}

#[test]
fn a_deleted_camera_closes_its_connection_whatever_drips_through_it() {
    for (bytes, pause_ms) in [(&b"xx"[..], 50), (&[b'x'; 1024][..], 1)] {
        let (url, closed) = endless(bytes, Duration::from_millis(pause_ms));
        let (source, opener) = mjpeg(&url);
        let (handle, _health) = run(source, opener, Arc::default());
        std::thread::sleep(Duration::from_millis(100));
        stops_at_once(handle);
        closed.recv_timeout(Duration::from_secs(3)).expect("the connection is closed");
    }
}
