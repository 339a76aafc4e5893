//! Objects of a print that are left out: their moves are not sent, and what comes behind goes on as the file has it.
//!
//! While an object is left out, the printer lags behind the file: it stands where the last line that was sent has led it.
//! Lines that move it are followed only, also those on the way to the next object, until one lays material down that is
//! wanted, or does something that is not known. Right before that line the printer is brought to where the file is then:
//! filament back, up above all that was printed, across, down, filament as far as the file has it, then E, modes and feed
//! rate. So no head comes down on an object that was left out, whatever became of it.
//!
//! Invariant: nothing of an object that is left out is extruded. Each line that lays material down elsewhere begins at the
//! file's own place, with its own E, feed rate, modes and retraction.

use crate::program::{LineKind, Place, ProgramLine};
use crate::recipe::num;
use domain::{ObjectState, PrintObject};
use parser::{Command, ObjectHandling};
use std::collections::{BTreeSet, VecDeque};

/// Across an object the head goes so much above all that was printed, mm.
const CLEARANCE_MM: f64 = 1.0;
/// The most that is retracted for the way, whatever the file does, mm.
const MOST_RETRACT_MM: f64 = 8.0;
/// Filament that is pushed beyond what was pulled back, mm: more than what sums of decimals are off by.
const PUSHES_MM: f64 = 1e-3;
/// Two lengths that are the same, mm.
const SAME_MM: f64 = 1e-4;
const FEED_XY: u32 = 6000;
const FEED_Z: u32 = 600;
const FEED_E: u32 = 1800;

/// A line of the file: its index, its end in bytes, and seconds of the analysis.
type Mark = (u64, u64, Option<f64>);

/// Passes the lines of a file on, without those of objects that are left out.
#[derive(Debug, Default)]
pub(crate) struct Objects {
    list: Vec<PrintObject>,
    /// Why none can be left out, for people; empty when each can.
    unfit: String,
    cancelled: BTreeSet<u32>,
    /// Something of these was left out already.
    left_out: BTreeSet<u32>,
    current: Option<u32>,
    /// Where the printer is by the lines that were passed on; differs from `file` while it lags.
    printer: Place,
    /// Where the file is.
    file: Place,
    lags: bool,
    /// The highest material that was laid down, mm.
    top_mm: f64,
    /// What the file pulls back on its ways, mm.
    retract_mm: f64,
    /// The file leaves that to the firmware (G10).
    by_firmware: bool,
    /// Filament of what was left out, mm.
    spared_mm: f64,
    /// The line before: index, end, seconds.
    last: Mark,
    /// The last line before the printer fell behind. While it lags it counts as being there, also for the ledger: a print
    /// that is taken up begins where the head is, not where the file would have it.
    reached: Mark,
}

impl Objects {
    /// The file was checked: these are its objects.
    pub(crate) fn found(&mut self, list: Vec<PrintObject>, unfit: String) {
        (self.list, self.unfit) = (list, unfit);
    }

    /// These were left out before the print was cut short.
    pub(crate) fn take_up(&mut self, cancelled: &[u32]) {
        self.cancelled.extend(cancelled);
        self.left_out.extend(cancelled);
    }

    /// Returns those that are left out.
    pub(crate) fn cancelled(&self) -> Vec<u32> {
        self.cancelled.iter().copied().collect()
    }

    /// Returns why one cannot be left out, or be printed after all; `None` when it can.
    pub(crate) fn refuses(&self, object: u32, leave_out: bool) -> Option<String> {
        if !self.unfit.is_empty() {
            return Some(self.unfit.clone());
        }
        let Some(known) = self.list.get(object as usize) else {
            return Some("the file names no such object".into());
        };
        let laid = self.list.iter().zip(0..).filter(|(object, _)| object.min_mm.is_some());
        let rest = laid.filter(|(_, n)| !self.cancelled.contains(n)).count();
        match (leave_out, self.cancelled.contains(&object)) {
            (true, true) => Some(format!("{} is left out already", known.name)),
            (true, false) if rest <= 1 => {
                Some("nothing would be left of the print: cancel it instead".into())
            }
            (false, false) => Some(format!("{} is printed anyway", known.name)),
            (false, true) if self.left_out.contains(&object) => Some(format!(
                "a part of {} was left out already, so there is nothing to go on upon",
                known.name
            )),
            (true, false) | (false, true) => None,
        }
    }

