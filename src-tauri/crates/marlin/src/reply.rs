//! What a line from the printer can mean.

use crate::temperature::Reading;

/// A line from the printer, understood.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// A command was taken.
    Ok {
        /// The line's number, where the firmware says it.
        n: Option<u32>,
        /// Command slots that are free now, where the firmware says it.
        free: Option<u32>,
        /// Heaters, when the line carries them: then it answers an M105.
        heaters: Vec<Reading>,
        /// The position, when the line carries it: then it answers an M114.
        position: Option<Position>,
    },
    /// What may have been an `ok`: damaged by noise, or glued to the end of something else.
    Damaged,
    /// The printer wants this line again; `None` when the number is damaged.
    Resend(Option<u32>),
    /// It works and takes nothing new.
    Busy(Busy),
    /// It has nothing to do.
    Wait,
    /// Heaters, unasked or before an `ok`.
    Heaters(Vec<Reading>),
    /// The position as M114 tells it.
    Position(Position),
    /// The firmware has just started.
    Boot,
    /// The firmware stopped itself, or says that it is stopped: it takes no more lines.
    Halted(String),
    /// A fault of a heater, a sensor or a drive. Whether the firmware still takes lines is to be seen.
    Fault(String),
    /// The command under way was not carried out, or not as it was meant; its `ok` comes all the same.
    Refused(String),
    /// It is starting and takes commands in a moment.
    NotReady(String),
    /// It takes no commands until it is unlocked, though it says `ok`.
    Locked,
    /// An error that ends nothing.
    Harmless(String),
    /// A number or checksum was wrong; `Resend` follows, mostly. The number is the last line taken.
    BadLine(Option<u32>),
    /// M115's line.
    Firmware(String),
    /// A `Cap:` line.
    Cap(String, bool),
    /// `area:`'s greatest Z, mm.
    MaxZ(f64),
    /// `//action:` and its words.
    Action(String),
    /// The card's state.
    Card(bool),
    /// Anything else.
    Other,
}

/// What the printer is busy with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Busy {
    /// A command.
    Processing,
    /// It waits for a person.
    ForPerson,
}

/// Where the nozzle is, as far as it was told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Position {
    /// X, Y, Z, mm.
    pub xyz: [f64; 3],
    /// E, mm; not every firmware tells it.
    pub e: Option<f64>,
}
