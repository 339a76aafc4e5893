//! One thread per port, its sole owner: it moves bytes between a port and the protocol of `marlin`.
//!
//! What the printer tells goes out as [`Heard`]; what it is told comes in as `domain::Order`. Emergency stop is
//! neither: it is a latch that the thread reads before anything else.
//!
//! Invariant: the thread never waits for whoever listens. Changes wait in a bounded backlog, reports coalesce,
//! traffic is dropped.

mod emergency;
mod handle;
mod lines;
mod outbox;
mod port;
mod program;
mod serial;
#[cfg(test)]
mod tests;
mod thread;
mod timeline;

pub use handle::{Busy, EmergencyLatch, Heard, PrinterHandle, SpawnError, spawn};
pub use port::{OpenError, OpenPort, Port};
pub use serial::{PortInfo, SerialOpener, list_ports};
