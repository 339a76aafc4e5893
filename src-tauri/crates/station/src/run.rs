//! The loop: one task takes what happens, asks the hub, and has the effects carried out.

use crate::clock::Clocks;
use crate::drill::Drills;
use crate::ends::EndsOwner;
use crate::evidence::Evidence;
use crate::evidence_clip::Clips;
use crate::import::Eye;
use crate::jobs::Jobs;
use crate::ledger::Ledger;
use crate::media::Media;
use crate::models::{self, ModelChoice};
use crate::records::{FIRST_RUN_DONE, IDLE_HEAT_MINS, USUAL_IDLE_HEAT_MINS};
use crate::snapshot::{DetectorView, Snapshot, System};
use crate::station::{Config, Station, StationError, TemperatureSample};
use crate::terminal::{TerminalPage, Terminals};
use crate::trial::Trials;
use crate::{Awake, FarEnds, SleepWatch, SystemClock};
use camera::FrameIds;
use detect::{DetectHandle, Done};
use domain::{
    Answer, Camera, CameraId, Event, FilmWish, FrameId, IgnoreArea, Leave, Now, PredictionState, PrintId,
    Printer, PrinterId, PrinterKind, Refusal, ReplyTo, Request,
};
use hub::{Hub, HubBoot};
use printer::Heard;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use store::{Boot, Store, StoreOutcome};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::MissedTickBehavior;

/// Events waiting at most; senders that must not lose wait, a port never does.
const INBOX: usize = 256;

/// How often the hub hears that time passes. Short, so that the demo's fast clock ticks often enough, too.
const TICK: Duration = Duration::from_millis(250);

/// What the doors ask of the loop.
pub(crate) enum Ctl {
    Ask(Request, oneshot::Sender<Answer>),
    ReservePrints(i64, oneshot::Sender<PrintId>),
    PrinterAdded(Box<Printer>, Option<PredictionState>, oneshot::Sender<()>),
    PrinterRemoved(PrinterId, oneshot::Sender<Result<(), Refusal>>),
    CameraPut(Box<Camera>, oneshot::Sender<()>),
    CameraRemoved(CameraId, oneshot::Sender<()>),
    Film(PrintId, oneshot::Sender<Result<(), String>>),
    Ignore(CameraId, Vec<IgnoreArea>, oneshot::Sender<()>),
    FirstRun(bool, oneshot::Sender<()>),
    IdleHeat(u32, oneshot::Sender<()>),
    Terminal(PrinterId, u64, usize, oneshot::Sender<TerminalPage>),
    Temperatures(PrinterId, oneshot::Sender<Vec<TemperatureSample>>),
    Inject(Box<Event>),
    Shutdown(Leave, oneshot::Sender<()>),
}

