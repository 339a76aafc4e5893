//! `vigil verdict FILE`: recorded sequences against the decision rule.

use anyhow::Context;
use std::path::Path;
use std::process::ExitCode;

/// Prints the largest deviation and each wrong decision.
pub(crate) fn run(file: &Path) -> anyhow::Result<ExitCode> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let report = verdict::check_fixtures(&text)?;
    println!(
        "{} sequences, {} frames, largest deviation {:e}",
        report.sequences, report.frames, report.largest_deviation
    );
    for wrong in &report.wrong {
        println!("wrong: {wrong}");
    }
    Ok(if report.wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
