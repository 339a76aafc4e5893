//! Who begins something, and what it takes to start a print.

use crate::{FileId, PrintId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use ts_rs::TS;

/// Who or what began something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Initiator {
    /// A person in the app.
    Person,
    /// The watch.
    Detection,
    /// The printer itself, or a person at its knob.
    Printer,
    /// The app: shutdown, a time that ran out, the end of a link.
    App,
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
    /// Objects of the file that are left out, from 0: a person has cancelled them before the print was cut short.
    pub left_out: Vec<u32>,
}

impl StartJob {
    /// Returns a print of a file from its beginning, of which nothing else is known.
    pub fn new(print: PrintId, name: String, path: PathBuf, initiator: Initiator) -> Self {
        let past = PastTimes::default();
        Self { print, file: None, path, name, initiator, past, done_lines: 0, left_out: Vec::new() }
    }
}

/// How long the same file took on the same printer before; finished prints only, heating included.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PastTimes {
    /// Mean of all, seconds.
    pub average_secs: Option<f64>,
    /// Seconds of the last one.
    pub last_secs: Option<f64>,
}
