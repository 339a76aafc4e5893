//! The emergency latch, and the second way to the port for when the thread that owns it hangs or has died.
//!
//! The owner reads the latch before anything else. What it may hang in all the same is not ours: a driver's open, a
//! write that a dead board never takes, a file on a disk that is gone. So whoever presses STOP looks after a moment
//! whether the owner took it, and else writes `M112` through a second handle of the same open port.

use crate::bell::Bell;
use crate::heard::Heard;
use domain::{HaltCause, LinkChange, PrinterId};
use std::fmt;
use std::io::{ErrorKind, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc::{Sender, WeakSender};

/// The owner takes the latch within this, else it hangs.
const TAKEN_WITHIN: Duration = Duration::from_millis(50);
/// An owner that has not taken the latch by then hangs for good: people are told.
const HANGS: Duration = Duration::from_secs(1);
/// A second handle that takes no bytes is given up after so many tries of up to 20 ms.
const TRIES: u32 = 10;
/// Heaters and fan off, then the kill, for a port whose owner died. The empty line ends what was written in part.
const HEATERS_OFF_AND_KILL: &str = "\nM108\nM104 S0\nM140 S0\nM107\nM112\n";

/// A second handle of an open port.
pub(crate) type Spare = Box<dyn Write + Send>;

/// Why an emergency stop does not reach the printer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StopError {
    /// No port is open, so there is nothing to send it to.
    #[error("this printer is not connected")]
    NotOpen,
    /// The thread that owns the port has died, and the port cannot be reached past it.
    #[error("the part of the app that drives this printer has ended")]
    Ended,
}

/// What the owner of a port shares with those who may stop the printer.
pub(crate) struct StopLine {
    id: PrinterId,
    pressed: AtomicBool,
    /// Wakes the owner.
    bell: Bell,
    ended: AtomicBool,
    open: AtomicBool,
    /// Somebody looks after a press already.
    looking: AtomicBool,
    spare: Mutex<Option<Spare>>,
    /// Weak, so that it keeps no listener waiting for an owner that has ended.
    heard: WeakSender<(PrinterId, Heard)>,
}

impl StopLine {
    pub(crate) fn new(id: PrinterId, heard: &Sender<(PrinterId, Heard)>) -> Arc<Self> {
        Arc::new(Self {
            id,
            pressed: AtomicBool::new(false),
            bell: Bell::default(),
            ended: AtomicBool::new(false),
            open: AtomicBool::new(false),
            looking: AtomicBool::new(false),
            spare: Mutex::new(None),
            heard: heard.downgrade(),
        })
    }

    /// Returns what wakes the owner.
    pub(crate) fn bell(&self) -> &Bell {
        &self.bell
    }

    /// The owner takes the press, once.
    pub(crate) fn take(&self) -> bool {
        self.pressed.swap(false, Ordering::SeqCst)
    }

