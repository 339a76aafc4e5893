//! The detector's thread: takes turns over the printers, tells what was found, and mends what broke.

use crate::mailbox::{Ask, Closed, Mailbox, Next, Reload};
use crate::worker::{Patience, SharedLoad, Worker};
use crate::{DetectError, DetectJob, Detector, Findings};
use bytes::Bytes;
use domain::{FrameInfo, Look, PrinterId};
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

/// Loads the model; called again after it failed, on the thread that will use it.
pub type LoadDetector = Box<dyn FnMut() -> Result<Box<dyn Detector>, DetectError> + Send>;

/// Hears what the detector tells, on its thread. Must not block.
pub type OnDone = Box<dyn Fn(Done) + Send>;

/// Takes the answer for a single picture. Called once, on the detector's thread; must not block.
pub type Reply = Box<dyn FnOnce(Result<Findings, DetectError>) + Send>;

/// Seconds of real time before the model is loaded again; the last one repeats.
const BACK_OFF_SECS: [u64; 5] = [1, 2, 5, 15, 60];

/// So many looks in a row may fail before the model is loaded anew.
const MAX_FAILURES: u32 = 3;

/// Loading reads some megabytes and plans the graph; a look takes tens of milliseconds.
const PATIENCE: Patience = Patience { load: Duration::from_secs(60), look: Duration::from_secs(20) };

#[derive(Default)]
struct Desk {
    mailbox: Mutex<Mailbox>,
    word: Condvar,
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

    /// Has the model loaded anew, since another one was chosen.
    pub fn reload(&self) {
        self.desk.mailbox().reload = Reload::Yes;
        self.desk.word.notify_all();
    }

