//! Alarms: each kind at most once, over when what it is about is over, or when a person has seen it.

use crate::out::{Entry, Out};
use crate::refusal::refusal;
use crate::reminders::{Waiting, is_said_again};
use domain::{
    AlarmKind, AlarmView, EventClass, EventType, Initiator, NoticeKind, Refusal, Timestamp, sentence,
};

const PAUSE_ADVICE: &str = "Have a look at the printer now. If it is still printing, press STOP.";

/// An alarm for people.
#[derive(Debug, Clone)]
struct Alarm {
    kind: AlarmKind,
    text: String,
    at: Timestamp,
    /// What is left to be seen when it is over.
    leaves: Option<String>,
}

/// The alarms of one printer.
#[derive(Debug, Default)]
pub(crate) struct Alarms {
    /// The gravest first.
    alarms: Vec<Alarm>,
}

impl Alarms {
    /// Raises an alarm, in the place of one of its kind. One that `leaves` something is not over before a person has
    /// seen that.
    pub(crate) fn raise(&mut self, kind: AlarmKind, text: String, leaves: Option<String>, at: Timestamp) {
        self.alarms.retain(|alarm| alarm.kind != kind);
        self.alarms.push(Alarm { kind, text, at, leaves });
        self.alarms.sort_by_key(|alarm| alarm.kind);
    }

    /// What alarms of these kinds are about is over.
    pub(crate) fn clear(&mut self, kinds: &[AlarmKind], at: Timestamp) {
        let (over, stay): (Vec<_>, _) =
            std::mem::take(&mut self.alarms).into_iter().partition(|alarm| kinds.contains(&alarm.kind));
        self.alarms = stay;
        for left in over.into_iter().filter_map(|alarm| alarm.leaves) {
            self.raise(AlarmKind::Past, left, None, at);
        }
    }

    /// Says why an order was refused, unless something graver is being said.
    pub(crate) fn say_refused(&mut self, why: String, at: Timestamp) {
        if self.alarms.iter().all(|alarm| alarm.kind == AlarmKind::Refused) {
            self.raise(AlarmKind::Refused, why, None, at);
        }
    }

    /// The pause is not confirmed: an alarm, told once.
    pub(crate) fn pause_unconfirmed(&mut self, why: &str, at: Timestamp, out: &mut Out) {
        let words = format!("Pause not confirmed. {} {PAUSE_ADVICE}", sentence(why));
        let known = self.has(AlarmKind::Pause);
        self.raise(AlarmKind::Pause, words.clone(), None, at);
        if !known {
            let entry = Entry::new(EventType::PrinterError, EventClass::Error, "Pause not confirmed");
            out.log(entry.text(words.clone()).by(Initiator::Printer));
            out.notify(NoticeKind::PauseUnconfirmed, "pause not confirmed", words);
        }
    }

    /// A part of the app failed. Once is enough when it fails again and again.
    pub(crate) fn app_failed(&mut self, title: &str, text: &str, at: Timestamp, out: &mut Out) {
        if !self.has(AlarmKind::Internal) {
            out.log(Entry::new(EventType::PrinterError, EventClass::Error, title).text(text));
        }
        self.raise(AlarmKind::Internal, text.into(), None, at);
    }

    fn has(&self, kind: AlarmKind) -> bool {
        self.alarms.iter().any(|alarm| alarm.kind == kind)
    }

    /// A print begins: what went before is over.
    pub(crate) fn print_begins(&mut self) {
        self.alarms.retain(|alarm| match alarm.kind {
            AlarmKind::Pause
            | AlarmKind::Refused
            | AlarmKind::Internal
            | AlarmKind::FirstLayer
            | AlarmKind::AppFault
            | AlarmKind::Restarted
            | AlarmKind::Past
            | AlarmKind::Stop
            | AlarmKind::HeaterFault
            | AlarmKind::HeatersOn
            | AlarmKind::Hot => false,
            AlarmKind::Printer | AlarmKind::Unreachable | AlarmKind::Silent | AlarmKind::Agent => true,
        });
    }

    /// A person has seen them. One that still holds stays.
    pub(crate) fn seen(&mut self) -> Result<(), Refusal> {
        if !self.alarms.iter().any(|alarm| alarm.kind.can_be_seen()) {
            let message = if self.alarms.is_empty() { "there is no alarm" } else { "the alarm holds" };
            return Err(refusal("no_alarm", message, "It goes away when what it is about is over."));
        }
        self.alarms.retain(|alarm| !alarm.kind.can_be_seen());
        Ok(())
    }

    /// Returns the gravest of those that are said again until a person comes.
    pub(crate) fn waiting(&self) -> Option<Waiting> {
        let alarm = self.alarms.iter().find(|alarm| is_said_again(alarm.kind))?;
        Some(Waiting::Alarm { kind: alarm.kind, text: alarm.text.clone() })
    }

    /// Returns the text of the gravest.
    pub(crate) fn gravest(&self) -> Option<String> {
        self.alarms.first().map(|alarm| alarm.text.clone())
    }

    /// Returns why the last order was refused, or what is graver.
    pub(crate) fn refusal(&self) -> Option<String> {
        let refused = self.alarms.iter().find(|alarm| alarm.kind == AlarmKind::Refused);
        refused.or(self.alarms.first()).map(|alarm| alarm.text.clone())
    }

    pub(crate) fn views(&self) -> Vec<AlarmView> {
        let view = |alarm: &Alarm| AlarmView {
            kind: alarm.kind,
            text: alarm.text.clone(),
            at: alarm.at,
            can_be_seen: alarm.kind.can_be_seen(),
        };
        self.alarms.iter().map(view).collect()
    }
}
