//! Films as the doors see them: how far one is, one made again, one broken off, and how films are made.

use crate::SystemClock;
use crate::film_job::{self, PREDICTION_FILE, TIMELAPSE};
use crate::jobs::{self, Place};
use crate::media::print_folder;
use crate::run::Ctl;
use crate::station::{Station, StationError};
use domain::{Clock, Film, FilmState, FilmStep, FilmView, FilmWish, PrintId, Refusal, TimelapseOptions};
use serde_json::Value;
use std::path::Path;
use std::time::Duration;
use store::{Store, StoreError};
use timelapse::Continue;

/// Free space that a film leaves, bytes.
const RESERVE_BYTES: u64 = 1 << 30;
/// What is written when the film is made is on the disk within this.
const CLOSED_WITHIN: Duration = Duration::from_secs(30);

/// Makes the film of a past print again, without a core; `progress` hears the share done, 0 to 1. Blocks.
///
/// # Errors
/// [`StoreError::InUse`] while a core works on this folder; an inner text for people when no film can be made.
pub fn render(
    data_dir: &Path,
    print: PrintId,
    progress: &mut dyn FnMut(f32),
) -> Result<Result<Film, String>, StoreError> {
    let now = SystemClock::start(1.0).now().utc;
    let (store, _) = Store::open(data_dir, now, |_| ())?;
    let ended =
        store.read(|conn| store::print::get(conn, print))?.is_none_or(|print| print.ended_at().is_some());
    let outcome = if ended {
        let mut told = |share| {
            progress(share);
            Continue::Yes
        };
        let made = film_job::make(data_dir, RESERVE_BYTES, &store, print, FilmWish::Film, &mut told);
        jobs::keep(data_dir, &store, print, FilmWish::Film, made)
    } else {
        Err("this print was cut short; start the app once, then its film can be made".into())
    };
    store.close(CLOSED_WITHIN)?;
    Ok(outcome)
}

impl Station {
    /// Returns how far the film of a print is, `None` when there is no such print. Blocks.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn film_view(&self, print: PrintId) -> Result<Option<FilmView>, StoreError> {
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
        match self.films.place(print) {
            Some(Place::Waiting(before)) => {
                view.state = Some(FilmStep::Waiting);
                view.position_in_queue = u32::try_from(before).ok();
            }
            Some(Place::Making(progress)) => {
                view.state = Some(FilmStep::Making);
                view.progress = Some(progress);
            }
            None => (),
        }
        Ok(Some(view))
    }

    /// Makes the film of a past print again, in another way if `options` says so.
    ///
    /// # Errors
    /// Refused when an option is out of its range or too many films wait.
    pub async fn film(&self, print: PrintId, options: Option<TimelapseOptions>) -> Result<(), StationError> {
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
        self.call(|reply| Ctl::Film(print, reply)).await?.map_err(|message| {
            StationError::Refused(Refusal { code: "busy", message, hint: "Try again in a minute.".into() })
        })
    }

    /// Breaks off the film of a print; what is there stays. Returns whether one waited or was being made. Blocks.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub fn cancel_film(&self, print: PrintId) -> Result<bool, StoreError> {
        let found = self.films.cancel(print);
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
    pub fn timelapse(&self) -> Result<TimelapseOptions, StoreError> {
        Ok(self.store.read(|conn| store::setting::get(conn, TIMELAPSE))?.unwrap_or_default())
    }

    /// Sets how films are made.
    ///
    /// # Errors
    /// Refused when a value is out of its range; and when it cannot be stored.
    pub async fn set_timelapse(&self, options: TimelapseOptions) -> Result<(), StationError> {
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
        let path = self.data_dir.join(print_folder(print)).join(PREDICTION_FILE);
        let made = std::fs::read(path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        match made {
            Some(figures) => Ok(figures),
            None => self.store.read(|conn| store::look::prediction_json(conn, print)),
        }
    }
}

fn checked(options: &TimelapseOptions) -> Result<(), StationError> {
    options.check().map_err(|message| {
        StationError::Refused(Refusal {
            code: "out_of_range",
            message,
            hint: "Choose a value within the range.".into(),
        })
    })
}
