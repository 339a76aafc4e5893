//! Films as the doors see them: how far one is, one made again, one broken off, and how films are made.

use super::film_job::{LOOKING, PREDICTION_FILE, TIMELAPSE};
use super::film_queue::{FilmQueue, Place};
use super::import;
use crate::command::{Command, CoreHandle};
use crate::error::{StationError, blocking};
use crate::live::Snapshot;
use crate::media::{Room, print_folder};
use crate::trial::{Brought, TryError};
use domain::{Clock, FilmState, FilmStep, FilmView, FilmWish, PrintId, TimelapseOptions};
use sandbox::Decoders;
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use store::{Store, StoreError};
use tokio::sync::watch;

/// A film that is to become a past print.
#[derive(Debug, Clone)]
pub struct FilmBrought {
    /// Where it lies, and its name. It is moved from there.
    pub film: Brought,
    /// Seconds of the print from picture to picture: 0.001 to 3600; 0 where the film runs as fast as life; 10 when
    /// nothing is said.
    pub secs_per_picture: Option<f64>,
}

/// The films of prints. Cheap to clone.
#[derive(Clone)]
pub struct Films {
    root: Arc<Path>,
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    room: Room,
    core: CoreHandle,
    live: watch::Receiver<Arc<Snapshot>>,
    queue: Arc<FilmQueue>,
    decoders: Decoders,
}

impl Films {
    /// The films of a data folder; those that are wanted wait in the queue.
    pub(crate) fn new(
        root: Arc<Path>,
        store: Arc<Store>,
        clock: Arc<dyn Clock>,
        room: Room,
        core: CoreHandle,
        live: watch::Receiver<Arc<Snapshot>>,
        (queue, decoders): (Arc<FilmQueue>, Decoders),
    ) -> Self {
        Self { root, store, clock, room, core, live, queue, decoders }
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> T + Send + 'static,
    ) -> Result<T, StationError> {
        let films = self.clone();
        blocking(move || work(&films)).await
    }

    /// Returns whether the film of a print waits or is being made.
    pub(crate) fn is_wanted(&self, print: PrintId) -> bool {
        self.queue.place(print).is_some()
    }

    /// Takes a film in as a past print, which is looked through in the background. Returns its number.
    ///
    /// # Errors
    /// An inner error when it is no film that can be read, or the disk does not take it.
    pub(crate) async fn import(
        &self,
        brought: FilmBrought,
    ) -> Result<Result<PrintId, TryError>, StationError> {
        let id = self.core.call(|reply| Command::ReservePrints(1, reply)).await?;
        let now = self.clock.now().utc;
        let taken = self.blocking(move |s| {
            let FilmBrought { film, secs_per_picture } = brought;
            let (reserve_bytes, decoders) = (s.room.reserve_bytes(), &s.decoders);
            import::take_in(&s.root, reserve_bytes, &s.store, &film, decoders, secs_per_picture, (id, now))
        });
        if let Err(error) = taken.await? {
            return Ok(Err(error));
        }
        // More than fit in the queue wait for the next start.
        if let Err(why) = self.queue.ask(id, FilmWish::Film, None) {
            tracing::warn!(print = %id, why, "a film is not looked through now");
        }
        Ok(Ok(id))
    }

