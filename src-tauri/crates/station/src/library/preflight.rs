//! A look at a file before anything heats, with what is known of the printer. The rules are those of crate `gcode`.

use super::error::LibraryError;
use super::facts::Facts;
use domain::{GCodeFile, PrinterView};
use gcode::preflight::{Finding, Machine, Severity, preflight};
use std::fs::File;
use std::path::Path;

/// Looks a file over for a printer; blocks.
///
/// # Errors
/// When the content of the file is gone.
pub(super) fn looked_over(
    path: &Path,
    file: &GCodeFile,
    printer: &PrinterView,
) -> Result<Vec<Finding>, LibraryError> {
    let gone = |_| LibraryError::NotFound { what: "the content of this file" };
    let content = File::open(path).map_err(gone)?;
    let bytes_there = content.metadata().map_err(gone)?.len();
    // What was kept is of the whole file, not of what is left of it.
    if bytes_there != file.num_bytes {
        return Ok(vec![shrunk()]);
    }
    let kept = file.metadata_json.as_deref().and_then(Facts::kept);
    let facts = match kept.map_or_else(|| Facts::read(content, &[]), Ok) {
        Ok(facts) => facts,
        Err(error) => return Ok(vec![unreadable(&error.to_string())]),
    };
    let machine = Machine { profile: printer.vigil.machine.as_deref(), max_z_mm: printer.vigil.max_z_mm };
    Ok(preflight(&facts.summary, &facts.metadata, &machine))
}

fn shrunk() -> Finding {
    Finding {
        code: "changed_on_disk",
        severity: Severity::Stop,
        what: "the file on the disk is not the one that was added".into(),
        cure: "Add it again: it may be cut off.".into(),
    }
}

fn unreadable(why: &str) -> Finding {
    Finding {
        code: "unreadable",
        severity: Severity::Stop,
        what: "the file cannot be printed".into(),
        cure: why.into(),
    }
}
