//! Bytes to lines, however the port cuts them up.

/// Longer lines are noise; the rest of one is thrown away.
const LONGEST: usize = 1024;

/// Cuts bytes into lines.
#[derive(Debug, Default)]
pub struct Lines {
    partial: Vec<u8>,
}

impl Lines {
    /// Takes bytes as they came and returns the lines that are complete, without their end.
    pub fn take(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        for byte in bytes {
            if *byte == b'\n' {
                lines.push(text(&self.partial));
                self.partial.clear();
            } else if self.partial.len() < LONGEST {
                self.partial.push(*byte);
            }
        }
        lines
    }
}

/// Returns a line as text. Firmwares of other languages write Latin-1; what is mostly unreadable is noise.
fn text(bytes: &[u8]) -> String {
    let readable = bytes.iter().filter(|b| (b' '..=b'~').contains(*b)).count();
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) if readable * 4 > bytes.len() * 3 => bytes.iter().map(|b| char::from(*b)).collect(),
        Err(_) => String::from_utf8_lossy(bytes).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_without_end_is_cut_and_the_next_one_is_whole() {
        let mut lines = Lines::default();
        assert!(lines.take(&vec![b'x'; 5_000]).is_empty());
        let cut = lines.take(b"\nok\n\xff\xfe\nwait");
        assert_eq!(cut.iter().map(String::len).collect::<Vec<_>>(), [LONGEST, 2, 6]);
        assert_eq!(lines.take(b"\n"), ["wait"]);
        assert_eq!(lines.take(b"Error:somme de contr\xf4le\n"), ["Error:somme de contr\u{f4}le"]);
    }
}
