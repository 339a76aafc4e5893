//! What the loop works on: the hub, and all that its decisions are carried out with. Orders first, nothing waits for the
//! disk.

use super::concerns::{clock_for, printer_of, printers};
use super::failures::{Failures, Fallen, not_done, panic_words};
use super::recording::Recording;
use super::replies::{Replies, refusal_of};
use crate::clock::Clocks;
use crate::devices::{Devices, Drills};
use crate::jobs::Jobs;
use crate::library::Ledger;
use crate::live::{LiveView, TemperatureSample, Temperatures, TerminalPage, Terminals};
use crate::media::{Evidence, Keep};
use crate::setup::instead_of;
use domain::{
    AlertSound, Answer, Camera, CameraId, Effect, Event, FilmWish, Leave, LinkChange, Notice, NoticeKind,
    Now, Order, PrintId, Printer, PrinterId, PrinterKind, Request,
};
use hub::{Hub, KeptOfPrinter};
use printer::Heard;
use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tokio::sync::oneshot;

/// What decisions are carried out with.
pub(crate) struct Spokes {
    pub(crate) devices: Devices,
    pub(crate) drills: Drills,
    pub(crate) recording: Recording,
    pub(crate) jobs: Jobs,
    pub(crate) evidence: Evidence,
    pub(crate) ledger: Ledger,
    pub(crate) live: LiveView,
}

/// The hub and its spokes.
pub(crate) struct Core {
    hub: Hub,
    clocks: Clocks,
    spokes: Spokes,
    failures: Failures,
    fallen: Fallen,
    replies: Replies,
    temperatures: Temperatures,
    terminals: Terminals,
    /// Events that follow from carrying out effects: handled before anything new.
    follow_up: VecDeque<Event>,
}

impl Core {
    /// Carries out what the hub began with, and opens the ports and cameras of its printers.
    pub(crate) fn begin(
        (hub, effects): (Hub, Vec<Effect>),
        clocks: Clocks,
        spokes: Spokes,
        fallen: Fallen,
    ) -> Self {
        let mut core = Self {
            hub,
            clocks,
            spokes,
            failures: Failures::default(),
            fallen,
            replies: Replies::default(),
            temperatures: Temperatures::default(),
            terminals: Terminals::default(),
            follow_up: VecDeque::new(),
        };
        core.carry_out(effects);
        core.sync_ports();
        core.sync_cameras();
        core
    }

