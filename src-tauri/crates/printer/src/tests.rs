//! The thread with a port in memory: emergency stop, a pulled cable, a port that takes no bytes, a print.

use crate::{Heard, OpenError, OpenPort, Port, PrinterHandle, spawn};
use domain::{
    Clock, Initiator, JobEnd, Leave, LinkChange, Now, Order, PrintId, PrinterId, PrinterReport, PrinterState,
    StartJob, Timestamp,
};
use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{Receiver, channel};

/// A clock that runs fast, so that hello is not waited for.
struct FastClock(Instant);

impl Clock for FastClock {
    fn now(&self) -> Now {
        let mono_ms = self.0.elapsed().as_millis() as u64 * 20;
        Now { mono_ms, utc: Timestamp::from_micros(1_767_225_600_000_000 + mono_ms as i64 * 1000) }
    }

    fn scale(&self) -> f64 {
        20.0
    }
}

#[allow(clippy::disallowed_methods)] // Deadlines of an emergency stop are real time.
fn real_now() -> Instant {
    Instant::now()
}

/// A printer in memory: says `ok` to everything, unless told otherwise.
#[derive(Default)]
struct Fake {
    partial: Vec<u8>,
    answers: Vec<u8>,
    /// Lines taken, and when.
    taken: Vec<(Instant, String)>,
    /// No line gets its `ok`.
    stalled: bool,
    /// Writes take nothing.
    blocked: bool,
    /// The cable is out.
    pulled: bool,
    /// `M112` is not obeyed.
    deaf: bool,
    native_usb: bool,
    resets: u32,
    opened: u32,
}

impl Fake {
    fn line(&mut self, line: String) {
        if line.is_empty() {
            return;
        }
        let text = line.split('*').next().unwrap_or_default();
        let text = if text.starts_with('N') { text.split_once(' ').map_or("", |(_, t)| t) } else { text };
        let answer = match text {
            "M112" if self.deaf => "",
            "M112" => "Error:Printer halted. kill() called!\n",
            _ if self.stalled => "",
            "M105" => "ok T:25.0 /0.0 B:25.0 /0.0\n",
            "M114" => "X:1.00 Y:0.00 Z:0.00 E:0.00 Count X:0\nok\n",
            "M115" => "FIRMWARE_NAME:Marlin 2.1.2 (x) MACHINE_TYPE:Fake\nok\n",
            _ => "ok\n",
        };
        self.answers.extend_from_slice(answer.as_bytes());
        self.taken.push((real_now(), text.to_owned()));
    }
}

#[derive(Clone, Default)]
struct FakePort(Arc<Mutex<Fake>>);

impl FakePort {
    fn set(&self, change: impl FnOnce(&mut Fake)) {
        change(&mut self.0.lock().expect("no test panicked"));
    }

    fn get<T>(&self, look: impl FnOnce(&Fake) -> T) -> T {
        look(&self.0.lock().expect("no test panicked"))
    }

    fn took(&self, text: &str) -> Option<Instant> {
        self.get(|f| f.taken.iter().find(|(_, t)| t == text).map(|(at, _)| *at))
    }
}

