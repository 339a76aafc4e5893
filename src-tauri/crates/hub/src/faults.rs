//! What goes wrong at a printer: link, restart, halt, silence.

use crate::facts::Facts;
use crate::message::Message;
use crate::out::{Entry, Out};
use crate::words::{halt_words, lower_first};
use domain::{
    AlarmKind, EventClass, EventType, HaltCause, Initiator, Millis, NoticeKind, Now, sentence, sentences,
};

/// A silence of so long is an alarm, seconds.
const SILENT_ALARM_SECS: f64 = 15.0;
/// A print that ended so shortly before its link broke ended by that, seconds.
const SAME_CAUSE_SECS: f64 = 2.0;

/// The printer says nothing.
#[derive(Debug, Clone, Copy)]
struct Silence {
    since_ms: Millis,
    alarmed: bool,
}

/// What is wrong with one printer's link.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    silence: Option<Silence>,
    /// When a print was last cut short.
    interrupted_ms: Option<Millis>,
    /// Only switching the printer off helps.
    switch_off_now: bool,
    /// It has answered since the core was started.
    answered: bool,
}

impl Faults {
    /// Keeps that the printer has to be switched off, and that it was there, when all else is set up anew.
    pub(crate) fn rebuilt(broken: &Self) -> Self {
        Self { switch_off_now: broken.switch_off_now, answered: broken.answered, ..Self::default() }
    }

    pub(crate) fn switch_off_now(&self) -> bool {
        self.switch_off_now
    }

    /// The link has come up.
    pub(crate) fn on_up(&mut self, out: &mut Out) {
        out.clear(&[AlarmKind::Printer, AlarmKind::Unreachable]);
        self.end_silence(out);
        self.switch_off_now = false;
        self.answered = true;
    }

    /// A print was cut short.
    pub(crate) fn print_interrupted(&mut self, now: Now) {
        self.interrupted_ms = Some(now.mono_ms);
    }

    /// The link broke. What it ended has ended already. `on_card`: a print from the card may go on.
    pub(crate) fn on_lost(&mut self, why: &str, on_card: bool, facts: &Facts<'_>, out: &mut Out) {
        let why = &sentence(why);
        self.end_silence(out);
        let hot = facts.hot_when_last_told();
        let died = self.print_just_died(facts);
        let (class, title, what) = if self.answered {
            (EventClass::Error, "Link to the printer lost", "The link to the printer is lost")
        } else {
            (EventClass::Warning, "The printer cannot be reached", "The printer cannot be reached")
        };
        out.log(Entry::new(EventType::PrinterError, class, title).text(why.as_str()).by(Initiator::Printer));
        let heat =
            if hot { "Its heaters may still be on: look at it, and switch it off if nobody can" } else { "" };
        let text = sentences(&[&format!("{what}: {why}"), heat]);
        let leaves = (hot || on_card || died).then(|| {
            let print = if died { "The print ended with it" } else { "" };
            let was = format!("The link to the printer was lost: {why}");
            sentences(&[&was, print, "It answers again: look at the printer before you go on"])
        });
        // One that was cold and idle has most likely been switched off: nobody has to be called for that.
        let kind = if leaves.is_some() { AlarmKind::Printer } else { AlarmKind::Unreachable };
        out.ask(Message::Raise { kind, text, leaves });
    }

    /// The printer restarted by itself. What it ended has ended already. `printed`: something was printed.
    pub(crate) fn on_rebooted(&mut self, why: &str, printed: bool, out: &mut Out) {
        self.end_silence(out);
        let entry = Entry::new(EventType::PrinterError, EventClass::Error, "The printer restarted");
        out.log(entry.text(why).by(Initiator::Printer));
        if printed {
            out.raise(AlarmKind::Restarted, why);
        }
    }

    /// The part of the app that drives the printer failed and was set up anew.
    pub(crate) fn on_app_fault(&mut self, why: &str, out: &mut Out) {
        self.end_silence(out);
        let title = "A fault in the app";
        out.log(Entry::new(EventType::PrinterError, EventClass::Error, title).text(why));
        out.notify(NoticeKind::PrinterHalted, "a fault in the app", why);
        out.raise(AlarmKind::AppFault, why);
    }

