//! Numbers, checksums, oks and resends: which lines are on their way, and which the printer has taken.
//!
//! Invariant: a line is sent again only when the printer asks for it by number. A lost `ok` is found out by a query
//! under a new number: firmwares drop a repeated line without a word.

use crate::patience::{Patience, patience};
use domain::{Millis, Now};
use std::collections::VecDeque;

/// Sent lines kept for a resend.
const KEEP: usize = 64;
/// After `Resend` some firmwares send no `ok`: then we go on.
const RESEND_OK_MS: Millis = 500;
/// As often may the same line be asked for in a row.
const MOST_RESENDS: u32 = 10;
/// Further back than this a printer that still runs never asks.
const FURTHEST_BACK: u32 = 2;
/// As many queries may be open at once: firmwares hold four lines.
const MOST_PROBES: usize = 2;
/// A firmware that reports by itself is never silent for so long.
const CHATTY_MS: Millis = 60_000;
/// Above this the numbering starts anew, so that it keeps its length.
const HIGHEST: u32 = 9_999_000;

/// A line that the printer has taken, with the mark of whoever sent it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Taken<T> {
    pub(crate) text: String,
    pub(crate) tag: T,
}

/// Why the wire cannot go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WireError {
    /// The printer counts from the start again.
    Rebooted,
    /// It asks for the same line again and again.
    Stuck,
    /// Nothing came for longer than the command in flight may take.
    Silent,
}

#[derive(Debug, Clone)]
struct Sent<T> {
    n: u32,
    text: String,
    tag: T,
    taken: bool,
}

#[derive(Debug, Clone)]
struct Flight {
    /// `None` for an emergency line, which has no number.
    n: Option<u32>,
    text: String,
    sent_at: Now,
}

impl Flight {
    fn is_query(&self) -> bool {
        self.text == "M105"
    }
}

/// A resend under way: what the printer sends about lines behind the bad one is swallowed.
#[derive(Debug, Clone, Copy)]
struct Hold {
    oks_due: usize,
    since: Now,
}

/// One printer's wire. `T` marks lines for whoever sent them.
#[derive(Debug)]
pub(crate) struct Wire<T> {
    /// Lines that may be unanswered at once.
    window: usize,
    history: VecDeque<Sent<T>>,
    next_n: u32,
    /// The number to send next; `next_n` when no resend waits.
    cursor: u32,
    flight: VecDeque<Flight>,
    hold: Option<Hold>,
    /// The line asked for last, and how often in a row.
    asked: (u32, u32),
    /// A number that makes no sense, until it is heard again or disproved.
    strange: Option<u32>,
    /// Something smells of a lost `ok`: ask at this moment.
    suspect: Option<Millis>,
    /// Time of the last `ok`, `busy` or line sent.
    quiet_since: Now,
    last_heard: Now,
    /// Answers to queries that still come though nobody waits for them.
    stray_answers: u32,
    probes: u32,
    busy_protocol: bool,
    /// The firmware reports by itself every few seconds, so silence means that it is gone.
    pub(crate) chatty: bool,
    for_person: bool,
    pub(crate) resends: u64,
    pub(crate) lines_sent: u64,
}

impl<T: Clone> Wire<T> {
    pub(crate) fn new(now: Now) -> Self {
        Self {
            window: 1,
            history: VecDeque::with_capacity(KEEP),
            next_n: 1,
            cursor: 1,
            flight: VecDeque::new(),
            hold: None,
            asked: (0, 0),
            strange: None,
            suspect: None,
            quiet_since: now,
            last_heard: now,
            stray_answers: 0,
            probes: 0,
            busy_protocol: false,
            chatty: false,
            for_person: false,
            resends: 0,
            lines_sent: 0,
        }
    }

    /// Forgets all lines; the counters stay.
    pub(crate) fn reset(&mut self, now: Now) {
        let (resends, lines_sent) = (self.resends, self.lines_sent);
        *self = Self { resends, lines_sent, busy_protocol: self.busy_protocol, ..Self::new(now) };
    }

    /// Starts the numbering anew and returns the line that tells the printer.
    pub(crate) fn hello(&mut self, tag: T, now: Now) -> String {
        self.reset(now);
        self.history.push_back(Sent { n: 0, text: "M110 N0".into(), tag, taken: false });
        self.put(0, now)
    }

    /// Returns whether a new line may go out.
    pub(crate) fn is_ready(&self) -> bool {
        self.flight.len() < self.window && self.hold.is_none() && self.cursor == self.next_n
    }

    /// Returns whether the numbering should start anew before the next line.
    pub(crate) fn wants_hello(&self) -> bool {
        self.next_n > HIGHEST && self.flight.is_empty()
    }

