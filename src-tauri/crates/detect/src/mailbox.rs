//! What waits to be looked at: one slot a printer, the newest frame wins, turn by turn.

use crate::{DetectError, Findings};
use bytes::Bytes;
use domain::{FrameInfo, PrinterId, View};
use std::collections::VecDeque;

/// Takes the answer for a single picture. Called once, on the detector's thread; must not block.
pub type Reply = Box<dyn FnOnce(Result<Findings, DetectError>) + Send>;

/// A frame to look at.
#[derive(Debug, Clone)]
pub struct DetectJob {
    /// Whose print it shows.
    pub printer: PrinterId,
    /// Which frame.
    pub frame: FrameInfo,
    /// The picture.
    pub jpeg: Bytes,
    /// What part of it is to be looked at.
    pub view: View,
}

/// Single pictures that may wait.
const MAX_ASKS: usize = 4;

/// A picture that someone wants looked at out of turn.
pub(crate) struct Ask {
    pub(crate) jpeg: Bytes,
    pub(crate) view: View,
    pub(crate) reply: Reply,
}

/// What to do next.
pub(crate) enum Next {
    Job(DetectJob),
    Ask(Ask),
}

/// The waiting pictures.
#[derive(Default)]
pub(crate) struct Mailbox {
    /// At most one a printer, the one that waits longest first.
    jobs: VecDeque<DetectJob>,
    asks: VecDeque<Ask>,
    /// The last turn was an ask's.
    asked_last: AskedLast,
    /// The owner wants no more.
    pub(crate) closed: Closed,
    /// Another model was chosen.
    pub(crate) reload: Reload,
    /// What looked has ended by itself.
    pub(crate) gone: Gone,
}

/// Whether the model is to be loaded anew.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Reload {
    #[default]
    No,
    Yes,
}

/// Whether what looked has ended by itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Gone {
    #[default]
    No,
    Yes,
}

/// Whether the last turn was an ask's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum AskedLast {
    #[default]
    No,
    Yes,
}

/// Whether the mailbox takes anything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Closed {
    #[default]
    No,
    Yes,
}

impl Mailbox {
    /// Puts a frame into its printer's slot, in place of an older one, which keeps its turn.
    pub(crate) fn submit(&mut self, job: DetectJob) {
        match self.jobs.iter_mut().find(|waiting| waiting.printer == job.printer) {
            Some(slot) => *slot = job,
            None => self.jobs.push_back(job),
        }
    }

    /// Lets a single picture wait; hands it back when too many do.
    pub(crate) fn ask(&mut self, ask: Ask) -> Option<Ask> {
        if self.asks.len() >= MAX_ASKS {
            return Some(ask);
        }
        self.asks.push_back(ask);
        None
    }

    /// Takes what is next: the printers turn by turn; single pictures in between, never two in a row while a
    /// printer waits.
    pub(crate) fn take(&mut self) -> Option<Next> {
        let ask_first = self.asked_last == AskedLast::No || self.jobs.is_empty();
        if ask_first && let Some(ask) = self.asks.pop_front() {
            self.asked_last = AskedLast::Yes;
            return Some(Next::Ask(ask));
        }
        self.asked_last = AskedLast::No;
        self.jobs.pop_front().map(Next::Job)
    }

    /// Returns whether there is nothing to do.
    pub(crate) fn is_quiet(&self) -> bool {
        let orders = self.closed == Closed::Yes || self.reload == Reload::Yes || self.gone == Gone::Yes;
        !orders && self.jobs.is_empty() && self.asks.is_empty()
    }

    /// Returns whether a single picture waits.
    pub(crate) fn has_asks(&self) -> bool {
        !self.asks.is_empty()
    }

    /// Empties the waiting single pictures, to answer them with an error.
    pub(crate) fn take_asks(&mut self) -> Vec<Ask> {
        self.asks.drain(..).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{CameraId, FrameId, Now};

    fn job(printer: i64, frame: i64) -> DetectJob {
        let info = FrameInfo {
            camera: CameraId(printer),
            id: FrameId(frame),
            taken: Now::at(frame as u64),
            width: 4,
            height: 3,
        };
        DetectJob { printer: PrinterId(printer), frame: info, jpeg: Bytes::new(), view: View::Whole }
    }

    fn ask() -> Ask {
        Ask { jpeg: Bytes::new(), view: View::Whole, reply: Box::new(|_| ()) }
    }

    /// Takes everything: `printer:frame`, or `ask`.
    fn drain(mailbox: &mut Mailbox) -> Vec<String> {
        std::iter::from_fn(|| mailbox.take())
            .map(|next| match next {
                Next::Job(job) => format!("{}:{}", job.printer, job.frame.id),
                Next::Ask(_) => "ask".into(),
            })
            .collect()
    }

    #[test]
    fn the_newest_frame_wins_and_keeps_the_turn() {
        let mut mailbox = Mailbox::default();
        for (printer, frame) in [(1, 1), (2, 2), (1, 3), (1, 4), (3, 5), (2, 6)] {
            mailbox.submit(job(printer, frame));
        }
        assert_eq!(drain(&mut mailbox), ["1:4", "2:6", "3:5"]);
    }

    #[test]
    fn a_fast_camera_does_not_starve_a_slow_one() {
        let mut mailbox = Mailbox::default();
        let mut looked = Vec::new();
        mailbox.submit(job(2, 0));
        for frame in 1..7 {
            mailbox.submit(job(1, frame));
            if frame % 2 == 0 {
                mailbox.submit(job(2, frame));
            }
            looked.extend(mailbox.take().map(|next| match next {
                Next::Job(job) => job.printer.get(),
                Next::Ask(_) => 0,
            }));
        }
        assert_eq!(looked, [2, 1, 2, 1, 2, 1]);
    }

    #[test]
    fn single_pictures_wait_between_the_printers_and_have_a_bound() {
        let mut mailbox = Mailbox::default();
        mailbox.submit(job(1, 1));
        mailbox.submit(job(2, 2));
        for _ in 0..MAX_ASKS {
            assert!(mailbox.ask(ask()).is_none());
        }
        assert!(mailbox.ask(ask()).is_some(), "handed back");
        assert_eq!(drain(&mut mailbox), ["ask", "1:1", "ask", "2:2", "ask", "ask"]);
    }
}
