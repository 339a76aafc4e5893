//! Lines of a file as bytes, and the command in each, numbered as [`crate::Commands`] numbers them.

use crate::clean::clean;
use std::borrow::Cow;
use std::io::{self, BufRead, BufReader, Read};

/// Longer lines are cut, as [`crate::Commands`] does.
const MAX_RAW: usize = 4096;

/// Reads lines and knows where they begin.
#[derive(Debug)]
pub(super) struct Lines<R> {
    reader: BufReader<R>,
    raw: Vec<u8>,
    number: u64,
    start: u64,
    end: u64,
}

impl<R: Read> Lines<R> {
    /// `offset` is how many bytes of the file come before `reader`.
    pub(super) fn new(reader: R, offset: u64) -> Self {
        let reader = BufReader::with_capacity(256 * 1024, reader);
        Self { reader, raw: Vec::with_capacity(256), number: 0, start: offset, end: offset }
    }

    /// Goes to the next line. Returns whether there is one.
    pub(super) fn advance(&mut self) -> io::Result<bool> {
        self.raw.clear();
        self.start = self.end;
        loop {
            let chunk = match self.reader.fill_buf() {
                Ok(chunk) => chunk,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(e),
            };
            if chunk.is_empty() {
                break;
            }
            let newline = chunk.iter().position(|b| *b == b'\n');
            let take = newline.map_or(chunk.len(), |at| at + 1);
            let room = MAX_RAW.saturating_sub(self.raw.len());
            self.raw.extend_from_slice(&chunk[..take.min(room)]);
            self.reader.consume(take);
            self.end += take as u64;
            if newline.is_some() {
                break;
            }
        }
        let any = self.end > self.start;
        self.number += u64::from(any);
        Ok(any)
    }

    /// Returns the line, its end included.
    pub(super) fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// Returns its number, from 1 where reading began.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Returns the bytes of the file before it.
    pub(super) fn start(&self) -> u64 {
        self.start
    }

    /// Returns the bytes of the file up to its end.
    pub(super) fn end(&self) -> u64 {
        self.end
    }
}

/// Returns the command of a line, or `None` when it has none.
pub(super) fn command(raw: &[u8]) -> Option<Cow<'_, [u8]>> {
    // Only these are blank to the printer's side too; any other control byte is a mark there.
    let blank = |b: &u8| matches!(b, b' ' | b'\t');
    let line = raw.strip_suffix(b"\n").unwrap_or(raw);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let line = &line[line.iter().position(|b| !blank(b))?..];
    let first = *line.first().filter(|b| **b != b';')?;
    let plain = first.is_ascii_alphabetic() && !matches!(first, b'N' | b'n');
    let length = line.iter().position(|b| matches!(b, b';' | b'*' | b'(')).unwrap_or(line.len());
    if plain && line.get(length) != Some(&b'(') {
        return Some(Cow::Borrowed(&line[..length]));
    }
    let mut text = String::new();
    match clean(raw, 0, &mut text) {
        Ok(has) => has.then(|| Cow::Owned(text.into_bytes())),
        // Too long to print, and so never counted.
        Err(_) => Some(Cow::Borrowed(&[])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_those_that_are_printed() {
        let table: [&[u8]; 20] = [
            b"\x0c",
            b"\r\r\n",
            b"G1 X1 ; over there\r\n",
            b"G1 (to the left) X1 (and\n",
            b";LAYER:3\n",
            b"   \r\n",
            b"N12 G1 X1*55\n",
            b"N12\n",
            b"n3\n",
            b"Nozzle\n",
            b"g1 x2.5\n",
            b"M117 Layer (3) 50*2\n",
            b"\xef\xbb\xbfG28\n",
            b"(only words)\n",
            b"*12\n",
            b" ; x",
            b"\xef\xbb\xbf; x",
            b"%\n",
            b"\x0b\n",
            b"\x0cG1\n",
        ];
        for raw in table {
            let want = clean(raw, 1, &mut String::new()).unwrap();
            let got = command(raw);
            assert_eq!(got.is_some(), want, "{:?}", String::from_utf8_lossy(raw));
        }
    }
}
