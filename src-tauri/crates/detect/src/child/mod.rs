//! A model in a process of its own: native code that fails there cannot hurt a print.

mod process;
mod serve;
mod wire;

pub use process::{EyeProcess, Limits};
pub use serve::serve;
