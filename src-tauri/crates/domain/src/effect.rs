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
    /// For the film, one per ten seconds.
    Film,
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
    /// Inserts or replaces a print.
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
    /// Records a kept frame.
    Frame(Box<crate::FrameRow>),
    /// Keeps how hot it was.
    Temperature(Box<crate::TemperatureRow>),
    /// Keeps how it stands with the film of a print, and why there is none.
    Film(PrintId, crate::FilmState, Option<String>),
}

/// What kind of notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum NoticeKind {
    FailurePaused,
    FailureAlert,
    Drill,
    NotWatching,
    WatchingAgain,
    PrintDone,
    PrintCancelled,
    PrintInterrupted,
    PauseUnconfirmed,
    PrinterHalted,
    FilamentChange,
    HistoryLost,
    BedOff,
}

/// A notice outside the window.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, ts_rs::TS)]
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
