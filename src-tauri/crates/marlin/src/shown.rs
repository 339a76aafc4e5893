//! What may be shown of a text that came from the printer or a file.

/// Returns the printable ASCII of a text, at most so many characters.
pub(crate) fn plain(text: &str, longest: usize) -> String {
    text.trim().chars().filter(|c| (' '..='~').contains(c)).take(longest).collect()
}

/// Returns what can be shown of a line, letters of other languages included.
pub(crate) fn readable(raw: &str) -> String {
    let shown = |c: &char| !c.is_control() && *c != char::REPLACEMENT_CHARACTER;
    raw.trim().chars().filter(shown).take(300).collect()
}
