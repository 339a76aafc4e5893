//! One setting of the watch, tried on past prints in their order.

use domain::{
    CameraId, IgnoreArea, PredictionState, Print, PrintScale, PrinterId, Rule, Timestamp, Truth, View,
};
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use store::look_file::{self, Go, LookScore};
use verdict::{PastLook, PrintvigilRule, Reaction, Seen, Stage, Tuning};

/// A setting, and what the rule remembers from print to print.
pub(super) struct Setting {
    rule: Rule,
    tuning: Tuning,
    /// The ignored areas, when heat maps are to be read again; `None`: what counted stays as it was kept.
    areas: Option<Vec<IgnoreArea>>,
    memory: PredictionState,
}

impl Setting {
    /// Returns a setting that nothing was tried on yet.
    pub(super) fn new(rule: Rule, tuning: Tuning, areas: Option<Vec<IgnoreArea>>) -> Self {
        let memory = PredictionState::fresh(PrinterId(0), Timestamp::from_micros(0));
        Self { rule, tuning, areas, memory }
    }

    /// Returns a setting with the areas that are ignored today.
    pub(super) fn today(rule: Rule, tuning: Tuning, ignored: &[IgnoreArea]) -> Self {
        // Our rule's kept scores know of the areas already; Obico's p does not.
        let again = rule == Rule::Obico && !ignored.is_empty();
        Self::new(rule, tuning, again.then(|| ignored.to_vec()))
    }

    /// Replays a print; `scale` gives by what it was judged, and is asked only when heat maps are read again.
    pub(super) fn replay(
        &mut self,
        folder: &Path,
        scores: &[LookScore],
        scale: impl FnOnce() -> Option<PrintScale>,
        stop: &AtomicBool,
    ) -> io::Result<Reaction> {
        let looks = match &self.areas {
            Some(areas) => masked(folder, areas, scale(), self.rule, stop)?,
            None => scores.iter().filter(|score| counts(self.rule, score)).map(past).collect(),
        };
        Ok(match self.rule {
            Rule::Printvigil => verdict::replay(looks, self.tuning),
            Rule::Obico => verdict::replay_obico(looks, &mut self.memory, self.tuning.sensitivity),
        })
    }
}

fn past(score: &LookScore) -> PastLook {
    PastLook {
        at_ms: u64::from(score.at_ms),
        p: f64::from(score.p),
        counted: f64::from(score.counted),
        before: score.before,
    }
}

/// Returns whether a rule counts a look: Obico's knows whole pictures only.
fn counts(rule: Rule, score: &LookScore) -> bool {
    match rule {
        Rule::Printvigil => true,
        Rule::Obico => score.view == View::Whole,
    }
}

/// Reads the heat maps again, with other areas ignored, and with what was known of the camera when the print began.
fn masked(
    folder: &Path,
    areas: &[IgnoreArea],
    scale: Option<PrintScale>,
    counted_by: Rule,
    stop: &AtomicBool,
) -> io::Result<Vec<PastLook>> {
    let mut rule = PrintvigilRule::default();
    rule.ignore(areas);
    rule.know(scale.as_ref().and_then(|scale| scale.known.clone()));
    let calibration = scale.as_ref().map(|scale| (&scale.calibration, scale.bend));
    let mut looks = Vec::new();
    look_file::read_looks(folder, |score, columns, cells| {
        let look = past(score);
        let stage = if look.before { Stage::Before } else { Stage::Printing };
        let (at_ms, p, view) = (look.at_ms, look.p, score.view);
        let seen = Seen { at_ms, p, view, cells, columns, calibration, stage };
        let reasons = rule.look(seen, Tuning::default());
        let p = look.p * (1.0 - reasons.ignored).powi(2);
        if counts(counted_by, score) {
            looks.push(PastLook { p, counted: reasons.counted, ..look });
        }
        if stop.load(Ordering::Relaxed) { Go::Stop } else { Go::On }
    })?;
    Ok(looks)
}

/// Returns what is known of a print's end.
pub(super) fn truth_of(print: &Print) -> Truth {
    match print.alert_overwrite {
        Some(domain::AlertOverwrite::Failed) => Truth::Failed,
        Some(domain::AlertOverwrite::NotFailed) => Truth::Good,
        None if print.finished_at.is_some() && print.alerted_at.is_none() => Truth::Good,
        None => Truth::Unknown,
    }
}

/// Returns the areas that a camera ignores.
pub(super) fn ignored_of(
    conn: &store::Connection,
    camera: Option<CameraId>,
) -> Result<Vec<IgnoreArea>, store::StoreError> {
    let mut all = store::watch::ignored(conn)?;
    Ok(camera.and_then(|camera| all.remove(&camera)).unwrap_or_default())
}