    /// Leaves an object out from the next line on, or prints it after all.
    pub(crate) fn set(&mut self, object: u32, leave_out: bool) {
        if leave_out {
            self.cancelled.insert(object);
        } else {
            self.cancelled.remove(&object);
        }
    }

    /// So high lies what was laid down already, mm.
    pub(crate) fn printed_up_to(&mut self, z_mm: f64) {
        self.top_mm = self.top_mm.max(z_mm);
    }

    /// Returns the name of an object.
    pub(crate) fn name(&self, object: u32) -> &str {
        self.list.get(object as usize).map_or("", |known| &known.name)
    }

    /// Returns what is shown of them.
    pub(crate) fn report(&self) -> (Vec<PrintObject>, String) {
        let state = |n: u32| match (self.cancelled.contains(&n), self.left_out.contains(&n)) {
            (true, true) => ObjectState::LeftOut,
            (true, false) => ObjectState::Cancelled,
            (false, _) if self.current == Some(n) => ObjectState::Printing,
            (false, _) => ObjectState::Kept,
        };
        let shown =
            self.list.iter().zip(0..).map(|(object, n)| PrintObject { state: state(n), ..object.clone() });
        (shown.collect(), self.unfit.clone())
    }

    /// Takes the next line of the file, and puts what is to be sent behind `out`. `height_mm`: that of the machine.
    pub(crate) fn take(
        &mut self,
        line: ProgramLine,
        height_mm: Option<f64>,
        out: &mut VecDeque<ProgramLine>,
    ) {
        self.current = line.object;
        let excluded = line.object.filter(|n| self.cancelled.contains(n));
        if excluded.is_none() && !self.lags {
            return self.pass(line, out);
        }
        let handling =
            Command::of(&line.text).map_or(ObjectHandling::Pass, |command| command.object_handling());
        let handling = if line.kind == LineKind::Send { handling } else { ObjectHandling::Pass };
        if let Some(object) = excluded {
            self.left_out.insert(object);
        }
        match (handling, excluded.is_some()) {
            (ObjectHandling::Follow, false) if self.is_wanted(&line) => {
                self.catch_up(height_mm, &line, out);
                self.pass(line, out);
            }
            (ObjectHandling::Follow, _) => {
                self.spared_mm += (line.after.filament_mm - self.file.filament_mm).max(0.0);
                self.lags = true;
                self.follow(&line);
            }
            (ObjectHandling::Drop, true) => self.follow(&line),
            (ObjectHandling::Pass, _) if excluded.is_some() || !waits(&line) => self.pass_lagging(line, out),
            (ObjectHandling::Drop | ObjectHandling::Pass | ObjectHandling::Unfit, _) => {
                self.catch_up(height_mm, &line, out);
                self.pass(line, out);
            }
        }
    }

    /// The file has no more lines: the printer is brought to its end.
    pub(crate) fn end(&mut self, height_mm: Option<f64>, out: &mut VecDeque<ProgramLine>) {
        if self.lags {
            let (index, end, analysed_secs) = self.last;
            let end = ProgramLine {
                text: String::new(),
                index: index.saturating_add(1),
                end,
                analysed_secs,
                layer_idx: None,
                object: None,
                after: self.file,
                kind: LineKind::Send,
            };
            self.catch_up(height_mm, &end, out);
        }
    }

    /// Returns whether a line that moves lays down material that is wanted: on a way, or to fill the nozzle.
    fn is_wanted(&self, line: &ProgramLine) -> bool {
        line.after.extruding || line.after.filament_mm > self.file.filament_mm + PUSHES_MM
    }

    /// The printer is where the file is: the line goes on as it stands.
    fn pass(&mut self, mut line: ProgramLine, out: &mut VecDeque<ProgramLine>) {
        if line.after.extruding {
            self.top_mm = self.top_mm.max(line.after.z);
        }
        if line.after.retracted_mm < self.file.retracted_mm - SAME_MM {
            self.retract_mm = self.file.retracted_mm.clamp(0.0, MOST_RETRACT_MM);
        }
        self.by_firmware |= line.after.firmware_retracted;
        self.follow(&line);
        self.reached = self.last;
        line.after.filament_mm -= self.spared_mm;
        self.printer = line.after;
        out.push_back(line);
    }

