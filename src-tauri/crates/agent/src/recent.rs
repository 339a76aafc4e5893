//! Whether a status tells of now. After an outage agents send all that they had kept meanwhile, and the clock of their
//! computer may stand anywhere.

use domain::{Millis, Now};

/// A status that took so much longer than the quickest one tells of the past, seconds.
const LATE_SECS: f64 = 20.0;
/// After so long with late ones alone, the agent's clock was set, milliseconds.
const CLOCK_WAS_SET_MS: Millis = 60_000;

/// How far the agent's clock is behind ours at least, as far as it is known.
#[derive(Debug, Default)]
pub(crate) struct Recency {
    quickest_secs: Option<f64>,
    newest_ts: f64,
    late_since: Option<Millis>,
}

impl Recency {
    /// Takes in when a status was made. Returns whether it tells of now.
    pub(crate) fn is_recent(&mut self, ts: f64, now: Now) -> bool {
        let took_secs = now.utc.micros() as f64 / 1e6 - ts;
        let quickest_secs = self.quickest_secs.map_or(took_secs, |quickest| quickest.min(took_secs));
        self.quickest_secs = Some(quickest_secs);
        let late = took_secs - quickest_secs > LATE_SECS || ts < self.newest_ts;
        if !late {
            (self.newest_ts, self.late_since) = (ts, None);
            return true;
        }
        let since = *self.late_since.get_or_insert(now.mono_ms);
        if now.mono_ms.saturating_sub(since) < CLOCK_WAS_SET_MS {
            return false;
        }
        *self = Self { quickest_secs: Some(took_secs), newest_ts: ts, late_since: None };
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_through_an_outage_is_past_and_a_clock_that_was_set_is_followed() {
        let mut recency = Recency::default();
        let clock_secs = Now::at(0).utc.micros() as f64 / 1e6 - 5_000.0;
        for s in 0..5 {
            assert!(recency.is_recent(clock_secs + s as f64, Now::at(s * 1000 + 50)));
        }
        for s in 5..40 {
            let kept = recency.is_recent(clock_secs + s as f64, Now::at(100_000));
            assert!(!kept, "second {s} was 60 seconds ago and more");
        }
        assert!(recency.is_recent(clock_secs + 100.0, Now::at(100_050)));
        assert!(!recency.is_recent(clock_secs + 99.0, Now::at(100_060)), "older than the last");
        // Set back by an hour: followed after a minute.
        let back = |s: u64| clock_secs - 3_600.0 + s as f64;
        assert!(!recency.is_recent(back(101), Now::at(101_000)));
        assert!(!recency.is_recent(back(150), Now::at(150_000)));
        assert!(recency.is_recent(back(165), Now::at(165_000)));
        assert!(recency.is_recent(back(166), Now::at(166_000)));
    }
}
