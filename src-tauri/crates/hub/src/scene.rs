//! What the camera's pictures are like as pictures: dark, covered, frozen, blurred, or of another place.

use crate::facts::Facts;
use crate::message::Message;
use crate::out::{Entry, Out};
use crate::why::{TroubleWords, trouble_words};
use domain::{CameraTrouble, EventClass, EventType, Millis, NoticeKind, Scene, Write};
use verdict::{SceneTrouble, SceneWatch};

/// The pictures of the camera that a printer is watched with.
#[derive(Debug, Default)]
pub(crate) struct CameraScene {
    watch: SceneWatch,
}

impl CameraScene {
    /// Takes in what a picture is like; a camera that was moved or blurred is told of once.
    pub(crate) fn on_scene(&mut self, scene: &Scene, at_ms: Millis, facts: &Facts<'_>, out: &mut Out) {
        let before = self.watch.told();
        let after = self.watch.look(scene, at_ms);
        let Some(told) = after.filter(|_| after != before) else { return };
        let trouble = trouble_words(told);
        if told == SceneTrouble::Moved {
            // What was learnt of it says nothing of what it shows now.
            if let Some(camera) = facts.settings.camera {
                out.ask(Message::ForgetScaleOf(camera));
                out.record(Write::ForgetScale(camera));
            }
        } else {
            out.ask(Message::SpoilScale);
        }
        // What blinds detection is told as an outage.
        if !trouble.blinds {
            let text = format!("{} {}", trouble.text, trouble.cure);
            let entry = Entry::new(EventType::WatchLost, EventClass::Warning, "Camera trouble");
            out.log(entry.text(text.clone()));
            out.notify(NoticeKind::NotWatching, "have a look at the camera", text);
        }
    }

    /// Returns what is wrong with the pictures.
    pub(crate) fn trouble(&self) -> Option<TroubleWords> {
        self.watch.told().map(trouble_words)
    }

    /// Returns what makes detection blind.
    pub(crate) fn blinding(&self) -> Option<TroubleWords> {
        self.trouble().filter(|trouble| trouble.blinds)
    }

    /// Returns the small picture of the scene.
    pub(crate) fn small(&self) -> Option<Vec<u8>> {
        self.watch.small()
    }

    pub(crate) fn view(&self) -> Option<CameraTrouble> {
        self.trouble().map(|words| CameraTrouble {
            kind: words.kind.into(),
            text: words.text.into(),
            cure: words.cure.into(),
        })
    }
}
