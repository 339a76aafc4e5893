//! The serial line protocol of Marlin and its kin as a pure state machine: no port, no clock, no sleep.
//!
//! [`Link`] is told what the port brings, what people order and what time it is; it says what to write and what has
//! changed. `printer` owns the port and the thread.
//!
//! Invariants: a move is written once, unless the printer asks for it again by number. Nothing is replayed after a
//! reboot or a broken link. Nothing is extruded cold.

mod hear;
mod job;
mod lines;
mod link;
mod m73;
mod mesh;
mod noise;
mod opening;
mod orders;
mod patience;
mod profile;
mod prompt;
mod recipe;
mod reply;
mod report;
mod sd;
mod sd_print;
mod sd_recipe;
mod sequence;
mod take_up;
mod temperature;
#[cfg(test)]
mod tests;
mod timeout;
mod tools;
mod tune;
mod wire;

pub use job::{JobFacts, LineKind, Place, ProgramLine};
pub use lines::Lines;
pub use link::Link;
pub use noise::Noise;
pub use reply::{Busy, Reply};
pub use take_up::{Heat, take_up};
pub use temperature::{Reading, readings};
