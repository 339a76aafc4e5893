//! The pictures that an agent sends, as a camera's source. They come when the agent sends them: every ten seconds while a
//! print is watched, seldom else.

use bytes::Bytes;
use camera::{CameraError, OpenSource, Source, StopFlag};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Whether the camera is still wanted is looked at so often.
const SLICE: Duration = Duration::from_millis(250);
/// No first picture for so long is told; then it is waited for without a word.
const FIRST_WITHIN: Duration = Duration::from_secs(20);

#[derive(Default)]
struct State {
    /// The newest picture that nobody has taken yet.
    newest: Option<Bytes>,
    flow: Flow,
}

/// Whether pictures can come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Flow {
    /// They can.
    Open,
    /// The agent is not connected.
    #[default]
    NoAgent,
    /// The agent did not get one from the camera.
    NoPicture,
    /// None has come, though the agent is there.
    NoneYet,
}

impl Flow {
    fn trouble(self) -> CameraError {
        let (what, cure) = match self {
            Self::Open | Self::NoAgent => (
                "the agent of the printer is not connected, so no pictures come",
                "Check that its computer is on and in your network; it connects again by itself.",
            ),
            Self::NoneYet => (
                "no picture has come from the agent yet: it sends them while it prints, and while somebody looks",
                "If none comes then, check that OctoPrint or Klipper itself shows the camera's snapshot.",
            ),
            Self::NoPicture => (
                "the printer's host got no picture of this camera",
                "Check the camera's address on that computer; it is tried again every two minutes.",
            ),
        };
        CameraError::Other { what: what.into(), cure: cure.into() }
    }
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

    /// Says whether pictures can come.
    pub(super) fn set_flow(&self, flow: Flow) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).flow = flow;
        self.changed.notify_all();
    }
}

/// Opens it.
pub(super) struct Opener {
    pictures: Arc<Pictures>,
    stop: StopFlag,
    /// What was said last of why none come.
    said: Arc<Mutex<Option<Flow>>>,
}

impl Opener {
    pub(super) fn new(pictures: Arc<Pictures>) -> Self {
        Self { pictures, stop: StopFlag::default(), said: Arc::default() }
    }

    /// Waits until there is something else to say than before, or the camera is not wanted any more.
    fn wait(&self, said: Flow) {
        let mut state = self.pictures.state.lock().unwrap_or_else(PoisonError::into_inner);
        let stuck = |state: &State| match said {
            Flow::NoneYet => state.newest.is_none() && state.flow == Flow::Open,
            Flow::NoAgent | Flow::NoPicture => state.flow == said,
            Flow::Open => false,
        };
        while stuck(&state) && !self.stop.is_set() {
            let waited = self.pictures.changed.wait_timeout(state, SLICE);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl OpenSource for Opener {
    fn open(&mut self) -> Result<Box<dyn Source>, CameraError> {
        // What is wrong is said once; then there is nothing to say until it is over.
        let said = *self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(said) = said {
            self.wait(said);
        }
        let (pictures, stop, said) = (self.pictures.clone(), self.stop.clone(), self.said.clone());
        Ok(Box::new(Reader { pictures, stop, said, came: false }))
    }

    fn watch_stop(&mut self, stop: StopFlag) {
        self.stop = stop;
    }
}

struct Reader {
    pictures: Arc<Pictures>,
    stop: StopFlag,
    said: Arc<Mutex<Option<Flow>>>,
    /// A picture has come.
    came: bool,
}

impl Reader {
    fn fail(&self, flow: Flow) -> CameraError {
        *self.said.lock().unwrap_or_else(PoisonError::into_inner) = Some(flow);
        flow.trouble()
    }
}

impl Source for Reader {
    fn next(&mut self) -> Result<Bytes, CameraError> {
        let mut state = self.pictures.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut waited = Duration::ZERO;
        loop {
            if let Some(jpeg) = state.newest.take() {
                self.came = true;
                *self.said.lock().unwrap_or_else(PoisonError::into_inner) = None;
                return Ok(jpeg);
            }
            if self.stop.is_set() {
                return Err(self.fail(Flow::NoAgent));
            }
            if state.flow != Flow::Open {
                return Err(self.fail(state.flow));
            }
            if waited >= FIRST_WITHIN && !self.came {
                return Err(self.fail(Flow::NoneYet));
            }
            let slice = self.pictures.changed.wait_timeout(state, SLICE);
            state = slice.unwrap_or_else(PoisonError::into_inner).0;
            waited += SLICE;
        }
    }
}
