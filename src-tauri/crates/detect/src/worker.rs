//! The thread that holds the model. It may hang in the library; then it is left behind and another one starts.

use crate::eye::{LastModel, LoadDetector, OnGone};
use crate::{DetectError, Eye, Findings, Sight};
use bytes::Bytes;
use domain::View;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Builder;
use std::time::Duration;

/// How the model is loaded, by whichever worker lives.
pub(crate) type SharedLoad = Arc<Mutex<LoadDetector>>;

/// How long a model may take, real time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// To load.
    pub(crate) load: Duration,
    /// For one picture.
    pub(crate) look: Duration,
    /// Without a picture, until it is let go.
    pub(crate) idle: Duration,
}

/// A worker as its owner sees it. Dropping it lets the thread end as soon as it comes back.
pub(crate) struct Worker {
    pictures: SyncSender<(Bytes, View)>,
    answers: Receiver<Result<Findings, DetectError>>,
    patience: Patience,
    /// The model's name.
    pub(crate) name: String,
    /// How sharp its eye is.
    pub(crate) sight: Sight,
}

impl Worker {
    /// Starts a worker and waits until its model is loaded. `gone` is told if its eye ends by itself.
    pub(crate) fn start(
        load: SharedLoad,
        last: LastModel,
        gone: OnGone,
        patience: Patience,
    ) -> Result<Self, DetectError> {
        let (pictures, inbox) = sync_channel(1);
        let (outbox, answers) = sync_channel(1);
        let (loaded, model) = sync_channel(1);
        let work = move || {
            let result = guarded(|| load.lock().unwrap_or_else(PoisonError::into_inner)(last));
            let mut eye = match result {
                Ok(eye) => eye,
                Err(error) => {
                    let _ = loaded.send(Err(error));
                    return;
                }
            };
            eye.when_gone(gone);
            let _ = loaded.send(Ok((eye.name(), eye.sight())));
            look(&mut *eye, &inbox, &outbox);
        };
        let no_thread = |e: std::io::Error| DetectError::Stopped { reason: e.to_string() };
        Builder::new().name("detect-model".into()).spawn(work).map_err(no_thread)?;
        match model.recv_timeout(patience.load) {
            Ok(result) => result.map(|(name, sight)| Self { pictures, answers, patience, name, sight }),
            Err(RecvTimeoutError::Timeout) => Err(DetectError::Hung { secs: patience.load.as_secs() }),
            Err(RecvTimeoutError::Disconnected) => Err(crashed()),
        }
    }

    /// Returns why an eye that ended by itself looks no more.
    pub(crate) fn last_words(&mut self) -> DetectError {
        self.look(Bytes::new(), View::Whole).err().unwrap_or_else(crashed)
    }

    /// Looks at one picture, or at a part of it.
    pub(crate) fn look(&mut self, jpeg: Bytes, view: View) -> Result<Findings, DetectError> {
        self.pictures.send((jpeg, view)).map_err(|_| crashed())?;
        match self.answers.recv_timeout(self.patience.look) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Timeout) => Err(DetectError::Hung { secs: self.patience.look.as_secs() }),
            Err(RecvTimeoutError::Disconnected) => Err(crashed()),
        }
    }
}

fn look(
    eye: &mut dyn Eye,
    inbox: &Receiver<(Bytes, View)>,
    outbox: &SyncSender<Result<Findings, DetectError>>,
) {
    while let Ok((jpeg, view)) = inbox.recv() {
        let answer = guarded(|| eye.look(&jpeg, view));
        if outbox.send(answer).is_err() {
            return;
        }
    }
}

/// Turns a panic below us into an error.
fn guarded<T>(work: impl FnOnce() -> Result<T, DetectError>) -> Result<T, DetectError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(crashed()))
}

fn crashed() -> DetectError {
    DetectError::inference("it crashed")
}
