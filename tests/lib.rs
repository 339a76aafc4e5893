//! Shared helpers of the whole-app tests.

pub mod agent;
pub mod network;
pub mod pictures;
pub mod slicer;
pub mod visitor;
pub mod world;

#[cfg(unix)]
pub mod broker;
#[cfg(unix)]
pub mod cores;
#[cfg(unix)]
pub mod programs;
pub mod story;
#[cfg(target_os = "linux")]
pub mod tray_host;
pub mod webdriver;
