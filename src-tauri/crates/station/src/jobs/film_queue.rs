//! The queue of films: what waits, what is being made, how far it is, and whether it is still wanted.

use domain::{FilmWish, PrintId};
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use timelapse::Continue;

/// FilmQueue waiting at most; one more is refused.
const MOST_WAITING: usize = 1000;

/// Without films, the thread tidies up so often.
const HOUR: Duration = Duration::from_secs(3600);

/// Waits until the last pictures of a print are on disk.
pub(crate) type Flush = Box<dyn FnOnce() + Send>;

/// A film that is wanted.
pub(crate) struct Wanted {
    pub(crate) print: PrintId,
    pub(crate) wish: FilmWish,
    pub(crate) flush: Option<Flush>,
}

#[derive(Debug, Clone, Copy)]
struct Making {
    print: PrintId,
    /// 0 to 1.
    progress: f32,
    go_on: Continue,
}

/// Whose films.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    /// Of prints, and all of which nobody has looked up yet whose they are.
    Prints,
    /// Brought from elsewhere.
    Uploads,
}

/// What one thread has to do.
#[derive(Default)]
struct Line {
    waiting: VecDeque<Wanted>,
    making: Option<Making>,
}

#[derive(Default)]
struct Queue {
    prints: Line,
    uploads: Line,
    ending: bool,
}

impl Queue {
    fn line(&mut self, of: Of) -> &mut Line {
        match of {
            Of::Prints => &mut self.prints,
            Of::Uploads => &mut self.uploads,
        }
    }

    fn lines(&self) -> [&Line; 2] {
        [&self.prints, &self.uploads]
    }
}

/// What the thread does next.
pub(crate) enum Next {
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

/// The queue, seen by both threads and by all who ask.
#[derive(Default)]
pub(crate) struct FilmQueue {
    queue: Mutex<Queue>,
    wake: Condvar,
}

impl FilmQueue {
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
        let same = |wanted: &Wanted| wanted.print == print && wanted.wish == wish;
        if queue.lines().iter().any(|line| line.waiting.iter().any(same)) {
            return Ok(());
        }
        if queue.lines().iter().map(|line| line.waiting.len()).sum::<usize>() >= MOST_WAITING {
            return Err("too many films are waiting; try again later".into());
        }
        queue.prints.waiting.push_back(Wanted { print, wish, flush });
        drop(queue);
        self.wake.notify_all();
        Ok(())
    }

    /// Leaves a film to the thread for uploads.
    pub(crate) fn pass_on(&self, wanted: Wanted) {
        let mut queue = self.lock();
        queue.prints.making = None;
        queue.uploads.waiting.push_back(wanted);
        drop(queue);
        self.wake.notify_all();
    }

    /// Takes a film out of the queue, or breaks it off; returns whether it was there.
    pub(crate) fn cancel(&self, print: PrintId) -> bool {
        let mut queue = self.lock();
        let mut found = false;
        for of in [Of::Prints, Of::Uploads] {
            let line = queue.line(of);
            let before = line.waiting.len();
            line.waiting.retain(|wanted| wanted.print != print);
            found |= line.waiting.len() < before;
            if let Some(making) = line.making.as_mut().filter(|making| making.print == print) {
                making.go_on = Continue::No;
                found = true;
            }
        }
        found
    }

    /// Returns where the film of a print stands, if it waits or is being made.
    pub(crate) fn place(&self, print: PrintId) -> Option<Place> {
        let queue = self.lock();
        queue.lines().into_iter().find_map(|line| {
            if let Some(making) = line.making.filter(|making| making.print == print) {
                return Some(Place::Making(making.progress));
            }
            let before = line.waiting.iter().position(|wanted| wanted.print == print)?;
            Some(Place::Waiting(before + usize::from(line.making.is_some())))
        })
    }

    /// Returns whether nothing that was brought waits or is looked through.
    pub(crate) fn no_uploads(&self) -> bool {
        let queue = self.lock();
        queue.uploads.waiting.is_empty() && queue.uploads.making.is_none()
    }

    /// Ends what is under way and takes nothing more.
    pub(crate) fn end(&self) {
        self.lock().ending = true;
        self.wake.notify_all();
    }