    pub(crate) fn is_pressed(&self) -> bool {
        self.pressed.load(Ordering::SeqCst)
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::SeqCst)
    }

    pub(crate) fn is_open(&self) -> bool {
        self.open.load(Ordering::SeqCst)
    }

    /// The owner has an open port now.
    pub(crate) fn opened(&self, spare: Option<Spare>) {
        *self.spare.lock().unwrap_or_else(PoisonError::into_inner) = spare;
        self.open.store(true, Ordering::SeqCst);
    }

    /// The owner has closed its port; the second handle would keep it open.
    pub(crate) fn closed(&self) {
        self.open.store(false, Ordering::SeqCst);
        drop(self.spare.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    fn press(self: &Arc<Self>) -> Result<(), StopError> {
        self.pressed.store(true, Ordering::SeqCst);
        self.bell.ring();
        if self.has_ended() {
            return if self.write_past("\nM112\n") { Ok(()) } else { Err(StopError::Ended) };
        }
        // An owner that is just opening the port takes the press as soon as that is done.
        if !self.is_open() {
            return Err(StopError::NotOpen);
        }
        if !self.looking.swap(true, Ordering::SeqCst) {
            let line = Arc::clone(self);
            let look = move || {
                line.look_after();
                line.looking.store(false, Ordering::SeqCst);
            };
            // Without a thread the owner is relied on, as before.
            if std::thread::Builder::new().name(format!("printer-{}-stop", self.id)).spawn(look).is_err() {
                self.looking.store(false, Ordering::SeqCst);
            }
        }
        Ok(())
    }

    fn look_after(&self) {
        std::thread::sleep(TAKEN_WITHIN);
        if !self.is_pressed() {
            return;
        }
        tracing::warn!(printer = %self.id, "the printer's thread hangs: the emergency stop goes past it");
        let written = self.write_past("\nM112\n");
        std::thread::sleep(HANGS.saturating_sub(TAKEN_WITHIN));
        if self.is_pressed() {
            self.tell_hangs(written);
        }
    }

    fn tell_hangs(&self, written: bool) {
        let text = if written {
            "the printer's port hangs; the emergency stop was sent past it, but nothing shows that the printer stopped"
        } else {
            "the printer's port hangs, so the emergency stop cannot be sent"
        };
        let change = halted(HaltCause::EmergencyUnanswered, text);
        self.tell(change);
    }

    fn tell(&self, change: LinkChange) {
        if let Some(heard) = self.heard.upgrade() {
            drop(heard.try_send((self.id, Heard::Change(change))));
        }
    }

    /// Writes through the second handle. Returns whether all of it was taken.
    fn write_past(&self, text: &str) -> bool {
        // Taken out, so that the owner never waits for a write of ours.
        let spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut spare) = spare else { return false };
        let written = write_all(&mut spare, text.as_bytes());
        let mut place = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        if self.open.load(Ordering::SeqCst) && place.is_none() {
            *place = Some(spare);
        }
        written
    }

    /// The owner hangs while the app ends: heaters and fan off without it.
    pub(crate) fn heaters_off_past(&self) {
        let written = self.write_past("\nM108\nM104 S0\nM140 S0\nM107\n");
        tracing::error!(printer = %self.id, written, "the printer's thread hangs: heaters off past it");
    }

    /// The owner died of something that even its supervisor did not hold.
    fn owner_died(&self) {
        let written = self.write_past(HEATERS_OFF_AND_KILL);
        let text = if written {
            "the part of the app that drives this printer failed; heaters off and M112 were sent: restart the app"
        } else {
            "the part of the app that drives this printer failed, and its port cannot be reached: restart the app"
        };
        self.tell(LinkChange::AppFault { why: text.into() });
        self.tell(halted(HaltCause::ThreadDied, text));
    }
}

fn halted(cause: HaltCause, text: &str) -> LinkChange {
    LinkChange::Halted { cause, text: text.into(), switch_off_now: true }
}

fn write_all(port: &mut Spare, mut bytes: &[u8]) -> bool {
    for _ in 0..TRIES {
        match port.write(bytes) {
            Ok(len) if len >= bytes.len() => return true,
            Ok(len) => bytes = &bytes[len..],
            Err(e)
                if matches!(
                    e.kind(),
                    ErrorKind::TimedOut | ErrorKind::WouldBlock | ErrorKind::Interrupted
                ) =>
            {
                std::thread::sleep(Duration::from_millis(1));
            }
            Err(_) => return false,
        }
    }
    false
}

impl fmt::Debug for StopLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (open, ended) = (self.open.load(Ordering::Relaxed), self.ended.load(Ordering::Relaxed));
        f.debug_struct("StopLine").field("id", &self.id).field("open", &open).field("ended", &ended).finish()
    }
}

/// Held by the owner's thread: tells that it has ended, and does what is left to do when it died.
pub(crate) struct Alive(pub(crate) Arc<StopLine>);

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.ended.store(true, Ordering::SeqCst);
        if std::thread::panicking() {
            self.0.owner_died();
        } else {
            self.0.closed();
        }
    }
}

/// The emergency latch of one printer.
#[derive(Debug, Clone)]
pub struct EmergencyLatch(pub(crate) Arc<StopLine>);

impl EmergencyLatch {
    /// Sets the latch. `M112` leaves within 100 ms, whatever is queued and whatever the port's thread hangs in.
    ///
    /// # Errors
    /// When there is no port that it could reach. The latch stays set: a port that is just being opened is stopped first
    /// of all.
    pub fn set(&self) -> Result<(), StopError> {
        self.0.press()
    }
}
