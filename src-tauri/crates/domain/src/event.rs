//! What can happen. Everything goes through the hub as one of these.

use crate::{
    AlertOverwrite, Axis, CameraHealth, CameraId, CameraScale, FileId, FrameInfo, GCodeFile, Heater,
    LinkChange, Look, MOST_TOOLS, PastTimes, PrintId, PrintShotFeedback, PrinterId, PrinterPatch,
    PrinterReport, QueueChange, QueueItemId, SpoolId, Tool,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;
use ts_rs::TS;

/// Ties an answer to who asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ReplyTo(pub u64);

/// Everything that happens.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A printer's whole state; the newest replaces older ones.
    Status(PrinterId, Box<PrinterReport>),
    /// A change at a printer; none is lost.
    Link(PrinterId, LinkChange),
    /// A frame came from the camera that this printer watches. Sent for each analysed or due frame, not for all.
    Frame(PrinterId, FrameInfo),
    /// A frame was analysed.
    Looked(Look),
    /// A frame of this printer's print could not be analysed: why, for people.
    NotAnalysed(PrinterId, String),
    /// A camera's health changed.
    Camera(CameraId, CameraHealth),
    /// The detector stopped or started: `Err` has the cause and the cure, `Ok` the model's name.
    Detector(Result<String, String>),
    /// A write that was waited for is done or has failed.
    Stored(ReplyTo, Result<(), StoreFault>),
    /// History is being lost (`true`) or kept again.
    HistoryLost(Option<StoreFault>),
    /// The film of a print that has ended is there, and its row says so already: it is shown with the last print.
    Filmed(PrintId, crate::Film),
    /// What is known of the cameras: the scales of all of which something is.
    Scales(BTreeMap<CameraId, CameraScale>),
    /// The record of a file that is, or may soon be, printed.
    FileKnown(Box<GCodeFile>),
    /// The shots of a print that a person is asked about, all of them, with their answers.
    Shots(PrintId, Vec<PrintShotFeedback>),
    /// A person, a slicer or an agent asks.
    Asked(Request, ReplyTo),
    /// The machine was suspended, or its clock jumped.
    Slept {
        /// For how long, milliseconds.
        gap_ms: u64,
    },
    /// The process stood still while the machine ran: it was stopped, or the machine was too busy for it. What was waited
    /// for in that time could not come.
    StoodStill {
        /// For how long, milliseconds of real time.
        gap_ms: u64,
    },
    /// A second or so passed for this printer.
    Tick(PrinterId),
    /// The watch over this printer is to panic. Only tests send it, to see that nothing else falls with it.
    Fail(PrinterId),
}

/// What a person has seen, so that it need not be shown any longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    /// Alarms about what is over. One that still holds stays.
    Alarms,
    /// The card of the print that ended.
    LastPrint,
}

/// Why history could not be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreFault {
    /// No space left.
    DiskFull,
    /// Anything else, in words.
    Failed(String),
}

/// What can be asked of the hub.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// Starts a print of a file.
    Start {
        /// On which printer.
        printer: PrinterId,
        /// The file of the library.
        file: Option<FileId>,
        /// Where it lies.
        path: PathBuf,
        /// Display name.
        name: String,
        /// How long it took before.
        past: PastTimes,
        /// Commands of the file that are done already: a print that was cut short is taken up.
        done_lines: u64,
        /// Objects that were cancelled before that.
        left_out: Vec<u32>,
    },
    /// Starts a print of an item of the queue; a person has said that the bed is clear.
    StartQueued {
        /// On which printer.
        printer: PrinterId,
        /// Which item.
        item: QueueItemId,
        /// Its file.
        file: FileId,
        /// Where that lies.
        path: PathBuf,
        /// How long it took before.
        past: PastTimes,
    },
    /// Changes the queue.
    Queue(PrinterId, QueueChange),
    /// Pauses the print.
    Pause(PrinterId),
    /// Resumes the print. Answers an open alert with `NOT_FAILED`.
    Resume(PrinterId),
    /// Cancels the print. Answers an open alert with `FAILED`.
    Cancel(PrinterId),
    /// Mutes (`true`) or unmutes alerts for this print.
    Mute(PrinterId, bool),
    /// Answers an alert; `None` is "seen, not decided".
    Acknowledge(PrinterId, Option<AlertOverwrite>),
    /// A person's verdict on a print, past or present.
    Overwrite(PrintId, Option<AlertOverwrite>),
    /// Heaters and fan off.
    CoolDown(PrinterId),
    /// Lets idle heaters stay on for so many minutes more.
    KeepWarm(PrinterId, u32),
    /// Homes axes.
    Home(PrinterId, Vec<Axis>),
    /// Sets a target.
    SetTarget(PrinterId, Heater, f64),
    /// Something by hand.
    Tool(PrinterId, Tool),
    /// Asks for the files of the printer's card.
    SdList(PrinterId),
    /// Starts a print of a file on the printer's card, by its path there.
    SdPrint(PrinterId, String),
    /// Opens the link (again).
    Connect(PrinterId),
    /// Closes the link.
    Disconnect(PrinterId),
    /// Changes settings.
    Patch(PrinterId, Box<PrinterPatch>),
    /// Rehearses an alert with a sample failure: the picture goes the whole way that a real one goes.
    Drill(PrinterId),
    /// A person says which spool is loaded on a tool; the name is for the event log.
    LoadSpool(PrinterId, u8, Option<(SpoolId, String)>),
    /// A person has seen what was held up to be seen.
    Seen(PrinterId, Seen),
    /// The emergency latch was set; the hub only records it.
    EmergencyStopped(PrinterId),
}

impl Request {
    /// Returns the spool that is to be loaded on a tool that there may be.
    pub fn spool(&self) -> Option<SpoolId> {
        let Self::LoadSpool(_, tool, Some((spool, _))) = self else { return None };
        (*tool < MOST_TOOLS).then_some(*spool)
    }

    /// Returns which printer is meant; `None` when a past print is.
    pub fn printer(&self) -> Option<PrinterId> {
        match self {
            Self::Start { printer, .. } | Self::StartQueued { printer, .. } => Some(*printer),
            Self::Queue(p, _)
            | Self::Pause(p)
            | Self::Resume(p)
            | Self::Cancel(p)
            | Self::Mute(p, _)
            | Self::Acknowledge(p, _)
            | Self::CoolDown(p)
            | Self::KeepWarm(p, _)
            | Self::Home(p, _)
            | Self::SetTarget(p, _, _)
            | Self::Tool(p, _)
            | Self::SdList(p)
            | Self::SdPrint(p, _)
            | Self::Connect(p)
            | Self::Disconnect(p)
            | Self::Drill(p)
            | Self::LoadSpool(p, _, _)
            | Self::Seen(p, _)
            | Self::Patch(p, _)
            | Self::EmergencyStopped(p) => Some(*p),
            Self::Overwrite(..) => None,
        }
    }
}

/// Why something asked for is not done. Clients branch on the code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Such as `not_printing`, `busy`, `out_of_range`, `unknown_printer`.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
}

/// The hub's answer: accepted (with the print it concerns, if any), or refused.
pub type Answer = Result<Option<PrintId>, Refusal>;
