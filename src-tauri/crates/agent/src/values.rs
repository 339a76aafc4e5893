//! Values of messages, as far as they make sense.

use domain::one_line;
use serde_json::Value;

/// Longest name of a file that is kept, characters.
const LONGEST_NAME: usize = 1000;

/// Returns a number that is finite and no larger than anything at a printer.
pub(crate) fn number(value: &Value) -> Option<f64> {
    value.as_f64().filter(|number| number.is_finite() && number.abs() < 1e12)
}

/// Returns a number that is not negative.
pub(crate) fn amount(value: &Value) -> Option<f64> {
    number(value).filter(|number| *number >= 0.0)
}

/// Returns a whole number that is not negative.
pub(crate) fn count(value: &Value) -> Option<u64> {
    amount(value).map(|number| number as u64)
}

/// Returns a name of a file as one line.
pub(crate) fn file_name(value: &Value) -> Option<String> {
    let name = one_line(value.as_str()?.trim(), LONGEST_NAME);
    (!name.is_empty()).then_some(name)
}
