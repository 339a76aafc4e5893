//! Frames and looks: handed to the parts that see to them.

use super::PrinterSession;
use crate::detection::Bent;
use crate::step::StepContext;
use domain::{CameraId, FrameInfo, Look, Scene};

impl PrinterSession {
    /// A frame came: some are kept for the film, while lines are executed.
    pub(crate) fn on_frame(&mut self, frame: &FrameInfo, cx: &mut StepContext<'_>) {
        cx.only_time = true;
        if self.printer().camera == Some(frame.camera) {
            self.print.film(frame, &facts!(self, cx), &mut cx.out);
        }
    }

    /// A frame was analysed.
    ///
    /// It counts when the print is to be watched and is printing. A frame that was seen before is no sign of life.
    pub(crate) fn on_look(&mut self, look: &Look, cx: &mut StepContext<'_>) {
        let facts = facts!(self, cx);
        if look.drill {
            return self.drills.on_look(look, &facts, &mut cx.out);
        }
        if facts.settings.camera != Some(look.frame.camera) || facts.not_watching().is_some() {
            return;
        }
        let Some(bent) = Bent::of(look, &facts) else { return };
        if let Some(scene) = &look.scene {
            self.on_scene(scene, look, cx);
        }
        if self.watchdog.on_frame(look.frame.taken, cx.now) {
            let trouble = self.scene.trouble();
            self.first_layers.on_look(look, trouble, &facts!(self, cx), &mut cx.out);
            self.detection.follow(self.first_layers.newest());
            self.detection.on_look(&bent, &facts!(self, cx), &mut cx.out);
        }
    }

    /// A frame could not be analysed. Whether that matters is told by the looks that do not come.
    pub(crate) fn on_not_analysed(&mut self, why: String, cx: &mut StepContext<'_>) {
        if facts!(self, cx).not_watching().is_none() {
            self.watchdog.on_not_analysed(why);
        }
    }

    fn on_scene(&mut self, scene: &Scene, look: &Look, cx: &mut StepContext<'_>) {
        self.scene.on_scene(scene, look.frame.taken.mono_ms, &facts!(self, cx), &mut cx.out);
        self.route(cx);
    }

    /// What was learnt of a camera does not hold any more.
    pub(crate) fn forget_scale_of(&mut self, camera: CameraId, cx: &mut StepContext<'_>) {
        self.detection.forget_scale_of(camera, &facts!(self, cx));
    }

    /// A camera is gone.
    pub(crate) fn forget_camera(&mut self, camera: CameraId, cx: &mut StepContext<'_>) {
        self.settings.forget_camera(camera, &mut cx.out);
    }
}
