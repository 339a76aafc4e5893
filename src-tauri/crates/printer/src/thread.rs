//! The thread that owns the port: thirty dull lines, and what happens when the link fails. What happens when the thread
//! itself fails is in `supervise`.

use crate::clocks::{Clocks, Gap};
use crate::emergency::Emergency;
use crate::faults::Faults;
use crate::heard::Heard;
use crate::held::HeldPort;
use crate::outbox::Outbox;
use crate::program::Program;
use crate::search::Search;
use crate::stop::StopLine;
use crate::wait::{Dues, unscaled};
use crate::{OpenPort, rates};
use domain::{
    Clock, HaltCause, Leave, LinkChange, Now, Order, OrderKind, PrinterId, RefusedReason, TrafficDirection,
};
use marlin::Link;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::Duration;

/// The core ends, whether the printer answered or not, real time.
const LEAVE_WITHIN: Duration = Duration::from_secs(9);
/// Bytes that may wait for the port; an emergency stop throws them away.
const MOST_WAITING: usize = 256;
/// Everything the thread owns.
pub(crate) struct Worker {
    pub(crate) id: PrinterId,
    pub(crate) opener: Box<dyn OpenPort>,
    clock: Arc<dyn Clock>,
    pub(crate) stop: Arc<StopLine>,
    pub(crate) orders: Receiver<Order>,
    pub(crate) out: Outbox,
    pub(crate) link: Link,
    pub(crate) held: HeldPort,
    pub(crate) program: Option<Program>,
    pub(crate) emergency: Option<Emergency>,
    pub(crate) clocks: Clocks,
    pub(crate) search: Search,
    leave_by: Option<Duration>,
    pub(crate) faults: Faults,
    /// What this thread is at, for the log when it fails.
    pub(crate) step: &'static str,
    /// The order being carried out.
    pub(crate) order_in_hand: Option<OrderKind>,
}

impl Worker {
    pub(crate) fn new(
        id: PrinterId,
        opener: Box<dyn OpenPort>,
        clock: Arc<dyn Clock>,
        stop: Arc<StopLine>,
        orders: Receiver<Order>,
        heard: tokio::sync::mpsc::Sender<(PrinterId, Heard)>,
    ) -> Self {
        let clocks = Clocks::new(&*clock);
        Self {
            id,
            opener,
            held: HeldPort::new(Arc::clone(&stop)),
            stop,
            orders,
            out: Outbox::new(id, heard),
            link: Link::new(clocks.now(&*clock)),
            clock,
            program: None,
            emergency: None,
            clocks,
            search: Search::new(),
            leave_by: None,
            faults: Faults::default(),
            step: "begin",
            order_in_hand: None,
        }
    }

    /// Notes what the thread is at.
    pub(crate) fn at(&mut self, step: &'static str) {
        self.step = step;
        #[cfg(test)]
        crate::fake::trip(self.id, step);
    }

    /// One round with all that belongs to it. Returns whether the thread is to end.
    pub(crate) fn live_round(&mut self) -> bool {
        if self.stop.is_pressed() {
            self.begin_emergency();
        }
        if let Err(e) = self.round() {
            self.break_link(&format!("{e}; check the USB cable and that the printer is on"));
        }
        if let Some(why) = self.link.poll_broken() {
            self.break_link(&why);
        }
        self.at("tell");
        self.tell(self.clocks.now(&*self.clock));
        self.link.is_finished()
    }

    /// One round: waits, then in, orders, what is due, out.
    fn round(&mut self) -> io::Result<()> {
        self.at("wait");
        let may_read = self.held.wait(self.time_to_wait())?;
        self.stop.bell().hush();
        if self.stop.is_pressed() {
            return Ok(());
        }
        self.at("clock");
        let (now, gap) = self.clocks.round(&*self.clock);
        match gap {
            Gap::Nothing => (),
            Gap::StoodStill => self.link.stood_still(),
            Gap::Slept(gap_ms) => self.link.slept(gap_ms),
        }
        let now = if may_read { self.read()? } else { now };
        self.at("order");
        self.take_orders(now);
        self.order_in_hand = None;
        self.at("stop");
        self.watch_emergency();
        self.at("time");
        self.link.handle_timeout(now);
        self.at("file");
        self.advance_program(now);
        if self.link.is_up() {
            self.search.answered();
        }
        self.watch_rate();
        self.look_for_port();
        self.write(now)
    }

