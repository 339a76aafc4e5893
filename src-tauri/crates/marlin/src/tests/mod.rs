//! Whole dialogues with a small reference firmware.

mod bench;
mod cable;
mod cancel;
mod cold;
mod complaints;
mod dialogues;
mod filament;
mod firmware;
mod height;
mod hello;
mod homing;
mod noise;
mod numbers;
mod off;
mod pause;
mod replay;
mod resume;
mod sd;
mod silence;
mod standstill;
mod stream;
mod timeouts;
mod tools;
mod trouble;

use proptest::test_runner::{Config, RngSeed};

/// The same cases in each run, so that a red test says something about the change under test. To hunt for new ones:
/// `PROPTEST_RNG_SEED=7 PROPTEST_CASES=20000 cargo test -p marlin`.
fn cases(usual: u32) -> Config {
    let told = Config::default();
    let is_told = |name| std::env::var_os(name).is_some();
    Config {
        cases: if is_told("PROPTEST_CASES") { told.cases } else { usual },
        rng_seed: if is_told("PROPTEST_RNG_SEED") { told.rng_seed } else { RngSeed::Fixed(1) },
        failure_persistence: None,
        ..told
    }
}
