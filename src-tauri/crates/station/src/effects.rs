//! Carries effects out: orders first, nothing waits for the disk.

use crate::guard::not_done;
use crate::media::Keep;
use crate::models;
use crate::run::Core;
use crate::scales;
use crate::snapshot::{DetectorView, Snapshot, System};
use crate::station::TemperatureSample;
use domain::{
    Camera, CameraId, Effect, Event, FilmWish, LinkChange, Order, PredictionState, PrintId, Printer,
    PrinterId, Refusal, RefusedReason, TemperatureRow, Temperatures, Timestamp, Write,
};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Temperature samples kept: an hour at one a second of the printer's clock.
const SAMPLES: usize = 3600;

impl Core {
    /// Takes what happened to the hub and carries out what follows.
    pub(crate) fn happen(&mut self, event: Event) {
        self.follow_up.push_back(event);
        while let Some(event) = self.follow_up.pop_front() {
            self.note_system(&event);
            self.note_evidence(&event);
            let stored = matches!(event, Event::Stored(_, Ok(())));
            let asked = if let Event::Asked(_, to) = &event { Some(*to) } else { None };
            let printer = self.printer_of(&event);
            let now = self.now_for(printer);
            let hub = &mut self.hub;
            let failed;
            match catch_unwind(AssertUnwindSafe(|| hub.step(event, now))) {
                Ok(effects) => {
                    failed = effects.iter().any(|effect| matches!(effect, Effect::WatchFailed(..)));
                    self.carry_out(effects);
                }
                Err(panic) => {
                    failed = true;
                    self.fell(printer, panic.as_ref());
                }
            }
            // Nobody waits for an answer that will not come.
            if let Some(reply) = asked.filter(|_| failed).and_then(|to| self.pending.remove(&to)) {
                let _ = reply.send(Err(not_done()));
            }
            // A changed setting holds in the hub once it is stored: only now do ports and cameras follow.
            if stored {
                self.sync_ports();
                self.sync_cameras();
            }
        }
    }

    /// Carries effects out in their order.
    pub(crate) fn carry_out(&mut self, effects: Vec<Effect>) {
        // What a person asked for and nobody took is never answered as done.
        let mut not_taken = None;
        for effect in effects {
            match effect {
                // A port whose thread has died is served again when a person asks for it.
                Effect::Order(id, Order::Connect) if !self.devices.is_served(id) => {
                    if let Some(change) = self.serve_again(id) {
                        not_taken = not_taken.or_else(|| refusal_of(&change));
                        self.follow_up.push_back(Event::Link(id, change));
                    }
                }
                Effect::Order(id, order) => {
                    if let Err(change) = self.devices.order(id, order) {
                        not_taken = not_taken.or_else(|| refusal_of(&change));
                        self.follow_up.push_back(Event::Link(id, change));
                    }
                }
                Effect::WatchFailed(id, what) => {
                    self.note_failure(&format!("the watch over printer {id}: {what}"));
                }
                Effect::Watch(id, every_ms) => self.devices.set_cadence(id, every_ms),
                Effect::LookAt(id, view) => self.devices.set_view(id, view),
                Effect::KeepFrame { frame, print, why, line, layer_idx } => {
                    match self.devices.frame(&frame) {
                        Some(frame) => self.media.keep(Keep { frame, print, why, line, layer_idx }),
                        None => tracing::debug!(frame = %frame.id, "the frame has left the ring"),
                    }
                }
                Effect::ThinFrames(print) => self.media.thin(print),
                Effect::KeepLook(look) => self.media.keep_look(look),
                Effect::Evidence { printer, print, frame } => {
                    if let Some(frames) = self.devices.frames(frame.camera) {
                        let real_ms = self.clocks.real.now().mono_ms;
                        self.evidence.alerted(printer, print, frame, frames, real_ms);
                    }
                }
                Effect::Drill(id, pictures) => self.drill(id, pictures),
                Effect::Record(write, reply) => {
                    if let Write::Print(print) = &write
                        && print.ended_at().is_some()
                    {
                        self.media.print_over(print.id);
                    }
                    let teaches = match &write {
                        Write::Print(print) => print.ended_at().is_some(),
                        Write::ForgetScale(_) | Write::Overwrite { .. } => true,
                        Write::Printer(_)
                        | Write::Event(_)
                        | Write::Look(_)
                        | Write::Prediction(_)
                        | Write::Decision(_)
                        | Write::Gap(_)
                        | Write::Coverage(_)
                        | Write::Feedback(_)
                        | Write::Scale(_)
                        | Write::Taught(..)
                        | Write::Frame(_)
                        | Write::Temperature(_)
                        | Write::DetectionHours(_)
                        | Write::Film(..) => false,
                    };
                    self.store.record(write, reply);
                    if teaches {
                        scales::tell(self.store.clone(), self.events.clone());
                    }
                }
                Effect::Publish(view) => {
                    self.live.send_modify(|live| {
                        Arc::make_mut(live).printers.insert(view.id, Arc::from(view));
                    });
                    self.keep_awake();
                }
                Effect::Notify(notice)
                    if !notice.kind.is_urgent() && !self.notices.load(Ordering::Relaxed) =>
                {
                    tracing::debug!(title = notice.title, "not shown: notices are switched off");
                }
                Effect::Notify(notice) => {
                    self.live.send_modify(|live| Arc::make_mut(live).push_notice(notice))
                }
                Effect::Film(print, wish) => {
                    if let Err(why) = self.film(print, wish) {
                        tracing::warn!(%print, why, "no film of this print");
                    }
                }
                Effect::Reply(to, answer) => {
                    if let Some(reply) = self.pending.remove(&to) {
                        let refused = not_taken.take().map_or(Ok(()), Err);
                        let _ = reply.send(answer.and_then(|print| refused.map(|()| print)));
                    }
                }
            }
        }
    }

