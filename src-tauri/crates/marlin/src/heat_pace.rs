//! How fast heaters get warm, and so how long they will take.

use crate::temperature::Reading;
use domain::{Heater, Now};
use std::collections::BTreeMap;

/// Slower than this it is not known when the heat is reached, degrees a second.
const LEAST_RATE: f64 = 0.05;
/// Longest time left that is told, seconds.
const LONGEST_SECS: f64 = 3_600.0;

/// How fast heaters get warm.
#[derive(Debug, Clone, Default)]
pub(crate) struct HeatPace {
    /// The last temperature, when, and degrees a second, smoothed.
    last: BTreeMap<Heater, (f64, Now, f64)>,
}

impl HeatPace {
    pub(crate) fn reported(&mut self, readings: &[Reading], now: Now) {
        for reading in readings {
            let Some(actual_c) = reading.actual_c else { continue };
            let (before_c, at, rate) =
                self.last.get(&reading.heater).copied().unwrap_or((actual_c, now, 0.0));
            let secs = now.since(at) as f64 / 1000.0;
            if secs < 0.5 {
                self.last.entry(reading.heater).or_insert((actual_c, now, rate));
                continue;
            }
            let fresh = (actual_c - before_c) / secs;
            let rate = if rate == 0.0 { fresh } else { rate * 0.7 + fresh * 0.3 };
            self.last.insert(reading.heater, (actual_c, now, rate));
        }
    }

    /// Returns the seconds until a heater is at its target, when that can be told.
    pub(crate) fn secs_left(&self, heater: Heater, target_c: f64) -> Option<f64> {
        let (actual_c, _, rate) = self.last.get(&heater)?;
        let secs = (target_c - actual_c) / rate;
        (*rate > LEAST_RATE && (0.0..=LONGEST_SECS).contains(&secs)).then_some(secs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_goes_by_how_fast_it_gets_warm() {
        let mut pace = HeatPace::default();
        for secs in 0..10u32 {
            let actual_c = Some(20.0 + 2.0 * f64::from(secs));
            let heater = Heater::Hotend(0);
            let reading = Reading { heater, actual_c, target_c: Some(200.0), unnumbered: true };
            pace.reported(&[reading], Now::at(u64::from(secs) * 1000));
        }
        let left = pace.secs_left(Heater::Hotend(0), 200.0).expect("it gets warm");
        assert!((left - 81.0).abs() < 1.0, "{left}");
        assert_eq!(pace.secs_left(Heater::Bed, 60.0), None);
        assert_eq!(pace.secs_left(Heater::Hotend(0), 20.0), None, "it is hot already");
    }
}
