//! Everything in one file, and back: a ZIP with a copy of the database, the G-code files, models and pictures, and a
//! manifest that names each file with its length and SHA-256.

use super::archive_form::{ArchiveError, Archived, Entry, FOLDERS, FORMAT, MANIFEST, Manifest, at};
use super::archive_read::unpack;
use crate::hex::hex;
use crate::media::slashed;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use store::StoreError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Whether single pictures go in: they are by far the most. Films, clips, posters and shots always do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pictures {
    /// They do.
    With,
    /// They do not.
    Without,
}

/// Writes everything that lies in a data folder, also while a core runs on it: the database as it is at one moment, then
/// files. Files that go meanwhile are left out.
///
/// # Errors
/// When something cannot be read or written.
pub fn back_up(
    data_dir: &Path,
    app_version: &str,
    pictures: Pictures,
    out: impl Write,
) -> Result<Archived, ArchiveError> {
    static NUM: AtomicU32 = AtomicU32::new(0);
    // A name of its own: another one may be made meanwhile, here or by a command.
    let name = format!("archive-{}-{}.unfinished", std::process::id(), NUM.fetch_add(1, Ordering::Relaxed));
    let copy = data_dir.join("backup").join(name);
    fs::create_dir_all(data_dir.join("backup")).map_err(at(data_dir))?;
    let conn = store::read_only(data_dir)?;
    store::copy_database(&conn, &copy)?;
    // Sending may take hours: nothing of the database is held meanwhile.
    drop(conn);
    let mut archive = Archive { zip: ZipWriter::new_stream(out), manifest: Manifest::default() };
    archive.manifest.format = FORMAT;
    archive.manifest.app_version = app_version.into();
    let added = archive.add(&copy, store::DATABASE);
    // Whatever became of it, the copy is not needed any more.
    let _ = fs::remove_file(&copy);
    added?;
    for folder in FOLDERS {
        archive.add_folder(data_dir, Path::new(folder), pictures)?;
    }
    archive.finish()
}

/// Returns how a file is put into a ZIP: what is packed already is not packed again.
pub(crate) fn packing(name: &str) -> SimpleFileOptions {
    let packed = [".jpg", ".mp4", ".onnx", ".png"].iter().any(|end| name.ends_with(end));
    let method = if packed { CompressionMethod::Stored } else { CompressionMethod::Deflated };
    SimpleFileOptions::default().compression_method(method).large_file(true)
}

struct Archive<W: Write> {
    zip: ZipWriter<zip::write::StreamWriter<W>>,
    manifest: Manifest,
}

impl<W: Write> Archive<W> {
    fn add_folder(&mut self, root: &Path, folder: &Path, pictures: Pictures) -> Result<(), ArchiveError> {
        let Ok(entries) = fs::read_dir(root.join(folder)) else { return Ok(()) };
        let mut names: Vec<PathBuf> = entries.flatten().map(|entry| folder.join(entry.file_name())).collect();
        names.sort();
        for name in names {
            let path = root.join(&name);
            let single = name.file_name().is_some_and(|last| last == "frames");
            if path.is_dir() && !(single && pictures == Pictures::Without) {
                self.add_folder(root, &name, pictures)?;
            } else if path.is_file() && path.extension().is_none_or(|end| end != "part") {
                self.add(&path, &slashed(&name))?;
            }
        }
        Ok(())
    }

    fn add(&mut self, path: &Path, name: &str) -> Result<(), ArchiveError> {
        // One that has gone meanwhile was erased or renamed: nothing is missing.
        let Ok(mut file) = File::open(path) else { return Ok(()) };
        self.zip.start_file(name, packing(name)).map_err(|e| at(path)(e.into()))?;
        let mut sum = Sha256::new();
        let (mut num_bytes, mut buffer) = (0, vec![0; 256 * 1024]);
        loop {
            let read = file.read(&mut buffer).map_err(at(path))?;
            if read == 0 {
                break;
            }
            sum.update(&buffer[..read]);
            self.zip.write_all(&buffer[..read]).map_err(at(path))?;
            num_bytes += read as u64;
        }
        self.manifest.files.push(Entry { path: name.into(), num_bytes, sha256: hex(&sum.finalize()) });
        Ok(())
    }

