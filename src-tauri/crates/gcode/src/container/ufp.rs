//! Ultimaker's format package: `/3D/model.gcode` and a picture in a zip archive.

use super::three_mf::{png_size, small};
use super::zip::{self, Entry};
use super::{
    ContainerError, MAX_PLAIN, MAX_THUMBNAIL, Program, ProgramKind, Thumbnail, ThumbnailFormat, check_ratio,
};
use std::io::{Read, Seek};

/// Returns the G-code of a package.
pub(super) fn find(entries: &[Entry]) -> Option<&Entry> {
    entries.iter().find(|e| named(e, "3D/model.gcode"))
}

pub(super) fn open(
    mut file: impl Read + Seek + Send + 'static,
    entries: &[Entry],
    gcode: &Entry,
) -> Result<Program, ContainerError> {
    if gcode.size > MAX_PLAIN {
        return Err(ContainerError::TooLarge { what: gcode.name.clone(), most_mib: MAX_PLAIN >> 20 });
    }
    check_ratio(&gcode.name, gcode.packed_size, gcode.size)?;
    let picture = entries.iter().find(|e| named(e, "Metadata/thumbnail.png"));
    let picture = picture.and_then(|e| small(&mut file, e, MAX_THUMBNAIL));
    let picture = picture.and_then(|bytes| png_size(&bytes).map(|size| (size, bytes)));
    let thumbnails = picture
        .map(|((width, height), bytes)| Thumbnail { format: ThumbnailFormat::Png, width, height, bytes })
        .into_iter()
        .collect();
    let reader = Box::new(zip::open(file, gcode)?);
    let (metadata, plates, left_out) = (Vec::new(), Vec::new(), Vec::new());
    Ok(Program { reader, kind: ProgramKind::Ufp, thumbnails, metadata, plates, left_out })
}

/// Names begin with a slash, and are the same in capitals.
fn named(entry: &Entry, name: &str) -> bool {
    entry.name.trim_start_matches('/').eq_ignore_ascii_case(name)
}
