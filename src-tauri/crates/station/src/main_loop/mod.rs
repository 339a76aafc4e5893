//! The loop: one task takes what happens, asks the hub, and has the effects carried out in order, orders first.

mod answer;
mod concerns;
mod failures;
mod recording;
mod replies;
mod run;
mod state;

pub(crate) use failures::{Fallen, watch_over};
pub(crate) use recording::Recording;
pub(crate) use run::{Inboxes, run};
pub(crate) use state::{Core, Spokes};
