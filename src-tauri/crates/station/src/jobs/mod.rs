//! Work at leisure, on threads of its own: films of prints, films that are looked through, and what people take along.

mod archive;
mod archive_form;
mod archive_read;
mod film_job;
mod film_pick;
mod film_queue;
mod films;
mod import;
mod print_export;
mod render;
mod threads;

pub(crate) use archive::packing;
pub use archive::{Pictures, back_up, restore, restore_over};
pub use archive_form::{ArchiveError, Archived};
pub use archive_read::{Peek, peek};
pub(crate) use film_queue::FilmQueue;
pub use films::{FilmBrought, Films};
pub(crate) use import::Analyzer;
pub use print_export::{export_print, print_html, print_zip};
pub use render::{Wanted, render};
pub(crate) use threads::Jobs;
