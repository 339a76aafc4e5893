//! The slicer's own reckoning of the time left, which it writes into the file.

use parser::Command;

/// Returns the seconds left that an `M73` line states: `R` in minutes. The silent mode's `S` is not ours.
pub(crate) fn left_secs(text: &str) -> Option<f64> {
    let command = Command::of(text).filter(|command| command.code() == ('M', 73))?;
    let minutes = command.value('R')?;
    // A year is no print.
    (0.0..=525_600.0).contains(&minutes).then_some(minutes * 60.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_left_are_read() {
        let table = [
            ("M73 P10 R42", Some(2520.0)),
            ("M73 R0 P100", Some(0.0)),
            ("M73 Q10 S42", None),
            ("M73 P10", None),
            ("M73", None),
            ("M732 R5", None),
            ("M73 R-1", None),
            ("M73 Rnan", None),
            ("M117 R5", None),
            ("m73p5r7", Some(420.0)),
            ("M73 R1e3", Some(60.0)),
        ];
        for (text, want) in table {
            assert_eq!(left_secs(text), want, "{text}");
        }
    }
}
