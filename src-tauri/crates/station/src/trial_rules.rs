//! Both rules over what is tried or was uploaded, as the hub runs them over a print.

use detect::Findings;
use domain::{GaugeZone, PredictionState, PrinterId, Reasons, Timestamp};
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
        // No printer's own.
        let fresh = PredictionState::fresh(PrinterId(0), Timestamp::from_micros(0));
        let obico = PredictionState { lifetime_frame_num: LIFETIME, rolling_mean_long: USUAL, ..fresh };
        Self { ours: PrintvigilRule::default(), obico, obico_counted_ms: None, obico_said: GaugeZone::Fine }
    }

    /// Takes in a look; returns where ours and Obico's stand.
    pub(crate) fn look(&mut self, seconds: f64, found: &Findings) -> (Stand, Stand) {
        let ours = self.judge(seconds, found);
        (
            Stand { gauge: ours.gauge, verdict: ours.verdict },
            Stand { gauge: self.obico.normalized_p, verdict: self.obico_said },
        )
    }

    /// Returns the means of Obico's rule after the last look.
    pub(crate) fn obico(&self) -> PredictionState {
        self.obico
    }

    /// Takes in a look; returns what ours makes of it.
    pub(crate) fn judge(&mut self, seconds: f64, found: &Findings) -> Reasons {
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
        reasons
    }
}
