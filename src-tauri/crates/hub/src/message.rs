//! All that one part of a printer's session can ask of the others. `session` sees to each, once, in the order in which
//! they were asked.

use domain::{
    AlarmKind, AlertOverwrite, CameraId, Detection, FrameInfo, Initiator, JobEnd, KeepWhy, PrintId, Reasons,
    Timestamp,
};

/// What a part asks of the others.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Message {
    /// An alarm, in the place of one of its kind. Once over, it may leave something that a person must have seen.
    Raise { kind: AlarmKind, text: String, leaves: Option<String> },
    /// What alarms of these kinds are about is over.
    Clear(&'static [AlarmKind]),
    /// Why an order was refused, unless something graver is being said.
    SayRefused(String),
    /// The pause is not confirmed, and why.
    PauseUnconfirmed(String),
    /// The print is to be paused.
    Pause(PauseBy),
    /// The print has ended.
    EndPrint(JobEnd),
    /// The record of the print under way changes.
    Print(PrintChange),
    /// The frame is to be kept with the print.
    Keep(FrameInfo, KeepWhy),
    /// The frame may be one for the film.
    Film(FrameInfo),
    /// Detection has judged what it saw.
    Verdict { reasons: Box<Reasons>, frame: FrameInfo, boxes: Vec<Detection> },
    /// An alert was answered so: what is seen is no failure.
    AcceptScene,
    /// The print teaches nothing of its camera.
    SpoilScale,
    /// What was learnt of a camera does not hold any more.
    ForgetScaleOf(CameraId),
    /// The printer prints again, by this initiator, who may thereby have answered an alert.
    Resumed(Initiator),
    /// The limit for holding the bed was another one before, minutes.
    HoldLimitChanged(u32),
    /// The offsets of targets have changed.
    OffsetsChanged,
    /// The printer was archived.
    Archived,
    /// A person's word on a print could not be stored: the one before holds again.
    TakeBack(PrintId, Option<AlertOverwrite>),
}

/// Why a print is paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PauseBy {
    Person,
    /// Detection is sure of a failure.
    Detection,
    /// A heater is not as it was set.
    HeaterFault,
    /// The rehearsal of an alert, on the demo printer.
    Drill,
}

impl PauseBy {
    pub(crate) fn initiator(self) -> Initiator {
        match self {
            Self::Person => Initiator::Person,
            Self::Detection | Self::Drill => Initiator::Detection,
            Self::HeaterFault => Initiator::App,
        }
    }
}

/// What parts change in the record of the print under way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum PrintChange {
    /// An alert was raised; it comes with a pause, or not.
    Alerted { paused: bool },
    /// The alert was answered.
    Answered(Option<AlertOverwrite>),
    /// Alerts were switched off at this moment, or on.
    Muted(Option<Timestamp>),
}
