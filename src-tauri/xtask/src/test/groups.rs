//! The groups of tests, in the order in which they run: the quick ones first.

use super::count::{Count, counted};
use crate::packages::{self, Wanted};
use crate::{Fault, bindings, octoprint, ort, package, paths, shell, start, ui};
use std::process::Command;

/// A kind of test.
pub(crate) struct Group {
    pub(crate) name: &'static str,
    pub(crate) run: fn() -> Result<Count, Fault>,
}

pub(crate) const GROUPS: &[Group] = &[
    Group { name: "fmt", run: fmt },
    Group { name: "ui", run: pages },
    Group { name: "ort", run: library },
    Group { name: "clippy", run: clippy },
    Group { name: "bindings", run: types },
    Group { name: "tidy", run: || house(&["tidy"], ONE_AT_A_TIME) },
    Group { name: "unit", run: unit },
    Group { name: "loop", run: whole_app },
    Group { name: "window", run: || driven("window") },
    Group { name: "tray", run: || driven("tray") },
    Group { name: "chromium", run: || driven("chromium") },
];

/// For tests that drive a browser or a window, or fill the processor.
const ONE_AT_A_TIME: &str = "--test-threads=1";

/// For tests of the whole app: most of their time is the printer's and the camera's, so two on two cores disturb each
/// other little.
const TWO_AT_A_TIME: &str = "--test-threads=2";

/// Groups that run only when they are named, since they fetch a system of their own and take minutes.
pub(crate) const ON_REQUEST: &[Group] = &[Group { name: "package", run: installed }];

/// Targets of the package `tests` that are groups of their own.
const OWN_GROUPS: [&str; 4] = ["tidy", "window", "tray", "chromium"];

fn fmt() -> Result<Count, Fault> {
    shell::run(shell::cargo().args(["fmt", "--all", "--check"])).map(|()| Count::ONE)
}

fn pages() -> Result<Count, Fault> {
    ui::modules()?;
    let mut count = Count::default();
    for script in ["check", "build"] {
        count = count.plus(match shell::run(shell::npm().args(["run", script])) {
            Ok(()) => Count::ONE,
            Err(fault) => {
                println!("{fault}");
                Count { failed: 1, ..Count::default() }
            }
        });
    }
    Ok(count.plus(counted(shell::npm().args(["test"]))?))
}

fn library() -> Result<Count, Fault> {
    ort::fetch().map(|_| Count::ONE)
}

fn clippy() -> Result<Count, Fault> {
    shell::run(shell::cargo().args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--quiet",
        "--",
        "-D",
        "warnings",
    ]))
    .map(|()| Count::ONE)
}

fn types() -> Result<Count, Fault> {
    bindings::check().map(|()| Count::ONE)
}

/// The tests inside the crates.
fn unit() -> Result<Count, Fault> {
    let run = |filter: &[&str]| {
        counted(cargo_test().args(["--workspace", "--exclude", "tests", "--", "--show-output"]).args(filter))
    };
    Ok(run(&[])?.second_try(|name| run(&["--exact", name])))
}

/// The whole app on simulators: every target of the package `tests` that is no group of its own.
fn whole_app() -> Result<Count, Fault> {
    let targets = targets()?;
    let names: Vec<&str> =
        targets.iter().map(String::as_str).filter(|name| !OWN_GROUPS.contains(name)).collect();
    if names.is_empty() {
        return Ok(Count::default());
    }
    start::build(&["vigil"])?;
    house(&names, TWO_AT_A_TIME)
}

/// A browser or the real window, driven from outside.
fn driven(target: &str) -> Result<Count, Fault> {
    start::build(&["vigil", "printvigil"])?;
    house(&[target], ONE_AT_A_TIME)
}

/// Runs targets of the package `tests`. One that fails by the machine's mood is run once more, by itself, and named.
fn house(targets: &[&str], at_once: &str) -> Result<Count, Fault> {
    let octoprint = if targets.contains(&"virtual_printer") {
        // Without it the test says that it was skipped; the rest is worth running all the same.
        octoprint::fetch().inspect_err(|fault| println!("{fault}")).ok()
    } else {
        None
    };
    let run = |filter: &[&str]| {
        let mut cargo = cargo_test();
        // All of the workspace, so that the libraries are built with one set of features.
        cargo.arg("--workspace");
        for target in targets {
            cargo.args(["--test", target]);
        }
        if let Some(python) = &octoprint {
            cargo.env("VIGIL_TEST_OCTOPRINT", python);
        }
        counted(cargo.args(["--", "--show-output", at_once]).args(filter))
    };
    Ok(run(&[])?.second_try(|name| run(&["--exact", name])))
}

/// The package, installed on a bare system of its own.
fn installed() -> Result<Count, Fault> {
    packages::setup(Wanted::Package)?;
    let made = package::make(package::Profile::Debug, &package::version()?)?;
    let of = |ending: &str| {
        let found = made.iter().find(|file| file.to_string_lossy().ends_with(ending));
        found.ok_or_else(|| format!("there is no {ending}"))
    };
    if !cfg!(target_os = "linux") {
        return Ok(Count::default());
    }
    let mut script = shell::command(paths::root().join("src-tauri/package/bare.sh"));
    script.arg(of(".deb")?).arg(of(".tar.gz")?).arg(paths::cache()).arg(package::folder().join("bare"));
    counted(&mut script)
}

fn cargo_test() -> Command {
    let mut cargo = shell::cargo();
    // With the names of the tests: one that hangs can be told.
    cargo.args(["test", "--no-fail-fast"]);
    if let Ok(library) = ort::fetch() {
        cargo.env("ORT_DYLIB_PATH", library);
    }
    cargo
}

/// Reads the names of the targets from the manifest of the package `tests`.
fn targets() -> Result<Vec<String>, Fault> {
    let manifest = paths::root().join("tests/Cargo.toml");
    let text =
        std::fs::read_to_string(&manifest).map_err(|error| format!("{}: {error}", manifest.display()))?;
    Ok(test_targets(&text))
}

fn test_targets(manifest: &str) -> Vec<String> {
    manifest
        .split("[[test]]")
        .skip(1)
        .filter_map(|part| {
            let name = part.lines().find_map(|line| line.trim().strip_prefix("name = "))?;
            Some(name.trim_matches('"').to_owned())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::test_targets;

    #[test]
    fn targets_are_read_from_the_manifest() {
        let text = "[package]\nname = \"tests\"\n[[test]]\nname = \"tidy\"\npath = \"tidy.rs\"\n\n[[test]]\nname = \"pause\"\n";
        assert_eq!(test_targets(text), ["tidy", "pause"]);
    }
}