    fn printer_of(&self, event: &Event) -> Option<PrinterId> {
        match event {
            Event::Status(id, _)
            | Event::Link(id, _)
            | Event::Frame(id, _)
            | Event::Fail(id)
            | Event::Tick(id) => Some(*id),
            Event::Looked(look) => Some(look.printer),
            Event::Camera(camera, _) => self.hub.printer_of_camera(*camera),
            Event::Asked(request, _) => request.printer(),
            Event::Filmed(print, _) => self.hub.printer_of_print(*print),
            Event::Shots(print, _) => self.hub.printer_of_print(*print),
            Event::Detector(_)
            | Event::Stored(..)
            | Event::HistoryLost(_)
            | Event::FileKnown(_)
            | Event::Slept { .. }
            | Event::Scales(_)
            | Event::StoodStill { .. } => None,
        }
    }

    /// Keeps the app's own state, which belongs to no printer.
    fn note_system(&mut self, event: &Event) {
        match event {
            Event::Detector(Ok(name)) => self.change_system(|system| {
                system.detector =
                    DetectorView { ok: true, name: name.clone(), why: models::instead_of(name) };
            }),
            Event::Detector(Err(why)) => self.change_system(|system| {
                system.detector = DetectorView { ok: false, name: String::new(), why: why.clone() };
            }),
            Event::HistoryLost(fault) => {
                let text = fault.as_ref().map(|fault| match fault {
                    domain::StoreFault::DiskFull => {
                        "The disk is full: make room and history is kept again.".to_owned()
                    }
                    domain::StoreFault::Failed(why) => format!("History is not being kept: {why}"),
                });
                self.change_system(|system| system.history_lost = text);
            }
            Event::Status(..)
            | Event::Link(..)
            | Event::Frame(..)
            | Event::Looked(_)
            | Event::Camera(..)
            | Event::Stored(..)
            | Event::Filmed(..)
            | Event::FileKnown(_)
            | Event::Shots(..)
            | Event::Asked(..)
            | Event::Slept { .. }
            | Event::StoodStill { .. }
            | Event::Fail(_)
            | Event::Tick(_)
            | Event::Scales(_) => (),
        }
    }

    /// Notes what a clip of an alert will show.
    fn note_evidence(&mut self, event: &Event) {
        if let Event::Looked(look) = event {
            self.evidence.looked(look);
        } else if let Event::Tick(id) = event {
            let (now, real) = (self.now_for(Some(*id)), self.clocks.real.now());
            let view = self.live.borrow().printers.get(id).cloned();
            self.evidence.tick(*id, view.as_deref(), now.mono_ms, real.mono_ms);
        }
    }

    pub(crate) fn change_system(&mut self, edit: impl FnOnce(&mut System)) {
        self.live
            .send_modify(|live: &mut Arc<Snapshot>| edit(Arc::make_mut(&mut Arc::make_mut(live).system)));
    }

    fn keep_awake(&mut self) {
        let printing = self.live.borrow().printers.values().any(|view| view.vigil.state.has_print());
        if printing != self.held_awake {
            self.held_awake = printing;
            self.awake.hold(printing);
        }
    }

    /// Starts the thread of a port that has none, or a dead one. Returns the change to report when that fails.
    fn serve_again(&mut self, id: PrinterId) -> Option<LinkChange> {
        let printer = self.hub.printer(id).filter(|printer| printer.archived_at.is_none()).cloned();
        if let Some(printer) = printer {
            tracing::warn!(printer = %id, "the port is served by a new thread");
            self.devices.open_printer(&printer);
        }
        // The new thread opens the port by itself; asked to connect as well, it says so when there is none.
        self.devices.order(id, Order::Connect).err()
    }

