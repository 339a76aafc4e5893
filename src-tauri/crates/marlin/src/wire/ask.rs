//! When nothing is heard: ask, and when to give up.

use super::frame::FRAME_BYTES;
use super::{Flight, Wire, WireError};
use crate::patience::{Class, Patience, patience};
use domain::{Millis, Now};

/// As many queries may be open at once: firmwares hold four lines.
const MOST_PROBES: usize = 2;
/// A firmware that reports by itself is never silent for so long.
const CHATTY_MS: Millis = 60_000;
/// What the receive ring of 8-bit boards holds in all, bytes.
const RING_SIZE: usize = 126;
/// After ten times the usual time without `ok` we ask, between these two.
const ASK_SOONEST_MS: f32 = 150.0;
pub(super) const ASK_LATEST_MS: f32 = 1_000.0;

impl<T: Clone> Wire<T> {
    /// Looks at the clock. `Ok(true)`: a query should be sent now.
    pub(crate) fn check(&mut self, now: Now) -> Result<bool, WireError> {
        if self.wish_waits(now) {
            return Ok(false);
        }
        let Some(front) = self.flight.front() else { return Ok(false) };
        let Patience { ask_ms, deadline_ms } = self.patience_of(front);
        if let Some(deadline) = deadline_ms {
            let limit = if self.chatty { CHATTY_MS } else { deadline.max(15_000) };
            if now.since(self.last_heard) > limit && now.since(front.sent_at) > limit {
                return Err(WireError::Silent);
            }
        }
        let suspected = self.suspect.is_some_and(|at| now.mono_ms >= at);
        let quiet_ms = now.since(self.quiet_since);
        let overdue = ask_ms.is_some_and(|ms| quiet_ms >= ms);
        let open = self.flight.iter().filter(|f| f.query).count();
        // What the printer works on has left its buffer.
        let waiting: usize = self.flight.iter().skip(1).map(|f| f.bytes).sum();
        let fits = open < MOST_PROBES && (waiting + "\nM105".len() + FRAME_BYTES <= RING_SIZE);
        // Queries that were lost too make room for the next one.
        let room = fits || quiet_ms >= 5_000;
        Ok((suspected || overdue) && room)
    }

    /// Numbers a query past the window. An empty line before it ends one whose own end was lost: glued together, the
    /// two could pass for one line.
    pub(crate) fn probe(&mut self, tag: T, now: Now) -> String {
        let lost = self.flight.iter().filter(|f| f.query).count();
        if lost >= MOST_PROBES {
            self.flight.retain(|f| !f.query);
        }
        self.suspect = None;
        self.quiet_since = now;
        self.probes += 1;
        self.forget_echoes();
        // A query has the next number; a resend that was under way begins again when the printer asks for it.
        self.cursor = self.next_n;
        format!("\n{}", self.send("M105", tag, now))
    }

    pub(super) fn patience_of(&self, flight: &Flight) -> Patience {
        if self.for_person {
            return Patience { ask_ms: None, deadline_ms: None };
        }
        if self.beside_card {
            return patience(Class::Home, self.busy_protocol);
        }
        let usual = patience(flight.class, self.busy_protocol);
        match flight.class {
            Class::Quick | Class::Move => {
                let soon = (self.pace_ms * 10.0).clamp(ASK_SOONEST_MS, ASK_LATEST_MS);
                Patience { ask_ms: Some(soon as Millis), ..usual }
            }
            Class::Drain | Class::Dwell(_) | Class::Home | Class::Heat | Class::Person => usual,
        }
    }
}
