//! What waits to be printed: one row an item, in the order of each printer's queue.

use crate::StoreError;
use crate::convert::{cut, get_time, get_word, word};
use domain::{FileId, PrinterId, QueueItem, QueueItemId};
use rusqlite::{Connection, Row, Transaction, named_params};
use std::collections::BTreeMap;

const LIST: &str = "
    select queue.*, file.deleted is not null as gone, file.estimated_time,
      file.filament_total, file.thumbnail1_url
    from print_queue queue join g_code_file file on file.id = queue.g_code_file_id
    order by queue.printer_id, queue.position";

const CLEAR: &str = "delete from print_queue where printer_id = :printer_id";

const INSERT: &str = "
    insert into print_queue (printer_id, id, position, g_code_file_id, filename, copies, added_at, added_by, why)
    select :printer_id, :id, :position, id, :filename, :copies, :added_at, :added_by, :why
    from g_code_file where id = :file";

/// Returns the queues of all printers, the next of each first.
pub fn list(conn: &Connection) -> Result<BTreeMap<PrinterId, Vec<QueueItem>>, StoreError> {
    let mut queues: BTreeMap<PrinterId, Vec<QueueItem>> = BTreeMap::new();
    let mut statement = conn.prepare_cached(LIST)?;
    for row in statement.query_map([], from_row)? {
        let (printer, item) = row?;
        queues.entry(printer).or_default().push(item);
    }
    Ok(queues)
}

/// Replaces the queue of a printer. An item of a file that was never there is left out: it must not cost the others.
pub fn put(tx: &Transaction<'_>, printer: PrinterId, items: &[QueueItem]) -> Result<(), StoreError> {
    tx.prepare_cached(CLEAR)?.execute(named_params! { ":printer_id": printer.get() })?;
    for (position, item) in (0i64..).zip(items) {
        tx.prepare_cached(INSERT)?.execute(named_params! {
            ":printer_id": printer.get(),
            ":id": item.id.get(),
            ":position": position,
            ":file": item.file.get(),
            ":filename": cut(&item.name, 1000),
            ":copies": item.copies,
            ":added_at": item.added_at.micros(),
            ":added_by": word(&item.by)?,
            ":why": item.why,
        })?;
    }
    Ok(())
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<(PrinterId, QueueItem)> {
    let item = QueueItem {
        id: QueueItemId(row.get("id")?),
        file: FileId(row.get("g_code_file_id")?),
        name: row.get("filename")?,
        copies: row.get("copies")?,
        added_at: get_time(row, "added_at")?,
        by: get_word(row, "added_by")?,
        why: row.get("why")?,
        gone: row.get("gone")?,
        estimated_secs: row.get("estimated_time")?,
        filament_mm: row.get("filament_total")?,
        thumbnail_url: row.get("thumbnail1_url")?,
    };
    Ok((PrinterId(row.get("printer_id")?), item))
}
