//! Simulated printer and demo camera.
//!
//! [`SimPrinter`] is a printer as a value: bytes in, bytes out, the moment passed in. [`SimHandle`] shares one between
//! the port's thread, the camera and whoever makes faults happen. [`SimOpener`] is its port in memory, `pty` the same
//! behind a pseudo terminal. [`DemoCamera`] looks at it: [`Scene`] draws what it really did, strand by strand.

#[cfg(unix)]
pub mod ack;
mod clock;
mod demo_camera;
mod handle;
mod machine;
mod picture;
mod port;
#[cfg(unix)]
pub mod pty;
mod sample;
mod scene;

pub use clock::StepClock;
pub use demo_camera::DemoCamera;
pub use handle::{Received, SimHandle};
pub use machine::{
    BadLine, Bed, Board, Dice, Executed, Fault, Faults, SimOptions, SimPrinter, SimState, Strand,
};
pub use picture::sample_picture;
pub use port::SimOpener;
pub use sample::{SAMPLE_NAME, SampleRun, sample_gcode};
pub use scene::Scene;
