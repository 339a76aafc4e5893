//! Nothing that hangs or falls takes the rest with it: cameras, the desktop, a watch.

use bytes::Bytes;
use camera::{CameraError, OpenSource, Source};
use domain::{
    Camera, CameraId, Clock, DemoFault, Event, Leave, Printer, PrinterId, PrinterState, Request, Seen,
};
use printer::OpenPort;
use sandbox::Decoders;
use sim::SimOptions;
use station::{Awake, Config, DeviceFactory, Station, StationError};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;
use tests::world::demo_printer;
use vigil::far::Far;

/// Where everything hangs until it is let go.
#[derive(Default)]
struct Gate(Mutex<bool>, Condvar, AtomicUsize);

impl Gate {
    fn hang(&self) {
        self.2.fetch_add(1, Ordering::SeqCst);
        let open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.1.wait_while(open, |open| !*open).unwrap_or_else(PoisonError::into_inner));
    }

    fn hanging(&self) -> usize {
        self.2.load(Ordering::SeqCst)
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.1.notify_all();
    }
}

/// Lets everything go at the end of a test.
struct Opened(Arc<Gate>);

/// In which of its calls a camera hangs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Call {
    Open,
    Read,
    Close,
}

struct Hanging(Arc<Gate>, Call);

impl OpenSource for Hanging {
    fn open(&mut self) -> Result<Box<dyn Source>, CameraError> {
        if self.1 == Call::Open {
            self.0.hang();
        }
        Ok(Box::new(Hanging(self.0.clone(), self.1)))
    }
}

impl Source for Hanging {
    fn next(&mut self) -> Result<Bytes, CameraError> {
        if self.1 == Call::Read {
            self.0.hang();
        }
        std::thread::sleep(Duration::from_millis(20));
        Ok(Bytes::from_static(b"no picture"))
    }
}

impl Drop for Hanging {
    fn drop(&mut self) {
        if self.1 == Call::Close {
            self.0.hang();
        }
    }
}

impl Awake for Hanging {
    fn hold(&mut self, _printing: bool) {
        self.0.hang();
    }
}

/// The demo, but with cameras that hang.
struct Ends {
    far: Arc<Far>,
    gate: Arc<Gate>,
    call: Option<Call>,
}

impl DeviceFactory for Ends {
    fn printer(&self, printer: &Printer, clock: Arc<dyn Clock>) -> Option<Box<dyn OpenPort>> {
        self.far.printer(printer, clock)
    }

    fn camera(&self, camera: &Camera, clock: Arc<dyn Clock>) -> Option<Box<dyn OpenSource>> {
        match self.call {
            Some(call) => Some(Box::new(Hanging(self.gate.clone(), call))),
            None => self.far.camera(camera, clock),
        }
    }

    fn decoders(&self) -> Decoders {
        self.far.decoders()
    }

    fn demo_fault(&self, printer: PrinterId, fault: DemoFault, on: bool) -> Result<(), String> {
        self.far.demo_fault(printer, fault, on)
    }

    fn sample_file(&self) -> Option<(String, Vec<u8>)> {
        self.far.sample_file()
    }

    fn sample_picture(&self, failing: bool) -> Option<Bytes> {
        self.far.sample_picture(failing)
    }
}

struct Stand {
    station: Station,
    printer: PrinterId,
    far: Arc<Far>,
    gate: Arc<Gate>,
    _opened: Opened,
    _dir: tempfile::TempDir,
}

