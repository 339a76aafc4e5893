//! What the core needs to know when it starts.

use crate::{
    StoreError, camera, event, frame, last_print, notification, prediction, print, printer, queue, scale,
    spool, spool_use, user, watch,
};
use domain::{
    Camera, CameraId, EventId, FrameId, IgnoreArea, KeptCard, LoadedSpool, PredictionState, Print, PrintId,
    Printer, PrinterId, QueueItem, SpoolUse, Taught, Timestamp, User,
};
use rusqlite::Connection;
use std::collections::BTreeMap;

/// What the core needs to know when it starts.
#[derive(Debug, Clone, PartialEq)]
pub struct Boot {
    /// The one local user.
    pub user: User,
    /// All printers, archived ones too.
    pub printers: Vec<Printer>,
    /// All cameras.
    pub cameras: Vec<Camera>,
    /// Where nothing counts in their pictures.
    pub ignored: BTreeMap<CameraId, Vec<IgnoreArea>>,
    /// What their prints taught, newest first.
    pub taught: BTreeMap<CameraId, Vec<Taught>>,
    /// The means of all printers that were ever watched.
    pub predictions: Vec<PredictionState>,
    /// Prints under way when the core last stopped: to be closed as interrupted.
    pub open_prints: Vec<Print>,
    /// Cards of prints that ended, which nobody has put away yet.
    pub last_prints: Vec<(KeptCard, Print)>,
    /// What waits to be printed.
    pub queues: BTreeMap<PrinterId, Vec<QueueItem>>,
    /// What is loaded.
    pub spools: BTreeMap<PrinterId, Vec<LoadedSpool>>,
    /// What the prints that were under way had used.
    pub uses: BTreeMap<PrintId, Vec<SpoolUse>>,
    /// Number of the next print.
    pub next_print: PrintId,
    /// Number of the next printer.
    pub next_printer: PrinterId,
    /// Number of the next frame.
    pub next_frame: FrameId,
    /// Number of the next entry of the event log.
    pub next_event: EventId,
    /// The app never ran on this data folder before.
    pub first_run: bool,
    /// What people should know if the database was damaged, some sentences.
    pub damage: Option<String>,
}

impl Boot {
    /// Reads it, making the user first where there is none.
    pub(crate) fn read(
        conn: &mut Connection,
        damage: Option<String>,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let known = user::get(conn)?;
        let first_run = known.is_none();
        let user = match known {
            Some(user) => user,
            None => first_start(conn, now)?,
        };
        Ok(Self {
            user,
            printers: printer::list(conn)?,
            cameras: camera::list(conn)?,
            ignored: watch::ignored(conn)?,
            taught: scale::taught(conn)?,
            predictions: prediction::list(conn)?,
            open_prints: print::open(conn)?,
            last_prints: last_print::list(conn)?,
            queues: queue::list(conn)?,
            spools: spool::loaded(conn)?,
            uses: spool_use::of_open_prints(conn)?,
            next_print: print::next_id(conn)?,
            next_printer: printer::next_id(conn)?,
            next_frame: frame::next_id(conn)?,
            next_event: event::next_id(conn)?,
            first_run: first_run && damage.is_none(),
            damage,
        })
    }
}

fn first_start(conn: &mut Connection, now: Timestamp) -> Result<User, StoreError> {
    let tx = conn.transaction()?;
    user::create(&tx, now)?;
    notification::put(&tx, &notification::with_defaults("desktop"))?;
    let user = user::get(&tx)?.ok_or(StoreError::NotFound { what: "user", id: 1 })?;
    tx.commit()?;
    Ok(user)
}
