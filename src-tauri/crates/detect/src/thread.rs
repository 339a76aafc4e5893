//! The detector's thread: takes turns over the printers, tells what was found, and mends what broke.

use crate::eye::{LastModel, LoadDetector, OnGone};
use crate::mailbox::{Ask, Closed, Gone, Mailbox, Next, Reload, Reply};
use crate::worker::{Patience, SharedLoad, Worker};
use crate::{DetectError, DetectJob, Sight};
use bytes::Bytes;
use domain::{FrameInfo, Look, PrinterId, View};
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

/// What the detector tells.
#[derive(Debug, Clone, PartialEq)]
pub enum Done {
    /// A frame was analysed.
    Looked(Look),
    /// A frame could not be analysed.
    Failed {
        /// Whose print it shows.
        printer: PrinterId,
        /// Which frame.
        frame: FrameInfo,
        /// What happened and what to do, for people.
        why: String,
    },
    /// The model is loaded: its name and version.
    Up(String),
    /// Nothing is analysed; it is tried again by itself. What happened and what to do, for people.
    Down(String),
}

/// Hears what the detector tells, on its thread. Must not block.
pub type OnDone = Box<dyn Fn(Done) + Send>;

/// Seconds of real time before the model is loaded again; the last one repeats.
const BACK_OFF_SECS: [u64; 5] = [1, 2, 5, 15, 60];

/// So many looks in a row may fail before the model is loaded anew.
const MAX_FAILURES: u32 = 3;

/// Loading reads some megabytes and plans the graph; a look takes tens of milliseconds. Of a printer that is watched, a
/// picture comes every few seconds.
const PATIENCE: Patience =
    Patience { load: Duration::from_secs(60), look: Duration::from_secs(20), idle: Duration::from_secs(60) };

#[derive(Default)]
struct Desk {
    mailbox: Mutex<Mailbox>,
    word: Condvar,
    /// Of the model that works.
    sight: Mutex<Option<Sight>>,
}

impl Desk {
    fn mailbox(&self) -> MutexGuard<'_, Mailbox> {
        self.mailbox.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running detector. Dropping it stops it.
pub struct DetectHandle {
    desk: Arc<Desk>,
    thread: Option<JoinHandle<()>>,
}

impl DetectHandle {
    /// Hands over a frame. An older one of the same printer that still waits is forgotten.
    pub fn submit(&self, job: DetectJob) {
        self.desk.mailbox().submit(job);
        self.desk.word.notify_all();
    }

