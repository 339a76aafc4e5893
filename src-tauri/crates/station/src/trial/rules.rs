//! Both rules over what is tried or was uploaded, as the hub runs them over a print.

use detect::Findings;
use domain::{Detection, GaugeZone, PredictionState, PrinterId, Reasons, Timestamp, View};
use serde::Serialize;
use verdict::{MIN_INTERVAL_MILLIS, PrintvigilRule, Seen, Stage, Tuning, Verdict};

/// Obico's rule learns over a printer's life: so many clean frames are taken for granted here.
const LIFETIME: u32 = 3000;
/// And so much is usual.
const USUAL: f64 = 0.02;

/// From so many seconds between two pictures on, each is looked at twice, whole and closer: a watch, which looks once a
/// second, would.
const TWICE_FROM_SECS: f64 = 2.0;

/// Where a rule stands after a look.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ts_rs::TS, schemars::JsonSchema)]
pub struct Stand {
    /// 0 to 1.
    pub gauge: f64,
    /// What it would do.
    pub verdict: GaugeZone,
}

/// A look, and what our rule makes of it.
pub(crate) struct Judged {
    pub(crate) seconds: f64,
    pub(crate) found: Findings,
    pub(crate) reasons: Reasons,
}

/// Both rules.
pub(crate) struct Rules {
    /// The detector sees no parts of pictures.
    whole_only: bool,
    ours: PrintvigilRule,
    obico: PredictionState,
    obico_counted_ms: Option<u64>,
    obico_said: GaugeZone,
}

impl Rules {
    pub(crate) fn new() -> Self {
        // No printer's own.
        let fresh = PredictionState::fresh(PrinterId(0), Timestamp::from_micros(0));
        let obico = PredictionState { lifetime_frame_num: LIFETIME, rolling_mean_long: USUAL, ..fresh };
        Self {
            whole_only: false,
            ours: PrintvigilRule::default(),
            obico,
            obico_counted_ms: None,
            obico_said: GaugeZone::Fine,
        }
    }

    /// Has a picture looked at as a watch would look, and takes in what was found: at the whole of it and at a part in
    /// turn, or at both. The next picture is `gap_secs` later. Returns one look at least.
    pub(crate) fn look_at<E>(
        &mut self,
        seconds: f64,
        gap_secs: f64,
        mut look: impl FnMut(View) -> Result<Findings, E>,
    ) -> Result<Vec<Judged>, E> {
        let looks = if gap_secs < TWICE_FROM_SECS || self.whole_only { 1 } else { 2 };
        let mut judged = Vec::new();
        for n in 0..looks {
            let asked = self.ours.next_view();
            let found = look(asked)?;
            if found.view != asked {
                self.whole_only = true;
                // Twice the same is once.
                if n > 0 {
                    break;
                }
            }
            let seconds = seconds + gap_secs * f64::from(n) / 2.0;
            let reasons = self.judge(seconds, &found);
            judged.push(Judged { seconds, found, reasons });
        }
        Ok(judged)
    }

    /// Returns where Obico's rule stands.
    pub(crate) fn obicos(&self) -> Stand {
        Stand { gauge: self.obico.normalized_p, verdict: self.obico_said }
    }

    /// Returns the means of Obico's rule after the last look.
    pub(crate) fn obico(&self) -> PredictionState {
        self.obico
    }

    /// Takes in a look; returns what ours makes of it.
    fn judge(&mut self, seconds: f64, found: &Findings) -> Reasons {
        let at_ms = (seconds * 1000.0).round() as u64;
        let (cells, columns) = (&found.cells, found.cell_columns);
        let calibration = found.calibration.as_deref().map(|calibration| (calibration, 1.0));
        let (view, stage) = (found.view, Stage::Printing);
        if let Some(scene) = &found.scene {
            self.ours.picture(&scene.small);
        }
        let seen = Seen { at_ms, p: found.p, view, cells, columns, calibration, stage };
        let reasons = self.ours.look(seen, Tuning::default());
        let due = self.obico_counted_ms.is_none_or(|last| at_ms >= last + MIN_INTERVAL_MILLIS);
        if due && view == View::Whole {
            self.obico_counted_ms = Some(at_ms);
            let now = Timestamp::from_micros(at_ms as i64 * 1000);
            self.obico_said = match verdict::look(&mut self.obico, found.p, 1.0, now) {
                Verdict::Fine => GaugeZone::Fine,
                Verdict::Alert => GaugeZone::Alert,
                Verdict::Pause => GaugeZone::Pause,
            };
        }
        reasons
    }
}

/// What the looks at one picture say together: the means of their scores, and the boxes of all.
pub(crate) fn together(looks: &[Judged]) -> (f64, f64, Vec<Detection>) {
    let mean = |of: fn(&Findings) -> f64| {
        looks.iter().map(|look| of(&look.found)).sum::<f64>() / looks.len().max(1) as f64
    };
    let boxes = looks.iter().flat_map(|look| look.found.boxes.clone()).collect();
    (mean(|found| found.p), mean(|found| found.probability), boxes)
}
