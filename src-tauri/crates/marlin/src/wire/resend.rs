//! What happens when the printer asks for a line again while others are on their way behind it.
//!
//! Firmwares differ: one throws away what was behind the bad line and asks once, another refuses each line behind it
//! with the same wish. A host that obeys each of these never gets out. So: a wish is obeyed once, with one line alone;
//! as many repetitions as lines were behind are swallowed; the window opens again with that line's `ok`.

use super::{Taken, Wire, WireError};
use domain::{Millis, Now};

/// After a wish, so long nothing more about the lines behind it means that nothing will come.
const QUIET_MS: Millis = 80;
/// The same on a printer that has asked once each time.
const QUIET_ONCE_MS: Millis = 20;
/// As many wishes in a row without a repetition show that it asks once.
const SURE_AFTER: u8 = 3;
/// As often may the same line be asked for in a row.
const MOST_WISHES: u32 = 10;
/// Further back than this a printer that still runs never asks.
const FURTHEST_BACK: u32 = 2;
/// A wish so few lines after another may be about what was on the cable when the printer threw its buffer away.
const STORM_LINES: u64 = 8;
/// So many wishes in a row without an `ok` behind them show that the firmware sends none: a single one may be lost.
const BARE_WISHES: u32 = 3;
/// The error and the wish that belongs to it come together.
const TOGETHER_MS: Millis = 100;

/// A wish for a line that has not been fulfilled.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish {
    /// The line; `None` when the number made no sense and is not obeyed.
    n: Option<u32>,
    /// Lines that were behind it: each may bring the same wish.
    echoes: usize,
    /// None of these has come.
    once: bool,
    /// The `ok` of the last wish has not come.
    ok_due: bool,
    /// The line is out again.
    sent: bool,
    since: Now,
}

impl<T: Clone> Wire<T> {
    /// Notes which line the printer took last, as the error before a wish says: a second witness of the number wished.
    pub(crate) fn bad_line(&mut self, last: Option<u32>, now: Now) {
        self.told_last = last.map(|last| (last, now));
    }

    /// Takes in a wish for line `n`, `None` when its number is damaged. Returns what the printer has taken, as that
    /// tells.
    pub(crate) fn resend(&mut self, n: Option<u32>, now: Now) -> Result<Vec<Taken<T>>, WireError> {
        let ok_due = self.bare_wishes < BARE_WISHES;
        let together = self.told_last.take().filter(|(_, at)| now.since(*at) < TOGETHER_MS);
        let told = together.map(|(last, _)| last + 1);
        // Of two numbers that contradict each other, one may be possible alone.
        let possible = |n: Option<u32>| n.filter(|&n| !self.makes_no_sense(n));
        let contradicted = n.is_some() && possible(told).is_some() && told != n;
        let Some(n) = possible(n).or(possible(told)).or(n).or(told) else {
            self.ask_what_it_wishes(ok_due, now);
            return Ok(Vec::new());
        };
        if let Some(wish) = self.wish.as_mut().filter(|wish| wish.n == Some(n))
            && (wish.echoes > 0 || !wish.sent)
        {
            wish.echoes = wish.echoes.saturating_sub(1);
            (wish.ok_due, wish.since, wish.once) = (ok_due, now, false);
            self.asked_once = 0;
            return Ok(Vec::new());
        }
        self.suspect = None;
        if (contradicted && told != Some(n)) || self.makes_no_sense(n) {
            let twice = self.strange.replace(n) == Some(n);
            let from_the_start = n <= 1;
            if twice && n < self.next_n && (from_the_start || self.held(n).is_none()) {
                return Err(WireError::Rebooted);
            }
            // A line further back that was never taken, though an `ok` seemed to say so: two witnesses are the truth.
            let witnessed = twice || (told == Some(n) && !from_the_start);
            if !(witnessed && n < self.next_n && self.held(n).is_some()) {
                self.ask_what_it_wishes(ok_due, now);
                return Ok(Vec::new());
            }
        }
        self.asked = if self.asked.0 == n { (n, self.asked.1 + 1) } else { (n, 1) };
        if self.asked.1 > MOST_WISHES {
            return Err(WireError::Stuck);
        }
        self.trouble += 1.0;
        let first = self.flight.iter().position(|f| f.n.is_some_and(|f| f >= n));
        let behind = first.map_or(0, |at| self.flight.len() - at - 1);
        self.flight.truncate(first.unwrap_or(self.flight.len()));
        // What is before it has left the receive buffer; its oks are still to come.
        self.flight.iter_mut().for_each(|f| f.bytes = 0);
        self.cursor = n;
        let in_storm =
            self.wished_at.replace(self.lines_sent).is_some_and(|at| self.lines_sent - at < STORM_LINES);
        let echoes = behind.max(usize::from(in_storm));
        self.wish = Some(Wish { n: Some(n), echoes, once: behind > 0, ok_due, sent: false, since: now });
        // A wish for a line that was never sent only says that all before it were taken.
        let mut taken = Vec::new();
        if n == self.next_n && self.probes > 0 {
            for flight in std::mem::take(&mut self.flight) {
                taken.extend(flight.n.and_then(|n| self.take(n, 0)));
            }
        }
        Ok(taken)
    }

