//! What every part of a printer's session may know at a moment. Parts read it; the session alone puts it together.
//!
//! States that follow from several facts (`state`, `prints_now`, `not_watching`) are derived here and nowhere else.

use crate::world::{SeenCamera, World};
use domain::{
    Agent, HeatView, LinkState, Millis, NotWatching, Now, OrderKind, PauseRecipe, PrintId, Printer,
    PrinterKind, PrinterReport, PrinterState, Temperatures, Tools,
};

/// Temperatures that were told this long ago are not known any more, seconds.
const HEAT_HOLDS_SECS: f64 = 20.0;
/// Warmer than this a heater is hot, degrees Celsius.
const HOT_C: f64 = 50.0;

/// What was ordered and is not confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Want {
    Pause,
    Resume,
    Cancel,
}

impl Want {
    /// Returns the order that was given for it.
    pub(crate) fn order(self) -> OrderKind {
        match self {
            Self::Pause => OrderKind::Pause,
            Self::Resume => OrderKind::Resume,
            Self::Cancel => OrderKind::Cancel,
        }
    }
}

/// What the printer's thread reported last.
#[derive(Debug, Default)]
pub(crate) struct Reported {
    report: Option<Box<PrinterReport>>,
    at: Option<Now>,
}

impl Reported {
    pub(crate) fn take_in(&mut self, report: Box<PrinterReport>, now: Now) {
        (self.report, self.at) = (Some(report), Some(now));
    }

    /// What was reported cannot be borne: the next report comes soon.
    pub(crate) fn forget(&mut self) {
        self.report = None;
    }

    pub(crate) fn report(&self) -> Option<&PrinterReport> {
        self.report.as_deref()
    }

    /// Returns the report, when the link takes orders.
    pub(crate) fn when_up(&self) -> Option<&PrinterReport> {
        self.report().filter(|report| report.link == LinkState::Up)
    }

    pub(crate) fn at(&self) -> Option<Now> {
        self.at
    }
}

/// The print under way, as other parts may see it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PrintFacts {
    pub(crate) id: PrintId,
    /// When it began, on the printer's clock.
    pub(crate) started_ms: Millis,
    /// It may go on without the link: the printer reads it from its own card, or another host feeds it.
    pub(crate) goes_on_alone: bool,
    /// Last acknowledged line.
    pub(crate) line: Option<u64>,
    /// Layer, from 0.
    pub(crate) layer_idx: Option<u32>,
    /// A person switched alerts for it off.
    pub(crate) muted: bool,
    /// It had an alert.
    pub(crate) alerted: bool,
}

/// What every part may know at a moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts<'a> {
    pub(crate) world: &'a World,
    /// The moment, on the printer's clock.
    pub(crate) now: Now,
    pub(crate) settings: &'a Printer,
    pub(crate) reported: &'a Reported,
    pub(crate) print: Option<PrintFacts>,
    /// A print was ordered to start; its first line is not out yet.
    pub(crate) starting: bool,
    /// What was ordered and is not confirmed.
    pub(crate) want: Option<Want>,
    /// The pause of the print under way is confirmed.
    pub(crate) pause_confirmed: bool,
    /// An alert waits for an answer.
    pub(crate) alert_open: bool,
}

