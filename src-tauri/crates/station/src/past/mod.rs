//! Prints that have ended: their records and what people say of them, the watch over them looked at again, and for how
//! long they are kept.

mod breakdown;
mod curve;
mod figures;
mod fit;
mod moments;
mod print_change;
mod reasons;
mod replay;
mod retention;
mod review;
mod sightings;
mod table;
mod tally;
mod views;
mod watched;
mod what_if;

pub use breakdown::{Share, Taken, by_material, by_reason, by_spool, taken};
pub use curve::Curve;
pub use figures::{Group, Saved, Sums, between_days, by_printer, failures, groups, saved, sums};
pub use moments::{HeaterCurve, PrintFrames, PrintHeat, PrintLooks};
pub use print_change::PrintPatch;
pub(crate) use retention::run as tidy;
pub use retention::{Record, SizeOfPrint, Storage, Tidied};
pub use review::{ReviewChange, ReviewPage};
pub(crate) use sightings::note as note_sightings;
pub(crate) use table::csv;
pub use table::history_table;
pub use views::{PrintCount, views};

use crate::command::CoreHandle;
use crate::error::{StationError, blocking};
use crate::live::Snapshot;
use crate::media::{EvidenceClip, Room, clips};
use domain::{
    AlertOverwrite, Clock, Event, Fitted, PrintId, PrintView, PrinterId, Request, Retention, ReviewCounts,
    Timestamp, WhatIf, WhatIfAsk,
};
use std::path::Path;
use std::sync::Arc;
use store::print_list::PrintQuery;
use store::print_stats::PrintFigures;
use store::review::ReviewQuery;
use store::{Store, StoreError};
use tokio::sync::watch;
use watched::WatchedPrints;
use what_if::WhatIfs;

/// Prints erased at once at most.
const MOST_ERASED: usize = 1000;

/// The past prints of a data folder. Cheap to clone.
#[derive(Clone)]
pub struct Past {
    root: Arc<Path>,
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    room: Room,
    core: CoreHandle,
    live: watch::Receiver<Arc<Snapshot>>,
    what_ifs: Arc<WhatIfs>,
}

impl Past {
    /// The past of a data folder; `core` and `live` tell of prints that are under way.
    pub(crate) fn new(
        root: Arc<Path>,
        store: Arc<Store>,
        clock: Arc<dyn Clock>,
        room: Room,
        core: CoreHandle,
        live: watch::Receiver<Arc<Snapshot>>,
    ) -> Self {
        Self { root, store, clock, room, core, live, what_ifs: Arc::default() }
    }

    fn now(&self) -> Timestamp {
        self.clock.now().utc
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> T + Send + 'static,
    ) -> Result<T, StationError> {
        let past = self.clone();
        blocking(move || work(&past)).await
    }

