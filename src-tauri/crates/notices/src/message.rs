//! What a service is told.

use bytes::Bytes;
use domain::{MessageTopic, Notice, NoticeKind, PrinterId, PrinterView, Timestamp};
use serde::{Deserialize, Serialize};

/// One message, before it is known who wants it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Message {
    pub(crate) printer: Option<PrinterId>,
    pub(crate) topic: MessageTopic,
    pub(crate) title: String,
    pub(crate) text: String,
    pub(crate) facts: Facts,
    /// JPEG.
    pub(crate) picture: Option<Bytes>,
}

/// What Obico's webhook says besides.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Facts {
    /// Obico's word for the event; `PrinterTrouble` is ours.
    pub(crate) event: String,
    /// Only a warning: the print was not paused.
    #[serde(default)]
    pub(crate) is_warning: bool,
    /// The print was paused for it.
    #[serde(default)]
    pub(crate) print_paused: bool,
    /// The printer's name.
    pub(crate) printer_name: String,
    #[serde(default)]
    pub(crate) print: Option<PrintFacts>,
}

/// The print under way, or the one that ended last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct PrintFacts {
    pub(crate) id: i64,
    pub(crate) filename: String,
    pub(crate) started_at: Timestamp,
    pub(crate) ended_at: Option<Timestamp>,
}

impl Message {
    /// Makes the message of a notice. `view`: the printer as it is now.
    pub(crate) fn of_notice(notice: &Notice, view: Option<&PrinterView>, picture: Option<Bytes>) -> Self {
        let topic = MessageTopic::of(notice.kind);
        let paused = notice.kind == NoticeKind::FailurePaused;
        let mut message = Self::new(topic, notice.title.clone(), notice.text.clone(), view);
        message.printer = Some(notice.printer);
        message.facts.is_warning = topic == MessageTopic::Failure && !paused;
        message.facts.print_paused = paused;
        message.picture = picture;
        message
    }

    /// Makes a message about a printer.
    pub(crate) fn new(topic: MessageTopic, title: String, text: String, view: Option<&PrinterView>) -> Self {
        let facts = Facts {
            event: event_word(topic).to_owned(),
            is_warning: false,
            print_paused: false,
            printer_name: view.map(|view| view.name.clone()).unwrap_or_default(),
            print: view.and_then(print_facts),
        };
        Self { printer: view.map(|view| view.id), topic, title, text, facts, picture: None }
    }
}

fn print_facts(view: &PrinterView) -> Option<PrintFacts> {
    let print = view.current_print.as_ref()?;
    Some(PrintFacts {
        id: print.id.get(),
        filename: print.filename.clone(),
        started_at: print.started_at,
        ended_at: print.ended_at,
    })
}

/// Returns the word of Obico's webhook.
fn event_word(topic: MessageTopic) -> &'static str {
    match topic {
        MessageTopic::Failure => "PrintFailure",
        MessageTopic::Trouble => "PrinterTrouble",
        MessageTopic::PrintDone => "PrintDone",
        MessageTopic::PrintCancelled => "PrintCancelled",
        MessageTopic::FilamentChange => "FilamentChange",
        MessageTopic::PrintStart => "PrintStarted",
        MessageTopic::PrintPause => "PrintPaused",
        MessageTopic::PrintResume => "PrintResumed",
        MessageTopic::HeaterStatus => "HeaterStatus",
        MessageTopic::Test => "Test",
    }
}
