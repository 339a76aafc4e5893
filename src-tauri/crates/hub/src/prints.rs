//! A print from its first line to its end.

use crate::alert::Alert;
use crate::film_pace::FilmPace;
use crate::looks::SeenLook;
use crate::outlet::{Entry, Outlet, by_whom, sentence};
use crate::time_left::Pace;
use crate::view_status::span_word;
use crate::watch::{AlarmKind, PrintWatch};
use domain::{
    Effect, EndedBy, EventClass, EventType, Film, FilmState, FilmWish, FrameId, Initiator, JobEnd, JobReport,
    KeepWhy, Millis, NoticeKind, Now, PastTimes, Print, PrintId, PrinterKind, Reasons, Timestamp, Write,
};
use std::collections::VecDeque;
use verdict::PrintvigilRule;

/// Ended prints that may wait for their film at once.
const MOST_FILMING: usize = 16;

/// The print under way, and what is known only while it runs.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) print: Print,
    /// When it began, on the printer's clock.
    pub(crate) started_ms: Millis,
    /// The last report of it.
    pub(crate) job: Option<JobReport>,
    /// The printer reads it from its own card.
    pub(crate) on_card: bool,
    /// How long its file took before.
    pub(crate) past: PastTimes,
    /// What its pace says of its end.
    pub(crate) pace: Pace,
    /// When a line was last acknowledged.
    pub(crate) last_ack: Option<Timestamp>,
    /// Detection may pause. A flag of its own: `paused_at` is only the record of the last such pause.
    pub(crate) may_pause: bool,
    /// Pause confirmed by the printer.
    pub(crate) pause_confirmed: bool,
    /// The pause under way was ordered by the watch.
    pub(crate) paused_by_watch: bool,
    pub(crate) alerted_ms: Option<Millis>,
    pub(crate) acknowledged_ms: Option<Millis>,
    /// The last alert has no answer yet.
    pub(crate) unanswered: bool,
    pub(crate) alert: Option<Alert>,
    /// Our rule's memory of this print.
    pub(crate) ours: PrintvigilRule,
    /// Why the rule that decides said what it said about the last look.
    pub(crate) reasons: Option<Reasons>,
    /// The last looks, oldest first.
    pub(crate) looks: VecDeque<SeenLook>,
    /// A look counts when its frame was taken this long after: the last that counted, or the start.
    pub(crate) counted_ms: Millis,
    /// Which frames are kept for the film.
    pub(crate) film_pace: FilmPace,
    /// The frame kept last, and why.
    pub(crate) kept: Option<(FrameId, KeepWhy)>,
    /// Pictures may lie on disk for a film.
    pub(crate) has_frames: bool,
    /// Since when the printer has reported no print at all.
    pub(crate) missing_since: Option<Millis>,
}

impl Running {
    fn begin(print: Print, now: Now) -> Self {
        Self {
            print,
            started_ms: now.mono_ms,
            job: None,
            on_card: false,
            past: PastTimes::default(),
            pace: Pace::default(),
            last_ack: None,
            may_pause: true,
            pause_confirmed: false,
            paused_by_watch: false,
            alerted_ms: None,
            acknowledged_ms: None,
            unanswered: false,
            alert: None,
            ours: PrintvigilRule::default(),
            reasons: None,
            looks: VecDeque::new(),
            counted_ms: now.mono_ms,
            film_pace: FilmPace::default(),
            kept: None,
            has_frames: false,
            missing_since: None,
        }
    }

    /// Takes over a print that goes on while its watch was set up anew.
    pub(crate) fn adopt(print: Print, now: Now) -> Self {
        let ago = |t: Timestamp| {
            let passed = now.utc.secs_since(t).max(0.0) * 1000.0;
            now.mono_ms.saturating_sub(passed as Millis)
        };
        let answered = print.alert_acknowledged_at >= print.alerted_at;
        Self {
            started_ms: ago(print.started_at),
            film_pace: FilmPace::after(now.mono_ms.saturating_sub(ago(print.started_at))),
            may_pause: print.paused_at.is_none(),
            alerted_ms: print.alerted_at.map(ago),
            acknowledged_ms: print.alert_acknowledged_at.map(ago),
            unanswered: print.alerted_at.is_some() && !answered,
            has_frames: true,
            ..Self::begin(print, now)
        }
    }

    /// Takes in what the printer reports of its print.
    pub(crate) fn note_job(&mut self, job: &JobReport, now: Now) {
        if job.print != self.print.id {
            return;
        }
        let line_before = self.job.as_ref().map_or(0, |before| before.line);
        if job.line > line_before {
            self.last_ack = Some(now.utc);
        }
        self.missing_since = None;
        self.pace.note(job);
        self.job = Some(job.clone());
    }

    pub(crate) fn line(&self) -> Option<u64> {
        self.job.as_ref().map(|job| job.line)
    }

