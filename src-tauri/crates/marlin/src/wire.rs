//! Line numbers, checksums, acknowledgements and resend requests: which lines are in flight, and which were acknowledged.
//!
//! Invariant: a line is sent again only when the printer asks for it by number. A lost `ok` is found out by a query
//! under a new number: firmwares drop a repeated line without a word.

mod ask;
mod error;
mod frame;
mod history;
mod resend;
#[cfg(test)]
mod tests;
mod window;

use crate::patience::{Class, class};
use ask::Silence;
use domain::{Millis, Now};
use frame::framed;
use history::{HIGHEST, History};
use resend::Resends;
use window::{InFlight, Window};

pub(crate) use error::WireError;
pub(crate) use history::Acknowledged;

/// One printer's wire. `T` marks lines for whoever sent them.
#[derive(Debug)]
pub(crate) struct Wire<T> {
    history: History<T>,
    window: Window,
    resends: Resends,
    silence: Silence,
    resends_sent: u64,
    /// Lines whose `ok` never came: a query showed that they had been taken. The stream stood still meanwhile.
    lost_answers: u64,
    lines_sent: u64,
}

impl<T: Clone> Wire<T> {
    pub(crate) fn new(now: Now) -> Self {
        Self {
            history: History::new(),
            window: Window::new(false),
            resends: Resends::default(),
            silence: Silence::new(now),
            resends_sent: 0,
            lost_answers: 0,
            lines_sent: 0,
        }
    }

    /// Forgets all lines; what was learnt of the port and the counters stay.
    pub(crate) fn reset(&mut self, now: Now) {
        self.history = History::new();
        self.window.clear();
        self.resends.reset();
        self.silence.reset(now);
    }

    /// A port was opened: nothing of what was learnt of another one holds. `holds_back`: USB itself holds back what the
    /// board cannot take.
    pub(crate) fn opened(&mut self, holds_back: bool, now: Now) {
        self.history = History::new();
        self.window = Window::new(holds_back);
        self.resends = Resends::default();
        self.silence = Silence::new(now);
    }

    /// The firmware told how many command slots are free after a command was acknowledged.
    pub(crate) fn free_slots(&mut self, free: usize) {
        self.window.free_slots(free);
    }

    /// The firmware reports by itself every few seconds.
    pub(crate) fn set_chatty(&mut self, chatty: bool) {
        self.silence.set_chatty(chatty);
    }

    /// The printer prints from its card, or does so no more.
    pub(crate) fn set_beside_card(&mut self, beside_card: bool) {
        self.silence.set_beside_card(beside_card);
    }

    /// Starts the numbering anew and returns the line that tells the printer.
    pub(crate) fn hello(&mut self, tag: T, now: Now) -> String {
        self.reset(now);
        let n = self.history.push_first("M110 N0", tag);
        self.put(n, now)
    }

    /// Goes on from the number that the printer wants, when it lies ahead of ours. Returns whether it does.
    pub(crate) fn count_from(&mut self, n: u32) -> bool {
        if n <= self.history.next_n() || n >= HIGHEST {
            return false;
        }
        self.history.count_from(n);
        self.window.clear();
        self.resends.count_from();
        self.silence.settle();
        true
    }

    /// Returns the longest command that may go out now, bytes; 0 while none may.
    pub(crate) fn room(&self) -> usize {
        if self.resends.is_open() || !self.history.is_all_sent() {
            return 0;
        }
        self.window.free_bytes(self.resends.is_much())
    }

    /// Returns whether a command is out that no other may wait behind.
    pub(crate) fn is_blocked(&self) -> bool {
        self.window.is_blocked()
    }

    /// Returns whether the numbering should start anew before the next line.
    pub(crate) fn wants_hello(&self) -> bool {
        self.is_running_out() && self.window.is_empty()
    }

    /// Returns whether the numbering is about to start anew, so that lines in flight have to end.
    pub(crate) fn is_running_out(&self) -> bool {
        self.history.next_n() > HIGHEST
    }

