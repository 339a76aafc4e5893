//! Reads G-code files as a stream: commands for the host, layers, and a summary of the whole.
//!
//! Pure but for reading from an `impl Read`. A file is never held in memory.
//!
//! Invariant: what [`Commands`] yields is plain ASCII, without comment, number or checksum, and short enough for the
//! firmware's buffer with both added.

mod clean;
mod container;
mod layer;
mod motion;
#[cfg(test)]
mod pack;
pub mod preview;
mod reader;
mod summary;

pub use clean::{HostWord, MAX_TEXT};
pub use container::{
    BgcodeReader, ContainerError, MAX_PLAIN, MAX_THUMBNAIL, MAX_THUMBNAILS, Program, ProgramKind, Thumbnail,
    ThumbnailFormat, open_program,
};
pub use motion::{Motion, Word, words};
pub use reader::{Command, Commands, GcodeError};
pub use summary::{LayerStart, Summary, Survey, summarise};
