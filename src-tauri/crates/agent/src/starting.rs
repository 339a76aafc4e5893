//! A print of a file of ours that the agent is to fetch and begin. It tells little of that: it refuses at once, or says
//! while it fetches the file that it does, and then the print is there or is not.

use crate::status::Status;
use domain::{Millis, Now};

/// An agent answers that it begins within this, milliseconds.
const ANSWER_MS: Millis = 60_000;
/// With the file fetched, the print is told within this, milliseconds.
const BEGIN_MS: Millis = 60_000;
/// Longest time to fetch a file, milliseconds: the agents give up themselves before.
const LONGEST_MS: Millis = 1_860_000;

/// A start that was asked for.
#[derive(Debug)]
struct Asked {
    reference: String,
    at: Millis,
    answered: bool,
    /// Since when it does not fetch the file any more, though no print has begun.
    idle_since: Option<Millis>,
}

#[derive(Debug, Default)]
pub(crate) struct Starting(Option<Asked>);

impl Starting {
    pub(crate) fn begin(&mut self, reference: String, now: Now) {
        self.0 = Some(Asked { reference, at: now.mono_ms, answered: false, idle_since: None });
    }

    pub(crate) fn is_under_way(&self) -> bool {
        self.0.is_some()
    }

    /// A print has begun, whichever.
    pub(crate) fn forget(&mut self) {
        self.0 = None;
    }

    /// Returns why the agent does not begin, if this is its refusal.
    pub(crate) fn on_answer(&mut self, reference: &str, error: Option<&str>) -> Option<String> {
        let asked = self.0.as_mut().filter(|asked| asked.reference == reference)?;
        asked.answered = true;
        let why = error.map(|error| format!("the agent does not begin the print: {error}"))?;
        self.0 = None;
        Some(why)
    }

    /// The printer told how it does.
    pub(crate) fn on_told(&mut self, status: &Status, now: Now) {
        let Some(asked) = self.0.as_mut() else { return };
        if status.downloading {
            (asked.answered, asked.idle_since) = (true, None);
        } else if asked.answered {
            asked.idle_since.get_or_insert(now.mono_ms);
        }
    }

    /// Returns why it is given up, once nothing has come of it.
    pub(crate) fn on_tick(&mut self, host: &str, now: Now) -> Option<String> {
        let asked = self.0.as_ref()?;
        let passed = |since: Millis, most: Millis| now.mono_ms.saturating_sub(since) >= most;
        let why = if !asked.answered && passed(asked.at, ANSWER_MS) {
            format!("the agent beside {host} has not answered. Is it up to date?")
        } else if asked.idle_since.is_some_and(|since| passed(since, BEGIN_MS)) {
            format!(
                "{host} has not begun the print. The agent may not have reached this computer to fetch the file, or \
                 {host} may not take it: look into the log of the agent"
            )
        } else if passed(asked.at, LONGEST_MS) {
            format!("{host} has not begun the print within half an hour")
        } else {
            return None;
        };
        self.0 = None;
        Some(why)
    }
}
