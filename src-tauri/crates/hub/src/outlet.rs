//! How effects leave: the outlet of one step, and the two forms of words, log entries and notices.

use crate::watch::PrintWatch;
use crate::world::World;
use domain::{
    Answer, Effect, EventClass, EventId, EventType, FrameId, Initiator, Notice, NoticeKind, Now, Order,
    PrintId, PrinterEvent, PrinterKind, Refusal, ReplyTo, Write,
};

/// What one step sees and gives out.
pub(crate) struct Outlet<'a> {
    pub(crate) world: &'a World,
    /// The moment, on the printer's clock.
    pub(crate) now: Now,
    /// The number that the next print gets.
    pub(crate) next_print: &'a mut PrintId,
    pub(crate) effects: Vec<Effect>,
}

impl Outlet<'_> {
    pub(crate) fn order(&mut self, watch: &PrintWatch, order: Order) {
        self.effects.push(Effect::Order(watch.settings.id, order));
    }

    pub(crate) fn record(&mut self, write: Write) {
        self.effects.push(Effect::Record(write, None));
    }

    pub(crate) fn record_then_answer(&mut self, write: Write, to: ReplyTo) {
        self.effects.push(Effect::Record(write, Some(to)));
    }

    pub(crate) fn reply(&mut self, to: ReplyTo, answer: Answer) {
        self.effects.push(Effect::Reply(to, answer));
    }

    /// Appends to the event log, for the print under way if there is one.
    pub(crate) fn log(&mut self, watch: &PrintWatch, entry: Entry) {
        self.log_for(watch, watch.running.as_ref().map(|r| r.print.id), entry);
    }

    /// Appends to the event log for a print that may have ended.
    pub(crate) fn log_for(&mut self, watch: &PrintWatch, print: Option<PrintId>, entry: Entry) {
        self.record(Write::Event(Box::new(PrinterEvent {
            id: EventId(0),
            print,
            printer: watch.settings.id,
            event_type: entry.kind,
            event_class: entry.class,
            event_title: entry.title,
            event_text: entry.text,
            image_url: entry.picture.map(crate::frame_url),
            info_url: None,
            initiator: entry.by,
            created_at: self.now.utc,
        })));
    }

    pub(crate) fn notify(
        &mut self,
        watch: &PrintWatch,
        kind: NoticeKind,
        title: &str,
        text: impl Into<String>,
    ) {
        self.notify_with(watch, kind, title, text, None);
    }

    pub(crate) fn notify_with(
        &mut self,
        watch: &PrintWatch,
        kind: NoticeKind,
        title: &str,
        text: impl Into<String>,
        frame: Option<FrameId>,
    ) {
        self.effects.push(Effect::Notify(Notice {
            printer: watch.settings.id,
            kind,
            title: format!("{}: {title}", watch.settings.name),
            text: text.into(),
            frame,
            demo: watch.settings.kind == PrinterKind::Demo,
        }));
    }
}

/// One entry of the log in the making.
pub(crate) struct Entry {
    kind: EventType,
    class: EventClass,
    title: String,
    text: String,
    by: Initiator,
    picture: Option<FrameId>,
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

/// Makes a refusal: code, what is wrong, what to do.
pub(crate) fn refusal(code: &'static str, message: impl Into<String>, hint: impl Into<String>) -> Refusal {
    Refusal { code, message: message.into(), hint: hint.into() }
}

/// Names who began something, for the middle of a sentence.
pub(crate) fn by_whom(by: Initiator) -> &'static str {
    match by {
        Initiator::Person => "by you",
        Initiator::Detection => "by the watch",
        Initiator::Printer => "at the printer",
        Initiator::App => "by the app",
    }
}

/// Makes a sentence of words that may be the middle of one.
pub(crate) fn sentence(words: &str) -> String {
    let words = words.trim();
    let mut chars = words.chars();
    let Some(first) = chars.next() else { return String::new() };
    let end = if words.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{}{}{end}", first.to_uppercase(), chars.as_str())
}

/// Returns orders first, everything else in its order behind them.
pub(crate) fn orders_first(effects: Vec<Effect>) -> Vec<Effect> {
    let (mut orders, others): (Vec<_>, Vec<_>) =
        effects.into_iter().partition(|effect| matches!(effect, Effect::Order(..)));
    orders.extend(others);
    orders
}
