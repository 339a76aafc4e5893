//! Pictures, looks and clips on the disk, and the room that they take.
//!
//! Two threads write: `media` keeps pictures and looks as the loop hands them over, `evidence` makes the clips of alerts.
//! Nobody waits for either. All else here are plain functions over the data folder.

mod evidence;
mod evidence_clip;
mod folders;
mod look_files;
mod paths;
mod room;
mod shots;
mod sweep;
mod thread;
mod thumbnail;

pub(crate) use evidence::Evidence;
pub use evidence_clip::EvidenceClip;
pub(crate) use evidence_clip::{Clips, list as clips, of as clip_of};
pub(crate) use folders::{count_others, folder_bytes, other_bytes, remove};
pub(crate) use paths::{
    BROUGHT, EVIDENCE, FILM, FRAMES, TAGGED, frame_path, print_folder, prints_folder, slashed, url_of,
};
pub(crate) use room::{Room, free_bytes, hold, make_room};
pub(crate) use shots::{keep as keep_shots, look_of};
pub(crate) use sweep::{run as sweep, what_is_passing};
pub(crate) use thread::{Keep, Media, MediaEvents};
pub(crate) use thumbnail::shown as thumbnail;
