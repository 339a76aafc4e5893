//! A Python with OctoPrint in it, whose virtual printer is a far end to test against.

use crate::{Fault, paths, shell};
use std::path::PathBuf;

const VERSION: &str = "1.11.8";

/// Returns the Python, after fetching what it needs the first time. It lies beside our other downloads.
///
/// # Errors
/// When there is no Python, or the package cannot be had.
pub(crate) fn fetch() -> Result<PathBuf, Fault> {
    let folder = paths::cache().join(format!("octoprint-{VERSION}"));
    let (python, complete) = (folder.join("bin/python"), folder.join("complete"));
    if complete.is_file() {
        return Ok(python);
    }
    // What an earlier attempt left half done is made anew.
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    println!("Fetching OctoPrint {VERSION}, to test against its virtual printer ...");
    shell::run(shell::command("python3").args(["-m", "venv"]).arg(&folder))?;
    let mut pip = std::process::Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    shell::run(pip.arg(format!("OctoPrint=={VERSION}")))?;
    std::fs::write(&complete, VERSION).map_err(|error| format!("{}: {error}", complete.display()))?;
    Ok(python)
}
