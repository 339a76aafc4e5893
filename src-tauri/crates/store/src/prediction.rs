//! The decision rule's running means: one row a printer, written after each look.

use crate::StoreError;
use crate::convert::get_time;
use domain::{PredictionState, PrinterId};
use rusqlite::{Connection, Row, Transaction, named_params};

const LIST: &str = "
    select p.* from printer_prediction p join printer on printer.id = p.printer_id
    where printer.deleted is null order by p.printer_id";

const PUT: &str = "
    insert into printer_prediction (
      printer_id, current_frame_num, lifetime_frame_num, current_p, ewm_mean, rolling_mean_short, rolling_mean_long,
      normalized_p, created_at, updated_at
    ) values (
      :printer_id, :current_frame_num, :lifetime_frame_num, :current_p, :ewm_mean, :rolling_mean_short,
      :rolling_mean_long, :normalized_p, :updated_at, :updated_at
    ) on conflict (printer_id) do update set
      current_frame_num = excluded.current_frame_num, lifetime_frame_num = excluded.lifetime_frame_num,
      current_p = excluded.current_p, ewm_mean = excluded.ewm_mean,
      rolling_mean_short = excluded.rolling_mean_short, rolling_mean_long = excluded.rolling_mean_long,
      normalized_p = excluded.normalized_p, updated_at = excluded.updated_at";

/// Returns the means of all printers that were ever watched.
pub fn list(conn: &Connection) -> Result<Vec<PredictionState>, StoreError> {
    let states = conn.prepare_cached(LIST)?.query_map([], from_row)?.collect::<Result<_, _>>()?;
    Ok(states)
}

/// Keeps the means of one printer.
pub fn put(tx: &Transaction<'_>, state: &PredictionState) -> Result<(), StoreError> {
    tx.prepare_cached(PUT)?.execute(named_params! {
        ":printer_id": state.printer.get(),
        ":current_frame_num": state.current_frame_num,
        ":lifetime_frame_num": state.lifetime_frame_num,
        ":current_p": state.current_p,
        ":ewm_mean": state.ewm_mean,
        ":rolling_mean_short": state.rolling_mean_short,
        ":rolling_mean_long": state.rolling_mean_long,
        ":normalized_p": state.normalized_p,
        ":updated_at": state.updated_at.micros(),
    })?;
    Ok(())
}

/// Reads the columns that this table and `look` share.
pub(crate) fn from_row(row: &Row<'_>) -> rusqlite::Result<PredictionState> {
    Ok(PredictionState {
        printer: PrinterId(row.get::<_, Option<i64>>("printer_id")?.unwrap_or(0)),
        current_frame_num: row.get("current_frame_num")?,
        lifetime_frame_num: row.get("lifetime_frame_num")?,
        current_p: row.get("current_p")?,
        ewm_mean: row.get("ewm_mean")?,
        rolling_mean_short: row.get("rolling_mean_short")?,
        rolling_mean_long: row.get("rolling_mean_long")?,
        normalized_p: row.get("normalized_p")?,
        updated_at: get_time(row, "updated_at")?,
    })
}
