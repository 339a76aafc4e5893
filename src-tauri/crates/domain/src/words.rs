//! Sentences for people, made of parts that may end in a full stop or not.

/// Makes a sentence of words that may be the middle of one: a capital first, one mark at the end.
pub fn sentence(words: &str) -> String {
    let words = words.trim();
    let bare = words.trim_end_matches(['.', ' ', ',', ';', ':']);
    let mut chars = bare.chars();
    let Some(first) = chars.next() else { return String::new() };
    // Three dots say that something was left out.
    let end = match words.ends_with("...") {
        true => "...",
        false if bare.ends_with(['!', '?', '…']) => "",
        false => ".",
    };
    format!("{}{}{end}", first.to_uppercase(), chars.as_str())
}

/// Joins parts to sentences; a part that says nothing, or what another has said already, is left out.
pub fn sentences(parts: &[&str]) -> String {
    let mut said = String::new();
    for part in parts {
        let next = sentence(part);
        if next.is_empty() || said.contains(&next) {
            continue;
        }
        if !said.is_empty() {
            said.push(' ');
        }
        said += &next;
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_ends_with_one_mark_whatever_its_part_ended_with() {
        let table = [
            ("halted", "Halted."),
            ("halted.", "Halted."),
            ("halted..", "Halted."),
            ("halted. ", "Halted."),
            ("Printer halted. kill() called!", "Printer halted. kill() called!"),
            ("really?", "Really?"),
            ("and so on...", "And so on..."),
            ("so it goes…", "So it goes…"),
            ("the printer said:", "The printer said."),
            ("über", "Über."),
            ("", ""),
            (" . ", ""),
        ];
        for (part, right) in table {
            assert_eq!(sentence(part), right, "{part:?}");
        }
    }

    #[test]
    fn sentences_are_joined_once_each() {
        let twice = ["halted..", "Find the cause", "", "Find the cause."];
        assert_eq!(sentences(&twice), "Halted. Find the cause.");
        let off = ["It did not answer. Switch the printer off now.", "Switch the printer off now"];
        assert_eq!(sentences(&off), "It did not answer. Switch the printer off now.");
    }
}
