//! Why something is not done: code, what is wrong, what to do.

use domain::Refusal;

/// Makes a refusal: code, what is wrong, what to do.
pub(crate) fn refusal(code: &'static str, message: impl Into<String>, hint: impl Into<String>) -> Refusal {
    Refusal { code, message: message.into(), hint: hint.into() }
}
