//! What electricity costs, and how much of it printers take by a person's own measure.

use crate::{PrinterId, limits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// Printers that a figure of their own is kept for, at most.
const MOST_PRINTERS: usize = 100;

/// The price of energy, and what printers take on average while they print.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EnergyPrice {
    /// Of a kilowatt hour, in the currency of the filament's price; null is unknown, and nothing is said of its cost.
    pub per_kwh: Option<f64>,
    /// Of a printer, on average while it prints; null is unknown, and nothing is said of energy.
    pub watts: Option<f64>,
    /// Of printers that differ from that.
    pub of_printers: BTreeMap<PrinterId, f64>,
}

impl EnergyPrice {
    /// Checks its ranges.
    ///
    /// # Errors
    /// A sentence that says what does not fit.
    pub fn check(&self) -> Result<(), String> {
        let all = self.watts.iter().chain(self.of_printers.values());
        // A NaN is in no range, either.
        if let Some(watts) = all.copied().find(|watts| !limits::WATTS.has(*watts)) {
            let limits::Limit { min, max, .. } = limits::WATTS;
            return Err(format!("a printer takes {min} to {max} watts, not {watts}"));
        }
        if self.per_kwh.is_some_and(|price| !limits::PER_KWH.has(price)) {
            return Err(format!("the price of a kilowatt hour is 0 to {}", limits::PER_KWH.max));
        }
        if self.of_printers.len() > MOST_PRINTERS {
            return Err(format!("so many printers have a figure of their own at most: {MOST_PRINTERS}"));
        }
        Ok(())
    }

    /// Returns the kilowatt hours that a printer takes in so many seconds, as far as they are known.
    pub fn kwh(&self, printer: Option<PrinterId>, secs: f64) -> Option<f64> {
        let own = printer.and_then(|printer| self.of_printers.get(&printer)).copied();
        let watts = own.or(self.watts)?;
        Some(watts * secs / 3_600_000.0)
    }

    /// Returns what so many kilowatt hours cost, when that is known.
    pub fn cost(&self, kwh: Option<f64>) -> Option<f64> {
        Some(kwh? * self.per_kwh?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_printer_may_take_more_than_the_others() {
        let energy = EnergyPrice {
            per_kwh: Some(0.3),
            watts: Some(100.0),
            of_printers: [(PrinterId(2), 250.0)].into(),
        };
        assert_eq!(energy.check(), Ok(()));
        assert_eq!(energy.kwh(Some(PrinterId(1)), 36_000.0), Some(1.0));
        assert_eq!(energy.kwh(Some(PrinterId(2)), 36_000.0), Some(2.5));
        assert!((energy.cost(energy.kwh(Some(PrinterId(2)), 36_000.0)).unwrap() - 0.75).abs() < 1e-9);
        let unknown = EnergyPrice { watts: None, ..energy };
        assert_eq!((unknown.kwh(None, 1.0), unknown.cost(None)), (None, None));
    }

    #[test]
    fn what_no_printer_takes_is_refused() {
        let refused = |energy: EnergyPrice| energy.check().unwrap_err();
        let words = refused(EnergyPrice { watts: Some(9_000.0), ..EnergyPrice::default() });
        assert_eq!(words, "a printer takes 0 to 5000 watts, not 9000");
        refused(EnergyPrice { watts: Some(f64::NAN), ..EnergyPrice::default() });
        refused(EnergyPrice { of_printers: [(PrinterId(1), -1.0)].into(), ..EnergyPrice::default() });
        refused(EnergyPrice { per_kwh: Some(-0.1), ..EnergyPrice::default() });
    }
}
