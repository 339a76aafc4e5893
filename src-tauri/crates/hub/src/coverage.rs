//! How much of a print was watched, and when it was not, with the cause.

use crate::facts::Facts;
use crate::out::Out;
use crate::watchdog::Watchdog;
use domain::{NotWatching, PrintId, Timestamp, WatchCoverage, WatchGap, Write};

/// Gaps of the print under way that are shown.
const SHOWN: usize = 20;

/// The gaps in the coverage of the print under way.
#[derive(Debug, Default)]
pub(crate) struct Coverage {
    /// The one under way: since when, and why it began.
    open: Option<(Timestamp, String)>,
    /// Those that are over, oldest first.
    over: Vec<WatchGap>,
}

impl Coverage {
    /// Opens and closes gaps as detection goes off and on.
    pub(crate) fn settle(&mut self, watchdog: &Watchdog, facts: &Facts<'_>, out: &mut Out) {
        let cause = match facts.not_watching() {
            Some(NotWatching::NotPrinting) => None,
            Some(reason @ (NotWatching::Disabled | NotWatching::NoDetectionHours | NotWatching::Muted)) => {
                facts.prints_now().then(|| reason.text().to_owned())
            }
            None => watchdog.outage().map(|outage| outage.why.clone()),
        };
        match (cause, self.open.is_some()) {
            (Some(why), false) if facts.print.is_some() => {
                self.open = Some((facts.now.utc, why));
                out.changed();
            }
            (None, true) => self.end(watchdog, facts, out),
            (Some(_) | None, _) => (),
        }
    }

    /// A print begins: nothing of the last one counts.
    pub(crate) fn print_begins(&mut self) {
        *self = Self::default();
    }

    /// Ends the gap under way, if there is one, and keeps what is known of the print's coverage. To be called at the end of
    /// a print while it is still under way.
    pub(crate) fn end(&mut self, watchdog: &Watchdog, facts: &Facts<'_>, out: &mut Out) {
        let gap = self.open.take();
        let Some(print) = facts.print_id() else { return };
        if let Some((from, why)) = gap {
            let gap = WatchGap { print, from, to: facts.now.utc.max(from), why };
            out.record(Write::Gap(Box::new(gap.clone())));
            if self.over.len() == SHOWN {
                self.over.remove(0);
            }
            self.over.push(gap);
        }
        let (printing_secs, watched_secs) = watchdog.covered_secs();
        out.record(Write::Coverage(WatchCoverage { print, printing_secs, watched_secs }));
    }

    /// Returns whether a gap is under way.
    pub(crate) fn has_open_gap(&self) -> bool {
        self.open.is_some()
    }

    /// Returns the gaps of the print under way, the open one up to now.
    pub(crate) fn gaps(&self, print: Option<PrintId>, now: Timestamp) -> Vec<WatchGap> {
        let mut gaps = self.over.clone();
        if let (Some((from, why)), Some(print)) = (&self.open, print) {
            gaps.push(WatchGap { print, from: *from, to: now.max(*from), why: why.clone() });
        }
        gaps
    }
}
