//! Numbers, checksums, oks and resends: which lines are on their way, and which the printer has taken.
//!
//! Several lines may be unanswered at once, so that the printer parses one while the next is on the cable. What limits
//! them is the smallest receive buffer in use: whatever the firmware is busy with, all that is unanswered fits into it.
//!
//! Invariant: a line is sent again only when the printer asks for it by number. A lost `ok` is found out by a query
//! under a new number: firmwares drop a repeated line without a word.

mod ask;
mod frame;
mod resend;
#[cfg(test)]
mod tests;

use crate::patience::{Class, class};
use ask::ASK_LATEST_MS;
use domain::{Millis, Now};
use frame::{FRAME_BYTES, framed};
use resend::Wish;
use std::collections::VecDeque;

/// Sent lines kept for a resend.
const KEEP: usize = 64;
/// Above this the numbering starts anew, so that it keeps its length.
const HIGHEST: u32 = 9_999_000;
/// Command slots of the smallest boards.
const SLOTS: usize = 4;
/// More lines than this bring nothing, however many slots a board has.
const MOST_SLOTS: usize = 16;
/// Bytes that may be unanswered: the receive ring of 8-bit boards holds 128.
const RING_BYTES: usize = 120;
/// The same where USB itself holds back what the board cannot take.
const USB_BYTES: usize = 480;
/// Trouble above this narrows the window to one line; each wish adds 1, each line taken removes a hundredth.
const MUCH_TROUBLE: f32 = 3.0;

/// A line that the printer has taken, with the mark of whoever sent it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Taken<T> {
    pub(crate) text: String,
    pub(crate) tag: T,
    /// How long the printer had it alone: since it was sent, or since the `ok` before.
    pub(crate) waited_ms: Millis,
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
    /// Gone once the printer has taken the line.
    tag: Option<T>,
}

#[derive(Debug, Clone)]
struct Flight {
    /// `None` for an emergency line, which has no number.
    n: Option<u32>,
    /// The text of a line without a number.
    raw: String,
    class: Class,
    query: bool,
    /// Bytes that may still wait in the printer's receive buffer.
    bytes: usize,
    sent_at: Now,
}

/// One printer's wire. `T` marks lines for whoever sent them.
#[derive(Debug)]
pub(crate) struct Wire<T> {
    /// Lines that may be unanswered at once, and their bytes.
    slots: usize,
    ring_bytes: usize,
    history: VecDeque<Sent<T>>,
    next_n: u32,
    /// The number to send next; `next_n` when no resend waits.
    cursor: u32,
    flight: VecDeque<Flight>,
    /// A wish for a line that has not been fulfilled.
    wish: Option<Wish>,
    /// The line asked for last, and how often in a row.
    asked: (u32, u32),
    /// How often lines were asked for lately.
    trouble: f32,
    /// Wishes in a row that no `ok` followed.
    bare_wishes: u32,
    /// Wishes in a row that were not repeated though lines were behind.
    asked_once: u8,
    /// A number that makes no sense, until it is heard again or disproved.
    strange: Option<u32>,
    /// The last line taken, as the error before a wish tells it.
    told_last: Option<(u32, Now)>,
    /// How many lines had been sent when one was asked for last.
    wished_at: Option<u64>,
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
    pub(crate) chatty: bool,
    /// The printer prints from its card: its answers wait behind what it reads there, heating included.
    pub(crate) beside_card: bool,
    for_person: bool,
    pub(crate) resends: u64,
    /// Lines whose `ok` never came: a query showed that they had been taken. The stream stood still meanwhile.
    pub(crate) lost_answers: u64,
    pub(crate) lines_sent: u64,
}

impl<T: Clone> Wire<T> {
    pub(crate) fn new(now: Now) -> Self {
        Self {
            slots: SLOTS,
            ring_bytes: RING_BYTES,
            history: VecDeque::with_capacity(KEEP),
            next_n: 1,
            cursor: 1,
            flight: VecDeque::new(),
            wish: None,
            asked: (0, 0),
            trouble: 0.0,
            bare_wishes: 0,
            asked_once: 0,
            strange: None,
            told_last: None,
            wished_at: None,
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
            resends: 0,
            lost_answers: 0,
            lines_sent: 0,
        }
    }

