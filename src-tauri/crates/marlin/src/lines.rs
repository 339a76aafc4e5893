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
                lines.push(String::from_utf8_lossy(&self.partial).into_owned());
                self.partial.clear();
            } else if self.partial.len() < LONGEST {
                self.partial.push(*byte);
            }
        }
        lines
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
    }
}
