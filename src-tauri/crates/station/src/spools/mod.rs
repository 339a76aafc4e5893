//! Spools of filament: what there is, what is left, whether it is enough, what a print took of it; and what all of that costs.
//!
//! What is loaded is live state, so the hub has it; all else is kept in the database alone.

mod cost;
mod need;
mod spoolman;

pub use spoolman::{SpoolmanImport, SpoolmanSpool};

use crate::error::{StationError, blocking};
use crate::library::FileWeight;
use crate::live::Snapshot;
use domain::{
    Clock, EnergyPrice, FileId, LoadedOn, MATERIALS, PrintCost, PrintId, PrinterId, PrinterView, QueueItemId,
    SpoolForm, SpoolId, SpoolList, SpoolNeed, SpoolView, Timestamp, limits,
};
use need::Left;
use std::sync::Arc;
use store::{Connection, Store, StoreError, Transaction, setting, spool, spool_use};
use tokio::sync::watch;

/// Key of the setting: below so many grams a spool counts as low.
const LOW: &str = "low_spool_g";
/// Its value until a person chose another.
const USUALLY_LOW_G: f64 = 100.0;
/// Spools at most: a page shows them all.
const MOST_SPOOLS: usize = 5000;

/// The spools. Cheap to clone.
#[derive(Clone)]
pub struct Spools {
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    live: watch::Receiver<Arc<Snapshot>>,
}

impl Spools {
    /// Spools of a database; `live` tells what is loaded.
    pub(crate) fn new(
        store: Arc<Store>,
        clock: Arc<dyn Clock>,
        live: watch::Receiver<Arc<Snapshot>>,
    ) -> Self {
        Self { store, clock, live }
    }

    fn now(&self) -> Timestamp {
        self.clock.now().utc
    }

    fn printer(&self, id: PrinterId) -> Result<Arc<PrinterView>, StationError> {
        let view = self.live.borrow().printers.get(&id).cloned();
        view.ok_or_else(|| StationError::not_found("this printer"))
    }

    async fn write<T: Send + 'static>(
        &self,
        write: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StationError> {
        let store = self.store.clone();
        Ok(blocking(move || store.write_now(write)).await??)
    }

