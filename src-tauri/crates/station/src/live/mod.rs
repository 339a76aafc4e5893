//! What everyone who looks is shown: the live state, the terminals, the temperatures of the last hour.

mod snapshot;
mod temperatures;
mod terminal;
mod view;

pub use snapshot::{DetectorView, NoticeEntry, Snapshot, System};
pub use temperatures::TemperatureSample;
pub(crate) use temperatures::Temperatures;
pub(crate) use terminal::Terminals;
pub use terminal::{TerminalLine, TerminalPage};
pub(crate) use view::{LiveView, NoticesShown};
