//! Films made without a core: for the command line.

use super::film_job::{self, JobContext};
use super::films::FilmBrought;
use super::import::{self, Analyzer};
use super::threads;
use crate::clock::SystemClock;
use crate::setup::load_chosen;
use camera::FrameIds;
use detect::{LoadDetector, OpenModels};
use domain::{Clock, Film, FilmWish, FrameId, PrintId, Timestamp};
use sandbox::Decoders;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use store::{Boot, Store, StoreError};
use timelapse::Continue;

/// Free space that a film leaves, bytes.
const RESERVE_BYTES: u64 = 1 << 30;
/// What is written when the film is made is on the disk within this.
const CLOSED_WITHIN: Duration = Duration::from_secs(30);

/// Whose film is wanted.
#[derive(Debug, Clone)]
pub enum Wanted {
    /// Of a past print, made again.
    Print(PrintId),
    /// One that becomes a past print.
    Brought(FilmBrought),
}

/// Makes the film of a past print again, or a past print of a film. `progress` hears the share done, 0 to 1. Returns
/// the print and where its films lie, or for people why there are none. Blocks.
///
/// # Errors
/// [`StoreError::InUse`] while a core works on this folder.
pub fn render(
    data_dir: &Path,
    wanted: Wanted,
    models: OpenModels,
    decoders: Decoders,
    progress: &mut dyn FnMut(f32),
) -> Result<Result<(PrintId, Film), String>, StoreError> {
    let now = SystemClock::start(1.0).now().utc;
    let (store, boot) = Store::open(data_dir, now, |_| ())?;
    let store = Arc::new(store);
    // The model that a person chose, as in the app.
    let load = load_chosen(models, store.clone(), data_dir, Arc::default());
    let outcome = made(data_dir, &store, &boot, wanted, (load, decoders), now, progress);
    store.close(CLOSED_WITHIN)?;
    outcome
}

fn made(
    data_dir: &Path,
    store: &Store,
    boot: &Boot,
    wanted: Wanted,
    (load, decoders): (LoadDetector, Decoders),
    now: Timestamp,
    progress: &mut dyn FnMut(f32),
) -> Result<Result<(PrintId, Film), String>, StoreError> {
    let detect = match detect::spawn(load, Box::new(|_| ())) {
        Ok(detect) => Arc::new(detect),
        Err(error) => return Ok(Err(error.for_people())),
    };
    let analyzer =
        Analyzer::new(detect, FrameIds::after(FrameId(boot.next_frame.get() - 1)), decoders.clone());
    let print = match wanted {
        Wanted::Print(print) => print,
        Wanted::Brought(FilmBrought { film, secs_per_picture }) => {
            let print = boot.next_print;
            let numbered = (print, now);
            match import::take_in(
                data_dir,
                RESERVE_BYTES,
                store,
                &film,
                &decoders,
                secs_per_picture,
                numbered,
            ) {
                Ok(()) => print,
                Err(error) => return Ok(Err(format!("{}. {}", error.message, error.hint))),
            }
        }
    };
    let row = store.read(|conn| store::print::get(conn, print))?;
    if row.is_some_and(|print| print.ended_at().or(print.uploaded_at).is_none()) {
        return Ok(Err("this print was cut short; start the app once, then its film can be made".into()));
    }
    let mut told = |share| {
        progress(share);
        Continue::Yes
    };
    let context = JobContext { root: data_dir, reserve_bytes: RESERVE_BYTES, store, analyzer: &analyzer };
    let film = film_job::make(&context, print, FilmWish::Film, &mut told);
    Ok(threads::keep(data_dir, store, print, FilmWish::Film, film).map(|film| (print, film)))
}
