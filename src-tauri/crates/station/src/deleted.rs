//! What a person deleted within the hour: prints, files and printers. All of it is still there and can be brought back.

use crate::library::UNDO_SECS;
use crate::run::Command;
use crate::station::{Station, StationError};
use domain::{FileId, PrintId, PrinterId, Timestamp};
use serde::{Deserialize, Serialize};
use store::deleted::{self, Kind};

/// One thing that can be brought back.
#[derive(Debug, Clone, PartialEq, Serialize, ts_rs::TS)]
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
#[derive(Debug, Clone, Default, PartialEq, Serialize, ts_rs::TS)]
pub struct AllDeleted {
    /// Prints, with their pictures and films.
    pub prints: Vec<Deleted>,
    /// Files of the library.
    pub files: Vec<Deleted>,
    /// Printers, with their settings.
    pub printers: Vec<Deleted>,
}

/// What to bring back, by number.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, ts_rs::TS)]
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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct BroughtBack {
    /// Prints.
    pub prints: usize,
    /// Files.
    pub files: usize,
    /// Printers.
    pub printers: usize,
}

impl Station {
    fn undo_begins(&self) -> Timestamp {
        self.now().plus_secs(-UNDO_SECS)
    }

    /// Returns all that can be brought back. Blocks.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn deleted(&self) -> Result<AllDeleted, StationError> {
        let since = self.undo_begins();
        let of = |kind| -> Result<Vec<Deleted>, StationError> {
            let found = self.store.read(|conn| deleted::since(conn, kind, since))?;
            let shown = |found: deleted::Deleted| Deleted {
                id: found.id,
                name: found.name,
                deleted_at: found.at,
                until: found.at.plus_secs(UNDO_SECS),
            };
            Ok(found.into_iter().map(shown).collect())
        };
        let mut files = of(Kind::File)?;
        files.retain(|file| self.file_path(FileId(file.id)).is_file());
        Ok(AllDeleted { prints: of(Kind::Print)?, files, printers: of(Kind::Printer)? })
    }

    /// Brings back what was deleted within the hour; what is gone for good stays gone.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn bring_back(&self, wanted: BringBack) -> Result<BroughtBack, StationError> {
        let BringBack { prints, files, printers } = wanted;
        let mut back = BroughtBack::default();
        (back.prints, back.files) = self
            .blocking(move |s| {
                let known = s.deleted()?;
                let is_known = |all: &[Deleted], id: i64| all.iter().any(|one| one.id == id);
                let prints: Vec<PrintId> =
                    prints.into_iter().filter(|id| is_known(&known.prints, id.get())).collect();
                let files: Vec<FileId> =
                    files.into_iter().filter(|id| is_known(&known.files, id.get())).collect();
                let back = s.store.write_now(move |tx| {
                    Ok((store::print::undelete(tx, &prints)?, store::file::undelete(tx, &files)?))
                });
                Ok::<_, StationError>(back?)
            })
            .await??;
        for id in printers {
            back.printers += usize::from(self.bring_printer_back(id).await?);
        }
        Ok(back)
    }

    async fn bring_printer_back(&self, id: PrinterId) -> Result<bool, StationError> {
        let since = self.undo_begins();
        let bring = move |s: Station| async move {
            let found = s.blocking(move |s| {
                let printer = s.store.write_now(move |tx| store::printer::undelete(tx, id, since))?;
                let means = s.store.read(store::prediction::list)?;
                Ok::<_, store::StoreError>(
                    printer.map(|printer| (printer, means.into_iter().find(|means| means.printer == id))),
                )
            });
            let Some((printer, means)) = found.await?? else { return Ok(false) };
            s.call(|reply| Command::PrinterAdded(Box::new(printer), means, reply)).await?;
            Ok(true)
        };
        self.wholly(bring).await
    }
}
