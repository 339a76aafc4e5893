//! A printer that another host drives (OctoPrint, Klipper), by the messages that its Obico agent and we exchange. Pure: no
//! socket, no clock.
//!
//! **In**: what the agent says ([`AgentLink::handle_message`]), orders, that it came and went, time. **Out**: messages to
//! the agent ([`AgentLink::poll_message`]), changes in order ([`AgentLink::poll_change`]), and the printer's whole state
//! when it has changed ([`AgentLink::poll_report`]): the same that the thread at a serial port tells. Whoever asks the host
//! something ([`AgentLink::ask`]) finds the answer under its number ([`AgentLink::poll_answer`]).
//!
//! **Invariant:** what was ordered counts as done only when the agent's status says so.

mod ask;
mod attention;
mod by_hand;
mod commands;
#[cfg(test)]
mod desk;
mod facts;
mod frame;
mod heat;
mod link;
mod orders;
mod out;
mod presence;
mod prints;
mod recent;
mod starting;
mod status;
mod stop;
mod terminal;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_host;
mod values;

pub use ask::Ask;
pub use link::{AgentLink, MOST_MESSAGE};
