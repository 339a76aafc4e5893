//! What is uploaded as it will be printed: containers are unpacked into plain G-code, and their pictures kept.

use crate::{UploadError, thumbnail};
use gcode::{ContainerError, ProgramKind, ThumbnailFormat};
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// An upload as plain G-code.
pub(crate) struct Unpacked {
    /// The plain G-code, where the upload itself is none; removed when dropped.
    pub(crate) plain: Option<Plain>,
    /// The largest picture of it that a page can show.
    pub(crate) thumbnail: Option<Vec<u8>>,
    /// Keys and values that its container held.
    pub(crate) beside: Vec<(String, String)>,
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
    let beside = std::mem::take(&mut program.metadata);
    if program.kind == ProgramKind::Plain {
        let pictures = gcode::thumbnails(File::open(temp).map_err(disk)?);
        return Ok(Unpacked { plain: None, thumbnail: thumbnail::shown(pictures), beside });
    }
    let thumbnail = thumbnail::shown(std::mem::take(&mut program.thumbnails));
    let plain = Plain(temp.with_extension("plain.part"));
    let mut out = File::create(&plain.0).map_err(disk)?;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = program.reader.read(&mut buffer).map_err(|error| broken(error.into()))?;
        if read == 0 {
            return Ok(Unpacked { plain: Some(plain), thumbnail, beside });
        }
        out.write_all(&buffer[..read]).map_err(disk)?;
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
