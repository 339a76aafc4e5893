//! The time of a print.

use domain::{JobPhase, Millis, Now};

/// Counts the time of a print, pauses left out.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PrintClock {
    pub(crate) since: Option<Now>,
    pub(crate) printing_ms: Millis,
    pub(crate) heating_ms: Millis,
}

impl PrintClock {
    /// Time has passed in this phase.
    pub(crate) fn pass(&mut self, phase: JobPhase, now: Now) {
        let Some(since) = self.since.replace(now) else {
            // Not begun.
            self.since = None;
            return;
        };
        let ms = now.since(since);
        match phase {
            JobPhase::Heating => {
                self.heating_ms += ms;
                self.printing_ms += ms;
            }
            JobPhase::Printing | JobPhase::Pausing | JobPhase::Finishing | JobPhase::Cancelling => {
                self.printing_ms += ms;
            }
            JobPhase::Paused | JobPhase::Resuming => (),
        }
    }
}
