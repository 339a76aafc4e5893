//! Printers that another host drives (OctoPrint, Klipper): who speaks for them, and what it tells.

use crate::EventClass;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Longest name or version of an agent that is kept, characters.
pub const LONGEST_AGENT_WORD: usize = 64;

/// The program beside OctoPrint or Klipper that speaks for a printer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Agent {
    /// `octoprint_obico`, `moonraker_obico`; empty until it has told.
    pub name: String,
    /// Its version; empty until it has told.
    pub version: String,
}

impl Agent {
    /// Returns what the agent runs beside, for people.
    pub fn host(&self) -> &'static str {
        if self.is_moonraker() {
            "Klipper"
        } else if self.name.contains("octoprint") {
            "OctoPrint"
        } else {
            "OctoPrint or Klipper"
        }
    }

    /// Returns whether it runs beside Moonraker, which does some things by another way.
    pub fn is_moonraker(&self) -> bool {
        self.name.contains("moonraker")
    }
}

/// Numbers of one print may differ by this in what an agent tells, seconds: it corrects them as the print begins.
const SAME_PRINT_SECS: u64 = 20;

/// Returns whether two numbers by which a host counts its prints (the second in which each began) may be of one print.
pub fn may_be_same_print(one: i64, other: i64) -> bool {
    one.abs_diff(other) < SAME_PRINT_SECS
}

/// Something that an agent reports by itself, for the log. Hostile text, cut to one line each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentEvent {
    /// How grave, by its own words.
    pub class: EventClass,
    /// One line.
    pub title: String,
    /// A sentence or two, may be empty.
    pub text: String,
}
