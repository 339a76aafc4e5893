//! One pass over a whole file: what it needs and how long it takes. In slices, so that nobody has to wait.

use crate::limits::Limits;
use crate::motion::Motion;
use crate::signs::{Signs, target};
use crate::timing::Timing;
use crate::{Commands, GcodeError, Word, words};
use serde::{Deserialize, Serialize};
use std::io::Read;

/// More layers than anybody prints; the rest counts as one, for a hostile file shall not fill the memory.
const MOST_LAYERS: usize = 100_000;

/// Marks of progress kept; slicers write two hundred or so.
const MOST_MARKS: usize = 2_000;

/// Where a layer begins in the file.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
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

/// The slicer's own word on how far the print is at a line (M73).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ProgressMark {
    /// Line in the file, from 1.
    pub line: u64,
    /// Bytes before the end of that line.
    pub offset: u64,
    /// Per cent done.
    pub percent: Option<f64>,
    /// Minutes left.
    pub minutes_left: Option<f64>,
}

/// What a file needs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Summary {
    /// Lines with a command.
    pub lines: u64,
    /// Size.
    pub bytes: u64,
    /// Layers.
    pub layers: u32,
    /// mm of filament.
    pub filament_mm: f64,
    /// mm of filament by tool.
    pub filament_per_tool_mm: Vec<f64>,
    /// Highest target of a hotend, degrees Celsius.
    pub max_hotend_c: Option<f64>,
    /// Highest target of the bed.
    pub max_bed_c: Option<f64>,
    /// Highest Z of any move, mm.
    pub z_max: f64,
    /// Lowest and highest X, Y, Z of extruding moves, mm.
    pub extents: Option<[(f64, f64); 3]>,
    /// The same within layers: without the purge line, where the slicer marks layers.
    pub part_extents: Option<[(f64, f64); 3]>,
    /// Seconds of moves, waits and filament changes, with acceleration and corners: what slicers call the print time.
    /// Heating and homing come on top.
    pub estimated_secs: f64,
    /// Seconds of homing and probing, roughly.
    pub homing_secs: f64,
    /// Of `estimated_secs`, those of each layer.
    pub seconds_per_layer: Vec<f64>,
    /// Where each layer begins, first layer first.
    pub layer_starts: Vec<LayerStart>,
    /// The slicer's own progress in the file.
    pub progress_marks: Vec<ProgressMark>,
    /// What stood out.
    pub signs: Signs,
}

impl Summary {
    /// Returns the summary without its long lists, for keeping.
    pub fn brief(&self) -> Self {
        let (layer_starts, seconds_per_layer, progress_marks) = Default::default();
        // Copied field by field, for the lists may be long.
        Self {
            layer_starts,
            seconds_per_layer,
            progress_marks,
            filament_per_tool_mm: self.filament_per_tool_mm.clone(),
            signs: self.signs.clone(),
            ..*self
        }
    }
}

/// A summary in the making.
#[derive(Debug)]
pub struct Survey<R> {
    commands: Commands<R>,
    so_far: Summary,
    timing: Timing,
    /// Filament by tool: pushed, and the most that was pushed.
    pushed: Vec<(f64, f64)>,
    /// The time's slot of what is under way, and the last one before the first layer.
    slot: u32,
    slot_before: u32,
}

impl<R: Read> Survey<R> {
    /// Starts at the beginning of `reader`, for a machine of which nothing is known.
    pub fn new(reader: R) -> Self {
        Self::with_limits(reader, Limits::default())
    }

    /// Starts at the beginning of `reader`, for a machine with these limits. What the file sets itself counts on top.
    pub fn with_limits(reader: R, limits: Limits) -> Self {
        Self {
            commands: Commands::new(reader),
            so_far: Summary::default(),
            timing: Timing::new(limits),
            pushed: Vec::new(),
            slot: 0,
            slot_before: 0,
        }
    }

