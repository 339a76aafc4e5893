//! The thread that owns the port: thirty dull lines, and what happens when they fail.

use crate::emergency::Emergency;
use crate::lines::{LineReader, LineWriter};
use crate::outbox::Outbox;
use crate::program::Program;
use crate::rates;
use crate::{Heard, OpenPort, Port};
use domain::{Clock, Leave, LinkChange, Now, Order, PrinterId, TrafficDirection};
use marlin::Link;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::{Duration, Instant};

/// The port is looked for after these waits, then always after the last, real time.
const SEARCH_SECS: [f64; 5] = [0.5, 1.0, 2.0, 5.0, 10.0];
/// A round of the loop takes milliseconds; longer than this the machine slept.
const SLEPT: Duration = Duration::from_secs(5);
/// A port that takes no byte for so long is broken, real time.
const WRITE_STUCK: Duration = Duration::from_secs(10);
/// The core ends, whether the printer answered or not, real time.
const LEAVE_WITHIN: Duration = Duration::from_secs(9);
/// Bytes that may wait for the port; an emergency stop throws them away.
const MOST_WAITING: usize = 256;
/// Between two rates.
const RATE_PAUSE: Duration = Duration::from_millis(250);
/// A round without a port.
const IDLE: Duration = Duration::from_millis(20);

/// Everything the thread owns.
pub(crate) struct Worker {
    opener: Box<dyn OpenPort>,
    clock: Arc<dyn Clock>,
    latch: Arc<AtomicBool>,
    orders: Receiver<Order>,
    out: Outbox,
    link: Link,
    port: Option<Box<dyn Port>>,
    reader: LineReader,
    writer: LineWriter,
    program: Option<Program>,
    emergency: Option<Emergency>,
    began: Instant,
    /// A person wants the port open.
    wanted: bool,
    reset_when_open: bool,
    search_at: Duration,
    searches: usize,
    last_round: (Duration, Now),
    last_written: Duration,
    leave_by: Option<Duration>,
}

impl Worker {
    pub(crate) fn new(
        id: PrinterId,
        opener: Box<dyn OpenPort>,
        clock: Arc<dyn Clock>,
        latch: Arc<AtomicBool>,
        orders: Receiver<Order>,
        heard: tokio::sync::mpsc::Sender<(PrinterId, Heard)>,
    ) -> Self {
        let now = clock.now();
        Self {
            opener,
            clock,
            latch,
            orders,
            out: Outbox::new(id, heard),
            link: Link::new(now),
            port: None,
            reader: LineReader::default(),
            writer: LineWriter::default(),
            program: None,
            emergency: None,
            began: real_now(),
            wanted: true,
            reset_when_open: false,
            search_at: Duration::ZERO,
            searches: 0,
            last_round: (Duration::ZERO, now),
            last_written: Duration::ZERO,
            leave_by: None,
        }
    }

    /// Runs until told to stop.
    pub(crate) fn run(mut self) {
        while !self.link.is_finished() {
            if self.latch.swap(false, Ordering::SeqCst) {
                self.begin_emergency();
            }
            if let Err(e) = self.round() {
                self.break_link(&format!("{e}; check the USB cable and that the printer is on"));
            }
            if let Some(why) = self.link.poll_broken() {
                self.break_link(&why);
            }
            self.tell();
        }
        self.write_rest();
        drop(self.port.take());
        self.say_goodbye();
    }

    /// One round: orders, what is due, out, in.
    fn round(&mut self) -> io::Result<()> {
        let now = self.clock.now();
        self.notice_sleep(now);
        self.take_orders(now);
        self.watch_emergency()?;
        self.link.handle_timeout(now);
        self.advance_program(now);
        if self.link.is_up() {
            self.searches = 0;
        }
        self.watch_rate();
        let Some(port) = self.port.as_mut() else {
            self.search();
            return Ok(());
        };
        // All that may go out now goes in one write; what the port did not take yet goes first.
        while self.writer.len() < MOST_WAITING
            && let Some(line) = self.link.poll_transmit(now)
        {
            self.out.traffic(TrafficDirection::Sent, &line);
            self.writer.push(&line);
        }
        if self.writer.is_empty() || self.writer.write_to(port.as_mut())? > 0 {
            self.last_written = self.began.elapsed();
        } else if self.began.elapsed() > self.last_written + WRITE_STUCK {
            return Err(io::Error::other("the port takes no more bytes"));
        }
        if self.latch.load(Ordering::SeqCst) {
            return Ok(());
        }
        let lines = self.reader.read_from(port.as_mut())?;
        let now = self.clock.now();
        for line in lines {
            self.out.traffic(TrafficDirection::Received, &line);
            self.link.handle_line(&line, now);
        }
        Ok(())
    }

