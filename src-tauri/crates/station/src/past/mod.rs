//! The watch over past prints, looked at again: what another setting would have done, a threshold fitted to answers,
//! the curve of one print.

mod curve;
mod fit;
mod replay;
pub(crate) mod sightings;
mod tally;
mod what_if;

pub use curve::Curve;
pub(crate) use what_if::WhatIfs;

use crate::media::print_folder;
use crate::station::{Station, StationError};
use domain::{IgnoreArea, Print, PrintId, PrintScale, Printer, PrinterId, Refusal};
use replay::ignored_of;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use store::Store;
use store::look_file::LOOKS_FILE;
use store::print_list::{PrintQuery, Sorting};

/// Past prints that are looked at again at most, the newest.
const MOST_PRINTS: u32 = 2000;

/// The past prints of a printer whose looks were kept, oldest first, and the areas ignored today.
struct Past {
    printer: Printer,
    ignored: Vec<IgnoreArea>,
    prints: Vec<(Print, PathBuf)>,
    /// Prints of which is known by what scale they were judged.
    judged: BTreeSet<PrintId>,
    store: Arc<Store>,
}

impl Past {
    /// Returns by what scale a print was judged.
    fn scale(&self, print: PrintId) -> Option<PrintScale> {
        let read = self.store.read(|conn| store::scale::of_print(conn, print));
        read.inspect_err(|error| tracing::warn!(%print, %error, "its scale cannot be read")).ok().flatten()
    }

    /// Says of how many prints the scale is not known; nothing when it is known of all.
    fn unjudged_words(&self) -> String {
        let unknown = self.prints.iter().filter(|(print, _)| !self.judged.contains(&print.id)).count();
        match unknown {
            0 => String::new(),
            1 => " One print is of before the watch kept the scale of its camera: it is replayed without it."
                .into(),
            n => format!(
                " {n} prints are of before the watch kept the scale of their camera: they are replayed without it."
            ),
        }
    }
}

impl Station {
    /// Returns the folder of a print's pictures, films and looks.
    fn print_folder(&self, print: PrintId) -> PathBuf {
        self.data_dir.join(print_folder(print))
    }

    /// Reads what is known of a printer's past. Blocks.
    fn past(&self, id: PrinterId) -> Result<Past, StationError> {
        let query = PrintQuery {
            limit: MOST_PRINTS,
            sorting: Sorting::DateDesc,
            printers: vec![id],
            ..PrintQuery::default()
        };
        let read = self.store.read(|conn| {
            let printer = store::printer::get(conn, id)?;
            let ignored = ignored_of(conn, printer.as_ref().and_then(|printer| printer.camera))?;
            let judged = store::scale::judged(conn)?;
            Ok((printer, ignored, store::print_list::list(conn, &query)?, judged))
        });
        let (printer, ignored, prints, judged) = read?;
        let printer = printer.ok_or_else(unknown_printer)?;
        let folder = |print: Print| {
            let folder = self.print_folder(print.id);
            (print, folder)
        };
        let over = |print: &Print| print.ended_at().is_some();
        let mut prints: Vec<_> = prints.into_iter().filter(over).map(folder).collect();
        prints.retain(|(_, folder)| folder.join(LOOKS_FILE).is_file());
        prints.reverse();
        Ok(Past { printer, ignored, prints, judged, store: self.store.clone() })
    }
}

fn unknown_printer() -> StationError {
    StationError::Refused(Refusal {
        code: "unknown_printer",
        message: "this printer does not exist".into(),
        hint: "It may have been removed.".into(),
    })
}
