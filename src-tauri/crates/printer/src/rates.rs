//! The rate of the line, found by trying.

use marlin::{Link, Noise};

/// In the order of how many machines use them.
const RATES: [u32; 7] = [115_200, 250_000, 230_400, 57_600, 38_400, 19_200, 9_600];
/// Of those, tried when another port may be the printer's.
const USUAL: usize = 2;
/// Hellos without an answer, then the rate is wrong or nobody is there.
const HELLOS: u32 = 2;

/// Rates to try, one after the other, again and again.
#[derive(Debug)]
pub(crate) struct Rates {
    candidates: Vec<u32>,
    at: usize,
    /// All were tried in vain since the round began.
    spent: bool,
    rounds: u32,
}

impl Rates {
    /// Begins with `last`, the one that worked last; 0 is none.
    pub(crate) fn new(last: u32) -> Self {
        let mut candidates: Vec<u32> = (last != 0).then_some(last).into_iter().collect();
        candidates.extend(RATES.into_iter().filter(|rate| *rate != last));
        Self { candidates, at: 0, spent: false, rounds: 0 }
    }

    /// Returns the rate to open with; after a round in vain, the first again.
    pub(crate) fn open(&mut self) -> u32 {
        if std::mem::take(&mut self.spent) {
            self.at = 0;
            self.rounds += 1;
        }
        self.now()
    }

    /// Returns the rate of this try.
    pub(crate) fn now(&self) -> u32 {
        self.candidates[self.at]
    }

    /// This rate is wrong: returns whether another is left in this round. With `other_ports`, only the usual ones.
    pub(crate) fn next(&mut self, other_ports: bool) -> bool {
        let last = self.candidates.len();
        let usual = (USUAL + usize::from(!RATES[..USUAL].contains(&self.candidates[0]))).min(last);
        let end = if other_ports { usual } else { last };
        self.spent |= self.at + 1 >= end;
        if !self.spent {
            self.at += 1;
        }
        !self.spent
    }

    /// Returns whether the board should be reset: a wrong rate may have wedged it in an earlier round.
    pub(crate) fn wants_reset(&self) -> bool {
        self.rounds > 0 && self.at == 0
    }

    /// The rate is right: the next search begins with it.
    pub(crate) fn settle(&mut self) {
        *self = Self::new(self.now());
    }
}

/// Returns whether the rate is to be changed: nothing readable comes, or hello stays without an answer.
pub(crate) fn seem_wrong(link: &Link, noise: &Noise) -> bool {
    // A printer at work answers late; what it said was readable.
    !link.is_greeted() && !link.is_at_work() && (noise.is_noise() || link.unanswered_hellos() >= HELLOS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(rates: &mut Rates, other_ports: bool) -> Vec<u32> {
        let mut tried = vec![rates.open()];
        while rates.next(other_ports) {
            tried.push(rates.open());
        }
        tried
    }

    #[test]
    fn the_last_rate_is_tried_first_and_then_the_usual_ones() {
        assert_eq!(round(&mut Rates::new(0), false), RATES);
        assert_eq!(round(&mut Rates::new(0), true), [115_200, 250_000]);
        assert_eq!(round(&mut Rates::new(250_000), true), [250_000, 115_200]);
        assert_eq!(round(&mut Rates::new(500_000), true), [500_000, 115_200, 250_000]);
        assert_eq!(round(&mut Rates::new(9_600), false).len(), RATES.len());
    }

    #[test]
    fn a_second_round_begins_anew_with_a_reset_and_a_found_rate_stays() {
        let mut rates = Rates::new(0);
        round(&mut rates, true);
        assert!(!rates.next(true), "the round is over until the port is opened again");
        assert!(!rates.wants_reset(), "the first round resets nothing");
        assert_eq!(rates.open(), 115_200);
        assert!(rates.wants_reset());
        assert!(rates.next(true));
        assert_eq!(rates.open(), 250_000);
        rates.settle();
        assert_eq!((rates.open(), rates.wants_reset()), (250_000, false));
    }
}
