//! The rule itself: means, thresholds, verdict, gauge.

use domain::{GaugeZone, PredictionState, Timestamp};

/// Shortest time between two frames that count, milliseconds.
pub const MIN_INTERVAL_MILLIS: u64 = 10_000;
/// The first frame of a print that may alert.
pub const SAFE_FRAMES: u32 = 30;
/// A frame with a p above this is worth keeping.
pub const SUSPICIOUS_ABOVE: f64 = 0.2;

/// Frames in the span of the quick mean.
const EWM_SPAN: f64 = 12.0;
/// Frames in the mean over this print.
const SHORT_WINDOW: u32 = 310;
/// Frames in the mean over the printer's life.
const LONG_WINDOW: u32 = 7200;
/// A level below this never alerts.
pub(crate) const LOW: f64 = 0.38;
/// A level above this always alerts.
const HIGH: f64 = 0.78;
/// Between the two: how many times the rise of this print over the printer's usual.
const SHORT_MULTIPLE: f64 = 3.8;
/// A pause takes a level this many times higher than an alert.
pub(crate) const ESCALATION: f64 = 1.75;

/// What one look means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing to say.
    Fine,
    /// High enough to tell the person.
    Alert,
    /// High enough to pause the print.
    Pause,
}

impl Verdict {
    /// Returns the zone of the gauge that says the same.
    pub fn zone(self) -> GaugeZone {
        match self {
            Self::Fine => GaugeZone::Fine,
            Self::Alert => GaugeZone::Alert,
            Self::Pause => GaugeZone::Pause,
        }
    }
}

/// The level, and what it is compared with just now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    /// `(ewm - long) * sensitivity`.
    pub level: f64,
    /// Alerts above this.
    pub warn_above: f64,
    /// Pauses above this.
    pub pause_above: f64,
}

/// Forgets the print, keeps what was learned of the printer. Call it when a print starts and when it ends.
pub fn begin_print(state: &mut PredictionState, now: Timestamp) {
    state.current_frame_num = 0;
    state.current_p = 0.0;
    state.ewm_mean = 0.0;
    state.rolling_mean_short = 0.0;
    state.normalized_p = 0.0;
    state.updated_at = now;
}

/// Takes in one frame with the summed confidence `p` and says what follows.
pub fn look(state: &mut PredictionState, p: f64, sensitivity: f64, now: Timestamp) -> Verdict {
    state.current_p = p;
    state.current_frame_num += 1;
    state.lifetime_frame_num += 1;
    let alpha = 2.0 / (EWM_SPAN + 1.0);
    state.ewm_mean = p * alpha + state.ewm_mean * (1.0 - alpha);
    state.rolling_mean_short = rolled(state.rolling_mean_short, p, state.current_frame_num, SHORT_WINDOW);
    state.rolling_mean_long = rolled(state.rolling_mean_long, p, state.lifetime_frame_num, LONG_WINDOW);
    state.normalized_p = normalized(thresholds(state, sensitivity));
    state.updated_at = now;
    if failing(state, sensitivity, ESCALATION) {
        Verdict::Pause
    } else if failing(state, sensitivity, 1.0) {
        Verdict::Alert
    } else {
        Verdict::Fine
    }
}

/// Returns whether the state fails when the level is first divided by `escalation` (1 for an alert).
pub fn failing(state: &PredictionState, sensitivity: f64, escalation: f64) -> bool {
    if state.current_frame_num < SAFE_FRAMES {
        return false;
    }
    let level = (state.ewm_mean - state.rolling_mean_long) * sensitivity / escalation;
    if level < LOW {
        return false;
    }
    // Only the level is scaled by the sensitivity, not what it is compared with.
    level > HIGH || level > (state.rolling_mean_short - state.rolling_mean_long) * SHORT_MULTIPLE
}

/// Returns the level and the two thresholds that hold for it just now.
pub fn thresholds(state: &PredictionState, sensitivity: f64) -> Thresholds {
    let rise = (state.rolling_mean_short - state.rolling_mean_long) * SHORT_MULTIPLE;
    let warn_above = rise.clamp(LOW, HIGH);
    Thresholds {
        level: (state.ewm_mean - state.rolling_mean_long) * sensitivity,
        warn_above,
        pause_above: warn_above * ESCALATION,
    }
}

/// Returns the zone of a gauge value: thirds of the way from 0 to 1.
pub fn zone(normalized_p: f64) -> GaugeZone {
    if normalized_p > 2.0 / 3.0 {
        GaugeZone::Pause
    } else if normalized_p > 1.0 / 3.0 {
        GaugeZone::Alert
    } else {
        GaugeZone::Fine
    }
}

/// A mean over at most `window` frames. While it fills, the divisor is one more than the frames seen, so the very
/// first frame counts half: the rule was recorded that way, and its thresholds go with it.
fn rolled(mean: f64, p: f64, frames: u32, window: u32) -> f64 {
    let divisor = if window <= frames { window } else { frames + 1 };
    mean + (p - mean) / f64::from(divisor)
}

