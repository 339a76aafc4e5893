//! What a camera's good minutes look like to the model: the scale by which its looks are judged.

use crate::{Calibration, CameraId, PrintId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Prints that a camera's scale is made of at most, the newest.
pub const MOST_TAUGHT: usize = 8;

/// What one kind of view of a camera shows while all is well. Hundredths of a logit of the heat map's cells.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Calm {
    /// Of the hottest cells.
    pub level: i16,
    /// Seconds that it was learnt from.
    pub secs: f64,
    /// Cells in a row.
    pub columns: u16,
    /// Of each cell, row by row; [`Calm::UNSEEN`] where nobody looked.
    pub map: Vec<i16>,
}

impl Calm {
    /// Nobody looked at this cell.
    pub const UNSEEN: i16 = i16::MIN;
}

/// What a camera shows while all is well, to one model.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CameraScale {
    /// The model's name: another one scores otherwise.
    pub model: String,
    /// What a usual camera's good pictures show to that model, hundredths of a logit.
    #[serde(default = "CameraScale::usual_of_older")]
    pub usual: i16,
    /// Of the whole picture.
    pub whole: Calm,
    /// Of closer views.
    pub closer: Calm,
    /// The small picture of its scene then, row by row; empty when nobody looked.
    #[serde(default)]
    pub small: Vec<u8>,
    /// Good prints that it was learnt from.
    pub prints: u32,
    /// Of those, the ones of which a person said that they were no failure.
    pub answered: u32,
}

impl CameraScale {
    /// Scales from before they told it are of models for which it was this.
    fn usual_of_older() -> i16 {
        -150
    }

    /// Returns the seconds of calm printing that it was learnt from.
    pub fn secs(&self) -> f64 {
        self.whole.secs
    }

    /// Returns whether it may lower what today's picture says: one print that nobody judged may have failed unseen.
    pub fn is_sure(&self) -> bool {
        self.prints >= 2 || self.answered >= 1
    }
}

/// Whether a print teaches what its camera shows while all is well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Teaches {
    /// It runs, was cut short, or failed.
    Not,
    /// It was finished without an alert.
    EndedWell,
    /// A person said that it was no failure.
    Answered,
}

impl Teaches {
    /// Returns the word that is stored.
    pub fn word(self) -> &'static str {
        match self {
            Self::Not => "not",
            Self::EndedWell => "ended_well",
            Self::Answered => "answered",
        }
    }

    /// Returns what a stored word means.
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Not, Self::EndedWell, Self::Answered].into_iter().find(|teaches| teaches.word() == word)
    }
}

/// What the calm minutes of one print showed.
#[derive(Debug, Clone, PartialEq)]
pub struct Taught {
    /// Which print.
    pub print: PrintId,
    /// What it showed; its `prints` is 1.
    pub scale: CameraScale,
    /// Whether it counts.
    pub teaches: Teaches,
}

/// By what scale the looks of a print were judged: kept with the print, so that it can be replayed as it was.
#[derive(Debug, Clone, PartialEq)]
pub struct PrintScale {
    /// Which print.
    pub print: PrintId,
    /// The camera; `None` for films that were brought, and where it was removed.
    pub camera: Option<CameraId>,
    /// When the first look was judged by it.
    pub since: Timestamp,
    /// What the model's scores mean.
    pub calibration: Calibration,
    /// The printer's factor on p.
    pub bend: f64,
    /// What was known of the camera then; `None`: nothing.
    pub known: Option<CameraScale>,
}

/// What was learnt of a camera, for people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct LearntView {
    /// Hours of calm printing.
    pub hours: f64,
    /// Good prints.
    pub prints: u32,
    /// How much its good pictures stir the model: `calm`, `usual`, `lively`.
    pub mood: String,
    /// The same in a sentence.
    pub text: String,
    /// The model that it holds for.
    pub model: String,
    /// It is used: the model is the one in use.
    pub used: bool,
}
