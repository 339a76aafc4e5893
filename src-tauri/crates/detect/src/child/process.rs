//! The process that looks at pictures, from outside: started, asked, and ended when it does not answer. Whatever a
//! picture, a model or the library does to it, the core goes on.

use super::wire::{Confined, Loaded, MAX_JPEG, Request, checked, read_line, write_line};
use crate::eye::OnGone;
use crate::{DetectError, Eye, Findings, ModelFiles, Sight};
use bytes::Bytes;
use domain::View;
use std::io::{self, BufReader};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Builder;
use std::time::Duration;

/// How long the process may take, real time.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// To load its model.
    pub load: Duration,
    /// For one picture.
    pub look: Duration,
}

impl Default for Limits {
    /// Less than the detector's thread waits, so that the process is ended and not left behind.
    fn default() -> Self {
        Self { load: Duration::from_secs(50), look: Duration::from_secs(3) }
    }
}

type Heard = Result<Findings, DetectError>;

/// A model in a process of its own.
pub struct EyeProcess {
    child: Child,
    asks: SyncSender<(Request, Bytes)>,
    heard: Receiver<Heard>,
    gone: Arc<Mutex<Gone>>,
    loaded: Loaded,
    limits: Limits,
}

/// Whether the process still speaks, and who is to hear when it does not any more.
enum Gone {
    No(Option<OnGone>),
    Yes,
}

impl EyeProcess {
    /// Starts `command`, which must run [`super::serve`] on its standard input and output, and waits until the model is
    /// loaded.
    ///
    /// # Errors
    /// When it cannot be started, cannot load the model, or ends or hangs meanwhile.
    pub fn start(mut command: Command, files: &ModelFiles, limits: Limits) -> Result<Self, DetectError> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let not_started = |e: io::Error| DetectError::Stopped { reason: e.to_string() };
        let mut child = command.spawn().map_err(not_started)?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let Some((mut asks, said)) = pipes else { return Err(ended(&mut child)) };
        let gone = Arc::new(Mutex::new(Gone::No(None)));
        let (ready, loaded) = sync_channel(1);
        // A look that nobody waits for any more has room, so that the reader sees the end.
        let (tell, heard) = sync_channel(2);
        let hear = {
            let gone = gone.clone();
            move || {
                listen(said, &ready, &tell);
                drop((ready, tell));
                note_end(&gone);
            }
        };
        Builder::new().name("detect-child".into()).spawn(hear).map_err(not_started)?;
        let (ask, asked) = sync_channel(1);
        let answer = match write_line(&mut asks, files, &[]) {
            Ok(()) => loaded.recv_timeout(limits.load),
            Err(_) => Err(RecvTimeoutError::Disconnected),
        };
        let loaded = match answer {
            Ok(Ok(loaded)) => loaded,
            Ok(Err(error)) => {
                let _ = ended(&mut child);
                return Err(error);
            }
            Err(RecvTimeoutError::Timeout) => {
                let _ = ended(&mut child);
                return Err(DetectError::Hung { secs: limits.load.as_secs() });
            }
            Err(RecvTimeoutError::Disconnected) => return Err(ended(&mut child)),
        };
        match &loaded.confined {
            Confined::Fully => {
                tracing::debug!(process = child.id(), "looks at pictures; it reaches nothing else")
            }
            Confined::Partly => {
                tracing::info!(process = child.id(), "looks at pictures; the kernel holds it in part")
            }
            Confined::No(why) => {
                tracing::info!(process = child.id(), why, "looks at pictures, with the rights of the user");
            }
        }
        Builder::new().name("detect-ask".into()).spawn(move || pass_on(&asked, asks)).map_err(not_started)?;
        Ok(Self { child, asks: ask, heard, gone, loaded, limits })
    }

    /// Returns the number of the process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Eye for EyeProcess {
    fn look(&mut self, jpeg: &Bytes, view: View) -> Result<Findings, DetectError> {
        let length = u32::try_from(jpeg.len()).ok().filter(|&length| length <= MAX_JPEG);
        let bytes = length.ok_or_else(|| DetectError::picture("it is too large"))?;
        if self.asks.send((Request { view, bytes }, jpeg.clone())).is_err() {
            return Err(ended(&mut self.child));
        }
        match self.heard.recv_timeout(self.limits.look) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Timeout) => {
                let _ = ended(&mut self.child);
                Err(DetectError::Hung { secs: self.limits.look.as_secs() })
            }
            Err(RecvTimeoutError::Disconnected) => Err(ended(&mut self.child)),
        }
    }

    fn name(&self) -> String {
        self.loaded.name.clone()
    }

    fn sight(&self) -> Sight {
        self.loaded.sight
    }

    fn when_gone(&mut self, tell: OnGone) {
        match &mut *self.gone.lock().unwrap_or_else(PoisonError::into_inner) {
            Gone::No(whom) => *whom = Some(tell),
            Gone::Yes => tell(),
        }
    }
}

impl Drop for EyeProcess {
    fn drop(&mut self) {
        *self.gone.lock().unwrap_or_else(PoisonError::into_inner) = Gone::Yes;
        let _ = ended(&mut self.child);
    }
}

/// Writes what is asked, on a thread of its own: a process that stands still lets its pipe fill up.
fn pass_on(asked: &Receiver<(Request, Bytes)>, mut asks: ChildStdin) {
    while let Ok((request, jpeg)) = asked.recv() {
        if write_line(&mut asks, &request, &jpeg).is_err() {
            return;
        }
    }
}

/// Hears what the process says until it ends or talks nonsense.
fn listen(said: ChildStdout, ready: &SyncSender<Result<Loaded, DetectError>>, tell: &SyncSender<Heard>) {
    let mut said = BufReader::new(said);
    match read_line(&mut said) {
        Ok(Some(answer)) => drop(ready.send(answer)),
        Ok(None) | Err(_) => return,
    }
    while let Ok(Some(found)) = read_line::<Heard>(&mut said) {
        if tell.send(found.and_then(checked)).is_err() {
            return;
        }
    }
}

fn note_end(gone: &Mutex<Gone>) {
    let before = std::mem::replace(&mut *gone.lock().unwrap_or_else(PoisonError::into_inner), Gone::Yes);
    if let Gone::No(Some(tell)) = before {
        tell();
    }
}

/// Ends the process if it still runs, and says how it ended.
fn ended(child: &mut Child) -> DetectError {
    // It has ended already, or does now: both are fine.
    let _ = child.kill();
    let how = child.wait().map_or_else(|e| e.to_string(), |status| status.to_string());
    DetectError::Gone { how }
}
