//! All live state of one printer: composed of parts, each with a state that only it writes. It hands each of them what
//! comes in, and sees to what they emit; it decides nothing itself.

/// What every part may know now.
macro_rules! facts {
    ($session:expr, $cx:expr) => {
        crate::facts::Facts {
            world: $cx.world,
            now: $cx.now,
            settings: $session.settings.printer(),
            reported: &$session.reported,
            print: $session.print.facts(),
            starting: $session.order.is_starting(),
            want: $session.order.want(),
            pause_confirmed: $session.order.is_pause_confirmed(),
            alert_open: $session.alerts.is_open(),
        }
    };
}

mod app;
mod link;
mod looks;
mod publish;
mod requests;
mod spools;
mod watch_view;

use crate::alarms::Alarms;
use crate::alert::{Alerts, Verdict};
use crate::can::can_disconnect;
use crate::card::CardPrints;
use crate::coverage::Coverage;
use crate::detection::Detection;
use crate::drill::Drills;
use crate::ended::{LastPrint, record_end};
use crate::facts::Reported;
use crate::faults::Faults;
use crate::first_layers::FirstLayerWatch;
use crate::heaters::Heaters;
use crate::kept::KeptOfPrinter;
use crate::message::Message;
use crate::order::PendingOrder;
use crate::out::Emitted;
use crate::print_run::PrintRun;
use crate::queue::Queue;
use crate::reminders::Reminders;
use crate::scene::CameraScene;
use crate::schedule::Schedule;
use crate::settings::Settings;
use crate::shown::Shown;
use crate::spools::Spools;
use crate::step::StepContext;
use crate::watchdog::Watchdog;
use crate::world::World;
use domain::{
    AlarmKind, AlertOverwrite, FileId, GCodeFile, Initiator, JobEnd, LinkState, Millis, Now, Order,
    PredictionState, Print, PrintId, Printer, PrinterKind, PrinterReport, PrinterView, ReplyTo,
};

/// Everything known of one printer. Holds no reference to another's.
#[derive(Debug)]
pub(crate) struct PrinterSession {
    /// The last moment heard of, on this printer's clock.
    at: Option<Now>,
    reported: Reported,
    settings: Settings,
    order: PendingOrder,
    print: PrintRun,
    last: LastPrint,
    queue: Queue,
    spools: Spools,
    alerts: Alerts,
    detection: Detection,
    first_layers: FirstLayerWatch,
    scene: CameraScene,
    watchdog: Watchdog,
    coverage: Coverage,
    schedule: Schedule,
    drills: Drills,
    heaters: Heaters,
    faults: Faults,
    alarms: Alarms,
    reminders: Reminders,
    card: CardPrints,
    shown: Shown,
}

impl PrinterSession {
    pub(crate) fn new(
        printer: Printer,
        prediction: Option<PredictionState>,
        world: &World,
        now: Now,
    ) -> Self {
        let prediction = prediction.unwrap_or_else(|| PredictionState::fresh(printer.id, now.utc));
        Self {
            // The moment of the boot is on the real clock; a demo printer's own comes with its first event.
            at: match printer.kind {
                PrinterKind::Serial | PrinterKind::Agent => Some(now),
                PrinterKind::Demo => None,
            },
            reported: Reported::default(),
            queue: Queue::new(printer.id, Vec::new()),
            spools: Spools::new(printer.id, &[]),
            settings: Settings::new(printer),
            order: PendingOrder::default(),
            print: PrintRun::default(),
            last: LastPrint::default(),
            alerts: Alerts::default(),
            detection: Detection::new(prediction, now),
            first_layers: FirstLayerWatch::default(),
            scene: CameraScene::default(),
            watchdog: Watchdog::default(),
            coverage: Coverage::default(),
            schedule: Schedule::default(),
            drills: Drills::default(),
            heaters: Heaters::new(world.idle_heat_mins),
            faults: Faults::default(),
            alarms: Alarms::default(),
            reminders: Reminders::default(),
            card: CardPrints::default(),
            shown: Shown::default(),
        }
    }

