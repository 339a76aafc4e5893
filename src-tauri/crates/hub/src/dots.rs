//! How the printer's cable and its camera do, as dots with a reason and a cure.

use crate::facts::Facts;
use crate::scene::CameraScene;
use crate::words::{halt_words, link_words};
use domain::{Agent, CameraHealth, DotState, HealthDot, LinkState, PrinterKind, PrinterReport};

/// From so many resends per 100 lines the cable is worth a look.
const NOISY_PERCENT: f64 = 1.0;
/// With fewer lines than this a share says nothing.
const FEW_LINES: u64 = 100;

/// Returns how the link does: ours to the printer, or that of an agent to us.
pub(crate) fn link(facts: &Facts<'_>) -> HealthDot {
    match &facts.settings.agent {
        Some(agent) => agent_link(agent, facts),
        None => usb(facts),
    }
}

fn agent_link(agent: &Agent, facts: &Facts<'_>) -> HealthDot {
    let host = agent.host();
    let (state, reason, fix) = match facts.report().map_or(&LinkState::Closed, |report| &report.link) {
        LinkState::Closed => (
            DotState::Attention,
            format!("The agent beside {host} has not connected yet."),
            "Check that its computer is on and in your network, and that the agent has this address.",
        ),
        LinkState::Opening => (
            DotState::Attention,
            format!("The agent beside {host} is connected; it has not told yet how the printer does."),
            "Wait half a minute.",
        ),
        LinkState::Up => (DotState::Ok, format!("{host} answers ({} {}).", agent.name, agent.version), ""),
        LinkState::Lost { why } => (
            DotState::Danger,
            why.clone(),
            "Check its computer and the network; the agent connects again by itself within three minutes.",
        ),
        LinkState::Halted { cause, text } => {
            (DotState::Danger, halt_words(*cause, text), "Find the cause, then reset the printer.")
        }
    };
    HealthDot { name: "usb".into(), state, label: host_label(agent).into(), reason, fix: fix.into() }
}

/// A word that has room on the label of a dot.
fn host_label(agent: &Agent) -> &'static str {
    match agent.host() {
        host @ ("OctoPrint" | "Klipper") => host,
        _ => "Agent",
    }
}

fn usb(facts: &Facts<'_>) -> HealthDot {
    let link = facts.report().map_or(&LinkState::Closed, |report| &report.link);
    let at_work = facts.report().and_then(|report| report.at_work.as_deref());
    let words = facts.report().map(link_words).unwrap_or_default();
    let (state, reason, fix) = match link {
        LinkState::Closed => (
            DotState::Unknown,
            "Not connected.".to_owned(),
            if facts.settings.port.is_none() && facts.settings.kind == PrinterKind::Serial {
                "Choose the printer's port in the settings."
            } else {
                "Switch the printer on and press Connect."
            },
        ),
        LinkState::Opening if at_work.is_some() => (
            DotState::Attention,
            format!("The printer does work of its own: {}.", at_work.unwrap_or_default()),
            "Let it finish. The port stays open and nothing is sent that would disturb it.",
        ),
        LinkState::Opening => (
            DotState::Attention,
            "The port is open; the printer has not answered yet.".into(),
            "Wait a moment.",
        ),
        LinkState::Up => link_up(facts, words),
        LinkState::Lost { why } => {
            (DotState::Danger, why.clone(), "Check the USB cable and the printer's power.")
        }
        LinkState::Halted { cause, text } => {
            (DotState::Danger, halt_words(*cause, text), "Find the cause, then reset the printer.")
        }
    };
    HealthDot { name: "usb".into(), state, label: "USB".into(), reason, fix: fix.into() }
}

/// Returns how the camera does, and what its pictures are like.
pub(crate) fn camera(scene: &CameraScene, facts: &Facts<'_>) -> HealthDot {
    let (state, reason, fix) = match facts.camera() {
        None => (DotState::Unknown, "No camera is chosen.".to_owned(), "Choose a camera in the settings."),
        Some(seen) => match &seen.health {
            CameraHealth::Opening => {
                (DotState::Attention, "The camera is being opened.".into(), "Wait a moment.")
            }
            CameraHealth::Live { width, height } => match scene.trouble() {
                Some(words) => {
                    let state = if words.blinds { DotState::Danger } else { DotState::Attention };
                    (state, words.text.to_owned(), words.cure)
                }
                None => (DotState::Ok, format!("{}, {width} x {height}", seen.camera.name), ""),
            },
            CameraHealth::Lost { why } => {
                (DotState::Danger, why.clone(), "Check the camera's cable; it is tried again by itself.")
            }
        },
    };
    HealthDot { name: "camera".into(), state, label: "Camera".into(), reason, fix: fix.into() }
}

/// Returns the dot of a link that is up: how good it is.
fn link_up(facts: &Facts<'_>, words: String) -> (DotState, String, &'static str) {
    match facts.report().map(link_quality) {
        None => (DotState::Ok, words, ""),
        Some((quality, _)) if quality.is_empty() => (DotState::Ok, words, ""),
        Some((quality, false)) => (DotState::Ok, format!("{words}. The link is {quality}."), ""),
        Some((quality, true)) => (
            DotState::Attention,
            format!("{words}. The link is {quality}."),
            "Use a short USB cable with a shield, away from motors and mains, and no hub.",
        ),
    }
}

/// Returns how good the link is, in words, and whether the cable is worth a look.
fn link_quality(report: &PrinterReport) -> (String, bool) {
    let (resends, lost, lines) = (report.resends, report.lost_answers, report.lines_sent);
    if lines < FEW_LINES {
        return (String::new(), false);
    }
    let percent = resends as f64 * 100.0 / lines as f64;
    // Each of these lets the print stand still for a moment: on the part that is a blob.
    let noisy = percent.max(lost as f64 * 100.0 / lines as f64) >= NOISY_PERCENT;
    let words = match resends {
        0 if noisy => format!("noisy: none of {lines} lines had to be sent again"),
        0 => format!("clean: none of {lines} lines had to be sent again"),
        _ if noisy => format!("noisy: {resends} of {lines} lines had to be sent again ({percent:.1} %)"),
        _ => format!("good: {resends} of {lines} lines had to be sent again"),
    };
    let words = match lost {
        0 => words,
        1 => format!("{words}; one answer was lost, which let the print stand still for a moment"),
        _ => {
            format!("{words}; {lost} answers were lost, each of which let the print stand still for a moment")
        }
    };
    (words, noisy)
}
