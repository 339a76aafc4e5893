//! Looks to Fine, Alert or Pause, by one of two rules: Printvigil's ([`PrintvigilRule`], the default) and that of the
//! Obico server ([`look`]), frame by frame.
//!
//! Pure. Obico's is arithmetic on [`domain::PredictionState`]: no clock, no memory of its own. Its constants were tuned
//! to one frame per ten seconds ([`MIN_INTERVAL_MILLIS`]); whoever calls [`look`] keeps that pace.
//!
//! # Obico's rule
//!
//! Each frame brings `p`, the sum of the detector's confidences. Three means follow it: a quick one over about
//! 12 frames (`ewm_mean`), a slow one over this print (`rolling_mean_short`), and one over the printer's life
//! (`rolling_mean_long`), which learns what this camera always sees. What is compared is the *level*, how far the
//! quick mean lies above the printer's usual, times the sensitivity.

mod calm;
mod first_layer;
mod fixtures;
mod grid;
mod heat;
mod logits;
mod mean;
mod pair;
mod replay;
mod rule;
mod scale;
mod scene;
mod steps;
mod views;
mod watch;

pub use calm::put_together;
pub use first_layer::{FirstLayers, Laying, NothingNew};
pub use fixtures::{FixtureError, Report, check_fixtures};
pub use mean::{FIRST_LOOKS, FIRST_SECS, Mean, Tuning};
pub use replay::{PastLook, Reaction, replay, replay_obico};
pub use rule::{
    MIN_INTERVAL_MILLIS, SAFE_FRAMES, SUSPICIOUS_ABOVE, Thresholds, Verdict, begin_print, failing, look,
    thresholds, zone,
};
pub use scene::{SceneTrouble, SceneWatch, shows_elsewhere};
pub use views::tiles;
pub use watch::{PrintvigilRule, Seen, Stage};
