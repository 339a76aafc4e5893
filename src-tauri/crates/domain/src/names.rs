//! Names of printers: whatever is told of one is told by its name, so no two have the same.

/// Longest name that is made here, characters.
const LONGEST: usize = 80;

/// Returns whether people would take two names for one.
pub fn same_name(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

/// Returns `wanted`, or with the first number behind it that makes it a name that none of `taken` is: "Demo printer 2".
pub fn free_name<'a>(wanted: &str, taken: impl Iterator<Item = &'a str> + Clone) -> String {
    let is_free = |name: &str| !taken.clone().any(|other| same_name(other, name));
    if is_free(wanted) {
        return wanted.to_owned();
    }
    let numbered = |number: u32| {
        let number = format!(" {number}");
        let stem: String = wanted.chars().take(LONGEST.saturating_sub(number.len())).collect();
        stem.trim_end().to_owned() + &number
    };
    // Each of these names is another one, and fewer are taken than there are numbers.
    (2..=u32::MAX).map(numbered).find(|name| is_free(name)).unwrap_or_else(|| wanted.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn free(wanted: &str, taken: &[&str]) -> String {
        free_name(wanted, taken.iter().copied())
    }

    #[test]
    fn a_name_that_is_taken_gets_the_first_free_number() {
        assert_eq!(free("Demo printer", &[]), "Demo printer");
        assert_eq!(free("Demo printer", &["demo Printer "]), "Demo printer 2");
        assert_eq!(free("Demo printer", &["Demo printer", "Demo printer 2", "Ender"]), "Demo printer 3");
        assert_eq!(free("Demo printer", &["Demo printer 2", "Ender"]), "Demo printer");
    }

    #[test]
    fn a_number_never_makes_a_name_too_long() {
        let long = "ä".repeat(80);
        let made = free(&long, &[&long]);
        assert_eq!(made.chars().count(), 80);
        assert!(made.ends_with("ä 2"));
    }
}
