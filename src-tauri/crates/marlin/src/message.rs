//! All that one part of a link can ask of the others. `link` sees to each, once, in the order in which they were asked.

use domain::{HaltCause, Heater, Initiator, JobEnd, JobPhase, Millis, RefusedReason, Temperatures};

/// What a part asks of the others.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Message {
    /// The print has ended. One that is cut short leaves nothing hot behind, as long as lines are taken.
    EndPrint(JobEnd),
    /// The print has ended, and its heaters were seen to.
    ClosePrint(JobEnd),
    /// The print cannot be begun.
    RefuseStart(RefusedReason, String),
    /// The print has failed, but the printer takes lines: it is ended as a cancel ends it, heaters off.
    FailPrint(String),
    Pause(Initiator),
    /// The same, while lines of the file are sent.
    PauseIfPrinting(Initiator),
    Resume(Initiator),
    /// The firmware has paused by itself, so only it can go on: it is told to.
    ResumeAtPrinter,
    /// All lines are out: the last moves are waited for.
    Finish,
    /// The last moves have ended. The printer may not have told where its head is, nor that these heaters are off.
    Finished {
        place_unknown: bool,
        unread: Vec<Heater>,
    },
    /// A resume is done. These targets were waited for.
    Resumed {
        by: Initiator,
        targets: Option<Temperatures>,
    },
    /// The print's phase changes.
    Phase(JobPhase),
    /// Lines that were fed are not wanted any more, nor the file.
    DropProgram,
    /// A file that is to be opened is not wanted any more.
    DropFetch,
    /// The core may drop the port.
    LeaveNow,
    /// The printer did not confirm in time that the heaters are off.
    OffUnconfirmed,
    /// Everything off, before all that waits; then it is asked whether it is.
    SwitchOff {
        fan: bool,
    },
    /// Everything off, at once and without numbers.
    SwitchOffRaw,
    /// The hotends off, for as long as the print stands.
    HotendsOff,
    /// The wait that is in flight is ended from here; it may be one for heat.
    WaitCut(bool),
    /// The firmware's work is known for what it is.
    NotAtWork,
    /// What was told of how far the card is read holds no more.
    ForgetCardByte,
    /// Whether the card stands still, as the printer told just now.
    CardStands(bool),
    /// The pause of the print from the card is confirmed, or was given up.
    CardPaused,
    /// The card tells of the print from it.
    Card(CardNews),
    /// All lines that are out are forgotten, with their numbers.
    ResetWire,
    /// The firmware starts anew: it is greeted in so many milliseconds.
    StartOver(Millis),
    /// The printer has restarted: homing, heat and line numbers are lost.
    Rebooted,
    /// The firmware has stopped, and said so.
    Halt(HaltCause, String),
}

/// What the card tells of the print from it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum CardNews {
    /// How far the card is read, and of how many bytes.
    Byte(u64, u64),
    /// The opened file of the card has so many bytes.
    Bytes(u64),
    /// All of the card's file is read: the last moves are waited for.
    Read,
    /// The print from the card lays material down.
    Prints,
    /// The print from the card was stopped at the printer; the words are for people.
    Stopped(&'static str),
    /// The print from the card goes on, by this initiator.
    GoesOn(Initiator),
}
