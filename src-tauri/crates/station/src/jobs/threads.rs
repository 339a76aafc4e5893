//! Two threads for films, each one at a time, at leisure: `jobs` makes those of prints, `uploads` looks through what was
//! made elsewhere, which may take hours and never keeps the film of a print waiting. What was asked for stands in the
//! database too, so that a film that a crash or the end of the app broke off is taken up again at the next start.

use super::film_job::{self, JobContext, Made};
use super::film_queue::{FilmQueue, Next, Of, Wanted};
use super::import::Analyzer;
use crate::media::{other_bytes, print_folder, sweep};
use crate::past::tidy;
use domain::{Clock, Event, Film, FilmState, FilmWish, PrintId};
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use store::Store;
use tokio::sync::mpsc::Sender;

/// Handle of both threads.
pub(crate) struct Jobs {
    films: Arc<FilmQueue>,
    threads: Vec<JoinHandle<()>>,
}

impl Jobs {
    /// Starts the threads with what waits since the last run; films that are there come as `Event::Filmed`. With
    /// less than `reserve_bytes` free no film is begun.
    pub(crate) fn spawn(
        data_dir: &Path,
        reserve_bytes: u64,
        store: Arc<Store>,
        analyzer: Analyzer,
        clock: Arc<dyn Clock>,
        events: Sender<Event>,
    ) -> std::io::Result<Self> {
        let films = Arc::new(FilmQueue::default());
        let (root, queue) = (data_dir.to_path_buf(), films.clone());
        match store.read(store::film::waiting) {
            Ok(waiting) => {
                for print in waiting {
                    // More than fit wait for the start after this.
                    let _ = films.ask(print, FilmWish::Film, None);
                }
            }
            Err(error) => tracing::warn!(%error, "films that were asked for are not known"),
        }
        let spawn = |of: Of, name: &str| {
            let (root, queue, store, analyzer) =
                (root.clone(), queue.clone(), store.clone(), analyzer.clone());
            let (clock, events) = (clock.clone(), events.clone());
            std::thread::Builder::new().name(name.into()).spawn(move || {
                let context = JobContext { root: &root, reserve_bytes, store: &store, analyzer: &analyzer };
                match of {
                    Of::Prints => films_of_prints(&context, &queue, clock.as_ref(), &events),
                    Of::Uploads => uploads(&context, &queue, &events),
                }
            })
        };
        let threads = vec![spawn(Of::Prints, "jobs")?, spawn(Of::Uploads, "uploads")?];
        Ok(Self { films, threads })
    }

    /// Returns the queue.
    pub(crate) fn films(&self) -> Arc<FilmQueue> {
        self.films.clone()
    }

    /// Breaks off what is under way (its pictures stay, and it is taken up at the next start) and ends.
    pub(crate) fn close(&mut self) {
        self.films.end();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn films_of_prints(context: &JobContext<'_>, films: &FilmQueue, clock: &dyn Clock, events: &Sender<Event>) {
    let &JobContext { root, store, .. } = context;
    film_job::sweep(root);
    if let Err(error) = sweep(root, store) {
        tracing::warn!(%error, "what was erased could not be swept");
    }
    let tidy_up = || {
        if let Err(error) = tidy(root, store, clock.now().utc) {
            tracing::warn!(%error, "old pictures could not be dropped");
        }
    };
    tidy_up();
    loop {
        let wanted = match films.next(Of::Prints) {
            Next::Film(wanted) => wanted,
            Next::Hour => {
                // What is being looked through may be as old as what is dropped.
                if films.no_uploads() {
                    tidy_up();
                }
                continue;
            }
            Next::End => break,
        };
        let row = store.read(|conn| store::film::get(conn, wanted.print));
        if row.is_ok_and(|row| row.is_some_and(|row| row.uploaded)) {
            films.pass_on(wanted);
        } else if !make(context, films, Of::Prints, wanted, events) {
            break;
        }
    }
}

/// Looks through films made elsewhere, which the other thread passes on after it has swept.
fn uploads(context: &JobContext<'_>, films: &FilmQueue, events: &Sender<Event>) {
    loop {
        let go_on = match films.next(Of::Uploads) {
            Next::Film(wanted) => make(context, films, Of::Uploads, wanted, events),
            Next::Hour => true,
            Next::End => false,
        };
        if !go_on {
            break;
        }
    }
}

/// Makes a film, keeps and tells what became of it; returns whether to go on with the next.
fn make(context: &JobContext<'_>, films: &FilmQueue, of: Of, wanted: Wanted, events: &Sender<Event>) -> bool {
    let Wanted { print, wish, flush } = wanted;
    if let Some(flush) = flush {
        flush();
    }
    let made = film_job::make(context, print, wish, &mut |share| films.told(of, share));
    if films.done(of) && matches!(made, Made::BrokenOff) {
        // It stays marked as waiting.
        return false;
    }
    match keep(context.root, context.store, print, wish, made) {
        Ok(film) => events.blocking_send(Event::Filmed(print, film)).is_ok(),
        Err(_) => !events.is_closed(),
    }
}

/// Keeps what became of a film, and what the print takes on the disk now; returns the film, to be shown.
pub(crate) fn keep(
    root: &Path,
    store: &Store,
    print: PrintId,
    wish: FilmWish,
    made: Made,
) -> Result<Film, String> {
    let (state, why) = match &made {
        Made::Film(_) => (FilmState::Made, None),
        Made::BrokenOff => {
            (FilmState::Cancelled, Some("It was broken off; the pictures are still there.".into()))
        }
        Made::Failed(why) => (FilmState::Failed, Some(why.clone())),
    };
    let film = if let Made::Film(film) = &made { Some(film.clone()) } else { None };
    let bytes = other_bytes(&root.join(print_folder(print)));
    let kept = store.write_now(move |tx| {
        if let Some(film) = film {
            store::print::set_film(tx, print, &film)?;
        }
        store::print_extra::set_other_bytes(tx, print, bytes)?;
        match wish {
            FilmWish::Film => store::film::set(tx, print, state, why.as_deref()),
            FilmWish::Poster => Ok(()),
        }
    });
    if let Err(error) = kept {
        tracing::warn!(%print, %error, "what became of a film could not be kept");
    }
    match made {
        Made::Film(film) => Ok(film),
        Made::BrokenOff => Err("it was broken off".into()),
        Made::Failed(why) => {
            tracing::warn!(%print, why, "no film was made");
            Err(why)
        }
    }
}
