//! Waiting for a port and for the bell at once, for as long as nothing is due.

use crate::Bell;
use domain::Millis;
use std::io;
use std::time::Duration;

/// No round takes longer, though nothing happens: well below what passes for a standstill.
const LONGEST: Duration = Duration::from_secs(1);
/// What is due at once, and could not be done just now, is tried again after this.
const SOONEST: Duration = Duration::from_millis(1);
/// What has a deadline that nobody tells is looked at as often.
const WATCH_EVERY: Duration = Duration::from_millis(20);

/// What a port's thread has to be back for. All times are real, since the thread began.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Dues {
    /// A file is read on whatever the printer does.
    pub(crate) reads_on: bool,
    /// Something has a deadline that nobody tells.
    pub(crate) watches: bool,
    /// The protocol wants to look at the clock, or to write.
    pub(crate) link: Option<Duration>,
    /// The port is looked for.
    pub(crate) search: Option<Duration>,
    /// Something is to be told.
    pub(crate) telling: Option<Duration>,
}

impl Dues {
    /// Returns for how long nothing is due.
    pub(crate) fn time_to_wait(self, real: Duration) -> Duration {
        if self.reads_on {
            return Duration::ZERO;
        }
        let link = self.link.map(|at| at.max(real + SOONEST));
        let due = [link, self.search, self.telling].into_iter().flatten().min();
        let wait = due.map_or(LONGEST, |due| due.saturating_sub(real).min(LONGEST));
        if self.watches { wait.min(WATCH_EVERY) } else { wait }
    }
}

/// Returns how long milliseconds of a clock that runs `scale` times as fast take.
pub(crate) fn unscaled(ms: Millis, scale: f64) -> Duration {
    Duration::from_secs_f64(ms.min(60_000) as f64 / 1000.0 / scale.max(1.0))
}

/// What a port is waited for by.
#[cfg(unix)]
#[derive(Debug)]
pub(crate) struct Waiter {
    /// Of the open port, which outlives this.
    port: std::os::fd::RawFd,
}

#[cfg(unix)]
impl Waiter {
    pub(crate) fn new(port: std::os::fd::RawFd) -> Self {
        Self { port }
    }

    /// Waits as [`crate::Port::wait`] says.
    pub(crate) fn wait(&self, bell: &Bell, to_write: bool, at_most: Duration) -> io::Result<bool> {
        use nix::poll::{PollFd, PollFlags, poll};
        let Some(bell) = bell.handle() else { return Ok(true) };
        let write = if to_write { PollFlags::POLLOUT } else { PollFlags::empty() };
        let mut handles =
            [PollFd::new(self.port, PollFlags::POLLIN | write), PollFd::new(bell, PollFlags::POLLIN)];
        // A part of a millisecond is a whole one: nothing is looked at before its time.
        let ms = at_most.as_micros().div_ceil(1_000).min(60_000) as i32;
        match poll(&mut handles, ms) {
            Ok(_) => (),
            Err(nix::errno::Errno::EINTR) => return Ok(false),
            Err(e) => return Err(e.into()),
        }
        // A port that is gone shows so when it is read.
        let come = handles[0].revents().unwrap_or(PollFlags::POLLIN);
        Ok(!come.difference(PollFlags::POLLOUT).is_empty())
    }
}

/// Elsewhere reads wait.
#[cfg(not(unix))]
#[derive(Debug, Default)]
pub(crate) struct Waiter;

#[cfg(not(unix))]
impl Waiter {
    pub(crate) fn wait(&self, _bell: &Bell, _to_write: bool, _at_most: Duration) -> io::Result<bool> {
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thread_is_back_for_what_is_due_first_and_once_a_second_at_least() {
        let at = |ms| Some(Duration::from_millis(ms));
        let (real, idle) = (Duration::from_secs(10), Dues::default());
        for (dues, ms) in [
            (idle, 1_000),
            (Dues { link: at(10_300), telling: at(10_200), ..idle }, 200),
            (Dues { link: at(10_300), telling: at(60_000), ..idle }, 300),
            (Dues { link: at(600_000), search: at(10_500), ..idle }, 500),
            (Dues { link: at(9_000), ..idle }, 1),
            (Dues { search: at(9_000), ..idle }, 0),
            (Dues { watches: true, ..idle }, 20),
            (Dues { watches: true, link: at(10_005), ..idle }, 5),
            (Dues { reads_on: true, ..idle }, 0),
        ] {
            assert_eq!(dues.time_to_wait(real), Duration::from_millis(ms), "{dues:?}");
        }
        assert_eq!(unscaled(6_000, 60.0), Duration::from_millis(100));
    }
}
