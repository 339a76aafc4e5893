//! What slicers write: JSON whatever they call it, and yes in several words.

use crate::ApiError;
use axum::body::Bytes;
use serde::de::DeserializeOwned;

/// Reads a body as JSON, whatever type it claims; an empty one is an empty object.
///
/// # Errors
/// 400, with what is wrong.
pub(crate) fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, ApiError> {
    let body: &[u8] = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body)
        .map_err(|error| ApiError::bad_request(format!("the request cannot be read: {error}")))
}

/// Returns whether a field of a form means yes, as OctoPrint reads it.
pub(crate) fn is_yes(text: &str) -> bool {
    ["true", "yes", "y", "1"].iter().any(|yes| text.trim().eq_ignore_ascii_case(yes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yes_has_several_words_and_all_else_is_no() {
        assert!(["true", "True", " yes", "1", "Y"].iter().all(|text| is_yes(text)));
        assert!(!["false", "0", "", "on", "truely", "null"].iter().any(|text| is_yes(text)));
    }

    #[test]
    fn a_body_is_read_without_asking_for_its_type() {
        let read = |text: &'static str| read::<serde_json::Value>(&Bytes::from_static(text.as_bytes()));
        assert_eq!(read("").unwrap(), serde_json::json!({}));
        assert_eq!(read("{\"a\": 1}").unwrap()["a"], 1);
        assert!(read("{\"a\"").unwrap_err().message.starts_with("the request cannot be read: "));
    }
}