    /// The printer takes no more lines. What that ended has ended already.
    pub(crate) fn on_halted(&mut self, cause: HaltCause, text: &str, switch_off_now: bool, out: &mut Out) {
        let what = halt_words(cause, text);
        self.end_silence(out);
        self.switch_off_now = switch_off_now;
        let advice = if switch_off_now {
            "Switch the printer off now"
        } else {
            "Find the cause, then reset the printer and connect again"
        };
        let words = sentences(&[&what, advice]);
        let title = halt_title(cause);
        let by = match cause {
            HaltCause::EmergencyStop | HaltCause::EmergencyUnanswered => Initiator::Person,
            HaltCause::Firmware | HaltCause::PowerOff => Initiator::Printer,
            HaltCause::ThreadDied => Initiator::App,
        };
        let entry = Entry::new(EventType::PrinterError, EventClass::Error, title);
        out.log(entry.text(words.clone()).by(by));
        out.notify(NoticeKind::PrinterHalted, lower_first(title), words.clone());
        let leaves = match cause {
            // Who pressed it knows.
            HaltCause::EmergencyStop => None,
            HaltCause::EmergencyUnanswered
            | HaltCause::Firmware
            | HaltCause::PowerOff
            | HaltCause::ThreadDied => {
                Some(sentences(&[&what, "It answers again: look at the printer before you go on"]))
            }
        };
        out.ask(Message::Raise { kind: AlarmKind::Printer, text: words, leaves });
    }

    /// Returns whether a print was cut short a moment ago.
    fn print_just_died(&self, facts: &Facts<'_>) -> bool {
        let recent = |at: Millis| facts.now.mono_ms.saturating_sub(at) <= facts.patience_ms(SAME_CAUSE_SECS);
        self.interrupted_ms.is_some_and(recent)
    }

    /// The printer says nothing though nothing long is under way.
    pub(crate) fn on_silent(&mut self, secs: u32, now: Now, out: &mut Out) {
        if self.silence.is_some() {
            return;
        }
        let since_ms = now.mono_ms.saturating_sub(Millis::from(secs) * 1000);
        self.silence = Some(Silence { since_ms, alarmed: false });
        let entry = Entry::new(EventType::PrinterError, EventClass::Warning, "The printer does not answer");
        let words = format!("It has said nothing for {secs} s, and nothing that takes long is under way.");
        out.log(entry.text(words).by(Initiator::Printer));
    }

    pub(crate) fn on_speaks(&mut self, out: &mut Out) {
        if self.silence.is_some() {
            let entry = Entry::new(EventType::PrinterError, EventClass::Info, "The printer answers again");
            out.log(entry.by(Initiator::Printer));
        }
        self.end_silence(out);
    }

    fn end_silence(&mut self, out: &mut Out) {
        self.silence = None;
        out.clear(&[AlarmKind::Silent]);
    }

    /// Nothing could be heard in that time, so nothing is late by it.
    pub(crate) fn stood_still(&mut self, shift_ms: Millis) {
        if let Some(silence) = self.silence.as_mut() {
            silence.since_ms = silence.since_ms.saturating_add(shift_ms);
        }
    }

    /// A silence that lasts becomes an alarm.
    pub(crate) fn on_tick(&mut self, facts: &Facts<'_>, out: &mut Out) {
        let patience = facts.patience_ms(SILENT_ALARM_SECS);
        let Some(silence) = self.silence.as_mut().filter(|silence| !silence.alarmed) else { return };
        if facts.now.mono_ms.saturating_sub(silence.since_ms) < patience {
            return;
        }
        silence.alarmed = true;
        let words = "The printer does not answer, and nothing that takes long is under way. Look at it: if it is hot or \
                     moves and stays silent, switch it off.";
        let entry = Entry::new(EventType::PrinterError, EventClass::Error, "The printer does not answer");
        out.log(entry.text(words).by(Initiator::Printer));
        out.notify(NoticeKind::PrinterSilent, "the printer does not answer", words);
        out.raise(AlarmKind::Silent, words);
    }

    /// Returns what is to be known and is no alarm yet.
    pub(crate) fn warning(&self, now: Now) -> Option<String> {
        let silence = self.silence?;
        let secs = now.mono_ms.saturating_sub(silence.since_ms) / 1000;
        Some(format!("The printer has not answered for {secs} s."))
    }
}

fn halt_title(cause: HaltCause) -> &'static str {
    match cause {
        HaltCause::EmergencyStop => "Emergency stop",
        HaltCause::EmergencyUnanswered => "Emergency stop not answered",
        HaltCause::Firmware => "The printer stopped",
        HaltCause::PowerOff => "The printer is being switched off",
        HaltCause::ThreadDied => "The app stopped the printer",
    }
}
