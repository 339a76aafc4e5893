//! One pass over a whole file: what it needs and how long it may take. In slices, so that nobody has to wait.

use crate::{Command, Commands, GcodeError, Motion, Word, words};
use std::io::Read;

/// Feed rate assumed until the file gives one, mm/min.
const FEED_UNKNOWN: f64 = 1500.0;

/// Where a layer begins in the file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LayerStart {
    /// Line of its first command, from 1.
    pub line: u64,
    /// Bytes before the end of that line.
    pub offset: u64,
    /// Height of its first extruding move, mm.
    pub z_mm: f64,
    /// Seconds of the estimate up to the end of that line.
    pub secs: f64,
}

/// What a file needs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Summary {
    /// Lines with a command.
    pub lines: u64,
    /// Size.
    pub bytes: u64,
    /// Layers.
    pub layers: u32,
    /// mm of filament.
    pub filament_mm: f64,
    /// Highest target of a hotend, degrees Celsius.
    pub max_hotend_c: Option<f64>,
    /// Highest target of the bed.
    pub max_bed_c: Option<f64>,
    /// Highest Z of any move, mm.
    pub z_max: f64,
    /// Lowest and highest X, Y, Z of extruding moves, mm.
    pub extents: Option<[(f64, f64); 3]>,
    /// Seconds by feed rates alone: no acceleration, no heating, so too short.
    pub estimated_secs: f64,
    /// Where each layer begins, first layer first.
    pub layer_starts: Vec<LayerStart>,
}

/// A summary in the making.
#[derive(Debug)]
pub struct Survey<R> {
    commands: Commands<R>,
    so_far: Summary,
}

impl<R: Read> Survey<R> {
    /// Starts at the beginning of `reader`.
    pub fn new(reader: R) -> Self {
        Self { commands: Commands::new(reader), so_far: Summary::default() }
    }

    /// Reads up to `lines` more lines. Returns the summary when the file has ended.
    ///
    /// # Errors
    /// When the file cannot be printed.
    pub fn advance(&mut self, lines: usize) -> Result<Option<Summary>, GcodeError> {
        for _ in 0..lines {
            let Some(line) = self.commands.next_line()? else { return self.finish().map(Some) };
            if self.commands.first_mark {
                // What was counted by height until here was the purge line.
                self.so_far.layer_starts.clear();
            }
            if let Some(command) = line {
                self.count(&command);
            }
        }
        Ok(None)
    }

    fn finish(&mut self) -> Result<Summary, GcodeError> {
        if self.so_far.lines == 0 {
            return Err(GcodeError::Empty);
        }
        self.so_far.bytes = self.commands.bytes();
        self.so_far.layers = self.so_far.layer_starts.len() as u32;
        Ok(std::mem::take(&mut self.so_far))
    }

    fn count(&mut self, command: &Command) {
        let (sum, after) = (&mut self.so_far, &command.after);
        sum.lines += 1;
        sum.filament_mm = after.filament_mm;
        if after.moved_mm > 0.0 {
            let feed = if after.feed > 0.0 { after.feed } else { FEED_UNKNOWN };
            sum.estimated_secs += after.moved_mm / (feed / 60.0);
            sum.z_max = sum.z_max.max(after.z);
        } else {
            dwell_or_heat(sum, &command.text);
        }
        if after.extruding {
            widen(&mut sum.extents, after);
            // Slicers may number one layer twice; a start is where the number grows.
            if command.layer_idx.is_some_and(|idx| idx as usize >= sum.layer_starts.len()) {
                sum.layer_starts.push(LayerStart {
                    line: command.line,
                    offset: command.end,
                    z_mm: after.z,
                    secs: sum.estimated_secs,
                });
            }
        }
    }
}

/// Reads a whole file.
///
/// # Errors
/// When the file cannot be printed.
pub fn summarise(reader: impl Read) -> Result<Summary, GcodeError> {
    let mut survey = Survey::new(reader);
    loop {
        if let Some(summary) = survey.advance(usize::MAX)? {
            return Ok(summary);
        }
    }
}

fn widen(extents: &mut Option<[(f64, f64); 3]>, at: &Motion) {
    let place = [at.x, at.y, at.z];
    let extents = extents.get_or_insert(place.map(|p| (p, p)));
    for ((low, high), p) in extents.iter_mut().zip(place) {
        *low = low.min(p);
        *high = high.max(p);
    }
}

fn dwell_or_heat(sum: &mut Summary, text: &str) {
    let mut all = words(text);
    let Some(Word { letter, value: Some(code) }) = all.next() else { return };
    let (mut s, mut p) = (None, None);
    for word in all {
        match word.letter {
            'S' | 'R' => s = word.value,
            'P' => p = word.value,
            _ => (),
        }
    }
    let highest = |old: Option<f64>| s.filter(|s| *s > 0.0).map_or(old, |s| Some(old.unwrap_or(0.0).max(s)));
    match (letter, code as i64) {
        ('M', 104 | 109) => sum.max_hotend_c = highest(sum.max_hotend_c),
        ('M', 140 | 190) => sum.max_bed_c = highest(sum.max_bed_c),
        ('G', 4) => sum.estimated_secs += s.unwrap_or(0.0) + p.unwrap_or(0.0) / 1000.0,
        _ => (),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "M140 S60\nM104 S200\nG28\nM190 S60\nM109 S205\nG1 Z0.3 F600\nG1 X10 E1 F600\n\
        ;LAYER:0\nG1 Z0.2\nG1 X20 Y5 E2\nG1 X30 E3\n;LAYER:1\nG1 Z0.4\nG1 X20 E4\nG4 S2\nG1 Z50\nM104 S0\n";

    #[test]
    fn a_summary_says_what_the_file_needs() {
        let sum = summarise(FILE.as_bytes()).unwrap();
        assert_eq!((sum.lines, sum.bytes, sum.layers), (15, FILE.len() as u64, 2));
        assert_eq!((sum.max_hotend_c, sum.max_bed_c), (Some(205.0), Some(60.0)));
        assert_eq!((sum.filament_mm, sum.z_max), (4.0, 50.0));
        assert_eq!(sum.extents, Some([(10.0, 30.0), (0.0, 5.0), (0.2, 0.4)]));
        let starts: Vec<_> = sum.layer_starts.iter().map(|l| (l.line, l.z_mm)).collect();
        assert_eq!(starts, [(10, 0.2), (14, 0.4)]);
        assert!((11.1..11.2).contains(&sum.estimated_secs), "{} s at 10 mm/s", sum.estimated_secs);
    }

    #[test]
    fn slices_add_up_to_the_same() {
        let mut survey = Survey::new(FILE.as_bytes());
        let mut slices = 0;
        let sum = loop {
            slices += 1;
            if let Some(sum) = survey.advance(3).unwrap() {
                break sum;
            }
        };
        assert!(slices > 3);
        assert_eq!(sum, summarise(FILE.as_bytes()).unwrap());
    }

    #[test]
    fn a_file_without_a_command_is_refused() {
        assert!(matches!(summarise(&b"; nothing\n\n"[..]), Err(GcodeError::Empty)));
    }
}
