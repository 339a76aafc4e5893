//! Which frames of a stream are decoded, and which become pictures. Pure.
//!
//! A frame of H.264 builds on the frames before it, back to the last whole one. While somebody looks, all are decoded and
//! several a second become pictures. While nobody does, one a second is enough to watch a print; where the whole frames
//! come that often, only these are decoded.

use std::time::Duration;

/// Between two pictures while somebody looks.
const LOOKED_AT: Duration = Duration::from_millis(125);

/// Between two pictures while nobody does.
const WATCHED: Duration = Duration::from_secs(1);

/// A look lasts so long.
const A_LOOK: Duration = Duration::from_secs(5);

/// Whole frames that come at least so often are enough to watch by.
const OFTEN: Duration = Duration::from_millis(1500);

/// Frames do not come on the dot: one may be early by this part of the time between two.
const EARLY: u32 = 5;

/// Steps between whole frames that are remembered.
const STEPS: usize = 4;

/// What is done with a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// Nothing.
    Skip,
    /// Decoded, since others build on it.
    Decode,
    /// Decoded and made a picture.
    Show,
}

/// Decides frame by frame. Times are of any one origin.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    /// Times between the last whole frames, newest last.
    steps: Vec<Duration>,
    last_whole: Option<Duration>,
    last_shown: Option<Duration>,
    /// All since a whole frame was decoded, so that the next can be.
    unbroken: bool,
    looked_until: Duration,
}

impl Pace {
    /// Decides what is done with the next frame. `whole` builds on no other; `looked`: somebody has asked for a picture
    /// since the last frame.
    pub(crate) fn next(&mut self, whole: bool, looked: bool, now: Duration) -> Use {
        if looked {
            self.looked_until = now + A_LOOK;
        }
        if whole {
            if let Some(last) = self.last_whole.replace(now) {
                self.steps.push(now.saturating_sub(last));
                self.steps.drain(..self.steps.len().saturating_sub(STEPS));
            }
            self.unbroken = true;
        }
        let lively = now < self.looked_until;
        let every = if lively { LOOKED_AT } else { WATCHED };
        let due = self.last_shown.is_none_or(|last| now.saturating_sub(last) + every / EARLY >= every);
        let often = self.steps.len() == STEPS && self.steps.iter().all(|step| *step <= OFTEN);
        if !self.unbroken || !lively && often && !(whole && due) {
            // What is not decoded breaks the chain until the next whole frame.
            self.unbroken = false;
            return Use::Skip;
        }
        if due {
            self.last_shown = Some(now);
            return Use::Show;
        }
        Use::Decode
    }

    /// Notes that a frame is missing or damaged: nothing is shown until the next whole one.
    pub(crate) fn broken(&mut self) {
        self.unbroken = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs `secs` of a stream with 10 frames a second, of which each `whole_every`th is whole. Returns how many of the
    /// last ten seconds were decoded at all, and how many shown.
    fn check(secs: u64, whole_every: u64, looked: impl Fn(u64) -> bool) -> (usize, usize) {
        let mut pace = Pace::default();
        let mut uses = Vec::new();
        for n in 0..secs * 10 {
            let now = Duration::from_millis(n * 100);
            uses.push(pace.next(n % whole_every == 0, looked(n), now));
        }
        let last = &uses[uses.len() - 100..];
        let shown = last.iter().filter(|each| **each == Use::Show).count();
        (last.iter().filter(|each| **each != Use::Skip).count(), shown)
    }

    #[test]
    fn nobody_looks_and_whole_frames_are_enough() {
        assert_eq!(check(60, 10, |_| false), (10, 10), "one a second, and no other is decoded");
        let (decoded, shown) = check(60, 1, |_| false);
        assert!(decoded == shown && (10..=13).contains(&shown), "all are whole: {shown} in ten seconds");
    }

    #[test]
    fn nobody_looks_and_whole_frames_are_rare() {
        let (decoded, shown) = check(60, 40, |_| false);
        assert!(
            decoded == 100 && (10..=13).contains(&shown),
            "all are decoded, {shown} shown in ten seconds"
        );
    }

    #[test]
    fn somebody_looks() {
        assert_eq!(check(60, 10, |n| n % 20 == 0), (100, 100), "ten a second are not too many");
        let (decoded, _) = check(60, 10, |n| n == 400);
        assert_eq!(decoded, 10, "five seconds later it is as before");
    }

    #[test]
    fn a_broken_chain_waits_for_a_whole_frame() {
        let mut pace = Pace::default();
        let at = |n| Duration::from_secs(n);
        assert_eq!(pace.next(false, true, at(0)), Use::Skip, "it began in between");
        assert_eq!(pace.next(true, true, at(1)), Use::Show);
        assert_eq!(pace.next(false, true, at(2)), Use::Show);
        pace.broken();
        assert_eq!(pace.next(false, true, at(3)), Use::Skip);
        assert_eq!(pace.next(true, true, at(4)), Use::Show);
    }
}
