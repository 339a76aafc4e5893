//! The serial line protocol of Marlin and its kin as a pure state machine: no port, no clock, no sleep.
//!
//! **In**: what the port brings, line by line; orders of people and of the detection; the lines of a file; what time it
//! is. **Out**: lines to write, changes, one report of all that is known, and when it next wants to look at the clock.
//! [`Link`] is the whole of it; `printer` owns the port and the thread. How it is composed stands in `link`.
//!
//! **Never**: a move is never written twice, unless the printer asks for it again by number. Nothing is replayed after a
//! reboot or a broken link. Nothing is extruded cold. Nothing is said to be paused or off that was not confirmed.

mod area;
mod complaint;
mod control;
mod dials;
mod end_check;
mod facts;
mod feed;
mod halted;
mod heat_pace;
mod heater_guard;
mod heaters;
mod heating;
mod job;
mod klipper;
mod level;
mod lines;
mod link;
mod m73;
mod manual;
mod mesh;
mod message;
mod noise;
mod number;
mod objects;
mod offset;
mod out;
mod parse;
mod patience;
mod plan;
mod print_clock;
mod procedure;
mod profile;
mod program;
mod prompt;
mod pushed;
mod recipe;
mod recovery;
mod reply;
mod restart;
mod saved;
mod sd;
mod sd_card;
mod sd_list;
mod sd_print;
mod sd_recipe;
mod sequence;
mod shown;
mod standstill;
mod startup;
mod tag;
mod temperature;
#[cfg(test)]
mod tests;
mod trouble;
mod tune;
mod wire;
mod z_offset;

pub use lines::Lines;
pub use link::Link;
pub use noise::Noise;
pub use program::{JobFacts, LineKind, Place, ProgramLine};
pub use recovery::{RecoveryTargets, recovery_lines};
pub use reply::{Busy, Position, Reply};
pub use temperature::{Reading, readings};
