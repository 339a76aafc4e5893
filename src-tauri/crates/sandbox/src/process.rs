//! A process of its own, from outside: started, asked, and ended when it does not answer.

use crate::Confined;
use crate::wire::as_line;
use bytes::Bytes;
use serde::Serialize;
use std::io::{self, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Builder;
use std::time::Duration;

/// Whoever stood still while the answer came hears of it within this.
const HEARD_WITHIN: Duration = Duration::from_millis(200);

/// Hears that a process will never answer again. Called once, on any thread; must not block.
pub type OnGone = Box<dyn FnOnce() + Send>;

/// How a process failed its owner. What is told reads on from "the process".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Ended {
    /// It does not start.
    #[error("could not be started: {reason}")]
    NotStarted {
        /// The system's words.
        reason: String,
    },
    /// It gave no answer in time, and was ended.
    #[error("did not answer within {secs} seconds")]
    Hung {
        /// Whole seconds.
        secs: u64,
    },
    /// It gave an answer that means nothing or cannot be true, and was ended.
    #[error("gave an answer that makes no sense")]
    Nonsense,
    /// It has ended.
    #[error("has ended ({how})")]
    Gone {
        /// The system's words.
        how: String,
    },
}

impl Ended {
    fn not_started(error: &io::Error) -> Self {
        Self::NotStarted { reason: error.to_string() }
    }
}

type Heard<A> = Result<A, Ended>;

/// A process that answers with `A`. It is ended when this is dropped.
pub struct Process<A> {
    child: Child,
    asks: SyncSender<(Vec<u8>, Bytes)>,
    heard: Receiver<Heard<A>>,
    gone: Arc<Mutex<Gone>>,
}

/// Whether the process still speaks, and who is to hear when it does not any more.
enum Gone {
    No(Option<OnGone>),
    Yes,
}

impl<A: Send + 'static> Process<A> {
    /// Starts `command`, which must answer on its standard output what it is asked on its standard input. `read` reads one
    /// answer, bounds it, and gives `None` at the end. `name` is that of its threads.
    ///
    /// On Linux the process ends with the thread that calls this.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(
        mut command: Command,
        name: &str,
        read: impl FnMut(&mut BufReader<ChildStdout>) -> io::Result<Option<A>> + Send + 'static,
    ) -> Result<Self, Ended> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let not_started = |error: io::Error| Ended::not_started(&error);
        let mut child = command.spawn().map_err(not_started)?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let Some((asks, said)) = pipes else { return Err(end(&mut child)) };
        let gone = Arc::new(Mutex::new(Gone::No(None)));
        // An answer that nobody waits for any more has room, so that the reader sees the end.
        let (tell, heard) = sync_channel(2);
        let (ask, asked) = sync_channel(1);
        let mut process = Self { child, asks: ask, heard, gone: gone.clone() };
        let listening = move || {
            listen(said, &tell, read);
            drop(tell);
            note_end(&gone);
        };
        let threads = Builder::new()
            .name(format!("{name}-answers"))
            .spawn(listening)
            .and_then(|_| Builder::new().name(format!("{name}-asks")).spawn(move || pass_on(&asked, asks)));
        match threads {
            Ok(_) => Ok(process),
            Err(error) => {
                let _ = process.end();
                Err(Ended::not_started(&error))
            }
        }
    }

    /// Asks, and waits for the answer.
    ///
    /// # Errors
    /// When the process has ended, or gives no answer within `within` or one that means nothing: it is ended then.
    pub fn ask(&mut self, line: &impl Serialize, then: Bytes, within: Duration) -> Result<A, Ended> {
        let line = as_line(line).map_err(|_| Ended::Nonsense)?;
        match self.asks.try_send((line, then)) {
            Ok(()) => (),
            Err(TrySendError::Disconnected(_)) => return Err(self.end()),
            // It answered what it has not read.
            Err(TrySendError::Full(_)) => return Err(self.nonsense()),
        }
        let heard = match self.heard.recv_timeout(within) {
            Err(RecvTimeoutError::Timeout) => self.heard.recv_timeout(HEARD_WITHIN),
            heard => heard,
        };
        match heard {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(ended)) => {
                let _ = self.end();
                Err(ended)
            }
            Err(RecvTimeoutError::Timeout) => {
                let _ = self.end();
                Err(Ended::Hung { secs: within.as_secs() })
            }
            Err(RecvTimeoutError::Disconnected) => Err(self.end()),
        }
    }

    /// Ends the process, since what it answered cannot be true.
    pub fn nonsense(&mut self) -> Ended {
        let _ = self.end();
        Ended::Nonsense
    }

    /// Notes in the log how far the process is held.
    pub fn log_confined(&self, what: &str, confined: &Confined) {
        let process = self.child.id();
        match confined {
            Confined::Fully => tracing::debug!(process, "{what}; it reaches nothing else"),
            Confined::Partly => tracing::info!(process, "{what}; the kernel holds it in part"),
            Confined::No(why) => tracing::info!(process, why, "{what}, with the rights of the user"),
        }
    }

    /// Ends the process if it still runs, and says how it ended.
    fn end(&mut self) -> Ended {
        end(&mut self.child)
    }
}

impl<A> Process<A> {
    /// Returns the number of the process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Has somebody told when it ends by itself.
    pub fn when_gone(&mut self, tell: OnGone) {
        match &mut *self.gone.lock().unwrap_or_else(PoisonError::into_inner) {
            Gone::No(whom) => *whom = Some(tell),
            Gone::Yes => tell(),
        }
    }
}

impl<A> Drop for Process<A> {
    fn drop(&mut self) {
        *self.gone.lock().unwrap_or_else(PoisonError::into_inner) = Gone::Yes;
        let _ = end(&mut self.child);
    }
}

/// Writes what is asked, on a thread of its own: a process that stands still lets its pipe fill up.
fn pass_on(asked: &Receiver<(Vec<u8>, Bytes)>, mut asks: ChildStdin) {
    while let Ok((line, then)) = asked.recv() {
        if asks.write_all(&line).and_then(|()| asks.write_all(&then)).is_err() {
            return;
        }
    }
}

/// Hears what the process says until it ends or talks nonsense.
fn listen<A>(
    said: ChildStdout,
    tell: &SyncSender<Heard<A>>,
    mut read: impl FnMut(&mut BufReader<ChildStdout>) -> io::Result<Option<A>>,
) {
    let mut said = BufReader::new(said);
    loop {
        let heard = match read(&mut said) {
            Ok(Some(answer)) => Ok(answer),
            Ok(None) => return,
            // One that ends within an answer is gone; how, the system tells.
            Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(Ended::Nonsense),
            Err(_) => return,
        };
        let last = heard.is_err();
        if tell.send(heard).is_err() || last {
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
fn end(child: &mut Child) -> Ended {
    // It has ended already, or does now: both are fine.
    let _ = child.kill();
    let how = child.wait().map_or_else(|e| e.to_string(), |status| status.to_string());
    Ended::Gone { how }
}