    /// Numbers a new line and returns what to write. Only when ready, except for queries.
    pub(crate) fn send(&mut self, text: &str, tag: T, now: Now) -> String {
        let n = self.next_n;
        self.next_n += 1;
        self.history.push_back(Sent { n, text: text.to_owned(), tag, taken: false });
        while self.history.len() > KEEP && self.history.front().is_some_and(|s| s.taken) {
            self.history.pop_front();
        }
        self.put(n, now)
    }

    /// Counts a line that went out without a number: it is answered like any other.
    pub(crate) fn sent_raw(&mut self, text: &str, now: Now) {
        self.flight.push_back(Flight { n: None, text: text.to_owned(), sent_at: now });
    }

    /// Returns the next line of a resend, if one is due.
    pub(crate) fn poll_resend(&mut self, now: Now) -> Option<String> {
        if self.hold.is_some() || self.cursor >= self.next_n || self.flight.len() >= self.window {
            return None;
        }
        self.resends += 1;
        Some(self.put(self.cursor, now))
    }

    fn put(&mut self, n: u32, now: Now) -> String {
        let text = self.held(n).map(|s| s.text.clone()).unwrap_or_default();
        self.cursor = n + 1;
        if self.flight.is_empty() {
            self.quiet_since = now;
        }
        self.lines_sent += 1;
        self.flight.push_back(Flight { n: Some(n), text: text.clone(), sent_at: now });
        framed(n, &text)
    }

    fn held(&mut self, n: u32) -> Option<&mut Sent<T>> {
        self.history.iter_mut().find(|s| s.n == n)
    }

    /// Notes that something was heard at all.
    pub(crate) fn heard(&mut self, now: Now) {
        self.last_heard = now;
    }

    /// The printer says that it works.
    pub(crate) fn busy(&mut self, for_person: bool, now: Now) {
        self.busy_protocol = true;
        self.for_person = for_person;
        self.quiet_since = now;
    }

    /// Something smells of a lost `ok`.
    pub(crate) fn suspect(&mut self, in_ms: Millis, now: Now) {
        if !self.flight.is_empty() && self.hold.is_none() {
            self.suspect.get_or_insert(now.mono_ms + in_ms);
        }
    }

    /// Takes in an `ok`. Returns what the printer has taken by it.
    pub(crate) fn ok(&mut self, n: Option<u32>, with_heaters: bool, now: Now) -> Vec<Taken<T>> {
        if let Some(hold) = &mut self.hold {
            hold.oks_due = hold.oks_due.saturating_sub(1);
            hold.since = now;
            if hold.oks_due == 0 {
                self.release();
            }
            return Vec::new();
        }
        let count = self.answered(n, with_heaters);
        if count > 0 {
            (self.quiet_since, self.suspect, self.probes) = (now, None, 0);
            self.for_person = false;
            self.asked = (0, 0);
            self.strange = None;
        }
        let done: Vec<Flight> = self.flight.drain(..count).collect();
        done.into_iter().filter_map(|f| self.take(f.n?)).collect()
    }

    /// Returns how many lines in flight an `ok` answers.
    fn answered(&mut self, n: Option<u32>, with_heaters: bool) -> usize {
        let queries = self.flight.iter().filter(|f| f.is_query()).count();
        if with_heaters {
            if queries == 0 && self.stray_answers > 0 {
                self.stray_answers -= 1;
                return 0;
            }
            // Only a query is answered so: what was sent before it has been taken too.
            let at = match self.probes {
                0 => self.flight.iter().position(Flight::is_query),
                _ => self.flight.iter().rposition(Flight::is_query),
            };
            if let Some(at) = at {
                self.stray_answers += self.flight.iter().take(at).filter(|f| f.is_query()).count() as u32;
                return at + 1;
            }
        }
        if let Some(at) = n.and_then(|n| self.flight.iter().position(|f| f.n == Some(n))) {
            return at + 1;
        }
        if self.probes > 0 && queries == self.flight.len() {
            return queries;
        }
        self.flight.len().min(1)
    }

    fn take(&mut self, n: u32) -> Option<Taken<T>> {
        let sent = self.held(n)?;
        let first = !std::mem::replace(&mut sent.taken, true);
        first.then(|| Taken { text: sent.text.clone(), tag: sent.tag.clone() })
    }