    /// A wish was damaged: a query brings it again, or an `ok`.
    fn ask_what_it_wishes(&mut self, ok_due: bool, now: Now) {
        self.wish = Some(Wish { n: None, echoes: 0, once: false, ok_due, sent: false, since: now });
    }

    /// Returns the next line of a resend, if one is due.
    pub(crate) fn poll_resend(&mut self, now: Now) -> Option<String> {
        if self.wish_waits(now) || self.cursor >= self.next_n {
            return None;
        }
        match &mut self.wish {
            // Alone: the window opens again with its ok.
            Some(wish) if wish.sent => return None,
            Some(wish) => wish.sent = true,
            None => {
                let len = self.held(self.cursor).map_or(0, |s| s.text.len());
                if self.free_bytes() < len {
                    return None;
                }
            }
        }
        self.resends += 1;
        Some(self.put(self.cursor, now))
    }

    /// Returns whether it is still to be seen what the printer says about lines behind a bad one.
    pub(super) fn wish_waits(&mut self, now: Now) -> bool {
        let Some(wish) = &mut self.wish else { return false };
        if wish.sent {
            return false;
        }
        let settled = wish.echoes == 0 && !wish.ok_due;
        let quiet_ms = if self.asked_once >= SURE_AFTER { QUIET_ONCE_MS } else { QUIET_MS };
        if !settled && now.since(wish.since) < quiet_ms {
            return true;
        }
        if std::mem::take(&mut wish.once) && wish.echoes > 0 {
            self.asked_once = self.asked_once.saturating_add(1);
        }
        if std::mem::take(&mut wish.ok_due) && self.flight.is_empty() {
            // Nothing else could have brought it.
            self.bare_wishes += 1;
        }
        match wish.n {
            // Nothing of ours is missing: on it goes.
            Some(n) if n == self.next_n => self.wish = None,
            Some(_) => (),
            None => {
                self.wish = None;
                self.suspect = Some(now.mono_ms);
            }
        }
        false
    }

    /// Takes in an `ok` that may belong to a wish. Returns whether it does.
    pub(super) fn ok_of_wish(&mut self, now: Now) -> bool {
        let Some(wish) = self.wish.as_mut().filter(|wish| wish.ok_due) else { return false };
        (wish.ok_due, wish.since) = (false, now);
        if self.flight.is_empty() && self.bare_wishes < BARE_WISHES {
            self.bare_wishes = 0;
        }
        true
    }

    /// A line was taken: if it was wished for, the window opens again.
    pub(super) fn fulfilled(&mut self, n: u32) {
        if n >= self.asked.0 {
            self.asked = (0, 0);
        }
        if self.wish.is_some_and(|wish| wish.sent && wish.n.is_some_and(|wished| n >= wished)) {
            self.wish = None;
        }
    }

    /// A query is out: what it brings is said anew, not repeated.
    pub(super) fn forget_echoes(&mut self) {
        if let Some(wish) = &mut self.wish {
            (wish.echoes, wish.sent) = (0, true);
        }
    }

    /// Returns whether a printer that still runs would never ask for this line.
    fn makes_no_sense(&self, n: u32) -> bool {
        if n > self.next_n {
            return true;
        }
        let first_open = self.history.iter().find(|s| s.tag.is_some()).map_or(self.next_n, |s| s.n);
        let from_the_start = n <= 1 && first_open > 1;
        n != self.next_n && (from_the_start || n + FURTHEST_BACK < first_open || self.held(n).is_none())
    }
}
