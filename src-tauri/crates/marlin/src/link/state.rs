//! What is asked of a link from outside.

use super::Link;
use domain::{LinkChange, PrintId};

impl Link {
    /// Returns whether the firmware has said that it stopped, or started anew, since `emergency`.
    pub fn stop_seen(&self) -> bool {
        self.halted.stop_seen()
    }

    /// Returns whether the printer has not answered yet since this process stood still.
    pub fn is_asking_first(&self) -> bool {
        self.standstill.is_waiting()
    }

    /// Returns whether the greeting was answered: the rate is right.
    pub fn is_greeted(&self) -> bool {
        self.startup.stage().is_greeted()
    }

    /// Returns how many greetings stayed without an answer since the port was opened.
    pub fn unanswered_hellos(&self) -> u32 {
        self.startup.tries()
    }

    /// Returns whether the printer was found at work of its own, so that it may answer late and must not be reset.
    pub fn is_at_work(&self) -> bool {
        self.startup.at_work().is_some() || self.prints_alone()
    }

    /// Returns the print under way.
    pub fn print(&self) -> Option<PrintId> {
        self.feed.job().map(|job| job.print())
    }

    /// Returns the next change, oldest first.
    pub fn poll_change(&mut self) -> Option<LinkChange> {
        self.outbox.poll_change()
    }

    /// Returns whether the core may drop the port now, since it was told to stop.
    pub fn is_finished(&self) -> bool {
        self.control.is_finished()
    }

    /// Returns why the link has to be given up, once.
    pub fn poll_broken(&mut self) -> Option<String> {
        self.outbox.poll_broken()
    }

    /// Returns the firmware's name and version as it states them, `Marlin 2.1.2`; empty until it has.
    pub fn firmware_name(&self) -> &str {
        self.machine.firmware_name()
    }

    /// Returns the machine's height, mm, where it was told.
    pub fn height_mm(&self) -> Option<f64> {
        self.control.height_mm(self.machine.max_z_mm())
    }
}

/// What tests put past the orders.
#[cfg(test)]
impl Link {
    pub(crate) fn queue_line(&mut self, text: String) {
        self.out.line(text, crate::tag::Tag::Side);
        self.route();
    }

    pub(crate) fn queue_raw(&mut self, text: String) {
        self.out.raw(text);
        self.route();
    }

    pub(crate) fn can(&self, capability: &str) -> bool {
        self.machine.can(capability)
    }

    pub(crate) fn file_pauses(&mut self, line: &str) {
        self.manual.on_file_pause(line);
    }
}
