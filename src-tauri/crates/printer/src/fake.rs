//! A printer in memory, a clock that a test sets, and a thread between them.

use crate::{Heard, OpenError, OpenPort, Port, PrinterHandle, spawn};
use domain::{
    Clock, HaltCause, Initiator, JobEnd, LinkChange, Now, Order, PrintId, PrinterId, PrinterReport,
    PrinterState, StartJob, Timestamp,
};
use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{Receiver, channel};

/// A clock that runs fast, so that hello is not waited for, and that a test sets.
pub(crate) struct FakeClock {
    began: Instant,
    /// Seconds by which each clock was set ahead: the monotonic one (a standstill), the boot-time one alone (sleep), and
    /// the wall clock.
    pub(crate) stood_secs: AtomicI64,
    pub(crate) slept_secs: AtomicI64,
    pub(crate) wall_secs: AtomicI64,
    /// `now` panics as often.
    pub(crate) panics: AtomicI64,
}

const SPEED: i64 = 20;

impl FakeClock {
    pub(crate) fn new() -> Self {
        let zero = || AtomicI64::new(0);
        Self { began: real_now(), stood_secs: zero(), slept_secs: zero(), wall_secs: zero(), panics: zero() }
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Now {
        if self.panics.fetch_sub(1, Ordering::SeqCst) > 0 {
            panic!("the clock panics, as the test wants");
        }
        self.panics.fetch_max(0, Ordering::SeqCst);
        let ms = self.began.elapsed().as_millis() as i64 * SPEED;
        let mono_ms = ms + self.stood_secs.load(Ordering::SeqCst) * 1000 * SPEED;
        let wall_ms = mono_ms + self.wall_secs.load(Ordering::SeqCst) * 1000;
        Now { mono_ms: mono_ms as u64, utc: Timestamp::from_micros(1_767_225_600_000_000 + wall_ms * 1000) }
    }

    fn scale(&self) -> f64 {
        SPEED as f64
    }

    fn suspended_ms(&self) -> Option<u64> {
        Some(self.slept_secs.load(Ordering::SeqCst) as u64 * 1000)
    }
}

/// Where the thread of each printer is to panic, once.
static TRIPS: Mutex<BTreeMap<PrinterId, &'static str>> = Mutex::new(BTreeMap::new());

/// Panics when a test wants this thread to fail at this step.
pub(crate) fn trip(id: PrinterId, step: &'static str) {
    let mut trips = TRIPS.lock().unwrap_or_else(PoisonError::into_inner);
    if trips.get(&id) == Some(&step) {
        trips.remove(&id);
        drop(trips);
        panic!("the thread panics at {step}, as the test wants");
    }
}

/// Lets the thread of a printer panic at its next such step.
pub(crate) fn trip_at(id: PrinterId, step: &'static str) {
    TRIPS.lock().unwrap_or_else(PoisonError::into_inner).insert(id, step);
}

#[allow(clippy::disallowed_methods)] // Deadlines of an emergency stop are real time.
pub(crate) fn real_now() -> Instant {
    Instant::now()
}

/// A printer in memory: says `ok` to everything, unless told otherwise.
#[derive(Default)]
pub(crate) struct Fake {
    pub(crate) partial: Vec<u8>,
    pub(crate) answers: Vec<u8>,
    /// Lines taken, and when.
    pub(crate) taken: Vec<(Instant, String)>,
    /// No line gets its `ok`.
    pub(crate) stalled: bool,
    /// What it would have answered meanwhile.
    pub(crate) unanswered: Vec<String>,
    /// Writes take nothing.
    pub(crate) blocked: bool,
    /// The cable is out.
    pub(crate) pulled: bool,
    /// `M112` is not obeyed.
    pub(crate) deaf: bool,
    pub(crate) native_usb: bool,
    pub(crate) resets: u32,
    pub(crate) opened: u32,
    /// The hotend's target, and whether it can be switched off.
    pub(crate) target_c: f64,
    pub(crate) stuck_hot: bool,
    /// The reset line cannot be worked.
    pub(crate) no_reset_line: bool,
    /// A read hangs until this is taken back.
    pub(crate) hangs: bool,
    /// Opening takes until this is taken back.
    pub(crate) opens_slowly: bool,
    /// Which call panics, and how often.
    pub(crate) panics: Option<(&'static str, u32)>,
    /// What came through the second handle.
    pub(crate) past: String,
}

impl Fake {
    fn line(&mut self, line: String) {
        if line.is_empty() {
            return;
        }
        let text = line.split('*').next().unwrap_or_default();
        let text = if text.starts_with('N') { text.split_once(' ').map_or("", |(_, t)| t) } else { text };
        if let Some(target) = text.strip_prefix("M104 S")
            && !self.stuck_hot
        {
            self.target_c = target.parse().unwrap_or(0.0);
        }
        let heat = format!("ok T:25.0 /{:.1} B:25.0 /0.0\n", self.target_c);
        let answer = match text {
            "M112" if self.deaf => "",
            "M112" => "Error:Printer halted. kill() called!\n",
            _ if self.stalled => {
                let open = if text == "M105" { heat.as_str() } else { "ok\n" };
                self.unanswered.push(open.to_owned());
                ""
            }
            "M105" => heat.as_str(),
            "M114" => "X:1.00 Y:0.00 Z:0.00 E:0.00 Count X:0\nok\n",
            "M115" => "FIRMWARE_NAME:Marlin 2.1.2 (x) MACHINE_TYPE:Fake\nok\n",
            _ => "ok\n",
        };
        self.answers.extend_from_slice(answer.as_bytes());
        self.taken.push((real_now(), text.to_owned()));
    }
}

#[derive(Clone, Default)]
pub(crate) struct FakePort(pub(crate) Arc<Mutex<Fake>>);

impl FakePort {
    pub(crate) fn set(&self, change: impl FnOnce(&mut Fake)) {
        change(&mut self.0.lock().expect("no test panicked"));
    }