    /// Reads up to `lines` more lines. Returns the summary when the file has ended.
    ///
    /// # Errors
    /// When the file cannot be printed.
    pub fn advance(&mut self, lines: usize) -> Result<Option<Summary>, GcodeError> {
        for _ in 0..lines {
            let Some(has_command) = self.commands.step()? else { return self.finish().map(Some) };
            if self.commands.first_mark {
                // What was counted by height until here was the purge line.
                self.so_far.layer_starts.clear();
                self.so_far.part_extents = None;
                self.slot_before = self.slot;
            }
            if has_command {
                self.count();
            }
        }
        Ok(None)
    }

    fn finish(&mut self) -> Result<Summary, GcodeError> {
        let mut sum = std::mem::take(&mut self.so_far);
        if sum.lines == 0 {
            return Err(GcodeError::Empty);
        }
        sum.bytes = self.commands.bytes();
        sum.layers = sum.layer_starts.len() as u32;
        sum.filament_mm = self.commands.motion().filament_mm;
        sum.filament_per_tool_mm = self.pushed.iter().map(|(_, most)| *most).collect();
        sum.signs.open_end = self.commands.raw().last() != Some(&b'\n');
        let (secs, homing_secs) = std::mem::take(&mut self.timing).finish();
        sum.estimated_secs = secs.iter().sum();
        sum.homing_secs = homing_secs;
        let first = self.slot_before as usize + 1;
        let mut begun: f64 = secs.iter().take(first).sum();
        sum.seconds_per_layer = secs.into_iter().skip(first).collect();
        sum.seconds_per_layer.resize(sum.layer_starts.len(), 0.0);
        for (start, secs) in sum.layer_starts.iter_mut().zip(&sum.seconds_per_layer) {
            start.secs = begun;
            begun += secs;
        }
        Ok(sum)
    }

    fn count(&mut self) {
        let (line, offset) = (self.commands.line(), self.commands.bytes());
        let after = *self.commands.motion();
        let sum = &mut self.so_far;
        sum.lines += 1;
        if after.extruding {
            widen(&mut sum.extents, &after);
            if self.commands.layer_idx().is_some() {
                widen(&mut sum.part_extents, &after);
            }
            sum.signs.extruded(line, after.tool.unwrap_or(0));
            // Slicers may number one layer twice; a start is where the number grows.
            let starts = sum.layer_starts.len();
            let grows = self.commands.layer_idx().is_some_and(|idx| idx as usize >= starts);
            if grows && starts < MOST_LAYERS {
                sum.layer_starts.push(LayerStart { line, offset, z_mm: after.z, secs: 0.0 });
                self.slot += 1;
            }
        }
        if after.moved_mm > 0.0 {
            sum.z_max = sum.z_max.max(after.z);
            self.push(&after);
        } else {
            let text = self.commands.text();
            sum.signs.follow(text, line, after.tool.unwrap_or(0));
            heat(sum, text);
            mark(sum, text, line, offset);
        }
        self.timing.follow(self.commands.text(), &after, self.slot);
    }

    fn push(&mut self, after: &Motion) {
        let step = after.steps[3];
        if step == 0.0 {
            return;
        }
        let tool = usize::from(after.tool.unwrap_or(0));
        if self.pushed.len() <= tool {
            self.pushed.resize(tool + 1, (0.0, 0.0));
        }
        let (pushed, most) = &mut self.pushed[tool];
        *pushed += step;
        *most = most.max(*pushed);
    }
}

/// Reads a whole file, for a machine of which nothing is known.
///
/// # Errors
/// When the file cannot be printed.
pub fn summarise(reader: impl Read) -> Result<Summary, GcodeError> {
    summarise_for(reader, Limits::default())
}

/// Reads a whole file, for a machine with these limits.
///
/// # Errors
/// When the file cannot be printed.
pub fn summarise_for(reader: impl Read, limits: Limits) -> Result<Summary, GcodeError> {
    let mut survey = Survey::with_limits(reader, limits);
    loop {
        if let Some(summary) = survey.advance(usize::MAX)? {
            return Ok(summary);
        }
    }
}

