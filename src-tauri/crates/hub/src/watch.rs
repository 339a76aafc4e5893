//! The state of one printer, and what is settled after each event.

use crate::alert::Alert;
use crate::coverage::Gaps;
use crate::drill::Drill;
use crate::hub::clock_scale;
use crate::outlet::{Entry, Outlet};
use crate::patch::PendingWrite;
use crate::prints::Running;
use crate::timers::Heat;
use crate::vigilance::Vigilance;
use crate::world::World;
use domain::{
    CameraId, Effect, EventClass, EventType, Initiator, LinkState, Millis, NotWatching, Now, PredictionState,
    Print, PrintId, Printer, PrinterKind, PrinterReport, PrinterState, PrinterView, Write,
};
use verdict::SceneWatch;

/// Everything known of one printer. Holds no reference to another's.
#[derive(Debug)]
pub(crate) struct PrintWatch {
    pub(crate) settings: Printer,
    pub(crate) prediction: PredictionState,
    /// Seconds of this printer's clock in a real second.
    pub(crate) scale: f64,
    /// The last moment heard of, on this printer's clock.
    pub(crate) at: Option<Now>,
    pub(crate) report: Option<Box<PrinterReport>>,
    pub(crate) reported_at: Option<Now>,
    /// The print under way.
    pub(crate) running: Option<Running>,
    /// Ordered to start; its first line is not out yet.
    pub(crate) starting: Option<Starting>,
    /// Prints that ended and wait for their film.
    pub(crate) filming: Vec<Print>,
    /// When a person was last told what connecting now may do.
    pub(crate) connect_warned: Option<Millis>,
    /// The order that the printer has not confirmed yet.
    pub(crate) asked: Option<Asked>,
    pub(crate) alarm: Option<Alarm>,
    pub(crate) switch_off_now: bool,
    pub(crate) vigilance: Vigilance,
    pub(crate) gaps: Gaps,
    /// What the camera's pictures are like.
    pub(crate) scene: SceneWatch,
    pub(crate) drill: Option<Drill>,
    /// What a look takes, milliseconds of real time, smoothed.
    pub(crate) look_ms: f64,
    pub(crate) heat: Heat,
    /// The link has come up; the next report tells its rate.
    pub(crate) learn_rate: bool,
    /// Writes that somebody waits for.
    pub(crate) pending: Vec<PendingWrite>,
    /// How often frames are to be analysed, as last ordered.
    pub(crate) cadence: Option<Millis>,
    pub(crate) shown: Option<PrinterView>,
    pub(crate) seq: u64,
}

/// A print that was ordered to start.
#[derive(Debug, Clone)]
pub(crate) struct Starting {
    pub(crate) job: domain::StartJob,
    /// The printer reads it from its own card.
    pub(crate) on_card: bool,
    pub(crate) since: Millis,
}

/// What was ordered and is not confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Want {
    Pause,
    Resume,
    Cancel,
}

/// An order on its way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    pub(crate) want: Want,
    pub(crate) since: Millis,
}

/// What an alarm is about; it decides when the alarm is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AlarmKind {
    /// A pause is not confirmed: over when it is, or when the print goes on or ends.
    Pause,
    /// An order was refused: over with the next that is taken.
    Refused,
    /// The printer is halted or its link broke: over when it answers again.
    Printer,
    /// A part of the app failed: over with the print.
    Internal,
    /// The printer restarted in the middle of a print: over when the next is started.
    Restarted,
}

/// An alarm for people.
#[derive(Debug, Clone)]
pub(crate) struct Alarm {
    pub(crate) kind: AlarmKind,
    pub(crate) text: String,
}

impl PrintWatch {
    pub(crate) fn new(
        settings: Printer,
        prediction: Option<PredictionState>,
        world: &World,
        now: Now,
    ) -> Self {
        let scale = clock_scale(settings.kind, world);
        Self {
            prediction: prediction.unwrap_or_else(|| PredictionState::fresh(settings.id, now.utc)),
            scale,
            // The moment of the boot is on the real clock; a demo printer's own comes with its first event.
            at: match settings.kind {
                PrinterKind::Serial => Some(now),
                PrinterKind::Demo => None,
            },
            settings,
            report: None,
            reported_at: None,
            running: None,
            starting: None,
            filming: Vec::new(),
            connect_warned: None,
            asked: None,
            alarm: None,
            switch_off_now: false,
            vigilance: Vigilance::default(),
            gaps: Gaps::default(),
            scene: SceneWatch::default(),
            drill: None,
            look_ms: 0.0,
            heat: Heat::new(world.idle_heat_mins),
            learn_rate: false,
            pending: Vec::new(),
            cadence: None,
            shown: None,
            seq: 0,
        }
    }

