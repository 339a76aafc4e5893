//! Milliseconds that work took, for show and for reports. Decides nothing.

use std::time::Instant;

/// Measures one span.
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts measuring.
    #[allow(clippy::disallowed_methods)] // A span for show; no decision hangs on it, and no moment leaves.
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    /// Returns the milliseconds since the start.
    pub(crate) fn ms(&self) -> f32 {
        self.0.elapsed().as_secs_f32() * 1000.0
    }
}
