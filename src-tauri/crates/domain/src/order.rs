//! What a printer can be told. Emergency stop is no order: it is a latch, read before all orders.

use crate::{FileId, Initiator, PrintId, SdOrder, Tool};
use std::path::PathBuf;

/// An order to one printer, carried out by the thread that owns its port.
#[derive(Debug, Clone, PartialEq)]
pub enum Order {
    /// Starts a print. Refused unless idle.
    Start(StartJob),
    /// Feeds nothing more, then runs the recipe, each move once.
    Pause(PauseRecipe, Initiator),
    /// Heats, then goes back, then feeds again. Refused when the axes may have moved.
    Resume(Initiator),
    /// Ends the print: heaters and fan off.
    Cancel(Initiator),
    /// All heaters and the fan off, now; does not end a print by itself.
    CoolDown,
    /// Bed off while paused, since its time is up.
    BedOff,
    /// Homes axes; all when empty. Refused while printing.
    Home(Vec<Axis>),
    /// Sets a target, degrees Celsius, the printer's offset included; 0 is off.
    SetTarget(Heater, f64),
    /// Something with the printer's own card.
    Sd(SdOrder),
    /// Something by hand; see [`Tool`].
    Tool(Tool),
    /// The person says the bed is level, the nozzle clean …: link may be opened (again).
    Connect,
    /// Closes the port. Refused while printing.
    Disconnect,
    /// The core ends.
    Stop(Leave),
}

/// A print to start.
#[derive(Debug, Clone, PartialEq)]
pub struct StartJob {
    /// Numbered by the hub.
    pub print: PrintId,
    /// The file of the library, if it is one.
    pub file: Option<FileId>,
    /// Where it lies.
    pub path: PathBuf,
    /// Display name.
    pub name: String,
    /// Who began it.
    pub initiator: Initiator,
    /// How long the same file took before.
    pub past: PastTimes,
    /// Commands of the file that a print that was cut short has done; 0 for a print from the beginning.
    pub done_lines: u64,
}

/// How long the same file took on the same printer before; finished prints only, heating included.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PastTimes {
    /// Mean of all, seconds.
    pub average_secs: Option<f64>,
    /// Seconds of the last one.
    pub last_secs: Option<f64>,
}

/// How to pause: Obico's four options, clamped and completed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PauseRecipe {
    /// mm, 0 is none.
    pub retract_mm: f64,
    /// mm, 0 is none.
    pub lift_z_mm: f64,
    /// Height of the machine, mm: the lift stops there.
    pub max_z_mm: f64,
    /// Hotend off when parked.
    pub hotend_off: bool,
    /// Bed off when parked.
    pub bed_off: bool,
}

/// An axis of motion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Axis {
    X,
    Y,
    Z,
}

/// A heater that has a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Heater {
    /// By tool number, from 0.
    Hotend(u8),
    /// The bed.
    Bed,
    /// The chamber.
    Chamber,
}

impl Heater {
    /// Returns the name in `temperatures`: `tool0`, `bed`, `chamber`.
    pub fn key(self) -> String {
        match self {
            Self::Hotend(n) => format!("tool{n}"),
            Self::Bed => "bed".into(),
            Self::Chamber => "chamber".into(),
        }
    }

    /// Reads a name of `temperatures`.
    pub fn from_key(key: &str) -> Option<Self> {
        match key {
            "bed" => Some(Self::Bed),
            "chamber" => Some(Self::Chamber),
            _ => key.strip_prefix("tool")?.parse().ok().map(Self::Hotend),
        }
    }
}

/// How the core leaves a printer behind when it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leave {
    /// Pauses a running print (recipe), then switches all heaters off.
    HeatersOff,
    /// Closes the port and touches nothing: nothing is printing.
    AsItIs,
}
