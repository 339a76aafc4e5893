//! Runs other programs: shown as typed, with a locale that JavaScript understands.

use crate::{Fault, paths};
use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

/// Prepares `program`, to be run at the top of the checkout.
///
/// The locale is set because an unset one becomes the language "C" in a page, which breaks its number formats.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(paths::root()).env("LANG", "en_US.UTF-8").env_remove("LC_ALL");
    command
}

/// Prepares cargo, the one that runs us.
pub(crate) fn cargo() -> Command {
    let mut cargo = command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // What it told us of our own package: some build scripts look at it, and all that builds on them would be built anew
    // whenever somebody calls cargo by hand in between.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CARGO_PKG_")
            || name.to_string_lossy().starts_with("CARGO_MANIFEST_")
        {
            cargo.env_remove(name);
        }
    }
    cargo
}

/// Prepares npm in `ui/`.
pub(crate) fn npm() -> Command {
    let mut npm = command(if cfg!(windows) { "npm.cmd" } else { "npm" });
    npm.current_dir(paths::root().join("ui"));
    npm
}

/// Shows a command line and runs it.
///
/// # Errors
/// When it cannot be started or ends with another status than 0.
pub(crate) fn run(command: &mut Command) -> Result<(), Fault> {
    let line = shown(command);
    eprintln!("> {line}");
    let status = command.status().map_err(|error| format!("{line}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{line}: {status}")) }
}

/// Runs a command and returns what it wrote, or nothing when it failed or is not there.
pub(crate) fn read(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Returns whether `program` can be found.
pub(crate) fn is_there(program: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|path| {
        std::env::split_paths(&path)
            .any(|dir| dir.join(program).is_file() || dir.join(format!("{program}.exe")).is_file())
    })
}

/// Copies a file, making its folder; the target appears whole or not at all.
///
/// # Errors
/// When the disk refuses.
pub(crate) fn place(from: &Path, to: &Path) -> Result<(), Fault> {
    let said = |error: std::io::Error| format!("cannot write {}: {error}", to.display());
    let dir = to.parent().expect("a file's path has a folder");
    std::fs::create_dir_all(dir).map_err(said)?;
    let part = to.with_extension(format!("{}.part", std::process::id()));
    std::fs::copy(from, &part).map_err(said)?;
    std::fs::rename(&part, to).map_err(said)
}

fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let mut line = program.to_string_lossy().into_owned();
    for arg in command.get_args() {
        line.push(' ');
        line.push_str(&arg.to_string_lossy());
    }
    line
}
