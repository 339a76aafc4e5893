//! Seconds left of a print, and what the number goes by. OctoPrint's six origins, meaning what their names say:
//!
//! | origin | the whole print takes |
//! |---|---|
//! | `linear` | the time so far by the share done |
//! | `estimate` | the same, once it has settled |
//! | `analysis` | what the file's analysis says |
//! | `average` | what this file took on this printer before, on average |
//! | `mixed-analysis`, `mixed-average` | the settled estimate weighs 2 s, the other 1 - 2 s, up to the share s = 0.5 |
//!
//! The weights add up to one (OctoPrint's own subtract). The share done is counted in the analysis' seconds at the
//! acknowledged line where they are known, else in bytes; so slow parts of a file count for what they take. Heating is
//! left out of the pace: it happens once. A total that the progress contradicts is left out.

use domain::{JobReport, PastTimes, PrintTimeLeftOrigin, TimeSource, TimeSourceKind};
use std::collections::VecDeque;

/// From this share on, a settled estimate stands alone.
const MIX_UNTIL: f64 = 0.5;
/// How far the share of a total's time may be from the share done.
const TOLERANCE: f64 = 0.15;
/// Before this share and these seconds, the pace says nothing.
const LEAST_SHARE: f64 = 0.02;
const LEAST_SECS: f64 = 60.0;
/// Totals are noted each time that so much more is done …
const STEP: f64 = 0.005;
/// … and so many that lie within this of each other have settled.
const SAMPLES: usize = 10;
/// Past prints of a file take between a third and three times what its analysis says.
const PAST_FACTOR: f64 = 3.0;
const SPREAD: f64 = 0.05;

/// What the pace of a print has said so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pace {
    /// Share done, and seconds for the whole by then; oldest first.
    totals: VecDeque<(f64, f64)>,
}

/// How far a print is.
#[derive(Debug, Clone, Copy)]
struct Done {
    /// 0 to 1.
    share: f64,
    /// The share is one of time, not of bytes.
    timed: bool,
    /// Seconds so far without heating.
    moving_secs: f64,
}

impl Done {
    fn of(job: &JobReport) -> Option<Self> {
        let part = |done: f64, whole: f64| (whole > 0.0).then(|| (done / whole).clamp(0.0, 1.0));
        let timed = job.analysed_secs.zip(job.estimated_secs).and_then(|(done, whole)| part(done, whole));
        let share = timed.or_else(|| part(job.filepos as f64, job.file_bytes as f64))?;
        Some(Self {
            share,
            timed: timed.is_some(),
            moving_secs: (job.print_secs - job.heating_secs).max(0.0),
        })
    }

    /// Returns seconds for the whole by the pace so far.
    fn total(&self) -> Option<f64> {
        (self.share >= LEAST_SHARE && self.moving_secs >= LEAST_SECS).then(|| self.moving_secs / self.share)
    }

    /// Returns seconds left of a total. A share of time knows what is left; one of bytes only what has passed.
    fn left(&self, total: f64) -> f64 {
        if self.timed { total * (1.0 - self.share) } else { (total - self.moving_secs).max(0.0) }
    }

    fn fits(&self, total: f64) -> bool {
        (self.moving_secs / total - self.share).abs() <= TOLERANCE
    }
}

impl Pace {
    /// Takes in how far the print is.
    pub(crate) fn note(&mut self, job: &JobReport) {
        let Some(done) = Done::of(job) else { return };
        let Some(total) = done.total() else { return };
        if self.totals.back().is_some_and(|(share, _)| done.share < share + STEP) {
            return;
        }
        if self.totals.len() == SAMPLES {
            self.totals.pop_front();
        }
        self.totals.push_back((done.share, total));
    }

    /// Returns seconds for the whole, when the last totals agree.
    fn settled(&self) -> Option<f64> {
        let totals = self.totals.iter().map(|(_, total)| *total);
        let (low, high) = totals.clone().fold((f64::INFINITY, 0.0f64), |(l, h), t| (l.min(t), h.max(t)));
        let enough = self.totals.len() == SAMPLES && high - low <= SPREAD * high;
        enough.then(|| totals.sum::<f64>() / SAMPLES as f64)
    }

