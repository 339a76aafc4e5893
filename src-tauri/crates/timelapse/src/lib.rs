//! Kept frames to video, and films back to pictures: the pictures of one print become one H.264 film in an MP4 file, and a poster.
//!
//! No clock and no threads: [`render`] and [`render_versions`] are plain functions that say how far they are and can be told to stop.
//! The film is written beside its name and renamed when it is whole, so a film that is there is complete; keep
//! the pictures until then.

mod clip;
mod deflicker;
pub mod draw;
mod error;
mod evidence;
mod film;
mod film_writer;
mod mp4;
mod mp4_writer;
mod pick;
mod picture;
mod sps;

pub use clip::{Clip, ClipPicture, seconds};
pub use error::{ClipError, FilmError};
pub use evidence::{Evidence, Scene, render_evidence};
pub use film::{Continue, Film, FilmOptions, Marks, Version, render, render_versions};
pub use pick::{Moment, Pick, pick};
