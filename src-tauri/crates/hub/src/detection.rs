//! Failure detection: which looks count, what the rules remember of them, what is recorded.

use crate::facts::{Facts, PrintFacts};
use crate::message::Message;
use crate::out::Out;
use crate::recent_looks::RecentLooks;
use crate::scale::ScaleState;
use crate::why::obico_reasons;
use domain::{
    CameraId, Effect, HeatLook, KeepWhy, Look, LookRow, Millis, Now, Place, PredictionState, PrintId,
    PrinterState, Reasons, Rule, View, Write,
};
use verdict::{MIN_INTERVAL_MILLIS, PrintvigilRule, Seen, Stage, Tuning};

/// The computer may spend this share of a core on looking at one printer.
const BUSY_SHARE: f64 = 0.125;
/// Steps of the pace, milliseconds; a look a second at most, one in ten seconds at least.
const PACES_MS: [Millis; 5] = [1_000, 2_000, 3_000, 5_000, MIN_INTERVAL_MILLIS];

/// What the rules remember, of this print and of all before.
#[derive(Debug)]
pub(crate) struct Detection {
    /// What Obico's rule remembers of the printer.
    prediction: PredictionState,
    /// Our rule's memory of the print under way.
    ours: PrintvigilRule,
    /// The scale of the camera of the print under way.
    scale: ScaleState,
    /// Why the rule that decides said what it said about the last look.
    reasons: Option<Reasons>,
    looks: RecentLooks,
    /// A look counts for Obico's rule when its frame was taken this long after: the last that counted, or the start.
    counted_ms: Millis,
    /// What a look takes, milliseconds of real time, smoothed.
    look_ms: f64,
}

/// A look that may count: its score is bent as the printer's settings say, and usable.
pub(crate) struct Bent<'a> {
    look: &'a Look,
    bend: f64,
    p: f64,
}

impl<'a> Bent<'a> {
    /// Returns `None` for a look without a usable score.
    pub(crate) fn of(look: &'a Look, facts: &Facts<'_>) -> Option<Self> {
        let bend = facts.settings.detection_bending_factor.unwrap_or(1.0);
        let p = look.p * bend;
        if !p.is_finite() || p < 0.0 {
            tracing::warn!(printer = %facts.settings.id, p, "a look without a usable score was ignored");
            return None;
        }
        Some(Self { look, bend, p })
    }
}

impl Detection {
    pub(crate) fn new(prediction: PredictionState, now: Now) -> Self {
        Self {
            prediction,
            ours: PrintvigilRule::default(),
            scale: ScaleState::default(),
            reasons: None,
            looks: RecentLooks::default(),
            counted_ms: now.mono_ms,
            look_ms: 0.0,
        }
    }

    pub(crate) fn prediction(&self) -> PredictionState {
        self.prediction
    }

    pub(crate) fn looks(&self) -> &RecentLooks {
        &self.looks
    }

    /// Returns why the rule that decides said what it said about the last look of this print.
    pub(crate) fn reasons(&self) -> Option<&Reasons> {
        self.reasons.as_ref()
    }

    /// A print begins: of the one before, Obico's rule remembers its means alone.
    pub(crate) fn print_begins(&mut self, now: Now, out: &mut Out) {
        self.forget_print(now);
        self.begin_means(now, out);
    }

    /// The print has ended: what its calm minutes showed of its camera is kept. `small`: the picture of its scene.
    pub(crate) fn print_over(&mut self, print: PrintId, small: Option<Vec<u8>>, now: Now, out: &mut Out) {
        if let Some(taught) = self.scale.taught(&self.ours, small) {
            out.record(Write::Taught(print, Box::new(taught)));
        }
        self.forget_print(now);
    }

    fn forget_print(&mut self, now: Now) {
        *self = Self { look_ms: self.look_ms, ..Self::new(self.prediction, now) };
    }

