//! What is uploaded as it will be printed: containers are unpacked into plain G-code, and their pictures kept.

use super::files::UploadError;
use crate::media::thumbnail;
use gcode::{ContainerError, ProgramKind, ThumbnailFormat};
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// The room on the disk is looked at each time so many bytes were written.
const CHECK_EVERY: usize = 4 * 1024 * 1024;

/// An upload as plain G-code.
pub(crate) struct Unpacked {
    /// The plain G-code, where the upload itself is none; removed when dropped.
    pub(crate) plain: Option<Plain>,
    /// The largest picture of it that a page can show.
    pub(crate) thumbnail: Option<Vec<u8>>,
    /// Keys and values that its container held.
    pub(crate) beside: Vec<(String, String)>,
}

/// How far an upload is being unpacked, and whether anybody still waits for it.
#[derive(Debug, Default)]
pub struct Unpacking {
    /// Bytes of plain G-code so far.
    pub bytes: AtomicU64,
    /// Nobody waits any more: it is broken off.
    pub given_up: AtomicBool,
}

/// A file beside the upload, gone when dropped unless it was taken away.
pub(crate) struct Plain(pub(crate) PathBuf);

impl Drop for Plain {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Opens the upload at `temp`, by its content and not by its name.
///
/// # Errors
/// When it is no G-code, damaged, too large, nobody waits for it any more, or `room` says that the disk is full.
pub(crate) fn unpack(
    temp: &Path,
    name: &str,
    unpacking: &Unpacking,
    room: impl Fn() -> io::Result<()>,
) -> Result<Unpacked, UploadError> {
    let disk = |source| UploadError::Disk { name: name.to_owned(), source };
    let broken =
        |error: ContainerError| UploadError::Unprintable { name: name.to_owned(), why: error.to_string() };
    let mut program = gcode::open_program(File::open(temp).map_err(disk)?).map_err(broken)?;
    let beside = std::mem::take(&mut program.metadata);
    for what in &program.left_out {
        tracing::warn!("{name}: left out of its container: {what}");
    }
    if program.kind == ProgramKind::Plain {
        let pictures = gcode::thumbnails(File::open(temp).map_err(disk)?);
        return Ok(Unpacked { plain: None, thumbnail: thumbnail(pictures), beside });
    }
    let thumbnail = thumbnail(std::mem::take(&mut program.thumbnails));
    let plain = Plain(temp.with_extension("plain.part"));
    let mut out = File::create(&plain.0).map_err(disk)?;
    // Where a file system knows no locks, it is only swept when it is old.
    let _ = out.try_lock();
    let mut buffer = vec![0; 64 * 1024];
    let mut unchecked = CHECK_EVERY;
    loop {
        if unpacking.given_up.load(Ordering::Relaxed) {
            return Err(UploadError::GivenUp { name: name.to_owned() });
        }
        if unchecked >= CHECK_EVERY {
            unchecked = 0;
            room().map_err(disk)?;
        }
        let read = program.reader.read(&mut buffer).map_err(|error| broken(error.into()))?;
        if read == 0 {
            return Ok(Unpacked { plain: Some(plain), thumbnail, beside });
        }
        out.write_all(&buffer[..read]).map_err(disk)?;
        unchecked += read;
        unpacking.bytes.fetch_add(read as u64, Ordering::Relaxed);
    }
}

/// Returns the type of the picture at `path` by its first bytes; `None` when it is none, or gone.
pub fn picture_type(path: &Path) -> Option<&'static str> {
    let mut head = Vec::new();
    File::open(path).ok()?.take(8).read_to_end(&mut head).ok()?;
    match gcode::picture_format(&head)? {
        ThumbnailFormat::Png => Some("image/png"),
        ThumbnailFormat::Jpg => Some("image/jpeg"),
        ThumbnailFormat::Qoi | ThumbnailFormat::Rgba => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    /// More than the room is looked at for once.
    const BYTES: usize = 10 * 1024 * 1024;

    /// A container whose file is large and packs well.
    fn container(dir: &Path) -> PathBuf {
        let path = dir.join("plate.gcode.3mf");
        let mut zip = zip::ZipWriter::new(File::create(&path).unwrap());
        let packed = zip::write::SimpleFileOptions::default();
        zip.start_file("Metadata/plate_1.gcode", packed).unwrap();
        let (mut text, mut n) = (String::from("G28\n"), 0_u64);
        while text.len() < BYTES {
            // Numbers that do not repeat: what packs far too well is refused.
            n = n.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text += &format!("G1 X{} Y{} E0.5\n", (n >> 40) % 200, (n >> 20) % 200_000);
        }
        zip.write_all(text.as_bytes()).unwrap();
        zip.finish().unwrap();
        path
    }

    fn parts(dir: &Path) -> usize {
        let names = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name());
        names.filter(|name| name.to_string_lossy().ends_with(".part")).count()
    }

    #[test]
    fn how_far_it_is_is_told_while_it_is_unpacked() {
        let dir = tempfile::tempdir().unwrap();
        let (upload, unpacking, seen) =
            (container(dir.path()), Unpacking::default(), RefCell::<Vec<u64>>::default());
        let room = || {
            RefCell::borrow_mut(&seen).push(unpacking.bytes.load(Ordering::Relaxed));
            Ok(())
        };
        let unpacked = unpack(&upload, "plate.gcode.3mf", &unpacking, room).unwrap();
        let plain = unpacked.plain.expect("a container was unpacked");
        let size = std::fs::metadata(&plain.0).unwrap().len();
        assert_eq!(unpacking.bytes.load(Ordering::Relaxed), size);
        let seen: Vec<u64> = seen.into_inner();
        assert!(seen.len() >= 3 && seen.is_sorted() && seen[1] > 0 && seen[2] < size, "{seen:?} of {size}");
        drop(plain);
        assert_eq!(parts(dir.path()), 0, "what nobody takes is gone");
    }

    #[test]
    fn what_nobody_waits_for_or_has_no_room_is_broken_off_and_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let upload = container(dir.path());
        // Both happen when part of it is unpacked already.
        let meanwhile = |unpacking: &Unpacking| unpacking.bytes.load(Ordering::Relaxed) > 0;
        let unpacking = Unpacking::default();
        let leave = || {
            unpacking.given_up.store(meanwhile(&unpacking), Ordering::Relaxed);
            Ok(())
        };
        let given_up = unpack(&upload, "a.3mf", &unpacking, leave).err();
        assert!(matches!(given_up, Some(UploadError::GivenUp { .. })), "{given_up:?}");
        let done = unpacking.bytes.load(Ordering::Relaxed);
        assert!(done < BYTES as u64 / 2 + 1024 * 1024, "{done} bytes: at once, not at the end");

        let unpacking = Unpacking::default();
        let full = || if meanwhile(&unpacking) { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) };
        let refused = unpack(&upload, "a.3mf", &unpacking, full).err();
        assert!(matches!(refused, Some(UploadError::Disk { .. })), "{refused:?}");
        assert_eq!(parts(dir.path()), 0);
    }
}
