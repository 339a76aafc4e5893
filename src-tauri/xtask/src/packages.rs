//! What the system must bring: looked up, installed where we may, else named in one line to paste.

use crate::{Fault, shell};
use std::io::IsTerminal;

/// What the packages are for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    Run,
    Test,
    /// To try the package on a system of its own, beyond all tests.
    Package,
}

const BUILD: &[&str] = &["build-essential", "pkg-config", "libwebkit2gtk-4.1-dev", "libclang-dev", "nasm"];
const RUN: &[&str] = &["libwebkit2gtk-4.1-0", "gstreamer1.0-libav", "libayatana-appindicator3-1"];
const TEST: &[&str] = &[
    "xvfb",
    "procps",
    "xauth",
    "webkit2gtk-driver",
    "chromium",
    "chromium-driver",
    "python3-venv",
    "mosquitto",
    "dunst",
];
const PACKAGE: &[&str] = &["mmdebstrap"];

/// Makes sure that everything to build and run (or test) is there.
///
/// # Errors
/// When something is missing that we may not install; the text says what to type.
pub(crate) fn setup(wanted: Wanted) -> Result<(), Fault> {
    node()?;
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    let missing = missing(wanted);
    if missing.is_empty() {
        return Ok(());
    }
    if !shell::is_there("apt-get") {
        return Err(format!(
            "Printvigil needs what Debian calls:\n  {}\nInstall these with your system's package manager, then try again.",
            missing.join(" ")
        ));
    }
    install(&missing)
}

/// Returns the packages that are not installed.
pub(crate) fn missing(wanted: Wanted) -> Vec<&'static str> {
    let mut names: Vec<&str> = [BUILD, RUN].concat();
    if wanted != Wanted::Run {
        names.extend(TEST);
    }
    if wanted == Wanted::Package {
        names.extend(PACKAGE);
    }
    if is_ubuntu() {
        // Ubuntu's package of that name installs a snap, which cannot be driven from here.
        names.retain(|name| !name.starts_with("chromium"));
    }
    names.retain(|name| !is_installed(name));
    names
}

fn install(missing: &[&str]) -> Result<(), Fault> {
    let line = format!("sudo apt-get install --no-install-recommends {}", missing.join(" "));
    eprintln!("Missing: {}", missing.join(" "));
    let root = shell::read(shell::command("id").arg("-u")).is_some_and(|id| id == "0");
    // A person at a terminal can be asked for the password; nobody else waits for it.
    let ask = std::io::stdin().is_terminal() && shell::is_there("sudo");
    if !root && !ask && shell::read(shell::command("sudo").args(["-n", "true"])).is_none() {
        return Err(format!("Some packages are missing. Paste this line, then try again:\n\n  {line}"));
    }
    let apt = |args: &[&str]| {
        let mut command = if root { shell::command("env") } else { shell::command("sudo") };
        match (root, ask) {
            (true, _) => (),
            (false, true) => _ = command.arg("env"),
            (false, false) => _ = command.args(["-n", "env"]),
        }
        command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-o", "DPkg::Lock::Timeout=300"]);
        shell::run(command.args(args))
    };
    // An old list of packages is worth a try.
    let updated = apt(&["update"]);
    let mut args = vec!["install", "-y", "--no-install-recommends"];
    args.extend(missing);
    apt(&args).map_err(|fault| {
        let update = updated.err().map(|fault| format!("{fault}\n")).unwrap_or_default();
        format!("{update}{fault}\nThe packages could not be installed. Try it by hand:\n\n  {line}")
    })
}

fn is_installed(name: &str) -> bool {
    shell::read(shell::command("dpkg-query").args(["-W", "-f=${db:Status-Status}", name]))
        .is_some_and(|status| status == "installed")
}

fn is_ubuntu() -> bool {
    std::fs::read_to_string("/etc/os-release")
        .is_ok_and(|text| text.lines().any(|line| line == "ID=ubuntu" || line == "ID_LIKE=ubuntu"))
}

/// The pages are built with Node.
fn node() -> Result<(), Fault> {
    let said = shell::read(shell::command("node").arg("--version"));
    match said.as_deref().and_then(node_version) {
        Some(version) if version >= (20, 19) => Ok(()),
        _ => Err(format!(
            "Printvigil needs Node.js 20.19 or newer to build its pages; found {}.\n\
             Install a current Node.js (its installer brings npm), then try again.",
            said.as_deref().unwrap_or("none")
        )),
    }
}

fn node_version(said: &str) -> Option<(u32, u32)> {
    let mut parts = said.strip_prefix('v')?.split('.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??))
}

#[cfg(test)]
mod tests {
    use super::node_version;

    #[test]
    fn versions_of_node_are_read() {
        assert_eq!(node_version("v20.20.2"), Some((20, 20)));
        assert_eq!(node_version("v8.9"), Some((8, 9)));
        assert_eq!(node_version("none"), None);
    }
}