    /// Takes in a wish for line `n`. Returns what the printer has taken, as that tells.
    pub(crate) fn resend(&mut self, n: u32, now: Now) -> Result<Vec<Taken<T>>, WireError> {
        if let Some(hold) = &mut self.hold {
            hold.since = now;
            if self.cursor == n {
                return Ok(Vec::new());
            }
        }
        let behind = self.flight.iter().filter(|f| f.n.is_some_and(|f| f > n)).count();
        self.hold = Some(Hold { oks_due: 1 + behind, since: now });
        self.suspect = None;
        if self.makes_no_sense(n) {
            if self.strange.replace(n) == Some(n) && n < self.next_n {
                return Err(WireError::Rebooted);
            }
            // It may have been garbled: a query brings the wish again, or an `ok`.
            self.hold = Some(Hold { oks_due: 1, since: now });
            return Ok(Vec::new());
        }
        self.asked = if self.asked.0 == n { (n, self.asked.1 + 1) } else { (n, 1) };
        if self.asked.1 > MOST_RESENDS {
            return Err(WireError::Stuck);
        }
        let taken: Vec<u32> = self.flight.iter().filter_map(|f| f.n).filter(|f| *f < n).collect();
        self.flight.clear();
        self.cursor = n;
        Ok(taken.into_iter().filter_map(|n| self.take(n)).collect())
    }

    /// Returns whether a printer that still runs would never ask for this line.
    fn makes_no_sense(&mut self, n: u32) -> bool {
        if n > self.next_n {
            return true;
        }
        let first_open = self.history.iter().find(|s| !s.taken).map_or(self.next_n, |s| s.n);
        let from_the_start = n <= 1 && first_open > 1;
        n != self.next_n && (from_the_start || n + FURTHEST_BACK < first_open || self.held(n).is_none())
    }

    fn release(&mut self) {
        self.hold = None;
        if self.strange.is_some() {
            self.suspect = Some(0);
        }
    }

    /// Looks at the clock. `Ok(true)`: a query should be sent now.
    pub(crate) fn check(&mut self, now: Now) -> Result<bool, WireError> {
        if let Some(hold) = self.hold {
            if now.since(hold.since) < RESEND_OK_MS {
                return Ok(false);
            }
            self.release();
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
        let overdue = ask_ms.is_some_and(|ms| now.since(self.quiet_since) >= ms);
        let open = self.flight.iter().filter(|f| f.is_query()).count();
        // Queries that were lost too make room for the next one.
        let room = open < MOST_PROBES || now.since(self.quiet_since) >= 15_000;
        Ok((suspected || overdue) && room)
    }

    /// Numbers a query past the window. An empty line before it ends one whose own end was lost: glued together, the
    /// two could pass for one line.
    pub(crate) fn probe(&mut self, tag: T, now: Now) -> String {
        let lost = self.flight.iter().filter(|f| f.is_query()).count();
        if lost >= MOST_PROBES {
            self.flight.retain(|f| !f.is_query());
        }
        self.suspect = None;
        self.quiet_since = now;
        self.probes += 1;
        format!("\n{}", self.send("M105", tag, now))
    }

    /// Returns the command the printer is busy with, and whether its deadline has passed.
    pub(crate) fn in_flight(&self, now: Now) -> Option<(&str, bool)> {
        let front = self.flight.front()?;
        let late = self.patience_of(front).deadline_ms.is_some_and(|ms| now.since(front.sent_at) > ms);
        Some((&front.text, late))
    }

    /// Returns how many queries in a row brought nothing.
    pub(crate) fn probes(&self) -> u32 {
        self.probes
    }

    fn patience_of(&self, flight: &Flight) -> Patience {
        if self.for_person {
            return Patience { ask_ms: None, deadline_ms: None };
        }
        patience(&flight.text, self.busy_protocol)
    }
}

/// Returns a line with number and checksum.
pub(crate) fn framed(n: u32, text: &str) -> String {
    let line = format!("N{n} {text}");
    let sum = line.bytes().fold(0, |sum, b| sum ^ b);
    format!("{line}*{sum}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_framed_as_firmwares_expect() {
        assert_eq!(framed(0, "M110 N0"), "N0 M110 N0*125");
        assert_eq!(framed(1, "G92 E0"), "N1 G92 E0*70");
        assert_eq!(framed(3, "G1 X3"), "N3 G1 X3*96");
    }

    #[test]
    fn a_garbled_wish_is_not_taken_for_a_reboot() {
        let now = Now::at(0);
        let mut wire = Wire::new(now);
        for _ in 0..20 {
            wire.send("G1 X1", (), now);
            wire.ok(None, false, now);
        }
        wire.send("G1 X2", (), now);
        assert_eq!(wire.resend(2, now), Ok(vec![]), "21 may have become 2");
        wire.ok(None, false, now);
        assert_eq!(wire.check(now), Ok(true), "so it is asked again");
        wire.probe((), now);
        assert_eq!(wire.resend(2, now), Err(WireError::Rebooted), "twice the same is the truth");
    }
}
