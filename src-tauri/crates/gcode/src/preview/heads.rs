//! Where the head is after single commands.

use crate::GcodeError;
use crate::reader::{Walk, Walked};
use parser::FirmwareG90;
use std::io::Read;

/// Returns where the nozzle is when so many commands of the file are done, mm, for each of `commands`, which rise. One
/// pass over the file, up to the last of them; `None` for those that it does not have, and before the first.
///
/// # Errors
/// When it cannot be read, or is no text.
pub fn heads(reader: impl Read, commands: &[u64]) -> Result<Vec<Option<[f64; 2]>>, GcodeError> {
    let mut walk = Walk::new(reader, FirmwareG90::default());
    let (mut number, mut ended) = (0, false);
    let mut found = Vec::with_capacity(commands.len());
    for &wanted in commands {
        while number < wanted && !ended {
            match walk.step(|_| ())? {
                Walked::Command(()) => number += 1,
                Walked::Nothing => (),
                Walked::End => ended = true,
            }
        }
        let [x, y, _] = walk.state.machine();
        found.push((wanted > 0 && number >= wanted).then_some([x, y]));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_is_found_after_any_command() {
        let file = "G28\n; words\nG1 X10 Y20\n\nG91\nG1 X5\nM104 S200\nG1 Y-5\n";
        let found = heads(file.as_bytes(), &[0, 1, 2, 2, 4, 5, 6, 7]).unwrap();
        assert_eq!(
            found,
            [
                None,
                Some([0.0, 0.0]),
                Some([10.0, 20.0]),
                Some([10.0, 20.0]),
                Some([15.0, 20.0]),
                Some([15.0, 20.0]),
                Some([15.0, 15.0]),
                None
            ]
        );
        // What is no command moves nothing.
        assert_eq!(heads(&[0xFF, 7][..], &[1, 2]).unwrap(), [Some([0.0, 0.0]), None]);
    }
}
