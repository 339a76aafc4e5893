//! Whole dialogues with a small reference firmware.

mod bench;
mod cancel;
mod firmware;
mod hello;
mod noise;
mod pause;
mod resume;
mod tools;
mod trouble;