    /// A line that moves nothing, or waits: the printer stays where it is.
    fn pass_lagging(&mut self, mut line: ProgramLine, out: &mut VecDeque<ProgramLine>) {
        self.follow(&line);
        if !self.lags {
            self.reached = self.last;
        }
        (line.index, line.end, line.analysed_secs) = self.reached;
        let Place { absolute, e_absolute, tool, fan, .. } = line.after;
        self.printer = Place { absolute, e_absolute, tool, fan, extruding: false, ..self.printer };
        line.after = self.printer;
        out.push_back(line);
    }

    fn follow(&mut self, line: &ProgramLine) {
        self.file = line.after;
        self.last = (line.index, line.end, line.analysed_secs);
    }

    /// Brings the printer to where the file is, right before `next`.
    fn catch_up(&mut self, height_mm: Option<f64>, next: &ProgramLine, out: &mut VecDeque<ProgramLine>) {
        if !std::mem::take(&mut self.lags) {
            return;
        }
        let (to, mut at) = (self.file, self.printer);
        (at.extruding, at.absolute, at.e_absolute) = (false, true, false);
        let (index, end, analysed_secs) = self.reached;
        let (layer_idx, object) = (next.layer_idx, next.object);
        let mut send = |text: String, after: Place| {
            let kind = LineKind::Send;
            out.push_back(ProgramLine { text, index, end, analysed_secs, layer_idx, object, after, kind });
        };
        send("G90".into(), at);
        send("M83".into(), at);
        let pull_mm = self.retract_mm - at.retracted_mm;
        let across = (at.x - to.x).abs() > SAME_MM || (at.y - to.y).abs() > SAME_MM;
        if across && pull_mm > SAME_MM && !at.firmware_retracted {
            (at.e, at.retracted_mm) = (at.e - pull_mm, at.retracted_mm + pull_mm);
            at.feed = f64::from(FEED_E);
            send(format!("G1 E-{} F{FEED_E}", num(pull_mm)), at);
        }
        if across {
            if self.by_firmware && !at.firmware_retracted {
                at.firmware_retracted = true;
                send("G10".into(), at);
            }
            let above = self.top_mm.max(at.z).max(to.z) + CLEARANCE_MM;
            let above = above.min(height_mm.unwrap_or(f64::INFINITY)).max(at.z);
            if above > at.z + SAME_MM {
                (at.z, at.feed) = (above, f64::from(FEED_Z));
                send(format!("G1 Z{} F{FEED_Z}", num(above)), at);
            }
            (at.x, at.y, at.feed) = (to.x, to.y, f64::from(FEED_XY));
            send(format!("G1 X{} Y{} F{FEED_XY}", num(to.x), num(to.y)), at);
        }
        if (at.z - to.z).abs() > SAME_MM {
            (at.z, at.feed) = (to.z, f64::from(FEED_Z));
            send(format!("G1 Z{} F{FEED_Z}", num(to.z)), at);
        }
        if at.firmware_retracted && !to.firmware_retracted {
            at.firmware_retracted = false;
            send("G11".into(), at);
        }
        let push_mm = at.retracted_mm - to.retracted_mm;
        if push_mm.abs() > SAME_MM {
            (at.e, at.retracted_mm, at.feed) = (at.e + push_mm, to.retracted_mm, f64::from(FEED_E));
            send(format!("G1 E{} F{FEED_E}", num(push_mm)), at);
        }
        if to.firmware_retracted && !at.firmware_retracted {
            at.firmware_retracted = true;
            send("G10".into(), at);
        }
        at.e = to.e;
        send(format!("G92 E{}", num(to.e)), at);
        if !to.absolute {
            at.absolute = false;
            send("G91".into(), at);
        }
        at.e_absolute = to.e_absolute;
        send(if to.e_absolute { "M82" } else { "M83" }.into(), at);
        if to.feed > 0.0 {
            at.feed = to.feed;
            send(format!("G1 F{}", num(to.feed)), at);
        }
        self.printer = Place { filament_mm: to.filament_mm - self.spared_mm, ..to };
        self.reached = self.last;
        if let Some(arrived) = out.back_mut() {
            (arrived.index, arrived.end, arrived.analysed_secs) = self.last;
            arrived.after = Place { extruding: false, ..self.printer };
        }
    }
}

/// Returns whether the printer stands still with a command until something is reached: not over the part, and not before
/// the ways that the file has taken meanwhile.
fn waits(line: &ProgramLine) -> bool {
    let code = Command::of(&line.text).map(|command| command.code());
    line.kind == LineKind::Pause || matches!(code, Some(('M', 109 | 190 | 191 | 300 | 400)))
}
