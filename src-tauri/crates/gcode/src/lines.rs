//! Lines of a file as bytes. Every end of line that a printer knows is one: LF, CR LF, CR alone, CR CR LF, LF CR.

use std::io::{self, Read};

/// Longer lines are cut; no command is that long, and comments may be.
const MAX_RAW: usize = 4096;
/// Bytes read at a time.
const CHUNK: usize = 256 * 1024;
/// Carriage returns that belong to one end of line.
const MOST_RETURNS: usize = 8;

/// Reads lines and knows where they begin.
#[derive(Debug)]
pub(crate) struct Lines<R> {
    reader: R,
    buffer: Vec<u8>,
    /// The line begins here in `buffer`, and is so long.
    from: usize,
    len: usize,
    /// The next one begins here.
    next: usize,
    /// What was read ends here.
    to: usize,
    number: u64,
    start: u64,
    end: u64,
    /// The last line ended with a line feed alone, so a carriage return before the next is part of it.
    ended_with_lf: bool,
    /// The line has an end.
    is_ended: bool,
}

impl<R: Read> Lines<R> {
    /// `offset` is how many bytes of the file come before `reader`.
    pub(crate) fn new(reader: R, offset: u64) -> Self {
        Self {
            reader,
            buffer: vec![0; CHUNK],
            from: 0,
            len: 0,
            next: 0,
            to: 0,
            number: 0,
            start: offset,
            end: offset,
            ended_with_lf: false,
            is_ended: true,
        }
    }

    /// Goes to the next line. Returns whether there is one.
    pub(crate) fn advance(&mut self) -> io::Result<bool> {
        self.start = self.end;
        self.from = self.next;
        self.len = 0;
        if self.end == 0 && self.starts_with_mark()? {
            self.skip(3);
        }
        let mut dropped = 0;
        let ending = loop {
            // Where the line has so far no end.
            let begun = self.from + self.len;
            match memchr::memchr2(b'\n', b'\r', &self.buffer[begun..self.to]) {
                Some(at) if self.buffer[begun + at] == b'\n' => {
                    self.len += at;
                    break 1;
                }
                Some(at) => {
                    self.len += at;
                    let ending = self.ending()?;
                    let is_stray =
                        self.len == 0 && self.ended_with_lf && self.byte(ending - 1)? == Some(b'\r');
                    if !is_stray {
                        break ending;
                    }
                    self.skip(ending);
                    self.ended_with_lf = false;
                }
                None => {
                    self.len = self.to - self.from;
                    if self.len >= CHUNK / 2 {
                        dropped += self.len - MAX_RAW;
                        self.to = self.from + MAX_RAW;
                        self.len = MAX_RAW;
                    }
                    if !self.more()? {
                        break 0;
                    }
                }
            }
        };
        self.is_ended = ending > 0;
        self.ended_with_lf = self.byte_behind(ending) == Some(b'\n');
        self.next = self.from + self.len + ending;
        self.end += (self.len + dropped + ending) as u64;
        self.len = self.len.min(MAX_RAW);
        let any = self.end > self.start;
        self.number += u64::from(any && (ending > 0 || self.len > 0));
        Ok(any && (ending > 0 || self.len > 0))
    }

    /// Returns the line without its end.
    pub(crate) fn raw(&self) -> &[u8] {
        &self.buffer[self.from..self.from + self.len]
    }

    /// Returns its number, from 1 where reading began.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// Returns the bytes of the file before it.
    pub(crate) fn start(&self) -> u64 {
        self.start
    }

    /// Returns the bytes of the file up to its end, the end of line included.
    pub(crate) fn end(&self) -> u64 {
        self.end
    }

    /// Returns whether it has an end: the last line of a file that was cut off has none.
    pub(crate) fn is_ended(&self) -> bool {
        self.is_ended
    }

    /// Returns how many bytes the end of line has that stands at `len`.
    fn ending(&mut self) -> io::Result<usize> {
        if self.byte(0)? == Some(b'\n') {
            return Ok(1);
        }
        let mut count = 1;
        while count < MOST_RETURNS && self.byte(count)? == Some(b'\r') {
            count += 1;
        }
        Ok(count + usize::from(self.byte(count)? == Some(b'\n')))
    }

    /// Returns a byte behind the line's text, reading on where that is needed.
    fn byte(&mut self, behind: usize) -> io::Result<Option<u8>> {
        while self.from + self.len + behind >= self.to {
            if !self.more()? {
                return Ok(None);
            }
        }
        Ok(Some(self.buffer[self.from + self.len + behind]))
    }

