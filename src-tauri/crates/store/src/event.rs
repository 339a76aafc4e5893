//! The event log, newest first.

use crate::StoreError;
use crate::convert::{get_time, get_word, json, word};
use domain::{EventClass, EventId, EventType, PrintId, PrinterEvent, PrinterId};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

const LIST: &str = "
    select e.* from printer_event e join printer on printer.id = e.printer_id
    where (printer.deleted is null or :print_id is not null)
      and (:printers = '[]' or e.printer_id in (select value from json_each(:printers)))
      and (:print_id is null or e.print_id = :print_id)
      and (:classes = '[]' or e.event_class in (select value from json_each(:classes)))
      and (:types = '[]' or e.event_type in (select value from json_each(:types)))
    order by e.id desc limit :limit offset :start";

const GET: &str = "select * from printer_event where id = :id";

const NEXT: &str = "select coalesce(max(id), 0) + 1 from printer_event";

// A number that is taken already is replaced by the next free one: an entry with another number beats none.
const INSERT: &str = "
    insert into printer_event (
      id, print_id, printer_id, event_type, event_class, event_title, event_text, image_url, info_url, initiator,
      created_at
    ) values (
      case when exists (select 1 from printer_event where id = :id) then null else nullif(:id, 0) end, :print_id, :printer_id, :event_type, :event_class, :event_title, :event_text, :image_url,
      :info_url, :initiator, :created_at
    )";

const COUNT_UNSEEN: &str = "update user set unseen_printer_events = unseen_printer_events + 1";

/// Which entries of the log are wanted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EventQuery {
    /// How many of the newest to leave out.
    pub start: u32,
    /// At most so many; 0 is none.
    pub limit: u32,
    /// Of these printers only; empty is any.
    pub printers: Vec<PrinterId>,
    /// Of this print only.
    pub print: Option<PrintId>,
    /// Of these classes only; empty is any.
    pub classes: Vec<EventClass>,
    /// Of these types only; empty is any.
    pub types: Vec<EventType>,
}

/// Returns entries of the log, newest first.
pub fn list(conn: &Connection, query: &EventQuery) -> Result<Vec<PrinterEvent>, StoreError> {
    let params = named_params! {
        ":printers": json(&query.printers)?,
        ":print_id": query.print.map(PrintId::get),
        ":classes": json(&query.classes)?,
        ":types": json(&query.types)?,
        ":limit": query.limit,
        ":start": query.start,
    };
    let events = conn.prepare_cached(LIST)?.query_map(params, from_row)?.collect::<Result<_, _>>()?;
    Ok(events)
}

/// Returns one entry.
pub fn get(conn: &Connection, id: EventId) -> Result<Option<PrinterEvent>, StoreError> {
    Ok(conn.prepare_cached(GET)?.query_row(named_params! { ":id": id.get() }, from_row).optional()?)
}

/// Returns the number of the next entry.
pub fn next_id(conn: &Connection) -> Result<EventId, StoreError> {
    Ok(EventId(conn.query_row(NEXT, [], |row| row.get(0))?))
}

/// Appends an entry and counts it as unseen. Number 0 takes the next free one.
pub fn insert(tx: &Transaction<'_>, event: &PrinterEvent) -> Result<(), StoreError> {
    tx.prepare_cached(INSERT)?.execute(named_params! {
        ":id": event.id.get(),
        ":print_id": event.print.map(PrintId::get),
        ":printer_id": event.printer.get(),
        ":event_type": word(&event.event_type)?,
        ":event_class": word(&event.event_class)?,
        ":event_title": event.event_title,
        ":event_text": event.event_text,
        ":image_url": event.image_url,
        ":info_url": event.info_url,
        ":initiator": word(&event.initiator)?,
        ":created_at": event.created_at.micros(),
    })?;
    tx.prepare_cached(COUNT_UNSEEN)?.execute([])?;
    Ok(())
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<PrinterEvent> {
    Ok(PrinterEvent {
        id: EventId(row.get("id")?),
        print: row.get::<_, Option<i64>>("print_id")?.map(PrintId),
        printer: PrinterId(row.get("printer_id")?),
        event_type: get_word(row, "event_type")?,
        event_class: get_word(row, "event_class")?,
        event_title: row.get("event_title")?,
        event_text: row.get("event_text")?,
        image_url: row.get("image_url")?,
        info_url: row.get("info_url")?,
        initiator: get_word(row, "initiator")?,
        created_at: get_time(row, "created_at")?,
    })
}
