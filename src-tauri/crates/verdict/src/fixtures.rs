//! Recorded sequences of the rule: confidences in, state out. Tells how far ours is from them.

use crate::{Verdict, begin_print, look};
use domain::{PredictionState, PrinterId, Timestamp};
use serde::Deserialize;

/// Largest difference that is still the same number.
const TOLERANCE: f64 = 1e-12;
/// How many wrong values are spelled out; more would not help.
const MOST_WRONG_TOLD: usize = 100;

/// Why a file of sequences cannot be checked.
#[derive(Debug)]
pub enum FixtureError {
    /// It is not JSON, or not of this shape.
    Unreadable(serde_json::Error),
    /// It holds no frame: nothing would be checked, and that must not look like agreement.
    Empty,
}

impl std::fmt::Display for FixtureError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unreadable(why) => write!(f, "the file cannot be read as decision sequences: {why}"),
            Self::Empty => write!(f, "the file holds no frame to check"),
        }
    }
}

impl std::error::Error for FixtureError {}

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Report {
    /// The largest difference of any value.
    pub largest_deviation: f64,
    /// Each disagreement in words; empty when all agree. At most 100 are told.
    pub wrong: Vec<String>,
    /// Sequences in the file.
    pub sequences: usize,
    /// Frames in all of them.
    pub frames: usize,
}

#[derive(Deserialize)]
struct File {
    sequences: Vec<Sequence>,
}

#[derive(Deserialize)]
struct Sequence {
    id: String,
    initial_state: Initial,
    prints: Vec<Print>,
}

#[derive(Deserialize)]
struct Initial {
    current_frame_num: u32,
    lifetime_frame_num: u32,
    current_p: f64,
    ewm_mean: f64,
    rolling_mean_short: f64,
    rolling_mean_long: f64,
    normalized_p: f64,
}

#[derive(Deserialize)]
struct Print {
    detective_sensitivity: f64,
    /// The confidences of each frame.
    frames: Vec<Vec<f64>>,
    /// The state after each frame, in the order of [`COLUMNS`].
    states: Vec<[f64; 9]>,
}

const COLUMNS: [&str; 9] = [
    "current_p",
    "ewm_mean",
    "rolling_mean_short",
    "rolling_mean_long",
    "current_frame_num",
    "lifetime_frame_num",
    "normalized_p",
    "warn",
    "pause",
];

/// Runs the rule over the recorded sequences in `json` and compares every value after every frame.
///
/// # Errors
/// When the text is not such a file, or holds no frame.
pub fn check_fixtures(json: &str) -> Result<Report, FixtureError> {
    let file: File = serde_json::from_str(json).map_err(FixtureError::Unreadable)?;
    let mut report = Report { sequences: file.sequences.len(), ..Report::default() };
    for sequence in &file.sequences {
        check_sequence(sequence, &mut report);
    }
    if report.frames == 0 { Err(FixtureError::Empty) } else { Ok(report) }
}

fn check_sequence(sequence: &Sequence, report: &mut Report) {
    let start = Timestamp::from_micros(0);
    let i = &sequence.initial_state;
    let mut state = PredictionState {
        current_frame_num: i.current_frame_num,
        lifetime_frame_num: i.lifetime_frame_num,
        current_p: i.current_p,
        ewm_mean: i.ewm_mean,
        rolling_mean_short: i.rolling_mean_short,
        rolling_mean_long: i.rolling_mean_long,
        normalized_p: i.normalized_p,
        ..PredictionState::fresh(PrinterId(0), start)
    };
    for (print_no, print) in sequence.prints.iter().enumerate() {
        begin_print(&mut state, start);
        if print.frames.len() != print.states.len() {
            tell(report, || {
                let (frames, states) = (print.frames.len(), print.states.len());
                format!("{} print {print_no}: {frames} frames but {states} states", sequence.id)
            });
        }
        for (frame_no, (boxes, expected)) in print.frames.iter().zip(&print.states).enumerate() {
            let p: f64 = boxes.iter().fold(0.0, |sum, confidence| sum + confidence);
            let verdict = look(&mut state, p, print.detective_sensitivity, start);
            let ours = columns(&state, verdict, print.detective_sensitivity);
            report.frames += 1;
            for ((name, ours), expected) in COLUMNS.iter().zip(ours).zip(*expected) {
                let off = (ours - expected).abs();
                // Written so that a NaN on either side is a difference too.
                let agrees = off <= TOLERANCE;
                report.largest_deviation = report.largest_deviation.max(off);
                if !agrees {
                    let at = format!("{} print {print_no} frame {frame_no}", sequence.id);
                    tell(report, || format!("{at}: {name} is {ours}, recorded {expected}"));
                }
            }
        }
    }
}

fn columns(state: &PredictionState, verdict: Verdict, sensitivity: f64) -> [f64; 9] {
    let pause = verdict == Verdict::Pause;
    let warn = crate::failing(state, sensitivity, 1.0);
    [
        state.current_p,
        state.ewm_mean,
        state.rolling_mean_short,
        state.rolling_mean_long,
        f64::from(state.current_frame_num),
        f64::from(state.lifetime_frame_num),
        state.normalized_p,
        f64::from(u8::from(warn)),
        f64::from(u8::from(pause)),
    ]
}

fn tell(report: &mut Report, wrong: impl FnOnce() -> String) {
    if report.wrong.len() < MOST_WRONG_TOLD {
        report.wrong.push(wrong());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORDED: &str = include_str!("../../../../tests/data/decision-fixtures.json");

    #[test]
    fn all_recorded_sequences_agree() {
        let report = check_fixtures(RECORDED).unwrap();
        assert_eq!((report.sequences, report.frames), (25, 8605), "the whole file is checked");
        assert_eq!(report.wrong, Vec::<String>::new());
        assert!(report.largest_deviation <= 1e-12, "off by {}", report.largest_deviation);
    }

    #[test]
    fn a_wrong_value_is_found() {
        let small = r#"{"sequences":[{"id":"X","initial_state":{"current_frame_num":0,"lifetime_frame_num":0,
            "current_p":0,"ewm_mean":0,"rolling_mean_short":0,"rolling_mean_long":0,"normalized_p":0},
            "prints":[{"detective_sensitivity":1.0,"frames":[[0.5]],"states":[[0.5,0.5,0.25,0.25,1,1,0,0,0]]}]}]}"#;
        let report = check_fixtures(small).unwrap();
        assert!(report.wrong[0].starts_with("X print 0 frame 0: ewm_mean is 0.0769"), "{:?}", report.wrong);
    }

    #[test]
    fn a_file_without_frames_is_no_agreement() {
        assert!(matches!(check_fixtures(r#"{"sequences":[]}"#), Err(FixtureError::Empty)));
        assert!(matches!(check_fixtures("[]"), Err(FixtureError::Unreadable(_))));
    }
}
