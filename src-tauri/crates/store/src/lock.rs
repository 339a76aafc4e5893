//! The lock on the data folder: one core at a time.

use crate::StoreError;
use std::fs::{self, File, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

/// Name of the lock file in the data folder. It stays when the core ends; only the lock on it counts.
pub const LOCK: &str = "core.lock";

/// Holds the data folder until it is dropped, or until the process ends in whatever way.
#[derive(Debug)]
pub struct DataLock {
    _file: File,
}

/// Takes a data folder for this process, without its database, until the result is dropped.
///
/// # Errors
/// [`StoreError::InUse`] when a core has it.
pub fn hold(data_dir: &Path) -> Result<DataLock, StoreError> {
    DataLock::take(data_dir)
}

impl DataLock {
    /// Takes the data folder, making it if need be.
    pub(crate) fn take(data_dir: &Path) -> Result<Self, StoreError> {
        fs::create_dir_all(data_dir).map_err(StoreError::file("create", data_dir))?;
        let path = data_dir.join(LOCK);
        // Not truncated on opening: another core's number may stand in it.
        let mut file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(StoreError::file("open", &path))?;
        match file.try_lock() {
            Ok(()) => (),
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::InUse { folder: data_dir.to_owned(), holder: holder(&mut file) });
            }
            Err(TryLockError::Error(e)) => return Err(StoreError::file("lock", &path)(e)),
        }
        name_us(&mut file).map_err(StoreError::file("write", &path))?;
        Ok(Self { _file: file })
    }
}

fn name_us(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    writeln!(file, "{}", std::process::id())
}

fn holder(file: &mut File) -> String {
    let mut text = String::new();
    // Where a lock forbids reading too, the number stays unknown.
    let read = file.read_to_string(&mut text);
    match text.trim().parse::<u32>() {
        Ok(pid) if read.is_ok() => format!("process {pid}"),
        Ok(_) | Err(_) => "another Printvigil".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_core_is_told_who_holds_the_folder() {
        let dir = tempfile::tempdir().unwrap();
        let first = DataLock::take(dir.path()).unwrap();
        let refused = DataLock::take(dir.path()).unwrap_err();
        let StoreError::InUse { holder, .. } = refused else {
            panic!("refused for another reason: {refused}")
        };
        if cfg!(unix) {
            assert_eq!(holder, format!("process {}", std::process::id()));
        }
        drop(first);
        DataLock::take(dir.path()).expect("the lock ends with its holder, the file stays");
    }
}