    /// Numbers a new line and returns what to write. Only when there is room, except for queries.
    pub(crate) fn send(&mut self, text: &str, tag: T, now: Now) -> String {
        let n = self.history.push(text, tag);
        self.put(n, now)
    }

    /// Counts a line that went out without a number: it is answered like any other.
    pub(crate) fn sent_raw(&mut self, text: &str, now: Now) {
        let (class, raw) = (class(text), text.to_owned());
        self.window.push(InFlight { n: None, raw, class, query: false, bytes: text.len() + 1, sent_at: now });
    }

    fn put(&mut self, n: u32, now: Now) -> String {
        let text = self.history.text_of(n).unwrap_or_default();
        let line = framed(n, text);
        let (class, query, bytes) = (class(text), text == "M105", line.len() + 1);
        self.history.sent(n);
        if self.window.is_empty() {
            self.silence.begins(now);
        }
        self.lines_sent += 1;
        self.window.push(InFlight { n: Some(n), raw: String::new(), class, query, bytes, sent_at: now });
        line
    }

    /// Notes that something was heard at all.
    pub(crate) fn heard(&mut self, now: Now) {
        self.silence.heard(now);
    }

    /// The printer says that it works.
    pub(crate) fn busy(&mut self, for_person: bool, now: Now) {
        self.silence.busy(for_person, now);
    }

    /// Something smells of a lost `ok`.
    pub(crate) fn suspect(&mut self, in_ms: Millis, now: Now) {
        if !self.window.is_empty() && !self.resends.is_open() {
            self.silence.suspect(now.mono_ms + in_ms);
        }
    }

    /// Notes which line the printer took last, as the error before a resend request says.
    pub(crate) fn bad_line(&mut self, last: Option<u32>, now: Now) {
        self.resends.bad_line(last, now);
    }

    /// Returns whether an `ok` comes right behind an error about a bad line that nobody has asked for again.
    pub(crate) fn ok_follows_bad_line(&self, now: Now) -> bool {
        self.resends.ok_follows_bad_line(&self.window, now)
    }

    /// Takes in a request for line `n`, `None` when its number is damaged. Returns what was acknowledged, as that tells.
    ///
    /// # Errors
    /// When the printer counts from the start again, or asks for the same line again and again.
    pub(crate) fn resend(&mut self, n: Option<u32>, now: Now) -> Result<Vec<Acknowledged<T>>, WireError> {
        let parts = (&mut self.history, &mut self.window, &mut self.silence);
        self.resends.on_request(n, self.lines_sent, parts, now)
    }

    /// Returns the next line of a resend, if one is due.
    pub(crate) fn poll_resend(&mut self, now: Now) -> Option<String> {
        let n = self.resends.poll_transmit(&self.history, &self.window, &mut self.silence, now)?;
        self.resends_sent += 1;
        Some(self.put(n, now))
    }

    /// Takes in an `ok`. Returns what it acknowledges.
    pub(crate) fn ok(&mut self, n: Option<u32>, with_heaters: bool, now: Now) -> Vec<Acknowledged<T>> {
        let numbered = n.is_some_and(|n| self.window.has(n));
        if !numbered && !with_heaters && self.resends.takes_ok(&self.window, now) {
            return Vec::new();
        }
        let count = self.silence.answered(n, with_heaters, &self.window);
        if with_heaters {
            self.lost_answers += self.window.iter().take(count).filter(|line| !line.query).count() as u64;
        }
        let mut waited_ms = 0;
        if let Some(first) = self.window.front().filter(|_| count > 0) {
            let all_known = with_heaters || count == self.window.len();
            waited_ms = self.silence.acknowledged(first, all_known, now);
            self.resends.on_ok();
        }
        let mut acknowledged = Vec::with_capacity(count);
        for _ in 0..count {
            let Some(line) = self.window.pop() else { break };
            self.silence.note_dwell(&line, now);
            let Some(n) = line.n else { continue };
            self.resends.on_acknowledged(n);
            self.acknowledge_passed_over(n, &mut acknowledged);
            acknowledged.extend(self.resends.acknowledge(n, waited_ms, &mut self.history));
        }
        acknowledged
    }

