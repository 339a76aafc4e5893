//! What came of one try to send a message.

use std::time::Duration;

/// What came of a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It was taken; what the service said.
    Sent(String),
    /// It may work later; why not now, and when the service wants to be asked again.
    Later(String, Option<Duration>),
    /// It will not work as it is set up.
    Refused(String),
}