impl<'a> Facts<'a> {
    pub(crate) fn report(&self) -> Option<&'a PrinterReport> {
        self.reported.report()
    }

    /// Returns what the printer reports, or [`PrinterState::Offline`] before it did.
    pub(crate) fn reported_state(&self) -> PrinterState {
        self.report().map_or(PrinterState::Offline, |report| report.state)
    }

    /// Returns the state to show: the reported one, and what was asked of it until it is confirmed.
    pub(crate) fn state(&self) -> PrinterState {
        let reported = self.reported_state();
        let moving =
            matches!(reported, PrinterState::Heating | PrinterState::Printing | PrinterState::Resuming);
        let held = matches!(reported, PrinterState::Pausing | PrinterState::Paused);
        match self.want {
            Some(Want::Pause) if moving || held => PrinterState::Pausing,
            Some(Want::Resume) if reported == PrinterState::Paused => PrinterState::Resuming,
            Some(Want::Cancel) if moving || held => PrinterState::Cancelling,
            Some(Want::Pause | Want::Resume | Want::Cancel) | None => reported,
        }
    }

    /// Returns whether the print moves, so that it can be paused.
    pub(crate) fn moves(&self) -> bool {
        matches!(self.state(), PrinterState::Heating | PrinterState::Printing | PrinterState::Resuming)
    }

    /// Returns whether there is something to watch: the flag `printing`, and the print is not being cancelled.
    pub(crate) fn prints_now(&self) -> bool {
        self.state().flags(false).printing && self.state() != PrinterState::Cancelling
    }

    /// Returns whether no print is under way here, nor about to be.
    pub(crate) fn is_free(&self) -> bool {
        self.print.is_none() && !self.starting
    }

    /// Returns whether the printer is at rest, also by what it says itself.
    pub(crate) fn is_at_rest(&self) -> bool {
        self.is_free() && !self.state().has_print()
    }

    /// Returns why this print is not to be watched; the first match of Obico's order.
    pub(crate) fn not_watching(&self) -> Option<NotWatching> {
        if !self.settings.watching_enabled {
            Some(NotWatching::Disabled)
        } else if self.world.hours.gone() {
            Some(NotWatching::NoDetectionHours)
        } else if self.print.is_none() || !self.prints_now() {
            Some(NotWatching::NotPrinting)
        } else if self.print.is_some_and(|print| print.muted) {
            Some(NotWatching::Muted)
        } else {
            None
        }
    }

    pub(crate) fn print_id(&self) -> Option<PrintId> {
        self.print.map(|print| print.id)
    }

    /// Returns whether the link takes orders.
    pub(crate) fn link_up(&self) -> bool {
        self.reported.when_up().is_some()
    }

    /// Returns the camera that this printer is watched with.
    pub(crate) fn camera(&self) -> Option<&'a SeenCamera> {
        self.world.camera(self.settings.camera)
    }

    /// Returns seconds of this printer's clock in a real second.
    pub(crate) fn clock_scale(&self) -> f64 {
        self.world.clock_scale(self.settings.kind)
    }

    /// A length of the printer's clock that is at least `secs`, and at least three real seconds on a fast one.
    pub(crate) fn patience_ms(&self, secs: f64) -> Millis {
        (secs * 1000.0 * (self.clock_scale() / 5.0).max(1.0)) as Millis
    }

    /// Returns who speaks for the printer: we do, or its agent.
    pub(crate) fn agent(&self) -> Agent {
        let own = || Agent { name: "printvigil".into(), version: self.world.version.clone() };
        self.settings.agent.clone().unwrap_or_else(own)
    }

    /// Returns after how long without a look detection has stopped, seconds. An agent sends a picture in ten seconds.
    pub(crate) fn silence_secs(&self) -> f64 {
        match self.settings.kind {
            PrinterKind::Serial | PrinterKind::Demo => 15.0,
            PrinterKind::Agent => 45.0,
        }
    }

    /// Returns what the printer tells of work by hand.
    pub(crate) fn tools(&self) -> Option<&'a Tools> {
        self.report().map(|report| &report.tools)
    }

    /// Returns the temperatures that were reported last; empty when none were.
    pub(crate) fn temperatures(&self) -> Option<&'a Temperatures> {
        self.report().map(|report| &report.temperatures)
    }

    /// Returns how this printer is to be paused.
    pub(crate) fn pause_recipe(&self) -> PauseRecipe {
        PauseRecipe {
            retract_mm: self.settings.retract_on_pause,
            lift_z_mm: self.settings.lift_z_on_pause,
            max_z_mm: self.settings.max_z_mm,
            hotend_off: self.settings.tools_off_on_pause,
            bed_off: self.settings.bed_off_on_pause,
        }
    }

    /// Returns the degrees that are added to each target of a heater.
    pub(crate) fn offset_c(&self, heater: &str) -> f64 {
        self.settings.temperature_offsets.get(heater).copied().unwrap_or(0.0)
    }

    /// Returns whether heaters were on or hot when that was last told.
    pub(crate) fn hot_when_last_told(&self) -> bool {
        let hot = |temperatures: &Temperatures| {
            temperatures.values().any(|t| t.target.is_some_and(|c| c > 0.0) || t.actual > HOT_C)
        };
        self.temperatures().is_some_and(hot)
    }

    /// Returns whether the temperatures of the last report hold now.
    fn heat_is_known(&self) -> bool {
        let Some(report) = self.report().filter(|report| !report.temperatures.is_empty()) else {
            return false;
        };
        let told = report.temperatures_at.or(self.reported.at());
        let fresh = told.is_some_and(|at| self.now.since(at) <= self.patience_ms(HEAT_HOLDS_SECS));
        report.link == LinkState::Up && fresh
    }

    /// Returns how much is known of the heaters.
    pub(crate) fn heat_view(&self) -> HeatView {
        let Some(report) = self.report() else { return HeatView::default() };
        if self.heat_is_known() {
            return HeatView { known: true, ..HeatView::default() };
        }
        HeatView {
            known: false,
            told_at: report.temperatures_at.or(self.reported.at()).map(|at| at.utc),
            may_be_on: self.hot_when_last_told(),
        }
    }
}
