//! Reads G-code files as a stream: commands for the host, layers, and a summary of the whole.
//!
//! Pure but for reading from an `impl Read`. A file is never held in memory.
//!
//! Invariant: what [`Commands`] yields is plain ASCII, without comment, number or checksum, and short enough for the
//! firmware's buffer with both added.

mod arc;
mod clean;
mod container;
mod layer;
mod limits;
mod metadata;
mod motion;
#[cfg(test)]
mod pack;
mod planner;
pub mod preflight;
pub mod preview;
mod reader;
mod settings;
mod signs;
mod summary;
mod thumbnail;
mod timing;
mod weight;
mod words;

pub use clean::{HostWord, MAX_TEXT};
pub use container::{
    BgcodeReader, ContainerError, MAX_PLAIN, MAX_THUMBNAIL, MAX_THUMBNAILS, Program, ProgramKind, Thumbnail,
    ThumbnailFormat, open_program,
};
pub use limits::{Corner, Limits};
pub use metadata::{Bed, Ends, Metadata, Slicer, metadata, metadata_beside};
pub use motion::Motion;
pub use reader::{Command, Commands, GcodeError};
pub use settings::{tail_limits, tail_settings};
pub use signs::{Dialect, Foreign, Signs};
pub use summary::{LayerStart, ProgressMark, Summary, Survey, summarise, summarise_for};
pub use thumbnail::{MOST_PIXELS, Pixels, picture_format, thumbnails};
pub use weight::{Weight, weigh};
pub use words::{Word, words};