    fn byte_behind(&self, ending: usize) -> Option<u8> {
        ending.checked_sub(1).map(|at| self.buffer[self.from + self.len + at])
    }

    fn starts_with_mark(&mut self) -> io::Result<bool> {
        while self.to - self.from < 3 {
            if !self.more()? {
                return Ok(false);
            }
        }
        Ok(self.buffer[self.from..].starts_with(b"\xef\xbb\xbf"))
    }

    fn skip(&mut self, count: usize) {
        self.from += count;
        self.end += count as u64;
    }

    /// Reads on behind what is there. Returns whether anything came.
    fn more(&mut self) -> io::Result<bool> {
        if self.from > 0 {
            self.buffer.copy_within(self.from..self.to, 0);
            self.to -= self.from;
            self.next = 0;
            self.from = 0;
        }
        loop {
            match self.reader.read(&mut self.buffer[self.to..]) {
                Ok(read) => {
                    self.to += read;
                    return Ok(read > 0);
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => (),
                Err(e) => return Err(e),
            }
        }
    }
}

/// Returns the text of a line that is a comment and nothing else.
pub(crate) fn comment(raw: &[u8]) -> Option<&[u8]> {
    let at = raw.iter().position(|b| *b > b' ')?;
    (raw[at] == b';').then(|| raw[at + 1..].trim_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Text, number and end of each line.
    fn lines(reader: impl Read) -> Vec<(String, u64, u64)> {
        let mut lines = Lines::new(reader, 0);
        let mut seen = Vec::new();
        while lines.advance().unwrap() {
            assert_eq!(lines.start(), seen.last().map_or(0, |(_, _, end)| *end));
            seen.push((String::from_utf8_lossy(lines.raw()).into_owned(), lines.number(), lines.end()));
        }
        seen
    }

    /// Hands out one byte at a time.
    struct Slow<'a>(&'a [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
            self.0.read(&mut buf[..1])
        }
    }

    #[test]
    fn every_end_of_line_is_one() {
        for end in ["\n", "\r\n", "\r", "\r\r\n", "\n\r"] {
            let file = format!("G28{end}G1 X1{end}G1 X2{end}");
            let seen = lines(file.as_bytes());
            let texts: Vec<_> = seen.iter().map(|(text, number, _)| (text.as_str(), *number)).collect();
            assert_eq!(texts, [("G28", 1), ("G1 X1", 2), ("G1 X2", 3)], "{end:?}");
            assert_eq!(lines(Slow(file.as_bytes())), seen, "{end:?}");
        }
        let blank = lines(&b"a\r\n\r\nb\n\nc"[..]);
        let texts: Vec<_> = blank.iter().map(|(text, ..)| text.as_str()).collect();
        assert_eq!(texts, ["a", "", "b", "", "c"]);
        assert_eq!(lines(&b"\xef\xbb\xbf; a\nG28\n"[..])[0], ("; a".into(), 1, 7), "the mark is no text");
    }

    #[test]
    fn ends_are_those_of_the_file() {
        let seen = lines(&b"G28\nG1 X1"[..]);
        assert_eq!((seen[0].2, seen[1].2), (4, 9));
        let mut open = Lines::new(&b"G28\nG1"[..], 100);
        assert!(open.advance().unwrap() && open.is_ended() && open.end() == 104);
        assert!(open.advance().unwrap() && !open.is_ended() && open.end() == 106);
        assert!(!open.advance().unwrap());
        assert_eq!(lines(&b""[..]), []);
    }

    #[test]
    fn a_line_of_any_length_is_passed_over() {
        for len in [MAX_RAW, MAX_RAW + 1, CHUNK / 2, CHUNK - 1, CHUNK, CHUNK + 1, 5 * CHUNK + 7] {
            let file = format!(";{}\nG28\r\n", "x".repeat(len));
            let seen = lines(file.as_bytes());
            assert_eq!(seen.len(), 2, "{len}");
            assert_eq!((seen[0].0.len(), seen[1].0.as_str()), ((len + 1).min(MAX_RAW), "G28"));
            assert_eq!((seen[0].2, seen[1].2), (len as u64 + 2, file.len() as u64));
        }
        assert_eq!(lines(&[b'\r'; 3 * CHUNK][..]).iter().filter(|(text, ..)| !text.is_empty()).count(), 0);
    }
}
