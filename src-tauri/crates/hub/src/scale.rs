//! The scale of the camera that a printer is watched with: taken at a print's first look, taught at its end, told to
//! people.

use domain::{CameraId, CameraScale, LearntView, Look, PrintId, PrintScale};
use verdict::PrintvigilRule;

/// Good pictures whose hottest cells lie lower than a usual camera's by more than this are calm, and those that lie
/// higher by more are lively, hundredths of a logit.
const AS_USUAL: i16 = 50;

/// What a running print has to do with the scale of its camera.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ScaleState {
    /// Whose scale the rule took, at the first look.
    camera: Option<CameraId>,
    /// What the print shows is not what its camera shows while all is well: it was blind, or it is another camera now.
    spoilt: bool,
}

impl ScaleState {
    /// The print teaches nothing of its camera.
    pub(crate) fn spoil(&mut self) {
        self.spoilt = true;
    }

    /// Returns whether the rule has taken the scale of this camera.
    pub(crate) fn has_met(&self, camera: CameraId) -> bool {
        self.camera == Some(camera)
    }

    /// At the first look with a camera the rule takes what is known of it, if it still shows the same scene. Returns
    /// what is to be kept with the print, once a print.
    pub(crate) fn meet(
        &mut self,
        rule: &mut PrintvigilRule,
        look: &Look,
        known: Option<CameraScale>,
        print: PrintId,
        bend: f64,
    ) -> Option<PrintScale> {
        let camera = look.frame.camera;
        let here = |known: &CameraScale| {
            look.scene.as_ref().is_none_or(|scene| !verdict::shows_elsewhere(&known.small, &scene.small))
        };
        let known = known.filter(here);
        let another = self.camera.replace(camera).is_some();
        if another {
            rule.forget_scale();
            self.spoil();
        }
        rule.know(known.clone());
        let calibration = look.calibration.as_deref().filter(|_| !another)?.clone();
        Some(PrintScale {
            print,
            camera: Some(camera),
            since: look.frame.taken.utc,
            calibration,
            bend,
            known,
        })
    }

    /// Returns what the calm minutes of a print showed that ends, with the small picture of its scene. Whether it
    /// teaches is told by how it ended, and by what a person says of it.
    pub(crate) fn taught(&self, rule: &PrintvigilRule, small: Option<Vec<u8>>) -> Option<CameraScale> {
        let taught = rule.taught().filter(|_| !self.spoilt)?;
        Some(CameraScale { small: small.unwrap_or_default(), ..taught })
    }
}

/// Returns what was learnt of a camera, for people. `model` is the one in use, where it is known.
pub(crate) fn learnt_view(scale: &CameraScale, model: Option<&str>) -> LearntView {
    let used = model.is_none_or(|model| model == scale.model);
    let (mood, means) = mood_of(scale);
    let prints = match scale.prints {
        1 => "1 good print".to_owned(),
        n => format!("{n} good prints"),
    };
    let hours = scale.secs() / 3600.0;
    let from = if hours < 0.95 { format!("{:.0} min", hours * 60.0) } else { format!("{hours:.0} h") };
    let mut text = format!("This camera is {mood}: learnt from {from} of {prints}. {means}");
    if !used {
        text = format!(
            "Learnt with another model ({}), from {from} of {prints}: not used with this one.",
            scale.model
        );
    } else if !scale.is_sure() {
        text.push_str(
            " After one more good print, or your word on this one, what it always shows also counts less.",
        );
    }
    LearntView { hours, prints: scale.prints, mood: mood.into(), text, model: scale.model.clone(), used }
}

fn mood_of(scale: &CameraScale) -> (&'static str, &'static str) {
    let beyond = scale.whole.level.saturating_sub(scale.usual);
    if beyond < -AS_USUAL {
        ("calm", "Its good pictures hardly stir the model, so small signs count.")
    } else if beyond > AS_USUAL {
        ("lively", "Even its good pictures stir the model, so what goes beyond that counts.")
    } else {
        ("usual", "Its good pictures stir the model as those of most cameras do.")
    }
}
