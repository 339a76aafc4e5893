//! A look at a file before anything heats, with what is known of the printer. The rules are those of crate `gcode`.

use crate::facts::Facts;
use crate::{LibraryError, Station};
use domain::{FileId, PrinterId};
use gcode::preflight::{Finding, Machine, Severity, preflight};
use std::fs::File;

impl Station {
    /// Looks a file over for a printer; blocks.
    ///
    /// # Errors
    /// When there is no such file or printer, or the content of the file is gone.
    pub fn preflight(&self, file: FileId, printer: PrinterId) -> Result<Vec<Finding>, LibraryError> {
        let found = self.store.read(|conn| store::file::get(conn, file))?.filter(|f| f.deleted.is_none());
        let found = found.ok_or(LibraryError::NotFound { what: "this file" })?;
        let live = self.snapshot();
        let view = live.printers.get(&printer).ok_or(LibraryError::NotFound { what: "this printer" })?;
        let gone = |_| LibraryError::NotFound { what: "the content of this file" };
        let content = File::open(self.file_path(file)).map_err(gone)?;
        let bytes_there = content.metadata().map_err(gone)?.len();
        // What was kept is of the whole file, not of what is left of it.
        if bytes_there != found.num_bytes {
            return Ok(vec![shrunk()]);
        }
        let kept = found.metadata_json.as_deref().and_then(Facts::kept);
        let facts = match kept.map_or_else(|| Facts::read(content, &[]), Ok) {
            Ok(facts) => facts,
            Err(error) => return Ok(vec![unreadable(&error.to_string())]),
        };
        let machine = Machine { profile: view.vigil.machine.as_deref(), max_z_mm: view.vigil.max_z_mm };
        Ok(preflight(&facts.summary, &facts.metadata, &machine))
    }
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
