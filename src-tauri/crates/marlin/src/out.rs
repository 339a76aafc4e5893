//! What parts emit, in order, and where it waits until it is written or told.

use crate::message::Message;
use crate::tag::Tag;
use domain::{LinkChange, OrderKind, RefusedReason};
use std::collections::VecDeque;

/// One thing that a part emits.
#[derive(Debug)]
enum Effect {
    Change(LinkChange),
    /// A change that is told unless the same words were told last.
    News(String, LinkChange),
    /// A line of ours, behind those that wait.
    Line(String, Tag),
    /// Lines of ours before those that wait.
    LinesFirst(Vec<(String, Tag)>),
    /// A line that goes out at once, without number.
    Raw(String),
    /// Lines of ours that wait are not sent.
    DropLines,
    /// Lines without number that wait are not sent.
    DropRaw,
    /// The link has to be given up.
    Broken(String),
    Ask(Message),
}

/// Takes what parts emit. Nothing of it happens before `link` has seen to it, one after the other.
#[derive(Debug, Default)]
pub(crate) struct Out {
    effects: Vec<Effect>,
}

impl Out {
    pub(crate) fn change(&mut self, change: LinkChange) {
        self.effects.push(Effect::Change(change));
    }

    /// Passes on what the printer says. A firmware that repeats itself fills no log.
    pub(crate) fn say(&mut self, text: String) {
        self.effects.push(Effect::News(text.clone(), LinkChange::Says(text)));
    }

    /// The same for a change that tells more of the same words.
    pub(crate) fn news(&mut self, text: String, change: LinkChange) {
        self.effects.push(Effect::News(text, change));
    }

    pub(crate) fn refuse(&mut self, order: OrderKind, reason: RefusedReason, why: &str) {
        self.change(LinkChange::Refused { order, reason, why: why.into() });
    }

    pub(crate) fn line(&mut self, text: impl Into<String>, tag: Tag) {
        self.effects.push(Effect::Line(text.into(), tag));
    }

    pub(crate) fn lines_first(&mut self, lines: Vec<(String, Tag)>) {
        self.effects.push(Effect::LinesFirst(lines));
    }

    pub(crate) fn raw(&mut self, text: impl Into<String>) {
        self.effects.push(Effect::Raw(text.into()));
    }

    pub(crate) fn drop_lines(&mut self) {
        self.effects.push(Effect::DropLines);
    }

    pub(crate) fn drop_raw(&mut self) {
        self.effects.push(Effect::DropRaw);
    }

    pub(crate) fn broken(&mut self, why: impl Into<String>) {
        self.effects.push(Effect::Broken(why.into()));
    }

    pub(crate) fn ask(&mut self, message: Message) {
        self.effects.push(Effect::Ask(message));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.effects.is_empty()
    }
}

/// What waits to be written or told.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    /// Lines of ours between those of the file.
    lines: VecDeque<(String, Tag)>,
    /// Lines that go out at once, without number.
    raw: VecDeque<String>,
    changes: VecDeque<LinkChange>,
    last_said: String,
    broken: Option<String>,
}

impl Outbox {
    /// Takes what was emitted, up to the first message. Returns that, and what is left behind it.
    pub(crate) fn take(&mut self, out: &mut Out) -> Option<(Message, Out)> {
        let mut effects = std::mem::take(&mut out.effects).into_iter();
        while let Some(effect) = effects.next() {
            match effect {
                Effect::Change(change) => self.changes.push_back(change),
                Effect::News(text, change) => {
                    if self.last_said != text {
                        self.last_said = text;
                        self.changes.push_back(change);
                    }
                }
                Effect::Line(text, tag) => self.lines.push_back((text, tag)),
                Effect::LinesFirst(lines) => {
                    lines.into_iter().rev().for_each(|line| self.lines.push_front(line));
                }
                Effect::Raw(text) => self.raw.push_back(text),
                Effect::DropLines => self.lines.clear(),
                Effect::DropRaw => self.raw.clear(),
                Effect::Broken(why) => drop(self.broken.get_or_insert(why)),
                Effect::Ask(message) => return Some((message, Out { effects: effects.collect() })),
            }
        }
        None
    }

    /// A print begins: what is said again is news.
    pub(crate) fn print_begins(&mut self) {
        self.last_said.clear();
    }

    pub(crate) fn pop_line(&mut self) -> Option<(String, Tag)> {
        self.lines.pop_front()
    }

    pub(crate) fn pop_raw(&mut self) -> Option<String> {
        self.raw.pop_front()
    }

    /// Returns the length of the line that waits longest.
    pub(crate) fn next_len(&self) -> Option<usize> {
        self.lines.front().map(|(text, _)| text.len())
    }

    /// Returns how many lines of ours wait.
    pub(crate) fn waiting(&self) -> usize {
        self.lines.len()
    }

    pub(crate) fn has_raw(&self) -> bool {
        !self.raw.is_empty()
    }

    /// Returns the next change, oldest first.
    pub(crate) fn poll_change(&mut self) -> Option<LinkChange> {
        self.changes.pop_front()
    }

    /// Returns why the link has to be given up, once.
    pub(crate) fn poll_broken(&mut self) -> Option<String> {
        self.broken.take()
    }
}
