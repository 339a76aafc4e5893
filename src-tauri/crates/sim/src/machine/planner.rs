//! The queue of moves, and how long each takes.

use std::collections::VecDeque;

/// Moves that fit, the running one included; one place of the firmware's 16 stays empty.
const PLACES: usize = 15;
const ACCELERATION: f64 = 1200.0;
/// mm/s for X, Y, Z, E.
const MAX_FEED: [f64; 4] = [300.0, 300.0, 12.0, 50.0];

/// A move, in machine coordinates: X, Y, Z, and E as it leaves the nozzle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Move {
    pub(super) from: [f64; 4],
    pub(super) to: [f64; 4],
    secs: f64,
}

impl Move {
    /// Plans a move at `feed` mm/s behind `before`.
    pub(super) fn plan(from: [f64; 4], to: [f64; 4], feed: f64, before: Option<&Move>) -> Self {
        let delta: [f64; 4] = std::array::from_fn(|i| to[i] - from[i]);
        let travel = length(&delta[..3]);
        let mm = if travel > 0.0 { travel } else { delta[3].abs() };
        if mm <= 0.0 {
            return Self { from, to, secs: 0.0 };
        }
        let feed = (0..4)
            .filter(|i| delta[*i] != 0.0)
            .map(|i| MAX_FEED[i] * mm / delta[i].abs())
            .fold(feed.max(0.05), f64::min);
        let corner = before.map_or(0.0, |b| b.straightness(&delta)) * feed;
        Self { from, to, secs: ramp_secs(mm, feed, corner) }
    }

    /// Returns where the head is after `done` of 1.
    fn at(&self, done: f64) -> [f64; 4] {
        std::array::from_fn(|i| self.from[i] + (self.to[i] - self.from[i]) * done)
    }

    /// Returns 1 when `next` goes straight on, 0 when it turns by a right angle or more.
    fn straightness(&self, next: &[f64; 4]) -> f64 {
        let mine: [f64; 3] = std::array::from_fn(|i| self.to[i] - self.from[i]);
        let lengths = length(&mine) * length(&next[..3]);
        if lengths <= 0.0 {
            return 0.0;
        }
        let dot: f64 = mine.iter().zip(next).map(|(a, b)| a * b).sum();
        (dot / lengths).max(0.0)
    }
}

fn length(v: &[f64]) -> f64 {
    v.iter().map(|x| x * x).sum::<f64>().sqrt()
}

/// Returns the seconds for `mm` at `feed`, entered and left at `corner` mm/s.
fn ramp_secs(mm: f64, feed: f64, corner: f64) -> f64 {
    let ramp_mm = (feed * feed - corner * corner) / ACCELERATION;
    if ramp_mm <= mm {
        return 2.0 * (feed - corner) / ACCELERATION + (mm - ramp_mm) / feed;
    }
    // Too short to reach the feed rate: up, and down again.
    let top = (corner * corner + ACCELERATION * mm).sqrt();
    2.0 * (top - corner) / ACCELERATION
}

/// A part of a move that was carried out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Done {
    pub(super) from: [f64; 4],
    pub(super) to: [f64; 4],
}

/// Queue and head.
#[derive(Debug, Clone, Default)]
pub(super) struct Planner {
    queue: VecDeque<Move>,
    /// Seconds spent on the first move.
    spent: f64,
    head: [f64; 4],
}

impl Planner {
    pub(super) fn is_full(&self) -> bool {
        self.queue.len() >= PLACES
    }

    pub(super) fn is_idle(&self) -> bool {
        self.queue.is_empty()
    }

    pub(super) fn free(&self) -> usize {
        PLACES - self.queue.len().min(PLACES)
    }

    /// Returns where the nozzle really is, in machine coordinates.
    pub(super) fn head(&self) -> [f64; 4] {
        self.head
    }

    /// Puts the head somewhere, as homing does.
    pub(super) fn place(&mut self, head: [f64; 4]) {
        self.head = head;
    }

    pub(super) fn push(&mut self, from: [f64; 4], to: [f64; 4], feed: f64) {
        let planned = Move::plan(from, to, feed, self.queue.back());
        self.queue.push_back(planned);
    }

    /// Drops everything; the head stays where it is. Returns what the broken-off move did.
    pub(super) fn stop(&mut self) -> Option<Done> {
        let from = self.queue.front().map(|m| m.from);
        self.queue.clear();
        self.spent = 0.0;
        from.map(|from| Done { from, to: self.head })
    }

    /// Returns the move under way, as far as it got.
    pub(super) fn under_way(&self) -> Option<Done> {
        self.queue.front().map(|m| Done { from: m.from, to: self.head })
    }

    /// Lets `secs` pass and hands finished moves to `finished`.
    pub(super) fn step(&mut self, mut secs: f64, mut finished: impl FnMut(Done)) {
        while let Some(first) = self.queue.front() {
            let rest = first.secs - self.spent;
            if rest > secs {
                self.spent += secs;
                self.head = first.at(self.spent / first.secs);
                return;
            }
            secs -= rest;
            self.spent = 0.0;
            self.head = first.to;
            finished(Done { from: first.from, to: first.to });
            self.queue.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secs(moves: &[[f64; 4]], feed: f64) -> f64 {
        let mut before: Option<Move> = None;
        let mut at = [0.0; 4];
        let mut total = 0.0;
        for to in moves {
            let planned = Move::plan(at, *to, feed, before.as_ref());
            total += planned.secs;
            at = *to;
            before = Some(planned);
        }
        total
    }

    #[test]
    fn a_move_takes_the_time_that_its_feed_rate_says() {
        // moves, feed in mm/s, seconds expected, tolerance
        let cases: &[(&[[f64; 4]], f64, f64, f64)] = &[
            (&[[100.0, 0.0, 0.0, 0.0]], 50.0, 2.04, 0.01),
            (&[[3.0, 4.0, 0.0, 0.0]], 10.0, 0.508, 0.01),
            (&[[0.0, 0.0, 0.0, 5.0]], 5.0, 1.004, 0.01),
            (&[[0.0, 0.0, 24.0, 0.0]], 100.0, 2.01, 0.01), // Z is slow, whatever is asked
            (&[[1.0, 0.0, 0.0, 0.0]], 300.0, 0.0577, 0.001), // never gets up to speed
            (&[[50.0, 0.0, 0.0, 0.0], [100.0, 0.0, 0.0, 0.0]], 50.0, 2.04, 0.01), // straight on
            (&[[50.0, 0.0, 0.0, 0.0], [50.0, 50.0, 0.0, 0.0]], 50.0, 2.083, 0.01), // stops at the corner
        ];
        for (moves, feed, expected, tolerance) in cases {
            let took = secs(moves, *feed);
            assert!((took - expected).abs() <= *tolerance, "{moves:?} at {feed}: {took} s, not {expected}");
        }
    }

    #[test]
    fn stopping_keeps_what_was_done() {
        let mut planner = Planner::default();
        planner.push([0.0; 4], [100.0, 0.0, 0.0, 10.0], 50.0);
        planner.step(1.0, |_| panic!("it is not finished"));
        let done = planner.stop().expect("a move was under way");
        assert!((40.0..60.0).contains(&done.to[0]), "about half way: {done:?}");
        assert!(planner.is_idle());
        assert_eq!(planner.head(), done.to);
    }
}
