//! The card of the print that ended last on a printer: one row a printer, until a person puts it away.

use crate::convert::json;
use crate::{StoreError, print};
use domain::{AlertView, KeptCard, Print, PrinterId};
use rusqlite::{Connection, Row, Transaction, named_params};

const LIST: &str = "
    select print.*, card.text as card_text, card.alert as card_alert
    from last_print card join print on print.id = card.print_id and print.deleted is null
    order by card.printer_id";

const PUT: &str = "
    insert into last_print (printer_id, print_id, text, alert) values (:printer_id, :print_id, :text, :alert)
    on conflict (printer_id) do update set
      print_id = excluded.print_id, text = excluded.text, alert = excluded.alert";

const PUT_AWAY: &str = "delete from last_print where printer_id = :printer_id";

/// Returns the cards that are still shown, each with the record of its print.
pub fn list(conn: &Connection) -> Result<Vec<(KeptCard, Print)>, StoreError> {
    let cards = conn.prepare_cached(LIST)?.query_map([], from_row)?.collect::<Result<_, _>>()?;
    Ok(cards)
}

/// Keeps the card of a printer, in the place of the one before.
pub fn put(tx: &Transaction<'_>, printer: PrinterId, card: &KeptCard) -> Result<(), StoreError> {
    tx.prepare_cached(PUT)?.execute(named_params! {
        ":printer_id": printer.get(),
        ":print_id": card.print.get(),
        ":text": card.text,
        ":alert": card.alert.as_ref().map(json).transpose()?,
    })?;
    Ok(())
}

/// The card of a printer is not shown any more.
pub fn put_away(tx: &Transaction<'_>, printer: PrinterId) -> Result<(), StoreError> {
    tx.prepare_cached(PUT_AWAY)?.execute(named_params! { ":printer_id": printer.get() })?;
    Ok(())
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<(KeptCard, Print)> {
    let print = print::from_row(row)?;
    let alert: Option<String> = row.get("card_alert")?;
    // An alert of an older shape is not worth a core that does not start.
    let alert = alert.and_then(|text| serde_json::from_str::<AlertView>(&text).ok());
    Ok((KeptCard { print: print.id, text: row.get("card_text")?, alert }, print))
}