    /// Keeps the facts of a watch that failed and drops what was in the making.
    pub(crate) fn rebuilt(broken: Self, world: &World) -> Self {
        let now = broken.at.unwrap_or(Now::at(0));
        let running = broken.running.map(|r| Running::adopt(r.print, now));
        Self {
            at: broken.at,
            report: broken.report,
            reported_at: broken.reported_at,
            running,
            filming: broken.filming,
            switch_off_now: broken.switch_off_now,
            pending: broken.pending,
            seq: broken.seq,
            ..Self::new(broken.settings, Some(broken.prediction), world, now)
        }
    }

    pub(crate) fn on_rebuilt(&mut self, out: &mut Outlet<'_>) {
        // Whoever analyses must hear it again, whatever was ordered before.
        out.effects.push(Effect::Watch(self.settings.id, None));
        let text = "A part of the app failed and was set up anew. The print goes on. Have a look at it, and at the watch.";
        self.raise(AlarmKind::Internal, text);
        let entry =
            Entry::new(EventType::PrinterError, EventClass::Error, "The watch was set up anew").text(text);
        out.log(self, entry);
    }

    /// Returns this printer's moment: never before the last one.
    pub(crate) fn moment(&mut self, now: Now) -> Now {
        let now = match self.at {
            Some(last) if now.mono_ms < last.mono_ms => Now { mono_ms: last.mono_ms, utc: now.utc },
            Some(_) | None => now,
        };
        self.vigilance.run_clock(self.at, now, self.running.is_some() && self.prints_now());
        self.at = Some(now);
        now
    }

    /// What must be true after each event, whatever it was.
    pub(crate) fn settle(&mut self, out: &mut Outlet<'_>) {
        self.settle_vigilance(out);
        self.settle_coverage(out);
        self.settle_drill(out);
        let cadence = self.wanted_cadence(out.world);
        if cadence != self.cadence {
            self.cadence = cadence;
            out.effects.push(Effect::Watch(self.settings.id, cadence));
        }
        let view = self.compose(out.world, out.now);
        if self.shown.as_ref() != Some(&view) {
            self.seq += 1;
            let mut view = view;
            view.vigil.seq = self.seq;
            self.shown = Some(view.clone());
            out.effects.push(Effect::Publish(Box::new(view)));
        }
    }

    fn wanted_cadence(&self, world: &World) -> Option<Millis> {
        let watched = self.not_watching(world).is_none() && world.camera(self.settings.camera).is_some();
        watched.then(|| self.pace_ms())
    }

    /// Returns why this print is not to be watched; the first match of Obico's order.
    pub(crate) fn not_watching(&self, world: &World) -> Option<NotWatching> {
        let muted = self.running.as_ref().is_some_and(|r| r.print.alert_muted_at.is_some());
        if !self.settings.watching_enabled {
            Some(NotWatching::Disabled)
        } else if world.dh_balance <= 0.0 {
            Some(NotWatching::NoDetectionHours)
        } else if self.running.is_none() || !self.prints_now() {
            Some(NotWatching::NotPrinting)
        } else if muted {
            Some(NotWatching::Muted)
        } else {
            None
        }
    }

    /// Returns whether there is something to watch: the flag `printing`, and the print is not being cancelled.
    pub(crate) fn prints_now(&self) -> bool {
        self.state().flags(false).printing && self.state() != PrinterState::Cancelling
    }

    /// Returns what the printer reports, or [`PrinterState::Offline`] before it did.
    pub(crate) fn reported_state(&self) -> PrinterState {
        self.report.as_ref().map_or(PrinterState::Offline, |report| report.state)
    }

    /// Returns the state to show: the reported one, and what was asked of it until it is confirmed.
    pub(crate) fn state(&self) -> PrinterState {
        let reported = self.reported_state();
        let moving =
            matches!(reported, PrinterState::Heating | PrinterState::Printing | PrinterState::Resuming);
        let held = matches!(reported, PrinterState::Pausing | PrinterState::Paused);
        match self.asked.map(|asked| asked.want) {
            Some(Want::Pause) if moving || held => PrinterState::Pausing,
            Some(Want::Resume) if reported == PrinterState::Paused => PrinterState::Resuming,
            Some(Want::Cancel) if moving || held => PrinterState::Cancelling,
            Some(Want::Pause | Want::Resume | Want::Cancel) | None => reported,
        }
    }

