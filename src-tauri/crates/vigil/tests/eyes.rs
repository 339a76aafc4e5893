//! The process that looks at pictures, as the core starts it: what it sees, and how it may end.
//!
//! Needs the ONNX Runtime library; where it is absent each test says "skipped".
#![cfg(unix)]
#![allow(clippy::unwrap_used)] // Helpers of tests.

use bytes::Bytes;
use detect::{DetectError, Eye, EyeProcess, Limits, ModelFiles, find_model, find_runtime, look_here};
use domain::{Place, View};
use std::io::Write;
use std::process::Command;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

const LIMITS: Limits = Limits { load: Duration::from_secs(40), look: Duration::from_secs(20) };

/// Returns the files of our model, or says that the test is skipped.
fn files() -> Option<ModelFiles> {
    let found = find_runtime(&[]).and_then(|runtime| Ok((runtime, find_model(&[])?)));
    let found = found.inspect_err(|error| {
        let _ = writeln!(std::io::stderr(), "skipped: {error}. {}", error.cure());
    });
    found.ok().map(|(runtime, model)| ModelFiles { runtime, model, settings: None })
}

fn eyes() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vigil"));
    command.arg("eyes");
    command
}

fn signal(eye: &EyeProcess, signal: &str) {
    assert!(Command::new("kill").args([signal, &eye.id().to_string()]).status().unwrap().success());
}

#[test]
fn it_sees_what_the_model_sees_here() {
    let Some(files) = files() else { return };
    let mut here = look_here(files.load().unwrap());
    let mut apart = EyeProcess::start(eyes(), &files, LIMITS).unwrap();
    assert_eq!((apart.name(), apart.sight()), (here.name(), here.sight()));
    let jpeg = Bytes::from(sim::sample_picture(true).unwrap());
    for view in [View::Whole, View::Closer(Place { x: 0.25, y: 0.25, w: 0.5, h: 0.5 })] {
        let (there, here) = (apart.look(&jpeg, view).unwrap(), here.look(&jpeg, view).unwrap());
        let same = detect::Findings { inference_ms: here.inference_ms, total_ms: here.total_ms, ..there };
        assert_eq!(same, here, "{view:?}");
    }
    // A picture that is none is told as that, and the next one is looked at.
    assert!(matches!(
        apart.look(&Bytes::from_static(b"no picture"), View::Whole),
        Err(DetectError::Picture { .. })
    ));
    assert!(apart.look(&jpeg, View::Whole).is_ok());
}

#[test]
fn its_end_is_told_at_once_and_a_hang_ends_it() {
    let Some(files) = files() else { return };
    let jpeg = Bytes::from(sim::sample_picture(false).unwrap());
    let mut killed = EyeProcess::start(eyes(), &files, LIMITS).unwrap();
    let (tell, told) = sync_channel(1);
    killed.when_gone(Box::new(move || tell.send(()).unwrap()));
    signal(&killed, "-KILL");
    told.recv_timeout(Duration::from_secs(20)).unwrap();
    let why = killed.look(&jpeg, View::Whole).unwrap_err();
    assert!(matches!(&why, DetectError::Gone { how } if how.contains("signal: 9")), "{why}");

    let limits = Limits { look: Duration::from_millis(500), ..LIMITS };
    let mut hung = EyeProcess::start(eyes(), &files, limits).unwrap();
    signal(&hung, "-STOP");
    assert!(matches!(hung.look(&jpeg, View::Whole), Err(DetectError::Hung { .. })));
    let why = hung.look(&jpeg, View::Whole).unwrap_err();
    assert!(matches!(why, DetectError::Gone { .. }), "it is ended and not left behind: {why}");
}

#[test]
fn what_cannot_be_loaded_or_talks_nonsense_is_refused_in_words() {
    let Some(files) = files() else { return };
    let absent = ModelFiles { model: "/nowhere/at all.onnx".into(), ..files.clone() };
    let why = EyeProcess::start(eyes(), &absent, LIMITS).map(|eye| eye.name()).unwrap_err();
    assert!(matches!(why, DetectError::NoModel { .. }), "{why}");
    for program in ["cat", "true", "/nowhere/vigil"] {
        let started = EyeProcess::start(Command::new(program), &files, LIMITS).map(|eye| eye.name());
        let why = started.unwrap_err();
        assert!(matches!(why, DetectError::Gone { .. } | DetectError::Stopped { .. }), "{program}: {why}");
    }
}
