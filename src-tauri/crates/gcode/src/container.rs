//! Opens whatever a slicer writes as plain G-code: text, `.bgcode`, `.gcode.3mf`. The content decides, not the name.
//!
//! Invariant: what is unpacked is bounded, whatever sizes a file claims, and nothing is allocated on a claim alone.

mod bgcode;
mod bgcode_block;
mod heatshrink;
mod kinds;
mod meatpack;
mod three_mf;
mod ufp;
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
/// The most that a part may unpack to, in times of its packed size. G-code comes to some twenty.
pub(crate) const MOST_RATIO: u64 = 100;
/// So much, bytes, may unpack from whatever little.
pub(crate) const ANY_RATIO: u64 = 16 << 20;
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
    /// Ultimaker's format package, a zip archive, as Cura exports it.
    Ufp,
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
    /// What of the container could not be read and was left out, for people. Nothing of the G-code is ever left out.
    pub left_out: Vec<String>,
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
    /// Little that unpacks to very much.
    #[error(
        "{what} would unpack to more than {times} times its size: this is no usual print file and is not opened; export \
         it again as plain .gcode"
    )]
    Bomb {
        /// The part.
        what: String,
        /// The limit.
        times: u64,
    },
    /// A password is needed.
    #[error("the file is protected by a password: export it again without")]
    Encrypted,
    /// A model, but no G-code.
    #[error(
        "the file holds no sliced plate: open its model in a slicer, slice it and export the plate's sliced file"
    )]
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
        let entries = zip::directory(&mut file)?;
        return match ufp::find(&entries) {
            Some(gcode) => ufp::open(file, &entries, gcode),
            None => three_mf::open(file, &entries),
        };
    }
    if let Some(what) = kinds::not_gcode(&head) {
        return Err(ContainerError::NotGcode(what));
    }
    Ok(Program {
        reader: Box::new(file),
        kind: ProgramKind::Plain,
        thumbnails: Vec::new(),
        metadata: Vec::new(),
        plates: Vec::new(),
        left_out: Vec::new(),
    })
}

/// Says whether a part may unpack to so much.
fn check_ratio(what: &str, packed: u64, unpacked: u64) -> Result<(), ContainerError> {
    if unpacked > ANY_RATIO && unpacked / MOST_RATIO > packed {
        return Err(ContainerError::Bomb { what: what.to_owned(), times: MOST_RATIO });
    }
    Ok(())
}

#[cfg(test)]
#[path = "container/tests.rs"]
mod tests;
