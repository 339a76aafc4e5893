//! `vigil watch`: a print's pictures past a rule over time, look by look. The camera's scale is learnt on the way, and
//! from earlier prints where some are given.

use crate::shots::Shots;
use anyhow::{Context, bail};
use clap::ValueEnum;
use detect::{Detector, Findings};
use domain::{
    CameraScale, GaugeZone, IgnoreArea, PredictionState, PrintId, PrinterId, Reasons, Taught, Teaches,
    Timestamp, View,
};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use verdict::{MIN_INTERVAL_MILLIS, PrintvigilRule, SceneTrouble, SceneWatch, Seen, Stage, Tuning, Verdict};
use vigil::far;

/// Which rules are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Rules {
    /// Ours.
    Printvigil,
    /// The Obico server's.
    Obico,
    /// One line each.
    Both,
}

/// How the pictures are taken.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Prints one JSON object a look.
    #[arg(long)]
    json: bool,
    /// The rule over time.
    #[arg(long, value_enum, default_value = "printvigil")]
    rule: Rules,
    /// Seconds between two pictures of a folder, and between two looks at a film.
    #[arg(long, default_value_t = 1.0)]
    every: f64,
    /// Looks at whole pictures only.
    #[arg(long)]
    whole: bool,
    /// The first so many seconds show the bed before the print.
    #[arg(long, default_value_t = 0.0)]
    bed_first: f64,
    /// 0.8 to 1.2.
    #[arg(long, default_value_t = 1.0)]
    sensitivity: f64,
    /// Ignored area `x,y,w,h` in thousandths of the picture; may be given several times.
    #[arg(long, value_parser = area)]
    ignore: Vec<IgnoreArea>,
    /// Obico's rule: clean frames that this printer has seen before.
    #[arg(long, default_value_t = 3000)]
    lifetime: u32,
    /// An earlier good print of the same camera, a folder or film as below: what it teaches is known from the start; may
    /// be given several times, oldest first.
    #[arg(long)]
    after: Vec<PathBuf>,
    /// Takes the model's scores as they are, without the camera's scale.
    #[arg(long)]
    no_scale: bool,
    /// A folder of pictures in the order of their names, or an MP4 film (H.264).
    clip: PathBuf,
}

fn area(text: &str) -> Result<IgnoreArea, String> {
    let parts: Vec<u16> = text.split(',').filter_map(|part| part.trim().parse().ok()).collect();
    let &[x, y, w, h] = parts.as_slice() else { return Err("four numbers are wanted: x,y,w,h".into()) };
    let area = IgnoreArea { x, y, w, h };
    area.check()?;
    Ok(area)
}

/// Prints the verdict look by look; fails when there is nothing to look at.
pub(crate) fn run(options: &Options) -> anyhow::Result<ExitCode> {
    if !(options.every > 0.0 && options.every <= 3600.0) {
        bail!("--every is the seconds between two pictures: more than 0, at most 3600");
    }
    let mut detector = vigil::far::load_detector()?;
    let mut taught = Vec::new();
    for (n, clip) in options.after.iter().enumerate() {
        let mut rule = PrintvigilRule::default();
        rule.know(verdict::put_together(&taught));
        rule.ignore(&options.ignore);
        let mut teacher = Teacher { options, rule };
        look_at(clip, options, detector.as_mut(), &mut teacher)?;
        let Some(scale) = teacher.rule.taught() else {
            bail!("{} shows too few calm minutes to teach anything", clip.display());
        };
        let print = PrintId(n as i64 + 1);
        taught.insert(0, Taught { print, scale, teaches: Teaches::EndedWell });
    }
    let mut watch = Watch::new(options, verdict::put_together(&taught));
    look_at(&options.clip, options, detector.as_mut(), &mut watch)?;
    Ok(ExitCode::SUCCESS)
}

/// Who takes in looks one after the other, and says what the next is to be at.
trait Looker {
    /// The rule that chooses.
    fn rule(&self) -> &PrintvigilRule;

    /// Takes in a look.
    fn look(&mut self, seconds: f64, found: &Findings);

