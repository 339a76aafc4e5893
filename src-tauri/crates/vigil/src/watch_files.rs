//! `vigil watch`: a print's pictures past a rule over time, look by look.

use crate::shots::Shots;
use anyhow::{Context, bail};
use clap::ValueEnum;
use detect::Findings;
use domain::{GaugeZone, IgnoreArea, PredictionState, PrinterId, Timestamp};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use verdict::{MIN_INTERVAL_MILLIS, PrintvigilRule, SceneTrouble, SceneWatch, Seen, Stage, Tuning, Verdict};

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
    let shots = Shots::new(std::slice::from_ref(&options.clip), options.every)?;
    if shots.is_empty() {
        bail!("{} holds no pictures (.jpg, .png)", options.clip.display());
    }
    let mut detector = vigil::far::load_detector()?;
    let mut watch = Watch::new(options);
    for shot in shots {
        let found =
            detect::detect_picture(detector.as_mut(), &shot.picture.with_context(|| shot.name.clone())?)
                .with_context(|| format!("{} cannot be analysed", shot.name))?;
        watch.look(shot.seconds, &file_name(&shot.name), &found);
    }
    Ok(ExitCode::SUCCESS)
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
    scene: SceneWatch,
}

impl<'a> Watch<'a> {
    fn new(options: &'a Options) -> Self {
        let mut ours = PrintvigilRule::default();
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
            scene: SceneWatch::default(),
        }
    }

    fn look(&mut self, seconds: f64, file: &str, found: &Findings) {
        let at_ms = (seconds * 1000.0) as u64;
        let trouble = found.scene.as_ref().and_then(|scene| self.scene.look(scene, at_ms));
        let common = json!({
            "file": file,
            "seconds": seconds,
            "p": found.p,
            "score": found.probability,
            "camera_trouble": trouble.map(SceneTrouble::word),
        });
        if self.options.rule != Rules::Obico {
            let tuning = Tuning { sensitivity: self.options.sensitivity, threshold: 1.0 };
            let before = seconds < self.options.bed_first;
            let stage = if before { Stage::Before } else { Stage::Printing };
            let seen = Seen { at_ms, p: found.p, cells: &found.cells, columns: found.cell_columns, stage };
            let reasons = self.ours.look(seen, tuning);
            let says = json!({"rule": "printvigil", "verdict": reasons.verdict, "gauge": reasons.gauge, "reasons": reasons});
            self.print(&common, &says);
        }
        if self.options.rule != Rules::Printvigil {
            self.look_as_obico(at_ms, found.p);
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
