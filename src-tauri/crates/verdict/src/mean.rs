//! The mean of what counted over the last minute, and what it is compared with.

use crate::heat::Heats;
use crate::rule::{ESCALATION, LOW, Thresholds, Verdict, normalized, zone};
use crate::steps::step_secs;
use domain::{GaugeZone, Millis, Reasons, Rule, ScaleSource};

/// Time constant of the mean that is compared: that of Obico's quick mean, `-10 s / ln(1 - 2/13)`.
const MEAN_SECS: f64 = 59.9;
/// Time constant of what this print usually looks like.
const USUAL_SECS: f64 = 900.0;
/// A print that usually looks suspicious, more so than this, …
const USUAL_QUIET: f64 = 0.08;
/// … raises the threshold by this times its usual …
const USUAL_WEIGHT: f64 = 1.5;
/// … and by no more than this, so that a slow rise is not swallowed.
const USUAL_MOST: f64 = 0.2;
/// No alert before so much of the print was watched, seconds.
pub const FIRST_SECS: f64 = 60.0;
/// Nor before so many looks.
pub const FIRST_LOOKS: u32 = 5;
/// A look counts no more than this, so that no single one alerts.
pub(crate) const MOST_P: f64 = 2.5;
/// Something counts above this.
const SOME: f64 = 0.15;

/// What a person may change of the rule.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tuning {
    /// 0.8 (least) to 1.2 (most sensitive).
    pub sensitivity: f64,
    /// Factor on both thresholds, fitted to a person's own answers; 1 by default.
    pub threshold: f64,
}

impl Default for Tuning {
    fn default() -> Self {
        Self { sensitivity: 1.0, threshold: 1.0 }
    }
}

/// The mean of what counted. Alone it is enough to replay a print with another tuning.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Mean {
    /// Over the last minute.
    level: f64,
    /// Over the calm part of the print.
    usual: f64,
    last_ms: Option<Millis>,
    /// When the first look that may count was taken.
    first_ms: Option<Millis>,
    looks: u32,
    /// It may alert from its first look on.
    awake: bool,
    /// Since when something has counted.
    since_ms: Option<Millis>,
}

impl Mean {
    /// Returns a mean that may alert at once.
    pub(crate) fn without_grace() -> Self {
        Self { awake: true, ..Self::default() }
    }

    /// Takes it that nothing is wrong: a person said so.
    pub(crate) fn accept(&mut self) {
        self.level = 0.0;
        self.since_ms = None;
    }

    /// Returns whether so little has counted over the last minute that what is seen is taken for good.
    pub(crate) fn is_calm(&self) -> bool {
        self.level < LOW / 2.0
    }

    /// Takes in what counted of a look and says what follows.
    pub fn take(&mut self, counted: f64, tuning: Tuning, at_ms: Millis) -> Verdict {
        let step = step_secs(self.last_ms, at_ms);
        self.last_ms = Some(at_ms);
        self.first_ms.get_or_insert(at_ms);
        self.looks = self.looks.saturating_add(1);
        self.level += (counted - self.level) * (1.0 - (-step / MEAN_SECS).exp());
        if self.is_calm() {
            self.usual += (counted.min(LOW) - self.usual) * (1.0 - (-step / USUAL_SECS).exp());
        }
        if self.level < SOME {
            self.since_ms = None;
        } else {
            self.since_ms.get_or_insert(at_ms);
        }
        self.verdict(tuning, at_ms)
    }

    /// Takes it that a look came that cannot count: nothing of the print lay on the bed yet.
    pub fn rest(&mut self, at_ms: Millis) {
        self.last_ms = Some(at_ms);
    }

    /// Returns whether enough was seen of the print to alert at all.
    pub fn may_alert(&self, at_ms: Millis) -> bool {
        self.waits_secs(at_ms) <= 0.0
    }

    /// Returns the level and what it is compared with.
    pub fn thresholds(&self, tuning: Tuning) -> Thresholds {
        let usual = ((self.usual - USUAL_QUIET).max(0.0) * USUAL_WEIGHT).min(USUAL_MOST);
        let warn_above = (LOW + usual) * tuning.threshold;
        Thresholds {
            level: self.level * tuning.sensitivity,
            warn_above,
            pause_above: warn_above * ESCALATION,
        }
    }

    /// Returns the gauge, 0 to 1.
    pub fn gauge(&self, tuning: Tuning) -> f64 {
        normalized(self.thresholds(tuning))
    }

    fn verdict(&self, tuning: Tuning, at_ms: Millis) -> Verdict {
        let t = self.thresholds(tuning);
        if self.waits_secs(at_ms) > 0.0 {
            Verdict::Fine
        } else if t.level > t.pause_above {
            Verdict::Pause
        } else if t.level > t.warn_above {
            Verdict::Alert
        } else {
            Verdict::Fine
        }
    }

    /// Seconds until it may alert at all.
    fn waits_secs(&self, at_ms: Millis) -> f64 {
        if self.awake {
            return 0.0;
        }
        let watched = self.first_ms.map_or(0.0, |first| at_ms.saturating_sub(first) as f64 / 1000.0);
        let waits = (FIRST_SECS - watched).max(0.0);
        if self.looks < FIRST_LOOKS { waits.max(1.0) } else { waits }
    }

