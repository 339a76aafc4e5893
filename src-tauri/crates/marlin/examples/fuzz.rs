//! Damages recorded dialogues for so many seconds and counts what breaks: `fuzz TARGET SECONDS [SEED]`. Findings are
//! written to the folder for temporary files. It follows no coverage; it is the long form of the test of the same.

#[path = "../tests/hostile/mod.rs"]
mod hostile;

use hostile::{Mutator, TARGETS};
use std::error::Error;
use std::panic::catch_unwind;
use std::time::{Duration, Instant};

/// None of this length may take so long.
const SLOW: Duration = Duration::from_secs(2);

#[allow(clippy::disallowed_methods)] // An example may look at the clock.
fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let name = args.next().ok_or("usage: fuzz TARGET SECONDS [SEED]")?;
    let limit = Duration::from_secs(args.next().ok_or("for how many seconds?")?.parse()?);
    let seed = args.next().map_or(Ok(1), |seed| seed.parse())?;
    let target = TARGETS.iter().find(|target| target.name == name).ok_or("no such target")?;
    let mut mutator = Mutator::new(seed);
    let (mut runs, mut findings, mut slowest) = (0u64, 0u64, Duration::ZERO);
    let begun = Instant::now();
    while begun.elapsed() < limit {
        let speech = mutator.next_speech();
        let timed = || {
            let before = Instant::now();
            (catch_unwind(|| (target.run)(&speech)).is_ok(), before.elapsed())
        };
        let (fine, mut took) = timed();
        if took > SLOW {
            // Perhaps the machine was busy.
            took = timed().1;
        }
        slowest = slowest.max(took);
        runs += 1;
        if !fine || took > SLOW {
            findings += 1;
            let path = std::env::temp_dir().join(format!("finding-{name}-{seed}-{findings}"));
            std::fs::write(&path, &speech)?;
            println!("finding: {}", path.display());
        }
        if findings >= 20 {
            break;
        }
    }
    let peak = peak_memory().unwrap_or_default();
    println!(
        "{name}: {runs} executions in {:.0?}, {findings} findings, slowest {slowest:.1?}, {peak}",
        begun.elapsed()
    );
    if findings == 0 { Ok(()) } else { Err("something broke".into()) }
}

/// Returns what Linux says about the most memory held.
fn peak_memory() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
    Some(format!("peak memory {}", line.trim_start_matches("VmHWM:").trim()))
}
