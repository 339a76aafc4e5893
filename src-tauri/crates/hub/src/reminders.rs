//! What waits for a person is said again, as often as that person wants it.

use crate::facts::Facts;
use crate::out::Out;
use crate::words::span_word;
use domain::{AlarmKind, FrameId, Millis, NoticeKind};

/// The same is said again so many times at most: who has not come by then is not reached in this way.
const MOST: u32 = 6;

/// What waits for a person.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Waiting {
    /// An alert without an answer.
    Alert { paused: bool, frame: FrameId },
    /// An alarm that still holds, or that nobody has seen.
    Alarm { kind: AlarmKind, text: String },
}

/// The reminders of one printer.
#[derive(Debug, Default)]
pub(crate) struct Reminders {
    /// Since when something waits.
    since_ms: Option<Millis>,
    /// How often it was said again since.
    told: u32,
}

impl Reminders {
    /// Returns how often it was said again that something waits.
    pub(crate) fn told(&self) -> u32 {
        self.told
    }

    /// Says it again when its time has come; forgets all when nothing waits any more.
    pub(crate) fn settle(&mut self, waiting: Option<Waiting>, facts: &Facts<'_>, out: &mut Out) {
        let now_ms = facts.now.mono_ms;
        let Some(waiting) = waiting else {
            if self.told > 0 {
                out.changed();
            }
            *self = Self::default();
            return;
        };
        let since_ms = *self.since_ms.get_or_insert(now_ms);
        let Some(mins) = facts.world.remind_after_mins else { return };
        // In minutes of the person who waits, also where the printer's clock runs faster.
        let every_ms = f64::from(mins) * 60_000.0 * facts.clock_scale();
        let waited_ms = now_ms.saturating_sub(since_ms) as f64;
        // One at a time: what was missed, by sleep or by another setting, is not made up for.
        if self.told >= MOST || waited_ms < every_ms * f64::from(self.told + 1) {
            return;
        }
        self.told = (waited_ms / every_ms).min(f64::from(MOST)) as u32;
        out.changed();
        say(&waiting, waited_ms / facts.clock_scale(), self.told == MOST, out);
    }
}

fn say(waiting: &Waiting, waited_ms: f64, last: bool, out: &mut Out) {
    let waited = span_word(waited_ms / 1000.0);
    let end = if last { " This is the last reminder." } else { "" };
    match waiting {
        Waiting::Alert { paused, frame } => {
            let (kind, title, what) = if *paused {
                (NoticeKind::FailurePaused, "possible failure, paused", "The print is paused.")
            } else {
                (NoticeKind::FailureAlert, "possible failure", "The print goes on.")
            };
            let text = format!("{what} Look at the picture, and say what you see.{end}");
            out.notify_with(kind, format!("{title}, no answer for {waited}"), text, *frame);
        }
        Waiting::Alarm { kind, text } => {
            let title = format!("an alarm since {waited}");
            out.notify(notice_of(*kind), title, format!("{text}{end}"));
        }
    }
}

fn notice_of(kind: AlarmKind) -> NoticeKind {
    match kind {
        AlarmKind::Pause => NoticeKind::PauseUnconfirmed,
        AlarmKind::HeatersOn | AlarmKind::HeaterFault | AlarmKind::Hot => NoticeKind::HeaterFault,
        AlarmKind::Silent => NoticeKind::PrinterSilent,
        AlarmKind::FirstLayer => NoticeKind::FirstLayer,
        AlarmKind::Printer
        | AlarmKind::Unreachable
        | AlarmKind::Stop
        | AlarmKind::Past
        | AlarmKind::Restarted
        | AlarmKind::AppFault
        | AlarmKind::Internal
        | AlarmKind::Agent
        | AlarmKind::Refused => NoticeKind::PrinterHalted,
    }
}

/// Whether an alarm is said again. Why an order was refused is read by whoever gave it; what is over, a printer that was
/// switched off cold, and faults of the app itself, wait on the screen.
pub(crate) fn is_said_again(kind: AlarmKind) -> bool {
    match kind {
        AlarmKind::Pause
        | AlarmKind::Stop
        | AlarmKind::HeatersOn
        | AlarmKind::HeaterFault
        | AlarmKind::Hot
        | AlarmKind::Silent
        | AlarmKind::FirstLayer
        | AlarmKind::Printer => true,
        AlarmKind::Past
        | AlarmKind::Unreachable
        | AlarmKind::Restarted
        | AlarmKind::AppFault
        | AlarmKind::Internal
        | AlarmKind::Agent
        | AlarmKind::Refused => false,
    }
}
