//! When nothing is heard: ask, and when to give up.

use super::error::WireError;
use super::frame::FRAME_BYTES;
use super::window::{InFlight, Window};
use crate::patience::{Class, Patience, patience};
use domain::{Millis, Now};

/// As many queries may be open at once: firmwares hold four lines.
const MOST_PROBES: usize = 2;
/// What waits for the end of all moves may be silent for so much longer.
const DRAIN_MS: Millis = 20_000;
/// No link is given up sooner, however quick an answer is due.
const LINK_KEPT_MS: Millis = 60_000;
/// Queries that bring nothing for so long were lost.
const LOST_MS: Millis = 5_000;
/// What the receive ring of 8-bit boards holds in all, bytes.
const RING_SIZE: usize = 126;
/// After ten times the usual time without `ok` we ask, between these two.
const ASK_SOONEST_MS: f32 = 150.0;
const ASK_LATEST_MS: f32 = 1_000.0;

/// What is known of the printer's silence.
#[derive(Debug)]
pub(super) struct Silence {
    /// Something smells of a lost `ok`: ask at this moment.
    suspect: Option<Millis>,
    /// Time of the last `ok`, `busy` or line sent.
    quiet_since: Now,
    last_ok: Now,
    /// Usual time between two `ok`s, ms.
    pace_ms: f32,
    last_heard: Now,
    /// Answers to queries that still come though nobody waits for them.
    stray_answers: u32,
    probes: u32,
    busy_protocol: bool,
    /// The firmware reports by itself every few seconds, so silence means that it is gone.
    chatty: bool,
    /// The printer prints from its card: its answers wait behind what it reads there, heating included.
    beside_card: bool,
    for_person: bool,
    /// A dwell that was acknowledged before its time: until then the printer may be deaf.
    dwells_until: Millis,
}

impl Silence {
    pub(super) fn new(now: Now) -> Self {
        Self {
            suspect: None,
            quiet_since: now,
            last_ok: now,
            pace_ms: ASK_LATEST_MS,
            last_heard: now,
            stray_answers: 0,
            probes: 0,
            busy_protocol: false,
            chatty: false,
            beside_card: false,
            for_person: false,
            dwells_until: 0,
        }
    }

    /// Nothing is in flight any more. What the firmware can do stays known.
    pub(super) fn reset(&mut self, now: Now) {
        *self = Self { busy_protocol: self.busy_protocol, ..Self::new(now) };
    }

    pub(super) fn set_chatty(&mut self, chatty: bool) {
        self.chatty = chatty;
    }

    pub(super) fn set_beside_card(&mut self, beside_card: bool) {
        self.beside_card = beside_card;
    }

    /// Something was heard at all.
    pub(super) fn heard(&mut self, now: Now) {
        self.last_heard = now;
    }

    /// A line goes out, the first one in flight.
    pub(super) fn begins(&mut self, now: Now) {
        self.quiet_since = now;
    }

    /// The printer says that it works.
    pub(super) fn busy(&mut self, for_person: bool, now: Now) {
        self.busy_protocol = true;
        self.for_person = for_person;
        self.quiet_since = now;
    }

    /// Something smells of a lost `ok`.
    pub(super) fn suspect(&mut self, at: Millis) {
        self.suspect.get_or_insert(at);
    }

    /// The printer is asked at this moment.
    pub(super) fn ask_at(&mut self, at: Millis) {
        self.suspect = Some(at);
    }

    /// What smelt of a lost `ok` is cleared up.
    pub(super) fn settle(&mut self) {
        self.suspect = None;
    }

    /// Returns how many queries in a row brought nothing.
    pub(super) fn probes(&self) -> u32 {
        self.probes
    }

    /// A query goes out past the window. What was lost of those before makes room for it.
    pub(super) fn probe(&mut self, window: &mut Window, now: Now) {
        if window.queries() >= MOST_PROBES {
            window.drop_queries();
        }
        (self.suspect, self.quiet_since) = (None, now);
        self.probes += 1;
    }

    /// Returns how many lines in flight an `ok` acknowledges.
    pub(super) fn answered(&mut self, n: Option<u32>, with_heaters: bool, window: &Window) -> usize {
        let queries = window.queries();
        if with_heaters {
            if queries == 0 && self.stray_answers > 0 {
                self.stray_answers -= 1;
                return 0;
            }
            // Only a query is answered so: what was sent before it has been taken too.
            let mut lines = window.iter();
            let at = match self.probes {
                0 => lines.position(|line| line.query),
                _ => lines.rposition(|line| line.query),
            };
            if let Some(at) = at {
                let before = window.iter().take(at).filter(|line| line.query).count();
                self.stray_answers += before as u32;
                return at + 1;
            }
        }
        if let Some(at) = n.and_then(|n| window.iter().position(|line| line.n == Some(n))) {
            return at + 1;
        }
        if self.probes > 0 && queries == window.len() {
            return queries;
        }
        window.len().min(1)
    }

