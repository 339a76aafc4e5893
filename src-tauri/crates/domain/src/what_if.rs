//! What another setting of the watch would have done with the prints of the past.

use crate::{IgnoreArea, PrintId, PrinterId, Rule, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The setting that is tried out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct WhatIfAsk {
    /// Over the past prints of this printer.
    pub printer: PrinterId,
    /// By this rule.
    pub rule: Rule,
    /// 0.8 to 1.2.
    pub sensitivity: f64,
    /// Factor on the thresholds of our rule, 0.5 to 2.
    pub threshold: f64,
    /// Areas to ignore; null leaves them as they were. With areas each heat map is read again, which takes longer.
    #[serde(default)]
    pub ignore: Option<Vec<IgnoreArea>>,
}

/// What is known of a past print's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Truth {
    /// A person said that it failed.
    Failed,
    /// A person said that it did not, or it was finished and never alerted about.
    Good,
    /// Nobody said.
    Unknown,
}

/// One past print under both settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct WhatIfPrint {
    /// Which.
    pub print: PrintId,
    /// Its file's name.
    pub name: String,
    /// When it began.
    pub started_at: Timestamp,
    /// What is known of its end.
    pub truth: Truth,
    /// Seconds after its start of the first alert with today's setting.
    pub alert_now: Option<f64>,
    /// Of the pause.
    pub pause_now: Option<f64>,
    /// The same with the setting that is tried out.
    pub alert_then: Option<f64>,
    /// Of the pause.
    pub pause_then: Option<f64>,
}

/// Alerts, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Tally {
    /// Good prints with an alert.
    pub false_alarms: u32,
    /// Good prints in all.
    pub good: u32,
    /// Failed prints with an alert.
    pub caught: u32,
    /// Failed prints in all.
    pub failed: u32,
    /// Prints nobody judged, with an alert.
    pub unknown_alerts: u32,
}

/// How far a what-if is, and what came out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct WhatIf {
    /// Its number, to ask for it again.
    pub id: u32,
    /// Prints done.
    pub done: u32,
    /// Prints in all.
    pub total: u32,
    /// Whether all are done.
    pub finished: bool,
    /// Looks replayed so far.
    #[ts(type = "number")]
    pub looks: u64,
    /// Milliseconds so far.
    #[ts(type = "number")]
    pub millis: u64,
    /// With today's setting.
    pub now: Tally,
    /// With the one tried out.
    pub then: Tally,
    /// The prints for which something changes first.
    pub prints: Vec<WhatIfPrint>,
    /// In a sentence: "2 of 3 false alarms vanish, all 4 real ones stay."
    pub text: String,
}

/// A threshold fitted to a person's own answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Fitted {
    /// Whether there are answers enough.
    pub possible: bool,
    /// The factor found; today's where nothing is better.
    pub threshold: f64,
    /// Today's.
    pub threshold_now: f64,
    /// With today's.
    pub before: Tally,
    /// With the one found.
    pub after: Tally,
    /// The prints it was fitted to.
    pub prints: Vec<WhatIfPrint>,
    /// In a sentence or two.
    pub text: String,
}