impl Read for FakePort {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
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

impl Write for FakePort {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
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

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Port for FakePort {
    fn reset(&mut self) -> io::Result<()> {
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
struct Desk {
    port: FakePort,
    handle: PrinterHandle,
    heard: Receiver<(PrinterId, Heard)>,
    changes: Vec<LinkChange>,
    report: Option<PrinterReport>,
}

impl Desk {
    fn new(port: FakePort) -> Self {
        let (tell, heard) = channel(64);
        let clock = Arc::new(FastClock(real_now()));
        let handle = spawn(PrinterId(1), Box::new(port.clone()), clock, tell).expect("a thread");
        Self { port, handle, heard, changes: Vec::new(), report: None }
    }

    fn up(port: FakePort) -> Self {
        let mut desk = Self::new(port);
        desk.until(|d| d.is(PrinterState::Operational));
        desk
    }

    fn is(&self, state: PrinterState) -> bool {
        self.report.as_ref().is_some_and(|r| r.state == state)
    }

    #[track_caller]
    fn until(&mut self, done: impl Fn(&Self) -> bool) {
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

    fn print(&mut self, gcode: &str) -> tempfile::NamedTempFile {
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
        };
        self.handle.order(Order::Start(start)).expect("taken");
        file
    }

    fn ended(&self) -> Option<&JobEnd> {
        self.changes.iter().find_map(|c| if let LinkChange::Ended(_, end) = c { Some(end) } else { None })
    }

    fn halted(&self) -> Option<bool> {
        let switch_off = |c: &LinkChange| {
            if let LinkChange::Halted { switch_off_now, .. } = c { Some(*switch_off_now) } else { None }
        };
        self.changes.iter().find_map(switch_off)
    }
}

#[test]
fn a_file_is_printed_and_its_last_line_is_counted() {
    let mut desk = Desk::up(FakePort::default());
    let gcode = ";LAYER:0\nG1 X1 E1\nM112\n;LAYER:1\nG1 X2 E2\n".to_owned() + &"G1 X1\n".repeat(300);
    let _file = desk.print(&gcode);
    desk.until(|d| d.ended().is_some());
    assert_eq!(desk.ended(), Some(&JobEnd::Finished));
    let sent = desk.port.get(|f| f.taken.iter().filter(|(_, t)| t.starts_with("G1")).count());
    assert_eq!(sent, 302);
    assert!(desk.port.took("M112").is_none(), "a file may not halt the printer");
}

#[test]
fn a_file_that_does_not_fit_is_refused_before_anything_is_sent() {
    let mut desk = Desk::up(FakePort::default());
    let before = desk.port.get(|f| f.taken.iter().filter(|(_, t)| t.starts_with('G')).count());
    let _file = desk.print(&format!("G28\nG1 X1 E1\nG1 X{}\n", "1".repeat(90)));
    desk.until(|d| d.changes.iter().any(|c| matches!(c, LinkChange::Refused { .. })));
    assert_eq!(desk.port.get(|f| f.taken.iter().filter(|(_, t)| t.starts_with('G')).count()), before);
    let said = format!("{:?}", desk.changes);
    assert!(said.contains("line 3 is too long"), "{said}");
}

#[test]
fn an_emergency_stop_overtakes_everything() {
    let mut desk = Desk::up(FakePort::default());
    let _file = desk.print(&"G1 X1 E1\n".repeat(5_000));
    desk.until(|d| d.is(PrinterState::Printing));
    desk.port.set(|f| f.stalled = true);
    while desk.handle.order(Order::CoolDown).is_ok() {}
    let pressed = real_now();
    desk.handle.emergency_stop();
    desk.until(|d| d.port.took("M112").is_some());
    let took = desk.port.took("M112").expect("seen") - pressed;
    assert!(took < Duration::from_millis(100), "M112 left after {took:?}");
    desk.until(|d| d.halted().is_some());
    assert_eq!((desk.halted(), desk.port.get(|f| f.resets)), (Some(false), 0));
    assert!(matches!(desk.ended(), Some(JobEnd::Interrupted { .. })));
    let after = desk.port.get(|f| f.taken.last().map(|(_, t)| t.clone()));
    assert_eq!(after.as_deref(), Some("M112"), "nothing follows");
}

#[test]
fn a_firmware_that_ignores_the_stop_is_reset_within_two_seconds() {
    let mut desk = Desk::up(FakePort::default());
    desk.port.set(|f| f.deaf = true);
    let pressed = real_now();
    desk.handle.emergency_stop();
    desk.until(|d| d.halted().is_some());
    assert!(pressed.elapsed() < Duration::from_secs(2), "{:?}", pressed.elapsed());
    assert_eq!((desk.halted(), desk.port.get(|f| f.resets)), (Some(false), 1));
    desk.port.set(|f| f.deaf = false);
    desk.handle.order(Order::Connect).expect("taken");
    desk.until(|d| d.is(PrinterState::Operational));
    assert_eq!(desk.port.get(|f| f.resets), 2, "what was stopped is reset before it is used again");
}

#[test]
fn native_usb_that_ignores_the_stop_must_be_switched_off() {
    let mut desk = Desk::up(FakePort::default());
    desk.port.set(|f| (f.deaf, f.native_usb) = (true, true));
    desk.handle.emergency_stop();
    desk.until(|d| d.halted().is_some());
    assert_eq!((desk.halted(), desk.port.get(|f| f.resets)), (Some(true), 0));
}

#[test]
fn an_emergency_stop_leaves_as_soon_as_a_blocked_port_takes_bytes() {
    let mut desk = Desk::up(FakePort::default());
    let _file = desk.print(&"G1 X1 E1\n".repeat(5_000));
    desk.until(|d| d.is(PrinterState::Printing));
    desk.port.set(|f| f.blocked = true);
    std::thread::sleep(Duration::from_millis(50));
    desk.handle.emergency_stop();
    std::thread::sleep(Duration::from_millis(50));
    let freed = real_now();
    desk.port.set(|f| f.blocked = false);
    desk.until(|d| d.port.took("M112").is_some());
    let took = desk.port.took("M112").expect("seen") - freed;
    assert!(took < Duration::from_millis(100), "M112 left after {took:?}");
}

#[test]
fn a_pulled_cable_ends_the_print_and_nothing_resumes_by_itself() {
    let mut desk = Desk::up(FakePort::default());
    let _file = desk.print(&"G1 X1 E1\n".repeat(5_000));
    desk.until(|d| d.is(PrinterState::Printing));
    desk.port.set(|f| f.pulled = true);
    desk.until(|d| d.is(PrinterState::LinkLost));
    let kinds: Vec<bool> =
        desk.changes.iter().rev().take(2).map(|c| matches!(c, LinkChange::Lost { .. })).collect();
    assert!(desk.ended().is_some() && kinds.contains(&true), "{:?}", desk.changes);
    desk.port.set(|f| {
        f.pulled = false;
        f.taken.clear();
    });
    desk.until(|d| d.is(PrinterState::Operational));
    std::thread::sleep(Duration::from_millis(50));
    let sent: Vec<String> = desk.port.get(|f| f.taken.iter().map(|(_, t)| t.clone()).collect());
    assert_eq!(sent[..2], ["M110 N0", "M105"], "temperatures are asked first");
    assert!(!sent.iter().any(|t| t.starts_with('G')), "{sent:?}");
}

#[test]
fn a_listener_that_sleeps_does_not_stop_the_port() {
    let mut desk = Desk::up(FakePort::default());
    let _file = desk.print(&"G1 X1 E1\n".repeat(2_000));
    // Nobody takes what the thread says, but the lines go out.
    let from = real_now();
    while desk.port.get(|f| f.taken.len()) < 1_900 {
        assert!(from.elapsed() < Duration::from_secs(15), "the port stands");
        std::thread::sleep(Duration::from_millis(5));
    }
    desk.until(|d| d.ended().is_some());
    assert_eq!(
        desk.changes[1..],
        [LinkChange::Started(PrintId(7)), LinkChange::Ended(PrintId(7), JobEnd::Finished)]
    );
}

#[test]
fn stopping_leaves_the_heaters_off_and_the_thread_ends() {
    let mut desk = Desk::up(FakePort::default());
    let _file = desk.print(&"G1 X1 E1\n".repeat(50_000));
    desk.until(|d| d.is(PrinterState::Printing));
    desk.handle.order(Order::Stop(Leave::HeatersOff)).expect("taken");
    let port = desk.port.clone();
    assert!(desk.handle.join(Duration::from_secs(10)), "it answers before it ends");
    let last: Vec<String> = port.get(|f| f.taken.iter().rev().take(3).map(|(_, t)| t.clone()).collect());
    assert_eq!(last, ["M105", "M140 S0", "M104 S0"]);
}

#[test]
fn a_printer_that_never_answers_any_more_does_not_keep_the_thread() {
    let desk = Desk::up(FakePort::default());
    desk.port.set(|f| f.stalled = true);
    desk.handle.order(Order::Stop(Leave::HeatersOff)).expect("taken");
    assert!(desk.handle.join(Duration::from_secs(12)));
}