    /// Some lines in flight are acknowledged. `all_known`: none can be missing. Returns how long the printer had the
    /// first of them alone.
    pub(super) fn acknowledged(&mut self, first: &InFlight, all_known: bool, now: Now) -> Millis {
        let waited_ms = now.since(first.sent_at).min(now.since(self.last_ok));
        self.last_ok = now;
        // A long wait for heat or homing says nothing about the next move.
        let ms = (now.since(self.quiet_since) as f32).min(ASK_LATEST_MS);
        self.pace_ms += (ms - self.pace_ms) * 0.1;
        (self.quiet_since, self.probes) = (now, 0);
        // An `ok` may be that of the line after: only an answer to a query shows that none is missing.
        if all_known {
            self.suspect = None;
        }
        self.for_person = false;
        waited_ms
    }

    /// A line was acknowledged: some firmwares acknowledge a dwell at once and are deaf for its time.
    pub(super) fn note_dwell(&mut self, line: &InFlight, now: Now) {
        self.dwells_until = match line.class {
            Class::Dwell(ms) => now.mono_ms.saturating_add(ms.saturating_sub(now.since(line.sent_at))),
            // It answers, so it is not deaf.
            Class::Quick
            | Class::Move
            | Class::Drain
            | Class::Home
            | Class::Heat
            | Class::Person
            | Class::Unknown => 0,
        };
    }

    /// Looks at the clock. `Ok(true)`: a query should be sent now.
    ///
    /// # Errors
    /// When nothing came for longer than the command in flight may take.
    pub(super) fn check(&self, window: &Window, now: Now) -> Result<bool, WireError> {
        if now.mono_ms < self.dwells_until {
            return Ok(false);
        }
        if self.give_up_at(window).is_some_and(|at| now.mono_ms >= at) {
            return Err(WireError::Silent);
        }
        Ok(self.query_at(window).is_some_and(|at| now.mono_ms >= at))
    }

    /// Returns when the printer is asked, or given up, as long as nothing but a dwell holds that up.
    pub(super) fn poll_timeout(&self, window: &Window) -> Option<Millis> {
        let at = self.give_up_at(window).into_iter().chain(self.query_at(window)).min();
        at.map(|at| at.max(self.dwells_until))
    }

    /// Returns a moment, or the end of a dwell that the printer acknowledged before its time.
    fn from(&self, at: Now) -> Millis {
        at.mono_ms.max(self.dwells_until)
    }

    fn give_up_at(&self, window: &Window) -> Option<Millis> {
        let front = window.front()?;
        let deadline_ms = self.patience_of(front).deadline_ms?;
        let limit = if self.chatty { LINK_KEPT_MS } else { deadline_ms.max(LINK_KEPT_MS) };
        let from = self.from(self.last_heard).max(self.from(front.sent_at));
        Some(from.saturating_add(limit).saturating_add(1))
    }

    fn query_at(&self, window: &Window) -> Option<Millis> {
        let front = window.front()?;
        let quiet_from = self.from(self.quiet_since);
        let overdue = self.patience_of(front).ask_ms.map(|ms| quiet_from.saturating_add(ms));
        let at = self.suspect.into_iter().chain(overdue).min()?;
        // Behind a command of minutes no query is lost: all wait in the printer's buffer, and too many would drive out what
        // is sent next.
        let full = (self.probes as usize + 1) * ("\nM105".len() + FRAME_BYTES) > RING_SIZE;
        if full && window.is_blocked() {
            return None;
        }
        // What the printer works on has left its buffer.
        let waiting: usize = window.iter().skip(1).map(|line| line.bytes).sum();
        let fits = window.queries() < MOST_PROBES && waiting + "\nM105".len() + FRAME_BYTES <= RING_SIZE;
        // Queries that were lost too make room for the next one.
        Some(if fits { at } else { at.max(quiet_from.saturating_add(LOST_MS)) })
    }

    /// Returns when the command that the printer is busy with takes longer than it may.
    pub(super) fn late_at(&self, window: &Window) -> Option<Millis> {
        let front = window.front()?;
        let deadline_ms = self.patience_of(front).deadline_ms?;
        Some(front.sent_at.mono_ms.saturating_add(deadline_ms).saturating_add(1))
    }

    /// Returns since when nothing has been heard though an answer is due; `None` while something is under way that may
    /// be long and silent.
    pub(super) fn silent_from(&self, window: &Window) -> Option<Millis> {
        if self.for_person || self.beside_card {
            return None;
        }
        let quiet_from = self.from(self.last_heard);
        let Some(front) = window.front() else { return self.chatty.then_some(quiet_from) };
        let due_from = quiet_from.max(self.from(front.sent_at));
        match front.class {
            Class::Quick | Class::Move => Some(due_from),
            // The moves before it take their time.
            Class::Drain => Some(due_from.saturating_add(DRAIN_MS)),
            Class::Dwell(_) | Class::Home | Class::Heat | Class::Person | Class::Unknown => None,
        }
    }

    fn patience_of(&self, line: &InFlight) -> Patience {
        if self.for_person {
            return Patience { ask_ms: None, deadline_ms: None };
        }
        if self.beside_card {
            return patience(Class::Home, self.busy_protocol);
        }
        let usual = patience(line.class, self.busy_protocol);
        match line.class {
            Class::Quick | Class::Move => {
                let soon = (self.pace_ms * 10.0).clamp(ASK_SOONEST_MS, ASK_LATEST_MS);
                Patience { ask_ms: Some(soon as Millis), ..usual }
            }
            Class::Drain | Class::Dwell(_) | Class::Home | Class::Heat | Class::Person | Class::Unknown => {
                usual
            }
        }
    }
}
