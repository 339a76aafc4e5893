//! Past prints under another setting: when would it have alerted, when paused?
//!
//! A replay from kept scores gives what the running watch gave, look by look, up to the first answer of a person:
//! what an answer changed is not replayed.

use crate::mean::{Mean, Tuning};
use crate::rule::{self, MIN_INTERVAL_MILLIS};
use domain::{GaugeZone, Millis, PredictionState};

/// A look as it was kept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PastLook {
    /// Since the print began.
    pub at_ms: Millis,
    /// The model's p.
    pub p: f64,
    /// What of it counted for our rule.
    pub counted: f64,
    /// Nothing of the print lay on the bed yet.
    pub before: bool,
}

/// What would have become of a print.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Reaction {
    /// The first alert, milliseconds after the start.
    pub alert_ms: Option<Millis>,
    /// The first pause.
    pub pause_ms: Option<Millis>,
    /// How far the level rose at most, in alert thresholds as delivered: above the factor on the thresholds, it
    /// alerts. Only for our rule.
    pub peak: f64,
}

impl Reaction {
    /// Takes in the verdict about a look.
    pub fn take(&mut self, verdict: GaugeZone, at_ms: Millis) {
        if verdict != GaugeZone::Fine {
            self.alert_ms.get_or_insert(at_ms);
        }
        if verdict == GaugeZone::Pause {
            self.pause_ms.get_or_insert(at_ms);
        }
    }
}

/// Replays a print by our rule.
pub fn replay(looks: impl IntoIterator<Item = PastLook>, tuning: Tuning) -> Reaction {
    let mut mean = Mean::default();
    let mut reaction = Reaction::default();
    let as_delivered = Tuning { threshold: 1.0, ..tuning };
    for look in looks {
        if look.before {
            mean.rest(look.at_ms);
            continue;
        }
        reaction.take(mean.take(look.counted, tuning, look.at_ms).zone(), look.at_ms);
        if mean.may_alert(look.at_ms) {
            let t = mean.thresholds(as_delivered);
            reaction.peak = reaction.peak.max(t.level / t.warn_above);
        }
    }
    reaction
}

/// Replays a print by Obico's rule. `state` is the printer's memory of the prints before, and then of this one, too.
pub fn replay_obico(
    looks: impl IntoIterator<Item = PastLook>,
    state: &mut PredictionState,
    sensitivity: f64,
) -> Reaction {
    let now = state.updated_at;
    rule::begin_print(state, now);
    let mut reaction = Reaction::default();
    // The start of the print counts as a look, as in the running watch.
    let mut last_ms = 0;
    for look in looks {
        if look.at_ms.saturating_sub(last_ms) >= MIN_INTERVAL_MILLIS {
            last_ms = look.at_ms;
            reaction.take(rule::look(state, look.p, sensitivity, now).zone(), look.at_ms);
        }
    }
    reaction
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{PrintvigilRule, Seen, Stage};
    use domain::{PrinterId, Timestamp, View};

    /// A print of so many seconds that fails from `from` on.
    fn looks(secs: u64, from: u64, p: f64) -> Vec<PastLook> {
        (0..secs)
            .map(|s| {
                let p = if s >= from { p } else { 0.05 };
                PastLook { at_ms: s * 1000, p, counted: p, before: s < 20 }
            })
            .collect()
    }

    #[test]
    fn a_replay_gives_what_the_running_rule_gave() {
        let tuning = Tuning { sensitivity: 1.1, threshold: 0.9 };
        let mut rule = PrintvigilRule::default();
        let (mut kept, mut ran) = (Vec::new(), Reaction::default());
        for s in 0..900_u64 {
            let mut cells = vec![3; 100];
            if s > 400 {
                [44, 45, 54, 55].into_iter().for_each(|cell| cells[cell] = 230);
                // The head passes by now and then.
                cells[(s % 40) as usize] = 200;
            }
            let before = s < 30;
            let stage = if before { Stage::Before } else { Stage::Printing };
            let p = if s > 400 { 1.1 } else { 0.1 };
            let reasons = rule.look(
                Seen {
                    at_ms: s * 1000,
                    p,
                    view: View::Whole,
                    cells: &cells,
                    columns: 10,
                    calibration: None,
                    stage,
                },
                tuning,
            );
            ran.take(reasons.verdict, s * 1000);
            kept.push(PastLook { at_ms: s * 1000, p, counted: reasons.counted, before });
        }
        let again = replay(kept, tuning);
        assert!(ran.alert_ms.is_some() && ran.pause_ms.is_some(), "{ran:?}");
        assert_eq!((again.alert_ms, again.pause_ms), (ran.alert_ms, ran.pause_ms));
    }

    #[test]
    fn the_peak_tells_from_which_factor_on_nothing_is_said() {
        let print = looks(1200, 600, 0.6);
        let peak = replay(print.clone(), Tuning::default()).peak;
        assert!(peak > 1.2, "{peak}");
        let at = |threshold| replay(print.clone(), Tuning { threshold, ..Tuning::default() }).alert_ms;
        assert!(at(peak * 0.99).is_some() && at(peak * 1.01).is_none());
    }

    #[test]
    fn obicos_rule_sees_one_look_in_ten_seconds_and_remembers_from_print_to_print() {
        let fresh = PredictionState::fresh(PrinterId(1), Timestamp::from_micros(0));
        let mut state = PredictionState { lifetime_frame_num: 3000, rolling_mean_long: 0.02, ..fresh };
        let reaction = replay_obico(looks(1200, 600, 2.0), &mut state, 1.0);
        assert!(reaction.alert_ms.is_some_and(|ms| (600_000..=620_000).contains(&ms)), "{reaction:?}");
        assert_eq!(state.lifetime_frame_num, 3000 + 119);
        assert!(state.rolling_mean_long > 0.02);
    }
}
