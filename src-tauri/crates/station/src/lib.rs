//! Wires threads, channels and effects: the core without a door.
//!
//! [`Station`] is the handle that the doors (the API, the command line, tests) hold. Everything that happens goes
//! through one task as an [`domain::Event`]; what follows is carried out in order, orders first. Emergency stop goes
//! round all of it: a latch that the port's own thread reads.
//!
//! Modules use each other in one direction only: `launch` and `station` know all; the loop and the parts that people work
//! with (`past`, `jobs`, `setup`, `trial`) know `library`, `devices` and `media`; these know none of them. Upwards there
//! are events, and commands to the loop.

mod awake;
mod clock;
mod command;
mod devices;
mod error;
mod hex;
mod jobs;
mod launch;
mod library;
mod live;
mod main_loop;
mod media;
mod octoprint;
mod past;
mod report;
mod scales;
mod setup;
mod spools;
mod station;
mod trial;

pub use agent::{Ask, MOST_MESSAGE};
pub use awake::{Awake, DesktopAwake, NoAwake};
pub use camera::{CameraError, Frame};
pub use clock::{SleepWatch, SystemClock};
pub use detect::{CheckReport, ImportedModel, ModelKind, ModelSettings, Sight};
pub use devices::{AgentSocket, Agents, DeviceFactory, FetchedFile, NotConnected};
pub use error::StationError;
pub use gcode::preflight::{Finding, Severity};
pub use jobs::{
    ArchiveError, Archived, FilmBrought, Films, Peek, Pictures, Wanted, back_up, export_print, peek,
    print_html, print_zip, render, restore, restore_over,
};
pub use library::{
    FileLines, LayerEntry, LayerList, LibraryError, SameName, TakenIn, Unpacking, Upload, UploadError,
    picture_type,
};
pub use live::{DetectorView, NoticeEntry, Snapshot, System, TemperatureSample, TerminalLine, TerminalPage};
pub use media::EvidenceClip;
pub use octoprint::{OctoPrintBackup, OctoPrintProgress, OctoPrintTake, OctoPrintTaken};
pub use past::{
    Curve, Group, HeaterCurve, Past, PrintCount, PrintFrames, PrintHeat, PrintLooks, PrintPatch, Record,
    ReviewChange, ReviewPage, Saved, Share, SizeOfPrint, Storage, Sums, Taken, Tidied, between_days,
    by_material, by_printer, by_reason, by_spool, failures, groups, history_table, saved, sums, taken, views,
};
pub use printer::{PortInfo, Trouble};
pub use report::{Checked, Report, ReportEntry, ReportParts, doctor};
pub use setup::{
    AllDeleted, BringBack, BroughtBack, DEMO_CAMERA_NAME, DEMO_PRINTER_NAME, Deleted, ModelChange, Models,
    NewPrinter, choose_model,
};
pub use spools::{SpoolmanImport, SpoolmanSpool, Spools};
pub use station::{Config, Station, StopOfOne};
pub use trial::{
    Brought, MAX_LOOKS, Sample, Stand, Tried, TryDir, TryError, TryPoint, TryState, TryView, take_in_picture,
};
