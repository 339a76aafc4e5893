//! Every connection that the core opens is begun or counted here: for what, to which computer, how often, how many bytes.
//! What comes in (the page, paired devices, slicers, agents) is not: nobody is asked then.
//!
//! The list is the process's, as its sockets are, so that no part of the core can open one beside it: `tests/outgoing.rs`
//! holds who may use a library that opens sockets. What stands in it is a host and a port, never a path, a name or a
//! password. It is bounded: so many places, so many days.
//!
//! **Invariant:** a try stands in the list before the first byte leaves.

mod http;
mod kind;
mod ledger;
mod line;
mod relay;

pub use http::Counted;
pub use kind::{OutboundPurpose, OutboundReach};
pub use ledger::{Outbound, OutboundConnection, OutboundCount, list, restore, to_keep};
pub use line::{Line, connect};
pub use relay::relay;
