//! What the executable and the whole-app tests share: the far ends of the wires.

pub mod far;
pub mod places;