    /// Returns for how long nothing is due, as far as is known.
    fn time_to_wait(&self) -> Duration {
        // Deadlines that no part of the link tells of.
        let watches = self.held.waiting() > 0
            || self.emergency.is_some()
            || self.leave_by.is_some()
            || self.faults.is_watching();
        let (real, now) = (self.clocks.real(), self.clocks.now(&*self.clock));
        let link_ms = self.link.poll_timeout().map(|at| at.saturating_sub(now.mono_ms));
        Dues {
            reads_on: self.program.as_ref().is_some_and(Program::is_reading),
            watches,
            link: link_ms.map(|ms| real + unscaled(ms, self.clock.scale())),
            search: self.search.due_at().filter(|_| !self.held.is_open()),
            telling: self.out.poll_timeout(),
        }
        .time_to_wait(real)
    }

    /// Reads once, and hands each line to the protocol. Returns the moment of it.
    fn read(&mut self) -> io::Result<Now> {
        self.at("read");
        let lines = self.held.read()?;
        let now = self.clocks.now(&*self.clock);
        self.at("line");
        for line in lines {
            self.out.traffic(TrafficDirection::Received, &line);
            self.link.handle_line(&line, now);
        }
        Ok(now)
    }

    /// Writes all that may go out now at once; what the port did not take yet goes first.
    fn write(&mut self, now: Now) -> io::Result<()> {
        if !self.held.is_open() || self.stop.is_pressed() {
            return Ok(());
        }
        self.at("write");
        while self.held.waiting() < MOST_WAITING
            && let Some(line) = self.link.poll_transmit(now)
        {
            self.out.traffic(TrafficDirection::Sent, &line);
            self.held.push(&line);
        }
        self.held.write(self.clocks.real())
    }

    /// STOP was pressed. The bytes come first; all else may fail.
    pub(crate) fn begin_emergency(&mut self) {
        self.at("press");
        self.held.write_instead(&["M112".to_owned()]);
        // Only now: a fault before this leaves the press to whoever supervises this thread.
        self.stop.take();
        let real = self.clocks.real();
        self.link.emergency();
        self.program = None;
        match self.held.native_usb() {
            Some(native_usb) => {
                self.out.traffic(TrafficDirection::Sent, "M112");
                self.emergency = Some(Emergency::pressed(real, native_usb));
            }
            None => {
                let text = "STOP was pressed while the printer was not connected, so nothing reached it";
                self.link.emergency_over(HaltCause::EmergencyUnanswered, text);
                self.search.give_up();
            }
        }
    }

    pub(crate) fn watch_emergency(&mut self) {
        let (Some(emergency), Some(port)) = (self.emergency.as_mut(), self.held.port()) else { return };
        let stopped = self.link.stop_seen();
        if let Some((text, cause)) = emergency.check(self.clocks.real(), stopped, port) {
            self.emergency = None;
            self.link.emergency_over(cause, text);
        }
    }

    fn take_orders(&mut self, now: Now) {
        loop {
            let order = match self.orders.try_recv() {
                Ok(order) => order,
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) if self.leave_by.is_none() => Order::Stop(Leave::HeatersOff),
                Err(TryRecvError::Disconnected) => break,
            };
            self.order_in_hand = Some(order.kind());
            self.at("in order");
            match order {
                Order::Connect => self.connect(),
                Order::Disconnect if self.link.has_job() => {
                    let why = "a print is under way: wait for its end or cancel it";
                    self.link.refuse(OrderKind::Disconnect, RefusedReason::PrintUnderWay, why);
                }
                Order::Disconnect => {
                    self.search.give_up();
                    self.held.close();
                    self.link.closed();
                }
                Order::Stop(leave) => {
                    self.leave_by.get_or_insert(self.clocks.real() + LEAVE_WITHIN);
                    if leave == Leave::HeatersOff && self.held.is_open() {
                        self.link.heaters_off_lines_on_exit().iter().for_each(|line| self.held.push(line));
                    }
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
                | Order::Offsets(_)
                | Order::Sd(_)
                | Order::Follow { .. }
                | Order::Tool(_) => self.link.handle_order(order, now),
            }
        }
        if self.leave_by.is_some_and(|by| self.clocks.real() > by) && !self.link.is_finished() {
            for line in self.link.leave_anyway() {
                self.held.push(&line);
            }
        }
    }

