//! After `M112` is out: did the firmware stop? If not, a reset; if that cannot help, people must.

use crate::Port;
use std::io;
use std::time::Duration;

/// The firmware says that it was killed within this.
const KILL_WITHIN: Duration = Duration::from_secs(1);
/// A board that was reset says so within this.
const BOOT_WITHIN: Duration = Duration::from_secs(5);

/// How far an emergency stop is. All times are real, since the thread began.
#[derive(Debug)]
pub(crate) struct Emergency {
    since: Duration,
    native_usb: bool,
    reset_at: Option<Duration>,
}

impl Emergency {
    /// `M112` goes out now.
    pub(crate) fn new(now: Duration, native_usb: bool) -> Self {
        Self { since: now, native_usb, reset_at: None }
    }

    /// Goes on. Returns how it ended, for people, and whether the printer must be switched off by hand.
    pub(crate) fn check(
        &mut self,
        now: Duration,
        stopped: bool,
        port: &mut dyn Port,
    ) -> io::Result<Option<(&'static str, bool)>> {
        match self.reset_at {
            _ if stopped => Ok(Some(("Emergency stop: the printer has halted.", false))),
            None if now < self.since + KILL_WITHIN => Ok(None),
            None if self.native_usb => {
                Ok(Some(("The printer did not answer the emergency stop. Switch the printer off now.", true)))
            }
            None => {
                port.reset()?;
                self.reset_at = Some(now);
                Ok(None)
            }
            Some(at) if now < at + BOOT_WITHIN => Ok(None),
            Some(_) => Ok(Some((
                "The printer answered neither the emergency stop nor a reset. Switch it off now.",
                true,
            ))),
        }
    }
}
