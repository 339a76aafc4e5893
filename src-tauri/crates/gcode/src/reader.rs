//! Reads a file line by line and yields its commands.

use crate::ContainerError;
use crate::labels::Labels;
use crate::layer::Layers;
use crate::lines::{Lines, comment};
use parser::{Command, FirmwareG90, Handling, MAX_TEXT, MotionState, Move, clean};
use std::io::{self, Read};

/// A command of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct FileCommand {
    /// What to send, without number and checksum; what people are shown where it is not sent.
    pub text: String,
    /// Line in the file, from 1.
    pub line: u64,
    /// Bytes from the start of the file to the end of this line.
    pub end: u64,
    /// Layer, from 0, once one has begun.
    pub layer_idx: Option<u32>,
    /// Object of the print that it belongs to, from 0, where the file labels them.
    pub object: Option<u32>,
    /// What becomes of it.
    pub handling: Handling,
    /// It lays material down.
    pub extruding: bool,
    /// The state that the file's commands have built up, this one included.
    pub after: MotionState,
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
    /// The container is damaged, or unpacks to too much.
    #[error("{0}")]
    Container(ContainerError),
    /// The file system failed.
    #[error("the file cannot be read: {0}; check that the disk is still there")]
    Read(io::Error),
}

impl From<io::Error> for GcodeError {
    /// Takes the error of a container out again, where a reader had to wrap it.
    fn from(e: io::Error) -> Self {
        let error = ContainerError::from(e);
        if let ContainerError::Read(e) = error {
            return Self::Read(e);
        }
        Self::Container(error)
    }
}

/// A command as it goes by, with what it did.
pub(crate) struct Step<'a> {
    pub(crate) command: &'a Command<'a>,
    pub(crate) handling: Handling,
    /// The move that it is.
    pub(crate) moved: Option<&'a Move>,
    /// The state after it.
    pub(crate) state: &'a MotionState,
    /// Layer, from 0, after it.
    pub(crate) layer_idx: Option<u32>,
    /// Object of the print that it belongs to.
    pub(crate) object: Option<u32>,
    /// Line in the file, from 1.
    pub(crate) line: u64,
    /// Bytes of the file before the line, and to its end.
    pub(crate) start: u64,
    pub(crate) end: u64,
}

/// What a line was.
pub(crate) enum Walked<T> {
    /// The file has ended.
    End,
    /// Blank, or a comment.
    Nothing,
    /// A command, and what was made of it.
    Command(T),
}

/// A slicer names its flavour within so many lines.
const HEAD_LINES: u64 = 100;
/// Cross-section of an Ultimaker's filament of 2.85 mm, mm².
const ULTIMAKER_MM2: f64 = std::f64::consts::PI * 2.85 * 2.85 / 4.0;

/// Follows a file line by line: the one way in which commands, layers and state are found.
#[derive(Debug)]
pub(crate) struct Walk<R> {
    pub(crate) lines: Lines<R>,
    pub(crate) layers: Layers,
    pub(crate) labels: Labels,
    pub(crate) state: MotionState,
    /// Set when the last line read was the slicer's first layer mark.
    pub(crate) first_mark: bool,
    /// The file is of Cura's flavour "UltiGCode", which counts filament as a volume without saying so in a command.
    pub(crate) ultigcode: bool,
    buffer: Vec<u8>,
    text: String,
}

impl<R: Read> Walk<R> {
    pub(crate) fn new(reader: R, g90: FirmwareG90) -> Self {
        Self::at(reader, 0, MotionState::new(g90))
    }

    /// Starts within a file, `offset` bytes from its beginning, in this state. Layers are counted from there.
    pub(crate) fn at(reader: R, offset: u64, state: MotionState) -> Self {
        Self {
            lines: Lines::new(reader, offset),
            layers: Layers::default(),
            labels: Labels::default(),
            state,
            first_mark: false,
            ultigcode: false,
            buffer: Vec::new(),
            text: String::new(),
        }
    }

