//! What a person must know of a printer beyond its state: alarms, heat, the print that ended last.

use crate::{AlertView, PrintId, PrintView, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What an alarm is about, the gravest first. It decides when the alarm is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlarmKind {
    /// The printer is halted or its link broke: over when it answers again.
    Printer,
    /// The printer cannot be reached, and nothing was printed or hot: over when it answers, or seen. It makes no sound.
    Unreachable,
    /// STOP did not reach a printer that another host drives: until seen, or the next print.
    Stop,
    /// Heaters could not be confirmed off: over when they are.
    HeatersOn,
    /// A heater is not as it was set: until seen, or the next print.
    HeaterFault,
    /// A pause is not confirmed: over when it is, or when the print goes on or ends.
    Pause,
    /// The printer does not answer: over when it does.
    Silent,
    /// The printer was halted or its link was broken, and a print or heat was lost: until seen, or the next print.
    Past,
    /// The printer restarted in the middle of a print: until seen, or the next print.
    Restarted,
    /// Heaters are on though nothing is printed: over when they are off, or seen, or a print begins.
    Hot,
    /// The part of the app that drives the printer failed: until seen, or the next print.
    AppFault,
    /// A part of the app failed: until seen, or the end of the print.
    Internal,
    /// Nothing new was seen on the bed while the first layers were laid: until seen, or the end of the print.
    FirstLayer,
    /// The agent of the printer is not set up as it should be: over when it is, or seen.
    Agent,
    /// An order was refused: over with the next that is taken.
    Refused,
}

impl AlarmKind {
    /// Returns whether a person can put the alarm away: what it is about is over, or is theirs to judge.
    pub fn can_be_seen(self) -> bool {
        match self {
            Self::Printer | Self::Pause | Self::Silent => false,
            Self::Stop
            | Self::HeatersOn
            | Self::HeaterFault
            | Self::Past
            | Self::Restarted
            | Self::Hot
            | Self::AppFault
            | Self::Internal
            | Self::FirstLayer
            | Self::Agent
            | Self::Unreachable
            | Self::Refused => true,
        }
    }
}

/// An alarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct AlarmView {
    /// What it is about.
    pub kind: AlarmKind,
    /// What happened and what to do.
    pub text: String,
    /// Since when.
    pub at: Timestamp,
    /// A person can put it away.
    pub can_be_seen: bool,
}

/// Whether the temperatures in `status` hold now. Those that do not are never to be shown as current.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct HeatView {
    /// The printer has told them just now.
    pub known: bool,
    /// While they are not: when the printer last told them.
    pub told_at: Option<Timestamp>,
    /// While they are not: heaters were on or hot when they were last told.
    pub may_be_on: bool,
}

/// What is kept of the card of the print that ended last, beside the print's own record, until it is put away.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptCard {
    /// Which print.
    pub print: PrintId,
    /// How it ended, in a sentence or two.
    pub text: String,
    /// The alert that was open when it ended, until it is answered.
    pub alert: Option<AlertView>,
}

/// The print that ended last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct LastPrint {
    /// Its record, film included once there is one.
    pub print: PrintView,
    /// How it ended, in a sentence or two.
    pub text: String,
    /// The alert that was open when it ended; gone once it is answered.
    pub alert: Option<AlertView>,
}
