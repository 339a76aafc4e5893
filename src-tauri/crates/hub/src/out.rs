//! What parts emit, in order, and the two forms of words: log entries and notices.

use crate::message::Message;
use domain::{
    AlarmKind, Answer, Effect, EventClass, EventType, FrameId, Initiator, NoticeKind, Order, PrintId,
    ReplyTo, Write,
};

/// One thing that a part emits.
#[derive(Debug)]
pub(crate) enum Emitted {
    Effect(Effect),
    Order(Order),
    Log(About, Entry),
    Notify(Words),
    Ask(Message),
}

/// The print that a log entry is about.
#[derive(Debug, Clone, Copy)]
pub(crate) enum About {
    /// The one under way when the entry is written, if there is one.
    Current,
    /// This one, which may have ended.
    Print(PrintId),
}

/// A notice in the making.
#[derive(Debug)]
pub(crate) struct Words {
    pub(crate) kind: NoticeKind,
    pub(crate) title: String,
    pub(crate) text: String,
    pub(crate) frame: Option<FrameId>,
}

/// Takes what parts emit. Nothing of it happens before the session has seen to it, one after the other.
#[derive(Debug, Default)]
pub(crate) struct Out {
    fresh: Vec<Emitted>,
    /// What is seen to, the next one last.
    waiting: Vec<Emitted>,
    changed: bool,
}

impl Out {
    fn emit(&mut self, emitted: Emitted) {
        self.changed = true;
        self.fresh.push(emitted);
    }

    /// Something that is shown has changed, though nothing is emitted.
    pub(crate) fn changed(&mut self) {
        self.changed = true;
    }

    /// Returns whether anything was emitted, or has changed.
    pub(crate) fn has_changed(&self) -> bool {
        self.changed
    }

    pub(crate) fn ask(&mut self, message: Message) {
        self.emit(Emitted::Ask(message));
    }

    /// Raises an alarm, in the place of one of its kind.
    pub(crate) fn raise(&mut self, kind: AlarmKind, text: impl Into<String>) {
        self.ask(Message::Raise { kind, text: text.into(), leaves: None });
    }

    /// What alarms of these kinds are about is over.
    pub(crate) fn clear(&mut self, kinds: &'static [AlarmKind]) {
        self.ask(Message::Clear(kinds));
    }

    pub(crate) fn effect(&mut self, effect: Effect) {
        self.emit(Emitted::Effect(effect));
    }

    pub(crate) fn order(&mut self, order: Order) {
        self.emit(Emitted::Order(order));
    }

    pub(crate) fn record(&mut self, write: Write) {
        self.effect(Effect::Record(write, None));
    }

    pub(crate) fn record_then_answer(&mut self, write: Write, to: ReplyTo) {
        self.effect(Effect::Record(write, Some(to)));
    }

    pub(crate) fn reply(&mut self, to: ReplyTo, answer: Answer) {
        self.effect(Effect::Reply(to, answer));
    }

    /// Appends to the event log, for the print under way if there is one.
    pub(crate) fn log(&mut self, entry: Entry) {
        self.emit(Emitted::Log(About::Current, entry));
    }

    /// Appends to the event log for a print that may have ended.
    pub(crate) fn log_for(&mut self, print: PrintId, entry: Entry) {
        self.emit(Emitted::Log(About::Print(print), entry));
    }

    /// Tells people outside the window. The title is about the printer, so it goes on after the printer's name.
    pub(crate) fn notify(&mut self, kind: NoticeKind, title: impl Into<String>, text: impl Into<String>) {
        self.emit(Emitted::Notify(Words { kind, title: title.into(), text: text.into(), frame: None }));
    }

    pub(crate) fn notify_with(
        &mut self,
        kind: NoticeKind,
        title: impl Into<String>,
        text: impl Into<String>,
        frame: FrameId,
    ) {
        let words = Words { kind, title: title.into(), text: text.into(), frame: Some(frame) };
        self.emit(Emitted::Notify(words));
    }

    /// Begins to see to what was emitted since the last call. Returns how much waits behind it.
    pub(crate) fn begin(&mut self) -> usize {
        let behind = self.waiting.len();
        self.waiting.extend(self.fresh.drain(..).rev());
        behind
    }

    /// Returns the next of what was begun with, until so much is left.
    pub(crate) fn next(&mut self, behind: usize) -> Option<Emitted> {
        if self.waiting.len() > behind { self.waiting.pop() } else { None }
    }
}

/// One entry of the log in the making.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) kind: EventType,
    pub(crate) class: EventClass,
    pub(crate) title: String,
    pub(crate) text: String,
    pub(crate) by: Initiator,
    pub(crate) picture: Option<FrameId>,
}

impl Entry {
    /// Begins an entry; by the app itself unless said otherwise.
    pub(crate) fn new(kind: EventType, class: EventClass, title: impl Into<String>) -> Self {
        Self { kind, class, title: title.into(), text: String::new(), by: Initiator::App, picture: None }
    }

    pub(crate) fn text(self, text: impl Into<String>) -> Self {
        Self { text: text.into(), ..self }
    }

    pub(crate) fn by(self, by: Initiator) -> Self {
        Self { by, ..self }
    }

    pub(crate) fn picture(self, frame: FrameId) -> Self {
        Self { picture: Some(frame), ..self }
    }
}
