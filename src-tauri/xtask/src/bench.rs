//! Measures on this machine.

use crate::{Fault, ort, shell, ui};

/// Measurements that are a program of their own: of one crate, and built in a fraction of the time.
const ALONE: [(&str, &str); 3] = [("gcode", "gcode"), ("serial", "sim"), ("timelapse", "timelapse")];

/// Builds with optimisation and runs the measurements that are named, all when none is.
///
/// # Errors
/// When something does not build or a measurement fails.
pub(crate) fn run(args: &[String]) -> Result<(), Fault> {
    let wanted = |name: &str| args.is_empty() || args.iter().any(|arg| arg == name);
    for (name, krate) in ALONE {
        if wanted(name) {
            shell::run(shell::cargo().args(["run", "--release", "-p", krate, "--example", "bench"]))?;
        }
    }
    let others: Vec<&String> = args.iter().filter(|arg| ALONE.iter().all(|(name, _)| arg != name)).collect();
    if others.is_empty() && !args.is_empty() {
        return Ok(());
    }
    ui::build()?;
    let library = ort::fetch()?;
    shell::run(
        shell::cargo()
            .args(["bench", "--workspace", "--bench", "bench", "--"])
            .args(others)
            .env("ORT_DYLIB_PATH", library),
    )
}
