//! Reads G-code files as a stream: commands for the host, layers, and a summary of the whole.
//!
//! Pure but for reading from an `impl Read`. A file is never held in memory.
//!
//! Invariant: what [`Commands`] yields is plain ASCII, without comment, number or checksum, and short enough for the
//! firmware's buffer with both added.

mod container;
mod labels;
mod layer;
mod limits;
mod lines;
mod metadata;
mod objects;
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

pub use container::{
    BgcodeReader, ContainerError, MAX_PLAIN, MAX_THUMBNAIL, MAX_THUMBNAILS, Program, ProgramKind, Thumbnail,
    ThumbnailFormat, open_program,
};
pub use labels::MOST_OBJECTS;
pub use limits::{Corner, Limits};
pub use metadata::{Bed, Ends, Metadata, Slicer, metadata, metadata_beside};
pub use objects::{Objects, PrintedObject};
/// One command, what becomes of it, and the state that commands build up.
pub use parser as command;
pub use parser::MAX_TEXT;
pub use reader::{Commands, FileCommand, GcodeError};
pub use settings::{tail_limits, tail_settings};
pub use signs::{Dialect, Foreign, Misreadings, Signs};
pub use summary::{LayerStart, LeftOutCommand, ProgressMark, Summary, Survey, summarise, summarise_for};
pub use thumbnail::{MOST_PIXELS, Pixels, picture_format, thumbnails};
pub use weight::{Weight, weigh, weigh_for};