    /// Returns how sharp the eye of the model is that was loaded last; `None` before one was.
    pub fn sight(&self) -> Option<Sight> {
        *self.desk.sight.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has the model loaded anew, since another one was chosen.
    pub fn reload(&self) {
        self.desk.mailbox().reload = Reload::Yes;
        self.desk.word.notify_all();
    }

    /// Has a single picture looked at, or a part of it, between the printers' turns. `reply` is called in any case.
    pub fn ask(&self, jpeg: Bytes, view: View, reply: Reply) {
        let refused = self.desk.mailbox().ask(Ask { jpeg, view, reply });
        self.desk.word.notify_all();
        if let Some(ask) = refused {
            (ask.reply)(Err(DetectError::Busy));
        }
    }
}

impl Drop for DetectHandle {
    fn drop(&mut self) {
        self.desk.mailbox().closed = Closed::Yes;
        self.desk.word.notify_all();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the detector's thread panicked");
        }
    }
}

/// Starts the detector's thread. `on_done` hears of every look and of every change: first `Up` or `Down`.
///
/// # Errors
/// When the system gives no more threads. A model that cannot be loaded is no error here: it is told as
/// [`Done::Down`] and tried again.
pub fn spawn(load: LoadDetector, on_done: OnDone) -> Result<DetectHandle, DetectError> {
    spawn_with(load, on_done, PATIENCE)
}

pub(crate) fn spawn_with(
    load: LoadDetector,
    on_done: OnDone,
    patience: Patience,
) -> Result<DetectHandle, DetectError> {
    let desk = Arc::new(Desk::default());
    let failures = Cell::new(0);
    let keeper = Keeper { desk: desk.clone(), load: Arc::new(Mutex::new(load)), on_done, patience, failures };
    let thread = Builder::new()
        .name("detect".into())
        .spawn(move || keeper.guard())
        .map_err(|e| DetectError::Stopped { reason: e.to_string() })?;
    Ok(DetectHandle { desk, thread: Some(thread) })
}

/// Why work with a model ended.
enum End {
    /// The owner has enough.
    Closed,
    /// Nothing is to be looked at for the time being: its memory is better used by others.
    Idle,
    /// Another model was chosen.
    Reload,
    Broke(DetectError),
}

struct Keeper {
    desk: Arc<Desk>,
    load: SharedLoad,
    on_done: OnDone,
    patience: Patience,
    /// Failures in a row.
    failures: Cell<usize>,
}

impl Keeper {
    /// Runs until the owner has enough. A panic in what this thread does itself is told as any other failure: nothing is
    /// watched, and it is tried again.
    fn guard(self) {
        while catch_unwind(AssertUnwindSafe(|| self.run())).is_err() {
            let error = DetectError::inference("a part of the app failed");
            tracing::error!("the detector's thread failed and is set up anew");
            // The panic may have come from whoever is told.
            if catch_unwind(AssertUnwindSafe(|| (self.on_done)(Done::Down(error.for_people())))).is_err() {
                tracing::error!("nobody could be told that detection is down");
            }
            let waited = catch_unwind(AssertUnwindSafe(|| self.back_off(&error)));
            if waited.is_err() {
                // The wait itself failed, which must not become a loop without rest.
                std::thread::sleep(Duration::from_secs(1));
            }
        }
    }

    fn run(&self) {
        let mut last = LastModel::InOrder;
        while self.desk.mailbox().closed == Closed::No {
            let gone = self.before_loading();
            let error = match Worker::start(self.load.clone(), last, gone, self.patience) {
                Ok(worker) => {
                    tracing::info!(model = worker.name, "detection model loaded");
                    *self.desk.sight.lock().unwrap_or_else(PoisonError::into_inner) = Some(worker.sight);
                    (self.on_done)(Done::Up(worker.name.clone()));
                    last = LastModel::InOrder;
                    match self.work(worker) {
                        End::Broke(error) => error,
                        End::Reload => continue,
                        End::Idle => {
                            tracing::debug!("nothing to look at: the model is put away");
                            self.wait_for_work();
                            continue;
                        }
                        End::Closed => break,
                    }
                }
                Err(error) => error,
            };
            last = LastModel::Failed;
            tracing::warn!(%error, "detection is down");
            (self.on_done)(Done::Down(error.for_people()));
            self.back_off(&error);
        }
        let stopped = DetectError::Stopped { reason: "it is being closed".into() };
        self.refuse_asks(&stopped);
    }

    /// Clears what was said about the model before. Returns whom the next one tells if it ends by itself.
    fn before_loading(&self) -> OnGone {
        let mut mailbox = self.desk.mailbox();
        mailbox.reload = Reload::No;
        mailbox.gone = Gone::No;
        let desk = self.desk.clone();
        Box::new(move || {
            desk.mailbox().gone = Gone::Yes;
            desk.word.notify_all();
        })
    }

    /// Waits, the longer the more often it failed.
    fn back_off(&self, error: &DetectError) {
        let failures = self.failures.get();
        self.failures.set(failures + 1);
        let delay = BACK_OFF_SECS[failures.min(BACK_OFF_SECS.len() - 1)];
        self.wait_out(Duration::from_secs(delay), error);
    }

