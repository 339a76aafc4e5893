//! Both rules over what is tried, as the hub runs them over a print.

use detect::Findings;
use domain::{GaugeZone, PredictionState, PrinterId, Timestamp};
use serde::Serialize;
use verdict::{MIN_INTERVAL_MILLIS, PrintvigilRule, Seen, Stage, Tuning, Verdict};

/// Obico's rule learns over a printer's life: so many clean frames are taken for granted here.
const LIFETIME: u32 = 3000;
/// And so much is usual.
const USUAL: f64 = 0.02;

/// Where a rule stands after a look.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Stand {
    /// 0 to 1.
    pub gauge: f64,
    /// What it would do.
    pub verdict: GaugeZone,
}

/// Both rules.
pub(crate) struct Rules {
    ours: PrintvigilRule,
    obico: PredictionState,
    obico_counted_ms: Option<u64>,
    obico_said: GaugeZone,
}

impl Rules {
    pub(crate) fn new() -> Self {
        let fresh = PredictionState::fresh(PrinterId(1), Timestamp::from_micros(0));
        let obico = PredictionState { lifetime_frame_num: LIFETIME, rolling_mean_long: USUAL, ..fresh };
        Self { ours: PrintvigilRule::default(), obico, obico_counted_ms: None, obico_said: GaugeZone::Fine }
    }

    /// Takes in a look; returns where ours and Obico's stand.
    pub(crate) fn look(&mut self, seconds: f64, found: &Findings) -> (Stand, Stand) {
        let at_ms = (seconds * 1000.0).round() as u64;
        let (cells, columns) = (&found.cells, found.cell_columns);
        let seen = Seen { at_ms, p: found.p, cells, columns, stage: Stage::Printing };
        let reasons = self.ours.look(seen, Tuning::default());
        if self.obico_counted_ms.is_none_or(|last| at_ms >= last + MIN_INTERVAL_MILLIS) {
            self.obico_counted_ms = Some(at_ms);
            let now = Timestamp::from_micros(at_ms as i64 * 1000);
            self.obico_said = match verdict::look(&mut self.obico, found.p, 1.0, now) {
                Verdict::Fine => GaugeZone::Fine,
                Verdict::Alert => GaugeZone::Alert,
                Verdict::Pause => GaugeZone::Pause,
            };
        }
        (
            Stand { gauge: reasons.gauge, verdict: reasons.verdict },
            Stand { gauge: self.obico.normalized_p, verdict: self.obico_said },
        )
    }
}