    /// Begins with what was kept of the printer.
    pub(crate) fn with_kept(printer: Printer, kept: KeptOfPrinter, world: &World, now: Now) -> Self {
        let KeptOfPrinter { prediction, last_print, queue, spools } = kept;
        let queue = Queue::new(printer.id, queue);
        let spools = Spools::new(printer.id, &spools);
        let mut session = Self { queue, spools, ..Self::new(printer, prediction, world, now) };
        // Nobody had put the card away.
        if let Some((card, print)) = last_print {
            session.last.show(print, card.text, card.alert);
        }
        session
    }

    /// Keeps the facts of a session that failed and drops what was in the making.
    pub(crate) fn rebuilt(broken: Self, world: &World) -> Self {
        let now = broken.at.unwrap_or(Now::at(0));
        let printer = broken.settings.printer().clone();
        let prediction = Some(broken.detection.prediction());
        Self {
            at: broken.at,
            reported: broken.reported,
            settings: Settings::rebuilt(broken.settings),
            alerts: broken.print.row().map(|print| Alerts::rebuilt(print, now)).unwrap_or_default(),
            print: PrintRun::rebuilt(broken.print, now),
            last: broken.last,
            queue: broken.queue,
            spools: broken.spools,
            heaters: Heaters::rebuilt(broken.heaters, world.idle_heat_mins),
            faults: Faults::rebuilt(&broken.faults),
            alarms: broken.alarms,
            reminders: broken.reminders,
            shown: Shown::rebuilt(&broken.shown),
            ..Self::new(printer, prediction, world, now)
        }
    }

    /// What is known of a file has changed.
    pub(crate) fn on_file(&mut self, file: &GCodeFile, cx: &mut StepContext<'_>) {
        self.queue.on_file(file, &mut cx.out);
    }

    /// Returns this printer's moment: never before the last one.
    pub(crate) fn moment(&self, now: Now) -> Now {
        match self.at {
            Some(last) if now.mono_ms < last.mono_ms => Now { mono_ms: last.mono_ms, utc: now.utc },
            Some(_) | None => now,
        }
    }

    /// Returns the last moment heard of.
    pub(crate) fn at(&self) -> Option<Now> {
        self.at
    }

    /// Time has passed until this step.
    pub(crate) fn pass_time(&mut self, cx: &StepContext<'_>) {
        let facts = facts!(self, cx);
        let printing = facts.print.is_some() && facts.prints_now();
        self.watchdog.run_clock(self.at, cx.now, printing);
        self.at = Some(cx.now);
    }

    /// What must be true after each event, whatever it was.
    pub(crate) fn settle(&mut self, cx: &mut StepContext<'_>) {
        self.route(cx);
        if self.queue.is_starting() && !self.order.is_starting() {
            self.queue.on_given_up(self.alarms.refusal(), &mut cx.out);
        }
        self.watchdog.settle(self.scene.blinding(), &facts!(self, cx), &mut cx.out);
        self.coverage.settle(&self.watchdog, &facts!(self, cx), &mut cx.out);
        self.drills.settle(&facts!(self, cx), &mut cx.out);
        // What is wrong with the machine comes before what may be wrong with the print.
        let waiting = self.alarms.waiting().or_else(|| self.alerts.waiting());
        self.reminders.settle(waiting, &facts!(self, cx), &mut cx.out);
        self.schedule.settle(&self.detection, &facts!(self, cx), &mut cx.out);
        self.route(cx);
    }

    /// Sees to all that parts have emitted, depth first: what a message brings comes before what was emitted behind it.
    fn route(&mut self, cx: &mut StepContext<'_>) {
        let behind = cx.out.begin();
        while let Some(emitted) = cx.out.next(behind) {
            if let Emitted::Ask(message) = emitted {
                self.handle_message(message, cx);
                self.route(cx);
            } else {
                cx.give_out(emitted, self.settings.printer(), self.print_id());
            }
        }
    }

