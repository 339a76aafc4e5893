//! Bytes to lines and back: what came in so far, and what still has to go out.

use crate::Port;
use std::collections::VecDeque;
use std::io::{self, ErrorKind};

/// Cuts what the port brings into lines.
#[derive(Debug, Default)]
pub(crate) struct LineReader {
    lines: marlin::Lines,
    pub(crate) noise: marlin::Noise,
}

impl LineReader {
    /// Reads once and returns the lines that are complete. Waits as long as the port does.
    pub(crate) fn read_from(&mut self, port: &mut dyn Port) -> io::Result<Vec<String>> {
        let mut chunk = [0; 1024];
        let len = match port.read(&mut chunk) {
            Ok(len) => len,
            Err(e) if nothing_now(&e) => 0,
            Err(e) => return Err(e),
        };
        self.noise.take(&chunk[..len]);
        Ok(self.lines.take(&chunk[..len]))
    }
}

/// Bytes on their way to the port.
#[derive(Debug, Default)]
pub(crate) struct LineWriter {
    waiting: VecDeque<u8>,
    /// A line is written in part.
    mid_line: bool,
}

impl LineWriter {
    pub(crate) fn push(&mut self, line: &str) {
        self.waiting.extend(line.bytes().chain([b'\n']));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Returns how many bytes wait.
    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Throws away what waits; a line begun is ended first, or the next one would be glued to it.
    pub(crate) fn instead(&mut self, line: &str) {
        self.waiting.clear();
        if std::mem::take(&mut self.mid_line) {
            self.waiting.push_back(b'\n');
        }
        self.push(line);
    }

    /// Writes what the port takes now. Returns how many bytes that was.
    pub(crate) fn write_to(&mut self, port: &mut dyn Port) -> io::Result<usize> {
        let mut total = 0;
        while !self.waiting.is_empty() {
            let bytes = self.waiting.make_contiguous();
            match port.write(bytes) {
                Ok(0) => break,
                Ok(len) => {
                    self.mid_line = bytes[len - 1] != b'\n';
                    self.waiting.drain(..len);
                    total += len;
                }
                Err(e) if nothing_now(&e) => break,
                Err(e) => return Err(e),
            }
        }
        Ok(total)
    }
}

/// Returns whether an error only means that nothing went through just now.
fn nothing_now(e: &io::Error) -> bool {
    matches!(e.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock | ErrorKind::Interrupted)
}
