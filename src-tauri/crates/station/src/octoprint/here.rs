//! What is here already, so that nothing comes twice.

use domain::PrinterId;
use std::collections::BTreeSet;
use store::print_list::{self, PrintQuery};
use store::{Store, StoreError};

/// Prints of the history that are looked through at most.
const MOST_PRINTS: u32 = 1_000_000;

/// Returns when the prints of a printer began, Unix seconds, and what they are called.
pub(super) fn starts_of(store: &Store, printer: PrinterId) -> Result<BTreeSet<(i64, String)>, StoreError> {
    let all = PrintQuery { limit: MOST_PRINTS, printers: vec![printer], ..PrintQuery::default() };
    let prints = store.read(|conn| print_list::list(conn, &all))?;
    Ok(prints.into_iter().map(|print| (print.ext_id, print.filename)).collect())
}

/// Returns whether a film of this name was brought in.
pub(super) fn has_film(store: &Store, name: &str) -> Result<bool, StoreError> {
    let named = PrintQuery { limit: MOST_PRINTS, text: name.to_owned(), ..PrintQuery::default() };
    let prints = store.read(|conn| print_list::list(conn, &named))?;
    Ok(prints.iter().any(|print| print.uploaded_at.is_some() && print.filename == name))
}
