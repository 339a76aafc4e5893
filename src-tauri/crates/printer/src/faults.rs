//! What is kept of the faults of a printer's thread, and what the printer has to show after one.

use domain::{Now, PrinterState, Temperature};
use marlin::Link;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

/// A second fault within this halts the printer.
const FAULTS_APART: Duration = Duration::from_secs(60);
/// The heaters are read back as off within this after a fault, else the printer is halted.
const OFF_WITHIN: Duration = Duration::from_secs(10);
/// Colder than this is off, where a firmware tells no targets, degrees Celsius.
const COLD_C: f64 = 50.0;

/// The faults of one printer's thread. All times are real, since the thread began.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    last: Option<Duration>,
    /// Two faults: nothing of the protocol is trusted any more.
    halted: bool,
    /// What the printer must still be sent when its port is open again.
    owed: Vec<String>,
    /// The heaters must be read back as off by then.
    off_by: Option<Duration>,
    /// Reading failed as well: only what goes out matters.
    blind: bool,
}

impl Faults {
    /// Notes a fault. Returns whether it came soon after another.
    pub(crate) fn note(&mut self, now: Duration) -> bool {
        self.last.replace(now).is_some_and(|last| now < last + FAULTS_APART)
    }

    /// The printer is halted, since this thread failed twice.
    pub(crate) fn halt(&mut self) {
        (self.halted, self.off_by, self.blind) = (true, None, false);
    }

    pub(crate) fn is_halted(&self) -> bool {
        self.halted
    }

    /// Something failed even after the printer was halted. Returns whether that is news.
    pub(crate) fn go_blind(&mut self) -> bool {
        !std::mem::replace(&mut self.blind, true)
    }

    pub(crate) fn is_blind(&self) -> bool {
        self.blind
    }

    /// The port was lost before these lines left.
    pub(crate) fn owe(&mut self, lines: Vec<String>) {
        self.owed = lines;
    }

    pub(crate) fn owes(&self) -> bool {
        !self.owed.is_empty()
    }

    /// Returns what the printer must still be sent, once.
    pub(crate) fn take_owed(&mut self) -> Vec<String> {
        std::mem::take(&mut self.owed)
    }

    /// The heaters were switched off: the printer has to say so.
    pub(crate) fn expect_off(&mut self, now: Duration) {
        self.off_by = Some(now + OFF_WITHIN);
    }

    /// The port was open again only now: the printer gets its time to say that its heaters are off.
    pub(crate) fn reopened(&mut self, now: Duration) {
        if let Some(by) = &mut self.off_by {
            *by = now + OFF_WITHIN;
        }
    }

    /// Returns whether the printer has yet to say that its heaters are off.
    pub(crate) fn is_watching(&self) -> bool {
        self.off_by.is_some()
    }

    /// Returns whether the printer should have said by now that its heaters are off, and did not.
    pub(crate) fn is_overdue(&mut self, link: &Link, now: Now, real: Duration) -> bool {
        let Some(by) = self.off_by else { return false };
        let off = |t: &Temperature| t.target.map_or(t.actual < COLD_C, |target_c| target_c <= 0.0);
        let report = link.report(now);
        let told = !report.temperatures.is_empty() && report.state == PrinterState::Operational;
        if link.is_halted() || told && report.temperatures.values().all(off) {
            self.off_by = None;
            return false;
        }
        real > by
    }
}

/// Runs `work`; returns the words of a panic in it.
pub(crate) fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| panic_message(payload.as_ref()))
}

fn panic_message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no words".to_owned())
}