    /// Forgets all lines; what was learnt of the port and the counters stay.
    pub(crate) fn reset(&mut self, now: Now) {
        *self = Self {
            slots: self.slots,
            ring_bytes: self.ring_bytes,
            bare_wishes: self.bare_wishes,
            asked_once: self.asked_once,
            resends: self.resends,
            lost_answers: self.lost_answers,
            lines_sent: self.lines_sent,
            busy_protocol: self.busy_protocol,
            ..Self::new(now)
        };
    }

    /// A port was opened: nothing of what was learnt of another one holds.
    pub(crate) fn opened(&mut self, holds_back: bool, now: Now) {
        let (resends, lost_answers, lines_sent) = (self.resends, self.lost_answers, self.lines_sent);
        let ring_bytes = if holds_back { USB_BYTES } else { RING_BYTES };
        *self = Self { ring_bytes, resends, lost_answers, lines_sent, ..Self::new(now) };
    }

    /// The firmware told how many command slots are free after a command was taken.
    pub(crate) fn free_slots(&mut self, free: usize) {
        // The command just answered still has its own.
        self.slots = self.slots.max((free + 1).min(MOST_SLOTS));
    }

    /// Starts the numbering anew and returns the line that tells the printer.
    pub(crate) fn hello(&mut self, tag: T, now: Now) -> String {
        self.reset(now);
        self.history.push_back(Sent { n: 0, text: "M110 N0".into(), tag: Some(tag) });
        self.put(0, now)
    }

    /// Returns the longest command that may go out now, bytes; 0 while none may.
    pub(crate) fn room(&self) -> usize {
        if self.wish.is_some() || self.cursor != self.next_n {
            return 0;
        }
        self.free_bytes()
    }

    fn free_bytes(&self) -> usize {
        if self.flight.is_empty() {
            return usize::MAX;
        }
        let slots = if self.trouble > MUCH_TROUBLE { 1 } else { self.slots };
        if self.flight.len() >= slots {
            return 0;
        }
        let waiting: usize = self.flight.iter().map(|f| f.bytes).sum();
        self.ring_bytes.saturating_sub(waiting + FRAME_BYTES)
    }

    /// Returns whether a command is out that no other may wait behind: what is in the printer's buffer cannot be taken
    /// back when a person cancels while it heats, homes, or waits.
    pub(crate) fn is_blocked(&self) -> bool {
        self.flight.iter().any(|f| match f.class {
            Class::Heat | Class::Home | Class::Person | Class::Dwell(_) => true,
            Class::Quick | Class::Move | Class::Drain => false,
        })
    }

    /// Returns whether the numbering should start anew before the next line.
    pub(crate) fn wants_hello(&self) -> bool {
        self.next_n > HIGHEST && self.flight.is_empty()
    }

    /// Returns whether the numbering is about to start anew, so that lines in flight have to end.
    pub(crate) fn is_running_out(&self) -> bool {
        self.next_n > HIGHEST
    }

    /// Numbers a new line and returns what to write. Only when there is room, except for queries.
    pub(crate) fn send(&mut self, text: &str, tag: T, now: Now) -> String {
        let n = self.next_n;
        self.next_n += 1;
        self.history.push_back(Sent { n, text: text.to_owned(), tag: Some(tag) });
        while self.history.len() > KEEP && self.history.front().is_some_and(|s| s.tag.is_none()) {
            self.history.pop_front();
        }
        self.put(n, now)
    }

    /// Counts a line that went out without a number: it is answered like any other.
    pub(crate) fn sent_raw(&mut self, text: &str, now: Now) {
        let bytes = text.len() + 1;
        let class = class(text);
        self.flight.push_back(Flight {
            n: None,
            raw: text.to_owned(),
            class,
            query: false,
            bytes,
            sent_at: now,
        });
    }

