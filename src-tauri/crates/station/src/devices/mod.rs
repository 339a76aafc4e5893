//! What the core opens: ports and cameras, their threads, the detector's looks at them, and the passwords of cameras.

mod agent_files;
mod agent_further;
mod agent_pictures;
mod agent_task;
mod agents;
#[cfg(test)]
mod agents_tests;
mod closing;
mod drill;
mod factory;
mod handles;
mod pump;
mod secrets;
mod threads;

pub use agent_files::FetchedFile;
pub use agents::{AgentSocket, Agents, NotConnected};
pub(crate) use drill::Drills;
pub use factory::DeviceFactory;
pub(crate) use handles::OpenDevices;
pub(crate) use pump::spawn_detect;
pub(crate) use secrets::{Secrets, WithSecrets};
pub(crate) use threads::{Devices, SHUTDOWN};
