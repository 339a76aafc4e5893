//! The print under way, from its first line to its end: its row, its progress, its kept frames.

use crate::facts::{Facts, PrintFacts};
use crate::kept_frames::{KeptFrames, Whereabouts};
use crate::message::{Message, PrintChange};
use crate::order::{Origin, Starting};
use crate::out::{Entry, Out};
use crate::time_left::Pace;
use crate::words::{by_whom, span_word};
use domain::{
    AlertOverwrite, EndedBy, EventClass, EventType, FileId, FrameInfo, GCodeFile, Initiator, JobEnd,
    JobReport, KeepWhy, Millis, NoticeKind, Now, PastTimes, Print, PrintId, PrintShotFeedback,
    PrintTimeLeftOrigin, PrintView, PrinterKind, TimeSource, Timestamp, Write, sentence,
};
use std::collections::BTreeMap;

/// The printer no longer knows of the print: after so long it has ended unseen, seconds.
const MISSING_SECS: f64 = 30.0;
/// One that another host feeds, and whose agent has not come back since the app was started, is closed after this,
/// seconds.
const UNKNOWN_SECS: f64 = 86_400.0;

/// The print under way, if there is one.
#[derive(Debug, Default)]
pub(crate) struct PrintRun {
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    print: Print,
    /// When it began, on the printer's clock.
    started_ms: Millis,
    /// The last report of it.
    job: Option<JobReport>,
    /// It may go on without the link: the printer reads it from its own card, or another host feeds it.
    goes_on_alone: bool,
    /// How long its file took before.
    past: PastTimes,
    /// What its pace says of its end.
    pace: Pace,
    /// When a line was last acknowledged.
    last_ack: Option<Timestamp>,
    /// When the printer was there and reported it last.
    last_told: Option<Timestamp>,
    frames: KeptFrames,
    /// Since when the printer has reported no print at all.
    missing_since: Option<Millis>,
    /// Pictures of it that a person is asked about.
    shots: Vec<PrintShotFeedback>,
}

/// A print that has ended, and what is said of it.
pub(crate) struct Closed {
    pub(crate) print: Print,
    /// What passed, whatever the stamps say: the wall clock may have been set meanwhile. Seconds.
    pub(crate) lasted_secs: f64,
    /// Pictures may lie on disk for a film.
    pub(crate) has_frames: bool,
    pub(crate) entry: Entry,
    pub(crate) notice: NoticeKind,
    pub(crate) title: String,
    pub(crate) text: String,
}

impl Running {
    fn begin(print: Print, now: Now) -> Self {
        Self {
            print,
            started_ms: now.mono_ms,
            job: None,
            goes_on_alone: false,
            past: PastTimes::default(),
            pace: Pace::default(),
            last_ack: None,
            last_told: None,
            frames: KeptFrames::default(),
            missing_since: None,
            shots: Vec::new(),
        }
    }

    fn whereabouts(&self) -> Whereabouts {
        let job = self.job.as_ref();
        // Another host tells of no lines.
        let line = job.filter(|job| job.line > 0 || job.lines > 0).map(|job| job.line);
        let layer_idx = job.and_then(|job| job.layer_idx);
        Whereabouts { print: self.print.id, line, layer_idx }
    }

