//! The loop: one task takes what happens, asks the hub, and has the effects carried out.

use crate::DeviceFactory;
use crate::awake::Waker;
use crate::clock::{Clocks, SleepWatch, StandstillWatch};
use crate::devices::Devices;
use crate::drill::Drills;
use crate::evidence::Evidence;
use crate::guard::Failures;
use crate::jobs::Jobs;
use crate::ledger::Ledger;
use crate::media::Media;
use crate::records::Removal;
use crate::snapshot::Snapshot;
use crate::station::TemperatureSample;
use crate::terminal::{TerminalPage, Terminals};
use detect::DetectHandle;
use domain::{
    Answer, Camera, CameraId, Event, FilmWish, IgnoreArea, Leave, Now, PredictionState, PrintId, Printer,
    PrinterId, PrinterKind, Refusal, ReplyTo, Request,
};
use hub::Hub;
use printer::Heard;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use store::Store;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::MissedTickBehavior;

/// How often the hub hears that time passes. Short, so that the demo's fast clock ticks often enough, too.
const TICK: Duration = Duration::from_millis(250);

/// What the doors ask of the loop.
pub(crate) enum Command {
    Ask(Request, oneshot::Sender<Answer>),
    ReservePrints(i64, oneshot::Sender<PrintId>),
    PrinterAdded(Box<Printer>, Option<PredictionState>, oneshot::Sender<()>),
    RemovalBegun(PrinterId, oneshot::Sender<Result<(), Refusal>>),
    RemovalOver(PrinterId, Removal, oneshot::Sender<()>),
    CameraPut(Box<Camera>, oneshot::Sender<()>),
    CameraRemoved(CameraId, oneshot::Sender<()>),
    Film(PrintId, oneshot::Sender<Result<(), String>>),
    ForgetScale(CameraId, oneshot::Sender<()>),
    Ignore(CameraId, Vec<IgnoreArea>, oneshot::Sender<()>),
    FirstRun(bool, oneshot::Sender<()>),
    IdleHeat(u32, oneshot::Sender<()>),
    DetectionHours(f64, oneshot::Sender<()>),
    Terminal(PrinterId, u64, usize, oneshot::Sender<TerminalPage>),
    Temperatures(PrinterId, oneshot::Sender<Vec<TemperatureSample>>),
    Inject(Box<Event>),
    Shutdown(Leave, oneshot::Sender<()>),
}

/// What a round of the loop is about.
enum Round {
    Heard(PrinterId, Heard),
    Asked(Command),
    Happened(Event),
    Tick,
}

/// All that the loop owns.
pub(crate) struct Core {
    pub(crate) hub: Hub,
    pub(crate) clocks: Clocks,
    pub(crate) store: Arc<Store>,
    pub(crate) devices: Devices,
    pub(crate) media: Media,
    pub(crate) jobs: Jobs,
    pub(crate) evidence: Evidence,
    pub(crate) drills: Drills,
    pub(crate) detect: Arc<DetectHandle>,
    pub(crate) events: mpsc::Sender<Event>,
    pub(crate) factory: Arc<dyn DeviceFactory>,
    pub(crate) demo_scale: f64,
    pub(crate) ledger: Ledger,
    pub(crate) awake: Waker,
    pub(crate) held_awake: bool,
    pub(crate) failures: Failures,
    /// Why the core has ended itself.
    pub(crate) fallen: watch::Sender<Option<String>>,
    /// A person wants to be told of more than dangers.
    pub(crate) notices: Arc<AtomicBool>,
    pub(crate) live: watch::Sender<Arc<Snapshot>>,
    pub(crate) cameras: BTreeMap<CameraId, Camera>,
    pub(crate) pending: HashMap<ReplyTo, oneshot::Sender<Answer>>,
    pub(crate) next_reply: u64,
    pub(crate) temperatures: BTreeMap<PrinterId, VecDeque<TemperatureSample>>,
    /// The print, and when its temperatures were last kept, Unix seconds of the printer's clock.
    pub(crate) temperatures_kept: BTreeMap<PrinterId, (PrintId, f64)>,
    pub(crate) terminals: Terminals,
    /// Events that follow from carrying out effects: handled before anything new.
    pub(crate) follow_up: VecDeque<Event>,
}

impl Core {
    pub(crate) async fn run(
        mut self,
        mut events: mpsc::Receiver<Event>,
        mut heard: mpsc::Receiver<(PrinterId, Heard)>,
        mut ctl: mpsc::Receiver<Command>,
    ) {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut sleep = SleepWatch::default();
        let mut standstill = StandstillWatch::begin(self.clocks.real.now().mono_ms);
        loop {
            let round = tokio::select! {
                biased;
                Some((printer, heard)) = heard.recv() => Round::Heard(printer, heard),
                Some(ask) = ctl.recv() => Round::Asked(ask),
                Some(event) = events.recv() => Round::Happened(event),
                _ = tick.tick() => Round::Tick,
            };
            if let Some(gap_ms) = standstill.round(self.clocks.real.now().mono_ms) {
                self.guarded(None, |core| core.happen(Event::StoodStill { gap_ms }));
            }
            match round {
                Round::Heard(printer, heard) => self.guarded(Some(printer), |core| core.hear(printer, heard)),
                Round::Asked(Command::Shutdown(leave, done)) => {
                    // Whoever still tells something must not wait for a loop that has ended.
                    drop((events, heard, ctl));
                    self.end(leave).await;
                    let _ = done.send(());
                    return;
                }
                Round::Asked(ask) => self.guarded(None, |core| core.answer(ask)),
                Round::Happened(event) => self.guarded(None, |core| core.happen(event)),
                Round::Tick => self.tick(&mut sleep),
            }
            if self.failures.too_many() {
                drop((events, heard, ctl));
                return self.fall().await;
            }
        }
    }

