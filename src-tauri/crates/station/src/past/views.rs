//! Records of prints with all that belongs to them.

use domain::{FilmStep, Print, PrintFilm, PrintId, PrintView};
use serde::Serialize;
use store::print_extra::PrintExtra;
use store::print_list::{self, PrintQuery};
use store::{Connection, StoreError};

/// How many prints a query means.
#[derive(Debug, Serialize, ts_rs::TS, schemars::JsonSchema)]
pub struct PrintCount {
    /// Prints.
    pub count: u64,
    /// What their pictures and films take.
    pub media_bytes: u64,
}

impl PrintCount {
    pub(super) fn of(conn: &Connection, query: &PrintQuery) -> Result<Self, StoreError> {
        Ok(Self {
            count: print_list::count(conn, query)?,
            media_bytes: print_list::media_bytes(conn, query)?,
        })
    }
}

/// Returns prints with their files, shots, and what else is kept of them.
///
/// # Errors
/// When the database cannot be read.
pub fn views(conn: &Connection, prints: &[Print]) -> Result<Vec<PrintView>, StoreError> {
    let ids: Vec<PrintId> = prints.iter().map(|print| print.id).collect();
    let mut extras = store::print_extra::of(conn, &ids)?;
    prints
        .iter()
        .map(|print| {
            let mut view = PrintView::from(print);
            if let Some(file) = print.g_code_file {
                view.g_code_file = store::file::get(conn, file)?;
            }
            view.printshotfeedback_set = store::shot::of_print(conn, print.id)?;
            view.need_print_shot_feedback =
                view.printshotfeedback_set.iter().any(|shot| shot.answer.is_none());
            if let Some(extra) = extras.remove(&print.id) {
                add(&mut view, extra);
            }
            Ok(view)
        })
        .collect()
}

fn add(view: &mut PrintView, extra: PrintExtra) {
    let ours = &mut view.vigil;
    ours.notes = extra.notes;
    ours.tags = extra.tags;
    ours.reason = extra.reason;
    ours.kept = extra.kept;
    ours.media_bytes = extra.media_bytes;
    ours.num_frames = extra.num_frames;
    ours.pictures_dropped_at = extra.pictures_dropped_at;
    ours.watched = extra.watched;
    ours.alerts = extra.alerts;
    ours.film = PrintFilm { state: extra.film_state.map(FilmStep::from), why: extra.film_why };
}