    /// Lets a part of the loop work. Its panic is an alarm at the printer that it concerns, or at all; the loop goes on.
    pub(super) fn guarded(&mut self, about: Option<PrinterId>, work: impl FnOnce(&mut Self)) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| work(self))) {
            self.fell(about, panic.as_ref());
        }
    }

    /// Says that a part fell.
    fn fell(&mut self, about: Option<PrinterId>, panic: &(dyn Any + Send)) {
        self.note_failure(&panic_words(panic));
        let now = self.now_for(about);
        let hub = &mut self.hub;
        let said = catch_unwind(AssertUnwindSafe(|| hub.say_failure(about, now)));
        if let Ok(effects) = said
            && catch_unwind(AssertUnwindSafe(|| self.carry_out(effects))).is_err()
        {
            tracing::error!("the alarm about a failure could not be shown");
        }
    }

    fn note_failure(&mut self, what: &str) {
        tracing::error!(what, "a part of the app failed; it is set up anew and the printers' threads go on");
        self.failures.note(self.clocks.real.now().mono_ms);
    }

    /// Returns whether nothing sensible can be expected any more.
    pub(super) fn failed_too_often(&self) -> bool {
        self.failures.too_many()
    }

    /// Takes what happened to the hub and carries out what follows.
    pub(super) fn happen(&mut self, event: Event) {
        self.follow_up.push_back(event);
        while let Some(event) = self.follow_up.pop_front() {
            self.spokes.live.note(&event, instead_of);
            self.note_evidence(&event);
            self.spokes.devices.looked(&event);
            let stored = matches!(event, Event::Stored(_, Ok(())));
            let asked = if let Event::Asked(_, to) = &event { Some(*to) } else { None };
            let printer = printer_of(&self.hub, &event);
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
            if let Some(to) = asked.filter(|_| failed) {
                self.replies.answer(to, Err(not_done()));
            }
            // A changed setting holds in the hub once it is stored: only now do ports and cameras follow.
            if stored {
                self.sync_ports();
                self.sync_cameras();
            }
        }
    }

    /// Carries effects out in their order.
    fn carry_out(&mut self, effects: Vec<Effect>) {
        // What a person asked for and nobody took is never answered as done.
        let mut not_taken = None;
        for effect in effects {
            match effect {
                Effect::Order(id, order) => {
                    if let Err(change) = self.order(id, order) {
                        not_taken = not_taken.or_else(|| refusal_of(&change));
                        self.follow_up.push_back(Event::Link(id, change));
                    }
                }
                Effect::WatchFailed(id, what) => {
                    self.note_failure(&format!("the watch over printer {id}: {what}"));
                }
                Effect::Watch(id, every_ms) => self.spokes.devices.set_cadence(id, every_ms),
                Effect::LookAt(id, view) => self.spokes.devices.set_view(id, view),
                Effect::KeepFrame { frame, print, why, line, layer_idx } => {
                    match self.spokes.devices.frame(&frame) {
                        Some(frame) => {
                            self.spokes.recording.keep(Keep { frame, print, why, line, layer_idx })
                        }
                        None => tracing::debug!(frame = %frame.id, "the frame has left the ring"),
                    }
                }
                Effect::ThinFrames(print) => self.spokes.recording.thin(print),
                Effect::KeepLook(look) => self.spokes.recording.keep_look(look),
                Effect::Evidence { printer, print, frame } => {
                    if let Some(frames) = self.spokes.devices.frames(frame.camera) {
                        let real_ms = self.clocks.real.now().mono_ms;
                        self.spokes.evidence.alerted(printer, print, frame, frames, real_ms);
                    }
                }
                Effect::Drill(id, pictures) => {
                    let kind = self.hub.printer(id).map_or(PrinterKind::Serial, |printer| printer.kind);
                    self.spokes.drills.show(id, kind, pictures);
                }
                Effect::Record(write, reply) => self.spokes.recording.record(write, reply),
                Effect::Publish(view) => self.spokes.live.publish(view),
                Effect::Notify(notice) => self.spokes.live.notify(notice),
                Effect::Film(print, wish) => {
                    if let Err(why) = self.film(print, wish) {
                        tracing::warn!(%print, why, "no film of this print");
                    }
                }
                Effect::Reply(to, answer) => {
                    let refused = not_taken.take().map_or(Ok(()), Err);
                    self.replies.answer(to, answer.and_then(|print| refused.map(|()| print)));
                }
            }
        }
    }

    /// Gives an order to a printer's port; returns the change to report when nobody takes it.
    fn order(&mut self, id: PrinterId, order: Order) -> Result<(), LinkChange> {
        // A port whose thread has died is served again when a person asks for it. The new thread opens the port by itself;
        // asked to connect as well, it says so when there is none.
        if matches!(order, Order::Connect) && !self.spokes.devices.is_served(id) {
            let printer = self.hub.printer(id).filter(|printer| printer.archived_at.is_none());
            if let Some(printer) = printer {
                tracing::warn!(printer = %id, "the port is served by a new thread");
                self.spokes.devices.open_printer(printer);
            }
        }
        self.spokes.devices.order(id, order)
    }

    /// Notes what a clip of an alert will show.
    fn note_evidence(&mut self, event: &Event) {
        if let Event::Looked(look) = event {
            self.spokes.evidence.looked(look);
        } else if let Event::Tick(id) = event {
            let (now, real) = (self.now_for(Some(*id)), self.clocks.real.now());
            let view = self.spokes.live.printer(*id);
            self.spokes.evidence.tick(*id, view.as_deref(), now.mono_ms, real.mono_ms);
        }
    }

    fn now_for(&self, printer: Option<PrinterId>) -> Now {
        self.clocks.of(clock_for(&self.hub, printer)).now()
    }

    fn sync_ports(&mut self) {
        self.spokes.devices.sync_ports(printers(&self.hub));
    }

    fn sync_cameras(&mut self) {
        self.spokes.devices.sync_cameras(printers(&self.hub));
    }

    /// Takes in what a port's thread says.
    pub(super) fn hear(&mut self, printer: PrinterId, heard: Heard) {
        match heard {
            Heard::Report(report) => {
                let (print, at) = (self.spokes.live.print_on(printer), self.now_for(Some(printer)).utc);
                if let Some(row) = self.temperatures.take(printer, print, &report.temperatures, at) {
                    self.spokes.recording.keep_temperatures(row);
                }
                if let Some(job) = &report.job {
                    let now = self.clocks.real.now().utc;
                    self.spokes.ledger.note(printer, job, &report.temperatures, now);
                }
                self.spokes.devices.note_rate(printer, &report);
                self.happen(Event::Status(printer, report));
            }
            Heard::Change(change) => {
                self.spokes.ledger.heard(&change);
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

    /// Time passes for all printers, each guarded by itself.
    pub(super) fn tick(&mut self) {
        for id in self.hub.printer_ids() {
            self.guarded(Some(id), |core| core.happen(Event::Tick(id)));
        }
        self.spokes.devices.close_unseen(printers(&self.hub));
    }

    /// Returns the real clock's moment, and how long the machine slept in all, milliseconds.
    pub(super) fn real_now(&self) -> (Now, Option<u64>) {
        (self.clocks.real.now(), self.clocks.real.suspended_ms())
    }

    /// Asks the hub; the answer comes through `reply`.
    pub(super) fn ask(&mut self, request: Request, reply: oneshot::Sender<Answer>) {
        let to = self.replies.wait(reply);
        self.happen(Event::Asked(request, to));
    }

    /// Lets the hub do something at the moment of a printer, or of all, and carries out what follows.
    pub(super) fn change(
        &mut self,
        printer: Option<PrinterId>,
        change: impl FnOnce(&mut Hub, Now) -> Vec<Effect>,
    ) {
        let now = self.now_for(printer);
        let effects = change(&mut self.hub, now);
        self.carry_out(effects);
    }

    /// Lets the hub do something at the moment of the printer that a camera watches.
    pub(super) fn change_at(&mut self, camera: CameraId, change: impl FnOnce(&mut Hub, Now) -> Vec<Effect>) {
        self.change(self.hub.printer_of_camera(camera), change);
    }

    /// Returns the hub, for what has no effects.
    pub(super) fn hub(&mut self) -> &mut Hub {
        &mut self.hub
    }

    /// Takes in a printer that is stored already.
    pub(super) fn printer_added(&mut self, printer: Printer, kept: KeptOfPrinter) {
        let now = self.clocks.of(printer.kind).now();
        let effects = self.hub.add_printer(printer.clone(), kept, now);
        self.carry_out(effects);
        self.spokes.devices.open_printer(&printer);
        self.sync_cameras();
    }

    /// Lets a printer go whose removal is stored.
    pub(super) fn printer_removed(&mut self, id: PrinterId) {
        let effects = self.hub.remove_printer(id);
        self.terminals.forget(id);
        self.spokes.evidence.forget(id);
        self.carry_out(effects);
        self.spokes.devices.close_printer(id);
        self.sync_cameras();
        self.spokes.live.forget(id);
    }

    /// Takes in a camera that is stored already, new or changed.
    pub(super) fn camera_put(&mut self, camera: Camera) {
        let known = camera.clone();
        self.change_at(camera.id, |hub, now| hub.put_camera(known, now));
        self.spokes.devices.put_camera(camera);
        self.sync_cameras();
    }

    /// Opens a camera that shows a printer and is not the watched one, for as long as somebody looks.
    pub(super) fn view_camera(&mut self, id: CameraId) {
        self.spokes.devices.view_camera(id, printers(&self.hub));
    }

    /// Lets a camera go.
    pub(super) fn camera_removed(&mut self, id: CameraId) {
        self.spokes.devices.forget_camera(id);
        self.change_at(id, |hub, now| hub.remove_camera(id, now));
        self.sync_cameras();
    }

    /// Asks for a film; answers with the text for people when too many wait.
    pub(super) fn film(&mut self, print: PrintId, wish: FilmWish) -> Result<(), String> {
        let flusher = self.spokes.recording.flusher();
        self.spokes.jobs.films().ask(print, wish, Some(Box::new(flusher)))
    }

    /// Shows how alerts are heard.
    pub(super) fn set_alert_sound(&mut self, sound: AlertSound) {
        self.spokes.live.set_alert_sound(sound);
    }

    /// Shows whether the first-run page has not been finished yet.
    pub(super) fn set_first_run(&self, first_run: bool) {
        self.spokes.live.set_first_run(first_run);
    }

    /// Returns the temperatures of the last hour, oldest first.
    pub(super) fn temperatures(&self, printer: PrinterId) -> Vec<TemperatureSample> {
        self.temperatures.of(printer)
    }

    /// Returns lines of the terminal after number `after`, at most `most`; 0 begins with the newest.
    pub(super) fn terminal(&self, printer: PrinterId, after: u64, most: usize) -> TerminalPage {
        self.terminals.after(printer, after, most)
    }

    /// Ends everything in order.
    pub(super) async fn end(self, leave: Leave) {
        let Spokes { devices, recording, mut jobs, mut evidence, ledger, live, drills: _ } = self.spokes;
        let ended = tokio::task::spawn_blocking(move || {
            devices.shutdown(leave);
            evidence.close();
            jobs.close();
            recording.close();
            live.close();
            drop(ledger);
        });
        if let Err(error) = ended.await {
            tracing::error!(%error, "not everything ended in order");
        }
    }

    /// Leaves all printers in order and ends: a running print is paused and its heaters go off.
    pub(super) async fn fall(self) {
        let text = "Parts of the app failed again and again, so it has ended itself: a running print was paused and \
                    its heaters were switched off. Look at the printer, then start the app again.";
        tracing::error!(text);
        if let Some(printer) = self.hub.printer_ids().first().copied() {
            self.spokes.live.notify(Notice {
                printer,
                kind: NoticeKind::PrintInterrupted,
                title: "Printvigil has ended itself".into(),
                text: text.into(),
                frame: None,
                demo: false,
            });
        }
        let fallen = self.fallen.clone();
        self.end(Leave::HeatersOff).await;
        fallen.tell(text);
    }
}
