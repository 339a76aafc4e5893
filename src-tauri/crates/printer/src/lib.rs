//! One thread per port, its sole owner: it moves bytes between a port and the protocol of `marlin`.
//!
//! What the printer tells goes out as [`Heard`]; what it is told comes in as `domain::Order`. Emergency stop is
//! neither: it is a latch that the thread reads before anything else.
//!
//! Invariant: the thread never waits for whoever listens. Changes wait in a bounded backlog, reports coalesce,
//! traffic is dropped.

mod emergency;
mod handle;
mod host;
mod lines;
mod outbox;
mod port;
mod ports;
mod program;
mod rates;
mod seek;
mod serial;
#[cfg(test)]
mod tests;
#[cfg(all(test, target_os = "linux"))]
mod tests_rate;
mod thread;
mod timeline;
mod usb;

pub use handle::{Busy, EmergencyLatch, Heard, PrinterHandle, SpawnError, spawn};
pub use host::Trouble;
pub use port::{OpenError, OpenPort, Port};
pub use ports::{PortInfo, host_troubles, list_ports};
pub use serial::SerialOpener;
