//! The dispatcher: finds the watch that an event belongs to, and lets it act.

use crate::outlet::{Outlet, orders_first, refusal};
use crate::watch::PrintWatch;
use crate::world::{SeenCamera, World, fault_text};
use domain::{
    Camera, CameraHealth, CameraId, Effect, Event, IgnoreArea, Now, PredictionState, Print, PrintId, Printer,
    PrinterId, PrinterKind, PrinterView, Refusal, ReplyTo, Request, StoreFault, Write,
};
use std::collections::BTreeMap;

/// What the hub knows when it begins.
#[derive(Debug, Clone)]
pub struct HubBoot {
    /// All printers, archived ones included.
    pub printers: Vec<Printer>,
    /// All cameras.
    pub cameras: Vec<Camera>,
    /// Where nothing counts in their pictures.
    pub ignore: BTreeMap<CameraId, Vec<IgnoreArea>>,
    /// What the rule remembers of each printer.
    pub predictions: Vec<PredictionState>,
    /// Prints that were under way when the app last ended: they are closed as interrupted.
    pub open_prints: Vec<Print>,
    /// The number that the next print gets.
    pub next_print: PrintId,
    /// AI Detection Hours of the one user.
    pub dh_balance: f64,
    /// Version of the app.
    pub version: String,
    /// How many seconds of the demo's clock pass in a real one.
    pub demo_scale: f64,
    /// Heaters that are on while nothing prints go off after so many minutes.
    pub idle_heat_mins: u32,
}

/// All live state.
#[derive(Debug)]
pub struct Hub {
    watches: BTreeMap<PrinterId, PrintWatch>,
    world: World,
    next_print: PrintId,
}

impl Hub {
    /// Begins with what was stored, and closes the prints that were under way as interrupted.
    pub fn new(mut boot: HubBoot, now: Now) -> (Self, Vec<Effect>) {
        let cameras = boot
            .cameras
            .into_iter()
            .map(|camera| {
                let ignore = boot.ignore.remove(&camera.id).unwrap_or_default();
                (camera.id, SeenCamera { camera, health: CameraHealth::Opening, ignore })
            })
            .collect();
        let world = World {
            version: boot.version,
            dh_balance: boot.dh_balance,
            detector: None,
            cameras,
            history_lost: None,
            demo_scale: boot.demo_scale,
            idle_heat_mins: boot.idle_heat_mins,
        };
        let mut hub = Self { watches: BTreeMap::new(), world, next_print: boot.next_print };
        let mut effects = Vec::new();
        for printer in boot.printers {
            let prediction = boot.predictions.iter().find(|p| p.printer == printer.id).copied();
            let id = printer.id;
            let watch = PrintWatch::new(printer, prediction, &hub.world, now);
            hub.watches.insert(id, watch);
            let open: Vec<Print> =
                boot.open_prints.iter().filter(|p| p.printer == Some(id)).cloned().collect();
            effects.extend(hub.with(id, now, |watch, out| watch.close_at_boot(open, out)));
        }
        for mut orphan in boot.open_prints.into_iter().filter(|p| !p.printer.is_some_and(|id| hub.knows(id)))
        {
            crate::prints::close_interrupted(&mut orphan, now.utc);
            effects.push(Effect::Record(Write::Print(Box::new(orphan)), None));
        }
        (hub, orders_first(effects))
    }

    /// Takes one event in and returns what follows, orders first.
    pub fn step(&mut self, event: Event, now: Now) -> Vec<Effect> {
        let effects = match event {
            Event::Status(id, report) => self.with(id, now, |watch, out| watch.on_status(report, out)),
            Event::Link(id, change) => self.with(id, now, |watch, out| watch.on_link(change, out)),
            Event::Frame(id, frame) => self.with(id, now, |watch, out| watch.on_frame(&frame, out)),
            Event::Looked(look) => self.with(look.printer, now, |watch, out| watch.on_look(&look, out)),
            Event::Tick(id) => self.with(id, now, |watch, out| watch.on_tick(out)),
            Event::Camera(id, health) => {
                if let Some(seen) = self.world.cameras.get_mut(&id) {
                    seen.health = health;
                }
                self.with_all(now, |_, _| ())
            }
            Event::Detector(state) => {
                self.world.detector = Some(state);
                self.with_all(now, |_, _| ())
            }
            Event::Slept { gap_ms } => self.with_all(now, |watch, out| watch.on_slept(gap_ms, out)),
            Event::Stored(to, result) => self.with_all(now, |watch, out| watch.on_stored(to, &result, out)),
            Event::HistoryLost(fault) => self.on_history(fault, now),
            Event::Filmed(print, film) => self.with_all(now, |watch, out| watch.on_filmed(print, &film, out)),
            Event::Asked(request, to) => self.on_asked(request, to, now),
        };
        orders_first(effects)
    }

