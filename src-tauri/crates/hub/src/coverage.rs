//! How much of a print was watched, and when it was not, with the cause.

use crate::outlet::Outlet;
use crate::watch::PrintWatch;
use domain::{NotWatching, Timestamp, WatchCoverage, WatchGap, Write};

/// Gaps of the print under way that are shown.
const SHOWN: usize = 20;

/// The gaps of the print under way.
#[derive(Debug, Default)]
pub(crate) struct Gaps {
    /// The one under way: since when, and why it began.
    open: Option<(Timestamp, String)>,
    /// Those that are over, oldest first.
    over: Vec<WatchGap>,
}

impl PrintWatch {
    /// Opens and closes gaps as the watch goes off and on.
    pub(crate) fn settle_coverage(&mut self, out: &mut Outlet<'_>) {
        let cause = match self.not_watching(out.world) {
            Some(NotWatching::NotPrinting) => None,
            Some(reason @ (NotWatching::Disabled | NotWatching::NoDetectionHours | NotWatching::Muted)) => {
                self.prints_now().then(|| reason.text().to_owned())
            }
            None => self.vigilance.lost.as_ref().map(|loss| loss.why.clone()),
        };
        match (cause, self.gaps.open.is_some()) {
            (Some(why), false) if self.running.is_some() => self.gaps.open = Some((out.now.utc, why)),
            (None, true) => {
                self.close_gap(out);
                self.record_coverage(out);
            }
            (Some(_) | None, _) => (),
        }
    }

    /// Ends the gap under way, if there is one.
    fn close_gap(&mut self, out: &mut Outlet<'_>) {
        let Some((from, why)) = self.gaps.open.take() else { return };
        let Some(print) = self.print_id() else { return };
        let gap = WatchGap { print, from, to: out.now.utc.max(from), why };
        out.record(Write::Gap(Box::new(gap.clone())));
        if self.gaps.over.len() == SHOWN {
            self.gaps.over.remove(0);
        }
        self.gaps.over.push(gap);
    }

    fn record_coverage(&mut self, out: &mut Outlet<'_>) {
        if let Some(print) = self.print_id() {
            let (printing_secs, watched_secs) = self.vigilance.covered_secs();
            out.record(Write::Coverage(WatchCoverage { print, printing_secs, watched_secs }));
        }
    }

    /// A print begins: nothing of the last one counts.
    pub(crate) fn begin_coverage(&mut self) {
        self.gaps = Gaps::default();
    }

    /// The print ends: what is known of its coverage is kept. To be called while the print is still under way.
    pub(crate) fn end_coverage(&mut self, out: &mut Outlet<'_>) {
        self.close_gap(out);
        self.record_coverage(out);
    }

    /// Returns the gaps of the print under way, the open one up to now.
    pub(crate) fn gaps_so_far(&self, now: Timestamp) -> Vec<WatchGap> {
        let mut gaps = self.gaps.over.clone();
        if let (Some((from, why)), Some(print)) = (&self.gaps.open, self.print_id()) {
            gaps.push(WatchGap { print, from: *from, to: now.max(*from), why: why.clone() });
        }
        gaps
    }
}
