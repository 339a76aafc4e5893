//! Keeps the machine awake while a print runs. The desktop is asked on a thread of its own: it may not answer.

use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};
use std::thread::Builder;
use std::time::Duration;

/// When the core ends, a desktop that does not answer is left alone after this.
const LET_GO_WITHIN: Duration = Duration::from_secs(1);

/// Holds the machine awake, or lets it sleep.
pub trait Awake: Send {
    /// Asks the system to stay awake (`true`) or not to care any more. Called only on changes.
    fn hold(&mut self, printing: bool);
}

/// Asks the desktop through its own service.
#[derive(Default)]
pub struct DesktopAwake {
    held: Option<keepawake::KeepAwake>,
}

impl Awake for DesktopAwake {
    fn hold(&mut self, printing: bool) {
        if !printing {
            self.held = None;
            return;
        }
        let asked = keepawake::Builder::default()
            .idle(true)
            .sleep(true)
            .display(false)
            .reason("A 3D print is running")
            .app_name("Printvigil")
            .app_reverse_domain("io.github.printvigil")
            .create();
        match asked {
            Ok(held) => self.held = Some(held),
            Err(error) => tracing::warn!(%error, "the computer may fall asleep during the print"),
        }
    }
}

/// The thread that asks. Whoever tells it waits for nothing.
pub(crate) struct Waker {
    wishes: Sender<bool>,
    ended: Receiver<()>,
}

impl Waker {
    pub(crate) fn spawn(mut awake: Box<dyn Awake>) -> std::io::Result<Self> {
        let (wishes, inbox) = channel::<bool>();
        let (alive, ended) = sync_channel(0);
        Builder::new().name("awake".into()).spawn(move || {
            // Dropped last: its end tells that the desktop was let go.
            let _alive: std::sync::mpsc::SyncSender<()> = alive;
            let mut held = false;
            while let Ok(wish) = inbox.recv() {
                // Only the newest wish counts when the desktop was slow.
                let wish = inbox.try_iter().last().unwrap_or(wish);
                if wish != held {
                    awake.hold(wish);
                    held = wish;
                }
            }
            if held {
                awake.hold(false);
            }
        })?;
        Ok(Self { wishes, ended })
    }

    /// Says what is wished now.
    pub(crate) fn hold(&self, printing: bool) {
        if self.wishes.send(printing).is_err() {
            tracing::error!("nobody asks the desktop to stay awake any more");
        }
    }

    /// Lets the machine sleep; waits a second at most.
    pub(crate) fn close(self) {
        let Self { wishes, ended } = self;
        drop(wishes);
        let _ = ended.recv_timeout(LET_GO_WITHIN);
    }
}

/// Does nothing; for tests.
#[derive(Debug, Default)]
pub struct NoAwake;

impl Awake for NoAwake {
    fn hold(&mut self, _printing: bool) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex, PoisonError};

    /// A desktop that answers when it is let.
    struct Slow(Receiver<()>, Arc<Mutex<Vec<bool>>>);

    impl Awake for Slow {
        fn hold(&mut self, printing: bool) {
            let _ = self.0.recv();
            self.1.lock().unwrap_or_else(PoisonError::into_inner).push(printing);
        }
    }

    #[test]
    fn a_desktop_that_does_not_answer_is_waited_for_by_nobody() {
        let (go, gate) = channel();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let waker = Waker::spawn(Box::new(Slow(gate, asked.clone()))).unwrap();
        for n in 0..1_001 {
            waker.hold(n % 2 == 0);
        }
        assert!(asked.lock().unwrap().is_empty(), "all wishes were taken and none was carried out yet");
        drop(go);
        waker.close();
        let asked = asked.lock().unwrap().clone();
        assert_eq!(asked.last(), Some(&false), "in the end the machine may sleep: {asked:?}");
        assert!(asked.windows(2).all(|two| two[0] != two[1]), "asked on changes only: {asked:?}");
    }
}