    /// Returns how far the film of a print is, `None` when there is no such print. Blocks.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn view(&self, print: PrintId) -> Result<Option<FilmView>, StoreError> {
        let read = self.store.read(|conn| {
            Ok((store::film::get(conn, print)?, store::setting::get(conn, TIMELAPSE)?.unwrap_or_default()))
        });
        let (row, usual) = read?;
        let Some(row) = row else { return Ok(None) };
        let mut view = FilmView {
            state: row.state.map(FilmStep::from),
            progress: None,
            why: row.why,
            options: row.options.unwrap_or(usual),
            frames: row.num_frames,
            position_in_queue: None,
        };
        match self.queue.place(print) {
            Some(Place::Waiting(before)) => {
                view.state = Some(FilmStep::Waiting);
                view.position_in_queue = u32::try_from(before).ok();
            }
            Some(Place::Making(progress)) => {
                let looking = row.uploaded && progress < LOOKING;
                view.state = Some(if looking { FilmStep::Analysing } else { FilmStep::Making });
                view.progress = Some(progress);
            }
            None => (),
        }
        Ok(Some(view))
    }

    /// Makes the film of a past print again, in another way if `options` says so.
    ///
    /// # Errors
    /// Refused when the print is under way, no pictures are kept of it, an option is out of its range or too many films
    /// wait.
    pub async fn make(&self, print: PrintId, options: Option<TimelapseOptions>) -> Result<(), StationError> {
        let (frames, uploaded) = self.blocking(move |s| s.of_what(print)).await??;
        // A film that was uploaded is looked through anew; its pictures come of that.
        if frames == 0 && !uploaded {
            let hint = "A film can only be made while its pictures are there.";
            return Err(StationError::refused("no_pictures", "no pictures are kept of this print", hint));
        }
        if self.live.borrow().running().any(|running| running == print) {
            let hint = "Its film is made when it has ended.";
            return Err(StationError::refused("still_printing", "this print is under way", hint));
        }
        if let Some(options) = options {
            checked(&options)?;
        }
        let stored = self.blocking(move |s| {
            s.store.write_now(move |tx| {
                if options.is_some() {
                    store::film::set_options(tx, print, options.as_ref())?;
                }
                store::film::set(tx, print, FilmState::Waiting, None)
            })
        });
        stored.await??;
        let asked = self.core.call(|reply| Command::Film(print, reply)).await?;
        asked.map_err(|message| StationError::refused("busy", message, "Try again in a minute."))
    }

    /// Returns of how many pictures the film of a print is made, and whether it was uploaded.
    fn of_what(&self, print: PrintId) -> Result<(u32, bool), StoreError> {
        let row = self.store.read(|conn| store::film::get(conn, print))?;
        Ok(row.map_or((0, false), |row| (row.num_frames, row.uploaded)))
    }

    /// Breaks off the film of a print; what is there stays. Returns whether one waited or was being made. Blocks.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub fn cancel(&self, print: PrintId) -> Result<bool, StoreError> {
        let found = self.queue.cancel(print);
        if found {
            let why = "It was broken off; the pictures are still there.";
            self.store.write_now(move |tx| store::film::set(tx, print, FilmState::Cancelled, Some(why)))?;
        }
        Ok(found)
    }

    /// Returns how films are made unless a print says otherwise. Blocks.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn usual(&self) -> Result<TimelapseOptions, StoreError> {
        Ok(self.store.read(|conn| store::setting::get(conn, TIMELAPSE))?.unwrap_or_default())
    }

    /// Sets how films are made.
    ///
    /// # Errors
    /// Refused when a value is out of its range; and when it cannot be stored.
    pub async fn set_usual(&self, options: TimelapseOptions) -> Result<(), StationError> {
        checked(&options)?;
        self.blocking(move |s| s.store.write_now(move |tx| store::setting::set(tx, TIMELAPSE, &options)))
            .await??;
        Ok(())
    }

    /// Returns the figures of a film frame by frame, in Obico's shape, in step with the film with boxes; without one,
    /// those of all looks. Blocks.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn prediction_json(&self, print: PrintId) -> Result<Value, StoreError> {
        let path = self.root.join(print_folder(print)).join(PREDICTION_FILE);
        let made = std::fs::read(path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        match made {
            Some(figures) => Ok(figures),
            None => self.store.read(|conn| store::look::prediction_json(conn, print)),
        }
    }
}

fn checked(options: &TimelapseOptions) -> Result<(), StationError> {
    options
        .check()
        .map_err(|message| StationError::refused("out_of_range", message, "Choose a value within the range."))
}
