//! Measures on this machine.

use crate::{Fault, ort, shell, ui};

/// Builds with optimisation and runs the benchmarks of the package `tests`.
///
/// # Errors
/// When something does not build or a benchmark fails.
pub(crate) fn run(args: &[String]) -> Result<(), Fault> {
    ui::build()?;
    let library = ort::fetch()?;
    shell::run(
        shell::cargo()
            .args(["bench", "--workspace", "--bench", "bench", "--"])
            .args(args)
            .env("ORT_DYLIB_PATH", library),
    )
}
