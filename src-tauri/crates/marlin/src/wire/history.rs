//! Lines that were sent, kept for as long as the printer may ask for them again.

use domain::Millis;
use std::collections::VecDeque;

/// Sent lines kept for a resend.
const KEEP: usize = 64;
/// Above this the numbering starts anew, so that it keeps its length.
pub(super) const HIGHEST: u32 = 9_999_000;

/// A line that was acknowledged, with the mark of whoever sent it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Acknowledged<T> {
    pub(crate) text: String,
    pub(crate) tag: T,
    /// How long the printer had it alone: since it was sent, or since the `ok` before.
    pub(crate) waited_ms: Millis,
}

#[derive(Debug, Clone)]
struct Sent<T> {
    n: u32,
    text: String,
    /// Gone once the line was acknowledged.
    tag: Option<T>,
}

/// Numbered lines, oldest first. Numbers follow each other.
#[derive(Debug)]
pub(super) struct History<T> {
    lines: VecDeque<Sent<T>>,
    next_n: u32,
    /// The number to send next; `next_n` when no resend waits.
    cursor: u32,
}

impl<T: Clone> History<T> {
    pub(super) fn new() -> Self {
        Self { lines: VecDeque::with_capacity(KEEP), next_n: 1, cursor: 1 }
    }

    /// Numbering starts here: nothing before is kept.
    pub(super) fn count_from(&mut self, n: u32) {
        self.lines.clear();
        (self.next_n, self.cursor) = (n, n);
    }

    /// Keeps the line that tells the printer where the numbers start.
    pub(super) fn push_first(&mut self, text: &str, tag: T) -> u32 {
        self.lines.push_back(Sent { n: 0, text: text.to_owned(), tag: Some(tag) });
        0
    }

    /// Keeps a line. Returns its number.
    pub(super) fn push(&mut self, text: &str, tag: T) -> u32 {
        let n = self.next_n;
        self.next_n += 1;
        self.lines.push_back(Sent { n, text: text.to_owned(), tag: Some(tag) });
        while self.lines.len() > KEEP && self.lines.front().is_some_and(|sent| sent.tag.is_none()) {
            self.lines.pop_front();
        }
        n
    }

    pub(super) fn next_n(&self) -> u32 {
        self.next_n
    }

    /// Returns the number of the line to send again; `None` when none waits.
    pub(super) fn resend_n(&self) -> Option<u32> {
        (self.cursor < self.next_n).then_some(self.cursor)
    }

    /// Returns whether all lines are out.
    pub(super) fn is_all_sent(&self) -> bool {
        self.cursor == self.next_n
    }

    /// A line is out.
    pub(super) fn sent(&mut self, n: u32) {
        self.cursor = n + 1;
    }

    /// The line of this number, and those behind it, are to be sent again.
    pub(super) fn rewind(&mut self, n: u32) {
        self.cursor = n;
    }

    /// A resend under way is given up: the printer asks for it again.
    pub(super) fn skip_resend(&mut self) {
        self.cursor = self.next_n;
    }

    fn held(&self, n: u32) -> Option<&Sent<T>> {
        let first = self.lines.front()?.n;
        self.lines.get(n.checked_sub(first)? as usize)
    }

    pub(super) fn holds(&self, n: u32) -> bool {
        self.held(n).is_some()
    }

    pub(super) fn text_of(&self, n: u32) -> Option<&str> {
        self.held(n).map(|sent| sent.text.as_str())
    }

    /// Returns the mark of a line that was not acknowledged yet.
    pub(super) fn tag_of(&self, n: u32) -> Option<&T> {
        self.held(n)?.tag.as_ref()
    }

    /// Returns the first number that was not acknowledged.
    pub(super) fn first_open(&self) -> u32 {
        self.lines.iter().find(|sent| sent.tag.is_some()).map_or(self.next_n, |sent| sent.n)
    }

    /// A line was acknowledged; nothing when it was before.
    pub(super) fn acknowledge(&mut self, n: u32, waited_ms: Millis) -> Option<Acknowledged<T>> {
        let at = n.checked_sub(self.lines.front()?.n)? as usize;
        let sent = self.lines.get_mut(at)?;
        let tag = sent.tag.take()?;
        Some(Acknowledged { text: sent.text.clone(), tag, waited_ms })
    }
}
