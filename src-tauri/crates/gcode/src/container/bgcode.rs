//! Prusa's binary G-code, version 1: a header of ten bytes, then blocks (specification: libbgcode, doc/specifications.md).
//!
//! Metadata and thumbnails come before the G-code. One block is held in memory at a time. A block whose checksum is
//! wrong is refused before any of it is unpacked.

use super::bgcode_block::{Block, BlockKind, MAX_BLOCK, read_block};
use super::meatpack::MeatPack;
use super::{
    ContainerError, MAX_METADATA, MAX_PAIRS, MAX_PLAIN, MAX_THUMBNAIL, MAX_THUMBNAILS, Program, ProgramKind,
    Thumbnail, ThumbnailFormat, check_ratio,
};
use serde_json::Value;
use std::io::{self, Read};

/// Yields the plain G-code of a `.bgcode` file.
#[derive(Debug)]
pub struct BgcodeReader<R> {
    file: R,
    /// Blocks end with a CRC-32.
    checked: bool,
    /// Blocks read so far.
    blocks: u64,
    /// Text of the current block, and how much of it was handed out.
    text: Vec<u8>,
    at: usize,
    meatpack: MeatPack,
    /// Bytes of text so far, and the most that may come.
    total: u64,
    most: u64,
    thumbnails: Vec<Thumbnail>,
    metadata: Vec<(String, String)>,
    metadata_bytes: u64,
    /// Bytes of the file that G-code was unpacked from.
    packed: u64,
    left_out: Vec<String>,
    failed: bool,
}

impl<R: Read> BgcodeReader<R> {
    /// Reads a file up to its first block of G-code.
    ///
    /// # Errors
    /// When it is no `.bgcode` file, or damaged, or holds no G-code.
    pub fn new(file: R) -> Result<Self, ContainerError> {
        Self::with_limit(file, MAX_PLAIN)
    }

    /// As [`Self::new`], for at most `most` bytes of plain G-code.
    ///
    /// # Errors
    /// As for [`Self::new`].
    pub fn with_limit(mut file: R, most: u64) -> Result<Self, ContainerError> {
        let mut head = Vec::with_capacity(10);
        file.by_ref().take(10).read_to_end(&mut head)?;
        let [b'G', b'C', b'D', b'E', v0, v1, v2, v3, c0, c1] = head[..] else {
            return Err(if head.starts_with(b"GCDE") {
                ContainerError::CutOff("its header".into())
            } else {
                ContainerError::NotGcode("no binary G-code")
            });
        };
        let version = u32::from_le_bytes([v0, v1, v2, v3]);
        if version != 1 {
            return Err(ContainerError::Unknown(format!("version {version} of binary G-code")));
        }
        let checked = match u16::from_le_bytes([c0, c1]) {
            0 => false,
            1 => true,
            other => return Err(ContainerError::Unknown(format!("checksums of kind {other}"))),
        };
        let mut reader = Self {
            file,
            checked,
            blocks: 0,
            text: Vec::new(),
            at: 0,
            meatpack: MeatPack::default(),
            total: 0,
            most,
            thumbnails: Vec::new(),
            metadata: Vec::new(),
            metadata_bytes: 0,
            packed: 0,
            left_out: Vec::new(),
            failed: false,
        };
        if !reader.next_text()? {
            return Err(ContainerError::NoGcode);
        }
        Ok(reader)
    }

    /// Returns the pictures that came before the G-code.
    pub fn thumbnails(&self) -> &[Thumbnail] {
        &self.thumbnails
    }

    /// Returns the keys and values that came before the G-code.
    pub fn metadata(&self) -> &[(String, String)] {
        &self.metadata
    }

