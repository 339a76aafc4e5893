//! Films of prints: what is wanted, how they are made, how far they are.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What is made of the kept pictures of a print that ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilmWish {
    /// The film, with and without boxes, and the poster.
    Film,
    /// The poster alone: the print was too short for a film.
    Poster,
}

/// How it stands with the film of a print, as stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FilmState {
    /// Asked for and not made yet; taken up again after a restart.
    Waiting,
    /// There it is.
    Made,
    /// The print was too short for one.
    TooShort,
    /// A person broke it off.
    Cancelled,
    /// It could not be made.
    Failed,
}

/// How far the film of a print is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FilmStep {
    /// Others come first.
    Waiting,
    /// It is being made.
    Making,
    /// An uploaded film is being looked at.
    Analysing,
    /// There it is.
    Made,
    /// The print was too short for one.
    TooShort,
    /// A person broke it off.
    Cancelled,
    /// It could not be made.
    Failed,
}

impl From<FilmState> for FilmStep {
    fn from(state: FilmState) -> Self {
        match state {
            FilmState::Waiting => Self::Waiting,
            FilmState::Made => Self::Made,
            FilmState::TooShort => Self::TooShort,
            FilmState::Cancelled => Self::Cancelled,
            FilmState::Failed => Self::Failed,
        }
    }
}

/// Where the films of a print lie: paths below the data folder, with a slash before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Film {
    /// The film.
    pub video: Option<String>,
    /// The film with boxes.
    pub tagged: Option<String>,
    /// The picture shown before it plays; `None` keeps the one there is.
    pub poster: Option<String>,
}

/// Which kept pictures go into a film.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FilmPick {
    /// One every so many seconds.
    #[default]
    Seconds,
    /// One a layer.
    Layer,
    /// One a layer, and of those at hand the one in which the head is out of the way.
    Steady,
}

/// How good a film looks, and how large it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FilmQuality {
    /// Half the bits.
    Small,
    /// 4 Mbit/s at 1280 x 720.
    #[default]
    Normal,
    /// Twice the bits.
    Fine,
}

/// How films are made.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TimelapseOptions {
    /// Which pictures.
    pub pick: FilmPick,
    /// Seconds of the print between two pictures, 1 to 3600.
    pub every_secs: f64,
    /// Pictures a second, 1 to 60.
    pub fps: f64,
    /// Longest side in pixels, 160 to 3840; larger pictures are made smaller.
    pub max_side_px: u32,
    /// How good.
    pub quality: FilmQuality,
    /// Seconds for which the last picture stays, 0 to 30.
    pub end_hold_secs: f64,
    /// Even out how bright the pictures are.
    pub deflicker: bool,
    /// Make a second film with boxes and gauge.
    pub tagged: bool,
}

impl Default for TimelapseOptions {
    fn default() -> Self {
        Self {
            pick: FilmPick::Seconds,
            every_secs: 10.0,
            fps: 30.0,
            max_side_px: 1280,
            quality: FilmQuality::Normal,
            end_hold_secs: 1.0,
            deflicker: false,
            tagged: true,
        }
    }
}

impl TimelapseOptions {
    /// Returns what is out of its range, as a text for people.
    ///
    /// # Errors
    /// The first value that is.
    pub fn check(&self) -> Result<(), String> {
        let within = |what: &str, value: f64, least: f64, most: f64| {
            let fine = value.is_finite() && (least..=most).contains(&value);
            if fine { Ok(()) } else { Err(format!("{what} must be {least} to {most}, not {value}")) }
        };
        within("the seconds between two pictures", self.every_secs, 1.0, 3600.0)?;
        within("pictures a second", self.fps, 1.0, 60.0)?;
        within("the longest side in pixels", f64::from(self.max_side_px), 160.0, 3840.0)?;
        within("the seconds for which the last picture stays", self.end_hold_secs, 0.0, 30.0)
    }
}

/// The film of a print as everyone sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct FilmView {
    /// How far it is; null when none was ever asked for.
    pub state: Option<FilmStep>,
    /// 0 to 1 while it is being made or looked at.
    pub progress: Option<f32>,
    /// Why there is none.
    pub why: Option<String>,
    /// How it is or was made.
    pub options: TimelapseOptions,
    /// Kept pictures.
    pub frames: u32,
    /// How many come before it.
    pub position_in_queue: Option<u32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_have_ranges_and_what_is_not_given_is_as_usual() {
        let some: TimelapseOptions = serde_json::from_str(r#"{"fps": 24, "pick": "steady"}"#).unwrap();
        assert_eq!((some.fps, some.pick, some.max_side_px), (24.0, FilmPick::Steady, 1280));
        assert_eq!(some.check(), Ok(()));
        assert!(serde_json::from_str::<TimelapseOptions>(r#"{"speed": 1}"#).is_err(), "an unknown word");
        for (bad, says) in [
            (TimelapseOptions { fps: 0.0, ..some }, "pictures a second must be 1 to 60, not 0"),
            (TimelapseOptions { every_secs: f64::NAN, ..some }, "1 to 3600, not NaN"),
            (TimelapseOptions { max_side_px: 9000, ..some }, "160 to 3840"),
            (TimelapseOptions { end_hold_secs: 31.0, ..some }, "0 to 30"),
        ] {
            let told = bad.check().unwrap_err();
            assert!(told.contains(says), "{told}");
        }
    }
}