    /// Reads one line, and calls `visit` with its command when it has one.
    pub(crate) fn step<T>(&mut self, visit: impl FnOnce(Step<'_>) -> T) -> Result<Walked<T>, GcodeError> {
        self.first_mark = false;
        if !self.lines.advance()? {
            return Ok(Walked::End);
        }
        let line = self.lines.number();
        let raw = self.lines.raw();
        let is_comment = comment(raw).is_some();
        if is_comment {
            self.first_mark = self.layers.mark(raw);
            self.labels.mark(raw);
            if line <= HEAD_LINES && comment(raw) == Some(b"FLAVOR:UltiGCode") {
                self.ultigcode = true;
                self.state.volumetric_mm2 = Some(ULTIMAKER_MM2);
            }
        }
        let plain = clean(raw, &mut self.buffer);
        // What was cleaned has no zero left.
        if !std::ptr::eq(plain, raw) && raw.contains(&0) {
            return Err(GcodeError::Binary { line });
        }
        let Some(command) = Command::read(plain) else { return Ok(Walked::Nothing) };
        self.labels.command(&command);
        let handling = command.handling();
        if command.bytes().len() > MAX_TEXT {
            command.write(&mut self.text).map_err(|bytes| GcodeError::TooLong {
                line,
                bytes,
                most: MAX_TEXT,
            })?;
        }
        let moved = match handling {
            Handling::Send => self.state.follow(&command),
            Handling::Pause | Handling::Dwell(_) | Handling::LeaveOut(_) => None,
        };
        if let Some(moved) = &moved {
            self.layers.moved(moved);
        }
        let (state, layer_idx) = (&self.state, self.layers.idx());
        let (start, end) = (self.lines.start(), self.lines.end());
        Ok(Walked::Command(visit(Step {
            command: &command,
            handling,
            moved: moved.as_ref(),
            state,
            layer_idx,
            object: self.labels.current(),
            line,
            start,
            end,
        })))
    }
}

/// Yields the commands of a file, in order.
#[derive(Debug)]
pub struct Commands<R> {
    walk: Walk<R>,
    failed: bool,
}

impl<R: Read> Commands<R> {
    /// Starts at the beginning of `reader`, for a firmware that is not known.
    pub fn new(reader: R) -> Self {
        Self::for_firmware(reader, FirmwareG90::default())
    }

    /// Starts at the beginning of `reader`, for a firmware that reads G90 so.
    pub fn for_firmware(reader: R, g90: FirmwareG90) -> Self {
        Self { walk: Walk::new(reader, g90), failed: false }
    }

    /// Returns the bytes read so far.
    pub fn bytes(&self) -> u64 {
        self.walk.lines.end()
    }
}

impl<R: Read> Iterator for Commands<R> {
    type Item = Result<FileCommand, GcodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        loop {
            match self.walk.step(|step| file_command(&step)) {
                Ok(Walked::Command(command)) => return Some(Ok(command)),
                Ok(Walked::Nothing) => (),
                Ok(Walked::End) => return None,
                Err(e) => {
                    self.failed = true;
                    return Some(Err(e));
                }
            }
        }
    }
}

fn file_command(step: &Step<'_>) -> FileCommand {
    let mut text = String::new();
    // One that is too long has been refused already.
    let _ = step.command.write(&mut text);
    FileCommand {
        text,
        line: step.line,
        end: step.end,
        layer_idx: step.layer_idx,
        object: step.object,
        handling: step.handling,
        extruding: step.moved.is_some_and(|moved| moved.is_extruding()),
        after: *step.state,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_know_their_place_in_the_file() {
        let file = "; made by hand\nG28\n\n;LAYER:0\nG1 X1 E1 F600 ; first\nM0\nG1 X2";
        let all: Vec<FileCommand> = Commands::new(file.as_bytes()).map(|c| c.unwrap()).collect();
        let seen: Vec<_> = all.iter().map(|c| (c.text.as_str(), c.line, c.layer_idx, c.handling)).collect();
        assert_eq!(
            seen,
            [
                ("G28", 2, None, Handling::Send),
                ("G1 X1 E1 F600", 5, Some(0), Handling::Send),
                ("M0", 6, Some(0), Handling::Pause),
                ("G1 X2", 7, Some(0), Handling::Send),
            ]
        );
        assert!(all[1].extruding && !all[3].extruding);
        assert_eq!(all.last().unwrap().end, file.len() as u64);
        assert_eq!(all[0].end, 19, "the offset is that of the line's end");
        assert_eq!(all[3].after.reported(), [Some(2.0), None, None, Some(1.0)], "where the file ends");
    }

    #[test]
    fn after_an_error_there_is_nothing_more() {
        let mut commands = Commands::new(&b"G28\nG1\0X\nG1 X1\n"[..]);
        assert!(commands.next().unwrap().is_ok());
        assert!(matches!(commands.next(), Some(Err(GcodeError::Binary { line: 2 }))));
        assert!(commands.next().is_none());
        let long = format!("G28\nG1 X{}\n", "1".repeat(MAX_TEXT));
        let error = Commands::new(long.as_bytes()).nth(1).unwrap().unwrap_err().to_string();
        assert!(error.starts_with("line 2 is too long"), "{error}");
    }

    #[test]
    fn what_is_not_sent_changes_no_state() {
        let all: Vec<_> = Commands::new(&b"G1 X5\n@X9\nM28 X7\nM0 S2\n"[..]).map(|c| c.unwrap()).collect();
        assert!(all.iter().all(|c| c.after.at[0] == 5.0));
        assert_eq!((all[3].text.as_str(), all[3].handling), ("G4 S2", Handling::Dwell(2000)));
    }
}
