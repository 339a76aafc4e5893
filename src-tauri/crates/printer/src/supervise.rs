//! What happens when the thread that owns a port fails: nothing of ours may panic, but if it does, the printer is hot and
//! moving all the same.
//!
//! The port is held outside of what failed. The first fault switches the heaters off, ends the print, sets the protocol
//! up anew and holds the printer to having switched off: what does not say so within seconds is halted. A second fault
//! soon after the first halts it at once; then nothing but STOP, `connect` and the end of the app does anything.

use crate::emergency::Emergency;
use crate::faults::{Faults, guarded};
use crate::thread::Worker;
use domain::{HaltCause, JobEnd, Leave, LinkChange, Order, RefusedReason};
use marlin::Link;
use std::sync::mpsc::TryRecvError;
use std::time::Duration;

/// A round after a halt by fault that had nothing to read.
const IDLE: Duration = Duration::from_millis(20);
/// What waits when the thread ends gets so long to leave, and the last changes to be heard.
const LAST: Duration = Duration::from_millis(500);

/// What runs the thread's rounds and stays when one fails.
pub(crate) struct Supervisor {
    worker: Worker,
}

impl Supervisor {
    pub(crate) fn new(worker: Worker) -> Self {
        Self { worker }
    }

    /// Runs until told to stop, whatever fails on the way.
    pub(crate) fn run(mut self) {
        loop {
            let ended = if self.worker.faults.is_halted() {
                guarded(|| self.halted_round())
            } else {
                guarded(|| self.live_round())
            };
            match ended {
                Ok(true) => break,
                Ok(false) => (),
                Err(words) if self.worker.faults.is_halted() => self.failed_again(&words),
                Err(words) => self.failed(&words),
            }
        }
        drop(guarded(|| self.write_rest()));
        self.worker.held.close();
        drop(guarded(|| self.tell_rest()));
    }

    /// Returns whether the thread is to end.
    fn live_round(&mut self) -> bool {
        let ended = self.worker.live_round();
        self.watch_heaters_off();
        ended
    }

    /// Something in this thread failed for the first time since long.
    fn failed(&mut self, words: &str) {
        let worker = &mut self.worker;
        let now = worker.clocks.real();
        tracing::error!(printer = %worker.id, at = worker.step, words, "the printer's thread failed; heaters off");
        // What was halting the printer when it failed goes on halting it.
        let again = worker.faults.note(now);
        let halt = worker.stop.take() || worker.emergency.is_some() || again;
        let was_open = worker.stop.is_open();
        let print = guarded(|| worker.link.print()).ok().flatten();
        let alone = guarded(|| worker.link.prints_alone()).unwrap_or(false);
        let mut lines = vec!["M108".to_owned()];
        lines.extend(guarded(|| worker.link.heaters_off_lines()).unwrap_or_else(|_| usual_heaters_off()));
        lines.extend(halt.then(|| "M112".to_owned()));
        if alone && !halt {
            lines.clear();
        }
        self.send_now(lines);
        let worker = &mut self.worker;
        let done = match (halt, alone) {
            (true, _) => "the app switched the heaters off and halted the printer",
            (false, true) => "the print from the printer's own card goes on; look at it",
            (false, false) => "the app switched the heaters off; look at the printer",
        };
        let why = format!("a part of the app failed while it {}; {done}", doing(worker.step));
        if let Some(print) = print {
            worker.out.change(LinkChange::Ended(print, JobEnd::Interrupted { why: why.clone() }));
        }
        worker.out.change(LinkChange::AppFault { why: why.clone() });
        self.refuse_order_in_hand();
        let worker = &mut self.worker;
        worker.program = None;
        worker.link = Link::new(worker.clocks.last_now());
        worker.search.now();
        if halt {
            self.halt_by_fault(now);
            return;
        }
        if was_open && !alone {
            worker.faults.expect_off(now);
        }
        if let Some(holds_back) = self.native_usb() {
            let worker = &mut self.worker;
            drop(guarded(|| worker.link.opened(holds_back, worker.clocks.last_now())));
        }
    }

    /// Returns whether opening the port leaves the board alone, `None` when it is closed. A driver that panics counts as
    /// one that does: a reset is not relied on.
    fn native_usb(&self) -> Option<bool> {
        guarded(|| self.worker.held.native_usb()).unwrap_or(Some(true))
    }

    /// The printer was halted since this thread failed twice.
    fn halt_by_fault(&mut self, now: Duration) {
        let native_usb = self.native_usb();
        let worker = &mut self.worker;
        worker.faults.halt();
        drop(guarded(|| worker.link.emergency()));
        worker.emergency = native_usb.map(|native_usb| Emergency::after_fault(now, native_usb));
        if worker.emergency.is_none() {
            let text = "a part of the app failed twice, so nothing more is sent before you connect again";
            drop(guarded(|| worker.link.emergency_over(HaltCause::ThreadDied, text)));
        }
    }

    /// Something failed even after the printer was halted: as little as possible is done from here on.
    fn failed_again(&mut self, words: &str) {
        let worker = &mut self.worker;
        if worker.faults.go_blind() {
            tracing::error!(printer = %worker.id, at = worker.step, words, "the printer's thread failed once more");
        }
        if worker.stop.take() {
            self.send_now(vec!["M112".to_owned()]);
        }
        let worker = &mut self.worker;
        if worker.emergency.take().is_some() {
            let text = "a part of the app failed; M112 was sent, but nothing shows that the printer stopped";
            let change = LinkChange::Halted {
                cause: HaltCause::EmergencyUnanswered,
                text: text.into(),
                switch_off_now: true,
            };
            worker.out.change(change);
        }
        worker.search.later(worker.clocks.real());
        std::thread::sleep(IDLE);
    }

