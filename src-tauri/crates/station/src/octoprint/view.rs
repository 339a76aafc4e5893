//! A backup of OctoPrint, for who looks at it before it is brought in.

use super::archive::{Entry, Survey};
use domain::PrinterId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Names that are shown of each kind.
const MOST_NAMES: usize = 20;

/// What is in a backup of OctoPrint, and how far it was brought in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS, JsonSchema)]
pub struct OctoPrintBackup {
    /// Name of the ZIP.
    pub name: String,
    /// OctoPrint that made it, where it says so.
    pub version: Option<String>,
    /// G-code files.
    pub files: u32,
    /// Bytes of them.
    pub files_bytes: u64,
    /// The first of them, with their folders.
    pub file_names: Vec<String>,
    /// Timelapses that can be taken.
    pub films: u32,
    /// Bytes of them.
    pub films_bytes: u64,
    /// The first of them.
    pub film_names: Vec<String>,
    /// Past prints that OctoPrint noted.
    pub prints: u32,
    /// What stays behind, and why.
    pub left_out: Vec<String>,
    /// It is being brought in.
    pub taking: Option<OctoPrintProgress>,
    /// What came of it.
    pub taken: Option<OctoPrintTaken>,
}

/// How far it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS, JsonSchema)]
pub struct OctoPrintProgress {
    /// Files and timelapses that were begun.
    pub done: u32,
    /// Of so many.
    pub of: u32,
    /// The last of them.
    pub name: String,
}

/// What was brought in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, TS, JsonSchema)]
pub struct OctoPrintTaken {
    /// Files that are new here.
    pub files: u32,
    /// Files that were here already.
    pub files_there: u32,
    /// Timelapses that are new here.
    pub films: u32,
    /// Timelapses that were here already.
    pub films_there: u32,
    /// Past prints that are new here.
    pub prints: u32,
    /// Past prints that were here already.
    pub prints_there: u32,
    /// What could not be brought in.
    pub failed: u32,
    /// Why, for the first of these.
    pub reasons: Vec<String>,
}

/// What a person wants of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, TS, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OctoPrintTake {
    /// The G-code files.
    pub files: bool,
    /// The timelapses.
    pub films: bool,
    /// The past prints, as those of this printer; null leaves them out.
    pub prints_of: Option<PrinterId>,
}

impl OctoPrintBackup {
    pub(super) fn of(name: String, survey: &Survey, prints: usize) -> Self {
        let bytes = |all: &[Entry]| all.iter().fold(0_u64, |sum, entry| sum.saturating_add(entry.num_bytes));
        let names = |all: &[Entry]| all.iter().take(MOST_NAMES).map(Entry::shown).collect();
        Self {
            name,
            version: survey.version.clone(),
            files: survey.files.len() as u32,
            files_bytes: bytes(&survey.files),
            file_names: names(&survey.files),
            films: survey.films.len() as u32,
            films_bytes: bytes(&survey.films),
            film_names: names(&survey.films),
            prints: prints as u32,
            left_out: survey.left_out.clone(),
            taking: None,
            taken: None,
        }
    }
}
