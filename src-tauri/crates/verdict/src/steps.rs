//! The time from look to look.

use domain::Millis;

/// A gap longer than this counts as this: what nobody saw is no evidence.
const LONGEST_STEP_SECS: f64 = 20.0;
/// What the first look counts as.
const FIRST_STEP_SECS: f64 = 1.0;

/// Returns the seconds since the last look, at most 20.
pub(crate) fn step_secs(last_ms: Option<Millis>, at_ms: Millis) -> f64 {
    let since = last_ms.map_or(FIRST_STEP_SECS, |last| at_ms.saturating_sub(last) as f64 / 1000.0);
    since.min(LONGEST_STEP_SECS)
}