    /// Opens the port now. After a halt the board is reset first.
    pub(crate) fn connect(&mut self) {
        let halted = self.link.is_halted();
        if self.held.is_open() && !halted {
            return;
        }
        self.search.begin(halted);
        self.emergency = None;
        self.held.close();
        if halted {
            self.link.closed();
        }
    }

    /// Opens the port when it is time.
    fn look_for_port(&mut self) {
        let due = self.search.due_at().is_some_and(|at| self.clocks.real() >= at);
        if self.held.is_open() || !due {
            return;
        }
        self.at("open");
        match self.opener.open() {
            Ok(mut port) => {
                // A firmware that has stopped listens to nothing else. Not every port has a reset line; whether the
                // printer is alive shows when it answers, or does not.
                if self.search.take_reset()
                    && let Err(error) = port.reset()
                {
                    tracing::warn!(printer = %self.id, %error, "the reset line cannot be worked");
                }
                let holds_back = port.native_usb();
                self.held.hold(port, self.clocks.real());
                // Opening may take long; that is no gap.
                let now = self.clocks.pass(&*self.clock);
                self.link.opened(holds_back, now);
                self.faults.reopened(self.clocks.real());
                self.faults.take_owed().iter().for_each(|line| self.held.push(line));
            }
            Err(e) => {
                self.link.lost(&e.to_string());
                self.search.later(self.clocks.real());
            }
        }
    }

    /// Goes on to the next rate when this one brings nothing that can be read.
    fn watch_rate(&mut self) {
        if !self.held.is_open() {
            return;
        }
        if self.held.noise().is_x3g() {
            self.link.speaks_x3g();
        }
        if rates::seem_wrong(&self.link, self.held.noise()) && self.opener.next_rate() {
            self.held.close();
            self.search.soon(self.clocks.real());
        }
    }

    fn advance_program(&mut self, now: Now) {
        if let Some(start) = self.link.poll_fetch() {
            match Program::open(start, &self.link) {
                Ok(program) => self.program = Some(program),
                Err(why) => self.link.refuse_start(RefusedReason::BadFile, why),
            }
        }
        if let Some(program) = self.program.take() {
            self.program = program.advance(&mut self.link, now);
        }
    }

    /// The link is given up: heaters off if the port still takes bytes, then the port is looked for.
    pub(crate) fn break_link(&mut self, why: &str) {
        let halted = self.link.is_halted();
        let alone = self.link.prints_alone();
        let restarts = self.held.native_usb().is_some_and(|native_usb| !native_usb);
        if self.held.is_open() && !halted && !alone {
            let mut lines = vec!["M108".to_owned()];
            lines.extend(self.link.heaters_off_lines());
            self.held.write_instead(&lines);
        }
        self.held.close();
        if self.emergency.take().is_some() {
            let text = "the link broke while the printer was being stopped, so nothing shows that it did";
            self.link.emergency_over(HaltCause::EmergencyUnanswered, text);
        } else if !halted {
            self.link.lost(why);
        }
        self.program = None;
        // What was stopped stays closed until a person connects; so does a board that opening would restart in mid-print.
        if halted || alone && restarts {
            self.search.give_up();
        }
        self.search.later(self.clocks.real());
    }

    pub(crate) fn tell(&mut self, now: Now) {
        while let Some(change) = self.link.poll_change() {
            if matches!(change, LinkChange::Up { .. }) {
                self.opener.rate_is_right();
            }
            self.out.change(change);
        }
        self.out.state(self.link.state());
        let (link, opener) = (&self.link, &self.opener);
        let open = self.held.is_open();
        self.out.flush(self.clocks.real(), || {
            let mut report = link.report(now);
            report.port = Some(opener.describe());
            report.baud = if open { opener.baud() } else { None };
            report.usb = opener.identity();
            report
        });
    }
}
