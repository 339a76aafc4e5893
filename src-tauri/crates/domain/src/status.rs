//! The live status of a printer, built from one table: state to text and nine flags.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// What the printer is doing, as it told us. The single source of `text` and `flags`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PrinterState {
    /// No port is open and none is wanted or found.
    Offline,
    /// The port is open, the firmware has not answered yet.
    Connecting,
    /// Idle and listening.
    Operational,
    /// A print began; the printer heats or homes, nothing is laid down yet.
    Heating,
    /// Lines of the file are executed.
    Printing,
    /// Asked to pause; not confirmed.
    Pausing,
    /// Pause confirmed by the printer.
    Paused,
    /// Heating and going back to the part.
    Resuming,
    /// Asked to cancel; the last moves run, heaters go off.
    Cancelling,
    /// All lines are sent; the last moves run.
    Finishing,
    /// The link broke; heaters and head are unknown.
    LinkLost,
    /// The firmware stopped itself, or was stopped; it needs a reset.
    Halted,
}

/// Obico's nine flags (OctoPrint's).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[allow(non_snake_case, missing_docs)] // Names and meanings are the API's; see `PrinterState::flags`.
pub struct Flags {
    pub operational: bool,
    pub paused: bool,
    pub printing: bool,
    pub pausing: bool,
    pub cancelling: bool,
    pub sdReady: bool,
    pub error: bool,
    pub ready: bool,
    pub closedOrError: bool,
}

impl PrinterState {
    /// Every state, in the order of the table.
    pub const ALL: [PrinterState; 12] = [
        Self::Offline,
        Self::Connecting,
        Self::Operational,
        Self::Heating,
        Self::Printing,
        Self::Pausing,
        Self::Paused,
        Self::Resuming,
        Self::Cancelling,
        Self::Finishing,
        Self::LinkLost,
        Self::Halted,
    ];

    /// The table. Columns: text, operational, paused, printing, pausing, cancelling, error, ready, closedOrError.
    ///
    /// `pausing` and `cancelling` come with `printing`, as the API's page says.
    fn row(self) -> (&'static str, [u8; 8]) {
        match self {
            //                                    op pa pr pg ca er re cl
            Self::Offline => ("Offline", /*    */ [0, 0, 0, 0, 0, 0, 0, 1]),
            Self::Connecting => ("Connecting", /**/ [0, 0, 0, 0, 0, 0, 0, 1]),
            Self::Operational => ("Operational", [1, 0, 0, 0, 0, 0, 1, 0]),
            Self::Heating => ("Printing", /*   */ [1, 0, 1, 0, 0, 0, 0, 0]),
            Self::Printing => ("Printing", /*  */ [1, 0, 1, 0, 0, 0, 0, 0]),
            Self::Pausing => ("Pausing", /*    */ [1, 0, 1, 1, 0, 0, 0, 0]),
            Self::Paused => ("Paused", /*      */ [1, 1, 0, 0, 0, 0, 0, 0]),
            Self::Resuming => ("Resuming", /*  */ [1, 0, 1, 0, 0, 0, 0, 0]),
            Self::Cancelling => ("Cancelling", /**/ [1, 0, 1, 0, 1, 0, 0, 0]),
            Self::Finishing => ("Finishing", /**/ [1, 0, 1, 0, 0, 0, 0, 0]),
            Self::LinkLost => ("Offline", /*   */ [0, 0, 0, 0, 0, 1, 0, 1]),
            Self::Halted => ("Error", /*       */ [0, 0, 0, 0, 0, 1, 0, 1]),
        }
    }

