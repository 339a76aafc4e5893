//! What can be made to go wrong with the demo printer.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A fault of the demo printer, switched on and off by a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DemoFault {
    /// Filament no longer lands on the part.
    Tangle,
    /// Nothing comes out of the nozzle.
    Clogged,
    /// The camera gives no pictures and cannot be opened.
    CameraGone,
    /// The port breaks and cannot be opened; the printer itself goes on.
    CablePulled,
    /// About one line in twenty arrives with a flipped byte.
    Noise,
    /// From the next pause on, every `ok` gets lost.
    NoOksAfterPause,
    /// The board restarts, once, when this is switched on.
    Reboot,
    /// Somebody turns the speed down to 65 % at the printer's display, and back up when this is switched off.
    Knob,
}
