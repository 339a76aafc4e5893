//! Why something is not done now: checks that several requests share.

use crate::facts::Facts;
use crate::refusal::refusal;
use domain::{PrinterState, Refusal, StartJob};

pub(crate) fn need_link(facts: &Facts<'_>) -> Result<(), Refusal> {
    if facts.link_up() {
        Ok(())
    } else {
        Err(refusal("not_connected", "the printer is not connected", "Check cable and power, then connect."))
    }
}

/// Refuses what a host that is given a file cannot do with it: it prints plain G-code, whole.
pub(crate) fn need_printable_at_host(job: &StartJob, facts: &Facts<'_>) -> Result<(), Refusal> {
    let Some(agent) = &facts.settings.agent else { return Ok(()) };
    let host = agent.host();
    if job.done_lines > 0 || !job.left_out.is_empty() {
        let message = format!("{host} prints files from their beginning, and whole");
        return Err(refusal("agent_printer", message, "Start the file anew."));
    }
    let name = job.name.to_lowercase();
    if name.ends_with(".bgcode") || name.ends_with(".3mf") {
        let message = format!("{host} is given plain G-code, and this file is packed");
        return Err(refusal("agent_printer", message, "Export it as .gcode in the slicer."));
    }
    Ok(())
}

/// Refuses to open or close a link that the other side opens.
pub(crate) fn need_own_link(facts: &Facts<'_>) -> Result<(), Refusal> {
    let Some(agent) = &facts.settings.agent else { return Ok(()) };
    Err(refusal(
        "agent_printer",
        format!("the agent beside {} connects by itself", agent.host()),
        "Check that its computer is on and in your network, and that the agent has this address.",
    ))
}

/// A printer that says it has stopped may still take what switches it off, or what starts it anew.
pub(crate) fn need_link_or_halted(facts: &Facts<'_>) -> Result<(), Refusal> {
    if facts.state() == PrinterState::Halted { Ok(()) } else { need_link(facts) }
}

pub(crate) fn need_print(facts: &Facts<'_>) -> Result<(), Refusal> {
    if facts.print.is_some() {
        Ok(())
    } else {
        Err(refusal("not_printing", "nothing is being printed", "Start a print first."))
    }
}

/// Refuses while a print is under way, or about to be; `what` says why that is in the way.
pub(crate) fn need_rest(facts: &Facts<'_>, what: &str) -> Result<(), Refusal> {
    if facts.is_at_rest() {
        Ok(())
    } else {
        Err(refusal("busy", what, "Wait for the print to end, or cancel it."))
    }
}

/// Refuses unless the printer says Ready and nothing is printed.
pub(crate) fn need_ready(facts: &Facts<'_>, what: &str) -> Result<(), Refusal> {
    if facts.is_free() && facts.state() == PrinterState::Operational {
        return Ok(());
    }
    let message = format!("the printer cannot {what} while it says {}", facts.state().word());
    Err(refusal("busy", message, "Wait until it says Ready."))
}

/// The same for work by hand; `paused` is said when a print stands still.
pub(crate) fn need_idle(facts: &Facts<'_>, what: &str, paused: &str) -> Result<(), Refusal> {
    let hint = match facts.state() {
        PrinterState::Paused if !paused.is_empty() => paused,
        PrinterState::Paused => "Resume the print and wait for its end, or cancel it.",
        PrinterState::Offline
        | PrinterState::Connecting
        | PrinterState::Operational
        | PrinterState::Heating
        | PrinterState::Printing
        | PrinterState::Pausing
        | PrinterState::Resuming
        | PrinterState::Cancelling
        | PrinterState::Finishing
        | PrinterState::LinkLost
        | PrinterState::Halted => "Wait until it says Ready.",
    };
    need_ready(facts, what).map_err(|refused| Refusal { hint: hint.into(), ..refused })
}

/// Returns whether a heater has a target.
pub(crate) fn is_on(temperatures: &domain::Temperatures, name: &str) -> bool {
    temperatures.get(name).and_then(|t| t.target).is_some_and(|target| target > 0.0)
}
