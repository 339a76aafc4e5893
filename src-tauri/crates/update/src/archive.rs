//! The archive of a package that is unpacked: read as if anybody had made it, though its signature holds.

use crate::error::at;
use crate::{Statement, UpdateError};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Component, Path, PathBuf};
use tar::Archive;

/// More than what any version of ours is, unpacked.
const MOST_BYTES: u64 = 2 * 1024 * 1024 * 1024;
const MOST_FILES: usize = 20_000;
/// What must be there for it to be Printvigil.
const NEEDED: [&str; 3] = ["bin/vigil", "bin/printvigil", "lib/printvigil"];

/// How much is unpacked at most.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) bytes: u64,
    pub(crate) files: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: MOST_BYTES, files: MOST_FILES }
    }
}

/// Unpacks an archive into a folder that is not there yet, without the folder that everything in it lies in. Only plain
/// files and folders below that one are taken; anything else refuses the whole archive.
///
/// # Errors
/// When the archive is not as it should be, or the disk is full. What was unpacked until then is the caller's to remove.
pub(crate) fn unpack(
    archive: &Path,
    statement: &Statement,
    to: &Path,
    limits: Limits,
) -> Result<(), UpdateError> {
    let inside = |why: String| UpdateError::Inside(why);
    fs::create_dir(to).map_err(at(to))?;
    allow(to, 0o755)?;
    let file = File::open(archive).map_err(at(archive))?;
    let mut archive = Archive::new(flate2::read::GzDecoder::new(io::BufReader::new(file)));
    let top = statement.folder();
    let (mut num_bytes, mut num_files) = (0_u64, 0_usize);
    for entry in archive.entries().map_err(|e| inside(e.to_string()))? {
        let mut entry = entry.map_err(|e| inside(e.to_string()))?;
        let name = entry.path_bytes().into_owned();
        let shown = String::from_utf8_lossy(&name).into_owned();
        let path = below(&shown, &top).ok_or_else(|| inside(format!("{shown:?} lies elsewhere")))?;
        num_files += 1;
        // The length stands in front of the bytes, and the entry gives no more than that.
        num_bytes = num_bytes.saturating_add(entry.size());
        if num_files > limits.files || num_bytes > limits.bytes {
            return Err(inside("there is far too much of it".into()));
        }
        let target = to.join(path);
        let kind = entry.header().entry_type();
        if kind.is_dir() {
            folder(to, &target)?;
        } else if kind.is_file() {
            let runs = entry.header().mode().is_ok_and(|mode| mode & 0o111 != 0);
            folder(to, target.parent().unwrap_or(to))?;
            write(&mut entry, &target, runs)?;
        } else {
            return Err(inside(format!("{shown:?} is no plain file ({kind:?})")));
        }
    }
    match NEEDED.iter().find(|part| !to.join(part).exists()) {
        Some(missing) => Err(inside(format!("{missing} is missing"))),
        None => Ok(()),
    }
}

/// Returns the path of an entry below the one folder: no root, no `..`, nothing that a terminal would act on.
fn below(name: &str, top: &str) -> Option<PathBuf> {
    let path = Path::new(name);
    let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    let odd = name.contains(['\\', '\u{fffd}']) || name.chars().any(char::is_control) || name.len() > 1_000;
    if !plain || odd {
        return None;
    }
    path.strip_prefix(top).ok().map(Path::to_path_buf)
}

/// Makes a folder below `to`, with those above it.
fn folder(to: &Path, wanted: &Path) -> Result<(), UpdateError> {
    if wanted.is_dir() {
        return Ok(());
    }
    if wanted != to {
        folder(to, wanted.parent().unwrap_or(to))?;
    }
    fs::create_dir(wanted).map_err(at(wanted))?;
    allow(wanted, 0o755)
}

/// Writes one file that is not there yet, to the disk.
fn write(from: &mut impl io::Read, to: &Path, runs: bool) -> Result<(), UpdateError> {
    // A second entry of the same name would write over the first, or through a link.
    let mut file = OpenOptions::new().write(true).create_new(true).open(to).map_err(at(to))?;
    io::copy(from, &mut file).map_err(|e| UpdateError::Inside(e.to_string()))?;
    file.sync_all().map_err(at(to))?;
    allow(to, if runs { 0o755 } else { 0o644 })
}

/// Sets the rights that a program has, whatever this process gives to what it makes; what the archive says counts no further.
fn allow(path: &Path, mode: u32) -> Result<(), UpdateError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(at(path))?;
    }
    let _ = (path, mode);
    Ok(())
}

#[cfg(test)]
#[path = "archive_tests.rs"]
mod tests;