    fn handle_message(&mut self, message: Message, cx: &mut StepContext<'_>) {
        let now = cx.now;
        match message {
            Message::Raise { kind, text, leaves } => self.alarms.raise(kind, text, leaves, now.utc),
            Message::Clear(kinds) => self.alarms.clear(kinds, now.utc),
            Message::SayRefused(why) => self.alarms.say_refused(why, now.utc),
            Message::PauseUnconfirmed(why) => self.alarms.pause_unconfirmed(&why, now.utc, &mut cx.out),
            Message::Pause(by) => self.order.pause(by, &facts!(self, cx), &mut cx.out),
            Message::EndPrint(end) => self.end_print(end, cx),
            Message::Print(change) => self.print.change(change, now.utc, &mut cx.out),
            Message::Keep(frame, why) => self.print.keep(&frame, why, &mut cx.out),
            Message::Film(frame) => self.print.film(&frame, &facts!(self, cx), &mut cx.out),
            Message::Verdict { reasons, frame, boxes } => {
                let verdict = Verdict { reasons: *reasons, frame, boxes, looks: self.detection.looks() };
                self.alerts.on_verdict(verdict, &facts!(self, cx), &mut cx.out);
            }
            Message::AcceptScene => self.detection.accept_scene(),
            Message::SpoilScale => self.detection.spoil_scale(),
            Message::ForgetScaleOf(camera) => self.detection.forget_scale_of(camera, &facts!(self, cx)),
            Message::Resumed(by) => self.resumed(by, cx),
            Message::HoldLimitChanged(before) => self.heaters.hold_limit_changed(before, &facts!(self, cx)),
            Message::OffsetsChanged => {
                // What the file sets from now on; targets that stand are left as they are.
                let facts = facts!(self, cx);
                if facts.print.is_some() && facts.link_up() {
                    self.settings.tell_offsets(&mut cx.out);
                }
            }
            Message::Archived => {
                if can_disconnect(&facts!(self, cx)) {
                    cx.out.order(Order::Disconnect);
                }
            }
            Message::TakeBack(print, before) => {
                if self.print_id() == Some(print) {
                    self.print.take_back(print, before, &mut cx.out);
                } else {
                    self.last.take_back(print, before, &mut cx.out);
                }
            }
        }
    }

    /// The print goes on. Where a person has that seen to at the printer, it may be an answer.
    fn resumed(&mut self, by: Initiator, cx: &mut StepContext<'_>) {
        self.heaters.end_hold();
        let answers = by == Initiator::Printer && self.settings.printer().watch.printer_resume_answers;
        if answers && self.alerts.is_open() {
            let answer = Some(AlertOverwrite::NotFailed);
            self.alerts.acknowledge(answer, by, &facts!(self, cx), &mut cx.out);
        }
    }

    /// The first line of a print is out.
    fn begin_print(&mut self, id: PrintId, cx: &mut StepContext<'_>) {
        let starting = self.order.on_started(id);
        *cx.next_print = (*cx.next_print).max(id.next());
        self.alarms.print_begins();
        self.last.put_away(self.settings.printer().id, &mut cx.out);
        self.queue.on_begun(id, &mut cx.out);
        self.spools.print_begins(id);
        self.heaters.print_begins();
        self.alerts = Alerts::default();
        self.watchdog.begin_print(cx.now);
        self.coverage.print_begins();
        let entry = self.print.begin(id, starting, &facts!(self, cx), &mut cx.out);
        self.settings.set_current_print(Some(id), &mut cx.out);
        self.detection.print_begins(cx.now, &mut cx.out);
        self.first_layers.print_begins();
        self.heaters.compare(&facts!(self, cx), &mut cx.out);
        cx.out.log(entry);
        self.route(cx);
    }

