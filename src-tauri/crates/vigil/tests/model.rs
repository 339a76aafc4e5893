//! Models that a user brings, through the program itself: checked in a child, kept, refused with words.
//!
//! Needs the ONNX Runtime library; where it is absent each test says "skipped".
#![allow(clippy::unwrap_used)] // Helpers of tests.

use detect::{CHECK_LIMIT, Imports, ModelKind, ModelSettings, check_in_child, find_runtime};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

fn vigil() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_vigil"))
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../detect/tests/data").join(name)
}

/// Returns whether the library is there, or says that the test is skipped.
fn runs() -> bool {
    find_runtime(&[])
        .inspect_err(|error| {
            let _ = writeln!(std::io::stderr(), "skipped: {error}. {}", error.cure());
        })
        .is_ok()
}

#[test]
fn a_model_is_checked_kept_changed_and_forgotten() {
    if !runs() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let imports = Imports::of(dir.path());
    let model = imports.import(vigil(), &data("yolo8.onnx"), "my spaghetti.onnx").unwrap();
    assert_eq!((model.settings.kind, &*model.settings.name), (ModelKind::Yolo8, "my spaghetti"));
    assert_eq!(model.settings.failure_classes, ["spaghetti"]);
    assert_eq!(imports.list(), std::slice::from_ref(&model));

    let both =
        ModelSettings { failure_classes: vec!["good".into(), "spaghetti".into()], ..model.settings.clone() };
    assert_eq!(imports.change(&model.id, &both).unwrap().settings, both);
    let cat = ModelSettings { failure_classes: vec!["cat".into()], ..both.clone() };
    assert!(imports.change(&model.id, &cat).unwrap_err().contains("cat"));
    let again = imports.import(vigil(), &data("yolo8.onnx"), "other.onnx").unwrap();
    assert_eq!((again.id, again.settings), (model.id.clone(), both), "what was chosen stays");

    assert_eq!(imports.remove(&model.id), Ok(true));
    assert_eq!((imports.list(), imports.remove(&model.id)), (vec![], Ok(false)));
}

#[test]
fn what_does_not_fit_leaves_nothing_behind() {
    if !runs() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let imports = Imports::of(dir.path());
    let torn = dir.path().join("torn.onnx");
    std::fs::write(&torn, &std::fs::read(data("yolo8.onnx")).unwrap()[..700]).unwrap();
    for (file, name, words) in [
        (data("half.onnx"), "half.onnx", "16-bit floats"),
        (data("yolo8.onnx"), "weights.darknet", "darknet"),
        (torn, "torn.onnx", "cannot be used"),
    ] {
        let why = imports.import(vigil(), &file, name).unwrap_err();
        assert!(why.contains(words), "{name}: {why}");
    }
    assert_eq!(std::fs::read_dir(dir.path().join("models")).unwrap().count(), 0);
    assert!(
        check_in_child(vigil(), &data("absent.onnx"), CHECK_LIMIT).unwrap_err().contains("was not found")
    );
}

#[test]
fn a_model_that_gives_nan_is_refused_with_the_cause() {
    if !runs() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    for name in ["yolo8-nan.onnx", "not-a-number.onnx", "nan-unwanted.onnx"] {
        let why = Imports::of(dir.path()).import(vigil(), &data(name), name).unwrap_err();
        assert!(why.contains("NaN") && !why.contains("tried again"), "{name}: {why}");
    }
    let answer =
        Command::new(vigil()).args(["model", "check"]).arg(data("not-a-number.onnx")).output().unwrap();
    let said = String::from_utf8(answer.stderr).unwrap();
    assert!(!answer.status.success() && said.contains("NaN"), "{said}");
}

#[test]
fn a_model_that_never_ends_is_given_up_on_the_command_line_too() {
    if !runs() {
        return;
    }
    for form in [&["model", "check", "--limit", "2"][..], &["model", "check", "--limit", "2", "--json"]] {
        let answer = Command::new(vigil()).args(form).arg(data("never-ends.onnx")).output().unwrap();
        let said = [answer.stdout, answer.stderr].concat();
        let said = String::from_utf8(said).unwrap();
        assert!(!answer.status.success() && said.contains("took longer than 2 s"), "{said}");
    }
    let usual =
        Command::new(vigil()).args(["model", "check", "--limit", "60"]).arg(data("yolo8.onnx")).output();
    assert!(usual.unwrap().status.success());
}

#[test]
fn the_choice_is_made_by_id() {
    let dir = tempfile::tempdir().unwrap();
    let choose = |id: &str| {
        let answer =
            Command::new(vigil()).args(["model", "use", "--data"]).arg(dir.path()).arg(id).output().unwrap();
        (answer.status.success(), String::from_utf8(answer.stderr).unwrap())
    };
    let (done, said) = choose("0123456789ab");
    assert!(!done && said.contains("there is no model"), "{said}");
    let (done, said) = choose("built-in");
    assert!(done, "{said}");
}
