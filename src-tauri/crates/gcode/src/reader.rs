//! Reads a file line by line and yields its commands.

use crate::clean::{HostWord, clean, host_word};
use crate::layer::Layers;
use crate::motion::Motion;
use std::io::{self, BufRead, BufReader, Read};

/// Longer lines are cut while reading; no command is that long, and comments may be.
const MAX_RAW: usize = 4096;

/// A command of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Command {
    /// What to send, without number and checksum.
    pub text: String,
    /// Line in the file, from 1.
    pub line: u64,
    /// Bytes from the start of the file to the end of this line.
    pub end: u64,
    /// Layer, from 0, once one has begun.
    pub layer_idx: Option<u32>,
    /// Set when the command is not for the printer.
    pub host: Option<HostWord>,
    /// Where the file's commands have led, this one included.
    pub after: Motion,
}

/// Why a file cannot be printed. The texts say what to do.
#[derive(Debug, thiserror::Error)]
pub enum GcodeError {
    /// A command that the firmware would cut off.
    #[error(
        "line {line} is too long for the printer ({bytes} characters, {most} fit): shorten it, or slice the file again for this firmware"
    )]
    TooLong {
        /// Line in the file, from 1.
        line: u64,
        /// Its length.
        bytes: usize,
        /// The longest that fits.
        most: usize,
    },
    /// Not text.
    #[error(
        "line {line} holds binary data: this is no plain G-code file; export it again as .gcode, not as .bgcode, .3mf or .gx"
    )]
    Binary {
        /// Line in the file, from 1.
        line: u64,
    },
    /// No command at all.
    #[error("the file holds no G-code command: slice it again")]
    Empty,
    /// The file system failed.
    #[error("the file cannot be read: {0}; check that the disk is still there")]
    Read(#[from] io::Error),
}

/// Yields the commands of a file, in order.
#[derive(Debug)]
pub struct Commands<R> {
    reader: BufReader<R>,
    raw: Vec<u8>,
    /// The command of the last line read; empty when it had none.
    text: String,
    line: u64,
    end: u64,
    layers: Layers,
    motion: Motion,
    failed: bool,
    /// Set when the last line read was the slicer's first layer mark.
    pub(crate) first_mark: bool,
}

impl<R: Read> Commands<R> {
    /// Starts at the beginning of `reader`.
    pub fn new(reader: R) -> Self {
        Self {
            reader: BufReader::with_capacity(64 * 1024, reader),
            raw: Vec::with_capacity(128),
            text: String::with_capacity(128),
            line: 0,
            end: 0,
            layers: Layers::default(),
            motion: Motion::default(),
            failed: false,
            first_mark: false,
        }
    }

    /// Returns the bytes read so far.
    pub fn bytes(&self) -> u64 {
        self.end
    }

    /// Reads one line of the file. `None` at its end, otherwise whether the line has a command.
    pub(crate) fn step(&mut self) -> Result<Option<bool>, GcodeError> {
        if !self.fill()? {
            return Ok(None);
        }
        self.line += 1;
        self.first_mark = self.layers.mark(&self.raw);
        if !clean(&self.raw, self.line, &mut self.text)? {
            return Ok(Some(false));
        }
        self.motion.follow(&self.text);
        self.layers.moved(&self.motion);
        Ok(Some(true))
    }

    /// Returns the command of the last line read.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Returns the last line read, with its comment; over-long ones cut.
    pub(crate) fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// Returns the number of the last line read, from 1.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// Returns where the commands have led.
    pub(crate) fn motion(&self) -> &Motion {
        &self.motion
    }

    /// Returns the layer, from 0, once one has begun.
    pub(crate) fn layer_idx(&self) -> Option<u32> {
        self.layers.idx()
    }

    fn command(&self) -> Command {
        Command {
            text: self.text.clone(),
            line: self.line,
            end: self.end,
            layer_idx: self.layers.idx(),
            host: host_word(&self.text),
            after: self.motion,
        }
    }

    /// Fills `raw` with the next line. Returns whether there was one.
    fn fill(&mut self) -> io::Result<bool> {
        self.raw.clear();
        let mut any = false;
        loop {
            let chunk = match self.reader.fill_buf() {
                Ok(chunk) => chunk,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(e),
            };
            if chunk.is_empty() {
                return Ok(any);
            }
            any = true;
            let newline = chunk.iter().position(|b| *b == b'\n');
            let take = newline.map_or(chunk.len(), |at| at + 1);
            let room = MAX_RAW.saturating_sub(self.raw.len());
            self.raw.extend_from_slice(&chunk[..take.min(room)]);
            self.reader.consume(take);
            self.end += take as u64;
            if newline.is_some() {
                return Ok(true);
            }
        }
    }
}

impl<R: Read> Iterator for Commands<R> {
    type Item = Result<Command, GcodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        loop {
            match self.step() {
                Ok(Some(true)) => return Some(Ok(self.command())),
                Ok(Some(false)) => (),
                Ok(None) => return None,
                Err(e) => {
                    self.failed = true;
                    return Some(Err(e));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_know_their_place_in_the_file() {
        let file = "; made by hand\nG28\n\n;LAYER:0\nG1 X1 E1 F600 ; first\nM0\nG1 X2";
        let all: Vec<Command> = Commands::new(file.as_bytes()).map(|c| c.unwrap()).collect();
        let seen: Vec<_> = all.iter().map(|c| (c.text.as_str(), c.line, c.layer_idx, c.host)).collect();
        assert_eq!(
            seen,
            [
                ("G28", 2, None, None),
                ("G1 X1 E1 F600", 5, Some(0), None),
                ("M0", 6, Some(0), Some(HostWord::Pause)),
                ("G1 X2", 7, Some(0), None),
            ]
        );
        assert_eq!(all.last().unwrap().end, file.len() as u64);
        assert_eq!(all[0].end, 19, "the offset is that of the line's end");
    }

    #[test]
    fn after_an_error_there_is_nothing_more() {
        let mut commands = Commands::new(&b"G28\nG1\0X\nG1 X1\n"[..]);
        assert!(commands.next().unwrap().is_ok());
        assert!(matches!(commands.next(), Some(Err(GcodeError::Binary { line: 2 }))));
        assert!(commands.next().is_none());
    }

    #[test]
    fn a_comment_of_any_length_is_passed_over() {
        let file = format!(";{}\nG28\n", "x".repeat(300_000));
        let all: Vec<_> = Commands::new(file.as_bytes()).map(|c| c.unwrap()).collect();
        assert_eq!((all.len(), all[0].line, all[0].end), (1, 2, file.len() as u64));
    }
}
