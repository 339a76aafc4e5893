//! What wakes a port's thread from outside: an order, an emergency stop, the end of the app.

use std::fmt;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Rung by whoever wants the thread's attention; heard by the thread alone. Rings that nobody has heard yet are one.
pub struct Bell {
    rung: Mutex<bool>,
    heard: Condvar,
    /// Holds one byte while the bell is rung, so that it can be waited for beside a port.
    #[cfg(unix)]
    pipe: Option<(std::io::PipeReader, std::io::PipeWriter)>,
}

impl Default for Bell {
    fn default() -> Self {
        Self {
            rung: Mutex::new(false),
            heard: Condvar::new(),
            // A system that has no pipe left has a port that is looked at every 20 ms.
            #[cfg(unix)]
            pipe: std::io::pipe().ok(),
        }
    }
}

impl Bell {
    /// Wakes the thread, now or when it next wants to wait.
    pub fn ring(&self) {
        let mut rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        if !std::mem::replace(&mut *rung, true) {
            self.put_byte();
        }
        self.heard.notify_one();
    }

    /// The thread looks after all that may have rung.
    pub(crate) fn hush(&self) {
        let mut rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::take(&mut *rung) {
            self.take_byte();
        }
    }

    /// Waits until it rings, for so long at most.
    pub(crate) fn wait(&self, at_most: Duration) {
        let rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.heard.wait_timeout_while(rung, at_most, |rung| !*rung));
    }

    #[cfg(unix)]
    fn put_byte(&self) {
        use std::io::Write;
        // At most one byte is in it, so this waits for nobody.
        if let Some((_, writer)) = &self.pipe {
            drop((&*writer).write(&[0]));
        }
    }

    #[cfg(unix)]
    fn take_byte(&self) {
        use std::io::Read;
        if let Some((reader, _)) = &self.pipe {
            drop((&*reader).read(&mut [0]));
        }
    }

    #[cfg(not(unix))]
    fn put_byte(&self) {}

    #[cfg(not(unix))]
    fn take_byte(&self) {}

    /// Returns what can be read while the bell is rung.
    #[cfg(unix)]
    pub(crate) fn handle(&self) -> Option<std::os::fd::RawFd> {
        use std::os::fd::AsRawFd;
        self.pipe.as_ref().map(|(reader, _)| reader.as_raw_fd())
    }
}

impl fmt::Debug for Bell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bell").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::real_now;

    #[test]
    fn a_ring_is_heard_though_it_came_before_the_wait_and_only_once() {
        let bell = Bell::default();
        (0..100_000).for_each(|_| bell.ring());
        let from = real_now();
        bell.wait(Duration::from_secs(5));
        assert!(from.elapsed() < Duration::from_secs(1), "it is rung");
        bell.hush();
        bell.wait(Duration::from_millis(20));
        assert!(from.elapsed() >= Duration::from_millis(20), "it was heard");
    }
}