    /// Sets the row's end. Returns what is said of it.
    fn set_end(&mut self, end: JobEnd, heaters: &str, now: Timestamp) -> (Entry, NoticeKind, String, String) {
        let print = &mut self.print;
        let name = &print.filename;
        match end {
            JobEnd::Finished => {
                print.finished_at = Some(now.max(print.started_at));
                print.ended_by = Some(EndedBy::Finished);
                let text = format!("It took {}.", span_word(print.print_time.unwrap_or_default()));
                let entry = Entry::new(EventType::Ended, EventClass::Success, "Print finished")
                    .by(Initiator::Printer);
                (entry, NoticeKind::PrintDone, format!("{name} is done"), text)
            }
            JobEnd::Cancelled(by) => {
                print.cancelled_at = Some(now.max(print.started_at));
                print.ended_by = Some(EndedBy::Cancelled);
                let text = format!("Cancelled {}. {heaters}", by_whom(by));
                let entry = Entry::new(EventType::Ended, EventClass::Warning, "Print cancelled").by(by);
                (entry, NoticeKind::PrintCancelled, format!("{name} was cancelled"), text)
            }
            JobEnd::Interrupted { why } => {
                let why = sentence(&why);
                print.cancelled_at = Some(self.last_ack.unwrap_or(now).max(print.started_at));
                print.ended_by = Some(EndedBy::Interrupted);
                print.ended_why = Some(why.clone());
                let entry = Entry::new(EventType::Ended, EventClass::Error, "Print interrupted")
                    .by(Initiator::Printer);
                (entry, NoticeKind::PrintInterrupted, format!("{name} was interrupted"), why)
            }
            JobEnd::Unknown { why } => {
                let why = sentence(&why);
                print.cancelled_at = Some(self.last_told.unwrap_or(now).max(print.started_at));
                print.ended_by = Some(EndedBy::Interrupted);
                print.ended_why = Some(why.clone());
                let title = "It is not known how the print ended";
                let entry = Entry::new(EventType::Ended, EventClass::Warning, title).by(Initiator::App);
                let title = format!("{name}: it is not known how it ended");
                (entry, NoticeKind::PrintInterrupted, title, why)
            }
        }
    }
}

/// Closes a print whose end nobody saw, at `when`.
pub(crate) fn close_interrupted(print: &mut Print, when: Timestamp) {
    let when = when.max(print.started_at);
    print.cancelled_at = Some(when);
    print.ended_by = Some(EndedBy::Interrupted);
    print.ended_why = Some("The app ended in the middle of this print.".into());
    print.print_time = print.print_time.or(Some(when.secs_since(print.started_at)));
}

impl PrintRun {
    /// Keeps the print that goes on, when all else is set up anew.
    pub(crate) fn rebuilt(broken: Self, now: Now) -> Self {
        let adopt = |print: Print| {
            let passed = (now.utc.secs_since(print.started_at).max(0.0) * 1000.0) as Millis;
            let started_ms = now.mono_ms.saturating_sub(passed);
            let frames = KeptFrames::after(now.mono_ms.saturating_sub(started_ms));
            Running { started_ms, frames, ..Running::begin(print, now) }
        };
        Self { running: broken.running.map(|running| adopt(running.print)) }
    }

    /// Goes on with a print that was under way when the app last ended, and that another host feeds.
    pub(crate) fn take_up(&mut self, print: Print, now: Now) {
        let Self { running } = Self::rebuilt(Self { running: Some(Running::begin(print, now)) }, now);
        self.running = running.map(|running| Running { goes_on_alone: true, ..running });
    }

    pub(crate) fn facts(&self) -> Option<PrintFacts> {
        let running = self.running.as_ref()?;
        let Whereabouts { print: id, line, layer_idx } = running.whereabouts();
        Some(PrintFacts {
            id,
            started_ms: running.started_ms,
            goes_on_alone: running.goes_on_alone,
            line,
            layer_idx,
            muted: running.print.alert_muted_at.is_some(),
            alerted: running.print.alerted_at.is_some(),
        })
    }

    /// Returns the row of the print under way.
    pub(crate) fn row(&self) -> Option<&Print> {
        self.running.as_ref().map(|running| &running.print)
    }

    fn running(&mut self, id: PrintId) -> Option<&mut Running> {
        self.running.as_mut().filter(|running| running.print.id == id)
    }

