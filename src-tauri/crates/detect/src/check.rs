//! Checks a model file: what it is, how fast it is, what it finds. In a child, since a file may crash the library.

use crate::{DetectError, Detector, Findings, Loaded, ModelKind, ModelSettings, Picture, load_model};
use domain::Detection;
use serde::{Deserialize, Serialize};
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::sync_channel;
use std::thread::Builder;
use std::time::Duration;

/// Pictures looked at to measure the speed; the middle one counts.
const RUNS: usize = 3;

/// A check takes so long at most, real time.
pub const CHECK_LIMIT: Duration = Duration::from_secs(60);

/// An answer is so long at most, bytes: a hostile file may name a thousand classes, and no more.
const MAX_ANSWER: u64 = 1024 * 1024;

/// What is known of a model file after a check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS, schemars::JsonSchema)]
pub struct CheckReport {
    /// What it is.
    pub kind: ModelKind,
    /// Width and height of its input, pixels.
    pub input: (u32, u32),
    /// Names of its classes; empty for ours, which has none.
    pub classes: Vec<String>,
    /// Those taken for failures.
    pub failure_classes: Vec<String>,
    /// A box counts above this.
    pub confidence_above: f32,
    /// Milliseconds in inference, a picture.
    pub ms_per_picture: f32,
    /// That the test picture shows a failure, 0 to 1.
    pub probability: f64,
    /// The rule's input from the test picture.
    pub p: f64,
    /// What was found in the test picture, in its pixels.
    pub boxes: Vec<Detection>,
    /// What keeps it from being used well, in words for people.
    pub problems: Vec<String>,
}

/// Loads a model and looks at a picture with it.
///
/// # Errors
/// When it cannot be loaded, or fails on the picture.
pub fn check(
    runtime: &Path,
    model: &Path,
    settings: Option<&ModelSettings>,
    picture: &Picture,
) -> Result<CheckReport, DetectError> {
    let mut loaded = load_model(runtime, model, settings)?;
    let (kind, input) = (loaded.kind(), loaded.input_size());
    let mut looks = Vec::new();
    for _ in 0..RUNS {
        // It would not mend by itself, as a look at a camera's picture may.
        let found = look(&mut loaded, picture).map_err(|error| match error {
            DetectError::Inference { reason } => DetectError::foreign(
                model,
                format!(
                    "{reason}, on a picture that every model can look at. Export it again, or train it anew"
                ),
            ),
            DetectError::NoRuntime { .. }
            | DetectError::Runtime { .. }
            | DetectError::NoModel { .. }
            | DetectError::Model { .. }
            | DetectError::Foreign { .. }
            | DetectError::Picture { .. }
            | DetectError::Hung { .. }
            | DetectError::Gone { .. }
            | DetectError::Busy
            | DetectError::Stopped { .. } => error,
        })?;
        looks.push(found);
    }
    looks.sort_by(|a, b| a.inference_ms.total_cmp(&b.inference_ms));
    let found = looks.swap_remove(RUNS / 2);
    let mut problems = Vec::new();
    let (classes, chosen, above) = match &loaded {
        Loaded::Grid(_) => (vec![], vec![], 0.0),
        Loaded::Boxes(model) => {
            if !model.finds_failures() {
                problems.push("Choose which of its classes are failures; their names do not tell.".into());
            }
            let settings = model.settings();
            (model.classes().to_vec(), settings.failure_classes.clone(), settings.confidence_above)
        }
    };
    if found.inference_ms > 1000.0 {
        problems.push(format!(
            "It needs {:.1} s a picture on this computer: failures are seen later, and printing may stutter.",
            found.inference_ms / 1000.0
        ));
    }
    Ok(CheckReport {
        kind,
        input,
        classes,
        failure_classes: chosen,
        confidence_above: above,
        ms_per_picture: found.inference_ms,
        probability: found.probability,
        p: found.p,
        boxes: found.boxes,
        problems,
    })
}

fn look(loaded: &mut Loaded, picture: &Picture) -> Result<Findings, DetectError> {
    match loaded {
        Loaded::Grid(model) => model.detect(picture),
        Loaded::Boxes(model) => model.detect(picture),
    }
}