    pub(crate) fn get<T>(&self, look: impl FnOnce(&Fake) -> T) -> T {
        look(&self.0.lock().expect("no test panicked"))
    }

    pub(crate) fn took(&self, text: &str) -> Option<Instant> {
        self.get(|f| f.taken.iter().find(|(_, t)| t == text).map(|(at, _)| *at))
    }
}

impl FakePort {
    /// Panics when the test wants this call to.
    fn may_panic(&self, call: &'static str) {
        let mut fake = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, left)) = &mut fake.panics
            && *at == call
            && *left > 0
        {
            *left -= 1;
            drop(fake);
            panic!("the port panics in {call}, as the test wants");
        }
    }

    fn wait_while(&self, hangs: impl Fn(&Fake) -> bool) {
        while self.get(&hangs) {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// The second handle of a fake port.
pub(crate) struct FakeSpare(FakePort);

impl Write for FakeSpare {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.0.set(|f| f.past.push_str(&String::from_utf8_lossy(buf)));
        self.0.take_bytes(buf)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for FakePort {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.may_panic("read");
        self.wait_while(|f| f.hangs);
        for _ in 0..10 {
            let mut fake = self.0.lock().expect("no test panicked");
            if fake.pulled {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            if !fake.answers.is_empty() {
                let len = fake.answers.len().min(buf.len());
                buf[..len].copy_from_slice(&fake.answers[..len]);
                fake.answers.drain(..len);
                return Ok(len);
            }
            drop(fake);
            std::thread::sleep(Duration::from_millis(1));
        }
        Err(io::ErrorKind::TimedOut.into())
    }
}

impl FakePort {
    fn take_bytes(&self, buf: &[u8]) -> io::Result<usize> {
        let mut fake = self.0.lock().expect("no test panicked");
        if fake.pulled {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        if fake.blocked {
            drop(fake);
            std::thread::sleep(Duration::from_millis(20));
            return Err(io::ErrorKind::TimedOut.into());
        }
        for byte in buf {
            if *byte == b'\n' {
                let line = String::from_utf8_lossy(&std::mem::take(&mut fake.partial)).into_owned();
                fake.line(line);
            } else {
                fake.partial.push(*byte);
            }
        }
        Ok(buf.len())
    }
}

impl Write for FakePort {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.may_panic("write");
        self.take_bytes(buf)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Port for FakePort {
    fn spare(&self) -> Option<Box<dyn Write + Send>> {
        Some(Box::new(FakeSpare(self.clone())))
    }

    fn reset(&mut self) -> io::Result<()> {
        self.may_panic("reset");
        if self.get(|f| f.no_reset_line) {
            return Err(io::Error::other("Inappropriate ioctl for device"));
        }
        self.set(|f| {
            f.resets += 1;
            f.answers.extend_from_slice(b"start\n");
        });
        Ok(())
    }

    fn native_usb(&self) -> bool {
        self.get(|f| f.native_usb)
    }
}

impl OpenPort for FakePort {
    fn open(&mut self) -> Result<Box<dyn Port>, OpenError> {
        self.may_panic("open");
        self.wait_while(|f| f.opens_slowly);
        if self.get(|f| f.pulled) {
            return Err(OpenError::Missing { port: "fake".into() });
        }
        self.set(|f| f.opened += 1);
        Ok(Box::new(self.clone()))
    }

    fn describe(&self) -> String {
        "fake".into()
    }

    fn baud(&self) -> Option<u32> {
        Some(115_200)
    }
}

/// A thread, its port, and what it said so far.
pub(crate) struct TestPrinter {
    pub(crate) id: PrinterId,
    pub(crate) port: FakePort,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) handle: PrinterHandle,
    pub(crate) heard: Receiver<(PrinterId, Heard)>,
    pub(crate) changes: Vec<LinkChange>,
    pub(crate) report: Option<PrinterReport>,
}

impl TestPrinter {
    pub(crate) fn new(port: FakePort) -> Self {
        static IDS: AtomicI64 = AtomicI64::new(1);
        let id = PrinterId(IDS.fetch_add(1, Ordering::SeqCst));
        let (tell, heard) = channel(64);
        let clock = Arc::new(FakeClock::new());
        let handle = spawn(id, Box::new(port.clone()), clock.clone(), tell).expect("a thread");
        Self { id, port, clock, handle, heard, changes: Vec::new(), report: None }
    }

    pub(crate) fn up(port: FakePort) -> Self {
        let mut desk = Self::new(port);
        desk.until(|d| d.is(PrinterState::Operational));
        desk
    }

    pub(crate) fn is(&self, state: PrinterState) -> bool {
        self.report.as_ref().is_some_and(|r| r.state == state)
    }

    #[track_caller]
    pub(crate) fn until(&mut self, done: impl Fn(&Self) -> bool) {
        let from = real_now();
        while !done(self) {
            assert!(from.elapsed() < Duration::from_secs(15), "{:?} {:?}", self.changes, self.report);
            while let Ok((_, heard)) = self.heard.try_recv() {
                match heard {
                    Heard::Report(report) => self.report = Some(*report),
                    Heard::Change(change) => self.changes.push(change),
                    Heard::Traffic(_) => (),
                }
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    pub(crate) fn print(&mut self, gcode: &str) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(gcode.as_bytes()).expect("written");
        let start = StartJob {
            print: PrintId(7),
            file: None,
            path: file.path().to_owned(),
            name: "x".into(),
            initiator: Initiator::Person,
            past: domain::PastTimes::default(),
            done_lines: 0,
            left_out: Vec::new(),
        };
        self.handle.order(Order::Start(start)).expect("taken");
        file
    }

    pub(crate) fn ended(&self) -> Option<&JobEnd> {
        self.changes.iter().find_map(|c| if let LinkChange::Ended(_, end) = c { Some(end) } else { None })
    }

    pub(crate) fn halted(&self) -> Option<HaltCause> {
        let cause =
            |c: &LinkChange| if let LinkChange::Halted { cause, .. } = c { Some(*cause) } else { None };
        self.changes.iter().find_map(cause)
    }

    /// Returns what the person is told of a fault of the app.
    pub(crate) fn fault(&self) -> Option<&str> {
        self.changes
            .iter()
            .find_map(|c| if let LinkChange::AppFault { why } = c { Some(why.as_str()) } else { None })
    }
}

/// Returns what a printer at the other end of a pseudo terminal answers to a line.
#[cfg(target_os = "linux")]
pub(crate) fn answer_on_pty(line: &str) -> &'static str {
    if line.contains("M105") {
        "ok T:25.0 /0.0 B:25.0 /0.0\n"
    } else if line.contains("M115") {
        "FIRMWARE_NAME:Marlin 2.1.2 (x) MACHINE_TYPE:Pty\nok\n"
    } else {
        "ok\n"
    }
}
