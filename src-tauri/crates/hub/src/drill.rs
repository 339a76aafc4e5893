//! The fire drill: a sample failure goes the whole way from picture to alert, and on the demo to the pause.
//!
//! **Invariant:** a drill never touches a real printer, never enters a print's record or the rule's memory, and never
//! takes the camera's frames away from the watch.

use crate::facts::Facts;
use crate::message::{Message, PauseBy};
use crate::out::{Entry, Out};
use crate::refusal::refusal;
use domain::{
    DrillPictures, DrillView, Effect, EventClass, EventType, GaugeZone, Initiator, Look, Millis, NoticeKind,
    PrinterKind, PrinterState, Refusal, StepView, Timestamp,
};
use verdict::{PrintvigilRule, Seen, Stage, Tuning};

/// A drill takes some 50 s, the pause of the demo's printer some more; after this it has failed.
const PATIENCE_SECS: f64 = 120.0;

/// Drills of one printer.
#[derive(Debug, Default)]
pub(crate) struct Drills {
    /// The one under way, or the last one.
    drill: Option<Drill>,
}

#[derive(Debug)]
struct Drill {
    started_at: Timestamp,
    started_ms: Millis,
    rule: PrintvigilRule,
    /// The best score of the sample.
    seen_p: Option<f64>,
    alerted: bool,
    pause: DrillPause,
    over: Option<Outcome>,
}

/// What becomes of the pause in a drill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DrillPause {
    /// A real printer, or nothing is printed: no pause is rehearsed.
    NotRehearsed,
    Awaited,
    Ordered,
    Confirmed,
}

#[derive(Debug)]
struct Outcome {
    passed: bool,
    text: String,
}

impl Drills {
    /// Returns whether a drill can begin.
    pub(crate) fn can_begin(&self, facts: &Facts<'_>) -> bool {
        self.drill.as_ref().is_none_or(|drill| drill.over.is_some()) && !facts.alert_open
    }

    /// Begins a drill, as a person asks.
    pub(crate) fn begin(&mut self, facts: &Facts<'_>, out: &mut Out) -> Result<(), Refusal> {
        if facts.alert_open {
            let why = "a real alert waits for your answer";
            return Err(refusal("busy", why, "Answer it first, then rehearse."));
        }
        if !self.can_begin(facts) {
            return Err(refusal("busy", "a fire drill is under way", "Wait until it is over."));
        }
        let rehearses = facts.settings.kind == PrinterKind::Demo && facts.state() == PrinterState::Printing;
        self.drill = Some(Drill {
            started_at: facts.now.utc,
            started_ms: facts.now.mono_ms,
            rule: PrintvigilRule::without_grace(),
            seen_p: None,
            alerted: false,
            pause: if rehearses { DrillPause::Awaited } else { DrillPause::NotRehearsed },
            over: None,
        });
        out.effect(Effect::Drill(facts.settings.id, DrillPictures::Sample));
        Ok(())
    }

    /// The detector looked at the sample.
    pub(crate) fn on_look(&mut self, look: &Look, facts: &Facts<'_>, out: &mut Out) {
        let Some(drill) = self.drill.as_mut().filter(|drill| drill.over.is_none()) else { return };
        drill.seen_p = Some(drill.seen_p.unwrap_or(0.0).max(look.p));
        let seen = Seen {
            at_ms: look.frame.taken.mono_ms,
            p: look.p,
            view: look.view,
            cells: &look.cells,
            columns: look.cell_columns,
            // The sample is of no camera.
            calibration: None,
            stage: Stage::Printing,
        };
        let zone = drill.rule.look(seen, Tuning::default()).verdict;
        if zone != GaugeZone::Fine && !drill.alerted {
            drill.alerted = true;
            let text = "This is a rehearsal: a sample picture of a failure went through the watch, and here is its alert. Nothing is wrong with your print.";
            let entry =
                Entry::new(EventType::FailureAlerted, EventClass::Info, "Fire drill: the alert works");
            out.log(entry.text(text).by(Initiator::Person));
            out.notify(NoticeKind::Drill, "fire drill, this is only a rehearsal", text);
        }
        if zone == GaugeZone::Pause {
            drill.rehearse_pause(facts, out);
        }
    }