    /// A round once the printer is halted by fault. Asks no clock of others and reads only for a sign of the stop.
    /// Returns whether the thread is to end.
    fn halted_round(&mut self) -> bool {
        if self.worker.stop.is_pressed() {
            self.worker.begin_emergency();
        }
        if self.take_orders_halted() {
            return true;
        }
        if !self.worker.held.is_open() {
            self.search_to_halt();
        }
        let worker = &mut self.worker;
        worker.at("write");
        if let Err(error) = worker.held.write_some() {
            worker.break_link(&error.to_string());
        }
        if !worker.faults.is_blind() {
            self.read_for_stop();
        }
        let worker = &mut self.worker;
        worker.at("stop");
        worker.watch_emergency();
        worker.tell(worker.clocks.last_now());
        if !worker.held.is_open() || worker.faults.is_blind() {
            std::thread::sleep(IDLE);
        }
        false
    }

    /// Returns whether the thread is to end.
    fn take_orders_halted(&mut self) -> bool {
        loop {
            match self.worker.orders.try_recv() {
                Ok(Order::Connect) => {
                    // A person has looked: all begins anew, with a reset of the board.
                    self.worker.faults = Faults::default();
                    self.worker.connect();
                    return false;
                }
                Ok(Order::Disconnect) => {
                    self.worker.search.give_up();
                    self.worker.held.close();
                }
                Ok(Order::Stop(leave)) => {
                    if leave == Leave::HeatersOff {
                        self.send_now(usual_heaters_off());
                    }
                    return true;
                }
                Ok(order) => {
                    let why = "a part of the app failed, so nothing is sent: look at the printer, then connect again";
                    let (order, reason) = (order.kind(), RefusedReason::Halted);
                    self.worker.out.change(LinkChange::Refused { order, reason, why: why.into() });
                }
                Err(TryRecvError::Empty) => return false,
                Err(TryRecvError::Disconnected) => return true,
            }
        }
    }

    /// The port was lost with the fault: it is opened once more, only to switch off and halt.
    fn search_to_halt(&mut self) {
        let worker = &mut self.worker;
        if !worker.faults.owes() || !worker.search.is_time(worker.clocks.real()) {
            return;
        }
        worker.at("open");
        match worker.opener.open() {
            Ok(port) => {
                worker.held.hold(port, worker.clocks.real());
                let lines = worker.faults.take_owed();
                self.send_now(lines);
                self.halt_by_fault(self.worker.clocks.real());
            }
            Err(_) => worker.search.later(worker.clocks.real()),
        }
    }

    fn read_for_stop(&mut self) {
        let worker = &mut self.worker;
        worker.at("read");
        match worker.held.read() {
            Ok(lines) => {
                let now = worker.clocks.last_now();
                for line in lines {
                    worker.link.handle_line(&line, now);
                }
            }
            Err(error) => worker.break_link(&error.to_string()),
        }
    }

    /// Sends lines at once instead of all that waits. What cannot leave is owed to the port when it is open again.
    fn send_now(&mut self, lines: Vec<String>) {
        if lines.is_empty() {
            return;
        }
        let worker = &mut self.worker;
        // What nobody had open, nobody heated.
        let was_open = worker.stop.is_open();
        let clocks = &worker.clocks;
        if !worker.held.send_now(&lines, || clocks.real()) && was_open {
            worker.faults.owe(lines);
            worker.search.want();
        }
    }

    /// After a fault the printer has to say that its heaters are off; else it is halted.
    fn watch_heaters_off(&mut self) {
        let worker = &mut self.worker;
        let (now, real) = (worker.clocks.last_now(), worker.clocks.real());
        if !worker.faults.is_overdue(&worker.link, now, real) || !worker.held.is_open() {
            return;
        }
        tracing::error!(printer = %worker.id, "the heaters were not read back as off after a fault: M112");
        let lines = usual_heaters_off().into_iter().chain(["M112".to_owned()]).collect();
        self.send_now(lines);
        self.halt_by_fault(self.worker.clocks.real());
    }

    fn write_rest(&mut self) {
        let clocks = &self.worker.clocks;
        self.worker.held.write_rest(clocks.real() + LAST, || clocks.real());
    }

    /// The last changes should be heard, but nobody waits long for it.
    fn tell_rest(&mut self) {
        let worker = &mut self.worker;
        let until = worker.clocks.real() + LAST;
        let now = worker.clocks.last_now();
        worker.tell(now);
        while worker.out.is_waiting() && worker.clocks.real() < until {
            std::thread::sleep(Duration::from_millis(5));
            worker.tell(now);
        }
    }

    fn refuse_order_in_hand(&mut self) {
        let Some(order) = self.worker.order_in_hand.take() else { return };
        let why = "a part of the app failed while it did this: look at the printer before you try again";
        let reason = RefusedReason::Unconfirmed;
        self.worker.out.change(LinkChange::Refused { order, reason, why: why.into() });
    }
}

/// What switches all heaters off where nobody knows what the printer has.
fn usual_heaters_off() -> Vec<String> {
    ["M104 S0", "M140 S0", "M107"].map(str::to_owned).into()
}

/// Returns a step of the thread in words: "while it …".
fn doing(step: &str) -> &'static str {
    match step {
        "order" => "carried out an order",
        "file" => "read the file",
        "open" => "opened the port",
        "write" => "wrote to the port",
        "read" => "read from the port",
        "line" => "took in what the printer said",
        "stop" | "press" => "stopped the printer",
        _ => "talked to the printer",
    }
}