    fn finish(mut self) -> Result<Archived, ArchiveError> {
        let broken = |e: &dyn std::fmt::Display| ArchiveError::Broken(e.to_string());
        self.zip.start_file(MANIFEST, SimpleFileOptions::default()).map_err(|e| broken(&e))?;
        let text = serde_json::to_vec_pretty(&self.manifest).map_err(|e| broken(&e))?;
        self.zip.write_all(&text).map_err(|e| broken(&e))?;
        self.zip.finish().map_err(|e| broken(&e))?;
        let bytes = self.manifest.files.iter().map(|file| file.num_bytes).sum();
        Ok(Archived { files: self.manifest.files.len(), bytes })
    }
}

/// Restores an archive into a folder that is not there yet; nothing is left of a failure. Each file must be what the
/// manifest says, and lie below the folder.
///
/// # Errors
/// When the archive is damaged, of a newer app, or of somebody else; when the folder exists; when the disk is full.
pub fn restore(archive: &Path, data_dir: &Path) -> Result<Archived, ArchiveError> {
    let occupied = fs::read_dir(data_dir).is_ok_and(|mut entries| entries.next().is_some());
    if occupied || data_dir.is_file() {
        return Err(ArchiveError::Exists(data_dir.display().to_string()));
    }
    restore_over(archive, data_dir).map(|(restored, _)| restored)
}

/// Restores an archive to where a data folder may be already. That one is set aside whole, under another name beside
/// it, once the archive is unpacked and found to be good; returns where it is then. Nothing is changed by a failure.
///
/// # Errors
/// As [`restore`]; and when a core works on the folder.
pub fn restore_over(archive: &Path, data_dir: &Path) -> Result<(Archived, Option<PathBuf>), ArchiveError> {
    if data_dir.is_file() {
        return Err(ArchiveError::Exists(data_dir.display().to_string()));
    }
    let held = match data_dir.is_dir().then(|| store::hold(data_dir)).transpose() {
        Ok(held) => held,
        Err(StoreError::InUse { .. }) => return Err(ArchiveError::Running(data_dir.display().to_string())),
        Err(error) => return Err(error.into()),
    };
    let part = beside(data_dir, "restoring");
    let _ = fs::remove_dir_all(&part);
    let unpacked = unpack(archive, &part);
    // Some systems move no folder with an open file in it.
    drop(held);
    let restored = unpacked.and_then(|restored| Ok((restored, set_aside(data_dir)?)));
    let placed = restored.and_then(|(restored, aside)| match fs::rename(&part, data_dir) {
        Ok(()) => Ok((restored, aside)),
        Err(error) => {
            // What was there stays there.
            aside.map(|aside| fs::rename(aside, data_dir));
            Err(at(data_dir)(error))
        }
    });
    if placed.is_err() {
        let _ = fs::remove_dir_all(&part);
    }
    placed
}

fn beside(folder: &Path, end: &str) -> PathBuf {
    let mut name = folder.as_os_str().to_owned();
    name.push(".");
    name.push(end);
    name.into()
}

/// Moves a folder out of the way, if there is something in it but the lock of a core; returns where to.
fn set_aside(folder: &Path) -> Result<Option<PathBuf>, ArchiveError> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(None) };
    let empty = entries.flatten().all(|entry| entry.file_name() == store::LOCK);
    if empty {
        fs::remove_dir_all(folder).map_err(at(folder))?;
        return Ok(None);
    }
    let names = (1..).map(|n| beside(folder, &format!("before-restore-{n}")));
    let aside = names.into_iter().find(|name| !name.exists()).expect("some number is free");
    fs::rename(folder, &aside).map_err(at(folder))?;
    Ok(Some(aside))
}

#[cfg(test)]
#[path = "archive_tests.rs"]
mod tests;
