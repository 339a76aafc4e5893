//! What the passing of time does, and when it does it.

use super::Link;
use crate::facts::{Facts, Stage};
use crate::patience::Class;
use domain::{JobPhase, LinkChange, Millis, Now};

/// A silence of so many seconds is told.
const SILENT_SECS: u32 = 6;
/// As many queries without an answer: the printer talks, but does not take commands.
const MOST_PROBES: u32 = 8;

impl Link {
    /// Looks at the clock. Call it at the time that `poll_timeout` tells; sooner does no harm.
    pub fn handle_timeout(&mut self, now: Now) {
        self.now = now;
        match self.startup.stage() {
            Stage::Closed | Stage::Halted | Stage::Waiting { .. } => (),
            Stage::Greeting { .. } => self.startup.handle_timeout(now, &mut self.out),
            Stage::Asking | Stage::Up => self.handle_working_timeout(),
        }
        self.route();
    }

    fn handle_working_timeout(&mut self) {
        let now = self.now;
        self.wire.set_beside_card(self.feed.job().is_some_and(|job| job.is_on_card()));
        self.complaints.handle_timeout(&facts!(self), &mut self.out);
        self.route();
        self.tell_silence();
        let late = self.wire.in_flight(now).filter(|(_, late)| *late).map(|(text, _)| text);
        self.control.handle_timeout(late, &facts!(self), &mut self.out);
        self.route();
        self.heating.handle_timeout(now, &mut self.out);
        if let Err(e) = self.wire.check(now) {
            self.wire_failed(e);
            self.route();
        }
        if self.wire.never_takes() {
            return self.line_never_taken();
        }
        let deaf = self.is_ignored() && self.wire.in_flight(now).is_some_and(|(_, late)| late);
        if deaf || (self.is_ignored() && self.wire.class_in_flight() == Some(Class::Quick)) {
            let why = "the printer talks but takes no commands any more: switch it off and on again";
            self.complaints.give_up(why, &mut self.out);
        }
    }

    /// Returns whether queries bring nothing, where that means that the printer takes no commands.
    fn is_ignored(&self) -> bool {
        let excused = |on_card: bool, phase| on_card || phase == JobPhase::Pausing;
        self.wire.probes() > MOST_PROBES
            && !self.feed.job().is_some_and(|job| excused(job.is_on_card(), job.phase()))
    }

    /// Says once that nothing is heard though an answer is due.
    fn tell_silence(&mut self) {
        let silent = self.silent_at().is_some_and(|at| self.now.mono_ms >= at);
        if silent && self.is_up() && !std::mem::replace(&mut self.silence_told, true) {
            self.out.change(LinkChange::Silent { secs: SILENT_SECS });
        }
    }

    /// Returns when a silence is one that is told.
    fn silent_at(&self) -> Option<Millis> {
        self.wire.silent_from().map(|from| from.saturating_add(Millis::from(SILENT_SECS) * 1000))
    }

    /// Returns when `handle_timeout` and `poll_transmit` are to be called again if nothing else happens, as milliseconds
    /// of the monotonic clock that `Now` tells; in the past when it is now, `None` when only the printer or an order can
    /// bring something.
    pub fn poll_timeout(&self) -> Option<Millis> {
        let stage = match self.startup.stage() {
            Stage::Closed => return None,
            Stage::Waiting { .. } | Stage::Greeting { .. } => self.startup.poll_timeout(),
            Stage::Halted => self.halted.poll_timeout(),
            Stage::Asking | Stage::Up => self.poll_working_timeout(),
        };
        stage.into_iter().chain(self.poll_transmit_timeout()).min()
    }

    fn poll_working_timeout(&self) -> Option<Millis> {
        let late_at = self.wire.late_at();
        let deaf = self.is_ignored() && self.wire.class_in_flight() == Some(Class::Quick);
        let at_once = deaf || self.wire.never_takes();
        [
            at_once.then_some(0),
            self.complaints.poll_timeout(),
            self.heating.poll_timeout(),
            self.control.poll_timeout(late_at),
            self.wire.poll_timeout(),
            self.silent_at().filter(|_| self.is_up() && !self.silence_told),
            late_at.filter(|_| self.is_ignored()),
        ]
        .into_iter()
        .flatten()
        .min()
    }
}
