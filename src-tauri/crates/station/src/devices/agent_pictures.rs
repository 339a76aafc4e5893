//! The pictures that an agent sends, as a camera's source. They come when the agent sends them: every ten seconds while a
//! print is watched, seldom else.

use bytes::Bytes;
use camera::{CameraError, OpenSource, Source, StopFlag};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Whether the camera is still wanted is looked at so often.
const SLICE: Duration = Duration::from_millis(250);

#[derive(Default)]
struct State {
    /// The newest picture that nobody has taken yet.
    newest: Option<Bytes>,
    /// The agent is connected.
    here: bool,
}

/// Where an agent's pictures are handed over: the newest, and no other.
#[derive(Default)]
pub(super) struct Pictures {
    state: Mutex<State>,
    changed: Condvar,
}

impl Pictures {
    /// Hands over a picture. One that was not taken yet is replaced.
    pub(super) fn show(&self, jpeg: Bytes) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).newest = Some(jpeg);
        self.changed.notify_all();
    }

    /// Says whether the agent is connected.
    pub(super) fn set_here(&self, here: bool) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).here = here;
        self.changed.notify_all();
    }
}

/// Opens it.
pub(super) struct Opener {
    pictures: Arc<Pictures>,
    stop: StopFlag,
    /// That the agent is not there was said.
    said: bool,
}

impl Opener {
    pub(super) fn new(pictures: Arc<Pictures>) -> Self {
        Self { pictures, stop: StopFlag::default(), said: false }
    }

    /// Waits until the agent is there, or the camera is not wanted any more.
    fn wait(&self) {
        let mut state = self.pictures.state.lock().unwrap_or_else(PoisonError::into_inner);
        while !state.here && !self.stop.is_set() {
            let waited = self.pictures.changed.wait_timeout(state, SLICE);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl OpenSource for Opener {
    fn open(&mut self) -> Result<Box<dyn Source>, CameraError> {
        // The first time it is said at once that nobody is there; then there is nothing to say until somebody is.
        if std::mem::replace(&mut self.said, true) {
            self.wait();
        }
        let reader = Reader { pictures: self.pictures.clone(), stop: self.stop.clone() };
        Ok(Box::new(reader))
    }

    fn watch_stop(&mut self, stop: StopFlag) {
        self.stop = stop;
    }
}

struct Reader {
    pictures: Arc<Pictures>,
    stop: StopFlag,
}

impl Source for Reader {
    fn next(&mut self) -> Result<Bytes, CameraError> {
        let mut state = self.pictures.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(jpeg) = state.newest.take() {
                return Ok(jpeg);
            }
            if self.stop.is_set() || !state.here {
                return Err(CameraError::Other {
                    what: "the agent of the printer is not connected, so no pictures come".into(),
                    cure: "Check that its computer is on and in your network; it connects again by itself."
                        .into(),
                });
            }
            let waited = self.pictures.changed.wait_timeout(state, SLICE);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}