    /// Waits for the next wish, an hour at most.
    pub(crate) fn next(&self, of: Of) -> Next {
        let idle = |queue: &mut Queue| queue.line(of).waiting.is_empty() && !queue.ending;
        let waited = self.wake.wait_timeout_while(self.lock(), HOUR, idle);
        let mut queue = waited.unwrap_or_else(PoisonError::into_inner).0;
        if queue.ending {
            return Next::End;
        }
        let line = queue.line(of);
        let Some(wanted) = line.waiting.pop_front() else { return Next::Hour };
        line.making = Some(Making { print: wanted.print, progress: 0.0, go_on: Continue::Yes });
        Next::Film(wanted)
    }

    /// Tells how far it is, and hears whether to go on.
    pub(crate) fn told(&self, of: Of, progress: f32) -> Continue {
        let mut queue = self.lock();
        if queue.ending {
            return Continue::No;
        }
        queue.line(of).making.as_mut().map_or(Continue::No, |making| {
            making.progress = progress;
            making.go_on
        })
    }

    /// Notes that a thread is done with its film; returns whether the app is ending.
    pub(crate) fn done(&self, of: Of) -> bool {
        let mut queue = self.lock();
        queue.line(of).making = None;
        queue.ending
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn films_wait_in_order_are_asked_for_once_and_can_be_taken_out() {
        let films = FilmQueue::default();
        for print in [1, 2, 2, 3] {
            films.ask(PrintId(print), FilmWish::Film, None).unwrap();
        }
        assert_eq!(films.place(PrintId(2)), Some(Place::Waiting(1)));
        let next = || if let Next::Film(wanted) = films.next(Of::Prints) { Some(wanted.print) } else { None };
        assert_eq!(next(), Some(PrintId(1)));
        assert_eq!(films.told(Of::Prints, 0.5), Continue::Yes);
        assert_eq!(films.place(PrintId(1)), Some(Place::Making(0.5)));
        assert_eq!(films.place(PrintId(3)), Some(Place::Waiting(2)));
        assert!(films.cancel(PrintId(2)) && !films.cancel(PrintId(9)));
        assert_eq!(films.place(PrintId(2)), None);
        assert!(films.cancel(PrintId(1)));
        assert_eq!(films.told(Of::Prints, 0.6), Continue::No, "the one under way hears of it");
        assert_eq!(next(), Some(PrintId(3)));
    }

    #[test]
    fn a_film_that_was_brought_keeps_no_film_of_a_print_waiting() {
        let films = FilmQueue::default();
        let take = |of| if let Next::Film(wanted) = films.next(of) { wanted } else { panic!("none waits") };
        films.ask(PrintId(1), FilmWish::Film, None).unwrap();
        films.pass_on(take(Of::Prints));
        assert!(!films.no_uploads());
        assert_eq!(take(Of::Uploads).print, PrintId(1));
        films.told(Of::Uploads, 0.25);
        films.ask(PrintId(2), FilmWish::Film, None).unwrap();
        assert_eq!(films.place(PrintId(2)), Some(Place::Waiting(0)), "nothing comes before it");
        assert_eq!(take(Of::Prints).print, PrintId(2));
        assert_eq!(films.place(PrintId(1)), Some(Place::Making(0.25)), "both are under way");
        assert!(films.cancel(PrintId(1)));
        assert_eq!(films.told(Of::Uploads, 0.3), Continue::No);
        assert_eq!(films.told(Of::Prints, 0.3), Continue::Yes, "the other one goes on");
        assert!(!films.done(Of::Uploads) && films.no_uploads());
    }

    #[test]
    fn the_queue_is_bounded_and_ends() {
        let films = FilmQueue::default();
        for print in 0..MOST_WAITING as i64 {
            films.ask(PrintId(print), FilmWish::Film, None).unwrap();
        }
        assert!(films.ask(PrintId(-1), FilmWish::Film, None).unwrap_err().contains("too many"));
        films.end();
        assert!(matches!(films.next(Of::Prints), Next::End));
        assert!(films.ask(PrintId(-1), FilmWish::Film, None).unwrap_err().contains("ending"));
    }
}
