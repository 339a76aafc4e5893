//! Events in, effects out.

mod agents;
mod answers;
mod asking;
mod by_hand;
mod card;
mod decisions;
mod desk;
mod drills;
mod ended;
mod failing;
mod faults;
mod first_layers;
mod heat;
mod learning;
mod links;
mod lives;
mod long;
mod ours;
mod parts;
mod person;
mod queue;
mod reminding;
mod scales;
mod scripts;
mod settings;
mod shown;
mod spools;
mod table;
mod views;
mod watching;

use table::{told, whole};
