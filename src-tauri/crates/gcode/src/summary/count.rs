//! What each command adds to the summary of a file.

use super::{LayerStart, LeftOutCommand, ProgressMark, Summary};
use crate::reader::Step;
use crate::signs::target;
use crate::timing::Timing;
use parser::{Command, Handling, Move};

/// More layers than anybody prints; the rest counts as one, for a hostile file shall not fill the memory.
pub(super) const MOST_LAYERS: usize = 100_000;

/// Marks of progress kept; slicers write two hundred or so.
pub(super) const MOST_MARKS: usize = 2_000;

/// Commands kept that are not sent, and characters of each.
const MOST_LEFT_OUT: usize = 200;
const MOST_TEXT: usize = 120;

/// What was counted so far.
#[derive(Debug, Default)]
pub(super) struct Count {
    pub(super) so_far: Summary,
    pub(super) timing: Timing,
    /// Filament by tool: pushed, and the most that was pushed.
    pub(super) pushed: Vec<(f64, f64)>,
    /// The time's slot of what is under way, and the last one before the first layer.
    pub(super) slot: u32,
    pub(super) slot_before: u32,
    /// A command with a number was among them, such as G28: a text of words alone is no G-code.
    pub(super) numbered: bool,
}

impl Count {
    /// What was counted by height until here was the purge line: the slicer marks layers.
    pub(super) fn forget_purge(&mut self) {
        self.so_far.layer_starts.clear();
        self.so_far.part_extents = None;
        self.slot_before = self.slot;
    }

    pub(super) fn take(&mut self, step: &Step<'_>) {
        let sum = &mut self.so_far;
        sum.lines += 1;
        self.numbered |= step.command.code().0.is_ascii_alphabetic();
        if let Some(misread) = step.command.misread() {
            sum.signs.misread(misread, step.command, step.line);
        }
        match step.handling {
            Handling::Send => match step.moved {
                Some(moved) => self.moved(moved, step),
                None => self.other(step.command, step),
            },
            Handling::Pause | Handling::LeaveOut(_) => {
                sum.signs.ended = true;
                self.left_out(step);
            }
            Handling::Dwell(millis) => {
                sum.signs.ended = true;
                self.left_out(step);
                self.timing.dwell(f64::from(millis) / 1000.0, self.slot);
            }
        }
    }

    fn moved(&mut self, moved: &Move, step: &Step<'_>) {
        let sum = &mut self.so_far;
        let tool = step.state.tool.unwrap_or(0);
        for (axis, reach) in sum.reach.iter_mut().enumerate().filter(|(axis, _)| step.state.known[*axis]) {
            let at = moved.to[axis];
            include(reach.get_or_insert((at, at)), (at, at));
        }
        if moved.is_extruding() {
            let reach = reach(moved);
            widen(&mut sum.extents, &reach);
            if step.layer_idx.is_some() {
                widen(&mut sum.part_extents, &reach);
            }
            sum.signs.extruded(step.line, tool);
            let begun = step.layer_idx.map_or(0, |idx| idx as usize + 1).min(MOST_LAYERS);
            let start = LayerStart { line: step.line, offset: step.end, z_mm: moved.to[2], secs: 0.0 };
            // Those in which nothing is laid begin with the next one.
            while sum.layer_starts.len() < begun {
                sum.layer_starts.push(start);
                self.slot += 1;
            }
            if let ([first], Some(0)) = (sum.layer_starts.as_mut_slice(), step.layer_idx) {
                // A purge without marks may have been higher.
                first.z_mm = first.z_mm.min(moved.to[2]);
            }
        }
        if moved.from != moved.to {
            sum.z_max = sum.z_max.max(moved.to[2]);
        }
        if moved.pushed_mm != 0.0 {
            sum.signs.pushed();
            let tool = usize::from(tool);
            if self.pushed.len() <= tool {
                self.pushed.resize(tool + 1, (0.0, 0.0));
            }
            let (pushed, most) = &mut self.pushed[tool];
            *pushed += moved.pushed_mm;
            *most = most.max(*pushed);
        }
        self.timing.moved(moved, step.state.feed, self.slot);
    }

    fn other(&mut self, command: &Command<'_>, step: &Step<'_>) {
        let sum = &mut self.so_far;
        sum.signs.follow(command, step.line, step.state);
        heat(sum, command);
        if command.code() == ('M', 73) {
            mark(sum, command, step.line, step.end);
        }
        self.timing.other(command, self.slot);
    }

    fn left_out(&mut self, step: &Step<'_>) {
        let sum = &mut self.so_far;
        sum.left_out_count += 1;
        if sum.left_out.len() >= MOST_LEFT_OUT {
            return;
        }
        let why = match step.handling {
            Handling::Pause => "the app pauses the print here instead".to_owned(),
            Handling::Dwell(millis) => format!("a wait of {} s is sent instead", f64::from(millis) / 1000.0),
            Handling::LeaveOut(why) => why.why().to_owned(),
            Handling::Send => return,
        };
        let text = String::from_utf8_lossy(step.command.bytes()).chars().take(MOST_TEXT).collect();
        sum.left_out.push(LeftOutCommand { line: step.line, text, why });
    }
}

/// Returns where the plastic of a move lies: from its beginning, where that is known, to its end.
fn reach(moved: &Move) -> [(f64, f64); 3] {
    let to = moved.to;
    let flat = moved.arc.map_or([(to[0], to[0]), (to[1], to[1])], |arc| arc.extents());
    let mut reach = [flat[0], flat[1], (to[2], to[2])];
    for axis in [0, 1] {
        if moved.from_known[axis] {
            include(&mut reach[axis], (moved.from[axis], moved.from[axis]));
        }
    }
    reach
}

fn widen(extents: &mut Option<[(f64, f64); 3]>, reach: &[(f64, f64); 3]) {
    let extents = extents.get_or_insert(*reach);
    for (extent, reach) in extents.iter_mut().zip(reach) {
        include(extent, *reach);
    }
}

/// Seldom changes anything, once the outline is known.
#[inline]
fn include(extent: &mut (f64, f64), (low, high): (f64, f64)) {
    if low < extent.0 {
        extent.0 = low;
    }
    if high > extent.1 {
        extent.1 = high;
    }
}

fn heat(sum: &mut Summary, command: &Command<'_>) {
    let highest = match command.code() {
        ('M', 104 | 109) => &mut sum.max_hotend_c,
        ('M', 140 | 190) => &mut sum.max_bed_c,
        _ => return,
    };
    if let Some(target) = target(command).filter(|c| *c > 0.0) {
        *highest = Some(highest.unwrap_or(0.0).max(target));
    }
}

/// Q and S are those of a quiet mode that we do not drive.
fn mark(sum: &mut Summary, command: &Command<'_>, line: u64, offset: u64) {
    let percent = command.value('P').filter(|p| (0.0..=100.0).contains(p));
    let minutes_left = command.value('R').filter(|r| *r >= 0.0);
    sum.signs.last_percent = percent.or(sum.signs.last_percent);
    if (percent, minutes_left) != (None, None) && sum.progress_marks.len() < MOST_MARKS {
        sum.progress_marks.push(ProgressMark { line, offset, percent, minutes_left });
    }
}
