//! What happens to the app itself: a start after a crash, a failure in a part of it, lost history, a machine that slept, a
//! process that stood still, detection hours that are used up.

use super::PrinterSession;
use crate::alert::Alerts;
use crate::ended::record_end;
use crate::out::Entry;
use crate::print_run::close_interrupted;
use crate::step::StepContext;
use crate::words::span_word;
use domain::{
    Effect, EventClass, EventType, Film, Millis, NoticeKind, Now, Print, PrintId, PrintShotFeedback,
    PrinterKind, SpoolUse, View,
};
use std::collections::BTreeMap;

/// A shorter standstill than this is no loss of the watch, which may be late by so much, seconds.
const UNWATCHED_SECS: f64 = 15.0;

impl PrinterSession {
    /// Closes prints that were under way when the app last ended.
    /// `uses`: what they had used, as far as it was written.
    pub(crate) fn close_at_boot(
        &mut self,
        mut open: Vec<Print>,
        uses: &BTreeMap<PrintId, Vec<SpoolUse>>,
        cx: &mut StepContext<'_>,
    ) {
        let newest = if self.printer().kind == PrinterKind::Agent { open.pop() } else { None };
        for print in &mut open {
            let used = uses.get(&print.id).cloned().unwrap_or_default();
            self.spools.cut_short(print, used, cx.now, &mut cx.out);
        }
        if let Some(print) = newest {
            self.spools.take_up(print.id, uses.get(&print.id).cloned().unwrap_or_default());
            self.take_up_at_boot(print, cx);
        }
        self.close_all_at_boot(open, cx);
    }

    /// A print that another host feeds went on without the app. Whether it still does, its agent will tell.
    fn take_up_at_boot(&mut self, print: Print, cx: &mut StepContext<'_>) {
        self.alerts = Alerts::rebuilt(&print, cx.now);
        self.watchdog.begin_print(cx.now);
        self.coverage.print_begins();
        self.detection.print_begins(cx.now, &mut cx.out);
        let text = "Printvigil did not run for a while, and nobody watched it in that time.";
        let entry = Entry::new(EventType::WatchLost, EventClass::Warning, "The app was started again");
        cx.out.log_for(print.id, entry.text(text));
        self.print.take_up(print, cx.now);
    }

    fn close_all_at_boot(&mut self, open: Vec<Print>, cx: &mut StepContext<'_>) {
        if self.printer().current_print.is_some() && self.print_id().is_none() {
            self.settings.set_current_print(None, &mut cx.out);
        }
        for mut print in open {
            // The last look is the last sign of life that was stored. It may be later than now: a computer's clock can
            // stand wrong at a start, and a print that took no time would have no film.
            let looked = self.detection.prediction().updated_at;
            let last_sign = if looked >= print.started_at { looked } else { cx.now.utc };
            close_interrupted(&mut print, last_sign);
            let text = "The app ended in the middle of it. Nothing moves or heats by itself: have a look at the printer.";
            let entry = Entry::new(EventType::Ended, EventClass::Error, "Print interrupted").text(text);
            cx.out.log_for(print.id, entry);
            let title = format!("{} was interrupted", print.filename);
            cx.out.notify(NoticeKind::PrintInterrupted, title, text);
            let lasted_secs = print.ended_at().map_or(0.0, |end| end.secs_since(print.started_at));
            self.last.show(print.clone(), text.into(), None);
            record_end(print, lasted_secs, true, self.settings.printer(), &mut cx.out);
            self.last.record(self.printer().id, &mut cx.out);
            self.detection.begin_means(cx.now, &mut cx.out);
        }
    }

    /// What was reported last cannot be borne: the next report comes soon.
    pub(crate) fn forget_report(&mut self) {
        self.reported.forget();
        self.print.forget_job();
    }

    /// The printer is to be removed, or is not any more.
    pub(crate) fn set_leaving(&mut self, leaving: bool) {
        self.settings.set_leaving(leaving);
    }

    /// All that was in the making is dropped.
    pub(crate) fn on_rebuilt(&mut self, cx: &mut StepContext<'_>) {
        // Whoever analyses must hear it again, whatever was ordered before.
        let id = self.printer().id;
        cx.out.effect(Effect::Watch(id, None));
        cx.out.effect(Effect::LookAt(id, View::Whole));
        let text = "A part of the app failed and was set up anew. The print goes on. Have a look at it, and at the watch.";
        self.say_failed("The watch was set up anew", text, cx);
    }

