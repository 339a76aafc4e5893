//! A clock that stands still until it is told otherwise, for tests and rendering without waiting.

use domain::{Clock, Millis, Now};
use std::sync::atomic::{AtomicU64, Ordering};

/// A clock moved by hand.
#[derive(Debug, Default)]
pub struct StepClock {
    mono_ms: AtomicU64,
}

impl StepClock {
    /// Starts at 0.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets `ms` pass.
    pub fn advance(&self, ms: Millis) {
        self.mono_ms.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for StepClock {
    fn now(&self) -> Now {
        Now::at(self.mono_ms.load(Ordering::SeqCst))
    }
}

/// A clock that runs `scale` times faster than real time.
#[cfg(test)]
pub(crate) struct FastClock {
    start: std::time::Instant,
    scale: f64,
}

#[cfg(test)]
impl FastClock {
    pub(crate) fn new(scale: f64) -> Self {
        Self { start: crate::handle::real_now(), scale }
    }
}

#[cfg(test)]
impl Clock for FastClock {
    fn now(&self) -> Now {
        Now::at((self.start.elapsed().as_secs_f64() * self.scale * 1e3) as u64)
    }

    fn scale(&self) -> f64 {
        self.scale
    }
}
