//! A port at which nothing happens is left asleep, and whoever wants its thread wakes it.

use crate::fake::answer_on_pty;
use crate::{Heard, SerialOpener, spawn};
use domain::{Clock, Leave, LinkState, Now, Order, PrinterId, PrinterState, Timestamp};
use serialport::TTYPort;
use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

struct RealClock(Instant);

impl Clock for RealClock {
    fn now(&self) -> Now {
        let mono_ms = self.0.elapsed().as_millis() as u64;
        Now { mono_ms, utc: Timestamp::from_micros(1_767_225_600_000_000 + mono_ms as i64 * 1000) }
    }
}

/// Answers as a printer. What it was sent comes out of `taken`, with when it came.
fn printer(mut master: TTYPort, stop: &AtomicBool, taken: &std::sync::mpsc::Sender<(Instant, String)>) {
    let mut buf = [0; 512];
    let mut partial = String::new();
    while !stop.load(Ordering::SeqCst) {
        let Ok(len) = master.read(&mut buf) else {
            std::thread::sleep(Duration::from_millis(1));
            continue;
        };
        partial.push_str(&String::from_utf8_lossy(&buf[..len]));
        while let Some((line, rest)) = partial.split_once('\n').map(|(l, r)| (l.to_owned(), r.to_owned())) {
            partial = rest;
            drop(master.write_all(answer_on_pty(&line).as_bytes()));
            drop(taken.send((now(), line)));
        }
    }
}

#[allow(clippy::disallowed_methods)] // How long a wake takes is real time.
fn now() -> Instant {
    Instant::now()
}

/// Returns how often the thread of this name has gone to sleep and woken.
fn sleeps(name: &str) -> u64 {
    let of = |task: std::path::PathBuf| {
        let comm = std::fs::read_to_string(task.join("comm")).ok()?;
        let status = std::fs::read_to_string(task.join("status")).ok().filter(|_| comm.trim() == name)?;
        status
            .lines()
            .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:")?.trim().parse::<u64>().ok())
    };
    let tasks = std::fs::read_dir("/proc/self/task").expect("Linux lists its threads").flatten();
    tasks.filter_map(|task| of(task.path())).sum()
}

#[test]
fn an_idle_port_is_left_asleep_and_an_order_wakes_it_at_once() {
    let (master, slave) = TTYPort::pair().expect("the test's own files and threads");
    let name = serialport::SerialPort::name(&slave).expect("the test's own files and threads");
    drop(slave);
    let stop = Arc::new(AtomicBool::new(false));
    let (told, (taken, lines)) = (Arc::clone(&stop), std::sync::mpsc::channel());
    let far = std::thread::Builder::new().spawn(move || printer(master, &told, &taken));
    let (heard, mut listener) = tokio::sync::mpsc::channel(4096);
    let opener = Box::new(SerialOpener::new(name, 115_200));
    let handle = spawn(PrinterId(7_777), opener, Arc::new(RealClock(now())), heard).expect("a thread");
    let until = now() + Duration::from_secs(20);
    let mut is_up = false;
    while !is_up && now() < until {
        match listener.try_recv() {
            Ok((_, Heard::Report(report))) => {
                is_up = report.link == LinkState::Up && report.state == PrinterState::Operational;
            }
            Ok(_) => (),
            Err(_) => std::thread::sleep(Duration::from_millis(5)),
        }
    }
    assert!(is_up, "it answers");
    // The questions about the machine are over.
    std::thread::sleep(Duration::from_millis(700));
    let (before, from) = (sleeps("printer-7777"), now());
    std::thread::sleep(Duration::from_secs(3));
    let (woken, secs) = (sleeps("printer-7777") - before, from.elapsed().as_secs_f64());
    println!("woken {woken} times in {secs:.1} s");
    assert!((woken as f64) < 8.0 * secs, "woken {woken} times in {secs:.1} s");
    lines.try_iter().for_each(drop);
    let ordered = now();
    handle.order(Order::CoolDown).expect("taken");
    let mut off = std::iter::from_fn(|| lines.recv_timeout(Duration::from_secs(5)).ok());
    let (at, _) = off.find(|(_, line)| line.contains("M104 S0")).expect("it is told to switch off");
    assert!(at - ordered < Duration::from_millis(100), "after {:?}", at - ordered);
    assert_eq!(handle.emergency_stop(), Ok(()));
    let pressed = now();
    let mut stopped = std::iter::from_fn(|| lines.recv_timeout(Duration::from_secs(5)).ok());
    let (at, _) = stopped.find(|(_, line)| line == "M112").expect("it is stopped");
    assert!(at - pressed < Duration::from_millis(100), "M112 left after {:?}", at - pressed);
    handle.order(Order::Stop(Leave::AsItIs)).expect("taken");
    assert!(handle.join(Duration::from_secs(5)));
    stop.store(true, Ordering::SeqCst);
    drop(far);
}
