//! How this Printvigil came to where it is, and what follows from it for an update.

use crate::{Kind, Statement};
use semver::Version;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What runs here.
#[derive(Debug, Clone)]
pub struct Installed {
    /// Its version.
    pub version: Version,
    /// Its system and processor, as a statement names them.
    pub system: String,
    /// How it was installed.
    pub way: Way,
}

/// How it was installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// By the system's own tool for packages.
    System(Kind),
    /// Unpacked: the folder with `bin`, `lib` and `share`.
    Unpacked(PathBuf),
    /// Built from the sources, or put together by hand.
    Sources,
}

impl Installed {
    /// Finds out how the program `exe` of this version came here.
    pub fn of(version: Version, exe: &Path) -> Self {
        Self { version, system: Statement::here(), way: Way::of(exe) }
    }
}

impl Way {
    fn of(exe: &Path) -> Self {
        let knows = |program: &str, option: &str| {
            let asked = Command::new(program).arg(option).arg(exe).stdin(Stdio::null()).output();
            asked.is_ok_and(|said| said.status.success())
        };
        if exe.starts_with("/usr") {
            if knows("dpkg-query", "-S") {
                return Self::System(Kind::Deb);
            }
            if knows("rpm", "-qf") {
                return Self::System(Kind::Rpm);
            }
        }
        let top = exe.parent().filter(|bin| bin.ends_with("bin")).and_then(Path::parent);
        let ours = |top: &&Path| {
            ["README.txt", "bin/printvigil", "lib/printvigil"].iter().all(|part| top.join(part).exists())
        };
        top.filter(ours).map_or(Self::Sources, |top| Self::Unpacked(top.to_owned()))
    }

    /// Returns the kind of package that fits; none fits what was built from the sources.
    pub fn kind(&self) -> Option<Kind> {
        match self {
            Self::System(kind) => Some(*kind),
            Self::Unpacked(_) => Some(Kind::Portable),
            Self::Sources => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unpacked_archive_is_known_by_what_lies_in_it() {
        let dir = tempfile::tempdir().unwrap();
        let exe = dir.path().join("bin/vigil");
        assert_eq!(Way::of(&exe), Way::Sources);
        for folder in ["bin", "lib/printvigil"] {
            std::fs::create_dir_all(dir.path().join(folder)).unwrap();
        }
        for file in ["README.txt", "bin/printvigil"] {
            std::fs::write(dir.path().join(file), "").unwrap();
        }
        assert_eq!(Way::of(&exe), Way::Unpacked(dir.path().into()));
        assert_eq!(Way::of(&dir.path().join("debug/vigil")), Way::Sources);
    }
}