    pub(crate) fn reasons(
        &self,
        p: f64,
        counted: f64,
        heats: Heats,
        tuning: Tuning,
        at_ms: Millis,
    ) -> Reasons {
        let t = self.thresholds(tuning);
        let lost = |from: f32, to: f32| {
            if heats.whole > 0.0 { f64::from(((from - to) / heats.whole).clamp(0.0, 1.0)) } else { 0.0 }
        };
        let waits = self.waits_secs(at_ms);
        let gauge = normalized(t);
        Reasons {
            rule: Rule::Printvigil,
            verdict: if waits > 0.0 { GaugeZone::Fine } else { zone(gauge) },
            p,
            scaled: None,
            scale: ScaleSource::None,
            counted,
            ignored: lost(heats.whole, heats.allowed),
            known: lost(heats.allowed, heats.fresh),
            passing: lost(heats.fresh, heats.staying),
            level: t.level,
            warn_above: t.warn_above,
            pause_above: t.pause_above,
            gauge,
            place: heats.place,
            for_secs: self.since_ms.map_or(0.0, |since| at_ms.saturating_sub(since) as f64 / 1000.0),
            may_alert_in_secs: if t.level > t.warn_above { waits } else { 0.0 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seconds until the first alert and the first pause of a constant p, after so many clean seconds.
    fn reaction(p: f64, clean_secs: u64, every_ms: u64, tuning: Tuning) -> (Option<u64>, Option<u64>) {
        let mut mean = Mean::default();
        let (mut alert, mut pause) = (None, None);
        for n in 0..(clean_secs + 3600) * 1000 / every_ms {
            let at_ms = n * every_ms;
            let failing = at_ms >= clean_secs * 1000;
            let verdict = mean.take(if failing { p } else { 0.02 }, tuning, at_ms);
            let secs = at_ms.saturating_sub(clean_secs * 1000) / 1000;
            assert!(failing || verdict == Verdict::Fine, "a clean look at {at_ms} ms");
            if verdict != Verdict::Fine {
                alert = alert.or(Some(secs));
            }
            if verdict == Verdict::Pause {
                pause = pause.or(Some(secs));
            }
        }
        (alert, pause)
    }

    fn near(got: Option<u64>, want: Option<u64>) -> bool {
        match (got, want) {
            (Some(got), Some(want)) => got.abs_diff(want) <= 1 + want / 10,
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        }
    }

    #[test]
    fn reaction_times_are_near_those_of_obicos_rule() {
        // Obico's: .5 alerts after 100 s, .7 after 50 and 260, 1 after 30 and 70, 2.5 after 10 and 20.
        for (p, alert, pause) in [
            (0.3, None, None),
            (0.5, Some(83), None),
            (0.7, Some(45), Some(178)),
            (1.0, Some(28), Some(64)),
            (2.5, Some(9), Some(18)),
        ] {
            let got = reaction(p, 2000, 1000, Tuning::default());
            assert!(near(got.0, alert) && near(got.1, pause), "p {p}: {got:?}");
        }
    }

    #[test]
    fn a_slow_computer_sees_the_same_later_and_never_more() {
        for every_ms in [500, 2000, 5000, 10_000] {
            let (alert, pause) = reaction(1.0, 2000, every_ms, Tuning::default());
            let late = every_ms / 1000;
            assert!(alert.unwrap().abs_diff(28) <= late + 2, "every {every_ms} ms: {alert:?}");
            assert!(pause.unwrap().abs_diff(64) <= late + 4, "every {every_ms} ms: {pause:?}");
        }
    }

    #[test]
    fn a_print_that_fails_from_its_first_layer_is_seen() {
        let (alert, pause) = reaction(1.0, 0, 1000, Tuning::default());
        assert_eq!(alert, Some(60), "at the end of the first minute");
        assert!(pause.unwrap() <= 75, "{pause:?}");
        let (alert, pause) = reaction(0.7, 0, 1000, Tuning::default());
        assert!(alert.unwrap() <= 70 && pause.unwrap() <= 300, "moderate: {alert:?} {pause:?}");
    }

    #[test]
    fn sensitivity_and_threshold_move_the_alert() {
        let at = |sensitivity, threshold| reaction(0.7, 2000, 1000, Tuning { sensitivity, threshold }).0;
        assert!(at(1.2, 1.0) < at(1.0, 1.0) && at(1.0, 1.0) < at(0.8, 1.0));
        assert!(at(1.0, 0.8) < at(1.0, 1.0) && at(1.0, 1.0) < at(1.0, 1.3));
        assert_eq!(at(1.0, 2.0), None);
    }

    #[test]
    fn a_slow_rise_is_not_swallowed() {
        let mut mean = Mean::default();
        let alerted = (0..3 * 3600_u64).find(|&s| {
            let p = (s as f64 / 7200.0).min(1.0);
            mean.take(p, Tuning::default(), s * 1000) != Verdict::Fine
        });
        assert!(alerted.unwrap() < 5400, "two hours from 0 to 1: {alerted:?}");
    }

    #[test]
    fn one_wild_look_never_alerts_and_a_gap_is_no_evidence() {
        let mut mean = Mean::default();
        for s in 0..600 {
            mean.take(0.0, Tuning::default(), s * 1000);
        }
        assert_eq!(mean.take(MOST_P, Tuning::default(), 600_500), Verdict::Fine);
        let mut gap = Mean::default();
        gap.take(0.0, Tuning::default(), 0);
        for n in 1..8 {
            let verdict = gap.take(0.45, Tuning::default(), n * 3_600_000);
            assert!(n > 4 || verdict == Verdict::Fine, "look {n} after hours of nothing: {verdict:?}");
        }
    }
}
