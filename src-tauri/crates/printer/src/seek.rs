//! The way to the place in a file where a print was cut short: every line is read, none is sent.

use gcode::{Commands, FileCommand};
use marlin::{LineKind, Place, ProgramLine, RecoveryTargets, recovery_lines};
use parser::MotionState;
use std::fs::File;

/// A file that is read up to the last line that was printed.
#[derive(Debug)]
pub(crate) struct Seek {
    done_lines: u64,
    read: u64,
    /// Height of what is laid down, mm.
    top_mm: f64,
    last: Option<FileCommand>,
}

impl Seek {
    pub(crate) fn new(done_lines: u64) -> Self {
        Self { done_lines, read: 0, top_mm: 0.0, last: None }
    }

    pub(crate) fn done_lines(&self) -> u64 {
        self.done_lines
    }

    /// Returns how high lies what the lines so far have laid down, mm.
    pub(crate) fn top_mm(&self) -> f64 {
        self.top_mm
    }

    /// Reads up to `most` lines. Returns whether it has arrived.
    ///
    /// # Errors
    /// With the reason, for people, when the file cannot be read so far.
    pub(crate) fn advance(&mut self, commands: &mut Commands<File>, most: usize) -> Result<bool, String> {
        for _ in 0..most {
            if self.read >= self.done_lines {
                return Ok(true);
            }
            let command = match commands.next() {
                Some(Ok(command)) => command,
                Some(Err(e)) => return Err(e.to_string()),
                None => return Err("the file is shorter than what was printed: it is another one".into()),
            };
            self.read += 1;
            if command.extruding {
                self.top_mm = self.top_mm.max(command.after.at[2]);
            }
            self.last = Some(command);
        }
        Ok(false)
    }

    /// Returns the lines that lead back to the part.
    ///
    /// # Errors
    /// With the reason, for people, when the print cannot be taken up there.
    pub(crate) fn lead_in(
        self,
        max_z_mm: Option<f64>,
        place: impl Fn(&FileCommand) -> Place,
    ) -> Result<Vec<ProgramLine>, String> {
        let last = self.last.ok_or("nothing was printed yet: start the file from its beginning")?;
        let after = place(&last);
        let line = |text| ProgramLine {
            text,
            index: self.done_lines,
            end: last.end,
            analysed_secs: None,
            layer_idx: last.layer_idx,
            object: None,
            after,
            kind: LineKind::Send,
        };
        Ok(recovery_lines(&after, heat(&last.after), max_z_mm)?.into_iter().map(line).collect())
    }
}

/// Returns the targets that hold after a command. Tools may share one nozzle: then the last word counts.
fn heat(state: &MotionState) -> RecoveryTargets {
    let of_tool = state.hotend_c(state.tool.unwrap_or(0)).filter(|c| *c > 0.0);
    RecoveryTargets {
        hotend_c: of_tool.or(state.hotend_last_c).unwrap_or(0.0),
        bed_c: state.bed_c.unwrap_or(0.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn file(text: &str) -> Commands<File> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        std::io::Seek::rewind(&mut file).unwrap();
        Commands::new(file)
    }

    const FILE: &str =
        "M140 S60\nM104 S210 ; hot\nG28\nG1 Z0.2 F600\nG1 X10 Y5 E1 F1200\nG1 X20 E2\nG1 X30 E3\n";

    fn place(command: &FileCommand) -> Place {
        let m = &command.after;
        Place { x: m.at[0], y: m.at[1], z: m.at[2], e: m.e, feed: m.feed, ..Place::default() }
    }

    #[test]
    fn it_arrives_with_the_heat_and_the_place_of_the_last_line() {
        let (mut commands, mut seek) = (file(FILE), Seek::new(6));
        assert_eq!(seek.advance(&mut commands, 4), Ok(false));
        assert_eq!(seek.advance(&mut commands, 100), Ok(true));
        let lines = seek.lead_in(Some(200.0), place).unwrap();
        let texts: Vec<&str> = lines.iter().map(|l| l.text.as_str()).collect();
        assert_eq!(texts[..3], ["M190 S60", "M109 S210", "G92 Z0.2"]);
        assert!(texts.contains(&"G1 X20 Y5 F6000") && texts.contains(&"G92 E2"), "{texts:?}");
        assert_eq!(commands.next().unwrap().unwrap().text, "G1 X30 E3", "the rest follows");
    }

    #[test]
    fn another_file_is_refused() {
        let (mut commands, mut seek) = (file(FILE), Seek::new(600));
        assert!(seek.advance(&mut commands, 1_000).unwrap_err().contains("another one"));
    }
}
