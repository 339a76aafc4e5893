//! The live state as the loop keeps it: shown to all who look, and the machine held awake by it.

use super::snapshot::{DetectorView, Snapshot, System};
use crate::awake::Waker;
use domain::{AlertSound, Event, Notice, PrintId, PrinterId, PrinterView, StoreFault};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::watch;

/// Whether a person wants to be told of more than dangers. Cheap to clone.
#[derive(Clone)]
pub(crate) struct NoticesShown(Arc<AtomicBool>);

impl NoticesShown {
    /// As a person chose.
    pub(crate) fn new(shown: bool) -> Self {
        Self(Arc::new(AtomicBool::new(shown)))
    }

    /// Sets whether notices are shown that warn of no danger.
    pub(crate) fn set(&self, shown: bool) {
        self.0.store(shown, Ordering::Relaxed);
    }

    fn shows(&self, notice: &Notice) -> bool {
        notice.kind.is_urgent() || self.0.load(Ordering::Relaxed)
    }
}

/// The live state and who hears of its changes.
pub(crate) struct LiveView {
    shown: watch::Sender<Arc<Snapshot>>,
    notices: NoticesShown,
    awake: Waker,
    held_awake: bool,
}

impl LiveView {
    /// Shows the app itself and no printers yet.
    pub(crate) fn new(system: System, notices: NoticesShown, awake: Waker) -> Self {
        let snapshot = Snapshot { system: Arc::new(system), ..Snapshot::default() };
        Self { shown: watch::Sender::new(Arc::new(snapshot)), notices, awake, held_awake: false }
    }

    /// Returns a receiver that wakes with each change.
    pub(crate) fn subscribe(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.shown.subscribe()
    }

    fn change(&self, edit: impl FnOnce(&mut Snapshot)) {
        self.shown.send_modify(|live| edit(Arc::make_mut(live)));
    }

    /// Shows a printer as it is now. The machine stays awake while one prints.
    pub(crate) fn publish(&mut self, view: Box<PrinterView>) {
        self.change(|live| {
            live.printers.insert(view.id, Arc::from(view));
        });
        let printing = self.shown.borrow().printing();
        if printing != self.held_awake {
            self.held_awake = printing;
            self.awake.hold(printing);
        }
    }

    /// Shows a printer no more.
    pub(crate) fn forget(&self, printer: PrinterId) {
        self.change(|live| {
            live.printers.remove(&printer);
        });
    }

    /// Shows a notice, unless it warns of no danger and a person wants none of those.
    pub(crate) fn notify(&self, notice: Notice) {
        if self.notices.shows(&notice) {
            self.change(|live| live.push_notice(notice));
        } else {
            tracing::debug!(title = notice.title, "not shown: notices are switched off");
        }
    }

    /// Returns what is shown of a printer.
    pub(crate) fn printer(&self, id: PrinterId) -> Option<Arc<PrinterView>> {
        self.shown.borrow().printers.get(&id).cloned()
    }

    /// Returns the print that is under way on a printer.
    pub(crate) fn print_on(&self, id: PrinterId) -> Option<PrintId> {
        self.shown.borrow().printers.get(&id).and_then(|view| Some(view.current_print.as_ref()?.id))
    }

    /// Sets whether the first-run page has not been finished yet.
    pub(crate) fn set_first_run(&self, first_run: bool) {
        self.change_system(|system| system.first_run = first_run);
    }

    /// Sets how alerts are heard.
    pub(crate) fn set_alert_sound(&self, sound: AlertSound) {
        self.change_system(|system| system.sound = sound);
    }

    /// Keeps what an event says of the app itself, which belongs to no printer. `instead` says in words when a model of
    /// that name stands in for another.
    pub(crate) fn note(&self, event: &Event, instead: fn(&str) -> String) {
        match event {
            Event::Detector(Ok(name)) => self.change_system(|system| {
                system.detector = DetectorView { ok: true, name: name.clone(), why: instead(name) };
            }),
            Event::Detector(Err(why)) => self.change_system(|system| {
                system.detector = DetectorView { ok: false, name: String::new(), why: why.clone() };
            }),
            Event::HistoryLost(fault) => {
                let text = fault.as_ref().map(|fault| match fault {
                    StoreFault::DiskFull => {
                        "The disk is full: make room and history is kept again.".to_owned()
                    }
                    StoreFault::Failed(why) => format!("History is not being kept: {why}"),
                });
                self.change_system(|system| system.history_lost = text);
            }
            Event::Status(..)
            | Event::Link(..)
            | Event::Frame(..)
            | Event::Looked(_)
            | Event::NotAnalysed(..)
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

    fn change_system(&self, edit: impl FnOnce(&mut System)) {
        self.change(|live| edit(Arc::make_mut(&mut live.system)));
    }

    /// Lets the machine sleep.
    pub(crate) fn close(self) {
        self.awake.close();
    }
}