    /// Has a single picture looked at, between the printers' turns. `reply` is called in any case.
    pub fn ask(&self, jpeg: Bytes, reply: Reply) {
        let refused = self.desk.mailbox().ask(Ask { jpeg, reply });
        self.desk.word.notify_all();
        if let Err((ask, error)) = refused {
            (ask.reply)(Err(error));
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
    let keeper = Keeper { desk: desk.clone(), load: Arc::new(Mutex::new(load)), on_done, patience };
    let thread = Builder::new()
        .name("detect".into())
        .spawn(move || keeper.run())
        .map_err(|e| DetectError::Stopped { reason: e.to_string() })?;
    Ok(DetectHandle { desk, thread: Some(thread) })
}

/// Why work with a model ended.
enum End {
    /// The owner has enough.
    Closed,
    /// Another model was chosen.
    Reload,
    Broke(DetectError),
}

struct Keeper {
    desk: Arc<Desk>,
    load: SharedLoad,
    on_done: OnDone,
    patience: Patience,
}

impl Keeper {
    fn run(self) {
        let mut failures = 0;
        while self.desk.mailbox().closed == Closed::No {
            self.desk.mailbox().reload = Reload::No;
            let error = match Worker::start(self.load.clone(), self.patience) {
                Ok(worker) => {
                    tracing::info!(model = worker.name, "detection model loaded");
                    (self.on_done)(Done::Up(worker.name.clone()));
                    match self.work(worker, &mut failures) {
                        End::Broke(error) => error,
                        End::Reload => continue,
                        End::Closed => break,
                    }
                }
                Err(error) => error,
            };
            tracing::warn!(%error, "detection is down");
            (self.on_done)(Done::Down(error.for_people()));
            let delay = BACK_OFF_SECS[failures.min(BACK_OFF_SECS.len() - 1)];
            failures += 1;
            self.wait_out(Duration::from_secs(delay), &error);
        }
        let stopped = DetectError::Stopped { reason: "it is being closed".into() };
        self.refuse_asks(&stopped);
    }

    /// Works until the model breaks, another one is chosen, or the owner has enough.
    fn work(&self, mut worker: Worker, failures: &mut usize) -> End {
        let mut broken = 0;
        while let Some(next) = self.next() {
            let trouble = match next {
                Next::Job(job) => self.look(&mut worker, job),
                Next::Ask(ask) => {
                    let answer = worker.look(ask.jpeg);
                    let trouble = answer.as_ref().err().cloned();
                    (ask.reply)(answer);
                    trouble
                }
            };
            match trouble {
                // The model worked, or was not even asked.
                None => {
                    broken = 0;
                    *failures = 0;
                }
                Some(error) if error.is_of_the_picture() => (),
                Some(error) => {
                    broken += 1;
                    let hung = matches!(error, DetectError::Hung { .. });
                    if hung || broken >= MAX_FAILURES {
                        return End::Broke(error);
                    }
                }
            }
        }
        if self.desk.mailbox().closed == Closed::Yes { End::Closed } else { End::Reload }
    }

    /// Looks at one frame and tells; returns the error too.
    fn look(&self, worker: &mut Worker, job: DetectJob) -> Option<DetectError> {
        let DetectJob { printer, frame, jpeg } = job;
        match worker.look(jpeg) {
            Ok(found) => {
                (self.on_done)(Done::Looked(Look {
                    printer,
                    frame,
                    probability: found.probability,
                    p: found.p,
                    boxes: found.boxes,
                    cells: found.cells,
                    cell_columns: found.cell_columns,
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

    /// Waits for something to do; `None` when the owner has enough, or wants another model.
    fn next(&self) -> Option<Next> {
        let mut mailbox = self.desk.mailbox();
        loop {
            if mailbox.closed == Closed::Yes || mailbox.reload == Reload::Yes {
                return None;
            }
            if let Some(next) = mailbox.take() {
                return Some(next);
            }
            mailbox = self.desk.word.wait(mailbox).unwrap_or_else(PoisonError::into_inner);
        }
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
mod tests {
    use super::*;
    use crate::Picture;
    use std::sync::mpsc::{Receiver, channel, sync_channel};

    /// Hangs in the first picture until its channel closes.
    struct Stuck(Option<Receiver<()>>);

    impl Detector for Stuck {
        fn detect(&mut self, _: &Picture) -> Result<Findings, DetectError> {
            if let Some(gate) = self.0.take() {
                let _ = gate.recv();
            }
            Err(DetectError::Busy)
        }

        fn name(&self) -> String {
            if self.0.is_some() { "stuck".into() } else { "fresh".into() }
        }
    }

    #[test]
    fn a_model_that_hangs_is_noticed_and_replaced() {
        let (keep_shut, gate) = channel();
        let mut gate = Some(gate);
        let load =
            Box::new(move || -> Result<Box<dyn Detector>, DetectError> { Ok(Box::new(Stuck(gate.take()))) });
        let (tell, told) = sync_channel(8);
        let patience = Patience { load: Duration::from_secs(20), look: Duration::from_millis(300) };
        let handle = spawn_with(load, Box::new(move |d| tell.send(d).unwrap()), patience).unwrap();
        let hear = || told.recv_timeout(Duration::from_secs(20)).unwrap();
        assert_eq!(hear(), Done::Up("stuck".into()));

        let mut jpeg = Vec::new();
        jpeg_encoder::Encoder::new(&mut jpeg, 80)
            .encode(&[0; 192], 8, 8, jpeg_encoder::ColorType::Rgb)
            .unwrap();
        let (answered, answer) = sync_channel(1);
        handle.ask(jpeg.into(), Box::new(move |a| answered.send(a).unwrap()));
        let error = answer.recv_timeout(Duration::from_secs(20)).unwrap().unwrap_err();
        assert!(matches!(error, DetectError::Hung { .. }), "{error}");
        assert!(matches!(hear(), Done::Down(why) if why.contains("did not answer")));
        assert_eq!(hear(), Done::Up("fresh".into()), "another thread took over");
        drop(handle);
        drop(keep_shut);
    }
}