    /// Returns the text of the API, as OctoPrint has it.
    pub fn text(self) -> &'static str {
        self.row().0
    }

    /// Returns the nine flags; `sd_ready` is what the printer said of its card.
    pub fn flags(self, sd_ready: bool) -> Flags {
        let [op, pa, pr, pg, ca, er, re, cl] = self.row().1.map(|bit| bit == 1);
        Flags {
            operational: op,
            paused: pa,
            printing: pr,
            pausing: pg,
            cancelling: ca,
            sdReady: sd_ready && op,
            error: er,
            ready: re,
            closedOrError: cl,
        }
    }

    /// Returns the word for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Offline => "Not connected",
            Self::Connecting => "Connecting",
            Self::Operational => "Ready",
            Self::Heating => "Heating",
            Self::Printing => "Printing",
            Self::Pausing => "Pausing",
            Self::Paused => "Paused",
            Self::Resuming => "Resuming",
            Self::Cancelling => "Stopping",
            Self::Finishing => "Finishing",
            Self::LinkLost => "Link lost",
            Self::Halted => "Stopped",
        }
    }

    /// Returns whether a print is under way, paused ones included.
    pub fn has_print(self) -> bool {
        match self {
            Self::Heating
            | Self::Printing
            | Self::Pausing
            | Self::Paused
            | Self::Resuming
            | Self::Cancelling
            | Self::Finishing => true,
            Self::Offline | Self::Connecting | Self::Operational | Self::LinkLost | Self::Halted => false,
        }
    }
}

/// A heater's temperature, degrees Celsius.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Temperature {
    /// Now.
    pub actual: f64,
    /// Wanted; null for none.
    pub target: Option<f64>,
    /// Added to each target that we send.
    pub offset: f64,
}

/// Heaters by name: `tool0`, `bed`, `chamber`.
pub type Temperatures = BTreeMap<String, Temperature>;

/// Text and flags.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct StateView {
    /// Such as "Operational" or "Printing".
    pub text: String,
    /// The nine flags.
    pub flags: Flags,
}

/// The live status, in Obico's shape. Never stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct PrinterStatus {
    /// Unix seconds of this status; clients drop an older one.
    pub _ts: f64,
    /// Text and flags.
    pub state: StateView,
    /// The file being printed.
    pub job: Job,
    /// How far it is.
    pub progress: Progress,
    /// Heaters by name.
    pub temperatures: Temperatures,
}

/// The file being printed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[allow(non_snake_case)]
pub struct Job {
    /// Name and id.
    pub file: FileInfo,
    /// Seconds for the whole file.
    pub estimatedPrintTime: Option<f64>,
    /// Seconds that the last print of this file took.
    pub lastPrintTime: Option<f64>,
    /// Estimated use.
    pub filament: Option<Filament>,
}

/// Which file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct FileInfo {
    /// Display name; null when nothing is printed.
    pub name: Option<String>,
    /// Id of the `GCodeFile`.
    pub obico_g_code_file_id: Option<crate::FileId>,
}

/// Filament of a job.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Filament {
    /// mm.
    pub length: f64,
    /// cm³, from length and diameter.
    pub volume: f64,
}

/// How far a print is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[allow(non_snake_case)]
pub struct Progress {
    /// Percent of the file, 0 to 100.
    pub completion: Option<f64>,
    /// Bytes from the start of the file.
    #[ts(type = "number | null")]
    pub filepos: Option<u64>,
    /// Seconds printing so far.
    pub printTime: Option<f64>,
    /// Seconds left, estimated.
    pub printTimeLeft: Option<f64>,
    /// How it was estimated.
    pub printTimeLeftOrigin: Option<PrintTimeLeftOrigin>,
    /// mm of filament so far.
    pub filamentUsed: Option<f64>,
}

/// Where `printTimeLeft` comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)] // The words are the API's.
pub enum PrintTimeLeftOrigin {
    Linear,
    Analysis,
    Estimate,
    Average,
    MixedAnalysis,
    MixedAverage,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_agrees_with_itself() {
        for state in PrinterState::ALL {
            let flags = state.flags(true);
            assert_ne!(flags.operational, flags.closedOrError, "{state:?}: open or closed, never both");
            assert_eq!(flags.sdReady, flags.operational, "{state:?}: no card without a link");
            assert!(
                !(flags.pausing || flags.cancelling) || flags.printing,
                "{state:?}: pausing is still printing"
            );
            assert_eq!(flags.printing || flags.paused, state.has_print(), "{state:?}");
            assert_eq!(flags.ready, state == PrinterState::Operational, "{state:?}: ready means idle");
        }
    }
}
