//! Wires threads, channels and effects: the core without a door.
//!
//! [`Station`] is the handle that the doors (the API, the command line, tests) hold. Everything that happens goes
//! through one task as an [`domain::Event`]; what follows is carried out in order, orders first. Emergency stop goes
//! round all of it: a latch that the port's own thread reads.

mod archive;
mod awake;
mod clock;
mod demo;
mod drill;
mod effects;
mod ends;
mod evidence;
mod evidence_clip;
mod facts;
mod far;
mod figures;
mod files;
mod film_job;
mod film_pick;
mod films;
mod import;
mod jobs;
mod keepsake;
mod ledger;
mod library;
mod look_files;
mod media;
mod models;
mod past;
mod preflight;
mod preview;
mod price;
mod pump;
mod records;
mod render;
mod run;
mod shots;
mod snapshot;
mod station;
mod sweep;
mod terminal;
mod thumbnail;
mod tidy;
mod trial;
mod trial_rules;
mod trial_shots;
mod unpack;

pub use archive::{ArchiveError, Archived, Pictures, back_up, restore};
pub use awake::{Awake, DesktopAwake, NoAwake};
pub use clock::{SleepWatch, SystemClock};
pub use demo::{DEMO_CAMERA_NAME, DEMO_PRINTER_NAME};
pub use detect::{CheckReport, ImportedModel, ModelKind, ModelSettings};
pub use evidence_clip::EvidenceClip;
pub use far::FarEnds;
pub use figures::{Group, Saved, Sums, by_printer, failures, groups, saved, sums};
pub use files::UploadError;
pub use films::FilmBrought;
pub use gcode::preflight::{Finding, Severity};
pub use keepsake::{csv, print_folder_out, print_html, print_zip};
pub use library::{LibraryError, SameName, TakenIn, Upload};
pub use models::{ModelChange, Models, choose_model};
pub use past::Curve;
pub use preview::{FileLines, LayerEntry, LayerList};
pub use printer::{PortInfo, Trouble};
pub use records::NewPrinter;
pub use render::{Wanted, render};
pub use snapshot::{DetectorView, NoticeEntry, Snapshot, System};
pub use station::{Config, Sample, Station, StationError, TemperatureSample};
pub use terminal::{TerminalLine, TerminalPage};
pub use tidy::{Record, SizeOfPrint, Storage, Tidied};
pub use trial::{MAX_LOOKS, TryDir, TryPoint, TryState, TryView};
pub use trial_rules::Stand;
pub use trial_shots::{Brought, TryError};
pub use unpack::picture_type;
