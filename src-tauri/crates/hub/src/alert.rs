//! From verdict to pause or alert, and the answers. Obico's rules, with two differences that are settings.

use crate::answer;
use crate::facts::Facts;
use crate::message::{Message, PauseBy, PrintChange};
use crate::out::{Entry, Out};
use crate::recent_looks::RecentLooks;
use crate::reminders::Waiting;
use crate::urls::frame_url;
use crate::why::why;
use domain::{
    ActionOnFailure, AlertOverwrite, AlertView, Decision, Detection, Effect, EventClass, EventType, FrameId,
    FrameInfo, GaugeZone, Initiator, KeepWhy, Millis, NoticeKind, Now, Print, PrinterState, Reasons,
    Timestamp, Write,
};

/// After an alert, and after an answer to one, this much must pass before the next, milliseconds.
const COOLDOWN_MS: Millis = 90_000;

/// An alert that waits for an answer.
#[derive(Debug, Clone)]
struct Alert {
    at: Timestamp,
    paused: bool,
    frame: FrameInfo,
    boxes: Vec<Detection>,
    layer_idx: Option<u32>,
    text: String,
    before: Vec<FrameId>,
    reasons: Reasons,
}

/// What detection has judged of a frame, with what it remembers.
pub(crate) struct Verdict<'a> {
    pub(crate) reasons: Reasons,
    pub(crate) frame: FrameInfo,
    /// What was found in the frame.
    pub(crate) boxes: Vec<Detection>,
    /// The last looks, this one among them.
    pub(crate) looks: &'a RecentLooks,
}

/// Whether an alert comes with a pause.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Paused,
    Alert,
}

/// Alerts of the print under way.
#[derive(Debug)]
pub(crate) struct Alerts {
    /// Detection may pause. A flag of its own: `paused_at` is only the record of the last such pause.
    may_pause: bool,
    alerted_ms: Option<Millis>,
    acknowledged_ms: Option<Millis>,
    /// The last alert has no answer yet.
    unanswered: bool,
    alert: Option<Alert>,
}

impl Default for Alerts {
    fn default() -> Self {
        Self { may_pause: true, alerted_ms: None, acknowledged_ms: None, unanswered: false, alert: None }
    }
}

impl Alerts {
    /// Takes over from the row of a print that goes on, when all else is set up anew.
    pub(crate) fn rebuilt(print: &Print, now: Now) -> Self {
        let ago = |t: Timestamp| {
            let passed = now.utc.secs_since(t).max(0.0) * 1000.0;
            now.mono_ms.saturating_sub(passed as Millis)
        };
        let answered = print.alert_acknowledged_at >= print.alerted_at;
        Self {
            may_pause: print.paused_at.is_none(),
            alerted_ms: print.alerted_at.map(ago),
            acknowledged_ms: print.alert_acknowledged_at.map(ago),
            unanswered: print.alerted_at.is_some() && !answered,
            alert: None,
        }
    }

    /// Returns whether an alert waits for an answer.
    pub(crate) fn is_open(&self) -> bool {
        self.unanswered
    }

    /// Returns whether the open alert can be shown.
    pub(crate) fn is_shown(&self) -> bool {
        self.alert.is_some()
    }

    /// Returns the alert that nobody has answered.
    pub(crate) fn waiting(&self) -> Option<Waiting> {
        let alert = self.alert.as_ref().filter(|_| self.unanswered)?;
        Some(Waiting::Alert { paused: alert.paused, frame: alert.frame.id })
    }

    /// Acts on a verdict.
    pub(crate) fn on_verdict(&mut self, verdict: Verdict<'_>, facts: &Facts<'_>, out: &mut Out) {
        match verdict.reasons.verdict {
            GaugeZone::Fine => (),
            GaugeZone::Alert => self.alert_unless_suppressed(verdict, facts, out),
            GaugeZone::Pause => {
                if facts.settings.action_on_failure != ActionOnFailure::Pause || !self.may_pause {
                    self.alert_unless_suppressed(verdict, facts, out);
                } else {
                    self.pause(verdict, facts, out);
                }
            }
        }
    }

    fn pause(&mut self, verdict: Verdict<'_>, facts: &Facts<'_>, out: &mut Out) {
        match facts.state() {
            PrinterState::Heating | PrinterState::Printing | PrinterState::Resuming => (),
            // A pause is on its way already, or comes too late.
            PrinterState::Pausing | PrinterState::Finishing => {
                return self.alert_unless_suppressed(verdict, facts, out);
            }
            PrinterState::Cancelling
            | PrinterState::Paused
            | PrinterState::Offline
            | PrinterState::Connecting
            | PrinterState::Operational
            | PrinterState::LinkLost
            | PrinterState::Halted => return,
        }
        // Somebody has just answered: nothing at all, not even an alert.
        if is_recent(self.acknowledged_ms, facts.now) {
            return;
        }
        self.may_pause = false;
        out.ask(Message::Pause(PauseBy::Detection));
        self.alert_now(verdict, Kind::Paused, facts, out);
    }

