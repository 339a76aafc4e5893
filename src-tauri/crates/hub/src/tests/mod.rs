//! Events in, effects out.

mod answers;
mod asking;
mod by_hand;
mod card;
mod decisions;
mod desk;
mod drills;
mod failing;
mod heat;
mod learning;
mod links;
mod lives;
mod long;
mod ours;
mod settings;
mod shown;
mod table;
mod watching;

use table::{told, whole};
