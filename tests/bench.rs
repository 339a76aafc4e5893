//! What `cargo xtask bench` measures: each figure beside a peer in the same run, so that a busy machine slows both.

mod bench_lan;
mod bench_store;
mod bench_watch;

use domain::{Now, PredictionState, PrinterId};
use std::time::Instant;

/// Looks decided.
const LOOKS: u32 = 1_000_000;

fn main() {
    let named: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let wanted = |name: &str| named.is_empty() || named.iter().any(|word| word == name);
    if wanted("watch") {
        bench_watch::run();
    }
    if wanted("store") {
        bench_store::run();
    }
    if wanted("lan") {
        bench_lan::run();
    }
    if wanted("deciding") {
        deciding();
    }
}

/// The rule over a million looks, beside summing the same numbers.
fn deciding() {
    let p = |n: u32| f64::from(n % 97) / 970.0;
    let start = now();
    let mut state = PredictionState::fresh(PrinterId(1), Now::at(0).utc);
    let mut paused = 0;
    for n in 0..LOOKS {
        let verdict = verdict::look(&mut state, p(n), 1.0, Now::at(u64::from(n) * 10_000).utc);
        paused += u32::from(verdict == verdict::Verdict::Pause);
    }
    let rule = start.elapsed();
    let start = now();
    let sum: f64 = (0..LOOKS).map(p).sum();
    let bare = start.elapsed();
    println!(
        "deciding: {LOOKS} looks in {:.0} ms, beside {:.1} ms for summing them ({paused} pauses, sum {sum:.0})",
        rule.as_secs_f64() * 1e3,
        bare.as_secs_f64() * 1e3
    );
}

#[allow(clippy::disallowed_methods)] // A measurement is about real time.
fn now() -> Instant {
    Instant::now()
}