    /// One alert until somebody answers it, and never two within 90 seconds.
    fn alert_unless_suppressed(&mut self, verdict: Verdict<'_>, facts: &Facts<'_>, out: &mut Out) {
        let too_soon = is_recent(self.alerted_ms, facts.now);
        if facts.state() == PrinterState::Cancelling || too_soon || self.unanswered {
            return;
        }
        self.alert_now(verdict, Kind::Alert, facts, out);
    }

    fn alert_now(&mut self, verdict: Verdict<'_>, kind: Kind, facts: &Facts<'_>, out: &mut Out) {
        let Some(print) = facts.print else { return };
        let Verdict { reasons, frame, boxes, looks } = verdict;
        let text = looks.seen_words(frame.taken, reasons.for_secs);
        let paused = kind == Kind::Paused;
        self.alerted_ms = Some(facts.now.mono_ms);
        self.unanswered = true;
        self.alert = Some(Alert {
            at: facts.now.utc,
            paused,
            frame,
            boxes: looks.last_of_both_views().map_or(boxes, |seen| seen.boxes),
            layer_idx: print.layer_idx,
            text: text.clone(),
            before: looks.frames_before(frame.id, frame.taken),
            reasons: reasons.clone(),
        });
        out.ask(Message::Keep(frame, KeepWhy::Alert));
        out.effect(Effect::Evidence { printer: facts.settings.id, print: print.id, frame });
        out.ask(Message::Print(PrintChange::Alerted { paused }));
        let decision = Decision { print: print.id, frame: frame.id, at: facts.now.utc, paused, reasons };
        out.record(Write::Decision(Box::new(decision)));
        say(kind, &text, frame.id, out);
    }

    /// Takes in the answer to an alert. Nothing happens when this print never had one.
    pub(crate) fn acknowledge(
        &mut self,
        answer: Option<AlertOverwrite>,
        by: Initiator,
        facts: &Facts<'_>,
        out: &mut Out,
    ) {
        let Some(print) = facts.print.filter(|print| print.alerted) else { return };
        self.acknowledged_ms = Some(facts.now.mono_ms);
        self.unanswered = false;
        match answer {
            Some(AlertOverwrite::NotFailed) => {
                self.may_pause |= facts.settings.watch.rearm_after_not_failed;
                out.ask(Message::AcceptScene);
            }
            Some(AlertOverwrite::Failed) | None => (),
        }
        if let Some(alert) = self.alert.take() {
            out.record(answer::feedback(print.id, alert.frame.id, answer, facts.now.utc));
        }
        out.ask(Message::Print(PrintChange::Answered(answer)));
        out.log(Entry::new(EventType::Answered, EventClass::Info, answer::title(answer)).by(by));
    }

    /// Returns the open alert, for people. `looks`: of the print that it is about.
    pub(crate) fn view(&self, looks: &RecentLooks) -> Option<AlertView> {
        let alert = self.alert.as_ref()?;
        Some(AlertView {
            at: alert.at,
            paused: alert.paused,
            frame: alert.frame.id,
            img_url: frame_url(alert.frame.id),
            boxes: alert.boxes.clone(),
            frame_size: (alert.frame.width, alert.frame.height),
            layer: alert.layer_idx.map(|idx| idx.saturating_add(1)),
            text: alert.text.clone(),
            curve: looks.curve(),
            before: alert.before.clone(),
            why: why(&alert.reasons),
            place: alert.reasons.place,
            reasons: Some(alert.reasons.clone()),
        })
    }
}

fn is_recent(then: Option<Millis>, now: Now) -> bool {
    then.is_some_and(|then| now.mono_ms.saturating_sub(then) < COOLDOWN_MS)
}

/// Logs the alert and tells people outside the window.
fn say(kind: Kind, text: &str, frame: FrameId, out: &mut Out) {
    let (title, says, notice, notice_title) = match kind {
        Kind::Paused => (
            "Possible failure, print is being paused",
            format!("{text} Say what you see: resume, or cancel the print."),
            NoticeKind::FailurePaused,
            "possible failure, print is being paused",
        ),
        Kind::Alert => (
            "Possible failure",
            format!("{text} The print goes on. Have a look, and say what you see."),
            NoticeKind::FailureAlert,
            "possible failure",
        ),
    };
    let entry = Entry::new(EventType::FailureAlerted, EventClass::Error, title)
        .text(says.clone())
        .by(Initiator::Detection)
        .picture(frame);
    out.log(entry);
    out.notify_with(notice, notice_title, says, frame);
}
