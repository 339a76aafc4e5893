//! Hands a package to the system's own tool, which asks for the password.

use crate::Kind;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What became of it.
#[derive(Debug, PartialEq, Eq)]
pub enum Handed {
    /// The system has installed it.
    Installed,
    /// A person has to.
    ByHand {
        /// What to type.
        command: String,
        /// Why it was not done from here.
        why: String,
    },
}

/// Has the system install a package, or says what to type. Waits for the person who is asked for the password.
pub fn hand_over(kind: Kind, package: &Path) -> Handed {
    hand_over_with(kind, package, &std::env::var_os("PATH").unwrap_or_default())
}

fn hand_over_with(kind: Kind, package: &Path, path: &OsStr) -> Handed {
    let find = |name: &str| std::env::split_paths(path).map(|dir| dir.join(name)).find(|file| file.is_file());
    // Without a network: what a new version may need besides is fetched only where a person says so.
    let (tool, arguments, typed): (_, &[&str], _) = match kind {
        Kind::Deb => (find("apt-get"), &["install", "-y", "--no-download"], "apt"),
        Kind::Rpm if find("dnf").is_some() => (find("dnf"), &["install", "-y", "--cacheonly"], "dnf"),
        Kind::Rpm | Kind::Portable => {
            (find("zypper"), &["--non-interactive", "--no-refresh", "install"], "zypper")
        }
    };
    let by_hand =
        |why: String| Handed::ByHand { command: format!("sudo {typed} install {}", quoted(package)), why };
    let Some(tool) = tool else { return by_hand(format!("{typed} was not found")) };
    let Some(ask) = find("pkexec") else {
        return by_hand("this computer has no window that asks for the password (pkexec)".into());
    };
    match run(&ask, &tool, arguments, package) {
        Ok(()) => Handed::Installed,
        Err(why) => by_hand(why),
    }
}

fn run(ask: &Path, tool: &PathBuf, arguments: &[&str], package: &Path) -> Result<(), String> {
    let mut command = Command::new(ask);
    command.arg(tool).args(arguments).arg(package).stdin(Stdio::null());
    let said = command.output().map_err(|error| error.to_string())?;
    if said.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&said.stderr);
    let last = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default().trim().to_owned();
    Err(match said.status.code() {
        Some(126 | 127) => "the password was not given".into(),
        Some(_) | None if last.is_empty() => format!("{} ended with {}", tool.display(), said.status),
        Some(_) | None => last,
    })
}

/// Returns a path as one word of a shell.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+".contains(c);
    if text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    fn program(dir: &Path, name: &str, text: &str) {
        fs::write(dir.join(name), format!("#!/bin/sh\n{text}\n")).expect("a file");
        fs::set_permissions(dir.join(name), fs::Permissions::from_mode(0o755)).expect("ours");
    }

    fn handed(dir: &Path) -> Handed {
        hand_over_with(Kind::Deb, Path::new("/home/me/a b/p.deb"), dir.as_os_str())
    }

    #[test]
    fn the_system_installs_once_the_password_is_given() {
        let dir = tempfile::tempdir().unwrap();
        program(dir.path(), "apt-get", "");
        program(dir.path(), "pkexec", "for word; do echo \"$word\"; done > \"$(dirname \"$0\")/asked\"");
        assert_eq!(handed(dir.path()), Handed::Installed);
        let asked = fs::read_to_string(dir.path().join("asked")).unwrap();
        let words: Vec<&str> = asked.lines().skip(1).collect();
        assert_eq!(words, ["install", "-y", "--no-download", "/home/me/a b/p.deb"]);
    }

    #[test]
    fn where_it_cannot_be_done_from_here_the_command_is_said() {
        let dir = tempfile::tempdir().unwrap();
        let by_hand = |why: &str| {
            let Handed::ByHand { command, why: said } = handed(dir.path()) else {
                panic!("nothing can install it")
            };
            assert_eq!(command, "sudo apt install '/home/me/a b/p.deb'");
            assert!(said.contains(why), "{said}");
        };
        by_hand("apt was not found");
        program(dir.path(), "apt-get", "");
        by_hand("pkexec");
        program(dir.path(), "pkexec", "exit 126");
        by_hand("password was not given");
        program(dir.path(), "pkexec", "echo E: Unmet dependencies. >&2; exit 100");
        by_hand("Unmet dependencies");
    }

    #[test]
    fn a_path_stays_one_word_of_the_shell() {
        assert_eq!(quoted(Path::new("/a/p-0.2.0.deb")), "/a/p-0.2.0.deb");
        assert_eq!(quoted(Path::new("/a'; rm -r b")), r"'/a'\''; rm -r b'");
    }
}
