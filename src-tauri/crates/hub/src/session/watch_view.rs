//! Detection as it is shown: the gauge, why it thinks so, and whether it watches.

use super::PrinterSession;
use crate::facts::Facts;
use crate::why::why;
use domain::{DotState, HealthDot, NotWatching, WatchView};

/// How detection stands, for dot and gauge alike.
struct Standing {
    watching: bool,
    state: DotState,
    label: &'static str,
    reason: String,
    fix: String,
}

impl PrinterSession {
    fn standing(&self, facts: &Facts<'_>) -> Standing {
        let off = |state, label, reason: &str, fix: &str| Standing {
            watching: false,
            state,
            label,
            reason: reason.into(),
            fix: fix.into(),
        };
        // What is switched off while nothing is printed is idle; while something is, it is not watched.
        let switched_off = |reason: NotWatching, fix: &str| {
            if facts.print.is_some() {
                off(DotState::Attention, "NOT watched", reason.text(), fix)
            } else {
                off(DotState::Unknown, "Detection idle", reason.text(), fix)
            }
        };
        match facts.not_watching() {
            Some(reason @ NotWatching::Disabled) => switched_off(reason, "Switch Watch on."),
            Some(reason @ NotWatching::NoDetectionHours) => {
                switched_off(reason, "Set more detection hours, or unlimited ones, in the settings.")
            }
            Some(reason @ NotWatching::Muted) => switched_off(reason, "Unmute the watch for this print."),
            Some(NotWatching::NotPrinting) => {
                off(DotState::Unknown, "Detection idle", NotWatching::NotPrinting.text(), "")
            }
            None => match self.watchdog.outage() {
                Some(outage) => off(DotState::Danger, "NOT watched", &outage.why, outage.fix),
                None if self.watchdog.watching() => Standing {
                    watching: true,
                    state: DotState::Ok,
                    label: "Watching",
                    reason: String::new(),
                    fix: String::new(),
                },
                None => off(DotState::Unknown, "Detection idle", "Waiting for the first picture.", ""),
            },
        }
    }

    pub(super) fn watch_dot(&self, facts: &Facts<'_>) -> HealthDot {
        let standing = self.standing(facts);
        let reason = if standing.watching { watched_words(facts) } else { standing.reason };
        HealthDot {
            name: "watch".into(),
            state: standing.state,
            label: standing.label.into(),
            reason,
            fix: standing.fix,
        }
    }

    pub(super) fn watch_view(&self, facts: &Facts<'_>) -> WatchView {
        let standing = self.standing(facts);
        let looks = self.detection.looks();
        let (last, seen) = (looks.last(), looks.last_of_both_views());
        let prediction = self.detection.prediction();
        let thresholds = verdict::thresholds(&prediction, facts.settings.detective_sensitivity);
        let reasons = self.detection.reasons();
        // The means are known as soon as one look of this print counted.
        let known = standing.watching && last.is_some();
        let gauge = reasons.filter(|_| known).map(|reasons| reasons.gauge);
        let every_ms = self.schedule.every_ms().unwrap_or_else(|| self.detection.pace_ms(facts));
        WatchView {
            watching: standing.watching,
            reason: standing.reason,
            fix: standing.fix,
            gauge,
            zone: gauge.map(verdict::zone),
            looked_at: last.map(|look| look.taken().utc),
            probability: seen.as_ref().map(|seen| seen.probability),
            p: seen.as_ref().map(|seen| seen.p),
            ewm_mean: prediction.ewm_mean,
            rolling_mean_short: prediction.rolling_mean_short,
            rolling_mean_long: prediction.rolling_mean_long,
            level: reasons.map_or(thresholds.level, |r| r.level),
            warn_above: reasons.map_or(thresholds.warn_above, |r| r.warn_above),
            pause_above: reasons.map_or(thresholds.pause_above, |r| r.pause_above),
            frame_num: prediction.current_frame_num,
            safe_frames: verdict::SAFE_FRAMES,
            lifetime_frame_num: prediction.lifetime_frame_num,
            boxes: seen.map(|seen| seen.boxes).unwrap_or_default(),
            frame_size: last.map(|look| look.frame_size),
            watched_percent: facts.print.and_then(|_| self.watchdog.watched_percent(facts.now)),
            model: model_words(facts),
            total_ms: last.map(|look| look.total_ms),
            inference_ms: last.map(|look| look.inference_ms),
            rule: facts.settings.watch.rule,
            why: reasons.map(why).unwrap_or_default(),
            reasons: reasons.cloned(),
            watched_secs: self.watchdog.covered_secs().1,
            gaps: self.coverage.gaps(facts.print_id(), facts.now.utc),
            every_secs: every_ms as f64 / 1000.0,
            camera_trouble: self.scene.view(),
            drill: self.drills.view(),
        }
    }
}

fn watched_words(facts: &Facts<'_>) -> String {
    match &facts.world.detector {
        Some(Ok(model)) => format!("Each picture is checked by {model}."),
        Some(Err(_)) | None => "Pictures are being checked.".into(),
    }
}

fn model_words(facts: &Facts<'_>) -> String {
    match &facts.world.detector {
        Some(Ok(name)) => name.clone(),
        Some(Err(why)) => why.clone(),
        None => "The model is being loaded.".into(),
    }
}
