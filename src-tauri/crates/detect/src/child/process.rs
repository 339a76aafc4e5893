//! The process that looks at pictures, from outside. Whatever a picture, a model or the library does to it, the core goes on.

use super::wire::{Loaded, MAX_JPEG, MAX_LINE, Request, checked};
use crate::eye::OnGone;
use crate::{DetectError, Eye, Findings, ModelFiles, Sight};
use bytes::Bytes;
use domain::View;
use sandbox::wire::{Following, read_line};
use sandbox::{Ended, Process};
use std::process::Command;
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

/// What the process answers.
enum Answer {
    Loaded(Result<Loaded, DetectError>),
    Found(Box<Result<Findings, DetectError>>),
}

/// A model in a process of its own.
pub struct EyeProcess {
    process: Process<Answer>,
    loaded: Loaded,
    limits: Limits,
}

impl EyeProcess {
    /// Starts `command`, which must run [`super::serve`] on its standard input and output, and waits until the model is
    /// loaded.
    ///
    /// # Errors
    /// When it cannot be started, cannot load the model, or ends or hangs meanwhile.
    pub fn start(command: Command, files: &ModelFiles, limits: Limits) -> Result<Self, DetectError> {
        let mut first = true;
        let mut process = Process::start(command, "detect", move |said| {
            if std::mem::replace(&mut first, false) {
                return Ok(read_line(said, MAX_LINE)?.map(Answer::Loaded));
            }
            let found = read_line::<Result<Findings, DetectError>>(said, MAX_LINE)?;
            Ok(found.map(|found| Answer::Found(Box::new(found.and_then(checked)))))
        })
        .map_err(failed)?;
        let loaded = match process.ask(files, Bytes::new(), limits.load).map_err(failed)? {
            Answer::Loaded(loaded) => loaded?,
            Answer::Found(_) => return Err(failed(process.nonsense())),
        };
        process.log_confined("looks at pictures", &loaded.confined);
        Ok(Self { process, loaded, limits })
    }

    /// Returns the number of the process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }
}

impl Eye for EyeProcess {
    fn look(&mut self, jpeg: &Bytes, view: View) -> Result<Findings, DetectError> {
        let length = u32::try_from(jpeg.len()).ok().filter(|&length| length <= MAX_JPEG);
        let length = length.ok_or_else(|| DetectError::picture("it is too large"))?;
        let request = Request { view, jpeg: Following(length) };
        match self.process.ask(&request, jpeg.clone(), self.limits.look).map_err(failed)? {
            Answer::Found(found) => *found,
            Answer::Loaded(_) => Err(failed(self.process.nonsense())),
        }
    }

    fn name(&self) -> String {
        self.loaded.name.clone()
    }

    fn sight(&self) -> Sight {
        self.loaded.sight
    }

    fn when_gone(&mut self, tell: OnGone) {
        self.process.when_gone(tell);
    }
}

fn failed(ended: Ended) -> DetectError {
    match ended {
        Ended::NotStarted { reason } => DetectError::Stopped { reason },
        Ended::Hung { secs } => DetectError::Hung { secs },
        Ended::Nonsense => DetectError::Gone { how: "its answer made no sense".into() },
        Ended::Gone { how } => DetectError::Gone { how },
    }
}
