//! What the parts of a link may know at a moment; the link alone puts it together.

use crate::status::Status;
use domain::{Agent, Now, PrintId, Temperatures};

#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts<'a> {
    pub(crate) now: Now,
    pub(crate) agent: &'a Agent,
    /// The agent's socket is open.
    pub(crate) here: bool,
    /// The newest status that tells of now.
    pub(crate) status: Option<&'a Status>,
    /// The host says that a print is under way.
    pub(crate) prints: bool,
    /// Its number here, once it has one.
    pub(crate) print: Option<PrintId>,
}

impl Facts<'_> {
    /// Returns what the agent runs beside, for people.
    pub(crate) fn host(&self) -> &'static str {
        self.agent.host()
    }

    pub(crate) fn temperatures(&self) -> Temperatures {
        self.status.map(|status| status.temperatures.clone()).unwrap_or_default()
    }
}
