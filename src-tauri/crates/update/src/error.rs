//! Why a package is not installed, in words for people.

use crate::Kind;
use semver::Version;
use std::io;
use std::path::Path;

/// Why a package is not installed.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: String,
        /// The system's words.
        source: io::Error,
    },
    /// A folder, a device, something that is no file.
    #[error("{0} is no file")]
    NotAFile(String),
    /// Larger than any package of ours.
    #[error("{0} is larger than any package of Printvigil")]
    TooLarge(String),
    /// No signature lies beside it.
    #[error(
        "its signature is missing: the file {0} belongs into the same folder. Without it nobody can tell who made this \
         package"
    )]
    NoSignature(String),
    /// The signature is none.
    #[error("{0} is no signature; download it again")]
    BadSignature(String),
    /// The signature does not fit the file.
    #[error(
        "it was changed after it was signed, or was not downloaded whole; download it again, with its signature"
    )]
    Changed,
    /// Signed by somebody else.
    #[error("it is signed with a key that this Printvigil does not trust")]
    OtherKey,
    /// Signed by us, and no package.
    #[error("its signature does not say that it is a package of Printvigil")]
    NoPackage,
    /// For another kind of computer.
    #[error("it is made for {made_for}, and this computer is {here}")]
    OtherSystem {
        /// Such as `linux-aarch64`.
        made_for: String,
        /// Such as `linux-x86_64`.
        here: String,
    },
    /// Not the kind that was installed.
    #[error("it is {offered}, and this Printvigil came as {installed}: choose that kind")]
    OtherKind {
        /// What was chosen.
        offered: Kind,
        /// What is installed.
        installed: Kind,
    },
    /// Built from the sources, or put together by hand.
    #[error("this Printvigil was built from its sources: update those, and build it again")]
    Sources,
    /// The version that runs.
    #[error("version {0} is installed already")]
    Same(Version),
    /// One that is older: it may not understand the data, and may have faults that are mended.
    #[error(
        "it is version {offered}, older than {installed}, which is installed; older versions may not read your data"
    )]
    Older {
        /// What was chosen.
        offered: Version,
        /// What is installed.
        installed: Version,
    },
    /// What is in the archive is not what belongs there.
    #[error("what is in the package is not as it should be: {0}")]
    Inside(String),
}

pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> UpdateError {
    let path = path.display().to_string();
    move |source| UpdateError::File { path, source }
}
