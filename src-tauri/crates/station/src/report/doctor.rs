//! What the app needs on this computer: whether it is there, and the cure.

use std::path::Path;

/// One thing that was looked at.
#[derive(Debug, Clone)]
pub struct Checked {
    /// What it is.
    pub what: String,
    /// What was found, or what is missing and the cure.
    pub found: Result<String, String>,
}

impl Checked {
    /// Notes what was found of something.
    pub fn new(what: impl Into<String>, found: Result<String, String>) -> Self {
        Self { what: what.into(), found }
    }

    /// Returns it as one line.
    pub fn line(&self) -> String {
        match &self.found {
            Ok(text) => format!("ok       {}: {text}", self.what),
            Err(text) => format!("missing  {}: {text}", self.what),
        }
    }
}

/// Looks for everything the app needs. Opens no port, since that may reset a printer in mid-print, and loads no model.
pub fn doctor(data_dir: &Path) -> Vec<Checked> {
    let dirs = [data_dir.to_path_buf()];
    let mut all = vec![
        Checked::new("data folder", data_folder(data_dir)),
        Checked::new(
            "ONNX Runtime",
            detect::find_runtime(&dirs).map(|p| p.display().to_string()).map_err(|e| e.to_string()),
        ),
        Checked::new(
            "model",
            detect::find_model(&dirs).map(|p| p.display().to_string()).map_err(|e| e.to_string()),
        ),
    ];
    for port in printer::list_ports() {
        let found = match port.troubles.first() {
            None => Ok(format!("{}, {}", port.label, port.why)),
            Some(trouble) => Err(format!("{} {}", trouble.what, trouble.cure)),
        };
        all.push(Checked::new(port.path, found));
    }
    for trouble in printer::host_troubles() {
        all.push(Checked::new("printer", Err(format!("{} {}", trouble.what, trouble.cure))));
    }
    all.extend(
        camera::list_devices().into_iter().map(|camera| Checked::new(camera.device, Ok(camera.label))),
    );
    all
}

fn data_folder(dir: &Path) -> Result<String, String> {
    std::fs::create_dir_all(dir).map_err(|error| format!("{} cannot be made: {error}", dir.display()))?;
    let probe = dir.join("doctor.part");
    std::fs::write(&probe, b"probe")
        .and_then(|()| std::fs::remove_file(&probe))
        .map_err(|error| format!("{} cannot be written to: {error}", dir.display()))?;
    Ok(dir.display().to_string())
}
