//! What the watch over a print remembers, and why it may not be watching.

use crate::{PrinterId, Rule, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Why a print is not being watched. First match of this order wins; the texts are Obico's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotWatching {
    /// The person's switch is off.
    Disabled,
    /// `dh_balance` is 0 or below.
    NoDetectionHours,
    /// No current print, or it does not print just now.
    NotPrinting,
    /// The person muted alerts for this print.
    Muted,
}

impl NotWatching {
    /// Returns the text of the API.
    pub fn text(self) -> &'static str {
        match self {
            Self::Disabled => "AI failure detection is disabled",
            Self::NoDetectionHours => "You have run out of AI Detection Hours",
            Self::NotPrinting => "Printer is not actively printing",
            Self::Muted => "Alerts are muted for current print",
        }
    }
}

/// Running means of the decision rule for one printer, as Obico keeps them. Stored after each look.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct PredictionState {
    /// Whose; number 0 for a film that was uploaded.
    pub printer: PrinterId,
    /// Analysed frames of this print.
    pub current_frame_num: u32,
    /// Analysed frames of the printer's life; never reset.
    pub lifetime_frame_num: u32,
    /// The last p.
    pub current_p: f64,
    /// Exponentially weighted mean, span 12 frames; reset with each print.
    pub ewm_mean: f64,
    /// Mean over the last 310 frames; reset with each print.
    pub rolling_mean_short: f64,
    /// Mean over the last 7200 frames; never reset.
    pub rolling_mean_long: f64,
    /// The gauge, 0 to 1.
    pub normalized_p: f64,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl PredictionState {
    /// Returns the state of a printer that was never watched.
    pub fn fresh(printer: PrinterId, now: Timestamp) -> Self {
        Self {
            printer,
            current_frame_num: 0,
            lifetime_frame_num: 0,
            current_p: 0.0,
            ewm_mean: 0.0,
            rolling_mean_short: 0.0,
            rolling_mean_long: 0.0,
            normalized_p: 0.0,
            updated_at: now,
        }
    }
}

/// How ours differs from Obico's watch, each a setting.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct WatchSettings {
    /// After "not a failure" the watch re-arms: a later failure may pause again. Off: one pause a print, as Obico.
    pub rearm_after_not_failed: bool,
    /// A resume at the printer itself counts as the answer "not a failure". Off: alerts stay held back, as Obico.
    pub printer_resume_answers: bool,
    /// The rule that decides.
    #[serde(default)]
    pub rule: Rule,
    /// Factor on the thresholds of our rule, fitted to a person's answers: 0.5 to 2, 1 is as delivered.
    #[serde(default = "as_delivered")]
    pub threshold: f64,
    /// Tells when nothing new is seen on the bed while the first layers are laid. It never pauses.
    #[serde(default)]
    pub first_layer: bool,
}

fn as_delivered() -> f64 {
    1.0
}

impl Default for WatchSettings {
    fn default() -> Self {
        Self {
            rearm_after_not_failed: true,
            printer_resume_answers: true,
            rule: Rule::default(),
            threshold: as_delivered(),
            first_layer: false,
        }
    }
}
