//! Keeps the head and the tail of what is read through it, for a stream that cannot be read twice.

use super::{HEAD, Metadata, TAIL};
use std::io::{self, Read};

/// A reader that remembers the ends of what went through it.
#[derive(Debug)]
pub struct Ends<R> {
    inner: R,
    head: Vec<u8>,
    tail: Vec<u8>,
}

impl<R: Read> Ends<R> {
    /// Reads from `inner`.
    pub fn new(inner: R) -> Self {
        Self { inner, head: Vec::new(), tail: Vec::new() }
    }

    /// Returns what the file says of itself as far as it was read, and takes in what its container held beside it.
    pub fn metadata(&self, beside: &[(String, String)]) -> Metadata {
        Metadata::of(&self.head, &self.tail[self.tail.len().saturating_sub(TAIL)..], beside)
    }
}

impl<R: Read> Read for Ends<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buf)?;
        let (first, rest) = buf[..read].split_at(read.min(HEAD - self.head.len()));
        self.head.extend_from_slice(first);
        self.tail.extend_from_slice(rest);
        if self.tail.len() > 2 * TAIL {
            self.tail.drain(..self.tail.len() - TAIL);
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_tells_the_same_as_a_file() {
        let file = format!(
            ";Generated with Cura_SteamEngine 5.2.1\n;TIME:232\n{};End of Gcode\n",
            "G1 X1 E1\n".repeat(200_000)
        );
        let mut ends = Ends::new(file.as_bytes());
        io::copy(&mut ends, &mut io::sink()).unwrap();
        let whole = crate::metadata(io::Cursor::new(&file)).unwrap();
        assert_eq!(whole.ends, Some(true));
        assert_eq!(ends.metadata(&[]), whole);
        assert!(ends.tail.capacity() < 8 * TAIL, "it does not grow with the file");
    }
}
