//! Names of a model's classes, and which of them sound like a failure. Names come from files: never trusted.

/// Classes at most.
pub(crate) const MAX_CLASSES: usize = 1000;

/// Letters of a name at most.
const MAX_NAME: usize = 60;

/// A class whose name contains one of these is taken for a failure until the user says otherwise.
const FAILURES: &[&str] =
    &["fail", "spaghetti", "detach", "warp", "knocked", "blob", "layer_shift", "layer shift"];

/// Reads the `names` of an Ultralytics export, `{0: 'spaghetti', 1: "it's fine"}`; `None` when it is no such text.
pub(crate) fn parse_names(text: &str) -> Option<Vec<String>> {
    let mut rest = text.trim().strip_prefix('{')?.strip_suffix('}')?.trim();
    let mut names = Vec::new();
    while !rest.is_empty() {
        let (number, after) = rest.split_once(':')?;
        if number.trim().trim_matches(['"', '\'']).parse::<usize>().ok()? != names.len() {
            return None;
        }
        let after = after.trim_start();
        let quote = after.chars().next().filter(|c| ['"', '\''].contains(c))?;
        let (name, after) = quoted(&after[1..], quote)?;
        names.push(tidy(&name));
        if names.len() > MAX_CLASSES {
            return None;
        }
        rest = after.trim_start();
        rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
    }
    Some(names)
}

/// Returns what stands before the closing quote, and what follows it.
fn quoted(text: &str, quote: char) -> Option<(String, &str)> {
    let mut name = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => name.push(letters.next()?.1),
            _ if letter == quote => return Some((name, &text[at + letter.len_utf8()..])),
            _ => name.push(letter),
        }
    }
    None
}

fn tidy(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(MAX_NAME).collect()
}

/// Returns names for `count` classes that have none.
pub(crate) fn unnamed(count: usize) -> Vec<String> {
    if count == 1 { vec!["failure".into()] } else { (0..count).map(|at| format!("class {at}")).collect() }
}

/// Returns the classes that are likely failures: the only one, or those whose names say so.
pub(crate) fn likely_failures(names: &[String]) -> Vec<String> {
    if let [only] = names {
        return vec![only.clone()];
    }
    let sounds_bad = |name: &&String| {
        let name = name.to_lowercase();
        FAILURES.iter().any(|word| name.contains(word)) && !name.starts_with("no")
    };
    names.iter().filter(sounds_bad).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_python_writes_them() {
        let read = |text: &str| parse_names(text).map(|names| names.join("|"));
        assert_eq!(read("{0: 'spaghetti', 1: \"it's fine\"}").as_deref(), Some("spaghetti|it's fine"));
        assert_eq!(read("{0: 'a, b: c', 1: 'd\\'e'}").as_deref(), Some("a, b: c|d'e"));
        assert_eq!(read("{}").as_deref(), Some(""));
        assert_eq!(read("{\"0\": \"a\"}").as_deref(), Some("a"));
        assert_eq!(read("{0: 'a\u{7}ü'}").as_deref(), Some("aü"), "no control characters");
        for bad in ["", "names", "{0: 'a'", "{1: 'a'}", "{0: a}", "{0: 'a}", "{0: '\\"] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert_eq!(parse_names(&format!("{{0: '{}'}}", "x".repeat(5000))).unwrap()[0].len(), MAX_NAME);
    }

    #[test]
    fn likely_failures_are_the_only_class_or_those_that_sound_so() {
        let likely = |names: &[&str]| {
            likely_failures(&names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>()).join("|")
        };
        assert_eq!(likely(&["thing"]), "thing");
        assert_eq!(likely(&["good", "Spaghetti", "print_failure", "no_failure"]), "Spaghetti|print_failure");
        assert_eq!(likely(&["cat", "dog"]), "", "the user must say");
    }
}
