//! One pass over a whole file. In slices, so that nobody has to wait.

use super::Summary;
use super::count::Count;
use crate::GcodeError;
use crate::limits::Limits;
use crate::objects::Finder;
use crate::reader::{Walk, Walked};
use crate::timing::Timing;
use parser::FirmwareG90;
use std::io::Read;

/// A summary in the making.
#[derive(Debug)]
pub struct Survey<R> {
    walk: Walk<R>,
    count: Count,
    finder: Finder,
}

impl<R: Read> Survey<R> {
    /// Starts at the beginning of `reader`, for a machine of which nothing is known.
    pub fn new(reader: R) -> Self {
        Self::with_limits(reader, Limits::default())
    }

    /// Starts at the beginning of `reader`, for a machine with these limits. What the file sets itself counts on top.
    pub fn with_limits(reader: R, limits: Limits) -> Self {
        Self::for_firmware(reader, limits, FirmwareG90::default())
    }

    /// As [`Self::with_limits`], for a firmware that reads G90 so.
    pub fn for_firmware(reader: R, limits: Limits, g90: FirmwareG90) -> Self {
        Self {
            walk: Walk::new(reader, g90),
            count: Count { timing: Timing::new(limits), ..Count::default() },
            finder: Finder::default(),
        }
    }

    /// Reads up to `lines` more lines. Returns the summary when the file has ended.
    ///
    /// # Errors
    /// When the file cannot be printed.
    pub fn advance(&mut self, lines: usize) -> Result<Option<Summary>, GcodeError> {
        let Self { walk, count, finder } = self;
        for _ in 0..lines {
            let walked = walk.step(|step| {
                finder.take(&step);
                count.take(&step);
            })?;
            if walk.first_mark {
                count.forget_purge();
            }
            match walked {
                Walked::Command(()) | Walked::Nothing => (),
                Walked::End => return self.finish().map(Some),
            }
        }
        Ok(None)
    }

    fn finish(&mut self) -> Result<Summary, GcodeError> {
        let mut sum = std::mem::take(&mut self.count.so_far);
        if !self.count.numbered {
            return Err(GcodeError::Empty);
        }
        sum.bytes = self.walk.lines.end();
        sum.layers = self.walk.layers.idx().map_or(0, |idx| idx.saturating_add(1));
        sum.filament_mm = self.walk.state.filament_mm;
        sum.filament_per_tool_mm = self.count.pushed.iter().map(|(_, most)| *most).collect();
        sum.signs.ultigcode = self.walk.ultigcode;
        sum.signs.open_end = !self.walk.lines.is_ended();
        sum.signs.finish();
        sum.objects = std::mem::take(&mut self.finder).finish(&self.walk.labels);
        let (secs, homing_secs) = std::mem::take(&mut self.count.timing).finish();
        // The sum of nothing is -0.
        sum.estimated_secs = 0.0 + secs.iter().sum::<f64>();
        sum.homing_secs = homing_secs;
        let first = self.count.slot_before as usize + 1;
        let mut begun = 0.0 + secs.iter().take(first).sum::<f64>();
        sum.seconds_per_layer = secs.into_iter().skip(first).collect();
        sum.seconds_per_layer.resize(sum.layer_starts.len(), 0.0);
        for (start, secs) in sum.layer_starts.iter_mut().zip(&sum.seconds_per_layer) {
            start.secs = begun;
            begun += secs;
        }
        Ok(sum)
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

#[cfg(test)]
mod tests {
    use super::super::ProgressMark;
    use super::super::count::{MOST_LAYERS, MOST_MARKS};
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
        assert_eq!(sum.reach, [Some((10.0, 30.0)), Some((5.0, 5.0)), Some((0.2, 50.0))]);
        assert_eq!(
            sum.part_extents,
            Some([(10.0, 30.0), (5.0, 5.0), (0.2, 0.4)]),
            "from where a line starts"
        );
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
        let sum = summarise(&b"G28\nM73 P5 R12\nM73 Q5 S13\nM732 R1\nG1 X1\n"[..]).unwrap();
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
        for file in [&b"; nothing\n\n"[..], b"MZ", b"Dear reader,\nthis is a letter.\n"] {
            assert!(matches!(summarise(file), Err(GcodeError::Empty)), "{file:?}");
        }
        assert!(summarise(&b"START_PRINT BED=60\nG28\n"[..]).is_ok());
    }
}
