//! From verdict to pause or alert, and the answers. Obico's rules, with two differences that are settings.

use crate::looks::SeenLook;
use crate::outlet::{Entry, Outlet};
use crate::watch::{PrintWatch, Want};
use domain::{
    ActionOnFailure, AlertOverwrite, Decision, Detection, Effect, EventClass, EventType, FrameAnswer,
    FrameFeedback, FrameId, FrameInfo, GaugeZone, Initiator, KeepWhy, Look, Millis, NoticeKind, Order,
    PauseRecipe, PrinterState, Reasons, Timestamp, Write,
};

/// After an alert, and after an answer to one, this much must pass before the next, milliseconds.
const COOLDOWN_MS: Millis = 90_000;

/// An alert that waits for an answer.
#[derive(Debug, Clone)]
pub(crate) struct Alert {
    pub(crate) at: Timestamp,
    pub(crate) paused: bool,
    pub(crate) frame: FrameInfo,
    pub(crate) boxes: Vec<Detection>,
    pub(crate) layer_idx: Option<u32>,
    pub(crate) text: String,
    pub(crate) before: Vec<FrameId>,
    pub(crate) reasons: Reasons,
}

/// Whether an alert comes with a pause.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Paused,
    Alert,
}

impl PrintWatch {
    /// Acts on the verdict about a look that counted.
    pub(crate) fn decide(&mut self, reasons: Reasons, look: &Look, out: &mut Outlet<'_>) {
        match reasons.verdict {
            GaugeZone::Fine => (),
            GaugeZone::Alert => self.alert_unless_suppressed(reasons, look, out),
            GaugeZone::Pause => {
                let armed = self.running.as_ref().is_some_and(|running| running.may_pause);
                if self.settings.action_on_failure != ActionOnFailure::Pause || !armed {
                    self.alert_unless_suppressed(reasons, look, out);
                } else {
                    self.pause_by_detection(reasons, look, out);
                }
            }
        }
    }

