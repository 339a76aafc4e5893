//! `vigil doctor`: what is missing on this computer, and the cure.

use anyhow::Context;
use std::process::ExitCode;
use vigil::places;

/// Checks everything the app needs and prints a line each.
pub(crate) fn run() -> anyhow::Result<ExitCode> {
    let mut wrong = 0;
    let mut tell = |what: &str, found: Result<String, String>| match found {
        Ok(text) => println!("ok       {what}: {text}"),
        Err(text) => {
            wrong += 1;
            println!("missing  {what}: {text}");
        }
    };
    tell("data folder", data_folder().map_err(|error| format!("{error:#}")));
    let dirs = [places::data_dir()];
    tell(
        "ONNX Runtime",
        detect::find_runtime(&dirs).map(|p| p.display().to_string()).map_err(|e| e.to_string()),
    );
    tell("model", detect::find_model(&dirs).map(|p| p.display().to_string()).map_err(|e| e.to_string()));
    tell("detection", vigil::far::load_detector().map(|d| d.name()).map_err(|e| e.to_string()));
    let ports = printer::list_ports();
    for port in &ports {
        // No port is opened: that may reset a printer in mid-print.
        match port.troubles.first() {
            None => tell(&port.path, Ok(format!("{}, {}", port.label, port.why))),
            Some(trouble) => tell(&port.path, Err(format!("{} {}", trouble.what, trouble.cure))),
        }
    }
    for trouble in printer::host_troubles() {
        tell("printer", Err(format!("{} {}", trouble.what, trouble.cure)));
    }
    if ports.is_empty() {
        println!(
            "note     no serial port is there: plug the printer in and switch it on, or use the demo printer"
        );
    }
    for camera in camera::list_devices() {
        tell(&camera.device, Ok(camera.label));
    }
    Ok(if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn data_folder() -> anyhow::Result<String> {
    let dir = places::data_dir();
    std::fs::create_dir_all(&dir).with_context(|| format!("{} cannot be made", dir.display()))?;
    let probe = dir.join("doctor.part");
    std::fs::write(&probe, b"probe").with_context(|| format!("{} cannot be written to", dir.display()))?;
    std::fs::remove_file(&probe)?;
    Ok(dir.display().to_string())
}
