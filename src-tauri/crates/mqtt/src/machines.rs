//! What is shown of Printvigils on other computers.

use crate::topics::Command;
use domain::{PrinterId, PrinterState, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;
use ts_rs::TS;

/// Printvigils on other computers, as they tell of themselves over the broker. Others wrote all of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, TS, JsonSchema)]
#[serde(rename = "OtherMachines")]
pub struct Machines {
    /// A person has switched it on here.
    pub on: bool,
    /// The broker is connected. While it is not, what is shown is old.
    pub connected: bool,
    /// Why it is not connected, for people.
    pub why: Option<String>,
    /// By name.
    pub machines: Vec<Machine>,
    /// There are more than are shown.
    pub more: bool,
}

/// Whether a machine is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// Heard within the last seconds.
    Here,
    /// Not heard yet since we listen, which is only seconds.
    Unheard,
    /// It ended, or is not heard any longer.
    Gone,
    /// The broker is away.
    Unknown,
}

/// One Printvigil on another computer.
#[derive(Debug, Clone, PartialEq, Serialize, TS, JsonSchema)]
#[serde(rename = "OtherMachine")]
pub struct Machine {
    /// 8 hex digits: tells it from others on the broker.
    pub node: String,
    /// What it is called.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Whether it is there.
    pub presence: Presence,
    /// When it was last heard, by the clock of this computer; null while it is here, and when it was not heard since this
    /// core started.
    pub heard_at: Option<Timestamp>,
    /// It lets itself be steered over the broker.
    pub steered: bool,
    /// By number.
    pub printers: Vec<Printer>,
    /// It has more than are shown.
    pub more: bool,
}

/// One of its printers.
#[derive(Debug, Clone, PartialEq, Serialize, TS, JsonSchema)]
#[serde(rename = "OtherPrinter")]
pub struct Printer {
    /// Its number there.
    pub id: PrinterId,
    /// What it is called.
    pub name: String,
    /// What it does; null when what is told of it cannot be read.
    pub state: Option<PrinterState>,
    /// The same for people.
    pub state_word: String,
    /// What it prints.
    pub file: Option<String>,
    /// How far, 0 to 100.
    pub percent: Option<f64>,
    /// Minutes left.
    pub left_mins: Option<u32>,
    /// Failure detection looks at it.
    pub watching: bool,
    /// An open alert, in words that may be empty.
    pub alert: Option<String>,
    /// The gravest alarm, in words that may be empty.
    pub alarm: Option<String>,
    /// What may be asked of it now.
    pub can: Vec<Command>,
    /// What was asked of it here and is not confirmed.
    pub asked: Option<Asked>,
}

/// What was asked and the other machine has not confirmed by its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS, JsonSchema)]
#[serde(rename = "AskedOfOther")]
pub struct Asked {
    /// What.
    pub command: Command,
    /// It should have been confirmed by now.
    pub late: bool,
}
