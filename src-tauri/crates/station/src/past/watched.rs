//! The past prints of a printer whose looks were kept, as they are replayed.

use super::replay::ignored_of;
use crate::error::StationError;
use crate::media::print_folder;
use domain::{IgnoreArea, Print, PrintId, PrintScale, Printer, PrinterId};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::Store;
use store::look_file::LOOKS_FILE;
use store::print_list::{PrintQuery, Sorting};

/// Past prints that are looked at again at most, the newest.
const MOST_PRINTS: u32 = 2000;

/// The past prints of a printer whose looks were kept, oldest first, and the areas ignored today.
pub(super) struct WatchedPrints {
    pub(super) printer: Printer,
    pub(super) ignored: Vec<IgnoreArea>,
    /// Each with its folder.
    pub(super) prints: Vec<(Print, PathBuf)>,
    /// Prints of which is known by what scale they were judged.
    judged: BTreeSet<PrintId>,
    store: Arc<Store>,
}

impl WatchedPrints {
    /// Reads what is known of a printer's past prints. Blocks.
    ///
    /// # Errors
    /// Refused for an unknown printer; and when the database cannot be read.
    pub(super) fn read(root: &Path, store: &Arc<Store>, id: PrinterId) -> Result<Self, StationError> {
        let query = PrintQuery {
            limit: MOST_PRINTS,
            sorting: Sorting::DateDesc,
            printers: vec![id],
            ..PrintQuery::default()
        };
        let read = store.read(|conn| {
            let printer = store::printer::get(conn, id)?;
            let ignored = ignored_of(conn, printer.as_ref().and_then(|printer| printer.camera))?;
            let judged = store::scale::judged(conn)?;
            Ok((printer, ignored, store::print_list::list(conn, &query)?, judged))
        });
        let (printer, ignored, prints, judged) = read?;
        let unknown = || {
            let message = "this printer does not exist";
            StationError::refused("unknown_printer", message, "It may have been removed.")
        };
        let printer = printer.ok_or_else(unknown)?;
        let folder = |print: Print| {
            let folder = root.join(print_folder(print.id));
            (print, folder)
        };
        let over = |print: &Print| print.ended_at().is_some();
        let mut prints: Vec<_> = prints.into_iter().filter(over).map(folder).collect();
        prints.retain(|(_, folder)| folder.join(LOOKS_FILE).is_file());
        prints.reverse();
        Ok(Self { printer, ignored, prints, judged, store: store.clone() })
    }

    /// Returns by what scale a print was judged.
    pub(super) fn scale(&self, print: PrintId) -> Option<PrintScale> {
        let read = self.store.read(|conn| store::scale::of_print(conn, print));
        read.inspect_err(|error| tracing::warn!(%print, %error, "its scale cannot be read")).ok().flatten()
    }

    /// Says of how many prints the scale is not known; nothing when it is known of all.
    pub(super) fn unjudged_words(&self) -> String {
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
