//! `vigil doctor`: what is missing on this computer, and the cure.

use station::Checked;
use std::process::ExitCode;
use vigil::places;

/// Checks everything the app needs and prints a line each.
pub(crate) fn run() -> anyhow::Result<ExitCode> {
    let mut all = station::doctor(&places::data_dir());
    // Behind the files that it needs, and before ports and cameras.
    let loaded = vigil::far::load_detector().map(|detector| detector.name()).map_err(|e| e.to_string());
    all.insert(3, Checked::new("detection", loaded));
    all.iter().for_each(|checked| println!("{}", checked.line()));
    if !all.iter().any(|checked| checked.what.starts_with("/dev/tty") || checked.what.starts_with("COM")) {
        println!(
            "note     no serial port is there: plug the printer in and switch it on, or use the demo printer"
        );
    }
    let clean = all.iter().all(|checked| checked.found.is_ok());
    Ok(if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