    /// Ends a drill that is done, or that takes too long.
    pub(crate) fn settle(&mut self, facts: &Facts<'_>, out: &mut Out) {
        let Some(drill) = self.drill.as_mut().filter(|drill| drill.over.is_none()) else { return };
        if drill.pause == DrillPause::Ordered && facts.reported_state() == PrinterState::Paused {
            drill.pause = DrillPause::Confirmed;
            let text = "All of it works: the picture was seen, the alert came, and the demo printer paused. Press Resume to go on.";
            drill.end(true, text.into(), facts, out);
        } else if facts.now.mono_ms.saturating_sub(drill.started_ms) >= facts.patience_ms(PATIENCE_SECS) {
            drill.end(false, drill.failed_words(facts), facts, out);
        }
    }

    pub(crate) fn view(&self) -> Option<DrillView> {
        let drill = self.drill.as_ref()?;
        let step = |label: &str, detail: String, done| StepView { label: label.into(), detail, done };
        let score = drill.seen_p.map(|p| format!("score {p:.2}")).unwrap_or_default();
        let mut steps = vec![
            step("Sample failure shown to the detector", score, drill.seen_p.is_some()),
            step("Alert raised and told", String::new(), drill.alerted),
        ];
        match drill.pause {
            DrillPause::NotRehearsed => (),
            DrillPause::Awaited => steps.push(step("Demo printer paused", String::new(), false)),
            DrillPause::Ordered => steps.push(step("Demo printer paused", "ordered".into(), false)),
            DrillPause::Confirmed => steps.push(step("Demo printer paused", "confirmed".into(), true)),
        }
        Some(DrillView {
            started_at: drill.started_at,
            steps,
            over: drill.over.is_some(),
            passed: drill.over.as_ref().is_some_and(|over| over.passed),
            text: drill.over.as_ref().map(|over| over.text.clone()).unwrap_or_default(),
        })
    }
}

impl Drill {
    fn rehearse_pause(&mut self, facts: &Facts<'_>, out: &mut Out) {
        match self.pause {
            DrillPause::NotRehearsed => {
                let text = if facts.settings.kind == PrinterKind::Demo {
                    "The alert works. Start a print on the demo printer to rehearse the pause, too."
                } else {
                    "The alert works. In a real failure the print would now be paused; a rehearsal never touches your printer."
                };
                self.end(true, text.into(), facts, out);
            }
            // Only ever on the demo, and once.
            DrillPause::Awaited if facts.state() == PrinterState::Printing => {
                self.pause = DrillPause::Ordered;
                out.ask(Message::Pause(PauseBy::Drill));
            }
            DrillPause::Awaited => {
                let text = "The alert works. The demo print was not printing any more, so the pause was not rehearsed.";
                self.end(true, text.into(), facts, out);
            }
            DrillPause::Ordered | DrillPause::Confirmed => (),
        }
    }

    /// Says how far a drill came that takes too long.
    fn failed_words(&self, facts: &Facts<'_>) -> String {
        match (self.seen_p, self.alerted) {
            (None, _) => match &facts.world.detector {
                Some(Err(why)) => format!("The picture was never looked at. {why}"),
                Some(Ok(_)) | None => {
                    "The picture was never looked at: the detector did not answer. Start Printvigil again."
                        .into()
                }
            },
            (Some(p), false) => format!(
                "The picture was looked at (p {p:.2}), and no alert came: this model does not know the sample as a failure. Choose the built-in model in the settings."
            ),
            (Some(_), true) => {
                "The alert came, but the pause was not confirmed in time. Have a look at the printer.".into()
            }
        }
    }

    fn end(&mut self, passed: bool, text: String, facts: &Facts<'_>, out: &mut Out) {
        self.over = Some(Outcome { passed, text: text.clone() });
        out.effect(Effect::Drill(facts.settings.id, DrillPictures::Camera));
        if !passed {
            let entry = Entry::new(EventType::WatchLost, EventClass::Warning, "Fire drill failed");
            out.log(entry.text(text.clone()));
            out.notify(NoticeKind::Drill, "fire drill failed", text);
        }
    }
}