    /// Closes the print under way, if there is one.
    fn end_print(&mut self, end: JobEnd, cx: &mut StepContext<'_>) {
        let Some(id) = self.print_id() else { return };
        self.watchdog.end_print(cx.now);
        self.coverage.end(&self.watchdog, &facts!(self, cx), &mut cx.out);
        let alert = self.alerts.view(self.detection.looks());
        self.detection.print_over(id, self.scene.small(), cx.now, &mut cx.out);
        if matches!(end, JobEnd::Interrupted { .. }) {
            self.faults.print_interrupted(cx.now);
        }
        let heaters = match &self.settings.printer().agent {
            // Another host sees to them, and says nothing of it.
            Some(agent) => format!("{} sees to heaters and fan.", agent.host()),
            None => self.heaters.off_words(),
        };
        let card = self.spools.of_card(self.print.job());
        let Some(closed) = self.print.close(end, &heaters, cx.now) else { return };
        self.alerts = Alerts::default();
        self.order.print_over();
        self.heaters.end_hold();
        cx.out.clear(&[AlarmKind::Pause, AlarmKind::Refused, AlarmKind::Internal, AlarmKind::FirstLayer]);
        cx.out.log_for(id, closed.entry);
        cx.out.notify(closed.notice, closed.title, closed.text.clone());
        self.last.show(closed.print.clone(), closed.text, alert);
        self.settings.set_current_print(None, &mut cx.out);
        self.detection.begin_means(cx.now, &mut cx.out);
        let settings = self.settings.printer();
        record_end(closed.print, closed.lasted_secs, closed.has_frames, settings, &mut cx.out);
        self.spools.print_over(id, card, cx.now, &mut cx.out);
        self.last.record(settings.id, &mut cx.out);
        self.route(cx);
    }

    /// Ends a print of which the end was not told, before what ended it is told.
    fn interrupt(&mut self, why: &str, cx: &mut StepContext<'_>) {
        self.order.forget_start();
        self.end_print(JobEnd::Interrupted { why: why.into() }, cx);
    }

    pub(crate) fn on_status(&mut self, report: Box<PrinterReport>, cx: &mut StepContext<'_>) {
        if let Some(job) = &report.job {
            self.print.on_job(job, report.link == LinkState::Up, cx.now);
            self.spools.on_job(job, report.tools.flow.percent, cx.now, &mut cx.out);
        }
        self.order.on_status(report.state);
        self.reported.take_in(report, cx.now);
        if let Some(report) = self.reported.when_up() {
            self.settings.learn(report, &mut cx.out);
        }
        self.heaters.on_status(&facts!(self, cx), &mut cx.out);
    }

    /// A second or so passed.
    pub(crate) fn on_tick(&mut self, cx: &mut StepContext<'_>) {
        cx.only_time = true;
        self.order.on_tick(&facts!(self, cx), &mut cx.out);
        self.faults.on_tick(&facts!(self, cx), &mut cx.out);
        self.print.on_tick(&facts!(self, cx), &mut cx.out);
        self.route(cx);
        self.heaters.on_tick(&facts!(self, cx), &mut cx.out);
    }

    pub(crate) fn printer(&self) -> &Printer {
        self.settings.printer()
    }

    /// Returns the row of the print under way.
    pub(crate) fn current_print(&self) -> Option<&Print> {
        self.print.row()
    }

    pub(crate) fn print_id(&self) -> Option<PrintId> {
        self.print.row().map(|print| print.id)
    }

    /// Returns whether this print is under way here, or is the last one that was.
    pub(crate) fn holds_print(&self, id: PrintId) -> bool {
        self.print_id() == Some(id) || self.last.holds(id)
    }

    /// Returns whether this file is printed here, or about to be.
    pub(crate) fn prints_file(&self, file: FileId) -> bool {
        let running = self.print.row().and_then(|print| print.g_code_file);
        [running, self.order.starting_file()].contains(&Some(file))
    }

    /// Returns whether a print is under way, or about to be.
    pub(crate) fn is_busy(&self) -> bool {
        self.print_id().is_some() || self.order.is_starting()
    }

    /// Returns what was last shown.
    pub(crate) fn shown(&self) -> Option<&PrinterView> {
        self.shown.view()
    }

    /// Returns the watched time since this was asked last.
    pub(crate) fn uncharged(&mut self) -> Millis {
        self.watchdog.uncharged()
    }

    /// Returns who waits for a change of its settings.
    pub(crate) fn waiting(&self) -> impl Iterator<Item = ReplyTo> {
        self.settings.waiting()
    }
}
