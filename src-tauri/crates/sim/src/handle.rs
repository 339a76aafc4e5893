//! A simulated printer that several parties hold: the port's thread, the camera, the test.

use crate::machine::{Bed, Executed, Fault, SimOptions, SimPrinter, SimState};
use domain::{Clock, Now};
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Bytes as they came in, with the real moment: an emergency stop is measured by this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// When, by the system's own clock.
    pub at: Instant,
    /// What.
    pub bytes: Vec<u8>,
}

/// A simulated printer, shared. Clones are the same printer.
#[derive(Clone)]
pub struct SimHandle {
    shared: Arc<Shared>,
}

struct Shared {
    clock: Arc<dyn Clock>,
    inner: Mutex<Inner>,
    /// Rung when the printer has something to say.
    spoke: Condvar,
}

struct Inner {
    printer: SimPrinter,
    received: VecDeque<Received>,
    /// Somebody holds the port.
    open: bool,
}

/// Returns the system's monotonic time: the stamps of received bytes are real, however fast the demo's clock runs.
pub(crate) fn real_now() -> Instant {
    #[allow(clippy::disallowed_methods, reason = "real time is what these stamps and waits are about")]
    Instant::now()
}

impl SimHandle {
    /// Switches a printer on.
    pub fn new(options: SimOptions, clock: Arc<dyn Clock>) -> Self {
        let printer = SimPrinter::new(options, clock.now());
        let inner = Mutex::new(Inner { printer, received: VecDeque::new(), open: false });
        Self { shared: Arc::new(Shared { clock, inner, spoke: Condvar::new() }) }
    }

    /// Switches a fault on or off.
    pub fn set_fault(&self, fault: Fault, on: bool) {
        let now = self.now();
        self.lock().printer.set_fault(fault, on, now);
        self.shared.spoke.notify_all();
    }

    /// Returns whether a fault is on.
    pub fn has_fault(&self, fault: Fault) -> bool {
        self.lock().printer.faults().has(fault)
    }

    /// Starts a file of the card, as a person does at the display. `false` when there is no such file.
    pub fn print_from_card(&self, path: &str) -> bool {
        let started = self.up_to_date().printer.print_from_card(path);
        self.shared.spoke.notify_all();
        started
    }

    /// Returns how things stand now.
    pub fn state(&self) -> SimState {
        self.up_to_date().printer.state()
    }

    /// Returns the commands that were carried out, oldest first.
    pub fn commands(&self) -> Vec<Executed> {
        self.up_to_date().printer.log().cloned().collect()
    }

    /// Returns what came in over the port, oldest first.
    pub fn received(&self) -> Vec<Received> {
        self.lock().received.iter().cloned().collect()
    }

    /// Takes everything off the bed, as a person does.
    pub fn clear_bed(&self) {
        self.up_to_date().printer.clear_bed();
    }

    /// Lets `look` see what lies on the bed, and how the printer stands.
    pub fn look<T>(&self, look: impl FnOnce(&Bed, &SimState) -> T) -> T {
        let inner = self.up_to_date();
        look(inner.printer.bed(), &inner.printer.state())
    }

    /// Returns the settings it was switched on with.
    pub fn options(&self) -> SimOptions {
        self.lock().printer.options().clone()
    }

    /// Returns the present moment on the printer's clock.
    pub fn now(&self) -> Now {
        self.shared.clock.now()
    }

    /// Restarts the board, as its reset button does.
    pub fn reset(&self) {
        let now = self.now();
        self.lock().printer.reset(now);
        self.shared.spoke.notify_all();
    }

    /// Puts `bytes` on the wire to the printer.
    pub fn send(&self, bytes: &[u8]) {
        let now = self.now();
        let mut inner = self.lock();
        if inner.received.len() >= inner.printer.options().remembers {
            inner.received.pop_front();
        }
        inner.received.push_back(Received { at: real_now(), bytes: bytes.to_vec() });
        inner.printer.receive(bytes, now);
        drop(inner);
        self.shared.spoke.notify_all();
    }

    /// Returns what the printer says, at most `most` bytes, after at most `patience`. Empty when it says nothing.
    pub fn hear(&self, most: usize, patience: Duration) -> Vec<u8> {
        let deadline = real_now() + patience;
        let mut inner = self.lock();
        loop {
            inner.printer.advance(self.now());
            let said = inner.printer.take_output(most);
            let left = deadline.saturating_duration_since(real_now());
            if !said.is_empty() || left.is_zero() || inner.printer.faults().has(Fault::CablePulled) {
                return said;
            }
            let quiet_secs = inner.printer.quiet_ms() as f64 / 1e3 / self.shared.clock.scale().max(0.001);
            // Two milliseconds: a fast clock must not turn this into a busy loop.
            let wait = Duration::from_secs_f64(quiet_secs.clamp(0.002, 1.0)).min(left);
            inner = self.shared.spoke.wait_timeout(inner, wait).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Takes the port for one party. `false` when it is taken.
    pub(crate) fn take_port(&self) -> bool {
        let mut inner = self.up_to_date();
        if inner.open {
            return false;
        }
        inner.open = true;
        // What was said while nobody listened is lost.
        inner.printer.take_output(usize::MAX);
        true
    }

    pub(crate) fn release_port(&self) {
        self.lock().open = false;
    }

    fn up_to_date(&self) -> MutexGuard<'_, Inner> {
        let now = self.now();
        let mut inner = self.lock();
        inner.printer.advance(now);
        inner
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.shared.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