    fn put(&mut self, n: u32, now: Now) -> String {
        let text = self.held(n).map(|s| s.text.as_str()).unwrap_or_default();
        let line = framed(n, text);
        let (class, query, bytes) = (class(text), text == "M105", line.len() + 1);
        self.cursor = n + 1;
        if self.flight.is_empty() {
            self.quiet_since = now;
        }
        self.lines_sent += 1;
        self.flight.push_back(Flight { n: Some(n), raw: String::new(), class, query, bytes, sent_at: now });
        line
    }

    /// Returns a line that is kept. Numbers follow each other, so its place is known.
    fn held(&self, n: u32) -> Option<&Sent<T>> {
        let first = self.history.front()?.n;
        self.history.get(n.checked_sub(first)? as usize)
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
        if !self.flight.is_empty() && self.wish.is_none() {
            self.suspect.get_or_insert(now.mono_ms + in_ms);
        }
    }

    /// Takes in an `ok`. Returns what the printer has taken by it.
    pub(crate) fn ok(&mut self, n: Option<u32>, with_heaters: bool, now: Now) -> Vec<Taken<T>> {
        let numbered = n.is_some_and(|n| self.flight.iter().any(|f| f.n == Some(n)));
        if !numbered && !with_heaters && self.ok_of_wish(now) {
            return Vec::new();
        }
        let count = self.answered(n, with_heaters);
        let sent_ms = self.flight.front().map_or(0, |front| now.since(front.sent_at));
        let waited_ms = sent_ms.min(now.since(self.last_ok));
        if with_heaters {
            self.lost_answers += self.flight.iter().take(count).filter(|f| !f.query).count() as u64;
        }
        if count > 0 {
            self.last_ok = now;
            // A long wait for heat or homing says nothing about the next move.
            let ms = (now.since(self.quiet_since) as f32).min(ASK_LATEST_MS);
            self.pace_ms += (ms - self.pace_ms) * 0.1;
            (self.quiet_since, self.probes) = (now, 0);
            // An `ok` may be that of the line after: only an answer to a query shows that none is missing.
            if with_heaters || count == self.flight.len() {
                self.suspect = None;
            }
            self.for_person = false;
            self.strange = None;
        }
        let mut taken = Vec::with_capacity(count);
        for _ in 0..count {
            let Some(n) = self.flight.pop_front().and_then(|f| f.n) else { continue };
            self.fulfilled(n);
            taken.extend(self.take(n, waited_ms));
        }
        taken
    }

    /// Returns how many lines in flight an `ok` answers.
    fn answered(&mut self, n: Option<u32>, with_heaters: bool) -> usize {
        let queries = self.flight.iter().filter(|f| f.query).count();
        if with_heaters {
            if queries == 0 && self.stray_answers > 0 {
                self.stray_answers -= 1;
                return 0;
            }
            // Only a query is answered so: what was sent before it has been taken too.
            let at = match self.probes {
                0 => self.flight.iter().position(|f| f.query),
                _ => self.flight.iter().rposition(|f| f.query),
            };
            if let Some(at) = at {
                self.stray_answers += self.flight.iter().take(at).filter(|f| f.query).count() as u32;
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

    fn take(&mut self, n: u32, waited_ms: Millis) -> Option<Taken<T>> {
        self.trouble *= 0.99;
        let at = n.checked_sub(self.history.front()?.n)? as usize;
        let sent = self.history.get_mut(at)?;
        let tag = sent.tag.take()?;
        Some(Taken { text: sent.text.clone(), tag, waited_ms })
    }

    /// Returns the command the printer is busy with, and whether its deadline has passed.
    pub(crate) fn in_flight(&self, now: Now) -> Option<(&str, bool)> {
        let front = self.flight.front()?;
        let late = self.patience_of(front).deadline_ms.is_some_and(|ms| now.since(front.sent_at) > ms);
        let text = front.n.and_then(|n| self.held(n)).map_or(front.raw.as_str(), |s| &s.text);
        Some((text, late))
    }

    /// Returns how many queries in a row brought nothing.
    pub(crate) fn probes(&self) -> u32 {
        self.probes
    }
}
