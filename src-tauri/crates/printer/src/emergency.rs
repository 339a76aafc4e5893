//! After `M112` is out: did the firmware stop? If not, a reset; if that cannot help, people must.

use crate::Port;
use domain::HaltCause;
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
    cause: HaltCause,
    confirmed: &'static str,
}

impl Emergency {
    /// A person pressed STOP: `M112` goes out now.
    pub(crate) fn pressed(now: Duration, native_usb: bool) -> Self {
        let confirmed = "emergency stop: the printer has halted";
        Self { since: now, native_usb, reset_at: None, cause: HaltCause::EmergencyStop, confirmed }
    }

    /// The app failed: `M112` goes out now.
    pub(crate) fn after_fault(now: Duration, native_usb: bool) -> Self {
        let confirmed = "a part of the app failed twice, so the app halted the printer";
        Self { since: now, native_usb, reset_at: None, cause: HaltCause::ThreadDied, confirmed }
    }

    /// Goes on. Returns how it ended once it is over: what happened, for people, and whether the printer stopped.
    pub(crate) fn check(
        &mut self,
        now: Duration,
        stopped: bool,
        port: &mut dyn Port,
    ) -> Option<(&'static str, HaltCause)> {
        match self.reset_at {
            _ if stopped => Some((self.confirmed, self.cause)),
            None if now < self.since + KILL_WITHIN => None,
            None if self.native_usb => {
                Some(("the printer did not answer the emergency stop", HaltCause::EmergencyUnanswered))
            }
            // A reset line that cannot be worked, as over a network or a pseudo terminal, says nothing about the link.
            None => match port.reset() {
                Ok(()) => {
                    self.reset_at = Some(now);
                    None
                }
                Err(error) => {
                    tracing::warn!(%error, "the reset line cannot be worked");
                    let text =
                        "the printer did not answer the emergency stop, and it cannot be reset from here";
                    Some((text, HaltCause::EmergencyUnanswered))
                }
            },
            Some(at) if now < at + BOOT_WITHIN => None,
            Some(_) => Some((
                "the printer answered neither the emergency stop nor a reset",
                HaltCause::EmergencyUnanswered,
            )),
        }
    }
}
