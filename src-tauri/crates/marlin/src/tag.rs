//! The mark on a line that says who sent it, and so who hears of its `ok`.

use crate::program::ProgramLine;
use crate::recipe::Moves;

/// A value that the firmware may be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// M220.
    Speed,
    /// M221.
    Flow,
}

impl Asked {
    /// Returns the line that asks for it.
    pub(crate) fn question(self) -> &'static str {
        match self {
            Self::Speed => "M220",
            Self::Flow => "M221",
        }
    }
}

/// Who sent a line.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Tag {
    Hello,
    /// M105.
    Heaters,
    /// M115.
    Firmware,
    /// A line of the file.
    Program(Box<ProgramLine>),
    /// A step of the sequence of this number, and what it does.
    Step(u32, Moves),
    /// The question for speed or flow.
    Dial(Asked),
    /// A step of saving the nozzle's height.
    SaveZ,
    /// Anything else that needs no answer.
    Side,
    /// The question whether everything is off.
    OffReadBack,
    /// Switched off for as long as the print stands: a resume switches it on again.
    Off,
    /// M105 after a standstill: everything else waits for its answer.
    InStep,
    /// The command that shows whether the firmware is ready.
    Ready,
    /// The last question about the machine itself.
    Profile,
    /// The question for the card's files.
    CardList,
    /// A file of the card is to be opened.
    CardOpen,
    /// The opened file is to be printed.
    CardBegin,
}