    /// Returns all spools. Blocks.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn list(&self) -> Result<SpoolList, StationError> {
        let (low_g, spools) = self.store.read(|conn| Ok((low_g(conn)?, marked(conn)?)))?;
        Ok(SpoolList { spools, materials: MATERIALS.to_vec(), low_g })
    }

    /// Returns one of them. Blocks.
    ///
    /// # Errors
    /// When there is none of this number, or the database cannot be read.
    pub fn find(&self, id: SpoolId) -> Result<SpoolView, StationError> {
        let found = self.store.read(|conn| Ok((low_g(conn)?, spool::get(conn, id)?)))?;
        let (low_g, Some(view)) = found else { return Err(no_spool()) };
        Ok(mark(view, low_g))
    }

    /// Adds a spool.
    ///
    /// # Errors
    /// Refused when a value is out of its range, or there are too many; and when it cannot be stored.
    pub async fn add(&self, form: SpoolForm) -> Result<SpoolView, StationError> {
        form.check().map_err(bad_form)?;
        let now = self.now();
        let left_g = form.left_g.map(|left| left.min(form.net_g));
        let spool = form.into_spool(None, now);
        let added = self.write(move |tx| {
            if spool::list(tx)?.len() >= MOST_SPOOLS {
                return Ok(None);
            }
            let used_g = left_g.map_or(0.0, |left| spool.net_g - left);
            spool::insert(tx, &spool, used_g).map(Some)
        });
        let added = added.await?.ok_or_else(too_many)?;
        self.found(added).await
    }

    /// Changes a spool; what is left of it, too, where the form says it.
    ///
    /// # Errors
    /// Refused when a value is out of its range, or there is no such spool; and when it cannot be stored.
    pub async fn change(&self, id: SpoolId, form: SpoolForm) -> Result<SpoolView, StationError> {
        form.check().map_err(bad_form)?;
        let before = self.found(id).await?;
        if form.archived
            && let Some(loaded) = before.loaded
        {
            return Err(is_loaded(loaded));
        }
        let (left_g, now) = (form.left_g, self.now());
        let spool = form.into_spool(Some(&before.spool), now);
        let changed = self.write(move |tx| {
            spool::update(tx, &spool)?;
            left_g.map_or(Ok(()), |left| spool::set_left(tx, id, left, now))
        });
        changed.await?;
        self.found(id).await
    }

    /// Sets what is left by what the spool weighs with its filament.
    ///
    /// # Errors
    /// Refused where the empty spool's weight is not known, or the scale cannot be right; and when it cannot be stored.
    pub async fn weigh(&self, id: SpoolId, gross_g: f64) -> Result<SpoolView, StationError> {
        let SpoolView { spool, .. } = self.found(id).await?;
        let Some(empty_g) = spool.empty_g else {
            return Err(StationError::refused(
                "no_empty_weight",
                "nobody has said what this spool weighs when it is empty",
                "Enter its empty weight first: makers print it on the box, or weigh an empty one of the same kind.",
            ));
        };
        let left_g = gross_g - empty_g;
        if !limits::SPOOL_NET.has(left_g.max(limits::SPOOL_NET.min)) || left_g < 0.0 {
            return Err(StationError::refused(
                "out_of_range",
                format!("a spool that weighs {empty_g:.0} g when it is empty cannot weigh {gross_g:.0} g"),
                "Weigh it again, with its filament, or correct its empty weight.",
            ));
        }
        let now = self.now();
        self.write(move |tx| spool::set_left(tx, id, left_g, now)).await?;
        self.found(id).await
    }

    /// Removes a spool for good.
    ///
    /// # Errors
    /// Refused for one that prints have used, or that is loaded.
    pub async fn remove(&self, id: SpoolId) -> Result<(), StationError> {
        if let Some(loaded) = self.found(id).await?.loaded {
            return Err(is_loaded(loaded));
        }
        if self.write(move |tx| spool::delete(tx, id)).await? {
            return Ok(());
        }
        Err(StationError::refused(
            "in_use",
            "prints have used this spool, so it stays in their records",
            "Put it away instead: it is not offered any more then.",
        ))
    }

    /// Sets below how many grams a spool counts as low; 0 is never.
    ///
    /// # Errors
    /// Refused when it is out of its range; and when it cannot be stored.
    pub async fn set_low(&self, low_g: f64) -> Result<(), StationError> {
        if !limits::LOW_SPOOL.has(low_g) {
            let message = format!("a spool is low below 0 to {} g, not {low_g}", limits::LOW_SPOOL.max);
            return Err(StationError::refused("out_of_range", message, "Choose 0 for no mark."));
        }
        self.write(move |tx| setting::set(tx, LOW, &low_g)).await
    }

    /// Returns what energy costs, and how much printers take. Blocks.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn energy(&self) -> Result<EnergyPrice, StoreError> {
        self.store.read(cost::energy)
    }

    /// Sets what energy costs, and how much printers take.
    ///
    /// # Errors
    /// Refused when a value is out of its range; and when it cannot be stored.
    pub async fn set_energy(&self, energy: EnergyPrice) -> Result<(), StationError> {
        energy.check().map_err(|message| {
            StationError::refused("out_of_range", message, "Leave a field empty to show nothing of energy.")
        })?;
        self.write(move |tx| setting::set(tx, cost::ENERGY, &energy)).await
    }

    /// Returns what a file needs of the loaded spools, tool by tool, behind the print under way. Blocks.
    ///
    /// # Errors
    /// When there is no such printer or file, or the database cannot be read.
    pub fn need(
        &self,
        printer: PrinterId,
        file: FileId,
        copies: u32,
    ) -> Result<Vec<SpoolNeed>, StationError> {
        let view = self.printer(printer)?;
        let read = self.store.read(|conn| {
            let Some(file) = store::file::get(conn, file)? else { return Ok(None) };
            let weight = FileWeight::of(Some(&file));
            with_left(conn, &view, |left| Ok(left.take(&weight, copies.max(1)))).map(Some)
        });
        read?.ok_or_else(|| StationError::not_found("this file"))
    }

    /// Returns what the queue of a printer needs of the loaded spools, item by item, each behind what comes before. Blocks.
    ///
    /// # Errors
    /// When there is no such printer, or the database cannot be read.
    pub fn queue_needs(
        &self,
        printer: PrinterId,
    ) -> Result<Vec<(QueueItemId, Vec<SpoolNeed>)>, StationError> {
        let view = self.printer(printer)?;
        let needs = self.store.read(|conn| {
            with_left(conn, &view, |left| {
                let mut needs = Vec::new();
                for item in view.vigil.queue.iter().filter(|item| !item.gone) {
                    let file = store::file::get(conn, item.file)?;
                    needs.push((item.id, left.take(&FileWeight::of(file.as_ref()), item.copies)));
                }
                Ok(needs)
            })
        });
        Ok(needs?)
    }

    /// Returns what a print took and what that cost; `None` when there is none of this number. Blocks.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn cost(&self, print: PrintId) -> Result<Option<PrintCost>, StoreError> {
        self.store.read(|conn| cost::of_print(conn, print))
    }

    /// Says of which spool a part of a past print was.
    ///
    /// # Errors
    /// Refused while it prints, when there is no such part or spool; and when it cannot be stored.
    pub async fn assign(
        &self,
        print: PrintId,
        part: u32,
        spool: Option<SpoolId>,
    ) -> Result<PrintCost, StationError> {
        if self.live.borrow().running().any(|running| running == print) {
            return Err(StationError::refused(
                "still_printing",
                "this print is under way",
                "Say on the page of the printer which spool is loaded.",
            ));
        }
        if let Some(spool) = spool {
            self.found(spool).await?;
        }
        if !self.write(move |tx| spool_use::assign(tx, print, part, spool)).await? {
            return Err(StationError::not_found("this part of the print"));
        }
        let spools = self.clone();
        let cost = blocking(move || spools.cost(print)).await??;
        cost.ok_or_else(|| StationError::not_found("this print"))
    }

    async fn found(&self, id: SpoolId) -> Result<SpoolView, StationError> {
        let spools = self.clone();
        blocking(move || spools.find(id)).await?
    }
}

