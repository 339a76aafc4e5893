//! What a pause remembers, so that a resume can give it back.

use crate::program::Place;
use domain::Temperatures;

/// What a pause remembers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Saved {
    pub(crate) place: Place,
    pub(crate) targets: Temperatures,
    /// What was really retracted, and is still to be given back, mm.
    pub(crate) retracted_mm: f64,
    /// What was really lifted, and is still to be gone down, mm.
    pub(crate) lifted_mm: f64,
    /// The printer told where the head was.
    pub(crate) told: bool,
    /// The axes were homed, or the print had moved them.
    pub(crate) may_move: bool,
    /// The lines sent lead to `place`, whatever the printer tells.
    pub(crate) followed: bool,
}