    /// Opens the ports that were chosen anew.
    fn sync_ports(&mut self) {
        let printers = self.hub.printer_ids().into_iter().filter_map(|id| self.hub.printer(id));
        // One that was archived at the start has no thread yet.
        let moved = printers.filter(|p| {
            p.archived_at.is_none() && self.devices.port_of(p.id).is_none_or(|before| before != p.port)
        });
        for printer in moved.cloned().collect::<Vec<_>>() {
            self.devices.open_printer(&printer);
        }
    }

    pub(crate) fn sync_cameras(&mut self) {
        let printers: Vec<Printer> =
            self.hub.printer_ids().into_iter().filter_map(|id| self.hub.printer(id).cloned()).collect();
        // Nobody looks at what is archived.
        let printers: Vec<Printer> = printers.into_iter().filter(|p| p.archived_at.is_none()).collect();
        self.devices.sync_cameras(&printers, &self.cameras);
    }

    pub(crate) fn sample_temperatures(&mut self, printer: PrinterId, temperatures: &Temperatures) {
        let t = self.now_for(Some(printer)).utc.micros() as f64 / 1e6;
        let samples = self.temperatures.entry(printer).or_default();
        if temperatures.is_empty() || samples.back().is_some_and(|last| within(t - last.t, 1.0)) {
            return;
        }
        if samples.len() == SAMPLES {
            samples.pop_front();
        }
        let heaters = temperatures.iter().map(|(name, t)| (name.clone(), (t.actual, t.target))).collect();
        let sample = TemperatureSample { t, heaters };
        samples.push_back(sample.clone());
        self.keep_temperatures(printer, sample);
    }

    /// Keeps how hot it is while a print runs, a row in ten seconds of the printer's clock.
    fn keep_temperatures(&mut self, printer: PrinterId, sample: TemperatureSample) {
        let print =
            self.live.borrow().printers.get(&printer).and_then(|view| Some(view.current_print.as_ref()?.id));
        let Some(print) = print else { return };
        let last = self.temperatures_kept.entry(printer).or_insert((print, f64::MIN));
        if *last != (print, last.1) || !within(sample.t - last.1, 10.0) {
            *last = (print, sample.t);
            let at = Timestamp::from_micros((sample.t * 1e6) as i64);
            let row = TemperatureRow { print, at, heaters: sample.heaters };
            self.store.record(Write::Temperature(Box::new(row)), None);
        }
    }

    /// Takes in a printer that is stored already.
    pub(crate) fn printer_added(&mut self, printer: Printer, prediction: Option<PredictionState>) {
        let now = self.clocks.of(printer.kind).now();
        let effects = self.hub.add_printer(printer.clone(), prediction, now);
        self.carry_out(effects);
        self.devices.open_printer(&printer);
        self.sync_cameras();
    }

    /// Lets a printer go whose removal is stored.
    pub(crate) fn printer_removed(&mut self, id: PrinterId) {
        let effects = self.hub.remove_printer(id);
        self.terminals.forget(id);
        self.evidence.forget(id);
        self.carry_out(effects);
        self.devices.close_printer(id);
        self.sync_cameras();
        self.live.send_modify(|live| {
            Arc::make_mut(live).printers.remove(&id);
        });
    }

    /// Takes in a camera that is stored already, new or changed.
    pub(crate) fn camera_put(&mut self, camera: Camera) {
        let id = camera.id;
        self.cameras.insert(id, camera.clone());
        let effects = self.hub.put_camera(camera, self.now_for(self.hub.printer_of_camera(id)));
        self.carry_out(effects);
        self.devices.close_camera(id);
        self.sync_cameras();
    }

    /// Lets a camera go.
    pub(crate) fn camera_removed(&mut self, id: CameraId) {
        self.cameras.remove(&id);
        let effects = self.hub.remove_camera(id, self.now_for(self.hub.printer_of_camera(id)));
        self.carry_out(effects);
        self.sync_cameras();
    }

    /// Asks for a film; answers with the text for people when too many wait.
    pub(crate) fn film(&mut self, print: PrintId, wish: FilmWish) -> Result<(), String> {
        self.jobs.films().ask(print, wish, Some(Box::new(self.media.flusher())))
    }
}

/// Returns whether so many seconds passed and no more. A wall clock that was set back holds no sample up.
fn within(passed_secs: f64, secs: f64) -> bool {
    (0.0..secs).contains(&passed_secs)
}

/// Returns the answer for a person whose order was not taken by the printer's thread.
fn refusal_of(change: &LinkChange) -> Option<Refusal> {
    let LinkChange::Refused { reason, why, .. } = change else { return None };
    let code = if *reason == RefusedReason::ThreadEnded {
        "printer_thread_ended"
    } else if *reason == RefusedReason::NotConnected {
        "not_connected"
    } else {
        "busy"
    };
    Some(Refusal { code, message: why.clone(), hint: "If it is moving or hot, press STOP.".into() })
}
