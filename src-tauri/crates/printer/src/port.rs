//! What the thread needs of a port. Serial, pseudo terminal and in-memory printers all are one.

use crate::bell::Bell;
use std::io::{self, Read, Write};
use std::time::Duration;

/// An open port to one printer.
///
/// Its thread waits with `wait`, then reads. A read returns within 20 ms of real time: `Ok(0)` or an error of kind `TimedOut`, `WouldBlock` or `Interrupted`
/// when nothing came. A write returns as soon too, and then reports how many bytes it took, or one
/// of the same three kinds when it took none. Every other error means that the link is broken.
pub trait Port: Read + Write + Send {
    /// Resets the board by a pulse on DTR, as far as the board obeys it.
    ///
    /// # Errors
    /// When the port is gone.
    fn reset(&mut self) -> io::Result<()>;

    /// Waits until bytes came, the port takes bytes again where `to_write` says so, the bell rings, or the time is up.
    /// Returns whether a read may bring something. A port that cannot be waited for returns at once: then its reads wait,
    /// so that the bell is heard within 20 ms.
    ///
    /// # Errors
    /// When the port is gone.
    fn wait(&mut self, _bell: &Bell, _to_write: bool, _at_most: Duration) -> io::Result<bool> {
        Ok(true)
    }

    /// Returns a second handle of the same open port, for an emergency stop while the first hangs; `None` where there is
    /// none. Its writes keep to the same time.
    fn spare(&self) -> Option<Box<dyn Write + Send>> {
        None
    }

    /// Returns whether the board speaks USB itself, so that DTR does not reset it.
    fn native_usb(&self) -> bool;
}

/// Opens the port of one printer, again and again when the link breaks.
pub trait OpenPort: Send {
    /// Opens the port, for nobody else to use. Called about once a second at most while the printer is searched.
    ///
    /// # Errors
    /// With what to do about it, for people.
    fn open(&mut self) -> Result<Box<dyn Port>, OpenError>;

    /// Returns the port's name, for people.
    fn describe(&self) -> String;

    /// Returns its rate, if it has one.
    fn baud(&self) -> Option<u32>;

    /// At this rate nothing can be read: returns whether the next `open` tries another.
    fn next_rate(&mut self) -> bool {
        false
    }

    /// The printer answered at this rate.
    fn rate_is_right(&mut self) {}

    /// Returns what tells the port from others, once it was open.
    fn identity(&self) -> Option<domain::UsbIdentity> {
        None
    }
}

/// Why a port cannot be opened. The texts say what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Nothing is plugged in there.
    #[error("no printer at {port}: plug in its USB cable and switch it on")]
    Missing {
        /// The port's name.
        port: String,
    },
    /// The account may not use it, or a program that could be named holds it.
    #[error("{what} {cure}")]
    InTheWay {
        /// What is wrong, a sentence.
        what: String,
        /// What to do, a sentence.
        cure: String,
    },
    /// Another program holds it, nobody knows which.
    #[error(
        "{port} is in use: close the other program that talks to the printer (slicer, OctoPrint, Printrun)"
    )]
    InUse {
        /// The port's name.
        port: String,
    },
    /// Anything else.
    #[error("cannot open {port}: {why}")]
    Failed {
        /// The port's name.
        port: String,
        /// The system's words.
        why: String,
    },
}
