//! Prints that were cut short: the file of each is known by its size and content, never by its number alone.

use super::Library;
use super::files::signature;
use super::ledger::{self, CutShort};
use crate::error::StationError;
use domain::{FileId, PastTimes, PrintId, Recovery, Request};
use std::fs;

/// The prints that were cut short. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Recoveries {
    library: Library,
}

impl Recoveries {
    /// Prints of files of this library.
    pub(crate) fn new(library: Library) -> Self {
        Self { library }
    }

    /// Returns the prints that were cut short and not yet dealt with, newest first. One whose file is not in the
    /// library any more names none. Blocks.
    pub(crate) fn list(&self) -> Vec<Recovery> {
        self.cut_short()
            .into_iter()
            .map(|cut| Recovery { file: self.file_of(&cut), ..cut.recovery })
            .collect()
    }

    fn cut_short(&self) -> Vec<CutShort> {
        ledger::recoveries(self.library.root(), &self.library.running())
    }

    /// Returns the file of the library that a print was made of: the one with its number, or one of the same content.
    fn file_of(&self, cut: &CutShort) -> Option<FileId> {
        let same_size = |id: &FileId| {
            fs::metadata(self.library.file_path(*id)).is_ok_and(|about| about.len() == cut.file_bytes)
        };
        let numbered = cut.recovery.file.filter(same_size).filter(|id| self.fits(*id, cut));
        numbered.or_else(|| {
            let signature = cut.sha256.clone()?;
            let twin = self.library.by_signature(&signature)?.id;
            same_size(&twin).then_some(twin)
        })
    }

    /// Returns whether the row of a file says that it is the one that was printed: quick, without reading the content.
    fn fits(&self, id: FileId, cut: &CutShort) -> bool {
        let Ok(row) = self.library.found(id) else { return false };
        let packed = self.library.original_path(id).is_file();
        match (&cut.sha256, &row.agent_signature) {
            // What was unpacked has the signature of its container.
            (Some(wanted), Some(has)) if has.starts_with("sha256:") && !packed => wanted == has,
            (Some(_), Some(_) | None) => true,
            // A ledger of an earlier version: size and name are all there is.
            (None, _) => row.filename == cut.recovery.name,
        }
    }

    /// Returns the request that starts the rest of a print that was cut short. Reads its file through; blocks.
    ///
    /// # Errors
    /// Refused when there is no such print, or its file is not in the library, or is another one by now.
    pub(crate) fn take_up(&self, print: PrintId) -> Result<Request, StationError> {
        let cut = self.cut_short().into_iter().find(|cut| cut.recovery.print == print);
        let cut =
            cut.ok_or_else(|| StationError::refused("unknown_print", "this print was not cut short", ""))?;
        let hint = "Upload the file again, or start it from its beginning.";
        let gone = || {
            StationError::refused("file_gone", "the file of this print is not in the library any more", hint)
        };
        let file = self.file_of(&cut).ok_or_else(gone)?;
        let path = self.library.file_path(file);
        if let Some(wanted) = &cut.sha256
            && signature(&path).map_err(|_| gone())? != *wanted
        {
            return Err(StationError::refused(
                "file_changed",
                "the file of this print is another one by now",
                hint,
            ));
        }
        let Recovery { printer, name, line, left_out, .. } = cut.recovery;
        Ok(Request::Start {
            printer,
            file: Some(file),
            path,
            name,
            past: PastTimes::default(),
            done_lines: line,
            left_out,
        })
    }

    /// Forgets what is known of a print that was cut short. Returns whether there was one. Blocks.
    pub(crate) fn forget(&self, print: PrintId) -> bool {
        ledger::forget(self.library.root(), print)
    }
}