    /// Obico's rule begins its short means anew.
    pub(crate) fn begin_means(&mut self, now: Now, out: &mut Out) {
        verdict::begin_print(&mut self.prediction, now.utc);
        out.record(Write::Prediction(self.prediction));
    }

    /// An alert was answered so: what is seen is no failure.
    pub(crate) fn accept_scene(&mut self) {
        self.ours.accept();
    }

    /// The print teaches nothing of its camera.
    pub(crate) fn spoil_scale(&mut self) {
        self.scale.spoil();
    }

    /// What was learnt of a camera does not hold any more, in the running print either.
    pub(crate) fn forget_scale_of(&mut self, camera: CameraId, facts: &Facts<'_>) {
        if facts.settings.camera == Some(camera) {
            self.ours.forget_scale();
        }
    }

    /// Closer looks are to follow what is new on the bed, where that is known.
    pub(crate) fn follow(&mut self, newest: Option<(f32, f32)>) {
        self.ours.newest(newest);
    }

    /// Returns how often frames are to be analysed: as often as the computer has room for, by the time that the last
    /// look took. Obico's rule counts one frame in ten seconds, so it is never shown more.
    pub(crate) fn pace_ms(&self, facts: &Facts<'_>) -> Millis {
        if facts.settings.watch.rule == Rule::Obico {
            return MIN_INTERVAL_MILLIS;
        }
        // What a look takes is real time; the pace is of the printer's clock.
        let wanted = self.look_ms * facts.clock_scale() / BUSY_SHARE;
        let slowest = PACES_MS[PACES_MS.len() - 1];
        PACES_MS.into_iter().find(|&pace| pace as f64 >= wanted).unwrap_or(slowest)
    }

    /// Returns what the next look is to be at. Obico's rule knows whole pictures only.
    pub(crate) fn next_view(&self, facts: &Facts<'_>) -> View {
        match facts.settings.watch.rule {
            Rule::Printvigil if facts.print.is_some() => self.ours.next_view(),
            Rule::Printvigil | Rule::Obico => View::Whole,
        }
    }

    /// A frame was analysed that counts: the print is watched, and the frame is newer than all before.
    ///
    /// Obico's rule, and the records that it fills, take a frame only ten seconds or more after the last one.
    pub(crate) fn on_look(&mut self, seen: &Bent<'_>, facts: &Facts<'_>, out: &mut Out) {
        let Some(print) = facts.print else { return };
        let Bent { look, p, .. } = *seen;
        self.meet_camera(seen, print.id, facts, out);
        // Slowly, so that one slow look does not change the pace.
        self.look_ms += (f64::from(look.total_ms) - self.look_ms) * 0.1;
        let ours = self.judge(seen, print, facts, out);
        let due = look.frame.taken.mono_ms >= self.counted_ms.saturating_add(MIN_INTERVAL_MILLIS);
        // A part of a picture is nothing that Obico's rule knows.
        let on_the_beat = due && look.view == View::Whole;
        let obico = on_the_beat.then(|| self.judge_as_obico(seen, ours.ignored, facts));
        let reasons = match facts.settings.watch.rule {
            Rule::Printvigil => Some(ours),
            Rule::Obico => obico,
        };
        if let Some(reasons) = &reasons {
            self.reasons = Some(reasons.clone());
            self.looks.remember(look, p, reasons.gauge);
        }
        let row = on_the_beat.then(|| self.row(look, p, print));
        if let Some(reasons) = reasons {
            let (frame, boxes) = (look.frame, look.boxes.clone());
            out.ask(Message::Verdict { reasons: Box::new(reasons), frame, boxes });
        }
        if on_the_beat && p > verdict::SUSPICIOUS_ABOVE {
            out.ask(Message::Keep(look.frame, KeepWhy::Suspicious));
        }
        if due {
            out.ask(Message::Film(look.frame));
        }
        if let Some(row) = row {
            out.record(Write::Look(Box::new(row)));
            out.record(Write::Prediction(self.prediction));
        }
    }

