//! The times that the port's thread goes by, and what a gap between two of its rounds means.
//!
//! Durations come from monotonic time alone. The wall clock stamps and decides nothing: it may be set by an hour, by a
//! day or by daylight saving while the printer prints on.

use domain::{Clock, Millis, Now};
use std::time::{Duration, Instant};

/// A round of the loop takes milliseconds; longer than this the process stood still, or the machine slept.
const STANDSTILL: Duration = Duration::from_secs(5);
/// Where the system does not tell how long it slept, a gap longer than this passes for sleep.
const UNTOLD_SLEEP: Duration = Duration::from_secs(60);
/// Shorter sleep of the machine is no more than a standstill.
const SLEPT_MS: Millis = 5_000;
/// Shorter sleep than this is none at all: the two clocks are not read at the same instant.
const DOZED_MS: Millis = 500;

/// What lies between two rounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gap {
    /// The thread ran.
    Nothing,
    /// The process stood still while the machine ran: the printer is asked before it is fed on.
    StoodStill,
    /// The machine slept: USB was without power, and nobody knows what the printer did.
    Slept(Millis),
}

/// The thread's clocks. A standstill of the process is left out of both, so that no answer that waits in the system's
/// buffer counts as late.
#[derive(Debug)]
pub(crate) struct Clocks {
    began: Instant,
    left_out: Duration,
    left_out_ms: Millis,
    last: Duration,
    last_now: Now,
    last_suspended_ms: Option<Millis>,
}

impl Clocks {
    pub(crate) fn new(clock: &dyn Clock) -> Self {
        Self {
            began: instant(),
            left_out: Duration::ZERO,
            left_out_ms: 0,
            last: Duration::ZERO,
            last_now: clock.now(),
            last_suspended_ms: clock.suspended_ms(),
        }
    }

    /// Returns the real time since the thread began, standstills left out. Asks no `Clock`.
    pub(crate) fn real(&self) -> Duration {
        self.began.elapsed().saturating_sub(self.left_out)
    }

    /// Returns the moment for the protocol, standstills left out: also one that fell into this round, which the next round
    /// will find. Until then no time has passed, or the protocol would take the printer for silent.
    pub(crate) fn now(&self, clock: &dyn Clock) -> Now {
        let now = clock.now();
        let most_ms = STANDSTILL.as_secs_f64() * 1000.0 * clock.scale().max(1.0);
        if now.since(self.last_now) as f64 > most_ms {
            return Now { mono_ms: self.shifted(self.last_now).mono_ms, utc: now.utc };
        }
        self.shifted(now)
    }

    /// Returns the moment of the last round, without asking a clock.
    pub(crate) fn last_now(&self) -> Now {
        self.shifted(self.last_now)
    }

    fn shifted(&self, now: Now) -> Now {
        Now { mono_ms: now.mono_ms.saturating_sub(self.left_out_ms), utc: now.utc }
    }

    /// Begins a round: returns its moment, and what lies before it.
    pub(crate) fn round(&mut self, clock: &dyn Clock) -> (Now, Gap) {
        let (now, real, suspended_ms) = (clock.now(), self.began.elapsed(), clock.suspended_ms());
        let passed = real.saturating_sub(self.last);
        let passed_ms = now.since(self.last_now);
        let scaled = Duration::from_millis((passed_ms as f64 / clock.scale().max(1.0)) as Millis);
        let slept_ms = match (suspended_ms, self.last_suspended_ms) {
            (Some(now), Some(before)) => Some(now.saturating_sub(before)),
            (_, None) | (None, _) => None,
        };
        let gap = judge(passed.max(scaled), slept_ms);
        (self.last, self.last_now, self.last_suspended_ms) = (real, now, suspended_ms);
        if gap == Gap::StoodStill {
            self.left_out += passed;
            self.left_out_ms += passed_ms;
        }
        (self.shifted(now), gap)
    }

    /// Something that may take long was done, such as opening a port: no gap. Returns the moment.
    pub(crate) fn pass(&mut self, clock: &dyn Clock) -> Now {
        self.last = self.began.elapsed();
        self.last_now = clock.now();
        self.shifted(self.last_now)
    }
}

/// Returns what a gap is: `passed` by the monotonic clock, `slept_ms` by how far the boot-time clock ran ahead of it.
fn judge(passed: Duration, slept_ms: Option<Millis>) -> Gap {
    match slept_ms {
        Some(slept_ms) if slept_ms > SLEPT_MS => Gap::Slept(slept_ms),
        None if passed > UNTOLD_SLEEP => Gap::Slept(passed.as_millis() as Millis),
        Some(slept_ms) if slept_ms > DOZED_MS => Gap::StoodStill,
        Some(_) | None if passed > STANDSTILL => Gap::StoodStill,
        Some(_) | None => Gap::Nothing,
    }
}

/// Real time is asked here alone: an emergency stop and a write that hangs know no scaled clock.
#[allow(clippy::disallowed_methods)]
fn instant() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_suspended_machine_has_slept() {
        let secs = Duration::from_secs;
        let table = [
            (Duration::from_millis(20), Some(0), Gap::Nothing),
            (secs(4), Some(0), Gap::Nothing),
            (secs(20), Some(0), Gap::StoodStill),
            (secs(3_600), Some(3), Gap::StoodStill),
            (Duration::from_millis(20), Some(3_600_000), Gap::Slept(3_600_000)),
            (secs(8), Some(6_000), Gap::Slept(6_000)),
            (Duration::from_millis(20), Some(2_000), Gap::StoodStill),
            (secs(20), None, Gap::StoodStill),
            (secs(61), None, Gap::Slept(61_000)),
        ];
        for (passed, slept_ms, gap) in table {
            assert_eq!(judge(passed, slept_ms), gap, "{passed:?}, slept {slept_ms:?}");
        }
    }

    /// Milliseconds that a test sets.
    struct SetClock(std::sync::atomic::AtomicU64);

    impl Clock for SetClock {
        fn now(&self) -> Now {
            Now::at(self.0.load(std::sync::atomic::Ordering::SeqCst))
        }

        fn suspended_ms(&self) -> Option<Millis> {
            Some(0)
        }
    }

    #[test]
    fn a_standstill_in_the_middle_of_a_round_is_no_time_that_passed() {
        let clock = SetClock(1_000.into());
        let mut clocks = Clocks::new(&clock);
        let set = |ms| clock.0.store(ms, std::sync::atomic::Ordering::SeqCst);
        set(1_020);
        assert_eq!(clocks.round(&clock).0.mono_ms, 1_020);
        set(5_000);
        assert_eq!(clocks.now(&clock).mono_ms, 5_000, "a slow round is none");
        set(21_000);
        assert_eq!(clocks.now(&clock).mono_ms, 1_020);
        set(21_030);
        let (now, gap) = clocks.round(&clock);
        assert_eq!((now.mono_ms, gap), (1_020, Gap::StoodStill));
        set(21_050);
        assert_eq!(clocks.now(&clock).mono_ms, 1_040, "it goes on from there");
    }
}
