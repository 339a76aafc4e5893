//! The jobs thread: films, one at a time, at leisure.

use crate::media;
use domain::{Event, PrintId};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use store::Store;
use store::print::FilmUrls;
use timelapse::{Continue, FilmOptions};
use tokio::sync::mpsc::Sender;

/// Jobs waiting at most; one more is refused.
const INBOX: usize = 64;

type Flush = Box<dyn FnOnce() + Send>;

/// Handle of the jobs thread.
pub(crate) struct Jobs {
    inbox: Option<SyncSender<(PrintId, Flush)>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Jobs {
    /// Starts the thread; outcomes come as `Event::Filmed`.
    pub(crate) fn spawn(data_dir: &Path, store: Arc<Store>, events: Sender<Event>) -> std::io::Result<Self> {
        let (inbox, jobs) = sync_channel(INBOX);
        let stop = Arc::new(AtomicBool::new(false));
        let (root, stopped) = (data_dir.to_path_buf(), stop.clone());
        let thread = std::thread::Builder::new()
            .name("jobs".into())
            .spawn(move || run(&root, &jobs, &store, &events, &stopped))?;
        Ok(Self { inbox: Some(inbox), stop, thread: Some(thread) })
    }

    /// Asks for the film of a print; `flush` waits until its last pictures are on disk.
    ///
    /// # Errors
    /// A text for people when too many jobs wait.
    pub(crate) fn film(&self, print: PrintId, flush: Flush) -> Result<(), String> {
        match self.inbox.as_ref().map(|inbox| inbox.try_send((print, flush))) {
            Some(Ok(())) => Ok(()),
            Some(Err(TrySendError::Full(_))) => Err("too many films are waiting; try again later".into()),
            Some(Err(TrySendError::Disconnected(_))) | None => Err("the app is ending".into()),
        }
    }

    /// Breaks off the job under way (its pictures stay) and ends.
    pub(crate) fn close(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.inbox = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(
    root: &Path,
    jobs: &Receiver<(PrintId, Flush)>,
    store: &Store,
    events: &Sender<Event>,
    stop: &AtomicBool,
) {
    while let Ok((print, flush)) = jobs.recv() {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        flush();
        let outcome = film(root, store, print, stop);
        if let Err(why) = &outcome {
            tracing::warn!(%print, why, "no film was made");
        }
        if events.blocking_send(Event::Filmed(print, outcome)).is_err() {
            break;
        }
    }
}

/// Renders the film of a print and returns the relative paths of film and poster.
fn film(
    root: &Path,
    store: &Store,
    print: PrintId,
    stop: &AtomicBool,
) -> Result<(Option<String>, Option<String>), String> {
    // The rows of the last pictures wait in the store's queue: pass behind them.
    store.write_now(|_| Ok(())).map_err(|error| error.to_string())?;
    let rows =
        store.read(|conn| store::frame::of_print(conn, print, &[])).map_err(|error| error.to_string())?;
    let frames: Vec<PathBuf> = rows.iter().map(|row| root.join(&row.path)).collect();
    if frames.is_empty() {
        return Err("no pictures were kept of this print".into());
    }
    let folder = media::print_folder(print);
    let mut go_on = |_: f32| if stop.load(Ordering::Relaxed) { Continue::No } else { Continue::Yes };
    let film = timelapse::render(&frames, &root.join(&folder), &FilmOptions::default(), &mut go_on)
        .map_err(|error| error.to_string())?;
    let relative = |path: &Path| {
        path.strip_prefix(root).ok().map(|below| format!("/{}", below.to_string_lossy().replace('\\', "/")))
    };
    tracing::info!(%print, frames = film.frames, skipped = film.skipped.len(), "film made");
    let (video, poster) = (relative(&film.video), relative(&film.poster));
    // The hub knows the print that just ended; a past one is changed where it lies, so both are done here.
    let urls = FilmUrls { video: video.clone(), tagged: None, poster: poster.clone() };
    store.write_now(move |tx| store::print::set_film(tx, print, &urls)).map_err(|error| error.to_string())?;
    Ok((video, poster))
}
