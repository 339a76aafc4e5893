//! Stored before it acts, and a database that takes nothing for seconds: the loop goes on, and what the disk refuses
//! changes nothing, neither now nor at the next start.

use bytes::Bytes;
use camera::OpenSource;
use detect::{DetectError, OpenModels};
use domain::{
    Camera, Clock, DemoFault, Leave, PortChoice, Printer, PrinterId, PrinterKind, PrinterPatch, Request,
};
use printer::{OpenError, OpenPort, Port};
use sandbox::Decoders;
use station::{Config, DeviceFactory, NewPrinter, NoAwake, Station, StationError};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::{Connection, DATABASE};
use tests::world::{Options, World};

/// Notes each port that the core opens; at none of them is a printer.
#[derive(Default)]
struct Ports(Arc<Mutex<Vec<String>>>);

struct Nothing(String, Arc<Mutex<Vec<String>>>);

/// Panics once more when the panic that carried it is cleaned up, which no guard of a thread survives.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("and once more");
    }
}

/// At this port the first thread dies.
const DEADLY: &str = "/dev/deadly";

impl OpenPort for Nothing {
    fn open(&mut self) -> Result<Box<dyn Port>, OpenError> {
        if self.0 == DEADLY && !self.opened().contains(&"died".to_owned()) {
            self.1.lock().unwrap_or_else(PoisonError::into_inner).push("died".into());
            std::panic::panic_any(Bomb);
        }
        let mut opened = self.1.lock().unwrap_or_else(PoisonError::into_inner);
        if opened.last() != Some(&self.0) {
            opened.push(self.0.clone());
        }
        Err(OpenError::Missing { port: self.0.clone() })
    }

    fn describe(&self) -> String {
        self.0.clone()
    }

    fn baud(&self) -> Option<u32> {
        None
    }
}