    /// Numbers are taken in order: what is before a line that was acknowledged, and not in flight any more, was taken
    /// too.
    fn acknowledge_passed_over(&mut self, n: u32, acknowledged: &mut Vec<Acknowledged<T>>) {
        let mut first = n;
        while let Some(before) = first.checked_sub(1)
            && self.history.tag_of(before).is_some()
            && !self.window.has(before)
        {
            first = before;
        }
        for n in first..n {
            acknowledged.extend(self.resends.acknowledge(n, 0, &mut self.history));
        }
    }

    /// Looks at the clock. `Ok(true)`: a query should be sent now.
    ///
    /// # Errors
    /// When nothing came for longer than the command in flight may take.
    pub(crate) fn check(&mut self, now: Now) -> Result<bool, WireError> {
        let next_n = self.history.next_n();
        if self.resends.is_waiting(next_n, &self.window, &mut self.silence, now) {
            return Ok(false);
        }
        self.silence.check(&self.window, now)
    }

    /// Returns when the clock is to be looked at again: a line is to be sent again, a query to be sent, or the link to be
    /// given up.
    pub(crate) fn poll_timeout(&self) -> Option<Millis> {
        let waits_until = self.resends.waits_until().unwrap_or(0);
        let asks = self.silence.poll_timeout(&self.window).map(|at| at.max(waits_until));
        self.resends.poll_timeout(&self.history, &self.window).into_iter().chain(asks).min()
    }

    /// Numbers a query past the window. An empty line before it ends one whose own end was lost: glued together, the
    /// two could pass for one line.
    pub(crate) fn probe(&mut self, tag: T, now: Now) -> String {
        self.silence.probe(&mut self.window, now);
        self.resends.on_query();
        // A query has the next number; a resend that was under way begins again when the printer asks for it.
        self.history.skip_resend();
        format!("\n{}", self.send("M105", tag, now))
    }

    /// Returns how many queries in a row brought nothing.
    pub(crate) fn probes(&self) -> u32 {
        self.silence.probes()
    }

    /// Returns the command that the printer is busy with, and its mark.
    pub(crate) fn front(&self) -> Option<(&str, Option<&T>)> {
        let front = self.window.front()?;
        let text = front.n.and_then(|n| self.history.text_of(n)).unwrap_or(&front.raw);
        Some((text, front.n.and_then(|n| self.history.tag_of(n))))
    }

    /// Returns the command that the printer is busy with, and whether its deadline has passed.
    pub(crate) fn in_flight(&self, now: Now) -> Option<(&str, bool)> {
        let (text, _) = self.front()?;
        Some((text, self.late_at().is_some_and(|at| now.mono_ms >= at)))
    }

    /// Returns what the command that the printer is busy with does.
    pub(crate) fn class_in_flight(&self) -> Option<Class> {
        self.window.front().map(|front| front.class)
    }

    /// Returns when the command that the printer is busy with takes longer than it may.
    pub(crate) fn late_at(&self) -> Option<Millis> {
        self.silence.late_at(&self.window)
    }

    /// Returns since when nothing has been heard though an answer is due; `None` while something is under way that may
    /// be long and silent.
    pub(crate) fn silent_from(&self) -> Option<Millis> {
        self.silence.silent_from(&self.window)
    }

    /// Returns whether one line is asked for again and again, and queries between bring nothing but the same.
    pub(crate) fn never_takes(&self) -> bool {
        self.resends.never_takes(self.probes())
    }

    /// Returns the line that was asked for last, and its text.
    pub(crate) fn asked_for(&self) -> (u32, String) {
        let n = self.resends.asked_for();
        (n, self.history.text_of(n).map(str::to_owned).unwrap_or_default())
    }

    /// Returns the mark of a line that was not acknowledged yet.
    pub(crate) fn tag_of(&self, n: u32) -> Option<&T> {
        self.history.tag_of(n)
    }

    /// Returns how many lines were sent again, were acknowledged without an `ok`, and were sent.
    pub(crate) fn counts(&self) -> [u64; 3] {
        [self.resends_sent, self.lost_answers, self.lines_sent]
    }
}
