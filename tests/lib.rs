//! Shared helpers of the whole-app tests.

pub mod world;
