//! Puts an unpacked version into the place of the one that runs.

use crate::archive::{Limits, unpack};
use crate::error::at;
use crate::{Staged, UpdateError};
use std::fs;
use std::path::{Path, PathBuf};

/// A version that is in place.
#[derive(Debug, PartialEq, Eq)]
pub struct Replaced {
    /// Where the version before is kept.
    pub before: PathBuf,
}

/// Unpacks a package beside the folder `top` and puts it in its place, which stays the same: what starts Printvigil from
/// there starts the new one. The version before is kept under another name.
///
/// # Errors
/// When the archive is not as it should be, or the folder cannot be written; all is as it was then.
pub fn replace(staged: &Staged, top: &Path, version_before: &str) -> Result<Replaced, UpdateError> {
    let fresh = beside(top, &format!("new-{}", std::process::id()));
    let _ = fs::remove_dir_all(&fresh);
    let unpacked = unpack(&staged.path, &staged.offer.statement, &fresh, Limits::default());
    let placed = unpacked.and_then(|()| swap(&fresh, top, version_before));
    if placed.is_err() {
        let _ = fs::remove_dir_all(&fresh);
    }
    placed
}

fn swap(fresh: &Path, top: &Path, version_before: &str) -> Result<Replaced, UpdateError> {
    let mut names = (1..).map(|n| match n {
        1 => beside(top, &format!("before-{version_before}")),
        n => beside(top, &format!("before-{version_before}-{n}")),
    });
    let before = names.find(|name| !name.exists()).expect("some number is free");
    fs::rename(top, &before).map_err(at(top))?;
    if let Err(error) = fs::rename(fresh, top) {
        // What was there stays there.
        fs::rename(&before, top).map_err(at(&before))?;
        return Err(at(top)(error));
    }
    Ok(Replaced { before })
}

fn beside(top: &Path, word: &str) -> PathBuf {
    let mut name = top.as_os_str().to_owned();
    name.push(".");
    name.push(word);
    name.into()
}
