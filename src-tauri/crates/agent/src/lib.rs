//! A printer that another host drives (OctoPrint, Klipper), by the messages that its Obico agent and we exchange. Pure: no
//! socket, no clock.
//!
//! **In**: what the agent says ([`AgentLink::handle_message`]), orders, that it came and went, time. **Out**: messages to
//! the agent ([`AgentLink::poll_message`]), changes in order ([`AgentLink::poll_change`]), and the printer's whole state
//! when it has changed ([`AgentLink::poll_report`]): the same that the thread at a serial port tells.
//!
//! **Invariant:** what was ordered counts as done only when the agent's status says so.

mod attention;
mod commands;
mod facts;
mod frame;
mod heat;
mod link;
mod orders;
mod out;
mod presence;
mod prints;
mod recent;
mod status;
#[cfg(test)]
mod tests;
mod values;

pub use link::{AgentLink, MOST_MESSAGE};
