//! The search for the rate, over a pseudo terminal whose other end hears only one.

use crate::fake::answer_on_pty;
use crate::{Heard, OpenPort, SerialOpener, spawn};
use domain::{Clock, Leave, LinkState, Now, Order, PrinterId, Timestamp};
use serialport::{SerialPort, TTYPort};
use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Twenty times as fast, so that hello is not waited for.
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

/// Answers as a printer while the line has the rate `right`, and gives rubbish otherwise.
fn printer(mut master: TTYPort, right: u32, stop: &AtomicBool) {
    let mut buf = [0; 512];
    while !stop.load(Ordering::SeqCst) {
        // Nothing came, or nobody has the other end open.
        let Ok(len) = master.read(&mut buf) else {
            std::thread::sleep(Duration::from_millis(1));
            continue;
        };
        if master.baud_rate().ok() != Some(right) {
            drop(master.write_all(&[0xf8, 0x1c, b'a', 0xe0, 0x80, 0x9c, 0xfe, b'~', 0x0c, 0xc0].repeat(8)));
            continue;
        }
        for line in String::from_utf8_lossy(&buf[..len]).lines().filter(|l| !l.is_empty()) {
            drop(master.write_all(answer_on_pty(line).as_bytes()));
        }
    }
}

/// Returns the rate at which a printer that hears only `right` was reached.
#[allow(clippy::disallowed_methods)] // The test's own deadline is real time.
fn found(right: u32, first: u32) -> u32 {
    let (master, slave) = TTYPort::pair().expect("the test's own files and threads");
    let name = slave.name().expect("the test's own files and threads");
    drop(slave);
    let stop = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&stop);
    let far = std::thread::Builder::new()
        .spawn(move || printer(master, right, &told))
        .expect("the test's own files and threads");
    let (heard, mut listener) = tokio::sync::mpsc::channel(4096);
    let opener = Box::new(SerialOpener::new(name, first));
    let clock = Arc::new(FastClock(Instant::now()));
    let handle = spawn(PrinterId(1), opener, clock, heard).expect("the test's own files and threads");
    let until = Instant::now() + Duration::from_secs(20);
    let mut rate = None;
    let mut tried = Vec::new();
    while rate.is_none() && Instant::now() < until {
        match listener.try_recv() {
            Ok((_, Heard::Report(report))) => {
                tried.extend(report.baud.filter(|baud| tried.last() != Some(baud)));
                rate = report.baud.filter(|_| report.link == LinkState::Up);
            }
            Ok(_) => (),
            Err(_) => std::thread::sleep(Duration::from_millis(5)),
        }
    }
    handle.order(Order::Stop(Leave::AsItIs)).expect("the test's own files and threads");
    assert!(handle.join(Duration::from_secs(5)));
    stop.store(true, Ordering::SeqCst);
    drop(far);
    rate.unwrap_or_else(|| panic!("never reached; tried {tried:?}"))
}

#[test]
fn the_rate_is_found_without_a_question() {
    assert_eq!(found(57_600, 0), 57_600);
    assert_eq!(found(250_000, 115_200), 250_000);
    assert_eq!(found(115_200, 250_000), 115_200);
}

/// A board that takes no bytes: what the driver has no room for is not waited for, or an emergency stop would be.
#[test]
#[allow(clippy::disallowed_methods)] // The test's own deadline is real time.
fn a_write_to_a_board_that_takes_nothing_never_waits() {
    let (mut master, slave) = TTYPort::pair().expect("the test's own files and threads");
    let name = slave.name().expect("the test's own files and threads");
    drop(slave);
    let mut port = SerialOpener::new(name, 115_200).open().expect("it is there");
    let mut spare = port.spare().expect("a second handle");
    let from = Instant::now();
    let mut written = 0;
    // Larger than what any driver holds, in pieces larger than what it has room for.
    while let Ok(len) = port.write(&[b'x'; 3_000]) {
        written += len;
        assert!(written < 10_000_000, "somebody takes it");
    }
    assert!(from.elapsed() < Duration::from_secs(2), "{:?}", from.elapsed());
    // Once it takes bytes again, the second handle reaches it.
    let mut buf = [0; 65_536];
    let mut read = 0;
    while read < written {
        read += master.read(&mut buf).expect("it is full");
    }
    spare.write_all(b"M112\n").expect("it has room");
    let len = master.read(&mut buf).expect("it came");
    assert_eq!(&buf[..len], b"M112\n");
}