    fn on_asked(&mut self, request: Request, to: ReplyTo, now: Now) -> Vec<Effect> {
        let asked_of = match &request {
            Request::Overwrite(print, _) => self.printer_of_print(*print).ok_or_else(|| {
                refusal("not_here", format!("print {print} is not under way"), "Change it in the history.")
            }),
            Request::Start { .. }
            | Request::Pause(_)
            | Request::Resume(_)
            | Request::Cancel(_)
            | Request::Mute(..)
            | Request::Acknowledge(..)
            | Request::CoolDown(_)
            | Request::KeepWarm(..)
            | Request::Home(..)
            | Request::SetTarget(..)
            | Request::Tool(..)
            | Request::SdList(_)
            | Request::SdPrint(..)
            | Request::Connect(_)
            | Request::Disconnect(_)
            | Request::Patch(..)
            | Request::Drill(_)
            | Request::EmergencyStopped(_) => {
                let known = request.printer().filter(|id| self.knows(*id));
                known.ok_or_else(|| {
                    refusal("unknown_printer", "there is no such printer", "Choose another printer.")
                })
            }
        };
        match asked_of {
            Ok(id) => self.with(id, now, |watch, out| watch.on_asked(request, to, out)),
            Err(refused) => vec![Effect::Reply(to, Err(refused))],
        }
    }

    /// Says once that history is being lost, and once that it is kept again; each page shows it as long as it lasts.
    fn on_history(&mut self, fault: Option<StoreFault>, now: Now) -> Vec<Effect> {
        let before = self.world.history_lost.is_some();
        self.world.history_lost = fault.as_ref().map(fault_text);
        let after = self.world.history_lost.clone();
        // The notice is about the app, so it comes once, from the printer that prints or else from the first.
        let printing = self.watches.values().find(|w| w.running.is_some()).or(self.watches.values().next());
        let told_by = printing.map(|w| w.settings.id);
        self.with_all(now, |watch, out| {
            if Some(watch.settings.id) == told_by {
                watch.on_history(before, after.as_deref(), out);
            }
        })
    }

    /// Takes a printer in at run time.
    pub fn add_printer(
        &mut self,
        printer: Printer,
        prediction: Option<PredictionState>,
        now: Now,
    ) -> Vec<Effect> {
        let id = printer.id;
        self.watches.insert(id, PrintWatch::new(printer, prediction, &self.world, now));
        orders_first(self.with(id, now, |_, _| ()))
    }

    /// Lets go of a printer.
    ///
    /// # Errors
    /// Refused while it prints, and when there is no such printer.
    pub fn remove_printer(&mut self, id: PrinterId) -> Result<Vec<Effect>, Refusal> {
        match self.watches.get(&id) {
            None => Err(refusal("unknown_printer", "there is no such printer", "It is gone already.")),
            Some(watch) if watch.running.is_some() || watch.starting.is_some() => Err(refusal(
                "busy",
                "the printer is printing",
                "Wait for the print to end, or cancel it first.",
            )),
            Some(_) => {
                self.watches.remove(&id);
                Ok(vec![Effect::Watch(id, None)])
            }
        }
    }

    /// Takes a camera in, or replaces its settings.
    pub fn put_camera(&mut self, camera: Camera, now: Now) -> Vec<Effect> {
        let ignore = self.world.cameras.remove(&camera.id).map(|seen| seen.ignore).unwrap_or_default();
        self.world.cameras.insert(camera.id, SeenCamera { camera, health: CameraHealth::Opening, ignore });
        orders_first(self.with_all(now, |_, _| ()))
    }

    /// Changes where nothing counts in a camera's picture.
    pub fn set_ignore(&mut self, id: CameraId, areas: Vec<IgnoreArea>, now: Now) -> Vec<Effect> {
        if let Some(seen) = self.world.cameras.get_mut(&id) {
            seen.ignore = areas;
        }
        orders_first(self.with_all(now, |_, _| ()))
    }

    /// Forgets a camera; printers that watched it watch none.
    pub fn remove_camera(&mut self, id: CameraId, now: Now) -> Vec<Effect> {
        self.world.cameras.remove(&id);
        orders_first(self.with_all(now, |watch, out| watch.forget_camera(id, out)))
    }

