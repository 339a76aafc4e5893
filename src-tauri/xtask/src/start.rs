//! Builds the core and the window, and starts one of them.

use crate::packages::{self, Wanted};
use crate::{Fault, ort, paths, shell, ui};

/// Sets up, builds and starts; returns when the program has ended.
///
/// # Errors
/// When something is missing, does not build, or ends badly.
pub(crate) fn run(args: &[String]) -> Result<(), Fault> {
    let (mut headless, mut with_demo) = (false, false);
    for arg in args {
        match arg.as_str() {
            "--headless" => headless = true,
            "--demo" => with_demo = true,
            other => return Err(format!("run takes --demo and --headless, not \"{other}\"")),
        }
    }
    packages::setup(Wanted::Run)?;
    ui::build()?;
    let library =
        ort::fetch().map_err(|fault| eprintln!("{fault}\nPrintvigil starts, but cannot watch prints yet."));
    build(if headless { &["vigil"] } else { &["vigil", "printvigil"] })?;
    let mut program = shell::command(paths::program(if headless { "vigil" } else { "printvigil" }));
    if headless {
        program.arg("serve");
    }
    if let Ok(library) = library {
        program.env("ORT_DYLIB_PATH", library);
    }
    if with_demo {
        // Of its own, so that what the demo prints never mixes with what the printer did.
        program.arg("--demo").arg("--data").arg(paths::target().join("demo"));
    }
    shell::run(&mut program)
}

/// Asks the core what on this machine is in the way.
///
/// # Errors
/// When it does not build, or something is in the way.
pub(crate) fn doctor() -> Result<(), Fault> {
    packages::setup(Wanted::Run)?;
    ui::build()?;
    build(&["vigil"])?;
    shell::run(shell::command(paths::program("vigil")).arg("doctor"))
}

/// Builds executables. All of the workspace, so that the libraries are built with one set of features.
pub(crate) fn build(names: &[&str]) -> Result<(), Fault> {
    let mut cargo = shell::cargo();
    cargo.args(["build", "--workspace"]);
    for name in names {
        cargo.args(["--bin", name]);
    }
    shell::run(&mut cargo)
}
