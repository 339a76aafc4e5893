//! Frames and looks: which count, what is recorded, which pictures are kept.

use crate::outlet::Outlet;
use crate::watch::PrintWatch;
use domain::{Detection, FrameId, FrameInfo, KeepWhy, Look, LookRow, Now, Timestamp, Write};

/// Looks remembered for the curve and for the frames before an alert: five minutes of them.
const REMEMBERED: usize = 30;

/// What is remembered of a look.
#[derive(Debug, Clone)]
pub(crate) struct SeenLook {
    pub(crate) frame: FrameId,
    pub(crate) taken: Now,
    pub(crate) p: f64,
    pub(crate) probability: f64,
    pub(crate) normalized_p: f64,
    pub(crate) boxes: Vec<Detection>,
    pub(crate) frame_size: (u32, u32),
    pub(crate) total_ms: f32,
    pub(crate) inference_ms: f32,
}

impl SeenLook {
    pub(crate) fn taken_at(&self) -> Timestamp {
        self.taken.utc
    }
}

impl PrintWatch {
    /// A frame came: one in ten seconds is kept for the film, while lines are executed.
    pub(crate) fn on_frame(&mut self, frame: &FrameInfo, out: &mut Outlet<'_>) {
        if self.settings.camera == Some(frame.camera) {
            self.film(frame, out);
        }
    }

    fn film(&mut self, frame: &FrameInfo, out: &mut Outlet<'_>) {
        let printing = self.prints_now();
        let Some(running) = self.running.as_mut().filter(|_| printing) else { return };
        let taken = frame.taken.mono_ms;
        let due =
            running.filmed_ms.is_none_or(|last| taken.saturating_sub(last) >= verdict::MIN_INTERVAL_MILLIS);
        if due {
            running.filmed_ms = Some(taken);
            self.keep(frame, KeepWhy::Film, out);
        }
    }

    /// A frame was analysed.
    ///
    /// It counts when the print is to be watched, is printing, and the frame was taken ten seconds or more after the
    /// last that counted. A look that came too early is still a sign that the watch lives, if its frame is a new one.
    pub(crate) fn on_look(&mut self, look: &Look, out: &mut Outlet<'_>) {
        if self.settings.camera != Some(look.frame.camera) || self.not_watching(out.world).is_some() {
            return;
        }
        let factor = self.settings.detection_bending_factor.unwrap_or(1.0);
        let p = look.p * factor;
        if !p.is_finite() || p < 0.0 {
            tracing::warn!(printer = %self.settings.id, p, "a look without a usable score was ignored");
            return;
        }
        let taken = look.frame.taken;
        if !self.vigilance.hear(taken, out.now) {
            return;
        }
        let Some(running) = self.running.as_mut() else { return };
        if taken.mono_ms < running.counted_ms.saturating_add(verdict::MIN_INTERVAL_MILLIS) {
            return;
        }
        running.counted_ms = taken.mono_ms;
        let sensitivity = self.settings.detective_sensitivity;
        let verdict = verdict::look(&mut self.prediction, p, sensitivity, taken.utc);
        if running.looks.len() == REMEMBERED {
            running.looks.pop_front();
        }
        running.looks.push_back(SeenLook {
            frame: look.frame.id,
            taken,
            p,
            probability: look.probability,
            normalized_p: self.prediction.normalized_p,
            boxes: look.boxes.clone(),
            frame_size: (look.frame.width, look.frame.height),
            total_ms: look.total_ms,
            inference_ms: look.inference_ms,
        });
        let row = LookRow {
            print: running.print.id,
            frame: look.frame.id,
            taken_at: taken.utc,
            probability: look.probability,
            p,
            state: self.prediction,
            boxes: look.boxes.clone(),
            line: running.line(),
            layer_idx: running.layer_idx(),
        };
        self.decide(verdict, look, out);
        if p > verdict::SUSPICIOUS_ABOVE {
            self.keep(&look.frame, KeepWhy::Suspicious, out);
        }
        self.film(&look.frame, out);
        out.record(Write::Look(Box::new(row)));
        out.record(Write::Prediction(self.prediction));
    }
}
