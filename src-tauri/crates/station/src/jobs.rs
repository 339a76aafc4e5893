//! The jobs thread: films, one at a time, at leisure. What was asked for stands in the database too, so that a film
//! that a crash or the end of the app broke off is taken up again at the next start.

use crate::film_job::{self, Bench, Made};
use crate::import::Eye;
use crate::media::print_folder;
use crate::{sweep, tidy};
use domain::{Clock, Event, Film, FilmState, FilmWish, PrintId};
use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use store::Store;
use timelapse::Continue;
use tokio::sync::mpsc::Sender;

/// Films waiting at most; one more is refused.
const MOST_WAITING: usize = 1000;

/// Without films, the thread tidies up so often.
const HOUR: Duration = Duration::from_secs(3600);

/// Waits until the last pictures of a print are on disk.
pub(crate) type Flush = Box<dyn FnOnce() + Send>;

struct Wanted {
    print: PrintId,
    wish: FilmWish,
    flush: Option<Flush>,
}

#[derive(Debug, Clone, Copy)]
struct Making {
    print: PrintId,
    /// 0 to 1.
    progress: f32,
    go_on: Continue,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Wanted>,
    making: Option<Making>,
    ending: bool,
}

/// What the thread does next.
enum Next {
    Film(Wanted),
    /// Nothing was asked for in an hour: time to tidy up.
    Hour,
    End,
}

/// Where a film stands in the queue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Place {
    /// So many come before it.
    Waiting(usize),
    /// It is being made; how far it is, 0 to 1.
    Making(f32),
}

/// The queue, seen by the jobs thread and by all who ask.
#[derive(Default)]
pub(crate) struct Films {
    queue: Mutex<Queue>,
    wake: Condvar,
}

impl Films {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks for the film of a print; asking twice is asking once. `flush` waits until its pictures are on disk.
    ///
    /// # Errors
    /// A text for people when too many wait.
    pub(crate) fn ask(&self, print: PrintId, wish: FilmWish, flush: Option<Flush>) -> Result<(), String> {
        let mut queue = self.lock();
        if queue.ending {
            return Err("the app is ending".into());
        }
        if queue.waiting.iter().any(|wanted| wanted.print == print && wanted.wish == wish) {
            return Ok(());
        }
        if queue.waiting.len() >= MOST_WAITING {
            return Err("too many films are waiting; try again later".into());
        }
        queue.waiting.push_back(Wanted { print, wish, flush });
        drop(queue);
        self.wake.notify_all();
        Ok(())
    }

    /// Takes a film out of the queue, or breaks it off; returns whether it was there.
    pub(crate) fn cancel(&self, print: PrintId) -> bool {
        let mut queue = self.lock();
        let before = queue.waiting.len();
        queue.waiting.retain(|wanted| wanted.print != print);
        let mut found = queue.waiting.len() < before;
        if let Some(making) = queue.making.as_mut().filter(|making| making.print == print) {
            making.go_on = Continue::No;
            found = true;
        }
        found
    }

    /// Returns where the film of a print stands, if it waits or is being made.
    pub(crate) fn place(&self, print: PrintId) -> Option<Place> {
        let queue = self.lock();
        if let Some(making) = queue.making.filter(|making| making.print == print) {
            return Some(Place::Making(making.progress));
        }
        let before = queue.waiting.iter().position(|wanted| wanted.print == print)?;
        Some(Place::Waiting(before + usize::from(queue.making.is_some())))
    }

    /// Waits for the next wish, an hour at most.
    fn next(&self) -> Next {
        let idle = |queue: &mut Queue| queue.waiting.is_empty() && !queue.ending;
        let waited = self.wake.wait_timeout_while(self.lock(), HOUR, idle);
        let mut queue = waited.unwrap_or_else(PoisonError::into_inner).0;
        if queue.ending {
            return Next::End;
        }
        let Some(wanted) = queue.waiting.pop_front() else { return Next::Hour };
        queue.making = Some(Making { print: wanted.print, progress: 0.0, go_on: Continue::Yes });
        Next::Film(wanted)
    }

    /// Tells how far it is, and hears whether to go on.
    fn told(&self, progress: f32) -> Continue {
        let mut queue = self.lock();
        if queue.ending {
            return Continue::No;
        }
        queue.making.as_mut().map_or(Continue::No, |making| {
            making.progress = progress;
            making.go_on
        })
    }
}