/// All that the loop owns.
pub(crate) struct Core {
    pub(crate) hub: Hub,
    pub(crate) clocks: Clocks,
    pub(crate) store: Arc<Store>,
    pub(crate) ends: EndsOwner,
    pub(crate) media: Media,
    pub(crate) jobs: Jobs,
    pub(crate) evidence: Evidence,
    pub(crate) drills: Drills,
    pub(crate) detect: Arc<DetectHandle>,
    pub(crate) events: mpsc::Sender<Event>,
    pub(crate) far: Arc<dyn FarEnds>,
    pub(crate) demo_scale: f64,
    pub(crate) ledger: Ledger,
    pub(crate) awake: Box<dyn Awake>,
    pub(crate) held_awake: bool,
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

/// Starts everything; see [`Station::start`].
pub(crate) async fn start(config: Config) -> Result<Station, StationError> {
    let real = SystemClock::start(1.0);
    let demo = real.at_scale(config.demo_scale);
    let clocks = Clocks { real: Arc::new(real), demo: Arc::new(demo) };
    let (events, event_inbox) = mpsc::channel::<Event>(INBOX);
    let (heard, heard_inbox) = mpsc::channel::<(PrinterId, Heard)>(INBOX);
    let (ctl, ctl_inbox) = mpsc::channel::<Ctl>(INBOX);

    let outcomes = events.clone();
    let on_outcome = Box::new(move |outcome| {
        let _ = outcomes.blocking_send(match outcome {
            StoreOutcome::Stored(reply, result) => Event::Stored(reply, result),
            StoreOutcome::Lost(fault) => Event::HistoryLost(fault),
        });
    });
    let data_dir = config.data_dir.clone();
    let now = clocks.real.now();
    let (store, boot) = tokio::task::spawn_blocking(move || Store::open(&data_dir, now.utc, on_outcome))
        .await
        .map_err(|error| StationError::Thread(std::io::Error::other(error)))??;
    let store = Arc::new(store);
    let first_run = !store.read(|conn| store::setting::get(conn, FIRST_RUN_DONE))?.unwrap_or(false);
    let idle_heat = store.read(|conn| store::setting::get(conn, IDLE_HEAT_MINS))?;

    let far = config.far_ends;
    let model_choice = Arc::new(ModelChoice::default());
    let load = models::loader(config.load_detector, store.clone(), &config.data_dir, model_choice.clone());
    let detect = Arc::new(spawn_detect(load, events.clone())?);
    let media_events = events.clone();
    let media = Media::spawn(&config.data_dir, config.reserve_bytes, store.clone(), move |fault| {
        let _ = media_events.blocking_send(Event::HistoryLost(fault));
    })?;
    let frame_ids = FrameIds::after(FrameId(boot.next_frame.get() - 1));
    let jobs = Jobs::spawn(
        &config.data_dir,
        config.reserve_bytes,
        store.clone(),
        Eye { detect: detect.clone(), ids: frame_ids.clone() },
        clocks.real.clone(),
        events.clone(),
    )?;
    let evidence = Evidence::new(Clips::spawn(&config.data_dir, config.reserve_bytes, store.clone())?);
    let ledger = Ledger::spawn(&config.data_dir)?;
    let core_events = events.clone();
    let ends = EndsOwner::new(far.clone(), clocks.clone(), heard, events, detect.clone(), frame_ids);

    let cameras: BTreeMap<CameraId, Camera> = boot.cameras.iter().map(|c| (c.id, c.clone())).collect();
    let system = System {
        version: config.version.clone(),
        data_dir: config.data_dir.display().to_string(),
        detector: DetectorView { ok: false, name: String::new(), why: "The model is being loaded.".into() },
        history_lost: None,
        first_run,
        damage: boot.damage.clone(),
    };
    let live = watch::Sender::new(Arc::new(Snapshot { system: Arc::new(system), ..Snapshot::default() }));
    let station = Station {
        ctl,
        live: live.subscribe(),
        ends: ends.subscribe(),
        store: store.clone(),
        detect: detect.clone(),
        model_choice,
        what_ifs: Default::default(),
        far_ends: far.clone(),
        clock: clocks.real.clone(),
        data_dir: Arc::from(config.data_dir.as_path()),
        trials: Arc::new(Trials::new(&config.data_dir, config.reserve_bytes)),
        films: jobs.films(),
        reserve_bytes: config.reserve_bytes,
    };
    let printers = boot.printers.clone();
    let (hub, effects) = Hub::new(
        HubBoot {
            idle_heat_mins: idle_heat.unwrap_or(USUAL_IDLE_HEAT_MINS),
            ..hub_boot(boot, config.version, config.demo_scale)
        },
        now,
    );
    let mut core = Core {
        hub,
        clocks,
        store,
        ends,
        media,
        jobs,
        evidence,
        drills: Drills::default(),
        detect,
        events: core_events,
        far,
        demo_scale: config.demo_scale,
        ledger,
        awake: config.awake,
        held_awake: false,
        live,
        cameras,
        pending: HashMap::new(),
        next_reply: 1,
        temperatures: BTreeMap::new(),
        temperatures_kept: BTreeMap::new(),
        terminals: Terminals::default(),
        follow_up: VecDeque::new(),
    };
    core.carry_out(effects);
    for printer in &printers {
        core.ends.open_printer(printer);
    }
    core.ends.sync_cameras(&printers, &core.cameras);
    tokio::spawn(core.run(event_inbox, heard_inbox, ctl_inbox));
    Ok(station)
}

fn hub_boot(boot: Boot, version: String, demo_scale: f64) -> HubBoot {
    HubBoot {
        printers: boot.printers,
        cameras: boot.cameras,
        predictions: boot.predictions,
        ignore: boot.ignored,
        open_prints: boot.open_prints,
        next_print: boot.next_print,
        dh_balance: boot.user.dh_balance,
        version,
        demo_scale,
        idle_heat_mins: USUAL_IDLE_HEAT_MINS,
    }
}

fn spawn_detect(
    load: detect::LoadDetector,
    events: mpsc::Sender<Event>,
) -> Result<DetectHandle, StationError> {
    let on_result = Box::new(move |done: Done| {
        match done {
            // A hub that is behind gets the next look: the detector never waits for it.
            Done::Looked(look) => {
                if events.try_send(Event::Looked(look)).is_err() {
                    tracing::warn!("a look was dropped: the hub is behind");
                }
            }
            Done::Up(name) => drop(events.blocking_send(Event::Detector(Ok(name)))),
            Done::Down(why) => drop(events.blocking_send(Event::Detector(Err(why)))),
            Done::Failed { printer, why, .. } => {
                tracing::warn!(%printer, why, "a frame could not be analysed")
            }
        }
    });
    Ok(detect::spawn(load, on_result)?)
}

impl Core {
    async fn run(
        mut self,
        mut events: mpsc::Receiver<Event>,
        mut heard: mpsc::Receiver<(PrinterId, Heard)>,
        mut ctl: mpsc::Receiver<Ctl>,
    ) {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut sleep = SleepWatch::new(self.clocks.real.now());
        loop {
            tokio::select! {
                biased;
                Some((printer, heard)) = heard.recv() => self.hear(printer, heard),
                Some(ask) = ctl.recv() => {
                    if let Ctl::Shutdown(leave, done) = ask {
                        self.end(leave).await;
                        let _ = done.send(());
                        return;
                    }
                    self.answer(ask);
                }
                Some(event) = events.recv() => self.happen(event),
                _ = tick.tick() => {
                    if let Some(gap_ms) = sleep.check(self.clocks.real.now()) {
                        self.happen(Event::Slept { gap_ms });
                    }
                    for id in self.hub.printer_ids() {
                        self.happen(Event::Tick(id));
                    }
                }
            }
        }
    }

