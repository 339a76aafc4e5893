//! The watch as it is shown: the gauge, why it thinks so, whether it watches, and the open alert.

use crate::view::frame_url;
use crate::watch::PrintWatch;
use crate::why::{trouble_words, why};
use crate::world::World;
use domain::{AlertView, CameraTrouble, DotState, HealthDot, NotWatching, Now, WatchView};

/// How the watch stands, for dot and gauge alike.
struct Standing {
    watching: bool,
    state: DotState,
    label: &'static str,
    reason: String,
    fix: String,
}

impl PrintWatch {
    fn standing(&self, world: &World) -> Standing {
        let off = |state, label, reason: &str, fix: &str| Standing {
            watching: false,
            state,
            label,
            reason: reason.into(),
            fix: fix.into(),
        };
        // What is switched off while nothing is printed is on hold; while something is, it is not watched.
        let switched_off = |reason: NotWatching, fix: &str| {
            if self.running.is_some() {
                off(DotState::Attention, "NOT watched", reason.text(), fix)
            } else {
                off(DotState::Unknown, "Watch on hold", reason.text(), fix)
            }
        };
        match self.not_watching(world) {
            Some(reason @ NotWatching::Disabled) => switched_off(reason, "Switch Watch on."),
            Some(reason @ NotWatching::NoDetectionHours) => {
                switched_off(reason, "Set the balance of detection hours above 0.")
            }
            Some(reason @ NotWatching::Muted) => switched_off(reason, "Unmute the watch for this print."),
            Some(NotWatching::NotPrinting) => {
                off(DotState::Unknown, "Watch on hold", NotWatching::NotPrinting.text(), "")
            }
            None => match &self.vigilance.lost {
                Some(loss) => off(DotState::Danger, "NOT watched", &loss.why, &loss.fix),
                None if self.vigilance.watching() => Standing {
                    watching: true,
                    state: DotState::Ok,
                    label: "Watching",
                    reason: String::new(),
                    fix: String::new(),
                },
                None => off(DotState::Unknown, "Watch on hold", "Waiting for the first picture.", ""),
            },
        }
    }

    pub(crate) fn watch_dot(&self, world: &World) -> HealthDot {
        let standing = self.standing(world);
        let reason = if standing.watching { self.watched_words(world) } else { standing.reason };
        HealthDot {
            name: "watch".into(),
            state: standing.state,
            label: standing.label.into(),
            reason,
            fix: standing.fix,
        }
    }

    fn watched_words(&self, world: &World) -> String {
        match &world.detector {
            Some(Ok(model)) => format!("Each picture is checked by {model}."),
            Some(Err(_)) | None => "Pictures are being checked.".into(),
        }
    }

    pub(crate) fn watch_view(&self, world: &World, now: Now) -> WatchView {
        let standing = self.standing(world);
        let last = self.running.as_ref().and_then(|running| running.looks.back());
        let thresholds = verdict::thresholds(&self.prediction, self.settings.detective_sensitivity);
        let reasons = self.running.as_ref().and_then(|running| running.reasons.clone());
        // The means are known as soon as one look of this print counted.
        let known = standing.watching && last.is_some();
        let gauge = reasons.as_ref().filter(|_| known).map(|reasons| reasons.gauge);
        WatchView {
            watching: standing.watching,
            reason: standing.reason,
            fix: standing.fix,
            gauge,
            zone: gauge.map(verdict::zone),
            looked_at: last.map(|look| look.taken_at()),
            probability: last.map(|look| look.probability),
            p: last.map(|look| look.p),
            ewm_mean: self.prediction.ewm_mean,
            rolling_mean_short: self.prediction.rolling_mean_short,
            rolling_mean_long: self.prediction.rolling_mean_long,
            level: reasons.as_ref().map_or(thresholds.level, |r| r.level),
            warn_above: reasons.as_ref().map_or(thresholds.warn_above, |r| r.warn_above),
            pause_above: reasons.as_ref().map_or(thresholds.pause_above, |r| r.pause_above),
            frame_num: self.prediction.current_frame_num,
            safe_frames: verdict::SAFE_FRAMES,
            lifetime_frame_num: self.prediction.lifetime_frame_num,
            boxes: last.map(|look| look.boxes.clone()).unwrap_or_default(),
            frame_size: last.map(|look| look.frame_size),
            watched_percent: self.running.as_ref().and_then(|_| self.vigilance.watched_percent(now)),
            model: match &world.detector {
                Some(Ok(name)) => name.clone(),
                Some(Err(why)) => why.clone(),
                None => "The model is being loaded.".into(),
            },
            total_ms: last.map(|look| look.total_ms),
            inference_ms: last.map(|look| look.inference_ms),
            rule: self.settings.watch.rule,
            why: reasons.as_ref().map(why).unwrap_or_default(),
            reasons,
            watched_secs: self.vigilance.covered_secs().1,
            gaps: self.gaps_so_far(now.utc),
            every_secs: self.cadence.unwrap_or_else(|| self.pace_ms()) as f64 / 1000.0,
            camera_trouble: self.scene.told().map(|trouble| {
                let words = trouble_words(trouble);
                CameraTrouble { kind: words.kind.into(), text: words.text.into(), cure: words.cure.into() }
            }),
            drill: self.drill_view(),
        }
    }

    pub(crate) fn alert_view(&self) -> Option<AlertView> {
        let alert = self.alert()?;
        let looks = self.running.as_ref().map(|running| running.looks.iter()).into_iter().flatten();
        Some(AlertView {
            at: alert.at,
            paused: alert.paused,
            frame: alert.frame.id,
            img_url: frame_url(alert.frame.id),
            boxes: alert.boxes.clone(),
            frame_size: (alert.frame.width, alert.frame.height),
            layer: alert.layer_idx.map(|idx| idx + 1),
            text: alert.text.clone(),
            curve: looks.map(|look| (look.taken_at().micros() as f64 / 1e6, look.gauge)).collect(),
            before: alert.before.clone(),
            why: why(&alert.reasons),
            place: alert.reasons.place,
            reasons: Some(alert.reasons.clone()),
        })
    }
}
