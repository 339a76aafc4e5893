//! What is uploaded as it will be printed: containers are unpacked into plain G-code, and their pictures kept.

use crate::{UploadError, thumbnail};
use gcode::{ContainerError, ProgramKind, Thumbnail, ThumbnailFormat};
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// An upload as plain G-code.
pub(crate) struct Unpacked {
    /// The plain G-code, where the upload itself is none; removed when dropped.
    pub(crate) plain: Option<Plain>,
    /// The largest picture of it that a page can show.
    pub(crate) thumbnail: Option<Vec<u8>>,
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
/// When it is no G-code, damaged, too large, or the disk is full.
pub(crate) fn unpack(temp: &Path, name: &str) -> Result<Unpacked, UploadError> {
    let disk = |source| UploadError::Disk { name: name.to_owned(), source };
    let broken =
        |error: ContainerError| UploadError::Unprintable { name: name.to_owned(), why: error.to_string() };
    let mut program = gcode::open_program(File::open(temp).map_err(disk)?).map_err(broken)?;
    let thumbnail = largest(std::mem::take(&mut program.thumbnails));
    if program.kind == ProgramKind::Plain {
        let pictures = thumbnail::in_comments(temp).into_iter().filter(|bytes| kind(bytes).is_some());
        return Ok(Unpacked { plain: None, thumbnail: pictures.max_by_key(Vec::len) });
    }
    let plain = Plain(temp.with_extension("plain.part"));
    let mut out = File::create(&plain.0).map_err(disk)?;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = program.reader.read(&mut buffer).map_err(|error| broken(error.into()))?;
        if read == 0 {
            return Ok(Unpacked { plain: Some(plain), thumbnail });
        }
        out.write_all(&buffer[..read]).map_err(disk)?;
    }
}

/// Returns the largest picture that every page can show.
fn largest(thumbnails: Vec<Thumbnail>) -> Option<Vec<u8>> {
    let shown = thumbnails.into_iter().filter(|picture| match picture.format {
        ThumbnailFormat::Png | ThumbnailFormat::Jpg => kind(&picture.bytes).is_some(),
        ThumbnailFormat::Qoi => false,
    });
    shown.max_by_key(|picture| picture.bytes.len()).map(|picture| picture.bytes)
}

/// Returns the type of the picture at `path` by its first bytes; `None` when it is none, or gone.
pub fn picture_type(path: &Path) -> Option<&'static str> {
    let mut head = Vec::new();
    File::open(path).ok()?.take(8).read_to_end(&mut head).ok()?;
    kind(&head)
}

/// By its first bytes, not by what it says of itself.
fn kind(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some("image/png")
    } else if bytes.starts_with(&[0xFF, 0xD8, 0xFF]) {
        Some("image/jpeg")
    } else {
        None
    }
}
