//! Between columns and the words, moments and ids of `domain`.

use domain::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Error, Result, Row};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Returns the word by which a fieldless enum is stored: the one of its JSON form.
pub(crate) fn word<T: Serialize>(value: &T) -> Result<String> {
    match serde_json::to_value(value).map_err(to_failure)? {
        Value::String(word) => Ok(word),
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            Err(to_failure(format!("{other} is no word")))
        }
    }
}

/// Like [`word`], for a value that may be absent.
pub(crate) fn opt_word<T: Serialize>(value: &Option<T>) -> Result<Option<String>> {
    value.as_ref().map(word).transpose()
}

/// Returns a value as JSON text.
pub(crate) fn json<T: Serialize + ?Sized>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(to_failure)
}

/// Reads a column that holds the word of an enum.
pub(crate) fn get_word<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> Result<T> {
    let word: String = row.get(column)?;
    serde_json::from_value(Value::String(word)).map_err(|e| from_failure(row, column, e))
}

/// Like [`get_word`], for a column that may be null.
pub(crate) fn get_opt_word<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> Result<Option<T>> {
    let word: Option<String> = row.get(column)?;
    word.map(|w| serde_json::from_value(Value::String(w)).map_err(|e| from_failure(row, column, e)))
        .transpose()
}

/// Reads a column that holds JSON text.
pub(crate) fn get_json<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> Result<T> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|e| from_failure(row, column, e))
}

/// Reads a moment.
pub(crate) fn get_time(row: &Row<'_>, column: &str) -> Result<Timestamp> {
    row.get(column).map(Timestamp::from_micros)
}

/// Reads a moment that may be null.
pub(crate) fn get_opt_time(row: &Row<'_>, column: &str) -> Result<Option<Timestamp>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(Timestamp::from_micros))
}

/// Reads a count; a negative one, which the checks forbid, reads as 0.
pub(crate) fn get_count(row: &Row<'_>, column: &str) -> Result<u64> {
    Ok(u64::try_from(row.get::<_, i64>(column)?).unwrap_or(0))
}

/// Like [`get_count`], for a column that may be null.
pub(crate) fn get_opt_count(row: &Row<'_>, column: &str) -> Result<Option<u64>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(|n| u64::try_from(n).unwrap_or(0)))
}

/// Returns a count as SQLite's integer.
pub(crate) fn int(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Returns a moment as it is stored.
pub(crate) fn opt_micros(time: Option<Timestamp>) -> Option<i64> {
    time.map(Timestamp::micros)
}

/// Returns `text` cut to at most `max` characters: history is kept even where a name is absurd.
pub(crate) fn cut(text: &str, max: usize) -> &str {
    text.char_indices().nth(max).map_or(text, |(end, _)| &text[..end])
}

/// Returns the pattern of a `like … escape '\'` that finds `text` anywhere.
pub(crate) fn like(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}

fn to_failure(e: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::ToSqlConversionFailure(e.into())
}

fn from_failure(row: &Row<'_>, column: &str, e: serde_json::Error) -> Error {
    let index = row.as_ref().column_index(column).unwrap_or_default();
    Error::FromSqlConversionFailure(index, Type::Text, Box::new(e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cutting_respects_characters() {
        assert_eq!(cut("äöü", 2), "äö");
        assert_eq!(cut("äöü", 3), "äöü");
        assert_eq!(cut("", 3), "");
    }

    #[test]
    fn wildcards_of_a_search_are_taken_literally() {
        assert_eq!(like("50%_a\\"), "%50\\%\\_a\\\\%");
    }
}
