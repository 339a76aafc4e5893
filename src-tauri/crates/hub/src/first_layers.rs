//! The first layers: told when nothing new is seen on the bed, where a person wants that. It alerts and never pauses.

use crate::detection::stage;
use crate::facts::{Facts, PrintFacts};
use crate::message::Message;
use crate::out::{Entry, Out};
use crate::why::TroubleWords;
use domain::{AlarmKind, EventClass, EventType, Initiator, KeepWhy, Look, NoticeKind};
use verdict::{FirstLayers, Laying, NothingNew};

/// Watches the first layers of the print under way.
#[derive(Debug, Default)]
pub(crate) struct FirstLayerWatch {
    layers: FirstLayers,
}

impl FirstLayerWatch {
    pub(crate) fn print_begins(&mut self) {
        *self = Self::default();
    }

    /// Returns where something new lies on the bed, 0 to 1 each way.
    pub(crate) fn newest(&self) -> Option<(f32, f32)> {
        self.layers.newest()
    }

    /// Takes in what a look's picture is like. `trouble`: what is wrong with it; a picture that shows nothing says nothing
    /// of the bed, and is told as such.
    pub(crate) fn on_look(
        &mut self,
        look: &Look,
        trouble: Option<TroubleWords>,
        facts: &Facts<'_>,
        out: &mut Out,
    ) {
        if !facts.settings.watch.first_layer {
            return *self = Self::default();
        }
        let (Some(print), None, Some(scene)) = (facts.print, trouble, &look.scene) else { return };
        if let Some(camera) = facts.camera() {
            self.layers.ignore(&camera.ignore);
        }
        let Some(nothing) = self.layers.picture(&scene.colours, laying(look, print, facts)) else { return };
        let text = words(nothing);
        out.ask(Message::Keep(look.frame, KeepWhy::Alert));
        let entry =
            Entry::new(EventType::FirstLayer, EventClass::Warning, "First layers: nothing new is seen");
        out.log(entry.text(text.clone()).by(Initiator::Detection).picture(look.frame.id));
        let title = "nothing new is seen on the bed";
        out.notify_with(NoticeKind::FirstLayer, title, text.clone(), look.frame.id);
        out.raise(AlarmKind::FirstLayer, text);
    }
}

fn laying(look: &Look, print: PrintFacts, facts: &Facts<'_>) -> Laying {
    let job = facts.report().and_then(|report| report.job.as_ref()).filter(|job| job.print == print.id);
    Laying {
        at_ms: look.frame.taken.mono_ms,
        stage: stage(print, facts),
        filament_mm: job.map_or(0.0, |job| job.filament_mm),
        layer_idx: print.layer_idx,
    }
}

/// Says what is so, and what to do.
fn words(nothing: NothingNew) -> String {
    let minutes = (nothing.for_secs / 60.0).floor().max(1.0);
    let for_long =
        if minutes < 2.0 { "for a minute".to_owned() } else { format!("for {minutes:.0} minutes") };
    format!(
        "First layers: nothing new is seen on the bed {for_long}, though by the file {:.0} cm of filament should \
         have come to lie on it. The print goes on. Look at it: filament may not stick, or not come out. If all is well, the \
         camera sees too little of it.",
        nothing.filament_mm / 10.0
    )
}
