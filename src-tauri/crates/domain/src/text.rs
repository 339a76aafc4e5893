//! Foreign texts: what printers, files, services and people write.

/// Returns the beginning of a text as one line, of so many characters at most: what would end a line or move the cursor is
/// a blank.
pub fn one_line(text: &str, most: usize) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_no_controls_and_an_end() {
        assert_eq!(one_line("a\u{1b}[1m\nb", 100), "a [1m b");
        assert_eq!(one_line("äöü", 2), "äö");
    }
}