fn widen(extents: &mut Option<[(f64, f64); 3]>, at: &Motion) {
    let flat = at.arc.map_or([(at.x, at.x), (at.y, at.y)], |arc| arc.extents());
    let reach = [flat[0], flat[1], (at.z, at.z)];
    let extents = extents.get_or_insert(reach);
    for ((low, high), (from, to)) in extents.iter_mut().zip(reach) {
        *low = low.min(from);
        *high = high.max(to);
    }
}

fn heat(sum: &mut Summary, text: &str) {
    let highest = match text.split([' ', '\t']).next() {
        Some("M104" | "M109") => &mut sum.max_hotend_c,
        Some("M140" | "M190") => &mut sum.max_bed_c,
        Some(_) | None => return,
    };
    if let Some(target) = target(text).filter(|c| *c > 0.0) {
        *highest = Some(highest.unwrap_or(0.0).max(target));
    }
}

fn mark(sum: &mut Summary, text: &str, line: u64, offset: u64) {
    let Some(rest) = text.strip_prefix("M73 ") else { return };
    let (mut percent, mut minutes_left) = (None, None);
    for Word { letter, value } in words(rest) {
        match letter {
            'P' => percent = value.filter(|p| (0.0..=100.0).contains(p)),
            'R' => minutes_left = value.filter(|r| *r >= 0.0),
            // Q and S are those of a quiet mode that we do not drive.
            _ => (),
        }
    }
    sum.signs.last_percent = percent.or(sum.signs.last_percent);
    if (percent, minutes_left) != (None, None) && sum.progress_marks.len() < MOST_MARKS {
        sum.progress_marks.push(ProgressMark { line, offset, percent, minutes_left });
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
        assert_eq!(sum.part_extents, Some([(20.0, 30.0), (5.0, 5.0), (0.2, 0.4)]), "without the purge line");
        let brief = sum.brief();
        assert_eq!((brief.layers, brief.layer_starts.len(), &brief.signs), (2, 0, &sum.signs));
        let starts: Vec<_> = sum.layer_starts.iter().map(|l| (l.line, l.z_mm)).collect();
        assert_eq!(starts, [(10, 0.2), (14, 0.4)]);
        // 35.2 mm at 10 mm/s, 2 s of waiting, and 50 mm of Z at no more than 5 mm/s.
        assert!((15.0..16.5).contains(&sum.estimated_secs), "{} s", sum.estimated_secs);
        let of_layers: f64 = sum.seconds_per_layer.iter().sum();
        assert_eq!(sum.seconds_per_layer.len(), 2);
        assert!(of_layers < sum.estimated_secs, "the purge line belongs to no layer");
        assert!(sum.seconds_per_layer[1] > 10.0, "{:?}", sum.seconds_per_layer);
    }

    #[test]
    fn filament_is_counted_by_tool() {
        let file = "M83\nT0\nG1 X1 E5\nG1 E-2\nT1\nG1 X2 E3\nT0\nG1 E2\nG1 X3 E1\n";
        let sum = summarise(file.as_bytes()).unwrap();
        assert_eq!(sum.filament_per_tool_mm, [6.0, 3.0]);
        assert_eq!(sum.signs.tools, [0, 1]);
    }

    #[test]
    fn the_slicers_progress_is_kept_by_line() {
        let sum = summarise(&b"G28\nM73 P5 R12\nM73 Q5 S13\nM73.2 R1\nG1 X1\n"[..]).unwrap();
        let mark = ProgressMark { line: 2, offset: 15, percent: Some(5.0), minutes_left: Some(12.0) };
        assert_eq!(sum.progress_marks, [mark]);
    }

    #[test]
    fn a_hostile_file_does_not_fill_the_memory() {
        let mut file = String::from("G28\n");
        (0..MOST_LAYERS + 50)
            .for_each(|n| file.push_str(&format!(";LAYER:{n}\nM73 P1\nG1 X{} E{n}\n", n % 9)));
        let sum = summarise(file.as_bytes()).unwrap();
        assert_eq!((sum.layer_starts.len(), sum.progress_marks.len()), (MOST_LAYERS, MOST_MARKS));
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
