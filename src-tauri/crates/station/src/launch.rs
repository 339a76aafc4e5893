//! Opens the database, starts the threads and the loop, in the order in which they need each other.

use crate::awake::Waker;
use crate::boot::hub_boot;
use crate::clock::Clocks;
use crate::devices::Devices;
use crate::drill::Drills;
use crate::evidence::Evidence;
use crate::evidence_clip::Clips;
use crate::guard::Failures;
use crate::import::Analyzer;
use crate::jobs::Jobs;
use crate::ledger::Ledger;
use crate::media::Media;
use crate::models::{self, ModelChoice};
use crate::records::{FIRST_RUN_DONE, IDLE_HEAT_MINS, USUAL_IDLE_HEAT_MINS};
use crate::run::{Command, Core};
use crate::secrets::WithSecrets;
use crate::snapshot::{DetectorView, Snapshot, System};
use crate::start_up;
use crate::station::{Config, Station, StationError};
use crate::terminal::Terminals;
use crate::trial::Trials;
use crate::{DeviceFactory, SystemClock};
use camera::FrameIds;
use domain::{Camera, CameraId, Clock, Event, FrameId, PrinterId, PrinterKind};
use hub::{Hub, HubBoot};
use printer::Heard;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use store::{Store, StoreOutcome};
use tokio::sync::{Semaphore, mpsc, watch};

/// Events waiting at most; senders that must not lose wait, a port never does.
const INBOX: usize = 256;

impl Station {
    /// Opens the data folder, starts all threads, and runs until [`Station::shutdown`].
    ///
    /// # Errors
    /// When the data folder is in use by another core, or cannot be used.
    pub async fn start(config: Config) -> Result<Self, StationError> {
        start(config).await
    }
}

async fn start(config: Config) -> Result<Station, StationError> {
    let real = SystemClock::start(1.0);
    let (events, event_inbox) = mpsc::channel::<Event>(INBOX);
    let (heard, heard_inbox) = mpsc::channel::<(PrinterId, Heard)>(INBOX);
    let (ctl, ctl_inbox) = mpsc::channel::<Command>(INBOX);

    let outcomes = events.clone();
    let on_outcome = Box::new(move |outcome| {
        let _ = outcomes.blocking_send(match outcome {
            StoreOutcome::Stored(reply, result) => Event::Stored(reply, result),
            StoreOutcome::Lost(fault) => Event::HistoryLost(fault),
        });
    });
    let data_dir = config.data_dir.clone();
    let now = real.now();
    let open = move || {
        start_up::make_room(&data_dir);
        Store::open(&data_dir, now.utc, on_outcome)
    };
    let opened = tokio::task::spawn_blocking(open).await;
    let (store, mut boot) = opened.map_err(|error| StationError::Thread(std::io::Error::other(error)))??;
    let store = Arc::new(store);
    let secrets = start_up::look_after(&config.data_dir, &store, &mut boot, events.clone())?;
    // The demo's clock runs ahead of the wall's. It goes on from where it last was, so that events stay in their order.
    let demos = boot.printers.iter().filter(|printer| printer.kind == PrinterKind::Demo);
    let told = demos.filter_map(|demo| boot.predictions.iter().find(|p| p.printer == demo.id));
    let demo_since = told.map(|prediction| prediction.updated_at).max().unwrap_or(now.utc);
    let demo = real.at_scale(config.demo_scale).not_before(demo_since);
    let clocks = Clocks { real: Arc::new(real), demo: Arc::new(demo) };
    let first_run = !store.read(|conn| store::setting::get(conn, FIRST_RUN_DONE))?.unwrap_or(false);
    let idle_heat = store.read(|conn| store::setting::get(conn, IDLE_HEAT_MINS))?;

    let factory: Arc<dyn DeviceFactory> =
        Arc::new(WithSecrets { factory: config.device_factory, secrets: secrets.clone() });
    let model_choice = Arc::new(ModelChoice::default());
    let load = models::loader(config.load_detector, store.clone(), &config.data_dir, model_choice.clone());
    let detect = Arc::new(crate::pump::spawn_detect(load, events.clone())?);
    let media_events = events.clone();
    let media = Media::spawn(&config.data_dir, config.reserve_bytes, store.clone(), move |event| {
        let _ = media_events.blocking_send(event);
    })?;
    let frame_ids = FrameIds::after(FrameId(boot.next_frame.get().saturating_sub(1)));
    let jobs = Jobs::spawn(
        &config.data_dir,
        config.reserve_bytes,
        store.clone(),
        Analyzer { detect: detect.clone(), ids: frame_ids.clone() },
        clocks.real.clone(),
        events.clone(),
    )?;
    let evidence = Evidence::new(Clips::spawn(&config.data_dir, config.reserve_bytes, store.clone())?);
    let ledger = Ledger::spawn(&config.data_dir)?;
    let core_events = events.clone();
    let devices = Devices::new(factory.clone(), clocks.clone(), heard, events, detect.clone(), frame_ids);

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
    let fallen = watch::Sender::new(None);
    let notices = Arc::new(AtomicBool::new(boot.user.notification_enabled));
    let station = Station {
        notices: notices.clone(),
        ctl,
        live: live.subscribe(),
        devices: devices.subscribe(),
        store: store.clone(),
        detect: detect.clone(),
        model_choice,
        what_ifs: Default::default(),
        device_factory: factory.clone(),
        clock: clocks.real.clone(),
        data_dir: Arc::from(config.data_dir.as_path()),
        trials: Arc::new(Trials::new(&config.data_dir, config.reserve_bytes)),
        films: jobs.films(),
        reserve_bytes: config.reserve_bytes,
        secrets,
        fallen: fallen.subscribe(),
        changes: Arc::new(Semaphore::new(1)),
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
        devices,
        media,
        jobs,
        evidence,
        drills: Drills::default(),
        detect,
        events: core_events,
        factory,
        demo_scale: config.demo_scale,
        ledger,
        awake: Waker::spawn(config.awake)?,
        held_awake: false,
        failures: Failures::default(),
        fallen: fallen.clone(),
        notices,
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
    for printer in printers.iter().filter(|printer| printer.archived_at.is_none()) {
        core.devices.open_printer(printer);
    }
    core.sync_cameras();
    let task = tokio::spawn(core.run(event_inbox, heard_inbox, ctl_inbox));
    tokio::spawn(crate::guard::watch_over(task, fallen));
    Ok(station)
}