    /// A picture was looked at, so often.
    fn tell(&self, seconds: f64, name: &str, looks: &[Findings]);
}

/// Has each picture of a clip looked at. Where pictures lie so far apart that the watch would look more often, each is
/// looked at twice: what was seen twice a second stands for what would have been.
fn look_at(
    clip: &Path,
    options: &Options,
    detector: &mut dyn Detector,
    looker: &mut dyn Looker,
) -> anyhow::Result<()> {
    let shots = Shots::new(std::slice::from_ref(&clip.to_path_buf()), options.every, far::decoders_apart())?;
    if shots.is_empty() {
        bail!("{} holds no pictures (.jpg, .png)", clip.display());
    }
    for shot in shots {
        let picture = shot.picture.with_context(|| shot.name.clone())?;
        let mut looks = Vec::new();
        for n in 0..options.looks_a_picture() {
            let view = if options.whole { View::Whole } else { looker.rule().next_view() };
            let found = detect::detect_view(detector, &picture, view)
                .with_context(|| format!("{} cannot be analysed", shot.name))?;
            // A model that sees whole pictures only shows the same again, which is no other look.
            if n > 0 && found.view == View::Whole && view != View::Whole {
                break;
            }
            looker.look(shot.seconds + options.every * n as f64 / 2.0, &found);
            looks.push(found);
        }
        looker.tell(shot.seconds, &shot.name, &looks);
    }
    Ok(())
}

/// An earlier print, which teaches what its camera shows.
struct Teacher<'a> {
    options: &'a Options,
    rule: PrintvigilRule,
}

impl Looker for Teacher<'_> {
    fn rule(&self) -> &PrintvigilRule {
        &self.rule
    }

    fn look(&mut self, seconds: f64, found: &Findings) {
        show(&mut self.rule, self.options, seconds, found);
    }

    fn tell(&self, _: f64, _: &str, _: &[Findings]) {}
}

/// Shows our rule a look.
fn show(rule: &mut PrintvigilRule, options: &Options, seconds: f64, found: &Findings) -> Reasons {
    if let Some(scene) = &found.scene {
        rule.picture(&scene.small);
    }
    rule.look(seen(options, seconds, found), options.tuning())
}

impl Options {
    fn tuning(&self) -> Tuning {
        Tuning { sensitivity: self.sensitivity, threshold: 1.0 }
    }

    /// The watch looks once a second, so that a picture of two seconds stands for both kinds of view.
    fn looks_a_picture(&self) -> usize {
        if self.whole || self.rule == Rules::Obico || self.every < 2.0 { 1 } else { 2 }
    }
}

/// A look as our rule takes it.
fn seen<'a>(options: &Options, seconds: f64, found: &'a Findings) -> Seen<'a> {
    let calibration = found.calibration.as_deref().filter(|_| !options.no_scale);
    Seen {
        at_ms: (seconds * 1000.0) as u64,
        p: found.p,
        view: found.view,
        cells: &found.cells,
        columns: found.cell_columns,
        calibration: calibration.map(|calibration| (calibration, 1.0)),
        stage: if seconds < options.bed_first { Stage::Before } else { Stage::Printing },
    }
}

fn file_name(path: &str) -> String {
    Path::new(path).file_name().map_or_else(|| path.to_owned(), |name| name.to_string_lossy().into_owned())
}

/// Both rules, as the hub runs them.
struct Watch<'a> {
    options: &'a Options,
    ours: PrintvigilRule,
    obico: PredictionState,
    obico_counted_ms: Option<u64>,
    obico_said: Verdict,
    /// What ours says after the last look.
    said: Option<Reasons>,
    scene: SceneWatch,
}

impl<'a> Watch<'a> {
    fn new(options: &'a Options, known: Option<CameraScale>) -> Self {
        let mut ours = PrintvigilRule::default();
        ours.know(known);
        ours.ignore(&options.ignore);
        let fresh = PredictionState::fresh(PrinterId(1), Timestamp::from_micros(0));
        // A printer that has been watched for a while: its usual is calm.
        let obico =
            PredictionState { lifetime_frame_num: options.lifetime, rolling_mean_long: 0.02, ..fresh };
        Self {
            options,
            ours,
            obico,
            obico_counted_ms: None,
            obico_said: Verdict::Fine,
            said: None,
            scene: SceneWatch::default(),
        }
    }

