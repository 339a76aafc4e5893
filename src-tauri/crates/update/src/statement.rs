//! What a signature says of its package. It is the signature's trusted comment, and so it is signed itself.

use semver::Version;
use std::fmt;
use std::str::FromStr;

/// In which form a package comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// For Debian, Ubuntu and kin.
    Deb,
    /// For Fedora, openSUSE and kin.
    Rpm,
    /// To be unpacked anywhere.
    Portable,
}

impl Kind {
    /// Returns its word in a statement.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Deb => "deb",
            Self::Rpm => "rpm",
            Self::Portable => "portable",
        }
    }

    /// Returns how the names of such files end.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Deb => "deb",
            Self::Rpm => "rpm",
            Self::Portable => "tar.gz",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Deb => "a package for Debian and Ubuntu (.deb)",
            Self::Rpm => "a package for Fedora and openSUSE (.rpm)",
            Self::Portable => "an archive to unpack (.tar.gz)",
        })
    }
}

/// `printvigil 0.2.0 linux-x86_64 portable`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its version.
    pub version: Version,
    /// The system and processor that it is made for.
    pub system: String,
    /// Its form.
    pub kind: Kind,
}

impl Statement {
    /// Returns the name that a file with such a package gets from us, made of what is signed alone.
    pub fn file_name(&self) -> String {
        format!("printvigil-{}-{}.{}", self.version, self.system, self.kind.ending())
    }

    /// Returns the folder that an archive has everything in.
    pub fn folder(&self) -> String {
        format!("printvigil-{}-{}", self.version, self.system)
    }

    /// Returns this computer in the words of a statement.
    pub fn here() -> String {
        format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH)
    }
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "printvigil {} {} {}", self.version, self.system, self.kind.word())
    }
}

/// It says something else.
#[derive(Debug, PartialEq, Eq)]
pub struct NoStatement;

impl FromStr for Statement {
    type Err = NoStatement;

    fn from_str(text: &str) -> Result<Self, NoStatement> {
        let words: Vec<&str> = text.split(' ').collect();
        let ["printvigil", version, system, kind] = words.as_slice() else { return Err(NoStatement) };
        let kind = [Kind::Deb, Kind::Rpm, Kind::Portable].into_iter().find(|known| known.word() == *kind);
        // Names of files are made of it.
        let plain = system.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        match (Version::parse(version), kind) {
            (Ok(version), Some(kind)) if plain && !system.is_empty() => {
                Ok(Self { version, system: (*system).into(), kind })
            }
            _ => Err(NoStatement),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_read_as_it_is_written() {
        let text = "printvigil 0.2.0 linux-x86_64 portable";
        let read: Statement = text.parse().unwrap();
        assert_eq!(read.to_string(), text);
        assert_eq!(read.file_name(), "printvigil-0.2.0-linux-x86_64.tar.gz");
    }

    #[test]
    fn what_says_anything_else_is_none() {
        for text in [
            "",
            "printvigil",
            "timestamp:1555779966\tfile:printvigil-9.9.9.deb",
            "printvigil 0.2 linux-x86_64 deb",
            "printvigil 0.2.0 ../../etc deb",
            "printvigil 0.2.0 linux-x86_64 exe",
            "printvigil 0.2.0 linux-x86_64 deb rm",
            "printvigil  0.2.0 linux-x86_64 deb",
        ] {
            assert_eq!(text.parse::<Statement>(), Err(NoStatement), "{text:?}");
        }
    }
}
