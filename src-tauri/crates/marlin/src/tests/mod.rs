//! Whole dialogues with a small reference firmware.

mod bench;
mod cable;
mod cancel;
mod firmware;
mod hello;
mod noise;
mod pause;
mod resume;
mod stream;
mod tools;
mod trouble;