impl Nothing {
    fn opened(&self) -> Vec<String> {
        self.1.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl DeviceFactory for Ports {
    fn printer(&self, printer: &Printer, _: Arc<dyn Clock>) -> Option<Box<dyn OpenPort>> {
        let port = Nothing(printer.port.as_ref()?.path.clone(), self.0.clone());
        if port.0 == DEADLY {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push("thread".into());
        }
        Some(Box::new(port))
    }

    fn camera(&self, _: &Camera, _: Arc<dyn Clock>) -> Option<Box<dyn OpenSource>> {
        None
    }

    fn decoders(&self) -> Decoders {
        Decoders::here()
    }

    fn demo_fault(&self, _: PrinterId, _: DemoFault, _: bool) -> Result<(), String> {
        Err("no demo".into())
    }

    fn sample_file(&self) -> Option<(String, Vec<u8>)> {
        None
    }

    fn sample_picture(&self, _: bool) -> Option<Bytes> {
        None
    }
}

/// A core with printers at ports where nothing is.
struct Bare {
    dir: tempfile::TempDir,
    station: Station,
    opened: Arc<Mutex<Vec<String>>>,
}

impl Bare {
    async fn start() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let (station, opened) = Self::start_at(dir.path()).await;
        Self { dir, station, opened }
    }

    async fn start_at(dir: &Path) -> (Station, Arc<Mutex<Vec<String>>>) {
        let ports = Ports::default();
        let opened = ports.0.clone();
        let station = Station::start(Config {
            data_dir: dir.to_path_buf(),
            version: "0.0.0-test".into(),
            demo_scale: 1.0,
            reserve_bytes: 0,
            device_factory: Arc::new(ports),
            models: OpenModels::here(Box::new(|_| {
                Err(DetectError::Model { path: "none.onnx".into(), reason: "not in this test".into() })
            })),
            awake: Box::new(NoAwake),
        });
        (station.await.expect("the core starts"), opened)
    }

    async fn add(&self, path: &str) -> PrinterId {
        let new = NewPrinter {
            name: "Ender".into(),
            kind: PrinterKind::Serial,
            port: Some(port(path)),
            camera: None,
            auth_token: "0123456789abcdef0123".into(),
        };
        self.station.add_printer(new).await.expect("added")
    }

    async fn choose(&self, id: PrinterId, path: &str) -> Result<(), StationError> {
        let patch = PrinterPatch { port: Some(port(path)), ..PrinterPatch::default() };
        self.station.ask(Request::Patch(id, Box::new(patch))).await.map(drop)
    }

    /// Waits until this port was opened last.
    async fn until_opened(&self, path: &str) {
        for _ in 0..400 {
            if self.opened().last().is_some_and(|last| last == path) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{path} was not opened: {:?}", self.opened());
    }

    fn opened(&self) -> Vec<String> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn database(&self) -> Connection {
        Connection::open(self.dir.path().join(DATABASE)).expect("a second connection")
    }

    fn stored_port(&self, id: PrinterId) -> String {
        let get = |conn: &Connection| store::printer::get(conn, id);
        let row = self.station.store().read(get).expect("readable").expect("there");
        row.port.expect("a port").path
    }
}

fn port(path: &str) -> PortChoice {
    PortChoice { path: path.into(), baud: 115_200 }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_port_acts_once_it_is_stored_and_not_before() {
    let core = Bare::start().await;
    let id = core.add("/dev/first").await;
    core.until_opened("/dev/first").await;
    let other = core.database();
    other.execute_batch("begin immediate").expect("locked");
    let change = core.choose(id, "/dev/second");
    tokio::pin!(change);
    let early = tokio::time::timeout(Duration::from_millis(1_500), &mut change).await;
    assert!(early.is_err(), "not answered before it is stored: {early:?}");
    assert_eq!(core.opened(), ["/dev/first"], "and nothing has changed");
    let shown = core.station.snapshot().printers[&id].vigil.port.clone();
    assert_eq!(shown.map(|port| port.path), Some("/dev/first".into()));
    other.execute_batch("rollback").expect("free again");
    change.await.expect("stored");
    core.until_opened("/dev/second").await;
    assert_eq!(core.stored_port(id), "/dev/second");
    core.station.shutdown(Leave::AsItIs).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_database_refuses_changes_nothing_now_or_at_the_next_start() {
    let core = Bare::start().await;
    let id = core.add("/dev/first").await;
    core.until_opened("/dev/first").await;
    // A row that is refused for good.
    let other = core.database();
    let no = "create trigger no before update on printer begin select raise(abort, 'no'); end";
    other.execute_batch(no).expect("made");
    let refused = core.choose(id, "/dev/second").await.expect_err("refused");
    assert!(refused.to_string().contains("could not be saved"), "{refused}");
    let removal = core.station.remove_printer(id).await.expect_err("refused");
    assert!(removal.to_string().contains("no"), "{removal}");
    assert!(core.station.snapshot().printers.contains_key(&id), "it is there still");
    other.execute_batch("drop trigger no").expect("gone");
    // A disk that fails for longer than anyone waits, and then takes what it had refused.
    other.execute_batch("begin immediate").expect("locked");
    let refused = core.choose(id, "/dev/third").await.expect_err("refused");
    assert!(refused.to_string().contains("could not be saved"), "{refused}");
    other.execute_batch("rollback").expect("free again");
    for _ in 0..400 {
        if core.station.snapshot().system.history_lost.is_none() && core.station.store().waiting() == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!((core.opened(), core.stored_port(id).as_str()), (vec!["/dev/first".into()], "/dev/first"));
    core.station.shutdown(Leave::AsItIs).await;
    drop(other);

    let (station, opened) = Bare::start_at(core.dir.path()).await;
    let again = Bare { dir: core.dir, station, opened };
    again.until_opened("/dev/first").await;
    // And so it can be used and changed as before.
    again.choose(id, "/dev/second").await.expect("stored");
    again.until_opened("/dev/second").await;
    again.station.remove_printer(id).await.expect("removed");
    assert!(again.station.snapshot().printers.is_empty());
    again.station.shutdown(Leave::AsItIs).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_goes_away_while_it_is_stored_leaves_nothing_half_done() {
    let core = Bare::start().await;
    let id = core.add("/dev/first").await;
    let other = core.database();
    other.execute_batch("begin immediate").expect("locked");
    // As when a client closes its connection: nobody polls the request any more.
    let removal = tokio::time::timeout(Duration::from_millis(300), core.station.remove_printer(id)).await;
    assert!(removal.is_err(), "it waits for the disk");
    assert!(core.station.snapshot().printers.contains_key(&id), "not let go of before the row is written");
    other.execute_batch("rollback").expect("free again");
    for _ in 0..400 {
        if core.station.snapshot().printers.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let row = core.station.store().read(|conn| store::printer::get(conn, id)).expect("readable");
    assert!(row.is_none() && core.station.snapshot().printers.is_empty(), "stored as gone, and gone");
    core.station.shutdown(Leave::AsItIs).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_whose_thread_died_is_served_again_when_a_person_connects() {
    let core = Bare::start().await;
    let id = core.add(DEADLY).await;
    core.until_opened("died").await;
    let mut answer = Ok(None);
    for _ in 0..200 {
        answer = core.station.ask(Request::Connect(id)).await;
        if core.opened().last().is_some_and(|last| last == DEADLY) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(core.opened(), ["thread", "died", "thread", DEADLY], "{answer:?}");
    let told = |view: &domain::PrinterView| view.vigil.link != domain::LinkState::Closed;
    let mut changes = core.station.subscribe();
    let heard = changes.wait_for(|now| now.printers.get(&id).is_some_and(|view| told(view)));
    assert!(tokio::time::timeout(Duration::from_secs(20), heard).await.is_ok(), "and it is heard again");
    core.station.shutdown(Leave::AsItIs).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_go_through_while_the_database_takes_nothing() {
    let world = World::start(Options::default()).await;
    let print = world.print_sample().await;
    let other = Connection::open(world.dir.path().join(DATABASE)).expect("a second connection");
    other.execute_batch("begin immediate").expect("locked");
    let quick = Duration::from_secs(2);
    let ask = |request: Request| async { tokio::time::timeout(quick, world.ask(request)).await };
    ask(Request::Pause(world.printer)).await.expect("the loop answers at once");
    world.until("paused and confirmed", 60, |v| v.vigil.pause_confirmed && v.vigil.can.resume).await;
    ask(Request::Resume(world.printer)).await.expect("the loop answers at once");
    world.until("printing again", 60, |v| v.vigil.state_word == "Printing").await;
    // Longer than the writer waits for the lock: it is said, and the print goes on all the same.
    world.until("said", 30, |v| v.vigil.history_lost.is_some()).await;
    let (before, frames) = (world.view().vigil.seq, world.view().vigil.watch.frame_num);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let view = world.view();
    assert!(
        view.vigil.seq > before && view.vigil.watch.frame_num > frames,
        "the loop turns, the watch looks"
    );
    world.station.emergency_stop(world.printer).await.expect("pressed");
    world.until("stopped", 10, |v| v.status.state.flags.error || !v.status.state.flags.printing).await;
    assert!(world.view().vigil.history_lost.is_some(), "all of it while the database was locked");
    other.execute_batch("rollback").expect("free again");
    world.until("kept again", 30, |v| v.vigil.history_lost.is_none()).await;
    world.until_row("ended, as it happened meanwhile", print, |row| row.ended_at().is_some()).await;
    world.end().await;
}
