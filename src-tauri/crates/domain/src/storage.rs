//! What is kept for how long, and the care of machines that is counted from prints.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What tidying up drops. Records, answers, scores and posters always stay, and so does all of a print that a person
/// keeps, that has an alert nobody looked at, or whose film is not made yet.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    /// Single pictures go so many days after the start of a print whose film was made; null never.
    pub pictures_days: Option<u32>,
    /// Films, clips and pictures go after so many days; null never.
    pub films_days: Option<u32>,
    /// The oldest go until all take no more than this, bytes; null is no bound.
    #[ts(type = "number | null")]
    pub max_bytes: Option<u64>,
    /// Of older prints than so many films, clips and pictures go; null is no bound.
    pub max_prints: Option<u32>,
}

impl Default for Retention {
    fn default() -> Self {
        Self { pictures_days: Some(30), films_days: None, max_bytes: None, max_prints: None }
    }
}

/// What care is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CareUnit {
    /// Hours of printing.
    Hours,
    /// Metres of filament.
    FilamentM,
    /// Prints.
    Prints,
}

/// Care of a machine that is due after so much printing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Care {
    /// Its number.
    #[ts(type = "number")]
    pub id: i64,
    /// Of which printer.
    pub printer: crate::PrinterId,
    /// Such as "Grease the rods".
    pub name: String,
    /// What is counted.
    pub unit: CareUnit,
    /// Due after so many.
    pub every: f64,
    /// So many since it was last done.
    pub used: f64,
    /// When that was.
    pub done_at: crate::Timestamp,
    /// It is time.
    pub due: bool,
}