    /// What both rules say now, with what was seen: the mean of the looks at a picture.
    fn say(&self, seconds: f64, name: &str, looks: &[Findings]) {
        let mean = |of: fn(&Findings) -> f64| looks.iter().map(of).sum::<f64>() / looks.len().max(1) as f64;
        let common = json!({
            "file": file_name(name),
            "seconds": seconds,
            "p": mean(|look| look.p),
            "score": mean(|look| look.probability),
            "closer": looks.iter().filter(|look| look.view != View::Whole).map(|look| look.view.place()).collect::<Vec<_>>(),
            "camera_trouble": self.scene.told().map(SceneTrouble::word),
        });
        if let Some(reasons) = &self.said {
            let says = json!({"rule": "printvigil", "verdict": reasons.verdict, "gauge": reasons.gauge, "reasons": reasons});
            self.print(&common, &says);
        }
        if self.options.rule != Rules::Printvigil {
            let zone = match self.obico_said {
                Verdict::Fine => GaugeZone::Fine,
                Verdict::Alert => GaugeZone::Alert,
                Verdict::Pause => GaugeZone::Pause,
            };
            let says = json!({"rule": "obico", "verdict": zone, "gauge": self.obico.normalized_p});
            self.print(&common, &says);
        }
    }

    /// One frame per ten seconds counts; between them the last word holds.
    fn look_as_obico(&mut self, at_ms: u64, p: f64) {
        if self.obico_counted_ms.is_some_and(|last| at_ms < last + MIN_INTERVAL_MILLIS) {
            return;
        }
        self.obico_counted_ms = Some(at_ms);
        let now = Timestamp::from_micros(at_ms as i64 * 1000);
        self.obico_said = verdict::look(&mut self.obico, p, self.options.sensitivity, now);
    }

    fn print(&self, common: &Value, says: &Value) {
        if self.options.json {
            let mut line = common.clone();
            if let (Some(line), Some(says)) = (line.as_object_mut(), says.as_object()) {
                line.extend(says.clone());
            }
            println!("{line}");
        } else {
            println!(
                "{:8.1} s  p {:.2}  gauge {:3.0} %  {:<5}  {}  {}{}",
                common["seconds"].as_f64().unwrap_or(0.0),
                common["p"].as_f64().unwrap_or(0.0),
                says["gauge"].as_f64().unwrap_or(0.0) * 100.0,
                says["verdict"].as_str().unwrap_or_default(),
                says["rule"].as_str().unwrap_or_default(),
                common["file"].as_str().unwrap_or_default(),
                common["camera_trouble"].as_str().map(|word| format!("  camera: {word}")).unwrap_or_default(),
            );
        }
    }
}

impl Looker for Watch<'_> {
    fn rule(&self) -> &PrintvigilRule {
        &self.ours
    }

    fn look(&mut self, seconds: f64, found: &Findings) {
        let at_ms = (seconds * 1000.0) as u64;
        if let Some(scene) = &found.scene {
            self.scene.look(scene, at_ms);
        }
        // Obico's rule alone sees whole pictures, as in a watch that runs.
        if self.options.rule != Rules::Obico {
            self.said = Some(show(&mut self.ours, self.options, seconds, found));
        }
        if self.options.rule != Rules::Printvigil && found.view == View::Whole {
            self.look_as_obico(at_ms, found.p);
        }
    }

    fn tell(&self, seconds: f64, name: &str, looks: &[Findings]) {
        self.say(seconds, name, looks);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_are_four_thousandths_inside_the_picture() {
        assert_eq!(area("0,10, 500,990"), Ok(IgnoreArea { x: 0, y: 10, w: 500, h: 990 }));
        for wrong in ["", "1,2,3", "1,2,3,4,5", "900,0,200,10", "0,0,0,10", "a,b,c,d"] {
            assert!(area(wrong).is_err(), "{wrong}");
        }
    }
}
