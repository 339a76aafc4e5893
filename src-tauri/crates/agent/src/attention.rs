//! What the agent is told of our interest: whether somebody looks at its pictures, and whether the print is watched. By
//! that it sends them, and its status, more often.

use crate::commands::remote_status;
use domain::{Millis, Now};
use serde_json::Value;

/// So long after the last look somebody still counts as looking, milliseconds.
const LOOKS_MS: Millis = 20_000;
/// While somebody looks, the agent is asked for fresh pictures so often: each time it sends three.
const ASK_EVERY_MS: Millis = 5_000;

/// Our interest, and what was told of it.
#[derive(Debug, Default)]
pub(crate) struct Attention {
    looked_at: Option<Millis>,
    watched: bool,
    /// What was told last and when; `None`: this agent was told nothing.
    told: Option<(bool, bool, Millis)>,
}

impl Attention {
    /// Somebody looks, or an answer is waited for.
    pub(crate) fn look(&mut self, now: Now) {
        self.looked_at = Some(now.mono_ms);
    }

    pub(crate) fn set_watched(&mut self, watched: bool) {
        self.watched = watched;
    }

    /// Another agent has connected: it knows nothing yet.
    pub(crate) fn forget_told(&mut self) {
        self.told = None;
    }

    /// Returns what is to be told now.
    pub(crate) fn poll(&mut self, now: Now) -> Option<Value> {
        let viewing = self.looked_at.is_some_and(|at| now.mono_ms.saturating_sub(at) < LOOKS_MS);
        let due = match self.told {
            None => true,
            Some((viewed, watched, at)) => {
                let again = viewing && now.mono_ms.saturating_sub(at) >= ASK_EVERY_MS;
                viewed != viewing || watched != self.watched || again
            }
        };
        if !due {
            return None;
        }
        self.told = Some((viewing, self.watched, now.mono_ms));
        Some(remote_status(viewing, self.watched))
    }
}