    /// Goes on to the next block that yields text. Returns whether there was one.
    fn next_text(&mut self) -> Result<bool, ContainerError> {
        self.text.clear();
        self.at = 0;
        while let Some(block) = read_block(&mut self.file, self.blocks + 1, self.checked)? {
            self.blocks += 1;
            match block.kind {
                BlockKind::Gcode => self.take_gcode(block)?,
                BlockKind::Thumbnail => self.take_thumbnail(block),
                BlockKind::Unknown => {
                    self.leave_out(format!("{}: a kind that this version does not know", block.name))
                }
                BlockKind::FileMetadata
                | BlockKind::SlicerMetadata
                | BlockKind::PrinterMetadata
                | BlockKind::PrintMetadata => self.take_metadata(&block),
            }
            if !self.text.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn take_gcode(&mut self, block: Block) -> Result<(), ContainerError> {
        self.packed += block.packed_bytes;
        match block.parameters[0] {
            0 => self.text = block.data,
            1 | 2 => {
                // Two characters a byte, and blanks put back.
                let most = (MAX_BLOCK as usize).min(block.data.len().saturating_mul(4) + 16);
                self.meatpack.unpack(&block.data, &mut self.text, most).ok_or_else(|| {
                    ContainerError::Broken { what: block.name, why: "its MeatPack is broken".into() }
                })?;
            }
            other => {
                return Err(ContainerError::Unknown(format!("G-code encoding {other} in {}", block.name)));
            }
        }
        self.total += self.text.len() as u64;
        if self.total > self.most {
            return Err(ContainerError::TooLarge { what: "the G-code".into(), most_mib: self.most >> 20 });
        }
        check_ratio("the G-code", self.packed, self.total)
    }

    /// A print does not fail for a picture: what is too much, or of a form that is not known, is left out.
    fn take_thumbnail(&mut self, block: Block) {
        let [format, width, height] = block.parameters;
        let format = match format {
            0 => ThumbnailFormat::Png,
            1 => ThumbnailFormat::Jpg,
            2 => ThumbnailFormat::Qoi,
            other => {
                return self.leave_out(format!(
                    "{}: picture format {other} is not known to this version",
                    block.name
                ));
            }
        };
        if self.thumbnails.len() < MAX_THUMBNAILS && block.data.len() as u64 <= MAX_THUMBNAIL {
            let (width, height) = (width.into(), height.into());
            self.thumbnails.push(Thumbnail { format, width, height, bytes: block.data });
        }
    }

    /// Nor does it fail for what the slicer says beside the G-code.
    fn take_metadata(&mut self, block: &Block) {
        self.metadata_bytes = self.metadata_bytes.saturating_add(block.data.len() as u64);
        if self.metadata_bytes > MAX_METADATA {
            return self.leave_out(format!(
                "{}: more than {} MiB of settings",
                block.name,
                MAX_METADATA >> 20
            ));
        }
        let text = String::from_utf8_lossy(&block.data);
        let room = MAX_PAIRS.saturating_sub(self.metadata.len());
        match block.parameters[0] {
            0 => {
                let pairs = text.lines().filter_map(|line| line.split_once('='));
                let own = |(key, value): (&str, &str)| (key.trim().to_owned(), value.trim().to_owned());
                self.metadata.extend(pairs.take(room).map(own));
            }
            1 => match serde_json::from_str(&text) {
                Ok(value) => flatten("", &value, room + self.metadata.len(), &mut self.metadata),
                Err(_) => self.leave_out(format!("{}: its JSON is broken", block.name)),
            },
            other => self.leave_out(format!("{}: encoding {other} is not known to this version", block.name)),
        }
    }

    fn leave_out(&mut self, what: String) {
        if self.left_out.len() < MAX_THUMBNAILS {
            self.left_out.push(what);
        }
    }
}

/// Writes the words of a JSON text as keys and values: the innermost key, and lists as slicers write them.
fn flatten(key: &str, value: &Value, most: usize, pairs: &mut Vec<(String, String)>) {
    if pairs.len() >= most {
        return;
    }
    let word = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(on) => Some(u8::from(*on).to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(key, value)| flatten(key, value, most, pairs)),
        Value::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
            items.iter().for_each(|item| flatten(key, item, most, pairs));
        }
        Value::Array(items) => {
            let all: Vec<String> = items.iter().filter_map(word).collect();
            pairs.push((key.to_owned(), all.join(",")));
        }
        Value::Null => (),
        Value::String(_) | Value::Number(_) | Value::Bool(_) => {
            pairs.extend(word(value).map(|value| (key.to_owned(), value)));
        }
    }
}

impl<R: Read> Read for BgcodeReader<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        if self.failed {
            // Never an end of file: half a program would look like a whole one.
            let (what, why) = ("the rest of the file".into(), "what came before is damaged".into());
            return Err(ContainerError::Broken { what, why }.into());
        }
        if self.at == self.text.len() {
            match self.next_text() {
                Ok(true) => (),
                Ok(false) => return Ok(0),
                Err(e) => {
                    self.text.clear();
                    self.failed = true;
                    return Err(e.into());
                }
            }
        }
        let count = buf.len().min(self.text.len() - self.at);
        buf[..count].copy_from_slice(&self.text[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

pub(super) fn open(file: impl Read + Send + 'static) -> Result<Program, ContainerError> {
    let mut reader = BgcodeReader::new(file)?;
    let thumbnails = std::mem::take(&mut reader.thumbnails);
    let metadata = std::mem::take(&mut reader.metadata);
    let left_out = std::mem::take(&mut reader.left_out);
    Ok(Program {
        reader: Box::new(reader),
        kind: ProgramKind::Bgcode,
        thumbnails,
        metadata,
        plates: Vec::new(),
        left_out,
    })
}