    pub(crate) fn layer_idx(&self) -> Option<u32> {
        self.job.as_ref().and_then(|job| job.layer_idx)
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

impl PrintWatch {
    /// Closes prints that were under way when the app last ended.
    pub(crate) fn close_at_boot(&mut self, open: Vec<Print>, out: &mut Outlet<'_>) {
        let was_marked = self.settings.current_print.take().is_some();
        if was_marked {
            out.record(Write::Printer(Box::new(self.row())));
        }
        for mut print in open {
            // The last look is the last sign of life that was stored. It may be later than now: a computer's clock can
            // stand wrong at a start, and a print that took no time would have no film.
            let looked = self.prediction.updated_at;
            let last_sign = if looked >= print.started_at { looked } else { out.now.utc };
            close_interrupted(&mut print, last_sign);
            let text = "The app ended in the middle of it. Nothing moves or heats by itself: have a look at the printer.";
            let entry = Entry::new(EventType::Ended, EventClass::Error, "Print interrupted").text(text);
            out.log_for(self, Some(print.id), entry);
            out.notify(
                self,
                NoticeKind::PrintInterrupted,
                &format!("{} was interrupted", print.filename),
                text,
            );
            self.record_end(print, out);
            verdict::begin_print(&mut self.prediction, out.now.utc);
            out.record(Write::Prediction(self.prediction));
        }
    }

    /// The first line of a print is out: its row begins.
    pub(crate) fn on_started(&mut self, id: PrintId, out: &mut Outlet<'_>) {
        if self.running.as_ref().is_some_and(|running| running.print.id == id) {
            return;
        }
        if self.running.is_some() {
            let why = "Another print began on this printer.".to_owned();
            self.finish(JobEnd::Interrupted { why }, out);
        }
        let starting = self.starting.take().filter(|starting| starting.job.print == id);
        let on_card = starting.as_ref().is_some_and(|starting| starting.on_card);
        let job = starting.map(|starting| starting.job);
        let by = job.as_ref().map_or(Initiator::Person, |job| job.initiator);
        let past = job.as_ref().map(|job| job.past).unwrap_or_default();
        let (file, name) = match job {
            Some(job) => (job.file, job.name),
            None => {
                // Nobody here started it; the printer's report may know its name.
                let reported =
                    self.report.as_ref().and_then(|r| r.job.as_ref()).filter(|job| job.print == id);
                reported.map_or((None, "A print".into()), |job| (job.file, job.name.clone()))
            }
        };
        let name: String = name.chars().take(1000).collect();
        let mut print = Print::begin(id, self.settings.id, file, name, out.now.utc);
        print.demo = self.settings.kind == PrinterKind::Demo;
        if *out.next_print <= id {
            *out.next_print = id.next();
        }
        self.asked = None;
        self.clear_alarm(&[AlarmKind::Pause, AlarmKind::Refused, AlarmKind::Internal, AlarmKind::Restarted]);
        self.settings.current_print = Some(id);
        self.vigilance.begin_print(out.now);
        self.begin_coverage();
        verdict::begin_print(&mut self.prediction, out.now.utc);
        out.record(Write::Print(Box::new(print.clone())));
        out.record(Write::Printer(Box::new(self.row())));
        out.record(Write::Prediction(self.prediction));
        let title = format!("{} started", print.filename);
        self.running = Some(Running { past, on_card, ..Running::begin(print, out.now) });
        self.note_heat(out.now);
        let entry = Entry::new(EventType::Started, EventClass::Info, title).by(by);
        out.log(self, entry);
    }

    /// A print ended, however it ended. An end of another print changes nothing.
    pub(crate) fn on_ended(&mut self, id: PrintId, end: JobEnd, out: &mut Outlet<'_>) {
        if self.starting.as_ref().is_some_and(|starting| starting.job.print == id) {
            // It ended before its first line: there is no row to close.
            self.starting = None;
            if let JobEnd::Interrupted { why } = &end {
                self.raise(AlarmKind::Refused, sentence(why));
            }
        }
        if self.running.as_ref().is_some_and(|running| running.print.id == id) {
            self.finish(end, out);
        }
    }

    /// Closes the print under way.
    pub(crate) fn finish(&mut self, end: JobEnd, out: &mut Outlet<'_>) {
        self.vigilance.end_print(out.now);
        self.end_coverage(out);
        let Some(running) = self.running.take() else { return };
        let Running { mut print, job, last_ack, started_ms, has_frames, .. } = running;
        self.asked = None;
        self.heat.end_hold();
        self.clear_alarm(&[AlarmKind::Pause, AlarmKind::Refused, AlarmKind::Internal]);
        let elapsed_secs = out.now.mono_ms.saturating_sub(started_ms) as f64 / 1000.0;
        print.print_time = Some(job.as_ref().map_or(elapsed_secs, |job| job.print_secs));
        print.filament_used = job.as_ref().map(|job| job.filament_mm);
        let (entry, kind, title, text) = match end {
            JobEnd::Finished => {
                print.finished_at = Some(out.now.utc);
                print.ended_by = Some(EndedBy::Finished);
                let text = format!("It took {}.", span_word(print.print_time.unwrap_or(elapsed_secs)));
                let entry = Entry::new(EventType::Ended, EventClass::Success, "Print finished")
                    .by(Initiator::Printer);
                (entry, NoticeKind::PrintDone, format!("{} is done", print.filename), text)
            }
            JobEnd::Cancelled(by) => {
                print.cancelled_at = Some(out.now.utc);
                print.ended_by = Some(EndedBy::Cancelled);
                let text = format!("Cancelled {}. Heaters and fan are off.", by_whom(by));
                let entry = Entry::new(EventType::Ended, EventClass::Warning, "Print cancelled").by(by);
                (entry, NoticeKind::PrintCancelled, format!("{} was cancelled", print.filename), text)
            }
            JobEnd::Interrupted { why } => {
                let why = sentence(&why);
                print.cancelled_at = Some(last_ack.unwrap_or(out.now.utc).max(print.started_at));
                print.ended_by = Some(EndedBy::Interrupted);
                print.ended_why = Some(why.clone());
                let entry = Entry::new(EventType::Ended, EventClass::Error, "Print interrupted")
                    .by(Initiator::Printer);
                (entry, NoticeKind::PrintInterrupted, format!("{} was interrupted", print.filename), why)
            }
        };
        out.log_for(self, Some(print.id), entry.text(text.clone()));
        out.notify(self, kind, &title, text);
        self.settings.current_print = None;
        out.record(Write::Printer(Box::new(self.row())));
        verdict::begin_print(&mut self.prediction, out.now.utc);
        out.record(Write::Prediction(self.prediction));
        if has_frames {
            self.record_end(print, out);
        } else {
            out.record(Write::Print(Box::new(print)));
        }
    }

    /// Records an ended print, and has its film made when it was long enough, else its poster alone.
    fn record_end(&mut self, print: Print, out: &mut Outlet<'_>) {
        out.record(Write::Print(Box::new(print.clone())));
        let shortest_secs = match print.ended_by {
            Some(EndedBy::Finished) => self.settings.min_timelapse_secs_on_finish,
            Some(EndedBy::Cancelled | EndedBy::Interrupted) | None => {
                self.settings.min_timelapse_secs_on_cancel
            }
        };
        let lasted_secs = print.ended_at().map_or(0.0, |end| end.secs_since(print.started_at));
        let short = if shortest_secs < 0 {
            Some("By the printer's settings such prints get no film.".to_owned())
        } else if lasted_secs < shortest_secs as f64 {
            let least = span_word(shortest_secs as f64);
            Some(format!("It was shorter than {least}, from which on the printer's settings want a film."))
        } else {
            None
        };
        match short {
            Some(why) => {
                out.record(Write::Film(print.id, FilmState::TooShort, Some(why)));
                out.effects.push(Effect::Film(print.id, FilmWish::Poster));
            }
            None => {
                out.record(Write::Film(print.id, FilmState::Waiting, None));
                out.effects.push(Effect::Film(print.id, FilmWish::Film));
            }
        }
        if self.filming.len() == MOST_FILMING {
            self.filming.remove(0);
        }
        self.filming.push(print);
    }

    /// A film was rendered, or could not be.
    pub(crate) fn on_filmed(&mut self, id: PrintId, film: &Result<Film, String>, out: &mut Outlet<'_>) {
        let Some(place) = self.filming.iter().position(|print| print.id == id) else { return };
        let mut print = self.filming.remove(place);
        match film {
            Ok(film) => {
                print.video_url.clone_from(&film.video);
                print.tagged_video_url.clone_from(&film.tagged);
                print.poster_url.clone_from(&film.poster);
                out.record(Write::Print(Box::new(print)));
            }
            Err(why) => tracing::warn!(print = %id, why, "no film of this print"),
        }
    }

    /// A print of which the printer has reported nothing for long has ended unseen.
    pub(crate) fn check_print(&mut self, out: &mut Outlet<'_>) {
        let gone = self.report.as_ref().is_some_and(|r| r.job.is_none() && !r.state.has_print());
        let patience = self.patience_ms(30.0);
        let Some(running) = self.running.as_mut() else { return };
        if !gone {
            running.missing_since = None;
            return;
        }
        let since = *running.missing_since.get_or_insert(out.now.mono_ms);
        if out.now.mono_ms.saturating_sub(since) >= patience {
            let why = "The printer no longer knows of this print. Have a look at it.".to_owned();
            self.finish(JobEnd::Interrupted { why }, out);
        }
    }
}