    fn take_orders(&mut self, now: Now) {
        loop {
            let order = match self.orders.try_recv() {
                Ok(order) => order,
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) if self.leave_by.is_none() => Order::Stop(Leave::HeatersOff),
                Err(TryRecvError::Disconnected) => break,
            };
            match order {
                Order::Connect => self.connect(),
                Order::Disconnect if self.link.has_job() => {
                    self.link.refuse("disconnect", "a print is under way: wait for its end or cancel it");
                }
                Order::Disconnect => {
                    self.wanted = false;
                    self.port = None;
                    self.link.closed();
                }
                Order::Stop(_) => {
                    self.leave_by.get_or_insert(self.began.elapsed() + LEAVE_WITHIN);
                    self.link.handle_order(order, now);
                }
                Order::Start(_)
                | Order::Pause(..)
                | Order::Resume(_)
                | Order::Cancel(_)
                | Order::CoolDown
                | Order::BedOff
                | Order::Home(_)
                | Order::SetTarget(..)
                | Order::Sd(_)
                | Order::Tool(_) => self.link.handle_order(order, now),
            }
        }
        if self.leave_by.is_some_and(|by| self.began.elapsed() > by) && !self.link.is_finished() {
            for line in self.link.leave_anyway() {
                self.writer.push(&line);
            }
        }
    }

    /// Opens the port now. After a halt the board is reset first.
    fn connect(&mut self) {
        if self.port.is_some() && !self.link.is_halted() {
            return;
        }
        let halted = self.link.is_halted();
        (self.wanted, self.search_at, self.searches) = (true, Duration::ZERO, 0);
        self.emergency = None;
        self.port = None;
        if halted {
            self.link.closed();
        }
        self.reset_when_open = halted;
    }

    fn search(&mut self) {
        if !self.wanted || self.began.elapsed() < self.search_at {
            std::thread::sleep(IDLE);
            return;
        }
        match self.opener.open() {
            Ok(mut port) => {
                // A firmware that has stopped listens to nothing else.
                if std::mem::take(&mut self.reset_when_open) && port.reset().is_err() {
                    return self.search_later();
                }
                let holds_back = port.native_usb();
                self.port = Some(port);
                (self.reader, self.writer) = Default::default();
                self.last_written = self.began.elapsed();
                let now = self.clock.now();
                self.link.opened(holds_back, now);
                // Opening may take long; that is no sleep.
                self.last_round = (self.began.elapsed(), now);
            }
            Err(e) => {
                self.link.lost(&e.to_string());
                self.search_later();
            }
        }
    }

    /// Goes on to the next rate when this one brings nothing that can be read.
    fn watch_rate(&mut self) {
        if self.port.is_some() && rates::seem_wrong(&self.link, &self.reader.noise) && self.opener.next_rate()
        {
            self.port = None;
            self.search_at = self.began.elapsed() + RATE_PAUSE;
        }
    }

    fn search_later(&mut self) {
        let secs = SEARCH_SECS[self.searches.min(SEARCH_SECS.len() - 1)];
        self.searches += 1;
        self.search_at = self.began.elapsed() + Duration::from_secs_f64(secs);
    }

    fn advance_program(&mut self, now: Now) {
        if let Some(start) = self.link.poll_fetch() {
            match Program::open(start) {
                Ok(program) => self.program = Some(program),
                Err(why) => self.link.refuse_start(why),
            }
        }
        if let Some(program) = self.program.take() {
            self.program = program.advance(&mut self.link, now);
        }
    }

    /// The link is given up: heaters off if the port still takes bytes, then the port is looked for.
    fn break_link(&mut self, why: &str) {
        let halted = self.link.is_halted();
        let alone = self.link.prints_alone();
        let restarts = self.port.as_ref().is_some_and(|port| !port.native_usb());
        if let Some(mut port) = self.port.take()
            && !halted
            && !alone
        {
            self.writer.instead("M108");
            self.link.last_words().iter().for_each(|line| self.writer.push(line));
            drop(self.writer.write_to(port.as_mut()));
        }
        if self.emergency.take().is_some() {
            self.link.emergency_over("The printer is gone from its port. Switch the printer off now.", true);
        } else if !halted {
            self.link.lost(why);
        }
        self.program = None;
        // What was stopped stays closed until a person connects; so does a board that opening would restart in mid-print.
        self.wanted &= !(halted || alone && restarts);
        self.search_later();
    }

    fn notice_sleep(&mut self, now: Now) {
        let real = self.began.elapsed();
        let (last_real, last_now) = std::mem::replace(&mut self.last_round, (real, now));
        let scale = self.clock.scale().max(1.0);
        let mono_ms = now.since(last_now);
        let wall_secs = now.utc.secs_since(last_now.utc) / scale;
        let passed = (real - last_real).max(Duration::from_millis((mono_ms as f64 / scale) as u64));
        // The monotonic clock may stand still in sleep; then the wall clock tells.
        let gap = passed.max(Duration::try_from_secs_f64(wall_secs.max(0.0)).unwrap_or_default());
        if gap > SLEPT {
            self.link.slept(gap.as_millis() as u64);
        }
    }

    fn begin_emergency(&mut self) {
        let real = self.began.elapsed();
        self.link.emergency();
        self.program = None;
        match self.port.as_mut() {
            Some(port) => {
                self.writer.instead("M112");
                self.out.traffic(TrafficDirection::Sent, "M112");
                self.emergency = Some(Emergency::new(real, port.native_usb()));
                // A port that fails now is found out by the next round.
                drop(self.writer.write_to(port.as_mut()));
            }
            None => {
                let text = "The printer is not connected, so it cannot be stopped from here. Switch the printer off now.";
                self.link.emergency_over(text, true);
                self.wanted = false;
            }
        }
    }

    fn watch_emergency(&mut self) -> io::Result<()> {
        let (Some(emergency), Some(port)) = (self.emergency.as_mut(), self.port.as_mut()) else {
            return Ok(());
        };
        let stopped = self.link.stop_seen();
        if let Some((text, switch_off_now)) = emergency.check(self.began.elapsed(), stopped, port.as_mut())? {
            self.emergency = None;
            self.link.emergency_over(text, switch_off_now);
        }
        Ok(())
    }

    fn tell(&mut self) {
        while let Some(change) = self.link.poll_change() {
            if matches!(change, LinkChange::Up { .. }) {
                self.opener.rate_is_right();
            }
            self.out.change(change);
        }
        let (link, opener, now) = (&self.link, &self.opener, self.clock.now());
        let open = self.port.is_some();
        self.out.flush(self.began.elapsed(), || {
            let mut report = link.report(now);
            report.port = Some(opener.describe());
            report.baud = if open { opener.baud() } else { None };
            report.usb = opener.identity();
            report
        });
    }

    fn write_rest(&mut self) {
        let until = self.began.elapsed() + Duration::from_millis(500);
        while let Some(port) = self.port.as_mut()
            && !self.writer.is_empty()
            && self.began.elapsed() < until
        {
            if self.writer.write_to(port.as_mut()).is_err() {
                return;
            }
        }
    }

    /// The last changes should be heard, but nobody waits long for it.
    fn say_goodbye(&mut self) {
        let until = self.began.elapsed() + Duration::from_millis(500);
        self.tell();
        while self.out.is_waiting() && self.began.elapsed() < until {
            std::thread::sleep(Duration::from_millis(5));
            self.tell();
        }
    }
}

/// Real time is asked here alone: an emergency stop and a write that hangs know no scaled clock.
#[allow(clippy::disallowed_methods)]
fn real_now() -> Instant {
    Instant::now()
}