    /// Puts a look through our rule, and has it kept.
    fn judge(&mut self, seen: &Bent<'_>, print: PrintFacts, facts: &Facts<'_>, out: &mut Out) -> Reasons {
        let Bent { look, bend, p } = *seen;
        if let Some(camera) = facts.camera() {
            self.ours.ignore(&camera.ignore);
        }
        if let Some(scene) = &look.scene {
            self.ours.picture(&scene.small);
        }
        let taken_ms = look.frame.taken.mono_ms;
        let stage = stage(print, facts);
        let ours = self.ours.look(
            Seen {
                at_ms: taken_ms,
                p,
                view: look.view,
                cells: &look.cells,
                columns: look.cell_columns,
                calibration: look.calibration.as_deref().map(|calibration| (calibration, bend)),
                stage,
            },
            tuning(facts),
        );
        out.effect(Effect::KeepLook(Box::new(HeatLook {
            print: print.id,
            at_ms: u32::try_from(taken_ms.saturating_sub(print.started_ms)).unwrap_or(u32::MAX),
            frame: look.frame.id,
            p: p as f32,
            counted: ours.counted as f32,
            before: stage == Stage::Before,
            view: look.view,
            columns: look.cell_columns,
            cells: look.cells.clone(),
        })));
        ours
    }

    /// Puts a look through Obico's rule.
    fn judge_as_obico(&mut self, seen: &Bent<'_>, ignored: f64, facts: &Facts<'_>) -> Reasons {
        let taken = seen.look.frame.taken;
        self.counted_ms = taken.mono_ms;
        let sensitivity = facts.settings.detective_sensitivity;
        // What lies in an ignored area counts for neither rule.
        let p = seen.p * (1.0 - ignored).powi(2);
        let zone = verdict::look(&mut self.prediction, p, sensitivity, taken.utc).zone();
        let thresholds = verdict::thresholds(&self.prediction, sensitivity);
        obico_reasons(&self.prediction, thresholds, zone, ignored, place_of(seen.look))
    }

    /// At the first look with a camera, the rule takes what is known of it.
    fn meet_camera(&mut self, seen: &Bent<'_>, print: PrintId, facts: &Facts<'_>, out: &mut Out) {
        let camera = seen.look.frame.camera;
        if self.scale.has_met(camera) {
            return;
        }
        let known = facts.world.camera(Some(camera)).and_then(|seen| seen.scale.clone());
        if let Some(scale) = self.scale.meet(&mut self.ours, seen.look, known, print, seen.bend) {
            out.record(Write::Scale(Box::new(scale)));
        }
    }

    fn row(&self, look: &Look, p: f64, print: PrintFacts) -> LookRow {
        LookRow {
            print: print.id,
            frame: look.frame.id,
            taken_at: look.frame.taken.utc,
            probability: look.probability,
            p,
            state: self.prediction,
            boxes: look.boxes.clone(),
            line: print.line,
            layer_idx: print.layer_idx,
        }
    }
}

/// Returns what a person set about our rule.
fn tuning(facts: &Facts<'_>) -> Tuning {
    Tuning { sensitivity: facts.settings.detective_sensitivity, threshold: facts.settings.watch.threshold }
}

/// Returns whether anything of the print can lie on the bed yet.
pub(crate) fn stage(print: PrintFacts, facts: &Facts<'_>) -> Stage {
    if facts.state() == PrinterState::Heating && print.layer_idx.is_none_or(|idx| idx == 0) {
        Stage::Before
    } else {
        Stage::Printing
    }
}

/// The best box as a place in the picture.
fn place_of(look: &Look) -> Option<Place> {
    let (width, height) = (look.frame.width.max(1) as f32, look.frame.height.max(1) as f32);
    let area = look.boxes.first()?.area;
    Some(Place { x: area.x / width, y: area.y / height, w: area.w / width, h: area.h / height })
}
