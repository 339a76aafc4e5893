//! What may be pressed; the answers to requests agree with it.

use crate::facts::Facts;
use domain::{Can, LinkState, PrinterKind, PrinterState};

/// Returns what may be pressed. `drill`: a drill can begin.
pub(crate) fn can(facts: &Facts<'_>, drill: bool) -> Can {
    let state = facts.state();
    let runs = facts.print.is_some();
    let free = facts.is_free();
    let up = facts.link_up();
    let has_port = facts.settings.kind == PrinterKind::Demo || facts.settings.port.is_some();
    let own = facts.settings.kind != PrinterKind::Agent;
    Can {
        start: up && free && state == PrinterState::Operational,
        pause: runs && facts.moves(),
        resume: runs && state == PrinterState::Paused,
        cancel: runs && state != PrinterState::Cancelling,
        home: up && free && state == PrinterState::Operational,
        heat: up && !matches!(state, PrinterState::Cancelling | PrinterState::Finishing),
        connect: own && !up && has_port && facts.settings.archived_at.is_none(),
        disconnect: can_disconnect(facts),
        drill,
    }
}

/// Returns whether the link can be closed.
pub(crate) fn can_disconnect(facts: &Facts<'_>) -> bool {
    facts.settings.kind != PrinterKind::Agent && is_open(facts) && facts.is_at_rest()
}

/// Returns whether the port is open, or is being opened again.
pub(crate) fn is_open(facts: &Facts<'_>) -> bool {
    facts.report().is_some_and(|report| report.link != LinkState::Closed)
}