/// What the child prints: a report, or why there is none.
#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Report(Box<CheckReport>),
    Refused { error: String },
}

/// Has the core's program `exe` check a model in a process of its own: `exe model check --json --here FILE`.
///
/// # Errors
/// In words for people: what does not fit, or that the child crashed, was killed, or took longer than `limit`.
pub fn check_in_child(exe: &Path, model: &Path, limit: Duration) -> Result<CheckReport, String> {
    let mut command = Command::new(exe);
    command.args(["model", "check", "--json", "--here"]).arg(model);
    answer_of(command, limit)
}

fn answer_of(mut command: Command, limit: Duration) -> Result<CheckReport, String> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child =
        command.spawn().map_err(|e| format!("The check could not be started: {e}. Try again."))?;
    let said = hear(&mut child, limit);
    if said.is_none() {
        // Gone already, or gone now: both are fine.
        let _ = child.kill();
    }
    let status = child.wait().map_err(|e| format!("The check was lost: {e}. Try again."))?;
    let Some(said) = said else {
        return Err(format!(
            "The check took longer than {} s: this model is too slow for this computer, or broken.",
            limit.as_secs()
        ));
    };
    match serde_json::from_slice(&said) {
        Ok(Answer::Report(report)) => Ok(*report),
        Ok(Answer::Refused { error }) => Err(error),
        Err(_) => Err(ending(status)),
    }
}

/// Returns what the child says until it closes its mouth; `None` when it does not in time.
fn hear(child: &mut Child, limit: Duration) -> Option<Vec<u8>> {
    let out = child.stdout.take()?;
    let (tell, told) = sync_channel(1);
    let read = move || {
        let mut said = Vec::new();
        let _ = out.take(MAX_ANSWER).read_to_end(&mut said);
        let _ = tell.send(said);
    };
    Builder::new().name("model-check".into()).spawn(read).ok()?;
    told.recv_timeout(limit).ok()
}

#[cfg(unix)]
fn signal(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
fn signal(_: ExitStatus) -> Option<i32> {
    None
}

/// Says how a child ended that gave no answer.
fn ending(status: ExitStatus) -> String {
    const KILLED: i32 = 9;
    match signal(status) {
        Some(KILLED) => {
            "The check was killed by the system, most likely because this model needs more memory \
                         than is free. Close other programs, or bring a smaller model."
                .into()
        }
        Some(signal) => format!(
            "The check crashed (signal {signal}): this file breaks the library that runs models. Export it again."
        ),
        None => format!(
            "The check ended without an answer ({status}): this file breaks the library that runs models. Export \
             it again."
        ),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// Has a shell play the child.
    fn child(script: &str, limit: Duration) -> String {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        match answer_of(command, limit) {
            Ok(report) => format!("{:?} {:?}", report.kind, report.classes),
            Err(why) => why,
        }
    }

    const SOME_SECS: Duration = Duration::from_secs(20);

    #[test]
    fn a_child_that_answers_is_believed() {
        let report = r#"{"kind":"yolo8","input":[64,64],"classes":["a"],"failure_classes":[],"confidence_above":0.25,
            "ms_per_picture":1,"probability":0,"p":0,"boxes":[],"problems":[]}"#;
        assert_eq!(child(&format!("echo '{report}'"), SOME_SECS), "Yolo8 [\"a\"]");
        assert_eq!(child(r#"echo '{"error":"It is a cat."}'; exit 1"#, SOME_SECS), "It is a cat.");
    }

    #[test]
    fn every_other_end_has_its_words() {
        assert!(child("kill -SEGV $$", SOME_SECS).contains("crashed (signal 11)"));
        assert!(child("kill -KILL $$", SOME_SECS).contains("memory"));
        assert!(child("echo nonsense; exit 3", SOME_SECS).contains("without an answer"));
        assert!(child("yes", SOME_SECS).contains("breaks the library"), "an endless answer is cut off");
        assert!(child("exec sleep 60", Duration::from_millis(100)).contains("took longer"));
        let none = check_in_child(Path::new("/no/such/program"), Path::new("x"), SOME_SECS).unwrap_err();
        assert!(none.contains("could not be started"), "{none}");
    }
}