/// The gauge: a third at the alert threshold, two thirds at the pause threshold, full at half as much again.
pub(crate) fn normalized(t: Thresholds) -> f64 {
    let third = 1.0 / 3.0;
    let along = |from: f64, to: f64| ((t.level - from) / (to - from)).clamp(0.0, 1.0) * third;
    if t.level > t.pause_above {
        2.0 * third + along(t.pause_above, t.pause_above * 1.5)
    } else if t.level > t.warn_above {
        third + along(t.warn_above, t.pause_above)
    } else {
        along(0.0, t.warn_above)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::PrinterId;

    fn state() -> PredictionState {
        PredictionState::fresh(PrinterId(1), Timestamp::from_micros(0))
    }

    /// Frames until the first alert and the first pause, for `clean` frames of `.02` and then frames of `p`.
    fn frames_until(p: f64, clean: u32) -> (Option<u32>, Option<u32>) {
        let mut s = PredictionState { lifetime_frame_num: 3000, rolling_mean_long: 0.02, ..state() };
        begin_print(&mut s, Timestamp::from_micros(1));
        for _ in 0..clean {
            assert_eq!(look(&mut s, 0.02, 1.0, Timestamp::from_micros(2)), Verdict::Fine, "a clean frame");
        }
        let (mut alert, mut pause) = (None, None);
        for n in 1..=400 {
            match look(&mut s, p, 1.0, Timestamp::from_micros(3)) {
                Verdict::Fine => {}
                Verdict::Alert => alert = alert.or(Some(n)),
                Verdict::Pause => {
                    alert = alert.or(Some(n));
                    pause = pause.or(Some(n));
                }
            }
        }
        (alert, pause)
    }

    #[test]
    fn reaction_times_are_those_of_the_rule() {
        // p of the failing part, alert after, pause after.
        for (p, alert, pause) in [
            (0.4, None, None),
            (0.5, Some(10), None),
            (0.7, Some(5), Some(26)),
            (1.0, Some(3), Some(7)),
            (2.5, Some(1), Some(2)),
        ] {
            assert_eq!(frames_until(p, 200), (alert, pause), "p = {p}");
        }
    }

    #[test]
    fn the_first_thirty_frames_never_alert_and_the_thirtieth_may() {
        let mut s = PredictionState { lifetime_frame_num: 7200, ..state() };
        let verdicts: Vec<Verdict> =
            (0..30).map(|_| look(&mut s, 2.0, 1.0, Timestamp::from_micros(0))).collect();
        assert!(verdicts[..29].iter().all(|v| *v == Verdict::Fine), "frames 1 to 29 are safe");
        assert_eq!(verdicts[29], Verdict::Pause, "frame 30 may pause");
    }

    #[test]
    fn a_new_print_forgets_the_print_and_keeps_the_printer() {
        let mut s = state();
        for _ in 0..50 {
            look(&mut s, 0.5, 1.0, Timestamp::from_micros(0));
        }
        let learned = s.rolling_mean_long;
        begin_print(&mut s, Timestamp::from_micros(9));
        assert_eq!(
            (s.current_frame_num, s.ewm_mean, s.rolling_mean_short, s.normalized_p),
            (0, 0.0, 0.0, 0.0)
        );
        assert_eq!((s.lifetime_frame_num, s.rolling_mean_long), (50, learned), "the printer's life stays");
        assert_eq!(s.updated_at, Timestamp::from_micros(9));
    }

    #[test]
    fn the_zone_and_the_verdict_say_the_same_after_the_safe_frames() {
        let mut s = state();
        // A walk through all zones.
        for n in 0..600_u32 {
            let p = if (n / 40) % 2 == 0 { 0.02 } else { f64::from(n % 40) * 0.05 };
            let verdict = look(&mut s, p, 1.1, Timestamp::from_micros(0));
            if s.current_frame_num >= SAFE_FRAMES {
                let expected = match zone(s.normalized_p) {
                    GaugeZone::Fine => Verdict::Fine,
                    GaugeZone::Alert => Verdict::Alert,
                    GaugeZone::Pause => Verdict::Pause,
                };
                assert_eq!(verdict, expected, "frame {n}: {s:?}");
            }
        }
    }

    #[test]
    fn the_shown_thresholds_are_those_that_decide() {
        let mut s = PredictionState { lifetime_frame_num: 3000, ..state() };
        for n in 0..300_u32 {
            look(&mut s, f64::from(n) * 0.004, 0.9, Timestamp::from_micros(0));
            if s.current_frame_num >= SAFE_FRAMES {
                let t = thresholds(&s, 0.9);
                assert_eq!(failing(&s, 0.9, 1.0), t.level > t.warn_above, "frame {n}: alert");
                assert_eq!(failing(&s, 0.9, ESCALATION), t.level > t.pause_above, "frame {n}: pause");
            }
        }
    }
}
