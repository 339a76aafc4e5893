//! Opens the database, starts the threads and the loop, in the order in which they need each other. Each part is built by
//! its own module; here they only get to know each other.

mod boot;
mod start_up;

use crate::awake::Waker;
use crate::clock::{Clocks, SystemClock};
use crate::command::CoreHandle;
use crate::devices::{DeviceFactory, Devices, Drills, WithSecrets, spawn_detect};
use crate::error::StationError;
use crate::jobs::{Analyzer, Jobs};
use crate::library::Ledger;
use crate::live::{DetectorView, LiveView, NoticesShown, System};
use crate::main_loop::{Core, Fallen, Inboxes, Recording, Spokes, run, watch_over};
use crate::media::{Clips, Evidence, Media, MediaEvents, Room};
use crate::past::note_sightings;
use crate::report::keep_outbound;
use crate::setup::{ModelChoice, StartSettings, load_chosen};
use crate::station::{Config, Parts, Station};
use boot::hub_boot;
use camera::FrameIds;
use domain::{Clock, Event, FrameId, PrinterId, PrinterKind, Timestamp};
use hub::Hub;
use printer::Heard;
use std::path::Path;
use std::sync::Arc;
use store::{Boot, Store};
use tokio::sync::mpsc;

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
    let (core_handle, commands) = CoreHandle::new(INBOX);
    let Config { data_dir, version, demo_scale, reserve_bytes, device_factory, models, awake } = config;
    let root: Arc<Path> = Arc::from(data_dir);
    let now = real.now();
    let start_up::Opened { store, boot, secrets } = start_up::open(&root, now.utc, events.clone()).await?;
    keep_outbound(&root).await;
    let clocks = Clocks::new(real, demo_scale, demo_since(&boot, now.utc));
    let settings = store.read(StartSettings::read)?;

    let factory: Arc<dyn DeviceFactory> = Arc::new(WithSecrets::new(device_factory, secrets.clone()));
    let model_choice = Arc::new(ModelChoice::default());
    let load = load_chosen(models, store.clone(), &root, model_choice.clone());
    let detect = Arc::new(spawn_detect(load, events.clone())?);
    let media = Media::spawn(&root, reserve_bytes, store.clone(), media_events(&root, &store, &events))?;
    let frame_ids = FrameIds::after(FrameId(boot.next_frame.get().saturating_sub(1)));
    let analyzer = Analyzer::new(detect.clone(), frame_ids.clone(), factory.decoders());
    let real = clocks.real.clone();
    let jobs = Jobs::spawn(&root, reserve_bytes, store.clone(), analyzer, real.clone(), events.clone())?;
    let evidence = Evidence::new(Clips::spawn(&root, reserve_bytes, store.clone())?);
    let ledger = Ledger::spawn(&root)?;
    let drills = Drills::new(factory.clone(), detect.clone(), events.clone(), clocks.clone());
    let recording = Recording::new(store.clone(), media, events.clone());
    let devices = Devices::new(
        factory.clone(),
        clocks.clone(),
        heard,
        events,
        detect.clone(),
        frame_ids,
        &boot.cameras,
    );
    let notices = NoticesShown::new(boot.user.notification_enabled);
    let live = LiveView::new(
        System {
            version: version.clone(),
            data_dir: root.display().to_string(),
            detector: DetectorView {
                ok: false,
                name: String::new(),
                why: "The model is being loaded.".into(),
            },
            history_lost: None,
            first_run: settings.first_run,
            damage: boot.damage.clone(),
            sound: settings.sound,
        },
        notices.clone(),
        Waker::spawn(awake)?,
    );
    let fallen = Fallen::new();
    let station = Station::new(Parts {
        room: Room::new(root.clone(), reserve_bytes),
        root,
        store,
        clock: real,
        core: core_handle,
        live: live.subscribe(),
        devices: devices.open(),
        agents: devices.agents().clone(),
        factory,
        secrets,
        detect,
        model_choice,
        films: jobs.films(),
        notices,
        fallen: fallen.subscribe(),
    });
    station.follow_agent_cameras();
    let hub = Hub::new(hub_boot(boot, &settings, version, demo_scale), now);
    let spokes = Spokes { devices, drills, recording, jobs, evidence, ledger, live };
    let core = Core::begin(hub, clocks, spokes, fallen.clone());
    let inboxes = Inboxes { heard: heard_inbox, commands, events: event_inbox };
    tokio::spawn(watch_over(tokio::spawn(run(core, inboxes)), fallen));
    Ok(station)
}

/// Returns the last moment that the demo's clock told: it runs ahead of the wall's and goes on from there.
fn demo_since(boot: &Boot, now: Timestamp) -> Timestamp {
    let demos = boot.printers.iter().filter(|printer| printer.kind == PrinterKind::Demo);
    let told = demos.filter_map(|demo| boot.predictions.iter().find(|p| p.printer == demo.id));
    told.map(|prediction| prediction.updated_at).max().unwrap_or(now)
}

/// The loop hears of pictures; a print of which all looks are written is summed up.
fn media_events(root: &Arc<Path>, store: &Arc<Store>, events: &mpsc::Sender<Event>) -> MediaEvents {
    let (root, store, events) = (root.clone(), store.clone(), events.clone());
    MediaEvents {
        tell: Box::new(move |event| {
            let _ = events.blocking_send(event);
        }),
        looks_written: Box::new(move |print| {
            // The rows of the last pictures wait in the store's queue: this passes behind them.
            if let Err(error) = note_sightings(&root, &store, print) {
                tracing::warn!(%print, %error, "what the watch saw of a print could not be summed up");
            }
        }),
    }
}
