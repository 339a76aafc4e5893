//! The file of the print: checked as a whole before anything is sent, then read line by line.

use crate::seek::Seek;
use crate::timeline::Timeline;
use domain::{ObjectState, PrintObject, StartJob};
use gcode::{Commands, FileCommand, GcodeError, Survey};
use marlin::{JobFacts, LineKind, Link, Place, ProgramLine};
use parser::{FirmwareG90, Handling, MotionState};
use std::fs::File;
use std::path::PathBuf;

/// Lines checked at a time: a few milliseconds, so that an emergency stop is not late.
const SLICE: usize = 5_000;

/// A file in one of its passes.
#[derive(Debug)]
pub(crate) enum Program {
    /// Is every line fit to send?
    Checking(Box<Survey<File>>, PathBuf, u64),
    /// Reads over what a print that was cut short has done.
    Seeking(Box<Seek>, Box<Commands<File>>, Timeline),
    /// Yields its lines.
    Feeding(Box<Commands<File>>, u64, Timeline),
}

impl Program {
    /// Opens the file of a print.
    ///
    /// # Errors
    /// With what to do, for people.
    pub(crate) fn open(start: StartJob, link: &Link) -> Result<Self, String> {
        let limits = gcode::tail_limits(open(&start.path)?).map_err(|e| GcodeError::from(e).to_string())?;
        let survey = Survey::for_firmware(open(&start.path)?, limits.unwrap_or_default(), g90(link));
        Ok(Self::Checking(Box::new(survey), start.path, start.done_lines))
    }

    /// Returns whether it reads on by itself, whatever the printer does.
    pub(crate) fn is_reading(&self) -> bool {
        match self {
            Self::Checking(..) | Self::Seeking(..) => true,
            Self::Feeding(..) => false,
        }
    }

    /// Checks some more, or feeds what is wanted. Returns the program to go on with.
    pub(crate) fn advance(self, link: &mut Link, now: domain::Now) -> Option<Self> {
        if !link.has_job() {
            return None;
        }
        match self {
            Self::Checking(mut survey, path, done) => match survey.advance(SLICE) {
                Ok(None) => Some(Self::Checking(survey, path, done)),
                Ok(Some(sum)) => match open(&path) {
                    Ok(file) => {
                        link.begin(facts(&sum));
                        link.objects(objects(&sum), sum.objects.unfit.clone().unwrap_or_default());
                        let commands = Box::new(Commands::for_firmware(file, g90(link)));
                        Some(match done {
                            0 => Self::Feeding(commands, 0, timeline(&sum)),
                            _ => Self::Seeking(Box::new(Seek::new(done)), commands, timeline(&sum)),
                        })
                    }
                    Err(why) => refuse(link, why),
                },
                Err(e) => refuse(link, e.to_string()),
            },
            Self::Seeking(mut seek, mut commands, timeline) => match seek.advance(&mut commands, SLICE) {
                Ok(false) => Some(Self::Seeking(seek, commands, timeline)),
                Ok(true) => {
                    let done = seek.done_lines();
                    link.printed_up_to(seek.top_mm());
                    match seek.lead_in(link.height_mm(), |command| place(&command.after)) {
                        Ok(lines) => {
                            lines.into_iter().for_each(|line| link.feed(line));
                            Some(Self::Feeding(commands, done, timeline))
                        }
                        Err(why) => refuse(link, why),
                    }
                }
                Err(why) => refuse(link, why),
            },
            Self::Feeding(mut commands, mut index, mut timeline) => {
                while link.wants_lines() {
                    match commands.next() {
                        Some(Ok(command)) => {
                            index += 1;
                            let secs = timeline.secs_at(command.end);
                            link.feed(program_line(command, index, secs));
                        }
                        Some(Err(e)) => {
                            link.feed_failed(&e.to_string(), now);
                            return None;
                        }
                        None => link.feed_end(),
                    }
                }
                Some(Self::Feeding(commands, index, timeline))
            }
        }
    }
}

fn refuse(link: &mut Link, why: String) -> Option<Program> {
    link.refuse_start(domain::RefusedReason::BadFile, why);
    None
}

fn open(path: &PathBuf) -> Result<File, String> {
    File::open(path).map_err(|e| GcodeError::from(e).to_string())
}

fn facts(sum: &gcode::Summary) -> JobFacts {
    JobFacts {
        lines: sum.lines,
        bytes: sum.bytes,
        layers: Some(sum.layers).filter(|n| *n > 0),
        filament_mm: Some(sum.filament_mm),
        estimated_secs: Some(sum.estimated_secs),
    }
}

fn objects(sum: &gcode::Summary) -> Vec<PrintObject> {
    let object = |found: &gcode::PrintedObject| {
        let lies = found.min_mm.iter().chain(&found.max_mm).all(|mm| mm.is_finite());
        PrintObject {
            name: found.name.clone(),
            min_mm: lies.then_some(found.min_mm),
            max_mm: lies.then_some(found.max_mm),
            state: ObjectState::Kept,
        }
    };
    sum.objects.all.iter().map(object).collect()
}

fn timeline(sum: &gcode::Summary) -> Timeline {
    let layers = sum.layer_starts.iter().map(|layer| (layer.offset, layer.secs));
    Timeline::new(layers, sum.bytes, sum.estimated_secs)
}

/// How the connected firmware reads G90.
fn g90(link: &Link) -> FirmwareG90 {
    FirmwareG90::of_firmware(link.firmware_name()).unwrap_or_default()
}

fn program_line(command: FileCommand, index: u64, analysed_secs: Option<f64>) -> ProgramLine {
    let kind = match command.handling {
        Handling::Send | Handling::Dwell(_) => LineKind::Send,
        Handling::Pause => LineKind::Pause,
        Handling::LeaveOut(_) => LineKind::Skip,
    };
    let after = Place { extruding: command.extruding, ..place(&command.after) };
    let FileCommand { text, end, layer_idx, object, .. } = command;
    ProgramLine { text, index, end, analysed_secs, layer_idx, object, after, kind }
}

fn place(state: &MotionState) -> Place {
    let [x, y, z] = state.at;
    Place {
        x,
        y,
        z,
        e: state.e,
        feed: state.feed,
        absolute: state.absolute,
        e_absolute: state.e_mode_absolute,
        inches: state.inches,
        tool: state.tool,
        fan: state.fan,
        filament_mm: state.filament_mm,
        retracted_mm: state.filament_mm - state.pushed_mm,
        firmware_retracted: state.firmware_retracted,
        extruding: false,
    }
}
