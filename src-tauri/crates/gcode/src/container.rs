//! Opens whatever a slicer writes as plain G-code: text, `.bgcode`, `.gcode.3mf`. The content decides, not the name.
//!
//! Invariant: what is unpacked is bounded, whatever sizes a file claims, and nothing is allocated on a claim alone.

mod bgcode;
mod bgcode_block;
mod heatshrink;
mod meatpack;
mod three_mf;
mod zip;

pub use bgcode::BgcodeReader;

use std::io::{self, Read, Seek, SeekFrom};

/// The most plain G-code that a container may unpack to, bytes.
pub const MAX_PLAIN: u64 = 2 << 30;
/// The largest thumbnail that is kept, bytes.
pub const MAX_THUMBNAIL: u64 = 4 << 20;
/// The most thumbnails that are kept.
pub const MAX_THUMBNAILS: usize = 16;
/// The most metadata that is kept, bytes.
pub(crate) const MAX_METADATA: u64 = 4 << 20;
/// The most keys of metadata that are kept.
pub(crate) const MAX_PAIRS: usize = 10_000;
/// How much of a file is looked at to tell text from anything else.
const SNIFF: usize = 4096;

/// What a program came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProgramKind {
    /// Text.
    Plain,
    /// Prusa's binary G-code.
    Bgcode,
    /// A zip archive with sliced plates, as Bambu Studio and OrcaSlicer export it.
    ThreeMf,
}

/// How a thumbnail is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThumbnailFormat {
    /// PNG.
    Png,
    /// JPEG.
    Jpg,
    /// QOI.
    Qoi,
    /// Red, green, blue and opacity of each pixel, row by row: pictures of makers with forms of their own.
    Rgba,
}

/// A picture of the model, as the slicer drew it. Its bytes are as hostile as the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thumbnail {
    /// How the bytes are to be read.
    pub format: ThumbnailFormat,
    /// Pixels across that the container claims; 0 where it claims nothing.
    pub width: u32,
    /// Pixels down that the container claims; 0 where it claims nothing.
    pub height: u32,
    /// The picture.
    pub bytes: Vec<u8>,
}

/// A program opened for reading.
pub struct Program {
    /// Yields plain G-code. A damaged container fails while it is read, with a [`ContainerError`] inside.
    pub reader: Box<dyn Read + Send>,
    /// What it came in.
    pub kind: ProgramKind,
    /// Pictures that the container holds beside the G-code.
    pub thumbnails: Vec<Thumbnail>,
    /// Keys and values that the container holds beside the G-code, in its order; a key may come twice.
    pub metadata: Vec<(String, String)>,
    /// Numbers of the plates in a `.gcode.3mf`, ascending; the reader yields plate 1, or else the first of them.
    pub plates: Vec<u32>,
}

impl std::fmt::Debug for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Program")
            .field("kind", &self.kind)
            .field("thumbnails", &self.thumbnails.len())
            .field("metadata", &self.metadata.len())
            .field("plates", &self.plates)
            .finish_non_exhaustive()
    }
}

/// Why a file cannot be opened. The texts say what to do.
#[derive(Debug, thiserror::Error)]
pub enum ContainerError {
    /// Neither text nor a container that we know.
    #[error("this is no G-code: the file holds {0}; slice the model and export it as .gcode or .bgcode")]
    NotGcode(&'static str),
    /// The file stops before its end.
    #[error("the file ends in the middle of {0}: it was cut off, so copy or export it again")]
    CutOff(String),
    /// The checksum of a part is wrong.
    #[error("{0} is damaged (its checksum is wrong): copy or export the file again")]
    Damaged(String),
    /// A part does not hold what its header says.
    #[error("{what} cannot be unpacked ({why}): export the file again")]
    Broken {
        /// The part.
        what: String,
        /// What is wrong with it.
        why: String,
    },
    /// Something that the format has, or may get, and we cannot read.
    #[error("the file uses {0}, which this version cannot read: export it as plain .gcode")]
    Unknown(String),
    /// More than we unpack.
    #[error("{what} would unpack to more than {most_mib} MiB: this is no usual print file and is not opened")]
    TooLarge {
        /// The part.
        what: String,
        /// The limit.
        most_mib: u64,
    },
    /// A password is needed.
    #[error("the file is protected by a password: export it again without")]
    Encrypted,
    /// A model, but no G-code.
    #[error("the file holds a model, but no sliced plate: slice it and export the plate's sliced file")]
    NoPlate,
    /// A container without G-code.
    #[error("the file holds no G-code: slice the model and export it again")]
    NoGcode,
    /// The file system failed.
    #[error("the file cannot be read: {0}; check that the disk is still there")]
    Read(io::Error),
}

impl From<io::Error> for ContainerError {
    /// Takes our own error out again, where a reader had to wrap it.
    fn from(e: io::Error) -> Self {
        match e.downcast::<Self>() {
            Ok(ours) => ours,
            Err(e) => Self::Read(e),
        }
    }
}

impl From<ContainerError> for io::Error {
    fn from(e: ContainerError) -> Self {
        if let ContainerError::Read(e) = e {
            return e;
        }
        Self::new(io::ErrorKind::InvalidData, e)
    }
}

/// Opens a file as plain G-code, whatever it came in.
///
/// # Errors
/// When it is neither G-code nor a container of it, or when the container's outside is damaged. What lies deeper
/// fails while it is read.
pub fn open_program(mut file: impl Read + Seek + Send + 'static) -> Result<Program, ContainerError> {
    let mut head = Vec::with_capacity(SNIFF);
    file.by_ref().take(SNIFF as u64).read_to_end(&mut head)?;
    file.seek(SeekFrom::Start(0))?;
    if head.starts_with(b"GCDE") {
        return bgcode::open(file);
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return three_mf::open(file);
    }
    if let Some(what) = not_text(&head) {
        return Err(ContainerError::NotGcode(what));
    }
    Ok(Program {
        reader: Box::new(file),
        kind: ProgramKind::Plain,
        thumbnails: Vec::new(),
        metadata: Vec::new(),
        plates: Vec::new(),
    })
}

/// Returns what a file holds when it does not begin as text does.
fn not_text(head: &[u8]) -> Option<&'static str> {
    let known: &[(&[u8], &'static str)] = &[
        (b"\x89PNG", "a picture"),
        (b"\xff\xd8\xff", "a picture"),
        (b"\x1f\x8b", "a gzip archive"),
        (b"7z\xbc\xaf", "a 7-Zip archive"),
        (b"Rar!", "a RAR archive"),
        (b"%PDF", "a PDF document"),
        (b"xgcode ", "a FlashForge .gx program"),
        (b"\xff\xfe", "text in UTF-16"),
        (b"\xfe\xff", "text in UTF-16"),
        (b"solid ", "an STL model"),
    ];
    if let Some((_, what)) = known.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Some(what);
    }
    let control = |b: &&u8| **b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0c);
    let strange = head.iter().filter(control).count();
    (head.contains(&0) || strange * 20 > head.len()).then_some("binary data")
}

#[cfg(test)]
#[path = "container/tests.rs"]
mod tests;
