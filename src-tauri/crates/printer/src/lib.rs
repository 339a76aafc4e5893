//! One thread per port, its sole owner: it moves bytes between a port and the protocol of `marlin`.
//!
//! **In**: orders (`domain::Order`), and an emergency stop, which is none of them: a latch that the thread reads before
//! anything else. **Out**: [`Heard`], that is changes, reports and traffic.
//!
//! **Never**: a panic in the thread never costs STOP: the port is held outside of what may fail, and beside it lies a
//! second handle of the same port that `M112` takes when the thread hangs. The thread never waits for whoever listens:
//! changes wait in a bounded backlog, reports coalesce, traffic is dropped. It never sleeps through an order, a stop or
//! anything that is due.

mod bell;
mod clocks;
mod emergency;
#[cfg(test)]
mod fake;
mod faults;
mod handle;
mod heard;
mod held;
mod host;
mod lines;
mod outbox;
mod port;
mod ports;
mod program;
mod rates;
mod search;
mod seek;
mod serial;
mod stop;
mod supervise;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_faults;
#[cfg(all(test, target_os = "linux"))]
mod tests_idle;
#[cfg(test)]
mod tests_objects;
#[cfg(all(test, target_os = "linux"))]
mod tests_rate;
#[cfg(test)]
mod tests_time;
mod thread;
mod timeline;
mod usb;
mod wait;

pub use bell::Bell;
pub use handle::{NotTaken, PrinterHandle, SpawnError, spawn};
pub use heard::Heard;
pub use host::Trouble;
pub use port::{OpenError, OpenPort, Port};
pub use ports::{PortInfo, host_troubles, list_ports};
pub use serial::SerialOpener;
pub use stop::{EmergencyLatch, StopError};
