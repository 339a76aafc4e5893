//! Messages that leave this computer, to services that a person has set up.

use crate::{NoticeKind, PrinterId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What a message is about. Each [`NotificationSetting`](crate::NotificationSetting) has a switch a topic; trouble goes
/// with failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum MessageTopic {
    /// The print is failing, or nothing is laid in its first layers.
    Failure,
    /// The print is not watched, the printer does not answer, a pause is not confirmed and the like.
    Trouble,
    PrintDone,
    PrintCancelled,
    FilamentChange,
    PrintStart,
    PrintPause,
    PrintResume,
    HeaterStatus,
    /// A person tries the service.
    Test,
}

impl MessageTopic {
    /// Returns the topic of a notice.
    pub fn of(kind: NoticeKind) -> Self {
        match kind {
            NoticeKind::FailurePaused
            | NoticeKind::FailureAlert
            | NoticeKind::FirstLayer
            | NoticeKind::Drill => Self::Failure,
            NoticeKind::NotWatching
            | NoticeKind::WatchingAgain
            | NoticeKind::PrintInterrupted
            | NoticeKind::PauseUnconfirmed
            | NoticeKind::PrinterHalted
            | NoticeKind::HeaterFault
            | NoticeKind::PrinterSilent
            | NoticeKind::HistoryLost => Self::Trouble,
            // Something for a person to do, once the print that kept the printer busy has ended.
            NoticeKind::PrintDone | NoticeKind::Queued => Self::PrintDone,
            NoticeKind::PrintCancelled => Self::PrintCancelled,
            NoticeKind::FilamentChange => Self::FilamentChange,
            NoticeKind::BedOff => Self::HeaterStatus,
        }
    }

    /// Returns whether quiet hours do not hold it back.
    pub fn is_urgent(self) -> bool {
        match self {
            Self::Failure | Self::Trouble | Self::Test => true,
            Self::PrintDone
            | Self::PrintCancelled
            | Self::FilamentChange
            | Self::PrintStart
            | Self::PrintPause
            | Self::PrintResume
            | Self::HeaterStatus => false,
        }
    }
}

/// How it stands with one message to one service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Not sent yet; it is tried, and tried again.
    Waiting,
    /// The service has taken it.
    Sent,
    /// The service will not take it, whenever it is asked.
    Refused,
    /// It could not be sent for so long that it is old news.
    GivenUp,
    /// Held back by quiet hours.
    Quiet,
}

/// One message to one service: an entry of the delivery log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct NoticeDelivery {
    /// Rises with each message.
    #[ts(type = "number")]
    pub id: i64,
    /// The setting that asked for it.
    #[ts(type = "number")]
    pub setting: i64,
    /// The service, such as `ntfy`.
    pub service: String,
    /// About which printer; none for a test.
    pub printer: Option<PrinterId>,
    /// What it is about.
    pub topic: MessageTopic,
    /// One line.
    pub title: String,
    /// A sentence or two.
    pub text: String,
    /// When it was to be sent.
    pub created_at: Timestamp,
    /// How it stands.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next, while it waits.
    pub next_at: Option<Timestamp>,
    /// What the service said last, or why it could not be reached; may be empty.
    pub answer: String,
}

/// A service that messages can be sent to, and what it has to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS, JsonSchema)]
pub struct NotificationService {
    /// The `name` of its setting.
    pub name: &'static str,
    /// For people.
    pub label: &'static str,
    /// How to set it up, a sentence or two.
    pub help: &'static str,
    /// What goes into `config`.
    pub fields: &'static [ServiceField],
}

/// One value of a service's `config`: a text of at most 2,000 characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS, JsonSchema)]
pub struct ServiceField {
    /// Its key.
    pub name: &'static str,
    /// For people.
    pub label: &'static str,
    /// An example, or what an empty one means.
    pub hint: &'static str,
    /// It is kept apart and never given back.
    pub secret: bool,
    /// It may not be empty.
    pub required: bool,
    /// The only values it may have; none: any.
    pub choices: &'static [&'static str],
}
