//! The printer's own card: what lies on it, and what can be done with it.

use crate::StartJob;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Most entries of a card that are kept.
pub const MOST_SD_FILES: usize = 2_000;
/// Longest path that fits behind `M23` on every firmware, characters.
pub const LONGEST_SD_PATH: usize = 70;

/// A file on the printer's card. Hostile text: shown, never interpreted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct SdFile {
    /// As the printer wants it to open the file.
    pub path: String,
    /// The long name, or the path where the printer tells no other.
    pub name: String,
    /// Size, where the printer tells it.
    #[ts(type = "number | null")]
    pub bytes: Option<u64>,
    /// When it was written, by the clock of who wrote it: `2026-11-22T14:05`.
    pub written: Option<String>,
    /// By its name it is a file with G-code.
    pub printable: bool,
}

/// The printer's card.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct SdCard {
    /// A card is in, by the printer's words.
    pub present: bool,
    /// Its files are being told now.
    pub listing: bool,
    /// Its files; null until they were asked for, and again when the card was changed.
    pub files: Option<Vec<SdFile>>,
}

/// What can be done with the card.
#[derive(Debug, Clone, PartialEq)]
pub enum SdOrder {
    /// Asks for its files.
    List,
    /// Starts a file of it; the job's path is the card's.
    Print(StartJob),
    /// Follows the print from the card that the printer is found at.
    Follow(StartJob),
}

/// Checks a path before it is sent to open a file.
///
/// # Errors
/// A text for people.
pub fn check_sd_path(path: &str) -> Result<(), String> {
    if path.trim().is_empty() || path.ends_with('/') {
        return Err("this is no file of the card".into());
    }
    let plain = path.chars().all(|c| (' '..='~').contains(&c) && !matches!(c, '*' | ';' | '"'));
    if !plain || path.trim() != path || path.split('/').any(|part| part == "..") {
        return Err(
            "the printer cannot be told this name: rename the file, with plain letters and digits".into()
        );
    }
    if path.len() > LONGEST_SD_PATH {
        return Err(format!(
            "the name is longer than the {LONGEST_SD_PATH} characters that a printer takes: rename the file, or \
             put it into a folder less deep"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_that_stay_one_command_are_sent() {
        for good in ["SHORT.GCO", "/SUBDIR/PLATE.GCO", "ALONGF~1.GCO", "my file.gcode"] {
            assert_eq!(check_sd_path(good), Ok(()), "{good}");
        }
        let long = "X".repeat(71);
        for bad in
            ["", " ", "DIR/", "A.GCO\nM104 S300", "A.GCO*7", "A;B.G", "/../A.GCO", "ä.gcode", " A.G", &long]
        {
            assert!(check_sd_path(bad).is_err(), "{bad:?}");
        }
    }
}
