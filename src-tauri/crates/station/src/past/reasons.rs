//! Why prints fail, in words of a person's own list.

use crate::error::StationError;
use store::{Connection, Store, StoreError, setting};

/// Key of the setting.
const REASONS: &str = "failure_reasons";
/// The list until a person has made another of it.
const USUAL: &[&str] = &[
    "Did not stick to the bed",
    "Tangle (spaghetti)",
    "Layers shifted",
    "Filament ran out",
    "Clogged nozzle",
    "Power or cable",
    "Wrong settings",
];
/// Words of the list at most.
const MOST: usize = 40;
/// Longest word, characters.
pub(super) const LONGEST: usize = 64;

/// Returns the list.
///
/// # Errors
/// When the database cannot be read.
pub(super) fn list(conn: &Connection) -> Result<Vec<String>, StoreError> {
    let usual = || USUAL.iter().map(|word| (*word).to_owned()).collect();
    Ok(setting::get(conn, REASONS)?.unwrap_or_else(usual))
}

/// Makes this the list; without words it is the usual one again. Prints keep their words. Blocks.
///
/// # Errors
/// Refused when there are too many, or one is too long; and when it cannot be stored.
pub(super) fn set(store: &Store, words: Vec<String>) -> Result<Vec<String>, StationError> {
    let mut tidy: Vec<String> = Vec::new();
    for word in words {
        let word = check(&word)?;
        if !word.is_empty() && !tidy.contains(&word) {
            tidy.push(word);
        }
    }
    if tidy.len() > MOST {
        let message = format!("the list has at most {MOST} reasons");
        return Err(StationError::refused("bad_request", message, "Leave some out."));
    }
    store.write_now(move |tx| {
        if tidy.is_empty() { setting::remove(tx, REASONS) } else { setting::set(tx, REASONS, &tidy) }
    })?;
    Ok(store.read(list)?)
}

/// Returns a word as it is kept.
///
/// # Errors
/// Refused when it is too long, or cannot be seen.
pub(super) fn check(word: &str) -> Result<String, StationError> {
    let word = word.trim();
    if word.chars().count() > LONGEST || word.chars().any(char::is_control) {
        let message = format!("a reason has at most {LONGEST} characters that can be seen");
        return Err(StationError::refused(
            "bad_request",
            message,
            "Shorten it; the notes have room for more.",
        ));
    }
    Ok(word.to_owned())
}
