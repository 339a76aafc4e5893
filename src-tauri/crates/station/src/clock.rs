//! The one place that asks the system's clocks.

use domain::{Clock, Now, PrinterKind, Timestamp};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

/// The system's clocks, possibly sped up for the demo.
///
/// The monotonic part starts at 0 with the core. UTC is read once and carried on by the monotonic clock when sped up,
/// so that demo time never jumps; the real one is read from the system each time.
#[derive(Debug, Clone)]
pub struct SystemClock {
    started: Instant,
    started_utc: Timestamp,
    scale: f64,
}

impl SystemClock {
    /// Starts a clock of which `scale` seconds pass in a real second; 1 for real printers.
    pub fn start(scale: f64) -> Self {
        Self { started: instant(), started_utc: utc(), scale }
    }

    /// Returns the same beginnings at another speed.
    pub fn at_scale(&self, scale: f64) -> Self {
        Self { scale, ..self.clone() }
    }
}

#[allow(clippy::disallowed_methods)] // The clock module alone asks the system.
fn instant() -> Instant {
    Instant::now()
}

#[allow(clippy::disallowed_methods)] // As above.
fn utc() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    Timestamp::from_micros(since.as_micros() as i64)
}

impl Clock for SystemClock {
    fn now(&self) -> Now {
        let secs = instant().duration_since(self.started).as_secs_f64() * self.scale;
        let utc = if self.scale == 1.0 { utc() } else { self.started_utc.plus_secs(secs) };
        Now { mono_ms: (secs * 1000.0) as u64, utc }
    }

    fn scale(&self) -> f64 {
        self.scale
    }
}

/// Notices that the machine slept or its clock was set, by the two clocks drifting apart.
#[derive(Debug)]
pub struct SleepWatch {
    last: Now,
}

impl SleepWatch {
    /// A jump of the wall clock of more than this, either way, counts, milliseconds.
    pub const GAP_MS: i64 = 5_000;

    /// Begins to watch.
    pub fn new(now: Now) -> Self {
        Self { last: now }
    }

    /// Returns the gap in milliseconds when the clocks have parted since the last call.
    pub fn check(&mut self, now: Now) -> Option<u64> {
        let wall = (now.utc.micros() - self.last.utc.micros()) / 1000;
        let mono = now.since(self.last) as i64;
        self.last = now;
        let gap = (wall - mono).abs();
        (gap > Self::GAP_MS).then_some(gap as u64)
    }
}

/// The two clocks: real, and the demo's, which runs faster.
#[derive(Clone)]
pub(crate) struct Clocks {
    pub(crate) real: Arc<dyn Clock>,
    pub(crate) demo: Arc<dyn Clock>,
}

impl Clocks {
    /// Returns the clock of a printer of this kind.
    pub(crate) fn of(&self, kind: PrinterKind) -> Arc<dyn Clock> {
        match kind {
            PrinterKind::Serial => self.real.clone(),
            PrinterKind::Demo => self.demo.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scaled_clock_runs_ahead_and_never_back() {
        let clock = SystemClock::start(1000.0);
        let first = clock.now();
        std::thread::sleep(Duration::from_millis(5));
        let second = clock.now();
        assert!(second.since(first) >= 5000, "5 real milliseconds are at least 5 scaled seconds");
        assert!(second.utc > first.utc, "UTC follows");
    }

    #[test]
    fn a_night_in_a_bag_is_noticed_and_a_busy_second_is_not() {
        let mut watch = SleepWatch::new(Now::at(0));
        assert_eq!(watch.check(Now::at(1500)), None);
        let woken = Now { mono_ms: 2500, utc: Now::at(3_600_000).utc };
        assert_eq!(watch.check(woken), Some(3_597_500));
        assert_eq!(watch.check(Now { mono_ms: 3500, utc: Now::at(3_601_000).utc }), None, "told once");
    }
}
