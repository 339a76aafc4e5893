//! Single commands as they stand in the file.

use crate::GcodeError;
use crate::reader::{Walk, Walked};
use parser::FirmwareG90;
use std::io::Read;

/// Longest text, characters; the rest is for nobody to read.
const LONGEST: usize = 160;

/// Returns the lines of up to `count` commands from number `from` (from 1) on, without what surrounds them: control
/// characters are shown as `?`, long ones are cut. `before` is how many commands of the file come before `reader`.
/// Fewer when the file ends.
///
/// # Errors
/// When it cannot be read.
pub fn texts(reader: impl Read, before: u64, from: u64, count: usize) -> Result<Vec<String>, GcodeError> {
    let mut walk = Walk::new(reader, FirmwareG90::default());
    let (mut number, mut found) = (before, Vec::new());
    while found.len() < count {
        match walk.step(|_| ())? {
            Walked::End => break,
            Walked::Nothing => continue,
            Walked::Command(()) => number += 1,
        }
        if number >= from {
            let text = String::from_utf8_lossy(walk.lines.raw());
            let shown = text.trim().chars().map(|c| if c.is_control() { '?' } else { c });
            found.push(shown.take(LONGEST).collect());
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_counted_and_words_beside_them_stay() {
        let file = b"; head\nG28\n\nG1 X1 ; right\n  G1 X2\t\r\nM117 \x07\xFF\nG4";
        let some = |from, count| texts(&file[..], 0, from, count).unwrap();
        assert_eq!(some(2, 2), ["G1 X1 ; right", "G1 X2"]);
        assert_eq!(some(4, 9), ["M117 ?\u{FFFD}", "G4"]);
        assert_eq!(some(9, 1), Vec::<String>::new());
        assert_eq!(texts(&file[12..], 1, 3, 1).unwrap(), ["G1 X2"], "a part of the file");
        let long = [b"M117 ".as_slice(), &[b'X'; 5000]].concat();
        assert_eq!(texts(&long[..], 0, 1, 1).unwrap()[0].len(), LONGEST);
    }
}
