//! When the port is looked for. All times are real, since the thread began.

use std::time::Duration;

/// The port is looked for after these waits, then always after the last, real time.
const SEARCH_SECS: [f64; 5] = [0.5, 1.0, 2.0, 5.0, 10.0];
/// Between two rates.
const RATE_PAUSE: Duration = Duration::from_millis(250);

/// Whether and when the port is opened next.
#[derive(Debug)]
pub(crate) struct Search {
    /// A person wants the port open.
    wanted: bool,
    reset_when_open: bool,
    at: Duration,
    /// How often it was not there since it last was.
    tries: usize,
}

impl Search {
    /// The port is wanted at once.
    pub(crate) fn new() -> Self {
        Self { wanted: true, reset_when_open: false, at: Duration::ZERO, tries: 0 }
    }

    /// Begins anew, now. `reset`: the board is reset as soon as the port is open.
    pub(crate) fn begin(&mut self, reset: bool) {
        *self = Self { reset_when_open: reset, ..Self::new() };
    }

    /// Somebody wants the port open.
    pub(crate) fn want(&mut self) {
        self.wanted = true;
    }

    /// The port stays closed until somebody wants it open.
    pub(crate) fn give_up(&mut self) {
        self.wanted = false;
    }

    /// Returns when the port is to be opened, where it is wanted.
    pub(crate) fn due_at(&self) -> Option<Duration> {
        self.wanted.then_some(self.at)
    }

    /// Returns whether the wait is over.
    pub(crate) fn is_time(&self, now: Duration) -> bool {
        now >= self.at
    }

    /// It is not there: the next try comes after a longer wait.
    pub(crate) fn later(&mut self, now: Duration) {
        let secs = SEARCH_SECS[self.tries.min(SEARCH_SECS.len() - 1)];
        self.tries += 1;
        self.at = now + Duration::from_secs_f64(secs);
    }

    /// It was closed to be opened again with another rate.
    pub(crate) fn soon(&mut self, now: Duration) {
        self.at = now + RATE_PAUSE;
    }

    /// The next try comes at once, and the waits begin with the shortest.
    pub(crate) fn now(&mut self) {
        (self.at, self.tries) = (Duration::ZERO, 0);
    }

    /// The printer answers: the waits begin with the shortest.
    pub(crate) fn answered(&mut self) {
        self.tries = 0;
    }

    /// Returns whether the board is to be reset, now that the port is open; once.
    pub(crate) fn take_reset(&mut self) -> bool {
        std::mem::take(&mut self.reset_when_open)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_waits_grow_until_the_printer_answers() {
        let (mut search, mut now) = (Search::new(), Duration::ZERO);
        assert_eq!(search.due_at(), Some(Duration::ZERO), "at once");
        let mut waits = Vec::new();
        for _ in 0..6 {
            search.later(now);
            waits.push((search.due_at().unwrap() - now).as_secs_f64());
            now = search.due_at().unwrap();
        }
        assert_eq!(waits, [0.5, 1.0, 2.0, 5.0, 10.0, 10.0]);
        search.answered();
        search.later(now);
        assert_eq!(search.due_at(), Some(now + Duration::from_millis(500)));
        search.give_up();
        assert_eq!(search.due_at(), None);
        search.begin(true);
        assert_eq!(
            (search.due_at(), search.take_reset(), search.take_reset()),
            (Some(Duration::ZERO), true, false)
        );
    }
}
