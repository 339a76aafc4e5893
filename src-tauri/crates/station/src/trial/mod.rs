//! The detection tried without a printer: on pictures and films that a person brings, and on a single picture.
//!
//! Both rules run over them as over a print. One trial at a time, on a thread of its own; a watched print never waits.

mod ask;
mod dir;
mod pictures;
mod rules;
mod running;
mod sample;
mod trials;

pub(crate) use ask::{BUSY, asked};
pub use dir::TryDir;
pub use pictures::{Brought, TryError};
pub(crate) use pictures::{QUALITY, film, short};
pub use rules::Stand;
pub(crate) use rules::{Judged, Rules, together};
pub use running::take_in_picture;
pub(crate) use sample::look_at_sample;
pub use sample::{Sample, Tried};
pub(crate) use trials::Trials;
pub use trials::{MAX_LOOKS, TryPoint, TryState, TryView};
