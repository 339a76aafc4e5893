//! What a person deleted within the hour: prints, files and printers. All of it is still there and can be brought back.

use super::changes::Changes;
use super::rows;
use crate::command::Command;
use crate::error::{StationError, blocking};
use crate::library::{Library, UNDO_SECS};
use domain::{FileId, PrintId, PrinterId, Timestamp};
use hub::KeptOfPrinter;
use serde::{Deserialize, Serialize};
use store::deleted::{self, Kind};
use store::{Connection, StoreError};

/// One thing that can be brought back.
#[derive(Debug, Clone, PartialEq, Serialize, ts_rs::TS, schemars::JsonSchema)]
pub struct Deleted {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// When it was deleted.
    pub deleted_at: Timestamp,
    /// Until when it can be brought back.
    pub until: Timestamp,
}

/// All that can be brought back, the last deleted first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ts_rs::TS, schemars::JsonSchema)]
pub struct AllDeleted {
    /// Prints, with their pictures and films.
    pub prints: Vec<Deleted>,
    /// Files of the library.
    pub files: Vec<Deleted>,
    /// Printers, with their settings.
    pub printers: Vec<Deleted>,
}

/// What to bring back, by number.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BringBack {
    /// Prints.
    pub prints: Vec<PrintId>,
    /// Files.
    pub files: Vec<FileId>,
    /// Printers.
    pub printers: Vec<PrinterId>,
}

/// How many came back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ts_rs::TS, schemars::JsonSchema)]
pub struct BroughtBack {
    /// Prints.
    pub prints: usize,
    /// Files.
    pub files: usize,
    /// Printers.
    pub printers: usize,
}

/// What was deleted of late. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Deletions {
    changes: Changes,
    library: Library,
}

impl Deletions {
    /// Deleted rows, and files of which `library` still has the content.
    pub(crate) fn new(changes: Changes, library: Library) -> Self {
        Self { changes, library }
    }

    fn undo_begins(&self) -> Timestamp {
        self.changes.now().plus_secs(-UNDO_SECS)
    }

    /// Returns all that can be brought back. Blocks.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(crate) fn all(&self) -> Result<AllDeleted, StoreError> {
        let since = self.undo_begins();
        let of = |kind| -> Result<Vec<Deleted>, StoreError> {
            let found = self.changes.read_now(|conn| deleted::since(conn, kind, since))?;
            let shown = |found: deleted::Deleted| Deleted {
                id: found.id,
                name: found.name,
                deleted_at: found.at,
                until: found.at.plus_secs(UNDO_SECS),
            };
            Ok(found.into_iter().map(shown).collect())
        };
        let mut files = of(Kind::File)?;
        files.retain(|file| self.library.file_path(FileId(file.id)).is_file());
        Ok(AllDeleted { prints: of(Kind::Print)?, files, printers: of(Kind::Printer)? })
    }

    /// Brings back what was deleted within the hour; what is gone for good stays gone.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub(crate) async fn bring_back(&self, wanted: BringBack) -> Result<BroughtBack, StationError> {
        let BringBack { prints, files, printers } = wanted;
        let deletions = self.clone();
        let known = blocking(move || deletions.all()).await??;
        let is_known = |all: &[Deleted], id: i64| all.iter().any(|one| one.id == id);
        let prints: Vec<PrintId> =
            prints.into_iter().filter(|id| is_known(&known.prints, id.get())).collect();
        let files: Vec<FileId> = files.into_iter().filter(|id| is_known(&known.files, id.get())).collect();
        let back = self
            .changes
            .write(move |tx| Ok((store::print::undelete(tx, &prints)?, store::file::undelete(tx, &files)?)));
        let (prints, files) = back.await?;
        let mut back = BroughtBack { prints, files, printers: 0 };
        for id in printers {
            back.printers += usize::from(self.bring_printer_back(id).await?);
        }
        Ok(back)
    }

    async fn bring_printer_back(&self, id: PrinterId) -> Result<bool, StationError> {
        let (changes, since) = (self.changes.clone(), self.undo_begins());
        let bring = async move {
            let found = changes.write(move |tx| rows::bring_back(tx, id, since)).await?;
            let Some((printer, camera)) = found else { return Ok(false) };
            if let Some(camera) = camera {
                changes.tell(|reply| Command::CameraPut(Box::new(camera), reply)).await?;
            }
            let kept = changes.read(move |conn| kept(conn, id)).await?;
            changes.tell(|reply| Command::PrinterAdded(Box::new(printer), Box::new(kept), reply)).await?;
            Ok(true)
        };
        self.changes.wholly(bring).await
    }
}

/// Returns what was kept of a printer while it was away.
fn kept(conn: &Connection, id: PrinterId) -> Result<KeptOfPrinter, StoreError> {
    let predictions = store::prediction::list(conn)?;
    let cards = store::last_print::list(conn)?;
    Ok(KeptOfPrinter {
        prediction: predictions.into_iter().find(|prediction| prediction.printer == id),
        last_print: cards.into_iter().find(|(_, print)| print.printer == Some(id)),
        queue: store::queue::list(conn)?.remove(&id).unwrap_or_default(),
        spools: store::spool::loaded(conn)?.remove(&id).unwrap_or_default(),
    })
}
