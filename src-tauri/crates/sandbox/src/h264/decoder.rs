//! A decoder as those see it who read streams and films.

use super::decoding::{Decoded, Decoding, Form, Order};
use super::wire::{Answer, Asked, MAX_FRAME, read_answer};
use crate::wire::Following;
use crate::{Ended, Process};
use bytes::Bytes;
use serde::Serialize;
use std::io;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

/// How long the process may take to start, real time.
const START: Duration = Duration::from_secs(10);

/// How long it may take for one frame, real time: less than a camera may be silent.
const FRAME: Duration = Duration::from_secs(3);

/// How decoders are started. Cheap to clone.
#[derive(Clone)]
pub struct Decoders {
    how: Arc<How>,
    frame: Duration,
}

enum How {
    Here,
    Apart(Box<MakeCommand>),
}

/// Makes the command that starts one.
type MakeCommand = dyn Fn() -> io::Result<Command> + Send + Sync;

impl Decoders {
    /// Each in a process of its own: the command must run [`super::serve::serve`] on its standard input and output.
    pub fn apart(command: impl Fn() -> io::Result<Command> + Send + Sync + 'static) -> Self {
        Self { how: Arc::new(How::Apart(Box::new(command))), frame: FRAME }
    }

    /// Each in this process, which a hostile stream may then end: for tests of what is around a decoder.
    pub fn here() -> Self {
        Self { how: Arc::new(How::Here), frame: FRAME }
    }

    /// Gives a frame another time than three seconds.
    pub fn within(self, frame: Duration) -> Self {
        Self { frame, ..self }
    }

    /// Starts a decoder. On Linux it ends with the thread that calls this.
    ///
    /// # Errors
    /// When it cannot be started, or ends or hangs meanwhile.
    pub fn start(&self, order: Order) -> Result<Decoder, Ended> {
        let not_started = |reason: String| Ended::NotStarted { reason };
        let make = match &*self.how {
            How::Here => {
                let decoding = Decoding::new(order).map_err(|error| not_started(error.to_string()))?;
                return Ok(Decoder(Inner::Here(Box::new(decoding))));
            }
            How::Apart(make) => make,
        };
        let mut command = make().map_err(|error| not_started(error.to_string()))?;
        // What hostile bytes make of it could write anything there.
        command.stderr(Stdio::null());
        let mut process = Process::start(command, "h264", read_answer)?;
        match process.ask(&Asked::Begin(order), Bytes::new(), START)? {
            Answer::Ready(confined) => process.log_confined("decodes H.264", &confined),
            Answer::Decoded(_) => return Err(process.nonsense()),
        }
        Ok(Decoder(Inner::Apart(process, self.frame)))
    }
}

/// Decodes one stream or film.
pub struct Decoder(Inner);

enum Inner {
    Here(Box<Decoding>),
    Apart(Process<Answer>, Duration),
}

impl Decoder {
    /// Takes the next frame, or parameters: units with start codes before them.
    ///
    /// # Errors
    /// When the decoder will never decode again.
    pub fn frame(&mut self, stream: Vec<u8>, form: Form) -> Result<Decoded, Ended> {
        let Some(length) = u32::try_from(stream.len()).ok().filter(|length| *length <= MAX_FRAME) else {
            return Ok(Decoded::Damaged);
        };
        match &mut self.0 {
            Inner::Here(decoding) => Ok(decoding.frame(&stream, form)),
            Inner::Apart(process, within) => {
                let asked = Asked::Frame(form, Following(length));
                ask(process, &asked, stream.into(), form, *within)
            }
        }
    }

    /// Returns the next of the pictures that are still inside after the last frame; [`Decoded::Nothing`] when there are no
    /// more. All have the form of the first that was asked for.
    ///
    /// # Errors
    /// When the decoder will never decode again.
    pub fn rest(&mut self, form: Form) -> Result<Decoded, Ended> {
        match &mut self.0 {
            Inner::Here(decoding) => Ok(decoding.rest(form)),
            Inner::Apart(process, within) => ask(process, &Asked::Rest(form), Bytes::new(), form, *within),
        }
    }

    /// Returns the number of its process, when it has one.
    pub fn process(&self) -> Option<u32> {
        match &self.0 {
            Inner::Here(_) => None,
            Inner::Apart(process, _) => Some(process.id()),
        }
    }
}

/// Asks, and believes only a picture of the form that was asked for.
fn ask(
    process: &mut Process<Answer>,
    asked: &impl Serialize,
    frame: Bytes,
    form: Form,
    within: Duration,
) -> Result<Decoded, Ended> {
    match process.ask(asked, frame, within)? {
        Answer::Decoded(Decoded::Picture(picture))
            if form.num_bytes(picture.width, picture.height) == u32::try_from(picture.bytes.len()).ok() =>
        {
            Ok(Decoded::Picture(picture))
        }
        Answer::Decoded(other @ (Decoded::Nothing | Decoded::Unwanted | Decoded::Damaged)) => Ok(other),
        Answer::Decoded(Decoded::Picture(_)) | Answer::Ready(_) => Err(process.nonsense()),
    }
}
