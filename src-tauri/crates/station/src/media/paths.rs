//! Where the pictures and films of a print lie, and how the database and the page name them.

use domain::{FrameId, PrintId};
use std::path::{Path, PathBuf};

/// File of the film.
pub(crate) const FILM: &str = "film.mp4";
/// File of the film with boxes.
pub(crate) const TAGGED: &str = "tagged.mp4";
/// The film as it was brought, of a print that was seen elsewhere.
pub(crate) const BROUGHT: &str = "brought.mp4";
/// Folder of the single pictures.
pub(crate) const FRAMES: &str = "frames";
/// Folder of the clips of alerts.
pub(crate) const EVIDENCE: &str = "evidence";

/// Returns where the folders of all prints lie.
pub(crate) fn prints_folder(root: &Path) -> PathBuf {
    root.join("media").join("prints")
}

/// Returns where the pictures of a print lie, below the data folder.
pub(crate) fn print_folder(print: PrintId) -> PathBuf {
    prints_folder(Path::new("")).join(print.to_string())
}

/// Returns where a picture lies, below the data folder.
pub(crate) fn frame_path(print: PrintId, frame: FrameId) -> PathBuf {
    print_folder(print).join(FRAMES).join(format!("{frame}.jpg"))
}

/// Returns a path below the data folder as the database names it, on every system.
pub(crate) fn slashed(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

/// Returns the address of what lies there, below the door's own.
pub(crate) fn url_of(path: &Path) -> String {
    format!("/{}", slashed(path))
}
