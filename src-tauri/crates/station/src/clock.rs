//! The one place that asks the system's clocks.

use domain::{Clock, Millis, Now, PrinterKind, Timestamp};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

/// The system's clocks, possibly sped up for the demo.
///
/// The monotonic part starts at 0 with the core. UTC is read once and carried on by the monotonic clock when sped up,
/// so that demo time never jumps; the real one is read from the system each time. It stamps only: durations come from
/// the monotonic clock, and sleep is told by the boot-time clock, which runs on while the machine sleeps.
#[derive(Debug, Clone)]
pub struct SystemClock {
    started: Instant,
    started_utc: Timestamp,
    /// Of the boot-time clock; `None` where there is none.
    started_boot: Option<Duration>,
    scale: f64,
}

impl SystemClock {
    /// Starts a clock of which `scale` seconds pass in a real second; 1 for real printers.
    pub fn start(scale: f64) -> Self {
        let (started, started_boot) = instant_and_boot();
        Self { started, started_utc: utc(), started_boot, scale }
    }

    /// Returns the same clock with a wall-clock time of at least `utc`: what a fast one told before must not lie ahead.
    pub fn not_before(self, utc: Timestamp) -> Self {
        Self { started_utc: self.started_utc.max(utc), ..self }
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

/// Reads both clocks as one: again when something came between the two, such as a standstill of this process.
fn instant_and_boot() -> (Instant, Option<Duration>) {
    const TOGETHER: Duration = Duration::from_millis(20);
    let mut before = instant();
    for _ in 0..5 {
        let boot = boot_time();
        let after = instant();
        if after.duration_since(before) < TOGETHER {
            return (before, boot);
        }
        before = after;
    }
    // A machine too busy to read two clocks in a row cannot tell now.
    (before, None)
}

/// Returns the time since the machine was booted, sleep included.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn boot_time() -> Option<Duration> {
    nix::time::clock_gettime(nix::time::ClockId::CLOCK_BOOTTIME).ok().map(Duration::from)
}

/// As above: `mach_continuous_time` by another name, while `Instant` stands still in sleep.
#[cfg(target_os = "macos")]
fn boot_time() -> Option<Duration> {
    let raw = nix::time::ClockId::from_raw(nix::libc::CLOCK_MONOTONIC_RAW);
    nix::time::clock_gettime(raw).ok().map(Duration::from)
}

/// Elsewhere nothing that is safe to call tells it: `Instant` itself runs on in sleep.
#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "macos")))]
fn boot_time() -> Option<Duration> {
    None
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

    fn suspended_ms(&self) -> Option<Millis> {
        let (now, boot) = instant_and_boot();
        let by_boot = boot?.checked_sub(self.started_boot?)?;
        let awake = now.duration_since(self.started);
        Some(by_boot.saturating_sub(awake).as_millis() as Millis)
    }
}

/// Notices that the machine slept. A wall clock that is set, and a process that stood still, are no sleep.
#[derive(Debug, Default)]
pub struct SleepWatch {
    last_ms: Millis,
}

impl SleepWatch {
    /// Sleep of more than this counts, milliseconds.
    pub const GAP_MS: Millis = 5_000;

    /// Takes what the clock says of all sleep so far ([`Clock::suspended_ms`]); returns what is new, in milliseconds.
    pub fn check(&mut self, suspended_ms: Option<Millis>) -> Option<Millis> {
        let suspended_ms = suspended_ms?;
        let gap_ms = suspended_ms.saturating_sub(self.last_ms);
        if gap_ms <= Self::GAP_MS {
            return None;
        }
        self.last_ms = suspended_ms;
        Some(gap_ms)
    }
}

/// Notices that the process stood still: the loop turns several times a second, whatever happens.
#[derive(Debug)]
pub(crate) struct StandstillWatch {
    last_ms: Millis,
}

impl StandstillWatch {
    /// More than this between two rounds is a standstill, milliseconds. The printers' threads go by the same.
    const GAP_MS: Millis = 5_000;

    /// Begins at a moment of the monotonic clock, which stands still in sleep.
    pub(crate) fn begin(mono_ms: Millis) -> Self {
        Self { last_ms: mono_ms }
    }

    /// Begins a round; returns for how long the process stood still before it, if it did.
    pub(crate) fn round(&mut self, mono_ms: Millis) -> Option<Millis> {
        let gap_ms = mono_ms.saturating_sub(std::mem::replace(&mut self.last_ms, mono_ms));
        (gap_ms > Self::GAP_MS).then_some(gap_ms)
    }
}

/// The two clocks: real, and the demo's, which runs faster.
#[derive(Clone)]
pub(crate) struct Clocks {
    pub(crate) real: Arc<dyn Clock>,
    pub(crate) demo: Arc<dyn Clock>,
}

impl Clocks {
    /// Both clocks from one beginning. The demo's goes on from `demo_since`, where it last was, so that events stay in
    /// their order.
    pub(crate) fn new(real: SystemClock, demo_scale: f64, demo_since: Timestamp) -> Self {
        let demo = real.at_scale(demo_scale).not_before(demo_since);
        Self { real: Arc::new(real), demo: Arc::new(demo) }
    }

    /// Returns the clock of a printer of this kind.
    pub(crate) fn of(&self, kind: PrinterKind) -> Arc<dyn Clock> {
        match kind {
            PrinterKind::Serial | PrinterKind::Agent => self.real.clone(),
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
    fn a_fast_clock_goes_on_from_what_it_told_before() {
        let before = SystemClock::start(10.0);
        let told = before.now().utc.plus_secs(36_000.0);
        let after = before.at_scale(10.0).not_before(told);
        assert!(after.now().utc >= told, "ten hours ahead of the wall's clock");
        assert!(before.clone().not_before(Timestamp::from_micros(0)).now().utc < told);
    }

    #[test]
    fn a_night_in_a_bag_is_noticed_and_a_busy_second_is_not() {
        let mut watch = SleepWatch::default();
        assert_eq!(watch.check(Some(0)), None);
        assert_eq!(watch.check(None), None, "a system that cannot tell says nothing");
        assert_eq!(watch.check(Some(300)), None, "two clocks read one after the other");
        assert_eq!(watch.check(Some(3_600_300)), Some(3_600_300));
        assert_eq!(watch.check(Some(3_600_300)), None, "told once");
        assert_eq!(watch.check(Some(3_610_000)), Some(9_700));
    }

    #[test]
    fn a_round_that_comes_late_tells_a_standstill_once() {
        let mut watch = StandstillWatch::begin(1_000);
        assert_eq!(watch.round(1_250), None);
        assert_eq!(watch.round(6_250), None, "a busy machine");
        assert_eq!(watch.round(26_251), Some(20_001));
        assert_eq!(watch.round(26_500), None, "told once");
    }

    #[test]
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    fn a_machine_that_is_awake_has_not_slept() {
        let clock = SystemClock::start(1000.0);
        std::thread::sleep(Duration::from_millis(30));
        let slept_ms = clock.suspended_ms().expect("this system tells it");
        assert!(slept_ms < 20, "{slept_ms} ms though the clock is sped up");
    }
}
