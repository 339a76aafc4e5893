//! SQLite; nobody else says SQL.
//!
//! [`Store::open`] takes the data folder for this process, checks the database, migrates it and returns what the hub
//! needs to start ([`Boot`]). The one writing connection lives on the thread `store`:
//!
//! - [`Store::record`] is for the hub. It never waits: what cannot be written yet waits in a bounded backlog, and the
//!   outcome comes through the callback given to `open`.
//! - [`Store::write_now`] is for the doors: files, folders, cameras, shots, settings, the user. It waits.
//! - [`Store::read`] uses read-only connections that never wait for the writer; call it where blocking is fine.
//!
//! One module a table; a read takes `&Connection`, a write `&Transaction`.
//!
//! **Invariant:** a damaged or unknown database is set aside, never written to and never deleted.

pub mod access_grant;
pub mod answer;
pub mod camera;
pub mod deleted;
pub mod delivery;
pub mod erase;
pub mod erased;
pub mod event;
pub mod file;
pub mod film;
pub mod folder;
pub mod frame;
pub mod last_print;
pub mod library;
pub mod look;
pub mod look_file;
pub mod macros;
pub mod maintenance;
pub mod notification;
pub mod prediction;
pub mod print;
pub mod print_extra;
pub mod print_list;
pub mod print_stats;
pub mod printer;
pub mod private_file;
pub mod queue;
pub mod review;
pub mod scale;
pub mod setting;
pub mod shot;
pub mod spool;
pub mod spool_use;
pub mod temperature;
pub mod user;
pub mod watch;

mod backup;
mod boot;
mod contents;
mod convert;
mod error;
mod files;
mod inbox;
mod integrity;
mod journal;
mod lock;
mod migrate;
mod readers;
mod schema;
mod weekly;
mod writer;

mod store;

pub use backup::{copy_database, keep_copy, read_only};
pub use boot::Boot;
pub use contents::{Contents, contents};
pub use error::StoreError;
pub use lock::{DataLock, LOCK, hold};
pub use rusqlite::{Connection, Transaction};
pub use store::Store;
pub use writer::StoreOutcome;

/// Name of the database in the data folder.
pub const DATABASE: &str = "printvigil.db";

/// Name of the folder with copies of the database, in the data folder.
pub const BACKUP_FOLDER: &str = "backup";
