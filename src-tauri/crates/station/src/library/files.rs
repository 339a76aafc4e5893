//! The library of G-code files: names in the database, contents under numbers on disk.

use super::facts::Facts;
use crate::hex::hex;
use domain::{FileId, GCodeFile, Timestamp, UserId, safe_filename};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use store::{Store, StoreError};

/// Why a file is not taken.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// It is no G-code that can be printed.
    #[error("{name} cannot be printed: {why}")]
    Unprintable {
        /// Its name.
        name: String,
        /// What is wrong and where.
        why: String,
    },
    /// The disk did not take it.
    #[error("{name} could not be saved: {source}")]
    Disk {
        /// Its name.
        name: String,
        /// The system's word.
        source: std::io::Error,
    },
    /// Nobody waits for it any more.
    #[error("{name} was broken off")]
    GivenUp {
        /// Its name.
        name: String,
    },
    /// The database did not take it.
    #[error("the file could not be added to the library: {0}")]
    Store(#[from] StoreError),
}

/// Returns where the content of a file lies.
pub(crate) fn content_path(data_dir: &Path, file: FileId) -> PathBuf {
    data_dir.join("files").join(format!("{file}.gcode"))
}

/// Removes all that lies on disk of a file.
pub(crate) fn remove_contents(data_dir: &Path, file: FileId) {
    for ending in ["gcode", "original", "thumbnail", "layers"] {
        let _ = std::fs::remove_file(data_dir.join("files").join(format!("{file}.{ending}")));
    }
}

/// Takes the finished upload at `temp` into the library: reads it through once, then names and keeps it. `beside` is what
/// its container held beside it.
///
/// # Errors
/// Nothing is kept when it cannot be printed or saved.
pub(crate) fn add(
    data_dir: &Path,
    store: &Store,
    temp: &Path,
    name: &str,
    signature: Option<String>,
    now: Timestamp,
    beside: &[(String, String)],
) -> Result<GCodeFile, UploadError> {
    let name: String = name.chars().filter(|c| !c.is_control()).take(200).collect();
    let disk = |source| UploadError::Disk { name: name.clone(), source };
    let content = File::open(temp).map_err(disk)?;
    let num_bytes = content.metadata().map_err(disk)?.len();
    let facts = Facts::read(content, beside)
        .map_err(|error| UploadError::Unprintable { name: name.clone(), why: error.to_string() })?;
    let file = GCodeFile {
        id: FileId(0),
        user: UserId(1),
        safe_filename: safe_filename(&name),
        filename: name.clone(),
        parent_folder: None,
        url: String::new(),
        num_bytes,
        agent_signature: signature,
        metadata_json: Some(facts.to_json().to_string()),
        filament_total: Some(facts.summary.filament_mm),
        estimated_time: Some(facts.summary.estimated_secs),
        thumbnail1_url: None,
        created_at: now,
        updated_at: now,
        deleted: None,
    };
    let dir = data_dir.join("files");
    std::fs::create_dir_all(&dir).map_err(disk)?;
    let (data_dir, temp) = (data_dir.to_path_buf(), temp.to_path_buf());
    // The row and the content appear together: a failed rename rolls the row back.
    store
        .write_now(move |tx| {
            let id = store::file::insert(tx, &file)?;
            let path = content_path(&data_dir, id);
            std::fs::rename(&temp, &path).map_err(|source| StoreError::File {
                what: "keep",
                path,
                source,
            })?;
            Ok(GCodeFile { id, ..file })
        })
        .map_err(UploadError::from)
}

/// Returns `sha256:` and the digest of a file.
pub(crate) fn signature(path: &Path) -> std::io::Result<String> {
    let mut content = std::fs::File::open(path)?;
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; 64 * 1024]);
    loop {
        let read = content.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        hash.update(&buffer[..read]);
    }
    Ok(format!("sha256:{}", hex(&hash.finalize())))
}