    /// The first line of a print is out: its row begins. `starting` is what was ordered of it. Returns what is logged.
    pub(crate) fn begin(
        &mut self,
        id: PrintId,
        starting: Option<Starting>,
        facts: &Facts<'_>,
        out: &mut Out,
    ) -> Entry {
        let origin = starting.as_ref().map_or(Origin::Fed, |starting| starting.origin);
        let job = starting.map(|starting| starting.job);
        let by = job.as_ref().map_or(Initiator::Person, |job| job.initiator);
        let past = job.as_ref().map(|job| job.past).unwrap_or_default();
        let (file, name) = match job {
            Some(job) => (job.file, job.name),
            None => {
                // Nobody here started it; the printer's report may know its name.
                let reported = facts.report().and_then(|r| r.job.as_ref()).filter(|job| job.print == id);
                reported.map_or((None, "A print".into()), |job| (job.file, job.name.clone()))
            }
        };
        let name: String = name.chars().take(1000).collect();
        let mut print = Print::begin(id, facts.settings.id, file, name, facts.now.utc);
        if let Origin::Agent { ext_id } = origin {
            print.ext_id = ext_id;
        }
        print.demo = facts.settings.kind == PrinterKind::Demo;
        out.record(Write::Print(Box::new(print.clone())));
        let title = format!("{} started", print.filename);
        self.running =
            Some(Running { past, goes_on_alone: origin != Origin::Fed, ..Running::begin(print, facts.now) });
        Entry::new(EventType::Started, EventClass::Info, title).by(by)
    }

    /// Takes in what the printer reports of its print. `alive`: it is there to report it.
    pub(crate) fn on_job(&mut self, job: &JobReport, alive: bool, now: Now) {
        let Some(running) = self.running(job.print) else { return };
        let line_before = running.job.as_ref().map_or(0, |before| before.line);
        if job.line > line_before {
            running.last_ack = Some(now.utc);
        }
        running.missing_since = None;
        if alive {
            running.last_told = Some(now.utc);
        }
        running.pace.note(job);
        running.job = Some(job.clone());
    }

    /// What was reported cannot be borne.
    pub(crate) fn forget_job(&mut self) {
        self.running.iter_mut().for_each(|running| running.job = None);
    }

    /// Shots of the print under way are kept to be shown.
    pub(crate) fn on_shots(&mut self, print: PrintId, shots: &[PrintShotFeedback]) {
        if let Some(running) = self.running(print) {
            running.shots = shots.to_vec();
        }
    }

    /// A frame came, or was looked at: the film may want it, while lines are executed.
    pub(crate) fn film(&mut self, frame: &FrameInfo, facts: &Facts<'_>, out: &mut Out) {
        if let Some(running) = self.running.as_mut().filter(|_| facts.prints_now()) {
            let at = running.whereabouts();
            running.frames.film(frame, at, out);
        }
    }

    /// Has a frame of the print written to disk.
    pub(crate) fn keep(&mut self, frame: &FrameInfo, why: KeepWhy, out: &mut Out) {
        if let Some(running) = self.running.as_mut() {
            let at = running.whereabouts();
            running.frames.keep(frame, why, at, out);
        }
    }

    /// Changes the row, and records it.
    pub(crate) fn change(&mut self, change: PrintChange, now: Timestamp, out: &mut Out) {
        let Some(running) = self.running.as_mut() else { return };
        let print = &mut running.print;
        match change {
            PrintChange::Alerted { paused } => {
                print.alerted_at = Some(now);
                if paused {
                    print.paused_at = Some(now);
                }
            }
            PrintChange::Answered(answer) => {
                print.alert_acknowledged_at = Some(now);
                print.alert_overwrite = answer;
            }
            PrintChange::Muted(at) => print.alert_muted_at = at,
        }
        out.record(Write::Print(Box::new(print.clone())));
    }

    /// Takes a person's word on this print. Returns the one before, and the row.
    pub(crate) fn overwrite(
        &mut self,
        id: PrintId,
        word: Option<AlertOverwrite>,
    ) -> Option<(Option<AlertOverwrite>, Print)> {
        let print = &mut self.running(id)?.print;
        let before = std::mem::replace(&mut print.alert_overwrite, word);
        Some((before, print.clone()))
    }

    /// The word could not be recorded: the one before holds again.
    pub(crate) fn take_back(&mut self, id: PrintId, before: Option<AlertOverwrite>, out: &mut Out) {
        if let Some((_, row)) = self.overwrite(id, before) {
            out.record(Write::Print(Box::new(row)));
        }
    }

