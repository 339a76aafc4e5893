//! A countdown to a cold heater, on the printer's clock.

use domain::limits;
use domain::{Millis, Now, Timestamp};

/// Heaters still on this long after they were ordered off are ordered off again, milliseconds.
const AGAIN_MS: Millis = 30_000;

/// A countdown, and whether it has been carried out once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Countdown {
    since_ms: Millis,
    due_ms: Millis,
    due_at: Timestamp,
    told: bool,
}

impl Countdown {
    pub(crate) fn begin(now: Now, mins: u32) -> Self {
        Self::of_length(now, millis(mins))
    }

    fn of_length(now: Now, length_ms: Millis) -> Self {
        let due_at = now.utc.plus_secs(length_ms as f64 / 1000.0);
        let since_ms = now.mono_ms;
        Self { since_ms, due_ms: since_ms.saturating_add(length_ms), due_at, told: false }
    }

    /// Puts it off by some minutes, counted from its end, or from now when it is over.
    pub(crate) fn put_off(self, now: Now, mins: u32) -> Self {
        let left_ms = if self.told { 0 } else { self.due_ms.saturating_sub(now.mono_ms) };
        let longest = limits::KEEP_WARM.max as Millis * 60_000;
        let length_ms = left_ms.saturating_add(millis(mins)).min(longest);
        Self { since_ms: self.since_ms, ..Self::of_length(now, length_ms) }
    }

    /// Moves the end of one that is not over, as its length is changed by so many minutes.
    pub(crate) fn lengthen(&mut self, mins: i64) {
        if !self.told {
            self.due_ms = self.due_ms.saturating_add_signed(mins * 60_000);
            self.due_at = self.due_at.plus_secs(mins as f64 * 60.0);
        }
    }

    /// Returns whichever ends later.
    pub(crate) fn later(self, other: Self) -> Self {
        if self.due_ms > other.due_ms { self } else { other }
    }

    /// Returns whether the heater is to be switched off now, and whether that is for the first time; it is told again
    /// after a while, since switching off may be repeated: it moves nothing.
    pub(crate) fn check(&mut self, now: Now) -> Option<Due> {
        if self.due_ms > now.mono_ms {
            return None;
        }
        let mins = self.due_ms.saturating_sub(self.since_ms) / 60_000;
        let first = !std::mem::replace(&mut self.told, true);
        self.due_ms = now.mono_ms.saturating_add(AGAIN_MS);
        Some(Due { first, mins })
    }

    /// Returns whether it has been carried out.
    pub(crate) fn is_over(&self) -> bool {
        self.told
    }

    /// Returns when the heater goes off, as long as it has not.
    pub(crate) fn due_at(&self) -> Option<Timestamp> {
        (!self.told).then_some(self.due_at)
    }
}

/// A countdown that has ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Due {
    pub(crate) first: bool,
    /// How long it was, minutes.
    pub(crate) mins: u64,
}

fn millis(mins: u32) -> Millis {
    Millis::from(mins) * 60_000
}
