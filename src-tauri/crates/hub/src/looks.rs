//! Frames and looks: which count, what is recorded, which pictures are kept.

use crate::film_pace::Room;
use crate::outlet::Outlet;
use crate::watch::PrintWatch;
use crate::why::obico_reasons;
use domain::{
    Detection, Effect, FrameId, FrameInfo, HeatLook, KeepWhy, Look, LookRow, Millis, Now, Place,
    PrinterState, Reasons, Rule, Timestamp, Write,
};
use verdict::{MIN_INTERVAL_MILLIS, Seen, Stage, Tuning};

/// What is remembered for the curve and for the frames before an alert: five minutes.
const REMEMBERED_MS: Millis = 300_000;
/// Looks remembered at most.
const REMEMBERED: usize = 400;
/// The computer may spend this share of a core on looking at one printer.
const BUSY_SHARE: f64 = 0.125;
/// Steps of the pace, milliseconds; a look a second at most, one in ten seconds at least.
const PACES_MS: [Millis; 5] = [1_000, 2_000, 3_000, 5_000, MIN_INTERVAL_MILLIS];

/// What is remembered of a look.
#[derive(Debug, Clone)]
pub(crate) struct SeenLook {
    pub(crate) frame: FrameId,
    pub(crate) taken: Now,
    pub(crate) p: f64,
    pub(crate) probability: f64,
    pub(crate) gauge: f64,
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
    /// A frame came: some are kept for the film, while lines are executed.
    pub(crate) fn on_frame(&mut self, frame: &FrameInfo, out: &mut Outlet<'_>) {
        if self.settings.camera == Some(frame.camera) {
            self.film(frame, out);
        }
    }

    fn film(&mut self, frame: &FrameInfo, out: &mut Outlet<'_>) {
        let printing = self.prints_now();
        let Some(running) = self.running.as_mut().filter(|_| printing) else { return };
        let layer = running.layer_idx();
        let Some(wanted) = running.film_pace.look(frame.taken.mono_ms, layer) else { return };
        let print = running.print.id;
        self.keep(frame, wanted.why, out);
        match wanted.room {
            Room::Enough => (),
            Room::MakeRoom => out.effects.push(Effect::ThinFrames(print)),
        }
    }

    /// Returns how often frames are to be analysed: as often as the computer has room for, by the time that the last
    /// look took. Obico's rule counts one frame in ten seconds, so it is never shown more.
    pub(crate) fn pace_ms(&self) -> Millis {
        if self.settings.watch.rule == Rule::Obico {
            return MIN_INTERVAL_MILLIS;
        }
        // What a look takes is real time; the pace is of the printer's clock.
        let wanted = self.look_ms * self.scale / BUSY_SHARE;
        let slowest = PACES_MS[PACES_MS.len() - 1];
        PACES_MS.into_iter().find(|&pace| pace as f64 >= wanted).unwrap_or(slowest)
    }

