//! Past prints and films as doors use them that need no more than one call; the rest is in [`Station::past`] and
//! [`Station::films`].

use super::Station;
use crate::error::StationError;
use crate::jobs::FilmBrought;
use crate::media::EvidenceClip;
use crate::octoprint::{OctoPrintBackup, OctoPrintTake};
use crate::past::{Curve, Record, Storage, Tidied};
use crate::trial::TryError;
use domain::{FilmView, Fitted, PrintId, PrinterId, Retention, WhatIf, WhatIfAsk};
use std::path::Path;
use store::StoreError;

impl Station {
    /// Erases prints with all their files, or drops their pictures, films and clips alone. Blocks.
    ///
    /// # Errors
    /// Refused when they are too many, one of them is under way or its film is being made; nothing is erased then.
    pub fn erase(&self, prints: &[PrintId], record: Record) -> Result<(), StationError> {
        self.past.erase(prints, record, |print| self.films.is_wanted(print))
    }

    /// Returns the clips of a print's alerts. Blocks.
    pub fn evidence(&self, print: PrintId) -> Vec<EvidenceClip> {
        self.past.evidence(print)
    }

    /// Returns the curve of a print, thinned to 4000 points by their maxima. Empty when no looks were kept. Blocks.
    ///
    /// # Errors
    /// When the file of looks cannot be read.
    pub fn curve(&self, print: PrintId) -> Result<Curve, StationError> {
        self.past.curve(print)
    }

    /// Fits the factor on the thresholds of our rule to the answers about a printer's past prints. Blocks.
    ///
    /// # Errors
    /// Refused for an unknown printer.
    pub fn fit(&self, printer: PrinterId) -> Result<Fitted, StationError> {
        self.past.fit(printer)
    }

    /// Begins to try a setting on a printer's past prints; waits 300 ms for it at most. Blocks.
    ///
    /// # Errors
    /// Refused for an unknown printer or a setting out of its range.
    pub fn what_if(&self, ask: &WhatIfAsk) -> Result<WhatIf, StationError> {
        self.past.what_if(ask)
    }

    /// Returns how far a replay is; `None` when it is not known any more.
    pub fn what_if_state(&self, id: u32) -> Option<WhatIf> {
        self.past.what_if_state(id)
    }

    /// Stops and forgets a replay. Returns whether there was one.
    pub fn drop_what_if(&self, id: u32) -> bool {
        self.past.drop_what_if(id)
    }

    /// Returns what takes room; of prints a page. Blocks.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn storage(&self, start: u32, limit: u32) -> Result<Storage, StationError> {
        Ok(self.past.storage(start, limit)?)
    }

    /// Sets what is kept for how long. Blocks.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub fn set_retention(&self, retention: Retention) -> Result<(), StoreError> {
        self.past.set_retention(retention)
    }

    /// Says what tidying up by `retention` (by the one that is set, when `None`) would drop. Blocks.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn would_tidy(&self, retention: Option<Retention>) -> Result<Tidied, StoreError> {
        self.past.would_tidy(retention)
    }

    /// Tidies up. Blocks.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub fn tidy(&self) -> Result<Tidied, StoreError> {
        self.past.tidy()
    }

    /// Takes a film in as a past print, which is looked through in the background. Returns its number.
    ///
    /// # Errors
    /// An inner error when it is no film that can be read, or the disk does not take it.
    pub async fn import_film(&self, brought: FilmBrought) -> Result<Result<PrintId, TryError>, StationError> {
        self.films.import(brought).await
    }

    /// Looks into a backup of OctoPrint at `temp`, which is moved away. Blocks.
    ///
    /// # Errors
    /// Refused when it is none, or while another one is being brought in.
    pub fn look_at_octoprint(&self, temp: &Path, name: &str) -> Result<OctoPrintBackup, StationError> {
        self.octoprint.look(temp, name)
    }

    /// Returns the backup of OctoPrint that is looked at, and how far it is brought in.
    pub fn octoprint_backup(&self) -> Option<OctoPrintBackup> {
        self.octoprint.view()
    }

    /// Begins to bring in what was chosen of it.
    ///
    /// # Errors
    /// Refused when there is nothing to bring in, no such printer, or no room on the disk.
    pub fn take_octoprint(&self, wanted: OctoPrintTake) -> Result<OctoPrintBackup, StationError> {
        self.octoprint.take(wanted)
    }

    /// Forgets it.
    ///
    /// # Errors
    /// Refused while it is being brought in.
    pub fn forget_octoprint(&self) -> Result<(), StationError> {
        self.octoprint.forget()
    }

    /// Returns how far the film of a print is, `None` when there is no such print. Blocks.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn film_view(&self, print: PrintId) -> Result<Option<FilmView>, StoreError> {
        self.films.view(print)
    }
}