impl Stand {
    async fn start(call: Option<Call>, desktop_hangs: bool) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let gate = Arc::new(Gate::default());
        let far = Arc::new(Far::with_options(SimOptions::default()));
        let awake: Box<dyn Awake> = match desktop_hangs {
            true => Box::new(Hanging(gate.clone(), Call::Open)),
            false => Box::new(station::NoAwake),
        };
        let station = Station::start(Config {
            data_dir: dir.path().to_path_buf(),
            version: "0.0.0-test".into(),
            demo_scale: 50.0,
            reserve_bytes: 0,
            device_factory: Arc::new(Ends { far: far.clone(), gate: gate.clone(), call }),
            models: detect::OpenModels::here(Box::new(|_| {
                Err(detect::DetectError::Model { path: "none".into(), reason: "not wanted".into() })
            })),
            awake,
        })
        .await
        .expect("the core starts");
        let printer = station.add_printer(demo_printer()).await.expect("the demo printer is added");
        let stand = Self { station, printer, far, _opened: Opened(gate.clone()), gate, _dir: dir };
        stand.until("ready", |view| view.vigil.can.start).await;
        stand
    }

    async fn until(&self, what: &str, seen: impl Fn(&domain::PrinterView) -> bool) {
        let mut changes = self.station.subscribe();
        let wait = changes.wait_for(|now| now.printers.get(&self.printer).is_some_and(|view| seen(view)));
        // What was found locks the live state as long as it is held: it goes before the state is read again.
        let done = tokio::time::timeout(Duration::from_secs(30), wait).await.is_ok_and(|found| found.is_ok());
        let state = self.station.snapshot().printers.get(&self.printer).map(|view| view.vigil.state);
        assert!(done, "not seen: {what}; instead {state:?}");
    }

    /// Asks; an answer that takes long is none.
    async fn ask(&self, request: Request) -> Result<Option<domain::PrintId>, StationError> {
        let asked = tokio::time::timeout(Duration::from_secs(2), self.station.ask(request.clone()));
        asked.await.unwrap_or_else(|_| panic!("no answer within 2 s: {request:?}"))
    }

    async fn print_sample(&self) {
        let query = store::file::FileQuery { limit: 1, ..Default::default() };
        let files = self.station.store().read(|conn| store::file::list(conn, &query)).expect("listed");
        let file = files.0.first().expect("the sample").clone();
        let (printer, name, past) = (self.printer, file.filename.clone(), domain::PastTimes::default());
        let path = self.station.file_path(file.id);
        let start = Request::Start {
            printer,
            file: Some(file.id),
            path,
            name,
            past,
            done_lines: 0,
            left_out: Vec::new(),
        };
        self.ask(start).await.expect("started");
        self.until("printing", |view| view.vigil.state == PrinterState::Printing).await;
    }

    fn camera(&self) -> CameraId {
        let view = self.station.snapshot().printers.get(&self.printer).cloned().expect("a printer");
        view.vigil.camera.as_ref().expect("a camera").id
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_and_stop_go_through_while_a_camera_hangs_in_any_of_its_calls() {
    for call in [Call::Open, Call::Read, Call::Close] {
        let stand = Stand::start(Some(call), false).await;
        stand.print_sample().await;
        // Another camera is chosen again and again: the one that hangs is closed each time.
        for n in 0..3 {
            let id = stand.camera();
            let cameras = stand.station.store().read(store::camera::list).expect("read");
            let mut camera = cameras.into_iter().find(|camera| camera.id == id).expect("there");
            camera.name = format!("camera {n}");
            let put = tokio::time::timeout(Duration::from_secs(2), stand.station.put_camera(camera));
            put.await.unwrap_or_else(|_| panic!("{call:?}: the camera holds up the loop")).expect("changed");
        }
        stand.ask(Request::Pause(stand.printer)).await.expect("taken");
        stand.until("paused", |view| view.vigil.state == PrinterState::Paused).await;
        stand.ask(Request::Resume(stand.printer)).await.expect("taken");
        stand.until("going on", |view| view.vigil.state == PrinterState::Printing).await;
        assert!(stand.gate.hanging() > 0, "{call:?}: it did hang");
        stand.station.emergency_stop(stand.printer).await.expect("taken");
        stand.until("halted", |view| view.vigil.state == PrinterState::Halted).await;
        assert!(stand.far.running().expect("opened").state().halted);
        let ended = tokio::time::timeout(Duration::from_secs(15), stand.station.shutdown(Leave::AsItIs));
        assert!(ended.await.is_ok(), "{call:?}: the core ends");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desktop_that_does_not_answer_holds_up_nothing() {
    let stand = Stand::start(None, true).await;
    stand.print_sample().await;
    stand.ask(Request::Pause(stand.printer)).await.expect("taken");
    stand.until("paused", |view| view.vigil.state == PrinterState::Paused).await;
    assert_eq!(stand.gate.hanging(), 1, "it was asked and hangs");
    let ended = tokio::time::timeout(Duration::from_secs(25), stand.station.shutdown(Leave::HeatersOff));
    assert!(ended.await.is_ok(), "the core ends");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_that_panics_leaves_the_print_going_and_orders_answered() {
    let stand = Stand::start(None, false).await;
    stand.print_sample().await;
    stand.station.inject(Event::Fail(stand.printer)).await.expect("taken");
    stand.until("an alarm", |view| view.vigil.alarm.is_some()).await;
    let commands = stand.far.running().expect("opened").commands().len();
    stand.until("still printing", |view| view.vigil.state == PrinterState::Printing).await;
    let page =
        stand.station.terminal(stand.printer, u64::MAX, 10).await.expect("any number may be asked for");
    assert!(!page.lines.is_empty());
    stand.ask(Request::Seen(stand.printer, Seen::Alarms)).await.expect("put away");
    stand.ask(Request::Pause(stand.printer)).await.expect("taken");
    stand.until("paused", |view| view.vigil.state == PrinterState::Paused).await;
    assert!(stand.far.running().expect("opened").commands().len() > commands, "its thread went on");
    assert_eq!(stand.station.why_fallen(), None);
    stand.station.shutdown(Leave::AsItIs).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_core_that_fails_again_and_again_switches_the_heaters_off_and_ends() {
    let stand = Stand::start(None, false).await;
    stand.print_sample().await;
    for _ in 0..30 {
        // Once it ends nothing more is taken.
        let _ = stand.station.inject(Event::Fail(stand.printer)).await;
    }
    let why = tokio::time::timeout(Duration::from_secs(25), stand.station.fallen()).await.expect("it ends");
    assert!(why.contains("ended itself"), "{why}");
    let off = stand.far.running().expect("opened").state();
    assert_eq!((off.hotend_target_c, off.bed_target_c), (0.0, 0.0), "heaters are off");
    assert!(stand.station.ask(Request::Pause(stand.printer)).await.is_err(), "nothing is answered as done");
}
