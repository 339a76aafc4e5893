//! STOP: whether the agent took it, and whether anything shows that the printer obeyed.
//!
//! An agent carries out one message after the other, so that one which takes long holds up a STOP behind it; and a socket
//! may stand open to a computer that is gone. So silence is told, soon.

use domain::{Millis, Now};

/// An agent that can hear it answers STOP within this, milliseconds.
const HEARD_MS: Millis = 4_000;
/// What STOP does is seen within this, milliseconds: the host loses its printer.
const OBEYED_MS: Millis = 15_000;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Phase {
    /// Sent, not answered.
    Sent(String),
    /// The agent has answered.
    Heard,
}

#[derive(Debug, Default)]
pub(crate) struct Stop(Option<(Phase, Millis)>);

impl Stop {
    pub(crate) fn sent(&mut self, reference: String, now: Now) {
        self.0 = Some((Phase::Sent(reference), now.mono_ms));
    }

    /// Nothing is waited for any more.
    pub(crate) fn forget(&mut self) {
        self.0 = None;
    }

    /// The connection took no message. Returns whether STOP is among what was lost.
    pub(crate) fn is_unheard(&self) -> bool {
        matches!(self.0, Some((Phase::Sent(_), _)))
    }

    /// Returns why STOP failed, if this answer says so.
    pub(crate) fn on_answer(&mut self, reference: &str, error: Option<&str>, now: Now) -> Option<String> {
        let (phase, _) = self.0.as_mut()?;
        if *phase != Phase::Sent(reference.to_owned()) {
            return None;
        }
        if let Some(error) = error {
            self.0 = None;
            return Some(format!("the agent answered: {error}"));
        }
        self.0 = Some((Phase::Heard, now.mono_ms));
        None
    }

    /// `runs`: the host still says that its printer prints. Returns why STOP counts as failed.
    pub(crate) fn on_tick(&mut self, runs: bool, host: &str, now: Now) -> Option<String> {
        let (phase, since) = self.0.as_ref()?;
        let waited = now.mono_ms.saturating_sub(*since);
        let why = match phase {
            Phase::Sent(_) if waited >= HEARD_MS => format!("the agent beside {host} does not answer"),
            Phase::Heard if waited >= OBEYED_MS && runs => {
                format!("the agent took it, but {host} still says that it prints")
            }
            Phase::Heard if waited >= OBEYED_MS => {
                self.0 = None;
                return None;
            }
            Phase::Sent(_) | Phase::Heard => return None,
        };
        self.0 = None;
        Some(why)
    }
}
