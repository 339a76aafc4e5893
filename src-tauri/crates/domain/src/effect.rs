//! What follows from an event. `station` carries effects out in order, orders first.

use crate::{
    Answer, FrameId, FrameInfo, LookRow, Order, PredictionState, Print, PrintId, Printer, PrinterEvent,
    PrinterId, PrinterView, ReplyTo,
};

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Tell the printer; before everything else.
    Order(PrinterId, Order),
    /// Analyse this printer's camera: one frame every so many milliseconds of its clock, or not at all.
    Watch(PrinterId, Option<u64>),
    /// From the next look on, analyse this part of the printer's camera picture.
    LookAt(PrinterId, crate::View),
    /// Write a frame from the ring to disk and record it.
    KeepFrame {
        /// Which frame.
        frame: FrameInfo,
        /// For which print.
        print: PrintId,
        /// Why.
        why: KeepWhy,
        /// Last acknowledged line.
        line: Option<u64>,
        /// Layer, from 0.
        layer_idx: Option<u32>,
    },
    /// Drop every second of the frames that were kept for the film of a print: there are many.
    ThinFrames(PrintId),
    /// Make a short film of the minute around an alert, once the half minute after it has passed.
    Evidence {
        /// Whose camera.
        printer: PrinterId,
        /// Of which print.
        print: PrintId,
        /// The frame that decided.
        frame: FrameInfo,
    },
    /// Keep a look with its heat map in the print's file of looks. May be dropped when the disk cannot keep up.
    KeepLook(Box<crate::HeatLook>),
    /// For a fire drill, show the detector the sample failure instead of the camera's frames, or stop doing so.
    Drill(PrinterId, DrillPictures),
    /// Write to the database. With a `ReplyTo`, `Event::Stored` comes back.
    Record(Write, Option<ReplyTo>),
    /// Show this to everyone who looks.
    Publish(Box<PrinterView>),
    /// Tell the user outside the window.
    Notify(Notice),
    /// Make of the kept pictures of a print that ended what is wished for.
    Film(PrintId, crate::FilmWish),
    /// Answer who asked.
    Reply(ReplyTo, Answer),
    /// The watch over a printer panicked, with these words, and was set up anew. Said so that it is logged and counted.
    WatchFailed(PrinterId, String),
}

/// What the detector is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DrillPictures {
    /// The sample failure.
    Sample,
    /// The camera's frames, as always.
    Camera,
}

/// Why a frame is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeepWhy {
    /// For the film, one in ten seconds, fewer in a long print.
    Film,
    /// The first of a layer, for a film of one picture a layer.
    Layer,
    /// It looks like a failure.
    Suspicious,
    /// The picture of an alert.
    Alert,
}

impl KeepWhy {
    /// Returns the word that is stored.
    pub fn word(self) -> &'static str {
        match self {
            Self::Film => "film",
            Self::Layer => "layer",
            Self::Suspicious => "suspicious",
            Self::Alert => "alert",
        }
    }
}

/// A write to the database.
#[derive(Debug, Clone, PartialEq)]
pub enum Write {
    /// Inserts or replaces a printer's settings.
    Printer(Box<Printer>),
    /// Inserts the row of a print under way, or replaces what the hub knows of it; the last time when it ends.
    Print(Box<Print>),
    /// Appends to the event log.
    Event(Box<PrinterEvent>),
    /// Appends a look. May be dropped when the disk cannot keep up.
    Look(Box<LookRow>),
    /// Keeps the rule's means. The newest replaces older ones.
    Prediction(PredictionState),
    /// Keeps a decision and its reasons.
    Decision(Box<crate::Decision>),
    /// Keeps a time in which a print was not watched.
    Gap(Box<crate::WatchGap>),
    /// Keeps how much of a print was watched; newer figures replace older ones.
    Coverage(crate::WatchCoverage),
    /// Keeps an answer about a frame; a newer one replaces it.
    Feedback(Box<crate::FrameFeedback>),
    /// Keeps by what scale the looks of a print are judged.
    Scale(Box<crate::PrintScale>),
    /// Keeps what the calm minutes of a print showed.
    Taught(PrintId, Box<crate::CameraScale>),
    /// Forgets what prints taught of a camera.
    ForgetScale(crate::CameraId),
    /// Records a kept frame.
    Frame(Box<crate::FrameRow>),
    /// Keeps how hot it was.
    Temperature(Box<crate::TemperatureRow>),
    /// Keeps what is left of a person's budget of detection hours.
    DetectionHours(f64),
    /// Keeps a person's word on a print that has ended, and when it answered an alert. The rest of the row is not the hub's
    /// any more.
    Overwrite {
        /// Which.
        print: PrintId,
        /// `None` is "not decided".
        answer: Option<crate::AlertOverwrite>,
        /// When the alert was answered; `None` leaves that as it is.
        acknowledged_at: Option<crate::Timestamp>,
    },
    /// Keeps how it stands with the film of a print, and why there is none.
    Film(PrintId, crate::FilmState, Option<String>),
    /// Keeps the card of the print that ended last on a printer; `None`: it was put away.
    LastPrint(PrinterId, Option<Box<crate::KeptCard>>),
    /// Replaces the queue of a printer.
    Queue(PrinterId, Vec<crate::QueueItem>),
    /// Replaces what is loaded on a printer; a spool is loaded nowhere else any more.
    LoadedSpools(PrinterId, Vec<crate::LoadedSpool>),
    /// Keeps what a print has used so far of each spool: the whole of it, in the place of what was kept before.
    SpoolUse(PrintId, Vec<crate::SpoolUse>),
    /// Keeps what a print from the printer's card used, by the file of the library that it was, if there is one.
    CardUse(Box<crate::CardUse>),
}

/// What kind of notice.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, ts_rs::TS, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum NoticeKind {
    FailurePaused,
    FailureAlert,
    FirstLayer,
    Drill,
    NotWatching,
    WatchingAgain,
    PrintDone,
    PrintCancelled,
    PrintInterrupted,
    PauseUnconfirmed,
    PrinterHalted,
    HeaterFault,
    PrinterSilent,
    FilamentChange,
    HistoryLost,
    BedOff,
    Queued,
}

impl NoticeKind {
    /// Returns whether it is shown to people who want no notices, too: a print or a machine is in danger, or they asked
    /// for it.
    pub fn is_urgent(self) -> bool {
        match self {
            Self::FailurePaused
            | Self::FailureAlert
            | Self::FirstLayer
            | Self::Drill
            | Self::NotWatching
            | Self::PrintInterrupted
            | Self::PauseUnconfirmed
            | Self::PrinterHalted
            | Self::HeaterFault
            | Self::PrinterSilent
            | Self::HistoryLost => true,
            Self::WatchingAgain
            | Self::PrintDone
            | Self::PrintCancelled
            | Self::FilamentChange
            | Self::BedOff
            | Self::Queued => false,
        }
    }
}

/// A notice outside the window.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, ts_rs::TS, schemars::JsonSchema)]
pub struct Notice {
    /// Of which printer.
    pub printer: PrinterId,
    /// What kind.
    pub kind: NoticeKind,
    /// One line.
    pub title: String,
    /// A sentence or two: what happened, what to do.
    pub text: String,
    /// The frame to show with it.
    pub frame: Option<FrameId>,
    /// Of a demo printer.
    pub demo: bool,
}
