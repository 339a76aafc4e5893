//! After this process stood still on an intact link: the printer is asked before anything else is sent.

use crate::facts::Stage;
use crate::tag::Tag;

/// How far the question is that shows whether the two sides are still in step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum InStep {
    /// To be asked next.
    Ask,
    /// Out; nothing else goes out before its answer.
    Asked,
}

/// Whether this process stood still while the printer went on: stopped by a signal, swapped out, held up by a disk.
/// Nothing is lost by that, as long as the printer still answers in step: M105 goes out first, and the rest waits for its
/// answer. A printer that restarted meanwhile says so, and one that is gone does not answer.
#[derive(Debug, Default)]
pub(crate) struct Standstill {
    in_step: Option<InStep>,
}

impl Standstill {
    /// This process stood still.
    pub(crate) fn stood_still(&mut self, stage: Stage) {
        match stage {
            Stage::Asking | Stage::Up => self.in_step = Some(InStep::Ask),
            Stage::Closed | Stage::Waiting { .. } | Stage::Greeting { .. } | Stage::Halted => (),
        }
    }

    /// The question was answered, or the firmware starts anew.
    pub(crate) fn over(&mut self) {
        self.in_step = None;
    }

    /// Returns whether the question is to be asked.
    pub(crate) fn is_due(&self) -> bool {
        self.in_step == Some(InStep::Ask)
    }

    /// Returns whether the printer has not answered yet.
    pub(crate) fn is_waiting(&self) -> bool {
        self.in_step.is_some()
    }

    /// M105 goes out past everything that waits. Returns its mark: it may be the one that everything waits for.
    pub(crate) fn probe_tag(&mut self) -> Tag {
        match &mut self.in_step {
            Some(in_step) => {
                *in_step = InStep::Asked;
                Tag::InStep
            }
            None => Tag::Heaters,
        }
    }
}
