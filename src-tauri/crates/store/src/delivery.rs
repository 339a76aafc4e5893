//! Messages to services: one row for each message to each service, waiting or done with.

use crate::StoreError;
use crate::convert::{get_json, get_opt_time, get_time, get_word, json, opt_micros, word};
use domain::{DeliveryState, MessageTopic, NoticeDelivery, PrinterId, Timestamp};
use rusqlite::{Connection, Row, Transaction, named_params};

/// Rows that are kept when they are done with.
const KEPT: i64 = 500;

/// A message to put into the queue of one service.
#[derive(Debug, Clone, PartialEq)]
pub struct NewDelivery {
    /// The setting that asks for it.
    pub setting: i64,
    /// About which printer.
    pub printer: Option<PrinterId>,
    /// What it is about.
    pub topic: MessageTopic,
    /// One line.
    pub title: String,
    /// A sentence or two.
    pub text: String,
    /// What the service's own form needs besides, an object.
    pub facts: serde_json::Value,
    /// JPEG.
    pub picture: Option<Vec<u8>>,
    /// Now.
    pub created_at: Timestamp,
    /// [`DeliveryState::Waiting`] is tried at once; anything else only stands in the log.
    pub state: DeliveryState,
    /// Why it is not tried, for people.
    pub answer: String,
}

/// A message that is due.
#[derive(Debug, Clone, PartialEq)]
pub struct DueDelivery {
    /// The entry of the log.
    pub entry: NoticeDelivery,
    /// What the service's own form needs besides.
    pub facts: serde_json::Value,
    /// JPEG.
    pub picture: Option<Vec<u8>>,
}

const INSERT: &str = "
    insert into notice_delivery (
      setting_id, printer_id, topic, title, text, facts, picture, created_at, state, next_at, answer
    ) values (
      :setting_id, :printer_id, :topic, :title, :text, :facts, :picture, :created_at, :state, :next_at, :answer
    )";

const LIST: &str = "
    select d.*, s.name as service from notice_delivery d join notification_setting s on s.id = d.setting_id
    order by d.id desc limit :most";

const DUE: &str = "
    select d.*, s.name as service from notice_delivery d join notification_setting s on s.id = d.setting_id
    where d.state = 'waiting' and d.next_at <= :now order by d.id limit :most";

const NEXT: &str = "select min(next_at) from notice_delivery where state = 'waiting'";

const WAITING: &str = "select count(*) from notice_delivery where state = 'waiting'";

const TRIED: &str = "
    update notice_delivery set
      attempts = attempts + 1, state = :state, next_at = :next_at, answer = :answer,
      picture = case when :state = 'waiting' then picture else null end
    where id = :id";

const TRIM: &str = "
    delete from notice_delivery where state <> 'waiting' and id not in (
      select id from notice_delivery where state <> 'waiting' order by id desc limit :kept
    )";

/// Puts a message into the queue, or only into the log.
pub fn insert(tx: &Transaction<'_>, new: &NewDelivery) -> Result<(), StoreError> {
    let waits = new.state == DeliveryState::Waiting;
    tx.prepare_cached(INSERT)?.execute(named_params! {
        ":setting_id": new.setting,
        ":printer_id": new.printer.map(PrinterId::get),
        ":topic": word(&new.topic)?,
        ":title": new.title,
        ":text": new.text,
        ":facts": json(&new.facts)?,
        ":picture": new.picture.as_ref().filter(|_| waits),
        ":created_at": new.created_at.micros(),
        ":state": word(&new.state)?,
        ":next_at": waits.then(|| new.created_at.micros()),
        ":answer": new.answer,
    })?;
    tx.prepare_cached(TRIM)?.execute(named_params! { ":kept": KEPT })?;
    Ok(())
}

/// Returns the log, newest first.
pub fn list(conn: &Connection, most: u32) -> Result<Vec<NoticeDelivery>, StoreError> {
    let rows = conn
        .prepare_cached(LIST)?
        .query_map(named_params! { ":most": most }, entry)?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

/// Returns what is to be tried now, oldest first.
pub fn due(conn: &Connection, now: Timestamp, most: u32) -> Result<Vec<DueDelivery>, StoreError> {
    let read = |row: &Row<'_>| {
        Ok(DueDelivery { entry: entry(row)?, facts: get_json(row, "facts")?, picture: row.get("picture")? })
    };
    let params = named_params! { ":now": now.micros(), ":most": most };
    let rows = conn.prepare_cached(DUE)?.query_map(params, read)?.collect::<Result<_, _>>()?;
    Ok(rows)
}

/// Returns when the next one is to be tried.
pub fn next_at(conn: &Connection) -> Result<Option<Timestamp>, StoreError> {
    let micros: Option<i64> = conn.prepare_cached(NEXT)?.query_row([], |row| row.get(0))?;
    Ok(micros.map(Timestamp::from_micros))
}

/// Returns how many wait to be sent.
pub fn waiting(conn: &Connection) -> Result<u64, StoreError> {
    let count: i64 = conn.prepare_cached(WAITING)?.query_row([], |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

/// Notes what came of a try. `next_at`: when it is tried again, if it is.
pub fn tried(
    tx: &Transaction<'_>,
    id: i64,
    state: DeliveryState,
    next_at: Option<Timestamp>,
    answer: &str,
) -> Result<(), StoreError> {
    tx.prepare_cached(TRIED)?.execute(named_params! {
        ":id": id,
        ":state": word(&state)?,
        ":next_at": opt_micros(next_at),
        ":answer": answer,
    })?;
    Ok(())
}

fn entry(row: &Row<'_>) -> rusqlite::Result<NoticeDelivery> {
    Ok(NoticeDelivery {
        id: row.get("id")?,
        setting: row.get("setting_id")?,
        service: row.get("service")?,
        printer: row.get::<_, Option<i64>>("printer_id")?.map(PrinterId),
        topic: get_word(row, "topic")?,
        title: row.get("title")?,
        text: row.get("text")?,
        created_at: get_time(row, "created_at")?,
        state: get_word(row, "state")?,
        attempts: row.get("attempts")?,
        next_at: get_opt_time(row, "next_at")?,
        answer: row.get("answer")?,
    })
}
