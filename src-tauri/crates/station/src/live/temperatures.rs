//! How hot each printer was within the last hour, for the graph; and a row now and then of what prints.

use domain::{PrintId, PrinterId, TemperatureRow, Temperatures as Heaters, Timestamp};
use std::collections::{BTreeMap, VecDeque};

/// Samples kept: an hour at one a second of the printer's clock.
const SAMPLES: usize = 3600;
/// Seconds of the printer's clock between two samples …
const SAMPLE_SECS: f64 = 1.0;
/// … and between two rows of a print.
const ROW_SECS: f64 = 10.0;

/// Temperatures at one moment, for the graph.
#[derive(Debug, Clone, serde::Serialize, ts_rs::TS, schemars::JsonSchema)]
pub struct TemperatureSample {
    /// Unix seconds on the printer's clock.
    pub t: f64,
    /// Heater to actual and target.
    pub heaters: BTreeMap<String, (f64, Option<f64>)>,
}

/// The samples of all printers.
#[derive(Debug, Default)]
pub(crate) struct Temperatures {
    samples: BTreeMap<PrinterId, VecDeque<TemperatureSample>>,
    /// The print, and when its temperatures were last kept, Unix seconds of the printer's clock.
    kept: BTreeMap<PrinterId, (PrintId, f64)>,
}

impl Temperatures {
    /// Takes what a printer reports at a moment of its clock. Returns the row to keep, when one of its print is due.
    pub(crate) fn take(
        &mut self,
        printer: PrinterId,
        print: Option<PrintId>,
        heaters: &Heaters,
        at: Timestamp,
    ) -> Option<TemperatureRow> {
        let t = at.micros() as f64 / 1e6;
        let samples = self.samples.entry(printer).or_default();
        if heaters.is_empty() || samples.back().is_some_and(|last| within(t - last.t, SAMPLE_SECS)) {
            return None;
        }
        if samples.len() == SAMPLES {
            samples.pop_front();
        }
        let heaters: BTreeMap<_, _> =
            heaters.iter().map(|(name, t)| (name.clone(), (t.actual, t.target))).collect();
        samples.push_back(TemperatureSample { t, heaters: heaters.clone() });
        let print = print?;
        let last = self.kept.entry(printer).or_insert((print, f64::MIN));
        let due = last.0 != print || !within(t - last.1, ROW_SECS);
        due.then(|| {
            *last = (print, t);
            TemperatureRow { print, at: Timestamp::from_micros((t * 1e6) as i64), heaters }
        })
    }

    /// Returns the samples of a printer, oldest first.
    pub(crate) fn of(&self, printer: PrinterId) -> Vec<TemperatureSample> {
        self.samples.get(&printer).map(|all| all.iter().cloned().collect()).unwrap_or_default()
    }
}

/// Returns whether a while passed and no more. A wall clock that was set back holds no sample up.
fn within(passed_secs: f64, secs: f64) -> bool {
    (0.0..secs).contains(&passed_secs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Temperature;

    #[test]
    fn a_sample_a_second_and_a_row_in_ten_also_after_the_clock_was_set_back() {
        let mut all = Temperatures::default();
        let hot =
            Heaters::from([("bed".to_owned(), Temperature { actual: 60.0, target: None, offset: 0.0 })]);
        let mut take = |secs: f64, print| {
            let at = Timestamp::from_micros((secs * 1e6) as i64);
            all.take(PrinterId(1), print, &hot, at).map(|row| row.print)
        };
        let (one, two) = (Some(PrintId(1)), Some(PrintId(2)));
        assert_eq!(
            [take(100.0, one), take(100.5, one), take(105.0, one), take(110.0, one)],
            [one, None, None, one]
        );
        assert_eq!([take(112.0, two), take(114.0, two)], [two, None], "each print begins with a row");
        assert_eq!(take(50.0, two), two, "set back");
        assert_eq!(take(51.0, None), None, "nothing prints");
        assert_eq!(all.of(PrinterId(1)).len(), 7);
        assert!(all.of(PrinterId(2)).is_empty());
    }
}