    /// Returns the prints that a query means. Blocks.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn list(&self, query: &PrintQuery) -> Result<Vec<PrintView>, StoreError> {
        self.store.read(|conn| views(conn, &store::print_list::list(conn, query)?))
    }

    /// Returns a print, under way or over; `None` when there is none of this number. Blocks.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn find(&self, id: PrintId) -> Result<Option<PrintView>, StoreError> {
        self.store.read(|conn| {
            let print = store::print::get(conn, id)?;
            Ok(views(conn, print.as_slice())?.pop())
        })
    }

    /// Counts the prints that a query means. Blocks.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn count(&self, query: &PrintQuery) -> Result<PrintCount, StoreError> {
        self.store.read(|conn| PrintCount::of(conn, query))
    }

    /// Returns all tags in use. Blocks.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn tags(&self) -> Result<Vec<String>, StoreError> {
        self.store.read(store::print_extra::all_tags)
    }

    /// Returns the person's own list of why prints fail. Blocks.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn reasons(&self) -> Result<Vec<String>, StoreError> {
        self.store.read(reasons::list)
    }

    /// Makes this the person's list; without words it is the usual one again. Prints keep their words. Blocks.
    ///
    /// # Errors
    /// Refused when there are too many, or one is too long; and when it cannot be stored.
    pub fn set_reasons(&self, words: Vec<String>) -> Result<Vec<String>, StationError> {
        reasons::set(&self.store, words)
    }

    /// Changes what a person says of a print.
    ///
    /// # Errors
    /// Refused when a value is out of its range, there is no such print, or figures of one that is under way are changed.
    pub async fn change(&self, id: PrintId, patch: PrintPatch) -> Result<PrintView, StationError> {
        patch.check()?;
        let before = self.blocking(move |past| past.find(id)).await??;
        patch.check_for(&before.ok_or_else(no_print)?)?;
        if let Some(verdict) = patch.alert_overwrite {
            self.overwrite(id, verdict).await?;
        }
        let changed = self.blocking(move |past| {
            past.store.write_now(move |tx| patch.write(tx, id))?;
            past.find(id)
        });
        changed.await??.ok_or_else(no_print)
    }

    /// Keeps a person's word on a print, whether it runs or is long over.
    ///
    /// # Errors
    /// Refused when there is no such print; and when it cannot be stored.
    pub async fn overwrite(&self, id: PrintId, verdict: Option<AlertOverwrite>) -> Result<(), StationError> {
        match self.core.ask(Request::Overwrite(id, verdict)).await {
            Ok(_) => Ok(()),
            // A past print is no live state: its record is changed where it lies.
            Err(StationError::Refused(refusal)) if refusal.code == "not_here" => {
                let write = move |past: &Self| {
                    past.store.write_now(move |tx| store::print::set_alert_overwrite(tx, id, verdict))
                };
                self.blocking(write).await??;
                self.refresh_scales().await
            }
            Err(error) => Err(error),
        }
    }

    /// Reads anew what is known of the cameras: a person judged a print of the past.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) async fn refresh_scales(&self) -> Result<(), StationError> {
        let scales = self.blocking(|past| crate::scales::read(&past.store)).await??;
        self.core.inject(Event::Scales(scales)).await
    }

    /// Returns what the watch wants a person to look at. Blocks.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn review(&self, query: &ReviewQuery) -> Result<ReviewPage, StoreError> {
        review::page(&self.root, &self.store, query)
    }

    /// Counts what the watch wants a person to look at. Blocks.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn review_counts(&self) -> Result<ReviewCounts, StoreError> {
        self.store.read(store::review::counts)
    }

    /// Marks or answers what was looked at; returns how many.
    ///
    /// # Errors
    /// Refused when they are too many; and when it cannot be stored.
    pub async fn answer(&self, change: ReviewChange) -> Result<usize, StationError> {
        change.check()?;
        let (judged, now) = (change.judged(), self.now());
        let changed =
            self.blocking(move |past| past.store.write_now(move |tx| change.write(tx, now))).await??;
        for (print, verdict) in judged {
            let over = self.blocking(move |past| past.store.read(|conn| review::unjudged(conn, print)));
            if over.await?? {
                self.overwrite(print, Some(verdict)).await?;
            }
        }
        Ok(changed)
    }

    /// Returns the temperatures of a print; `None` when there is none of this number. Blocks.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn heat(&self, id: PrintId) -> Result<Option<PrintHeat>, StoreError> {
        self.store.read(|conn| PrintHeat::of(conn, id))
    }

    /// Returns the kept pictures of a print; `None` when there is none of this number. Blocks.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn frames(&self, id: PrintId) -> Result<Option<PrintFrames>, StoreError> {
        self.store.read(|conn| PrintFrames::of(conn, id))
    }

    /// Returns the looks at a print; `None` when there is none of this number. Blocks.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn looks(&self, id: PrintId) -> Result<Option<PrintLooks>, StoreError> {
        self.store.read(|conn| PrintLooks::of(conn, id))
    }

    /// Returns the figures of the prints that started between two moments; those of the demo's prints only while there are
    /// no others, or when printers are named. Blocks.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn figures(
        &self,
        printers: &[PrinterId],
        between: (Option<Timestamp>, Option<Timestamp>),
    ) -> Result<Vec<PrintFigures>, StoreError> {
        self.store.read(|conn| figures::that_count(conn, printers, between))
    }

    /// Returns the clips of a print's alerts. Blocks.
    pub(crate) fn evidence(&self, print: PrintId) -> Vec<EvidenceClip> {
        clips(&self.root, print)
    }

    /// Returns the curve of a print, thinned to 4000 points by their maxima. Empty when no looks were kept. Blocks.
    ///
    /// # Errors
    /// When the file of looks cannot be read.
    pub(crate) fn curve(&self, print: PrintId) -> Result<Curve, StationError> {
        curve::curve(&self.root, &self.store, print)
    }

    /// Fits the factor on the thresholds of our rule to the answers about a printer's past prints. Blocks.
    ///
    /// # Errors
    /// Refused for an unknown printer.
    pub(crate) fn fit(&self, printer: PrinterId) -> Result<Fitted, StationError> {
        Ok(fit::fit(&WatchedPrints::read(&self.root, &self.store, printer)?))
    }

    /// Begins to try a setting on a printer's past prints; waits 300 ms for it at most. Blocks.
    ///
    /// # Errors
    /// Refused for an unknown printer or a setting out of its range.
    pub(crate) fn what_if(&self, ask: &WhatIfAsk) -> Result<WhatIf, StationError> {
        what_if::check(ask)?;
        let past = WatchedPrints::read(&self.root, &self.store, ask.printer)?;
        self.what_ifs.start(past, ask, self.clock.clone())
    }

    /// Returns how far a replay is; `None` when it is not known any more.
    pub(crate) fn what_if_state(&self, id: u32) -> Option<WhatIf> {
        self.what_ifs.state(id)
    }

    /// Stops and forgets a replay. Returns whether there was one.
    pub(crate) fn drop_what_if(&self, id: u32) -> bool {
        self.what_ifs.drop_one(id)
    }

    /// Erases prints with all their files, or drops their pictures, films and clips alone. `film_wanted` tells of which one
    /// a film is being made or waits. Blocks.
    ///
    /// # Errors
    /// Refused when they are too many, one of them is under way or its film is being made; nothing is erased then.
    pub(crate) fn erase(
        &self,
        prints: &[PrintId],
        record: Record,
        film_wanted: impl Fn(PrintId) -> bool,
    ) -> Result<(), StationError> {
        if prints.len() > MOST_ERASED {
            return Err(StationError::refused(
                "bad_request",
                format!("{MOST_ERASED} prints at once at most"),
                "",
            ));
        }
        if self.live.borrow().running().any(|running| prints.contains(&running)) {
            return Err(print_change::still_printing());
        }
        if prints.iter().any(|id| film_wanted(*id)) {
            let hint = "Wait until it is made, or break it off on the print's page.";
            return Err(StationError::refused("film_making", "the film of this print is being made", hint));
        }
        Ok(retention::erase(&self.root, &self.store, &self.room, (prints, record), self.now())?)
    }

    /// Returns what takes room; of prints a page. Blocks.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(crate) fn storage(&self, start: u32, limit: u32) -> Result<Storage, StoreError> {
        retention::storage(&self.root, &self.store, &self.room, (start, limit))
    }

    /// Sets what is kept for how long. Blocks.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub(crate) fn set_retention(&self, retention: Retention) -> Result<(), StoreError> {
        retention::set(&self.store, retention)
    }

    /// Says what tidying up by `retention` (by the one that is set, when `None`) would drop. Blocks.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(crate) fn would_tidy(&self, retention: Option<Retention>) -> Result<Tidied, StoreError> {
        retention::would_drop(&self.store, retention, self.now())
    }

    /// Tidies up. Blocks.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub(crate) fn tidy(&self) -> Result<Tidied, StoreError> {
        self.room.make();
        retention::run(&self.root, &self.store, self.now())
    }
}

fn no_print() -> StationError {
    StationError::not_found("this print")
}
