//! What filament costs, so that a print can say what it cost.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Highest price that is taken: a currency with many zeros and a costly filament.
const MOST_PER_KG: f64 = 100_000_000.0;
/// Characters of a currency at most.
const LONGEST_CURRENCY: usize = 8;

/// The price of filament.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FilamentPrice {
    /// Of a kilogram, in `currency`, above 0; null is unknown, and nothing is said of costs.
    pub per_kg: Option<f64>,
    /// As it is written behind an amount, at most 8 characters: `€`, `USD`; may be empty.
    pub currency: String,
}

impl FilamentPrice {
    /// Checks its ranges.
    ///
    /// # Errors
    /// A sentence that says what does not fit.
    pub fn check(&self) -> Result<(), String> {
        // Also catches what is no number.
        if self.per_kg.is_some_and(|price| !(price > 0.0 && price <= MOST_PER_KG)) {
            return Err(format!("the price of a kilogram is more than 0 and at most {MOST_PER_KG}"));
        }
        if self.currency.chars().count() > LONGEST_CURRENCY || self.currency.chars().any(char::is_control) {
            return Err(format!("the currency has at most {LONGEST_CURRENCY} characters"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_above_nothing_and_currencies_short() {
        let price = |per_kg, currency: &str| FilamentPrice { per_kg, currency: currency.into() }.check();
        assert_eq!(price(None, ""), Ok(()));
        assert_eq!(price(Some(24.9), "€"), Ok(()));
        assert_eq!(price(Some(450_000.0), "₫ (VND)"), Ok(()));
        for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e12] {
            assert!(price(Some(wrong), "€").is_err(), "{wrong}");
        }
        assert!(price(Some(1.0), "much too long").is_err() && price(Some(1.0), "a\nb").is_err());
    }
}