    fn tick(&mut self, sleep: &mut SleepWatch) {
        if let Some(gap_ms) = sleep.check(self.clocks.real.suspended_ms()) {
            self.guarded(None, |core| core.happen(Event::Slept { gap_ms }));
        }
        for id in self.hub.printer_ids() {
            self.guarded(Some(id), |core| core.happen(Event::Tick(id)));
        }
    }

    fn hear(&mut self, printer: PrinterId, heard: Heard) {
        match heard {
            Heard::Report(report) => {
                self.sample_temperatures(printer, &report.temperatures);
                if let Some(job) = &report.job {
                    self.ledger.note(printer, job, &report.temperatures, self.clocks.real.now().utc);
                }
                self.devices.note_rate(printer, &report);
                self.happen(Event::Status(printer, report));
            }
            Heard::Change(change) => {
                self.ledger.heard(&change);
                self.happen(Event::Link(printer, change));
            }
            Heard::Traffic(lines) => {
                let t = self.now_for(Some(printer)).utc.micros() as f64 / 1e6;
                for line in lines {
                    self.terminals.take(printer, t, line);
                }
            }
        }
    }

    fn answer(&mut self, ask: Command) {
        match ask {
            Command::Ask(request, reply) => {
                let to = ReplyTo(self.next_reply);
                self.next_reply += 1;
                self.pending.insert(to, reply);
                self.happen(Event::Asked(request, to));
            }
            Command::ReservePrints(count, reply) => {
                let _ = reply.send(self.hub.reserve_prints(count));
            }
            Command::PrinterAdded(printer, prediction, reply) => {
                self.printer_added(*printer, prediction);
                let _ = reply.send(());
            }
            Command::RemovalBegun(id, reply) => {
                let _ = reply.send(self.hub.begin_removal(id));
            }
            Command::RemovalOver(id, removal, reply) => {
                match removal {
                    Removal::Stored => self.printer_removed(id),
                    Removal::Failed => self.hub.keep_printer(id),
                }
                let _ = reply.send(());
            }
            Command::CameraPut(camera, reply) => {
                self.camera_put(*camera);
                let _ = reply.send(());
            }
            Command::CameraRemoved(id, reply) => {
                self.camera_removed(id);
                let _ = reply.send(());
            }
            Command::Film(print, reply) => {
                let _ = reply.send(self.film(print, FilmWish::Film));
            }
            Command::ForgetScale(camera, reply) => {
                let now = self.now_for(self.hub.printer_of_camera(camera));
                let effects = self.hub.forget_scale(camera, now);
                self.carry_out(effects);
                let _ = reply.send(());
            }
            Command::Ignore(camera, areas, reply) => {
                let now = self.now_for(self.hub.printer_of_camera(camera));
                let effects = self.hub.set_ignore(camera, areas, now);
                self.carry_out(effects);
                let _ = reply.send(());
            }
            Command::FirstRun(first_run, reply) => {
                self.change_system(|system| system.first_run = first_run);
                let _ = reply.send(());
            }
            Command::IdleHeat(mins, reply) => {
                let effects = self.hub.set_idle_heat_mins(mins, self.now_for(None));
                self.carry_out(effects);
                let _ = reply.send(());
            }
            Command::DetectionHours(hours, reply) => {
                let effects = self.hub.set_dh_balance(hours, self.now_for(None));
                self.carry_out(effects);
                let _ = reply.send(());
            }
            Command::Temperatures(id, reply) => {
                let samples = self.temperatures.get(&id).map(|all| all.iter().cloned().collect());
                let _ = reply.send(samples.unwrap_or_default());
            }
            Command::Terminal(id, after, most, reply) => {
                let _ = reply.send(self.terminals.after(id, after, most));
            }
            Command::Inject(event) => self.happen(*event),
            // Taken by the loop itself.
            Command::Shutdown(_, done) => drop(done),
        }
    }

    /// Returns the moment on the clock of the printer that an event concerns.
    ///
    /// What concerns no single printer gets the real clock, except when all printers are demos.
    pub(crate) fn now_for(&self, printer: Option<PrinterId>) -> Now {
        let kind = match printer.and_then(|id| self.hub.printer(id)) {
            Some(printer) => printer.kind,
            None if self.only_demo() => PrinterKind::Demo,
            None => PrinterKind::Serial,
        };
        self.clocks.of(kind).now()
    }

    fn only_demo(&self) -> bool {
        let mut kinds =
            self.hub.printer_ids().into_iter().filter_map(|id| self.hub.printer(id)).map(|p| p.kind);
        kinds.next() == Some(PrinterKind::Demo) && kinds.all(|kind| kind == PrinterKind::Demo)
    }

    pub(crate) async fn end(self, leave: Leave) {
        let Core { devices, mut media, mut jobs, mut evidence, store, awake, .. } = self;
        let ended = tokio::task::spawn_blocking(move || {
            devices.shutdown(leave);
            evidence.close();
            jobs.close();
            media.close();
            if let Err(error) = store.close(Duration::from_secs(5)) {
                tracing::error!(%error, "the database did not end in order");
            }
            awake.close();
        });
        if let Err(error) = ended.await {
            tracing::error!(%error, "not everything ended in order");
        }
    }
}
