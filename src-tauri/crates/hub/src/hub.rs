//! The dispatcher: finds the session that an event belongs to, and lets it act.

use crate::detection_hours::{DetectionHours, Spent};
use crate::kept::{KeptOfPrinter, KeptSpools};
use crate::print_run::close_interrupted;
use crate::refusal::refusal;
use crate::session::PrinterSession;
use crate::step::{StepContext, orders_first};
use crate::world::{SeenCamera, World, fault_text};
use domain::{
    Camera, CameraHealth, CameraId, CameraScale, Effect, Event, GCodeFile, IgnoreArea, KeptCard, Millis, Now,
    PredictionState, Print, PrintId, Printer, PrinterId, PrinterView, QueueItem, Refusal, ReplyTo, Request,
    StoreFault, Write, same_name,
};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What the hub knows when it begins.
#[derive(Debug, Clone)]
pub struct HubBoot {
    /// All printers, archived ones included.
    pub printers: Vec<Printer>,
    /// All cameras.
    pub cameras: Vec<Camera>,
    /// Where nothing counts in their pictures.
    pub ignore: BTreeMap<CameraId, Vec<IgnoreArea>>,
    /// What good prints taught of them.
    pub scales: BTreeMap<CameraId, CameraScale>,
    /// What the rule remembers of each printer.
    pub predictions: Vec<PredictionState>,
    /// Prints that were under way when the app last ended: they are closed as interrupted.
    pub open_prints: Vec<Print>,
    /// Cards of prints that ended, which nobody has put away yet, with the records of those prints.
    pub last_prints: Vec<(KeptCard, Print)>,
    /// What waits to be printed.
    pub queues: BTreeMap<PrinterId, Vec<QueueItem>>,
    /// What is loaded, and what prints had used.
    pub spools: KeptSpools,
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
    /// What waits for a person is said again each time so many minutes have passed; `None` is never.
    pub remind_after_mins: Option<u32>,
}

