//! A person's budget of detection hours. It counts down with each hour of printing that is covered by looks, as Obico
//! charges them; without a budget it is unlimited and nothing is counted.

use domain::{Millis, UNLIMITED_HOURS};

/// The balance is written down whenever it has fallen by so much, hours: 36 seconds may be lost in a crash.
const STEP: f64 = 0.01;
/// Less than this is nothing: sums of fractions do not end at 0 by themselves.
const NOTHING: f64 = 1e-6;
const MILLIS_AN_HOUR: f64 = 3_600_000.0;

/// What is left.
#[derive(Debug, Clone)]
pub(crate) struct DetectionHours {
    balance: f64,
    /// As it stands in the database.
    stored: f64,
}

/// What follows from time that was spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spent {
    /// Nothing to write down yet.
    Little,
    /// The balance is to be written down.
    Step,
    /// Nothing is left, just now.
    RanOut,
}

impl DetectionHours {
    pub(crate) fn new(balance: f64) -> Self {
        Self { balance, stored: balance }
    }

    /// Returns the hours that are left, to a hundredth; `None` when they are unlimited.
    pub(crate) fn left(&self) -> Option<f64> {
        (!self.unlimited()).then(|| (self.balance * 100.0).ceil() / 100.0)
    }

    pub(crate) fn balance(&self) -> f64 {
        self.balance
    }

    /// Returns whether nothing may be watched any more.
    pub(crate) fn gone(&self) -> bool {
        self.balance <= 0.0
    }

    fn unlimited(&self) -> bool {
        self.balance >= UNLIMITED_HOURS
    }

    /// Takes off what was watched.
    pub(crate) fn spend(&mut self, watched_ms: Millis) -> Spent {
        if self.unlimited() || self.gone() || watched_ms == 0 {
            return Spent::Little;
        }
        self.balance -= watched_ms as f64 / MILLIS_AN_HOUR;
        if self.balance < NOTHING {
            (self.balance, self.stored) = (0.0, 0.0);
            Spent::RanOut
        } else if self.stored - self.balance >= STEP {
            self.stored = self.balance;
            Spent::Step
        } else {
            Spent::Little
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_counts_down_is_written_in_steps_and_ends_at_nothing() {
        let mut hours = DetectionHours::new(0.05);
        assert_eq!((hours.spend(10_000), hours.left()), (Spent::Little, Some(0.05)));
        assert_eq!(hours.spend(30_000), Spent::Step, "40 of 180 seconds");
        assert!((hours.balance() - 140.0 / 3600.0).abs() < 1e-9 && !hours.gone());
        assert_eq!((hours.spend(1_000_000), hours.left()), (Spent::RanOut, Some(0.0)));
        assert!(hours.gone());
        assert_eq!(hours.spend(1_000), Spent::Little, "it is told once");
    }

    #[test]
    fn without_a_budget_nothing_is_counted() {
        let mut hours = DetectionHours::new(UNLIMITED_HOURS);
        assert_eq!(hours.spend(Millis::MAX), Spent::Little);
        assert_eq!((hours.left(), hours.gone(), hours.balance()), (None, false, UNLIMITED_HOURS));
    }
}
