//! One line of G-code as Marlin's own parser reads it, and the state that lines build up.
//!
//! Whoever looks at a command uses this: what is left out of a file, how long it takes, where the head is, how long the
//! serial link waits. Pure, without allocation, and without a panic on any bytes.
//!
//! Modelled on Marlin's `gcode/parser.cpp` and `gcode/queue.cpp`: a line number is passed over, then come a letter,
//! blanks, digits, and the parameters; of a parameter that stands twice the last one counts; `E` is no exponent.

mod arc;
mod clean;
mod handling;
mod misread;
mod motion;
mod number;
mod object;
mod parse;

pub use arc::{Arc, Turn};
pub use clean::clean;
pub use handling::{Handling, LeftOut};
pub use misread::Misread;
pub use motion::{FirmwareG90, MotionState, Move};
pub use number::{MOST, number};
pub use object::ObjectHandling;
pub use parse::{Command, HOST, MAX_TEXT, NAMED, NO_NUMBER, UNKNOWN};