/// Handle of the jobs thread.
pub(crate) struct Jobs {
    films: Arc<Films>,
    thread: Option<JoinHandle<()>>,
}

impl Jobs {
    /// Starts the thread with what waits since the last run; outcomes come as `Event::Filmed`. With less than
    /// `reserve_bytes` free no film is begun.
    pub(crate) fn spawn(
        data_dir: &Path,
        reserve_bytes: u64,
        store: Arc<Store>,
        eye: Eye,
        clock: Arc<dyn Clock>,
        events: Sender<Event>,
    ) -> std::io::Result<Self> {
        let films = Arc::new(Films::default());
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
        let thread = std::thread::Builder::new().name("jobs".into()).spawn(move || {
            let bench = Bench { root: &root, reserve_bytes, store: &store, eye: &eye };
            run(&bench, &queue, clock.as_ref(), &events);
        })?;
        Ok(Self { films, thread: Some(thread) })
    }

    /// Returns the queue.
    pub(crate) fn films(&self) -> Arc<Films> {
        self.films.clone()
    }

    /// Breaks off the job under way (its pictures stay, and it is taken up at the next start) and ends.
    pub(crate) fn close(&mut self) {
        self.films.lock().ending = true;
        self.films.wake.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(bench: &Bench<'_>, films: &Films, clock: &dyn Clock, events: &Sender<Event>) {
    let &Bench { root, store, .. } = bench;
    film_job::sweep(root);
    if let Err(error) = sweep::run(root, store) {
        tracing::warn!(%error, "what was erased could not be swept");
    }
    let tidy_up = || {
        if let Err(error) = tidy::run(root, store, clock.now().utc) {
            tracing::warn!(%error, "old pictures could not be dropped");
        }
    };
    tidy_up();
    loop {
        let Wanted { print, wish, flush } = match films.next() {
            Next::Film(wanted) => wanted,
            Next::Hour => {
                tidy_up();
                continue;
            }
            Next::End => break,
        };
        if let Some(flush) = flush {
            flush();
        }
        let made = film_job::make(bench, print, wish, &mut |share| films.told(share));
        let ending = {
            let mut queue = films.lock();
            queue.making = None;
            queue.ending
        };
        if ending && matches!(made, Made::BrokenOff) {
            // It stays marked as waiting.
            break;
        }
        let outcome = keep(root, store, print, wish, made);
        if events.blocking_send(Event::Filmed(print, outcome)).is_err() {
            break;
        }
    }
}

/// Keeps what became of a film, and what the print takes on the disk now; returns it for the hub.
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
    let bytes = tidy::other_bytes(&root.join(print_folder(print)));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn films_wait_in_order_are_asked_for_once_and_can_be_taken_out() {
        let films = Films::default();
        for print in [1, 2, 2, 3] {
            films.ask(PrintId(print), FilmWish::Film, None).unwrap();
        }
        assert_eq!(films.place(PrintId(2)), Some(Place::Waiting(1)));
        let next = || if let Next::Film(wanted) = films.next() { Some(wanted.print) } else { None };
        assert_eq!(next(), Some(PrintId(1)));
        assert_eq!(films.told(0.5), Continue::Yes);
        assert_eq!(films.place(PrintId(1)), Some(Place::Making(0.5)));
        assert_eq!(films.place(PrintId(3)), Some(Place::Waiting(2)));
        assert!(films.cancel(PrintId(2)) && !films.cancel(PrintId(9)));
        assert_eq!(films.place(PrintId(2)), None);
        assert!(films.cancel(PrintId(1)));
        assert_eq!(films.told(0.6), Continue::No, "the one under way hears of it");
        assert_eq!(next(), Some(PrintId(3)));
    }

    #[test]
    fn the_queue_is_bounded_and_ends() {
        let films = Films::default();
        for print in 0..MOST_WAITING as i64 {
            films.ask(PrintId(print), FilmWish::Film, None).unwrap();
        }
        assert!(films.ask(PrintId(-1), FilmWish::Film, None).unwrap_err().contains("too many"));
        films.lock().ending = true;
        assert!(matches!(films.next(), Next::End));
        assert!(films.ask(PrintId(-1), FilmWish::Film, None).unwrap_err().contains("ending"));
    }
}