/// All live state.
#[derive(Debug)]
pub struct Hub {
    pub(crate) sessions: BTreeMap<PrinterId, PrinterSession>,
    pub(crate) world: World,
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
                let scale = boot.scales.remove(&camera.id);
                (camera.id, SeenCamera { camera, health: CameraHealth::Opening, ignore, scale })
            })
            .collect();
        let world = World {
            version: boot.version,
            hours: DetectionHours::new(boot.dh_balance),
            files: BTreeMap::new(),
            slicer_secs: BTreeMap::new(),
            detector: None,
            cameras,
            history_lost: None,
            demo_scale: boot.demo_scale,
            idle_heat_mins: boot.idle_heat_mins,
            remind_after_mins: boot.remind_after_mins,
        };
        let mut hub = Self { sessions: BTreeMap::new(), world, next_print: boot.next_print };
        let mut effects = Vec::new();
        for printer in boot.printers {
            let id = printer.id;
            let last = boot.last_prints.iter().position(|(_, print)| print.printer == Some(id));
            let kept = KeptOfPrinter {
                prediction: boot.predictions.iter().find(|p| p.printer == id).copied(),
                last_print: last.map(|at| boot.last_prints.swap_remove(at)),
                queue: boot.queues.remove(&id).unwrap_or_default(),
                spools: boot.spools.loaded.remove(&id).unwrap_or_default(),
            };
            hub.sessions.insert(id, PrinterSession::with_kept(printer, kept, &hub.world, now));
            let open: Vec<Print> =
                boot.open_prints.iter().filter(|p| p.printer == Some(id)).cloned().collect();
            effects
                .extend(hub.with(id, now, |session, cx| session.close_at_boot(open, &boot.spools.uses, cx)));
        }
        for mut orphan in boot.open_prints.into_iter().filter(|p| !p.printer.is_some_and(|id| hub.knows(id)))
        {
            close_interrupted(&mut orphan, now.utc);
            effects.push(Effect::Record(Write::Print(Box::new(orphan)), None));
        }
        (hub, orders_first(effects))
    }

    /// Takes one event in and returns what follows, orders first.
    pub fn step(&mut self, event: Event, now: Now) -> Vec<Effect> {
        let effects = match event {
            Event::Status(id, report) => self.with(id, now, |session, cx| session.on_status(report, cx)),
            Event::Link(id, change) => self.with(id, now, |session, cx| session.on_link(change, cx)),
            Event::Frame(id, frame) => self.with(id, now, |session, cx| session.on_frame(&frame, cx)),
            Event::Looked(look) => self.with(look.printer, now, |session, cx| session.on_look(&look, cx)),
            Event::NotAnalysed(id, why) => self.with(id, now, |session, cx| session.on_not_analysed(why, cx)),
            Event::Tick(id) => self.with(id, now, |session, cx| session.on_tick(cx)),
            Event::Fail(id) => self.with(id, now, |_, _| std::panic::panic_any("asked to fail")),
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
            Event::Slept { gap_ms } => self.with_all(now, |session, cx| session.on_slept(gap_ms, cx)),
            Event::StoodStill { gap_ms } => {
                self.with_all(now, |session, cx| session.on_stood_still(gap_ms, cx))
            }
            Event::Stored(to, result) => self.with_all(now, |session, cx| session.on_stored(to, &result, cx)),
            Event::HistoryLost(fault) => self.on_history(fault, now),
            Event::Filmed(print, film) => self.with_all(now, |session, _| session.on_filmed(print, &film)),
            Event::Scales(scales) => {
                self.world.set_scales(scales);
                self.with_all(now, |_, _| ())
            }
            Event::FileKnown(file) => self.on_file(*file, now),
            Event::Shots(print, shots) => self.with_all(now, |session, _| session.on_shots(print, &shots)),
            Event::Asked(request, to) => self.on_asked(request, to, now),
        };
        self.mend(effects, now)
    }

    /// Keeps the record of a file; those that nobody prints are forgotten.
    fn on_file(&mut self, file: GCodeFile, now: Now) -> Vec<Effect> {
        let sessions = &self.sessions;
        self.world.know_file(file.clone(), |id| sessions.values().any(|s| s.prints_file(id)));
        self.with_all(now, |session, cx| session.on_file(&file, cx))
    }

    fn on_asked(&mut self, request: Request, to: ReplyTo, now: Now) -> Vec<Effect> {
        let asked_of = match &request {
            Request::Overwrite(print, _) => self.printer_of_print(*print).ok_or_else(|| {
                refusal("not_here", format!("print {print} is not under way"), "Change it in the history.")
            }),
            Request::Start { .. }
            | Request::StartQueued { .. }
            | Request::Queue(..)
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
            | Request::LoadSpool(..)
            | Request::Seen(..)
            | Request::EmergencyStopped(_) => {
                let known = request.printer().filter(|id| self.knows(*id));
                known.ok_or_else(|| {
                    refusal("unknown_printer", "there is no such printer", "Choose another printer.")
                })
            }
        };
        match asked_of.and_then(|id| self.check_name(&request, id).map(|()| id)) {
            Ok(id) => {
                let loaded = request.spool();
                let own = self.with(id, now, |session, cx| session.on_asked(request, to, cx));
                let loaded = loaded.map(|spool| self.with_all(now, |s, cx| s.on_loaded(spool, id, cx)));
                own.into_iter().chain(loaded.into_iter().flatten()).collect()
            }
            Err(refused) => vec![Effect::Reply(to, Err(refused))],
        }
    }

    /// Says once that history is being lost, and once that it is kept again; each page shows it as long as it lasts.
    fn on_history(&mut self, fault: Option<StoreFault>, now: Now) -> Vec<Effect> {
        let before = self.world.history_lost.is_some();
        self.world.history_lost = fault.as_ref().map(fault_text);
        let after = self.world.history_lost.clone();
        // The notice is about the app, so it comes once, from the printer that prints or else from the first.
        let printing = self.sessions.values().find(|session| session.current_print().is_some());
        let told_by = printing.or(self.sessions.values().next()).map(|session| session.printer().id);
        self.with_all(now, |session, cx| {
            if Some(session.printer().id) == told_by {
                session.on_history(before, after.as_deref(), cx);
            }
        })
    }

    /// Sets up a printer's session anew after a failure in it: settings, the rule's memory and the open print are kept,
    /// all that was in the making is dropped, and an alarm says so.
    pub fn rebuild(&mut self, id: PrinterId, now: Now) -> Vec<Effect> {
        let Some(broken) = self.sessions.remove(&id) else { return Vec::new() };
        self.sessions.insert(id, PrinterSession::rebuilt(broken, &self.world));
        orders_first(self.with(id, now, |session, cx| session.on_rebuilt(cx)))
    }

    /// Sets up anew each session that failed in this step. One that fails at once again loses what the printer last
    /// reported too: it may be that which cannot be borne; the next report comes soon.
    fn mend(&mut self, mut effects: Vec<Effect>, now: Now) -> Vec<Effect> {
        for id in failed(&effects) {
            let again = self.rebuild(id, now);
            let fails_again = failed(&again).contains(&id);
            effects.extend(again);
            if fails_again {
                if let Some(session) = self.sessions.get_mut(&id) {
                    session.forget_report();
                }
                effects.extend(self.rebuild(id, now));
            }
        }
        orders_first(effects)
    }

    /// Says that a part of the app failed: at the printer that it concerns, or at all.
    pub fn say_failure(&mut self, about: Option<PrinterId>, now: Now) -> Vec<Effect> {
        let say = |session: &mut PrinterSession, cx: &mut StepContext<'_>| {
            let text = "A part of the app failed. The print goes on. Have a look at it.";
            session.say_failed("A part of the app failed", text, cx);
        };
        let effects = match about {
            Some(id) => self.with(id, now, say),
            None => self.with_all(now, say),
        };
        orders_first(effects)
    }

    /// Changes the balance of detection hours; it is stored already.
    pub fn set_dh_balance(&mut self, dh_balance: f64, now: Now) -> Vec<Effect> {
        self.world.hours = DetectionHours::new(dh_balance);
        orders_first(self.with_all(now, |_, _| ()))
    }

    /// Changes after how many minutes idle heaters go off; countdowns under way begin anew.
    pub fn set_idle_heat_mins(&mut self, mins: u32, now: Now) -> Vec<Effect> {
        self.world.idle_heat_mins = mins;
        orders_first(self.with_all(now, |session, cx| session.set_idle_heat_mins(mins, cx.now)))
    }

    /// Changes after how many minutes what waits for a person is said again.
    pub fn set_remind_after_mins(&mut self, mins: Option<u32>, now: Now) -> Vec<Effect> {
        self.world.remind_after_mins = mins;
        orders_first(self.with_all(now, |_, _| ()))
    }

    /// Keeps `count` numbers of prints aside and returns the first of them.
    pub fn reserve_prints(&mut self, count: i64) -> PrintId {
        let first = self.next_print;
        self.next_print = PrintId(first.get().saturating_add(count.max(0)));
        first
    }

    /// Returns what was last shown of a printer.
    pub fn view(&self, id: PrinterId) -> Option<PrinterView> {
        self.sessions.get(&id)?.shown().cloned()
    }

    /// Returns a printer's settings.
    pub fn printer(&self, id: PrinterId) -> Option<&Printer> {
        self.sessions.get(&id).map(PrinterSession::printer)
    }

    /// Returns the row of the print under way.
    pub fn current_print(&self, id: PrinterId) -> Option<&Print> {
        self.sessions.get(&id)?.current_print()
    }

    /// Returns all printers, in the order of their ids.
    pub fn printer_ids(&self) -> Vec<PrinterId> {
        self.sessions.keys().copied().collect()
    }

    /// Returns the printer that watches with this camera; the first when several do.
    pub fn printer_of_camera(&self, id: CameraId) -> Option<PrinterId> {
        self.sessions.values().map(PrinterSession::printer).find(|p| p.camera == Some(id)).map(|p| p.id)
    }

    /// Returns the printer that runs this print, or ran it and still shows it.
    pub fn printer_of_print(&self, id: PrintId) -> Option<PrinterId> {
        self.sessions.values().find(|session| session.holds_print(id)).map(|session| session.printer().id)
    }

    /// Refuses a name that another printer has: all that is told of a printer is told by its name.
    fn check_name(&self, request: &Request, id: PrinterId) -> Result<(), Refusal> {
        let Request::Patch(_, patch) = request else { return Ok(()) };
        let Some(name) = patch.name.as_deref() else { return Ok(()) };
        let mut others = self.sessions.values().map(PrinterSession::printer).filter(|other| other.id != id);
        match others.find(|other| same_name(&other.name, name)) {
            Some(other) => {
                let message = format!("there is a printer named \"{}\" already", other.name);
                Err(refusal("name_taken", message, "Choose another name, so that each can be told apart."))
            }
            None => Ok(()),
        }
    }

    fn knows(&self, id: PrinterId) -> bool {
        self.sessions.contains_key(&id)
    }

    pub(crate) fn with(
        &mut self,
        id: PrinterId,
        now: Now,
        act: impl FnOnce(&mut PrinterSession, &mut StepContext<'_>),
    ) -> Vec<Effect> {
        let Some(session) = self.sessions.get_mut(&id) else { return Vec::new() };
        let now = session.moment(now);
        let mut effects = run(session, &self.world, &mut self.next_print, now, |session, cx| {
            session.pass_time(cx);
            act(session, cx);
        });
        let watched_ms = session.uncharged();
        effects.extend(self.charge(watched_ms, now));
        effects
    }

    /// Takes watched time off the detection hours, and says so when none is left.
    fn charge(&mut self, watched_ms: Millis, now: Now) -> Vec<Effect> {
        let spent = self.world.hours.spend(watched_ms);
        let write = Effect::Record(Write::DetectionHours(self.world.hours.balance()), None);
        match spent {
            Spent::Little => Vec::new(),
            Spent::Step => vec![write],
            Spent::RanOut => {
                let mut effects = self.with_all(now, |session, cx| session.on_hours_gone(cx));
                effects.push(write);
                effects
            }
        }
    }

    /// For what concerns no single printer: each session sees it at the last moment of its own clock, since the
    /// demo's clock and the real one have nothing to do with each other.
    pub(crate) fn with_all(
        &mut self,
        now: Now,
        mut act: impl FnMut(&mut PrinterSession, &mut StepContext<'_>),
    ) -> Vec<Effect> {
        let mut effects = Vec::new();
        for session in self.sessions.values_mut() {
            let now = session.at().unwrap_or(now);
            effects.extend(run(session, &self.world, &mut self.next_print, now, &mut act));
        }
        effects
    }
}

fn run(
    session: &mut PrinterSession,
    world: &World,
    next_print: &mut PrintId,
    now: Now,
    act: impl FnOnce(&mut PrinterSession, &mut StepContext<'_>),
) -> Vec<Effect> {
    let mut cx = StepContext::new(world, now, next_print);
    // What was decided before a panic holds, orders above all.
    let done = catch_unwind(AssertUnwindSafe(|| {
        act(session, &mut cx);
        session.settle(&mut cx);
        session.publish(&mut cx);
    }));
    let mut effects = cx.into_effects(session.printer(), session.print_id());
    if let Err(panic) = done {
        let words = panic.downcast_ref::<&str>().map(|words| (*words).to_owned());
        let words = words.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
        effects.push(Effect::WatchFailed(session.printer().id, words));
    }
    effects
}

/// Returns the printers whose session failed.
fn failed(effects: &[Effect]) -> Vec<PrinterId> {
    let failed = |effect: &Effect| if let Effect::WatchFailed(id, _) = effect { Some(*id) } else { None };
    effects.iter().filter_map(failed).collect()
}
