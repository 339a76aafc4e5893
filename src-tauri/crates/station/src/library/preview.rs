//! The layers of a file for drawing: an index kept beside the content, and single layers made from it.

use super::error::LibraryError;
use super::files::{UploadError, content_path};
use domain::FileId;
use gcode::preview::{self, LayerIndex};
use serde::Serialize;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// A layer of a file, as the page lists it.
#[derive(Debug, Clone, PartialEq, Serialize, ts_rs::TS, schemars::JsonSchema)]
pub struct LayerEntry {
    /// From 0 as the print counts; `None` for what comes before the first layer.
    pub number: Option<u32>,
    /// Height of its first extruding move, mm.
    pub z: f32,
    /// Its thickness, mm.
    pub height: f32,
    /// Number of its first command in the file, from 1.
    pub first_command: u64,
    /// Straight pieces to draw.
    pub segments: u32,
}

/// The layers of a file.
#[derive(Debug, Clone, PartialEq, Serialize, ts_rs::TS, schemars::JsonSchema)]
pub struct LayerList {
    /// In the order of the file.
    pub layers: Vec<LayerEntry>,
    /// Commands of the whole file.
    pub commands: u64,
    /// Lowest and highest X, Y, Z of what is laid, mm.
    pub bounds: Option<[(f32, f32); 3]>,
    /// Nothing was left out.
    pub complete: bool,
}

/// Returns the layers of a file; blocks, and reads the file through when it is asked the first time.
///
/// # Errors
/// When the content is gone or cannot be read.
pub(super) fn layers(root: &Path, file: FileId) -> Result<LayerList, LibraryError> {
    let index = index(root, file, &content_path(root, file))?;
    let entry = |layer: &preview::LayerStart| LayerEntry {
        number: layer.number,
        z: layer.z_mm,
        height: layer.height_mm,
        first_command: layer.commands_before.saturating_add(1),
        segments: layer.segments,
    };
    Ok(LayerList {
        layers: index.layers.iter().map(entry).collect(),
        commands: index.commands,
        bounds: index.bounds,
        complete: index.complete,
    })
}

/// Returns one layer as bytes for drawing, as [`preview::LayerGeometry::to_bytes`] describes them; blocks.
///
/// # Errors
/// When there is no such layer, or the content cannot be read.
pub(super) fn layer(root: &Path, file: FileId, at: usize) -> Result<Vec<u8>, LibraryError> {
    let path = content_path(root, file);
    let index = index(root, file, &path)?;
    let missing = || LibraryError::NotFound { what: "this layer" };
    let (start, range) = (index.layers.get(at).ok_or_else(missing)?, index.range(at).ok_or_else(missing)?);
    let unread = |source| UploadError::Disk { name: "the layer".into(), source };
    let mut content = File::open(&path).map_err(unread)?;
    content.seek(SeekFrom::Start(range.start)).map_err(unread)?;
    let part = BufReader::new(content.take(range.end.saturating_sub(range.start)));
    Ok(preview::layer(part, start).map_err(unprintable)?.to_bytes())
}

/// Returns `count` lines of a file from the command number `first` on; blocks.
///
/// # Errors
/// When the content is gone or cannot be read.
pub(super) fn lines(root: &Path, file: FileId, first: u64, count: usize) -> Result<FileLines, LibraryError> {
    let path = content_path(root, file);
    let index = index(root, file, &path)?;
    // Of a large file only the layer is read.
    let at = index.layers.partition_point(|layer| layer.commands_before < first).checked_sub(1);
    let begin = at.and_then(|at| Some((index.layers[at].commands_before, index.range(at)?.start)));
    let (before, offset) = begin.unwrap_or((0, 0));
    let unread = |source| UploadError::Disk { name: "the file".into(), source };
    let mut content = File::open(&path).map_err(unread)?;
    content.seek(SeekFrom::Start(offset)).map_err(unread)?;
    let lines = preview::texts(content, before, first, count).map_err(unprintable)?;
    Ok(FileLines { first, lines })
}

/// Some lines of a file.
#[derive(Debug, Clone, PartialEq, Serialize, ts_rs::TS, schemars::JsonSchema)]
pub struct FileLines {
    /// Number of the first, from 1 as commands are counted.
    pub first: u64,
    /// As they stand in the file, without what is no command; fewer where it ends.
    pub lines: Vec<String>,
}

/// Returns the index of a file: the one that was kept, else a new one, which is kept.
pub(crate) fn index(data_dir: &Path, file: FileId, content: &Path) -> Result<LayerIndex, LibraryError> {
    let kept: PathBuf = data_dir.join("files").join(format!("{file}.layers"));
    let size = std::fs::metadata(content)
        .map_err(|_| LibraryError::NotFound { what: "the content of this file" })?
        .len();
    let stored = std::fs::read(&kept).ok().and_then(|bytes| LayerIndex::from_bytes(&bytes));
    if let Some(index) = stored.filter(|index| index.bytes == size) {
        return Ok(index);
    }
    let unread = |source| UploadError::Disk { name: "the preview".into(), source };
    let made = preview::index(File::open(content).map_err(unread)?).map_err(unprintable)?;
    // Without a kept index the preview is only slower. Written aside: another may read it now.
    let part = kept.with_extension(format!("layers-{}.part", std::process::id()));
    if let Err(error) = std::fs::write(&part, made.to_bytes()).and_then(|()| std::fs::rename(&part, &kept)) {
        tracing::warn!(%file, %error, "the index of the preview is not kept");
    }
    Ok(made)
}

fn unprintable(error: gcode::GcodeError) -> UploadError {
    UploadError::Unprintable { name: "the preview".into(), why: error.to_string() }
}