    /// Works until the model breaks, another one is chosen, or the owner has enough.
    fn work(&self, mut worker: Worker) -> End {
        let mut broken = 0;
        loop {
            let trouble = match self.next(&mut worker) {
                Err(end) => return end,
                Ok(Next::Job(job)) => self.look(&mut worker, job),
                Ok(Next::Ask(ask)) => {
                    let answer = worker.look(ask.jpeg, ask.view);
                    let trouble = answer.as_ref().err().cloned();
                    (ask.reply)(answer);
                    trouble
                }
            };
            match trouble {
                // The model worked, or was not even asked.
                None => {
                    broken = 0;
                    self.failures.set(0);
                }
                Some(error) if error.is_of_the_picture() => (),
                Some(error) => {
                    broken += 1;
                    let lost = matches!(error, DetectError::Hung { .. } | DetectError::Gone { .. });
                    if lost || broken >= MAX_FAILURES {
                        return End::Broke(error);
                    }
                }
            }
        }
    }

    /// Looks at one frame and tells; returns the error too.
    fn look(&self, worker: &mut Worker, job: DetectJob) -> Option<DetectError> {
        let DetectJob { printer, frame, jpeg, view } = job;
        match worker.look(jpeg, view) {
            Ok(found) => {
                (self.on_done)(Done::Looked(Look {
                    printer,
                    frame,
                    probability: found.probability,
                    p: found.p,
                    boxes: found.boxes,
                    view: found.view,
                    cells: found.cells,
                    cell_columns: found.cell_columns,
                    calibration: found.calibration,
                    scene: found.scene,
                    drill: false,
                    total_ms: found.total_ms,
                    inference_ms: found.inference_ms,
                }));
                None
            }
            Err(error) => {
                tracing::debug!(%printer, frame = %frame.id, %error, "look failed");
                (self.on_done)(Done::Failed { printer, frame, why: error.for_people() });
                Some(error)
            }
        }
    }

    /// Waits for something to do, or for a reason to let the model go.
    fn next(&self, worker: &mut Worker) -> Result<Next, End> {
        let mailbox = self.desk.mailbox();
        let waited = self.desk.word.wait_timeout_while(mailbox, self.patience.idle, |m| m.is_quiet());
        let mut mailbox = waited.unwrap_or_else(PoisonError::into_inner).0;
        if mailbox.closed == Closed::Yes {
            return Err(End::Closed);
        }
        if mailbox.reload == Reload::Yes {
            return Err(End::Reload);
        }
        if mailbox.gone == Gone::Yes {
            drop(mailbox);
            return Err(End::Broke(worker.last_words()));
        }
        mailbox.take().ok_or(End::Idle)
    }

    /// Waits, without a model, until there is something to do.
    fn wait_for_work(&self) {
        drop(self.desk.word.wait_while(self.desk.mailbox(), |m| m.is_quiet()));
    }

    /// Waits before the next try; single pictures are refused meanwhile, at once.
    fn wait_out(&self, delay: Duration, error: &DetectError) {
        // In slices: a single picture wakes us early, and the rest of its slice is forgiven.
        const SLICES: u32 = 8;
        for _ in 0..SLICES {
            let mailbox = self.desk.mailbox();
            let over = |m: &Mailbox| m.closed == Closed::Yes || m.reload == Reload::Yes;
            let idle = |m: &mut Mailbox| !over(m) && !m.has_asks();
            let waited = self.desk.word.wait_timeout_while(mailbox, delay / SLICES, idle);
            let over = over(&waited.unwrap_or_else(PoisonError::into_inner).0);
            self.refuse_asks(error);
            if over {
                return;
            }
        }
    }

    fn refuse_asks(&self, error: &DetectError) {
        let asks = self.desk.mailbox().take_asks();
        for ask in asks {
            (ask.reply)(Err(error.clone()));
        }
    }
}

#[cfg(test)]
#[path = "thread_tests.rs"]
mod tests;