    pub(crate) fn on_status(&mut self, report: Box<PrinterReport>, out: &mut Outlet<'_>) {
        if let (Some(running), Some(job)) = (self.running.as_mut(), report.job.as_ref()) {
            running.note_job(job, out.now);
        }
        // A resume is confirmed by any state but the one it began in.
        if self.asked.is_some_and(|a| a.want == Want::Resume) && report.state != PrinterState::Paused {
            self.asked = None;
        }
        self.report = Some(report);
        self.reported_at = Some(out.now);
        self.learn(out);
        self.note_heat(out.now);
    }

    pub(crate) fn on_tick(&mut self, out: &mut Outlet<'_>) {
        self.check_orders(out);
        self.check_print(out);
        self.check_heat(out);
    }

    pub(crate) fn on_slept(&mut self, gap_ms: Millis, out: &mut Outlet<'_>) {
        if self.running.is_none() {
            return;
        }
        let text = format!(
            "The computer slept, or its clock jumped, for {}. The printer was neither fed nor watched in that time.",
            crate::view_status::span_word(gap_ms as f64 / 1000.0)
        );
        // Only a watch that was on can have been lost; that is told as a loss, and over with the next look.
        if self.not_watching(out.world).is_none() {
            self.vigilance.sleep(text.clone());
            if self.vigilance.lost.is_none() {
                return;
            }
        }
        let entry = Entry::new(EventType::WatchLost, EventClass::Warning, "The computer slept").text(text);
        out.log(self, entry);
    }

    pub(crate) fn on_history(&mut self, before: bool, after: Option<&str>, out: &mut Outlet<'_>) {
        match (before, after) {
            (false, Some(text)) => {
                out.notify(self, domain::NoticeKind::HistoryLost, "history is not being kept", text);
            }
            (true, None) => {
                let entry = Entry::new(EventType::HistoryLost, EventClass::Warning, "History is kept again")
                    .text("For a while it was not: looks and pictures of that time are missing.");
                out.log(self, entry);
            }
            (true, Some(_)) | (false, None) => (),
        }
    }

    pub(crate) fn forget_camera(&mut self, id: CameraId, out: &mut Outlet<'_>) {
        if self.settings.camera == Some(id) {
            self.settings.camera = None;
            for write in &mut self.pending {
                write.forget_camera(id);
            }
            out.record(Write::Printer(Box::new(self.row())));
        }
    }

    /// Returns whether the link takes orders.
    pub(crate) fn link_up(&self) -> bool {
        self.report.as_ref().is_some_and(|report| report.link == LinkState::Up)
    }

    pub(crate) fn raise(&mut self, kind: AlarmKind, text: impl Into<String>) {
        self.alarm = Some(Alarm { kind, text: text.into() });
    }

    pub(crate) fn clear_alarm(&mut self, kinds: &[AlarmKind]) {
        if self.alarm.as_ref().is_some_and(|alarm| kinds.contains(&alarm.kind)) {
            self.alarm = None;
        }
    }

    pub(crate) fn want(&mut self, want: Want, now: Now) {
        self.asked = Some(Asked { want, since: now.mono_ms });
        self.clear_alarm(&[AlarmKind::Refused]);
    }

    /// Returns whether this print is under way here, or waits here for its film.
    pub(crate) fn holds_print(&self, id: PrintId) -> bool {
        self.running.as_ref().is_some_and(|r| r.print.id == id) || self.filming.iter().any(|p| p.id == id)
    }

    /// Returns the open alert.
    pub(crate) fn alert(&self) -> Option<&Alert> {
        self.running.as_ref().and_then(|r| r.alert.as_ref())
    }

    /// A length of the printer's clock that is at least `secs`, and at least three real seconds on a fast one.
    pub(crate) fn patience_ms(&self, secs: f64) -> Millis {
        (secs * 1000.0 * (self.scale / 5.0).max(1.0)) as Millis
    }

    /// Logs a pause or resume.
    pub(crate) fn log_hold(&self, kind: EventType, title: &str, by: Initiator, out: &mut Outlet<'_>) {
        let text = format!("{title} {}.", crate::outlet::by_whom(by));
        out.log(self, Entry::new(kind, EventClass::Info, title).text(text).by(by));
    }
}