    /// Returns seconds left and what they go by.
    pub(crate) fn left(&self, job: &JobReport, past: PastTimes) -> Option<(f64, PrintTimeLeftOrigin)> {
        use PrintTimeLeftOrigin::{Analysis, Average, Estimate, Linear, MixedAnalysis, MixedAverage};
        let done = Done::of(job)?;
        // Past prints were measured with their heating.
        let average = past.average_secs.map(|secs| secs - job.heating_secs).filter(|secs| *secs > 0.0);
        // A past that the file itself contradicts was another file's, or another machine's.
        let of_this_file = |total: &f64| {
            job.estimated_secs
                .is_none_or(|own| own <= 0.0 || (own / PAST_FACTOR..=own * PAST_FACTOR).contains(total))
        };
        let average = average.filter(of_this_file);
        let credible = |total: &f64| done.total().is_none() || done.fits(*total);
        let average = average.filter(credible).map(|total| (total, Average, MixedAverage));
        let analysis = job.estimated_secs.filter(credible).map(|total| (total, Analysis, MixedAnalysis));
        let total = match (average.or(analysis), self.settled()) {
            (Some((total, origin, _)), None) => Some((total, origin)),
            (Some((total, _, origin)), Some(settled)) if done.share < MIX_UNTIL => {
                let weight = done.share / MIX_UNTIL;
                Some((total * (1.0 - weight) + settled * weight, origin))
            }
            (Some(_) | None, Some(settled)) => Some((settled, Estimate)),
            (None, None) => None,
        };
        let linear = done.total().map(|total| (total, Linear));
        let (total, origin) = total.or(linear)?;
        Some((done.left(total), origin)).filter(|(left, _)| left.is_finite())
    }
}

impl Pace {
    /// Returns what each source says that is left, whether it is credible or not, and which of them [`Pace::left`] goes by.
    /// `slicer_secs`: what the slicer wrote into the file for the whole.
    pub(crate) fn sources(
        &self,
        job: &JobReport,
        past: PastTimes,
        slicer_secs: Option<f64>,
    ) -> Vec<TimeSource> {
        use PrintTimeLeftOrigin::{Analysis, Average, Estimate, Linear, MixedAnalysis, MixedAverage};
        let Some(done) = Done::of(job) else { return Vec::new() };
        let used = match self.left(job, past).map(|(_, origin)| origin) {
            Some(Analysis) => &[TimeSourceKind::Analysis][..],
            Some(MixedAnalysis) => &[TimeSourceKind::Analysis, TimeSourceKind::Live],
            Some(Average) => &[TimeSourceKind::PastPrints],
            Some(MixedAverage) => &[TimeSourceKind::PastPrints, TimeSourceKind::Live],
            Some(Linear | Estimate) => &[TimeSourceKind::Live],
            None => &[],
        };
        let of_whole = |total: f64| done.left(total);
        let said = [
            (TimeSourceKind::Slicer, slicer_secs.map(of_whole)),
            (TimeSourceKind::M73, job.slicer_left_secs),
            (TimeSourceKind::Analysis, job.estimated_secs.map(of_whole)),
            (TimeSourceKind::PastPrints, past.average_secs.map(|secs| of_whole(secs - job.heating_secs))),
            (TimeSourceKind::Live, self.settled().or_else(|| done.total()).map(of_whole)),
        ];
        let source = |(kind, left_secs): (TimeSourceKind, Option<f64>)| {
            let left_secs = left_secs.filter(|secs| secs.is_finite())?.max(0.0);
            Some(TimeSource { kind, left_secs, used: used.contains(&kind) })
        };
        said.into_iter().filter_map(source).collect()
    }
}

/// Returns what people are told of an origin.
pub(crate) fn origin_word(origin: PrintTimeLeftOrigin) -> &'static str {
    match origin {
        PrintTimeLeftOrigin::Analysis => "going by the file",
        PrintTimeLeftOrigin::MixedAnalysis => "going by the file and the pace so far",
        PrintTimeLeftOrigin::Linear => "a rough guess by the pace so far",
        PrintTimeLeftOrigin::Estimate => "going by the pace so far",
        PrintTimeLeftOrigin::Average => "going by past prints",
        PrintTimeLeftOrigin::MixedAverage => "going by past prints and the pace so far",
    }
}

#[cfg(test)]
#[path = "tests/time_left.rs"]
mod tests;
