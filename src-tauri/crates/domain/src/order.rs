//! What a printer can be told. Emergency stop is no order: it is a latch, read before all orders.

use crate::{Initiator, PrintId, SdOrder, StartJob, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

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
    /// Degrees to add to each target that the file of a print sets from now on, by heater.
    Offsets(BTreeMap<String, f64>),
    /// Something with the printer's own card.
    Sd(SdOrder),
    /// The print that the printer's host runs has this number here.
    Follow {
        /// The number.
        print: PrintId,
        /// The host's own number, by which it told of the print.
        ext_id: i64,
    },
    /// Something by hand; see [`Tool`].
    Tool(Tool),
    /// The person says the bed is level, the nozzle clean …: link may be opened (again).
    Connect,
    /// Closes the port. Refused while printing.
    Disconnect,
    /// The core ends.
    Stop(Leave),
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Axis {
    X,
    Y,
    Z,
}

/// A heater that has a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

    /// Highest target that is sent, °C.
    pub fn max_target_c(self) -> f64 {
        match self {
            Self::Hotend(_) => 320.0,
            Self::Bed => 140.0,
            Self::Chamber => 100.0,
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