    /// A part of the app failed: an alarm.
    pub(crate) fn say_failed(&mut self, title: &str, text: &str, cx: &mut StepContext<'_>) {
        self.alarms.app_failed(title, text, cx.now.utc, &mut cx.out);
    }

    /// History is not being kept, or is kept again. `before`: it was not, until now.
    pub(crate) fn on_history(&mut self, before: bool, after: Option<&str>, cx: &mut StepContext<'_>) {
        match (before, after) {
            (false, Some(text)) => {
                cx.out.notify(NoticeKind::HistoryLost, "history is not being kept", text);
            }
            (true, None) => {
                let entry = Entry::new(EventType::HistoryLost, EventClass::Warning, "History is kept again")
                    .text("For a while it was not: entries, looks and pictures of that time may be missing.");
                cx.out.log(entry);
            }
            (true, Some(_)) | (false, None) => (),
        }
    }

    /// The budget of detection hours has just been used up: who is watched by it is told at once.
    pub(crate) fn on_hours_gone(&mut self, cx: &mut StepContext<'_>) {
        let facts = facts!(self, cx);
        let muted = facts.print.is_none_or(|print| print.muted);
        if muted || !facts.settings.watching_enabled || !facts.prints_now() {
            return;
        }
        let text = "The detection hours that you set are used up. The print goes on unwatched. Set more hours, or \
                    unlimited ones, in the settings.";
        let entry = Entry::new(EventType::WatchLost, EventClass::Warning, "Detection hours used up");
        cx.out.log(entry.text(text));
        cx.out.notify(NoticeKind::NotWatching, "NOT watched", text);
    }

    /// After so many minutes idle heaters go off.
    pub(crate) fn set_idle_heat_mins(&mut self, mins: u32, now: Now) {
        self.heaters.set_idle_mins(mins, now);
    }

    /// The machine slept.
    pub(crate) fn on_slept(&mut self, gap_ms: Millis, cx: &mut StepContext<'_>) {
        let text = format!(
            "The computer slept, or its clock jumped, for {}. The printer was neither fed nor watched in that time.",
            span_word(gap_ms as f64 / 1000.0)
        );
        self.unwatched("The computer slept", text, cx);
    }

    /// The process stood still: nothing could arrive in that time, so nothing is late by it. Heat goes on meanwhile, and so
    /// do the countdowns of heaters.
    pub(crate) fn on_stood_still(&mut self, gap_ms: Millis, cx: &mut StepContext<'_>) {
        let facts = facts!(self, cx);
        // On the printer's clock, which may run faster.
        let shift_ms = (gap_ms as f64 * facts.clock_scale()) as Millis;
        self.order.stood_still(shift_ms);
        self.faults.stood_still(shift_ms);
        if shift_ms < facts.patience_ms(UNWATCHED_SECS) {
            return;
        }
        let text = format!(
            "Printvigil stood still for {}: the computer was too busy for it, or somebody stopped it. The printer was \
             neither fed nor watched in that time.",
            span_word(gap_ms as f64 / 1000.0)
        );
        self.unwatched("The app stood still", text, cx);
    }

    /// A time in which nobody watched, and nobody could, is over.
    fn unwatched(&mut self, title: &str, text: String, cx: &mut StepContext<'_>) {
        let facts = facts!(self, cx);
        if facts.print.is_none() {
            return;
        }
        // Only detection that was on can have stopped; that is told as an outage, and over with the next look.
        if facts.not_watching().is_none() {
            self.watchdog.sleep(text.clone());
            if self.watchdog.outage().is_none() {
                return;
            }
        }
        cx.out.log(Entry::new(EventType::WatchLost, EventClass::Warning, title).text(text));
    }

    /// The film of a print is there.
    pub(crate) fn on_filmed(&mut self, id: PrintId, film: &Film) {
        self.last.on_filmed(id, film);
    }

    /// Pictures of the print that a person is asked about.
    pub(crate) fn on_shots(&mut self, print: PrintId, shots: &[PrintShotFeedback]) {
        self.print.on_shots(print, shots);
    }
}
