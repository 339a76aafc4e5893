//! Reads a backup: all of it into a folder, or only so much that a person can be told what it holds. Each file must be what
//! the manifest says, and lie below the folder.

use super::archive_form::{ArchiveError, Archived, Entry, FOLDERS, FORMAT, MANIFEST, Manifest, at};
use crate::hex::hex;
use crate::media::free_bytes;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{BufReader, Read, Write};
use std::path::{Component, Path, PathBuf};
use zip::ZipArchive;

/// Longest entry of the manifest, bytes: a path, a length and a sum.
const LONGEST_ENTRY: u64 = 1_024;
/// Files in an archive at most.
const MOST_FILES: usize = 20_000_000;

fn broken(why: impl std::fmt::Display) -> ArchiveError {
    ArchiveError::Broken(why.to_string())
}

struct Backup {
    zip: ZipArchive<BufReader<File>>,
    manifest: Manifest,
}

impl Backup {
    /// Opens an archive and reads its manifest, which names the database among its files.
    fn open(archive: &Path) -> Result<Self, ArchiveError> {
        let file = File::open(archive).map_err(at(archive))?;
        let mut zip = ZipArchive::new(BufReader::new(file)).map_err(broken)?;
        if zip.len() > MOST_FILES {
            return Err(broken("it names too many files"));
        }
        // A list that says more than the archive has files is none of ours, and may unpack to any size.
        let longest = (zip.len() as u64).saturating_mul(LONGEST_ENTRY).saturating_add(LONGEST_ENTRY);
        let manifest: Manifest = {
            let entry = zip.by_name(MANIFEST).map_err(|_| broken("its list of files is missing"))?;
            serde_json::from_reader(BufReader::new(entry.take(longest))).map_err(broken)?
        };
        if manifest.format > FORMAT {
            return Err(ArchiveError::TooNew(manifest.format));
        }
        if manifest.files.len() > zip.len() {
            return Err(broken("its list names more files than it has"));
        }
        if !manifest.files.iter().any(|file| file.path == store::DATABASE) {
            return Err(broken("the database is missing"));
        }
        Ok(Self { zip, manifest })
    }

    /// Unpacks one file below a folder.
    fn extract(&mut self, file: &Entry, to: &Path) -> Result<(), ArchiveError> {
        let path = to.join(safe(&file.path).ok_or_else(|| broken(format!("{:?} is no path", file.path)))?);
        fs::create_dir_all(path.parent().unwrap_or(to)).map_err(at(&path))?;
        let entry = self.zip.by_name(&file.path).map_err(|_| broken(format!("{} is missing", file.path)))?;
        let mut out = File::create(&path).map_err(at(&path))?;
        let mut sum = Sha256::new();
        // One byte more than there should be is enough to know.
        let mut entry = entry.take(file.num_bytes.saturating_add(1));
        let (mut num_bytes, mut buffer) = (0, vec![0; 256 * 1024]);
        loop {
            let read = entry.read(&mut buffer).map_err(broken)?;
            if read == 0 {
                break;
            }
            sum.update(&buffer[..read]);
            out.write_all(&buffer[..read]).map_err(at(&path))?;
            num_bytes += read as u64;
        }
        out.sync_all().map_err(at(&path))?;
        if num_bytes != file.num_bytes || hex(&sum.finalize()) != file.sha256 {
            return Err(broken(format!("{} is damaged", file.path)));
        }
        Ok(())
    }
}

fn room_for(needed: u64, folder: &Path) -> Result<(), ArchiveError> {
    match free_bytes(folder) {
        Some(free) if free < needed => Err(ArchiveError::NoRoom { needed, free }),
        Some(_) | None => Ok(()),
    }
}

/// Unpacks an archive whole. What was unpacked before a failure is the caller's to remove.
pub(super) fn unpack(archive: &Path, to: &Path) -> Result<Archived, ArchiveError> {
    let mut backup = Backup::open(archive)?;
    let files = std::mem::take(&mut backup.manifest.files);
    let needed = files.iter().fold(0_u64, |sum, file| sum.saturating_add(file.num_bytes));
    fs::create_dir_all(to).map_err(at(to))?;
    room_for(needed, to)?;
    let mut done = Archived::default();
    for file in &files {
        backup.extract(file, to)?;
        done.files += 1;
        done.bytes += file.num_bytes;
    }
    Ok(done)
}

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Peek {
    /// Version of the app that made it.
    pub app_version: String,
    /// Files in it.
    pub files: usize,
    /// Bytes of them.
    pub bytes: u64,
    /// Single pictures of prints are among them.
    pub with_pictures: bool,
    /// What its database holds.
    pub history: store::Contents,
}

/// Says what a backup holds, without restoring it: only its database is unpacked, into a folder below `scratch` that is
/// gone again afterwards.
///
/// # Errors
/// When the archive is damaged, of a newer app, or of somebody else; when the disk is full.
pub fn peek(archive: &Path, scratch: &Path) -> Result<Peek, ArchiveError> {
    let mut backup = Backup::open(archive)?;
    let files = std::mem::take(&mut backup.manifest.files);
    fs::create_dir_all(scratch).map_err(at(scratch))?;
    let folder = tempfile::Builder::new().prefix(".peek-").tempdir_in(scratch).map_err(at(scratch))?;
    let database = files.iter().find(|file| file.path == store::DATABASE).expect("opened with one");
    room_for(database.num_bytes, folder.path())?;
    backup.extract(database, folder.path())?;
    Ok(Peek {
        app_version: backup.manifest.app_version,
        files: files.len(),
        bytes: files.iter().fold(0, |sum, file| sum.saturating_add(file.num_bytes)),
        with_pictures: files.iter().any(|file| file.path.contains("/frames/")),
        history: store::contents(&folder.path().join(store::DATABASE))?,
    })
}

/// Returns a path below the folder: no root, no `..`, none of the names that a core uses while it runs.
pub(super) fn safe(name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(name);
    let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    let ours = name == store::DATABASE || FOLDERS.iter().any(|folder| path.starts_with(folder));
    (plain && ours && !name.contains('\\')).then_some(path)
}