    fn pause_by_detection(&mut self, reasons: Reasons, look: &Look, out: &mut Outlet<'_>) {
        match self.state() {
            PrinterState::Heating | PrinterState::Printing | PrinterState::Resuming => (),
            // A pause is on its way already, or comes too late.
            PrinterState::Pausing | PrinterState::Finishing => {
                return self.alert_unless_suppressed(reasons, look, out);
            }
            PrinterState::Cancelling
            | PrinterState::Paused
            | PrinterState::Offline
            | PrinterState::Connecting
            | PrinterState::Operational
            | PrinterState::LinkLost
            | PrinterState::Halted => return,
        }
        let recipe = self.pause_recipe();
        let Some(running) = self.running.as_mut() else { return };
        // Somebody has just answered: nothing at all, not even an alert.
        if running.acknowledged_ms.is_some_and(|then| out.now.mono_ms.saturating_sub(then) < COOLDOWN_MS) {
            return;
        }
        running.may_pause = false;
        running.paused_by_watch = true;
        running.pause_confirmed = false;
        running.print.paused_at = Some(out.now.utc);
        self.want(Want::Pause, out.now);
        out.order(self, Order::Pause(recipe, Initiator::Detection));
        self.alert_now(reasons, look, Kind::Paused, out);
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

    /// One alert until somebody answers it, and never two within 90 seconds.
    fn alert_unless_suppressed(&mut self, reasons: Reasons, look: &Look, out: &mut Outlet<'_>) {
        let Some(running) = &self.running else { return };
        let too_soon =
            running.alerted_ms.is_some_and(|then| out.now.mono_ms.saturating_sub(then) < COOLDOWN_MS);
        if self.state() == PrinterState::Cancelling || too_soon || running.unanswered {
            return;
        }
        self.alert_now(reasons, look, Kind::Alert, out);
    }

    fn alert_now(&mut self, reasons: Reasons, look: &Look, kind: Kind, out: &mut Outlet<'_>) {
        let Some(running) = self.running.as_mut() else { return };
        let taken = look.frame.taken;
        let minute = running.looks.iter().filter(|seen| taken.since(seen.taken) <= 60_000);
        let text = seen_words(minute.clone());
        let before = thinned(minute.map(|seen| seen.frame).filter(|frame| *frame != look.frame.id).collect());
        running.print.alerted_at = Some(out.now.utc);
        running.alerted_ms = Some(out.now.mono_ms);
        running.unanswered = true;
        running.alert = Some(Alert {
            at: out.now.utc,
            paused: kind == Kind::Paused,
            frame: look.frame,
            boxes: look.boxes.clone(),
            layer_idx: running.layer_idx(),
            text: text.clone(),
            before,
            reasons: reasons.clone(),
        });
        let print = running.print.clone();
        self.keep(&look.frame, KeepWhy::Alert, out);
        let (printer, frame) = (self.settings.id, look.frame);
        out.effects.push(Effect::Evidence { printer, print: print.id, frame });
        let decision = Decision {
            print: print.id,
            frame: look.frame.id,
            at: out.now.utc,
            paused: kind == Kind::Paused,
            reasons,
        };
        out.record(Write::Print(Box::new(print)));
        out.record(Write::Decision(Box::new(decision)));
        let (title, says, notice) = match kind {
            Kind::Paused => (
                "Possible failure, print is being paused",
                format!("{text} Say what you see: resume, or cancel the print."),
                NoticeKind::FailurePaused,
            ),
            Kind::Alert => (
                "Possible failure",
                format!("{text} The print goes on. Have a look, and say what you see."),
                NoticeKind::FailureAlert,
            ),
        };
        let entry = Entry::new(EventType::FailureAlerted, EventClass::Error, title)
            .text(says.clone())
            .by(Initiator::Detection)
            .picture(look.frame.id);
        out.log(self, entry);
        let notice_title = match kind {
            Kind::Paused => "possible failure, print is being paused",
            Kind::Alert => "possible failure",
        };
        out.notify_with(self, notice, notice_title, says, Some(look.frame.id));
    }

    /// Returns whether an alert waits for an answer.
    pub(crate) fn has_open_alert(&self) -> bool {
        self.running.as_ref().is_some_and(|running| running.unanswered)
    }

    /// Takes in the answer to an alert. Nothing happens when this print never had one.
    pub(crate) fn acknowledge(
        &mut self,
        answer: Option<AlertOverwrite>,
        by: Initiator,
        out: &mut Outlet<'_>,
    ) {
        let rearm = self.settings.watch.rearm_after_not_failed;
        let Some(running) = self.running.as_mut().filter(|r| r.print.alerted_at.is_some()) else { return };
        running.print.alert_acknowledged_at = Some(out.now.utc);
        running.print.alert_overwrite = answer;
        running.acknowledged_ms = Some(out.now.mono_ms);
        running.unanswered = false;
        let alerted = running.alert.take();
        let title = match answer {
            Some(AlertOverwrite::NotFailed) => {
                running.may_pause |= rearm;
                running.ours.accept();
                "Answered: not a failure"
            }
            Some(AlertOverwrite::Failed) => "Answered: it failed",
            None => "Alert seen, not decided",
        };
        let print = running.print.clone();
        if let Some(alerted) = alerted {
            out.record(Write::Feedback(Box::new(FrameFeedback {
                print: print.id,
                frame: alerted.frame.id,
                answer: match answer {
                    Some(AlertOverwrite::Failed) => FrameAnswer::Failure,
                    Some(AlertOverwrite::NotFailed) => FrameAnswer::Fine,
                    None => FrameAnswer::Unsure,
                },
                answered_at: out.now.utc,
            })));
        }
        out.record(Write::Print(Box::new(print)));
        out.log(self, Entry::new(EventType::Answered, EventClass::Info, title).by(by));
    }

    /// Switches alerts for this print off or on.
    pub(crate) fn mute(&mut self, mute: Mute, out: &mut Outlet<'_>) {
        let Some(running) = self.running.as_mut() else { return };
        let (muted_at, entry) = match mute {
            Mute::On => (
                Some(out.now.utc),
                Entry::new(EventType::AlertMuted, EventClass::Warning, "Watching muted for this print")
                    .text("This print is not watched any more. The next one is."),
            ),
            Mute::Off => (None, Entry::new(EventType::AlertUnmuted, EventClass::Info, "Watching unmuted")),
        };
        if running.print.alert_muted_at.is_some() == muted_at.is_some() {
            return;
        }
        running.print.alert_muted_at = muted_at;
        let print = running.print.clone();
        out.record(Write::Print(Box::new(print)));
        out.log(self, entry.by(Initiator::Person));
    }

    /// Has a frame written to disk, once for each reason that outranks the last.
    pub(crate) fn keep(&mut self, frame: &FrameInfo, why: KeepWhy, out: &mut Outlet<'_>) {
        let Some(running) = self.running.as_mut() else { return };
        if running.kept.is_some_and(|(id, kept)| id == frame.id && rank(kept) >= rank(why)) {
            return;
        }
        running.kept = Some((frame.id, why));
        running.has_frames = true;
        out.effects.push(Effect::KeepFrame {
            frame: *frame,
            print: running.print.id,
            why,
            line: running.line(),
            layer_idx: running.layer_idx(),
        });
    }
}

/// Whether watching is to be muted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mute {
    On,
    Off,
}

fn rank(why: KeepWhy) -> u8 {
    match why {
        KeepWhy::Film => 0,
        KeepWhy::Layer => 1,
        KeepWhy::Suspicious => 2,
        KeepWhy::Alert => 3,
    }
}

/// Frames of the minute before that are shown.
const SHOWN_BEFORE: usize = 12;

/// Returns evenly chosen frames, the newest among them.
fn thinned(frames: Vec<FrameId>) -> Vec<FrameId> {
    let step = frames.len().div_ceil(SHOWN_BEFORE).max(1);
    let last = frames.len().saturating_sub(1) % step;
    frames.into_iter().skip(last).step_by(step).collect()
}

/// "Seen 6 times in 60 seconds."
fn seen_words<'a>(looks: impl Iterator<Item = &'a SeenLook>) -> String {
    let (mut seen, mut first, mut last) = (0_u32, None, None);
    for look in looks.filter(|look| look.p > verdict::SUSPICIOUS_ABOVE) {
        seen += 1;
        first.get_or_insert(look.taken);
        last = Some(look.taken);
    }
    match (first, last) {
        (Some(first), Some(last)) if seen > 1 => {
            format!("Seen {seen} times in {} seconds.", last.since(first).div_ceil(1000))
        }
        (Some(_) | None, Some(_) | None) => "Seen just now.".into(),
    }
}
