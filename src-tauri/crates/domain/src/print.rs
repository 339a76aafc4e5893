//! Prints, their events, and the frames shown for feedback.

use crate::{EventId, FileId, PrintId, PrinterId, ShotId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A person's last word on whether a print failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AlertOverwrite {
    /// There were failures.
    Failed,
    /// There were none.
    NotFailed,
}

/// How a print ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EndedBy {
    /// The last line ran.
    Finished,
    /// A person or the watch cancelled it.
    Cancelled,
    /// Link, power, firmware or the app itself ended it.
    Interrupted,
}

/// What became of a print that has ended, for every count and every word: a person's word outranks how it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Ended well, and nobody said that it failed.
    Finished,
    /// A person said that it failed, however it ended.
    Failed,
    /// By a person or the watch.
    Cancelled,
    /// Cut short.
    Interrupted,
}

impl Outcome {
    /// Returns the outcome; `None` while the print is under way.
    pub fn of(ended_by: Option<EndedBy>, said: Option<AlertOverwrite>) -> Option<Self> {
        Some(match (ended_by?, said) {
            (_, Some(AlertOverwrite::Failed)) => Self::Failed,
            (EndedBy::Finished, Some(AlertOverwrite::NotFailed) | None) => Self::Finished,
            (EndedBy::Cancelled, Some(AlertOverwrite::NotFailed) | None) => Self::Cancelled,
            (EndedBy::Interrupted, Some(AlertOverwrite::NotFailed) | None) => Self::Interrupted,
        })
    }
}

/// One run of a file on a printer, as stored; `PrintView` is its form in the API.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Print {
    /// Id in API paths; numbered by the hub.
    pub id: PrintId,
    /// On which printer; `None` for an uploaded film.
    pub printer: Option<PrinterId>,
    /// The file, when it is in our library.
    pub g_code_file: Option<FileId>,
    /// Unix seconds of the start; unique per printer.
    pub ext_id: i64,
    /// Display name of the file, at most 1000 characters.
    pub filename: String,
    /// When it started.
    pub started_at: Timestamp,
    /// When it finished well.
    pub finished_at: Option<Timestamp>,
    /// When it was cancelled or interrupted.
    pub cancelled_at: Option<Timestamp>,
    /// How it ended.
    pub ended_by: Option<EndedBy>,
    /// Why it was interrupted, in words.
    pub ended_why: Option<String>,
    /// When a film was uploaded.
    pub uploaded_at: Option<Timestamp>,
    /// The last alert.
    pub alerted_at: Option<Timestamp>,
    /// The last answer to an alert.
    pub alert_acknowledged_at: Option<Timestamp>,
    /// Muted since.
    pub alert_muted_at: Option<Timestamp>,
    /// The last pause by detection; a person's pause never sets it.
    pub paused_at: Option<Timestamp>,
    /// A person's last word.
    pub alert_overwrite: Option<AlertOverwrite>,
    /// Relative path of the film.
    pub video_url: Option<String>,
    /// Relative path of the film with boxes.
    pub tagged_video_url: Option<String>,
    /// Relative path of the poster.
    pub poster_url: Option<String>,
    /// When the person agreed to look at shots.
    pub access_consented_at: Option<Timestamp>,
    /// mm.
    pub filament_used: Option<f64>,
    /// Seconds.
    pub print_time: Option<f64>,
    /// A print of the demo printer.
    pub demo: bool,
}

impl Print {
    /// Returns the print that `printer` begins now.
    pub fn begin(
        id: PrintId,
        printer: PrinterId,
        file: Option<FileId>,
        filename: String,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            printer: Some(printer),
            g_code_file: file,
            ext_id: now.micros() / 1_000_000,
            filename,
            started_at: now,
            finished_at: None,
            cancelled_at: None,
            ended_by: None,
            ended_why: None,
            uploaded_at: None,
            alerted_at: None,
            alert_acknowledged_at: None,
            alert_muted_at: None,
            paused_at: None,
            alert_overwrite: None,
            video_url: None,
            tagged_video_url: None,
            poster_url: None,
            access_consented_at: None,
            filament_used: None,
            print_time: None,
            demo: false,
        }
    }

    /// Returns when it ended, however it ended.
    pub fn ended_at(&self) -> Option<Timestamp> {
        self.cancelled_at.or(self.finished_at)
    }
}

/// Kind of an entry of the event log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(missing_docs)] // The words are the API's; the last five are ours.
pub enum EventType {
    Started,
    Ended,
    Paused,
    Resumed,
    FailureAlerted,
    FirstLayer,
    AlertMuted,
    AlertUnmuted,
    FilamentChange,
    PrinterError,
    Connected,
    WatchLost,
    WatchBack,
    HistoryLost,
    Answered,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(missing_docs)]
pub enum EventClass {
    Error,
    Warning,
    Success,
    Info,
}

/// One entry of the event log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct PrinterEvent {
    /// Row id; 0 until stored.
    pub id: EventId,
    /// The print under way.
    pub print: Option<PrintId>,
    /// Whose event.
    pub printer: PrinterId,
    /// What happened.
    pub event_type: EventType,
    /// How bad it is.
    pub event_class: EventClass,
    /// One line for people.
    pub event_title: String,
    /// More, plain text.
    pub event_text: String,
    /// Relative path of a picture.
    pub image_url: Option<String>,
    /// Where to read more.
    pub info_url: Option<String>,
    /// Who or what began it: `person`, `detection`, `printer`, `app`.
    pub initiator: crate::Initiator,
    /// When.
    pub created_at: Timestamp,
}

/// A person's answer about one frame. `UNDECIDED` is read as `UNANSWERED`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ShotAnswer {
    /// It contains a failure.
    LooksBad,
    /// It does not.
    LooksOk,
    /// It cannot be told.
    #[serde(alias = "UNDECIDED")]
    Unanswered,
}

/// A frame of a print and what a person said of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct PrintShotFeedback {
    /// Id in API paths.
    pub id: ShotId,
    /// Of which print.
    pub print_id: PrintId,
    /// Relative path of the frame.
    pub image_url: String,
    /// The answer, null until given.
    pub answer: Option<ShotAnswer>,
    /// When it was given.
    pub answered_at: Option<Timestamp>,
}
