//! Room on the disk that is kept free, and a file that is given up when there is none left: so that the app starts on a
//! full disk, too, and people can tidy up in it.

use fs4::FileExt;
use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::Arc;

/// Holds room that is given up when the disk is full.
const HELD: &str = "held-room.bin";
/// Its size, bytes: enough for the database's journal, a migration's copy of a small one, and a log.
const HELD_BYTES: u64 = 16 * 1024 * 1024;
/// With less than this free it is given up, bytes.
const TIGHT: u64 = 4 * 1024 * 1024;

/// The disk of the data folder, and how much of it is left free.
#[derive(Clone)]
pub(crate) struct Room {
    root: Arc<Path>,
    reserve_bytes: u64,
}

impl Room {
    /// The disk that holds `root`; pictures and uploads leave `reserve_bytes` of it free.
    pub(crate) fn new(root: Arc<Path>, reserve_bytes: u64) -> Self {
        Self { root, reserve_bytes }
    }

    /// Returns the free space below which no pictures and uploads are kept, bytes.
    pub(crate) fn reserve_bytes(&self) -> u64 {
        self.reserve_bytes
    }

    /// Checks that so many bytes fit onto the disk beside the reserve.
    ///
    /// # Errors
    /// With what is free now, when they do not.
    pub(crate) fn check(&self, bytes: u64) -> Result<(), u64> {
        match free_bytes(&self.root) {
            Some(free) if free < self.reserve_bytes.saturating_add(bytes) => Err(free),
            Some(_) | None => Ok(()),
        }
    }

    /// Checks that the disk has more than its reserve, while something is being written to it.
    pub(crate) fn left(&self) -> io::Result<()> {
        self.check(0).map_err(|_| io::ErrorKind::StorageFull.into())
    }

    /// Gives the held room up when the disk is full, so that rows can be written and something be deleted.
    pub(crate) fn make(&self) {
        make_room(&self.root);
    }
}

/// Returns the free space of the disk that holds `path`, or `None` where it cannot be told.
pub(crate) fn free_bytes(path: &Path) -> Option<u64> {
    fs4::available_space(path).ok()
}

/// Gives the held room up when the disk is full. Returns whether it is.
pub(crate) fn make_room(root: &Path) -> bool {
    let full = free_bytes(root).is_some_and(|free| free < TIGHT);
    if full && fs::remove_file(root.join(HELD)).is_ok() {
        tracing::warn!("the disk is full: the room that was held for this is given up; please tidy up");
    }
    full
}

/// Holds room again, once there is plenty.
pub(crate) fn hold(root: &Path) {
    let path = root.join(HELD);
    let plenty = free_bytes(root).is_some_and(|free| free > HELD_BYTES * 2);
    if plenty
        && !path.exists()
        && let Err(error) = allocate(&path)
    {
        let _ = fs::remove_file(&path);
        tracing::warn!(%error, "no room is held for the day when the disk is full");
    }
}

fn allocate(path: &Path) -> io::Result<()> {
    let file = File::create_new(path)?;
    FileExt::allocate(&file, HELD_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_held_once_and_given_up_only_on_a_full_disk() {
        let dir = tempfile::tempdir().unwrap();
        hold(dir.path());
        hold(dir.path());
        assert_eq!(fs::metadata(dir.path().join(HELD)).unwrap().len(), HELD_BYTES);
        assert!(!make_room(dir.path()), "there is room");
    }
}