    /// A frame was analysed.
    ///
    /// It counts when the print is to be watched and is printing. A frame that was seen before is no sign of life.
    /// Obico's rule, and the records that it fills, take a frame only ten seconds or more after the last one.
    pub(crate) fn on_look(&mut self, look: &Look, out: &mut Outlet<'_>) {
        if look.drill {
            return self.on_drill_look(look, out);
        }
        if self.settings.camera != Some(look.frame.camera) || self.not_watching(out.world).is_some() {
            return;
        }
        let p = look.p * self.settings.detection_bending_factor.unwrap_or(1.0);
        if !p.is_finite() || p < 0.0 {
            tracing::warn!(printer = %self.settings.id, p, "a look without a usable score was ignored");
            return;
        }
        let taken = look.frame.taken;
        if let Some(scene) = &look.scene {
            self.see_scene(scene, taken.mono_ms, out);
        }
        if !self.vigilance.hear(taken, out.now) {
            return;
        }
        // Slowly, so that one slow look does not change the pace.
        self.look_ms += (f64::from(look.total_ms) - self.look_ms) * 0.1;
        let stage = self.stage();
        let tuning = self.tuning();
        let sensitivity = self.settings.detective_sensitivity;
        let rule = self.settings.watch.rule;
        let Some(running) = self.running.as_mut() else { return };
        if let Some(seen) = out.world.camera(self.settings.camera) {
            running.ours.ignore(&seen.ignore);
        }
        let seen = Seen { at_ms: taken.mono_ms, p, cells: &look.cells, columns: look.cell_columns, stage };
        let ours = running.ours.look(seen, tuning);
        out.effects.push(Effect::KeepLook(Box::new(HeatLook {
            print: running.print.id,
            at_ms: u32::try_from(taken.mono_ms.saturating_sub(running.started_ms)).unwrap_or(u32::MAX),
            frame: look.frame.id,
            p: p as f32,
            counted: ours.counted as f32,
            before: stage == Stage::Before,
            columns: look.cell_columns,
            cells: look.cells.clone(),
        })));
        let on_the_beat = taken.mono_ms >= running.counted_ms.saturating_add(MIN_INTERVAL_MILLIS);
        let mut obico = None;
        if on_the_beat {
            running.counted_ms = taken.mono_ms;
            // What lies in an ignored area counts for neither rule.
            let p = p * (1.0 - ours.ignored).powi(2);
            let says = verdict::look(&mut self.prediction, p, sensitivity, taken.utc).zone();
            let t = verdict::thresholds(&self.prediction, sensitivity);
            obico = Some(obico_reasons(&self.prediction, t, says, ours.ignored, place_of(look)));
        }
        let reasons = match rule {
            Rule::Printvigil => Some(ours),
            Rule::Obico => obico,
        };
        if let Some(reasons) = &reasons {
            self.remember(look, p, reasons);
        }
        let row = on_the_beat.then(|| self.look_row(look, p)).flatten();
        if let Some(reasons) = reasons {
            self.decide(reasons, look, out);
        }
        let Some(row) = row else { return };
        if p > verdict::SUSPICIOUS_ABOVE {
            self.keep(&look.frame, KeepWhy::Suspicious, out);
        }
        self.film(&look.frame, out);
        out.record(Write::Look(Box::new(row)));
        out.record(Write::Prediction(self.prediction));
    }

    /// Returns whether anything of the print can lie on the bed yet.
    fn stage(&self) -> Stage {
        let layer = self.running.as_ref().and_then(|running| running.layer_idx());
        if self.state() == PrinterState::Heating && layer.is_none_or(|idx| idx == 0) {
            Stage::Before
        } else {
            Stage::Printing
        }
    }

    /// Returns what a person set about our rule.
    pub(crate) fn tuning(&self) -> Tuning {
        Tuning { sensitivity: self.settings.detective_sensitivity, threshold: self.settings.watch.threshold }
    }

    fn remember(&mut self, look: &Look, p: f64, reasons: &Reasons) {
        let Some(running) = self.running.as_mut() else { return };
        let taken = look.frame.taken;
        let old = |seen: &SeenLook| taken.since(seen.taken) > REMEMBERED_MS;
        while running.looks.len() >= REMEMBERED || running.looks.front().is_some_and(old) {
            running.looks.pop_front();
        }
        running.reasons = Some(reasons.clone());
        running.looks.push_back(SeenLook {
            frame: look.frame.id,
            taken,
            p,
            probability: look.probability,
            gauge: reasons.gauge,
            boxes: look.boxes.clone(),
            frame_size: (look.frame.width, look.frame.height),
            total_ms: look.total_ms,
            inference_ms: look.inference_ms,
        });
    }

    fn look_row(&self, look: &Look, p: f64) -> Option<LookRow> {
        let running = self.running.as_ref()?;
        Some(LookRow {
            print: running.print.id,
            frame: look.frame.id,
            taken_at: look.frame.taken.utc,
            probability: look.probability,
            p,
            state: self.prediction,
            boxes: look.boxes.clone(),
            line: running.line(),
            layer_idx: running.layer_idx(),
        })
    }
}

/// The best box as a place in the picture.
fn place_of(look: &Look) -> Option<Place> {
    let (width, height) = (look.frame.width.max(1) as f32, look.frame.height.max(1) as f32);
    let area = look.boxes.first()?.area;
    Some(Place { x: area.x / width, y: area.y / height, w: area.w / width, h: area.h / height })
}