    fn hear(&mut self, printer: PrinterId, heard: Heard) {
        match heard {
            Heard::Report(report) => {
                self.sample_temperatures(printer, &report.temperatures);
                if let Some(job) = &report.job {
                    self.ledger.note(printer, job, &report.temperatures, self.clocks.real.now().utc);
                }
                self.ends.note_rate(printer, &report);
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

    fn answer(&mut self, ask: Ctl) {
        match ask {
            Ctl::Ask(request, reply) => {
                let to = ReplyTo(self.next_reply);
                self.next_reply += 1;
                self.pending.insert(to, reply);
                self.happen(Event::Asked(request, to));
            }
            Ctl::ReservePrints(count, reply) => {
                let _ = reply.send(self.hub.reserve_prints(count));
            }
            Ctl::PrinterAdded(printer, prediction, reply) => {
                self.printer_added(*printer, prediction);
                let _ = reply.send(());
            }
            Ctl::PrinterRemoved(id, reply) => {
                let _ = reply.send(self.printer_removed(id));
            }
            Ctl::CameraPut(camera, reply) => {
                self.camera_put(*camera);
                let _ = reply.send(());
            }
            Ctl::CameraRemoved(id, reply) => {
                self.camera_removed(id);
                let _ = reply.send(());
            }
            Ctl::Film(print, reply) => {
                let _ = reply.send(self.film(print, FilmWish::Film));
            }
            Ctl::Ignore(camera, areas, reply) => {
                let now = self.now_for(self.hub.printer_of_camera(camera));
                let effects = self.hub.set_ignore(camera, areas, now);
                self.carry_out(effects);
                let _ = reply.send(());
            }
            Ctl::FirstRun(first_run, reply) => {
                self.change_system(|system| system.first_run = first_run);
                let _ = reply.send(());
            }
            Ctl::IdleHeat(mins, reply) => {
                let effects = self.hub.set_idle_heat_mins(mins, self.now_for(None));
                self.carry_out(effects);
                let _ = reply.send(());
            }
            Ctl::Temperatures(id, reply) => {
                let samples = self.temperatures.get(&id).map(|all| all.iter().cloned().collect());
                let _ = reply.send(samples.unwrap_or_default());
            }
            Ctl::Terminal(id, after, most, reply) => {
                let _ = reply.send(self.terminals.after(id, after, most));
            }
            Ctl::Inject(event) => self.happen(*event),
            // Taken by the loop itself.
            Ctl::Shutdown(_, done) => drop(done),
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

    async fn end(self, leave: Leave) {
        let Core { ends, mut media, mut jobs, mut evidence, store, mut awake, .. } = self;
        let ended = tokio::task::spawn_blocking(move || {
            ends.shutdown(leave);
            evidence.close();
            jobs.close();
            media.close();
            if let Err(error) = store.close(Duration::from_secs(5)) {
                tracing::error!(%error, "the database did not end in order");
            }
            awake.hold(false);
        });
        if let Err(error) = ended.await {
            tracing::error!(%error, "not everything ended in order");
        }
    }
}