/// Has something done with what is left on the spools of a printer, behind the print under way.
fn with_left<T>(
    conn: &Connection,
    view: &PrinterView,
    work: impl FnOnce(&mut Left<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let spools = spool::list(conn)?;
    let running = view.current_print.as_ref();
    let file = running.map(|print| FileWeight::of(print.g_code_file.as_ref()));
    let used = running.map(|print| spool_use::of_print(conn, print.id)).transpose()?.unwrap_or_default();
    let mut left = Left::new(view, &spools, file.as_ref().map(|file| (file, used.as_slice())));
    work(&mut left)
}

fn low_g(conn: &Connection) -> Result<f64, StoreError> {
    Ok(setting::get(conn, LOW)?.unwrap_or(USUALLY_LOW_G))
}

fn mark(view: SpoolView, low_g: f64) -> SpoolView {
    SpoolView { low: view.spool.archived_at.is_none() && view.left_g < low_g, ..view }
}

fn marked(conn: &Connection) -> Result<Vec<SpoolView>, StoreError> {
    let low_g = low_g(conn)?;
    Ok(spool::list(conn)?.into_iter().map(|view| mark(view, low_g)).collect())
}

fn no_spool() -> StationError {
    StationError::not_found("this spool")
}

fn bad_form(message: String) -> StationError {
    StationError::refused("bad_request", message, "Correct it, then save again.")
}

fn too_many() -> StationError {
    let message = format!("there can be {MOST_SPOOLS} spools at most");
    StationError::refused("too_many", message, "Delete some that were never used.")
}

fn is_loaded(loaded: LoadedOn) -> StationError {
    let message = format!("this spool is loaded on printer {}", loaded.printer);
    StationError::refused("loaded", message, "Take it off there first.")
}