    /// A print of which the printer has reported nothing for long has ended unseen.
    pub(crate) fn on_tick(&mut self, facts: &Facts<'_>, out: &mut Out) {
        let gone = facts.report().is_some_and(|r| r.job.is_none() && !r.state.has_print());
        let Some(running) = self.running.as_mut() else { return };
        if !gone {
            running.missing_since = None;
            return;
        }
        let since = *running.missing_since.get_or_insert(facts.now.mono_ms);
        let waited = |secs| facts.now.mono_ms.saturating_sub(since) >= facts.patience_ms(secs);
        match &facts.settings.agent {
            // Its agent has not come back since the app was started.
            Some(agent) if !facts.link_up() => {
                if waited(UNKNOWN_SECS) {
                    let why = format!(
                        "Nothing was heard of {} for a day, so it is not known how this print ended. Have a look at it.",
                        agent.host()
                    );
                    out.ask(Message::EndPrint(JobEnd::Unknown { why }));
                }
            }
            Some(_) | None if waited(MISSING_SECS) => {
                let why = "The printer no longer knows of this print. Have a look at it.".to_owned();
                out.ask(Message::EndPrint(JobEnd::Interrupted { why }));
            }
            Some(_) | None => (),
        }
    }

    /// Closes the print under way, if there is one. `heaters`: what is known of them, for people.
    pub(crate) fn close(&mut self, end: JobEnd, heaters: &str, now: Now) -> Option<Closed> {
        let mut running = self.running.take()?;
        let lasted_secs = now.mono_ms.saturating_sub(running.started_ms) as f64 / 1000.0;
        let job = running.job.as_ref();
        running.print.print_time = Some(job.map_or(lasted_secs, |job| job.print_secs));
        // A card tells of no filament, nor do some hosts.
        let told = job.filter(|job| !job.on_card && (job.lines > 0 || !job.used.is_empty()));
        running.print.filament_used = told.map(|job| job.filament_mm);
        let (entry, notice, title, text) = running.set_end(end, heaters, now.utc);
        let (print, has_frames) = (running.print, running.frames.any());
        Some(Closed { print, lasted_secs, has_frames, entry: entry.text(text.clone()), notice, title, text })
    }

    /// Returns the last report of the print under way.
    pub(crate) fn job(&self) -> Option<&JobReport> {
        self.running.as_ref()?.job.as_ref()
    }

    /// Returns how long the file took last time, seconds.
    pub(crate) fn last_secs(&self) -> Option<f64> {
        self.running.as_ref().and_then(|running| running.past.last_secs)
    }

    /// Returns the seconds left of the print under way, and what they go by.
    pub(crate) fn time_left(&self) -> Option<(f64, PrintTimeLeftOrigin)> {
        let running = self.running.as_ref()?;
        running.pace.left(running.job.as_ref()?, running.past)
    }

    /// Returns what each source says of the time left. `slicer_secs`: what slicers wrote into their files.
    pub(crate) fn time_sources(&self, slicer_secs: &BTreeMap<FileId, f64>) -> Vec<TimeSource> {
        let Some(running) = self.running.as_ref() else { return Vec::new() };
        let Some(job) = running.job.as_ref() else { return Vec::new() };
        let slicer = running.print.g_code_file.and_then(|file| slicer_secs.get(&file)).copied();
        running.pace.sources(job, running.past, slicer)
    }

    /// Returns the print under way with its file and its shots.
    pub(crate) fn view(&self, files: &BTreeMap<FileId, GCodeFile>) -> Option<PrintView> {
        let running = self.running.as_ref()?;
        let mut view = PrintView::from(&running.print);
        view.g_code_file = running.print.g_code_file.and_then(|file| files.get(&file)).cloned();
        view.need_print_shot_feedback = running.shots.iter().any(|shot| shot.answer.is_none());
        view.printshotfeedback_set.clone_from(&running.shots);
        Some(view)
    }
}
