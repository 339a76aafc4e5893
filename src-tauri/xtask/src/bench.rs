//! Measures on this machine.

use crate::{Fault, ort, shell, ui};

/// Builds with optimisation and runs the benchmarks of the package `tests`, and that of reading files, which needs
/// neither the page nor the runtime.
///
/// # Errors
/// When something does not build or a benchmark fails.
pub(crate) fn run(args: &[String]) -> Result<(), Fault> {
    if args.is_empty() || args.iter().any(|arg| arg == "gcode") {
        shell::run(shell::cargo().args(["run", "--release", "-p", "gcode", "--example", "bench"]))?;
    }
    if args.iter().any(|arg| arg == "gcode") && args.len() == 1 {
        return Ok(());
    }
    ui::build()?;
    let library = ort::fetch()?;
    shell::run(
        shell::cargo()
            .args(["bench", "--workspace", "--bench", "bench", "--"])
            .args(args)
            .env("ORT_DYLIB_PATH", library),
    )
}