    /// Sets up a printer's watch anew after a failure in it: settings, the rule's memory and the open print are kept,
    /// all that was in the making is dropped, and an alarm says so.
    pub fn rebuild(&mut self, id: PrinterId, now: Now) -> Vec<Effect> {
        let Some(broken) = self.watches.remove(&id) else { return Vec::new() };
        self.watches.insert(id, PrintWatch::rebuilt(broken, &self.world));
        orders_first(self.with(id, now, |watch, out| watch.on_rebuilt(out)))
    }

    /// Changes the balance of detection hours.
    pub fn set_dh_balance(&mut self, dh_balance: f64, now: Now) -> Vec<Effect> {
        self.world.dh_balance = dh_balance;
        orders_first(self.with_all(now, |_, _| ()))
    }

    /// Changes after how many minutes idle heaters go off; countdowns under way begin anew.
    pub fn set_idle_heat_mins(&mut self, mins: u32, now: Now) -> Vec<Effect> {
        self.world.idle_heat_mins = mins;
        orders_first(self.with_all(now, |watch, out| watch.heat.set_idle_mins(mins, out.now)))
    }

    /// Keeps `count` numbers of prints aside and returns the first of them.
    pub fn reserve_prints(&mut self, count: i64) -> PrintId {
        let first = self.next_print;
        self.next_print = PrintId(first.get() + count.max(0));
        first
    }

    /// Returns what was last shown of a printer.
    pub fn view(&self, id: PrinterId) -> Option<PrinterView> {
        self.watches.get(&id)?.shown.clone()
    }

    /// Returns a printer's settings.
    pub fn printer(&self, id: PrinterId) -> Option<&Printer> {
        self.watches.get(&id).map(|watch| &watch.settings)
    }

    /// Returns the row of the print under way.
    pub fn current_print(&self, id: PrinterId) -> Option<&Print> {
        self.watches.get(&id)?.running.as_ref().map(|running| &running.print)
    }

    /// Returns all printers, in the order of their ids.
    pub fn printer_ids(&self) -> Vec<PrinterId> {
        self.watches.keys().copied().collect()
    }

    /// Returns the printer that watches with this camera; the first when several do.
    pub fn printer_of_camera(&self, id: CameraId) -> Option<PrinterId> {
        self.watches.values().find(|w| w.settings.camera == Some(id)).map(|w| w.settings.id)
    }

    /// Returns the printer that runs this print, or ran it and waits for its film.
    pub fn printer_of_print(&self, id: PrintId) -> Option<PrinterId> {
        self.watches.values().find(|w| w.holds_print(id)).map(|w| w.settings.id)
    }

    fn knows(&self, id: PrinterId) -> bool {
        self.watches.contains_key(&id)
    }

    fn with(
        &mut self,
        id: PrinterId,
        now: Now,
        act: impl FnOnce(&mut PrintWatch, &mut Outlet<'_>),
    ) -> Vec<Effect> {
        let Some(watch) = self.watches.get_mut(&id) else { return Vec::new() };
        let now = watch.moment(now);
        run(watch, &self.world, &mut self.next_print, now, act)
    }

    /// For what concerns no single printer: each watch sees it at the last moment of its own clock, since the
    /// demo's clock and the real one have nothing to do with each other.
    fn with_all(&mut self, now: Now, mut act: impl FnMut(&mut PrintWatch, &mut Outlet<'_>)) -> Vec<Effect> {
        let mut effects = Vec::new();
        for watch in self.watches.values_mut() {
            let now = watch.at.unwrap_or(now);
            effects.extend(run(watch, &self.world, &mut self.next_print, now, &mut act));
        }
        effects
    }
}

fn run(
    watch: &mut PrintWatch,
    world: &World,
    next_print: &mut PrintId,
    now: Now,
    act: impl FnOnce(&mut PrintWatch, &mut Outlet<'_>),
) -> Vec<Effect> {
    let mut out = Outlet { world, now, next_print, effects: Vec::new() };
    act(watch, &mut out);
    watch.settle(&mut out);
    out.effects
}

/// Returns how fast the clock of such a printer runs.
pub(crate) fn clock_scale(kind: PrinterKind, world: &World) -> f64 {
    match kind {
        PrinterKind::Serial => 1.0,
        PrinterKind::Demo => world.demo_scale.max(1.0),
    }
}
