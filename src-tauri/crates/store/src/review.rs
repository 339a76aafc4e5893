//! What a person is to look at, over all prints: alerts, sightings, gaps; and what was looked at.

use crate::StoreError;
use crate::convert::{
    get_json, get_opt_count, get_opt_time, get_opt_word, get_time, get_word, opt_word, word,
};
use domain::{
    Detection, FrameAnswer, FrameId, PrintId, PrinterId, ReviewCounts, ReviewDay, ReviewItem, ReviewKind,
    Sighting, Timestamp,
};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

// One list of all three kinds, each with the columns that only others have as null.
macro_rules! items {
    ($before:literal, $after:literal) => {
        concat!(
            "with item as (
               select 'alert' as kind, print_id, frame_id as id, frame_id, decided_at as at, decided_at as until_at,
                 json_extract(reasons, '$.gauge') as level, paused, reasons, null as why, reviewed_at
               from watch_decision
               union all
               select 'sighting', print_id, frame_id, frame_id, taken_at, until_at, level, 0, null, null, reviewed_at
               from sighting
               union all
               select 'gap', print_id, id, null, from_at, to_at, null, 0, null, why, reviewed_at from watch_gap
             ) ",
            $before,
            " from item join print on print.id = item.print_id and print.deleted is null
             left join frame_feedback as said
               on said.print_id = item.print_id and said.frame_id = item.frame_id
             where (:kind is null or kind = :kind)
               and (:printer is null or print.printer_id = :printer)
               and (:answer is null or coalesce(said.answer, 'none') = :answer)
               and (:reviewed is null or (item.reviewed_at is not null) = :reviewed)
               and (:from_at is null or at >= :from_at)
               and (:to_at is null or at < :to_at) ",
            $after
        )
    };
}

const LIST: &str = items!(
    "select item.*, said.answer, print.printer_id, print.filename, print.demo, print.started_at,
       (select path from frame where frame.print_id = item.print_id and frame.id = item.frame_id) as path,
       (select width from frame where frame.print_id = item.print_id and frame.id = item.frame_id) as width,
       (select height from frame where frame.print_id = item.print_id and frame.id = item.frame_id) as height,
       (select line from frame where frame.print_id = item.print_id and frame.id = item.frame_id) as line,
       (select layer_idx from frame where frame.print_id = item.print_id and frame.id = item.frame_id) as layer_idx",
    "order by item.reviewed_at is not null, at desc, item.print_id desc, item.id desc
     limit :limit offset :start"
);

const COUNT: &str =
    items!("select count(*) as items, coalesce(sum(item.reviewed_at is null), 0) as unreviewed", "");

const UNREVIEWED: &str = "
    select
      (select count(*) from watch_decision d join print on print.id = d.print_id
        where d.reviewed_at is null and print.deleted is null) as alerts,
      (select count(*) from sighting s join print on print.id = s.print_id
        where s.reviewed_at is null and print.deleted is null) as sightings,
      (select count(*) from watch_gap g join print on print.id = g.print_id
        where g.reviewed_at is null and print.deleted is null) as gaps";

const DAYS: &str = "
    with item as (
      select 1 as alert, 0 as sighting, 0 as gap, print_id, decided_at as at from watch_decision
      union all select 0, 1, 0, print_id, taken_at from sighting
      union all select 0, 0, 1, print_id, from_at from watch_gap
    )
    select date(at / 1000000, 'unixepoch', 'localtime') as day, sum(alert) as alerts, sum(sighting) as sightings,
      sum(gap) as gaps
    from item join print on print.id = item.print_id and print.deleted is null
    group by day order by day desc limit 366";

// Boxes of the look nearest to a frame, within twelve seconds.
const BOXES: &str = "
    with moment as (select coalesce(
      (select taken_at from frame where print_id = :print_id and id = :frame_id), :at) as at)
    select boxes from look, moment
    where print_id = :print_id and frame_id between :frame_id - 2000 and :frame_id + 2000
      and abs(taken_at - at) <= 12000000
    order by abs(taken_at - at) limit 1";

const ADD_SIGHTING: &str = "
    insert into sighting (print_id, frame_id, taken_at, until_at, level)
    values (:print_id, :frame_id, :taken_at, :until_at, :level) on conflict (print_id, frame_id) do nothing";

/// Whose answer is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    /// Exactly this one.
    With(FrameAnswer),
    /// Nobody answered.
    Not,
}

/// Which items are wanted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReviewQuery {
    /// Of this kind; `None` is any.
    pub kind: Option<ReviewKind>,
    /// Of this printer.
    pub printer: Option<PrinterId>,
    /// With this answer.
    pub answer: Option<Answered>,
    /// Looked at, or not.
    pub reviewed: Option<bool>,
    /// At or after.
    pub from: Option<Timestamp>,
    /// Before.
    pub to: Option<Timestamp>,
    /// How many to leave out.
    pub start: u32,
    /// At most so many.
    pub limit: u32,
}

/// Returns a page of items, those that nobody looked at first, then the newest first. Clips are left out: whether
/// there is one, the disk knows.
pub fn list(conn: &Connection, query: &ReviewQuery) -> Result<Vec<ReviewItem>, StoreError> {
    let params = named_params! {
        ":kind": opt_word(&query.kind)?,
        ":printer": query.printer.map(PrinterId::get),
        ":answer": answer_word(query.answer)?,
        ":reviewed": query.reviewed,
        ":from_at": query.from.map(Timestamp::micros),
        ":to_at": query.to.map(Timestamp::micros),
        ":limit": query.limit,
        ":start": query.start,
    };
    let mut items: Vec<ReviewItem> =
        conn.prepare_cached(LIST)?.query_map(params, from_row)?.collect::<Result<_, _>>()?;
    for item in &mut items {
        if let Some(frame) = item.frame {
            item.boxes = boxes(conn, item.print, frame, item.at)?;
        }
    }
    Ok(items)
}

/// Returns how many items `query` has on all its pages, and how many of them nobody looked at.
pub fn count(conn: &Connection, query: &ReviewQuery) -> Result<(u32, u32), StoreError> {
    let params = named_params! {
        ":kind": opt_word(&query.kind)?,
        ":printer": query.printer.map(PrinterId::get),
        ":answer": answer_word(query.answer)?,
        ":reviewed": query.reviewed,
        ":from_at": query.from.map(Timestamp::micros),
        ":to_at": query.to.map(Timestamp::micros),
    };
    let both = |row: &Row<'_>| Ok((row.get("items")?, row.get("unreviewed")?));
    Ok(conn.prepare_cached(COUNT)?.query_row(params, both)?)
}

/// Returns how many items nobody looked at, and what there was day by day.
pub fn counts(conn: &Connection) -> Result<ReviewCounts, StoreError> {
    let counts = conn.prepare_cached(UNREVIEWED)?.query_row([], |row| {
        Ok(ReviewCounts {
            alerts: row.get("alerts")?,
            sightings: row.get("sightings")?,
            gaps: row.get("gaps")?,
            days: Vec::new(),
        })
    })?;
    let day = |row: &Row<'_>| {
        Ok(ReviewDay {
            day: row.get("day")?,
            alerts: row.get("alerts")?,
            sightings: row.get("sightings")?,
            gaps: row.get("gaps")?,
        })
    };
    let days = conn.prepare_cached(DAYS)?.query_map([], day)?.collect::<Result<_, _>>()?;
    Ok(ReviewCounts { days, ..counts })
}

/// Returns the boxes of the look nearest to a frame, which was taken at about `at`; none when nothing was looked at
/// within twelve seconds.
fn boxes(
    conn: &Connection,
    print: PrintId,
    frame: FrameId,
    at: Timestamp,
) -> Result<Vec<Detection>, StoreError> {
    let params = named_params! { ":print_id": print.get(), ":frame_id": frame.get(), ":at": at.micros() };
    let found = conn.prepare_cached(BOXES)?.query_row(params, |row| get_json(row, "boxes")).optional()?;
    Ok(found.unwrap_or_default())
}

/// Keeps a sighting; one of the same frame stays as it is.
pub fn add_sighting(tx: &Transaction<'_>, sighting: &Sighting) -> Result<(), StoreError> {
    tx.prepare_cached(ADD_SIGHTING)?.execute(named_params! {
        ":print_id": sighting.print.get(),
        ":frame_id": sighting.frame.get(),
        ":taken_at": sighting.from.micros(),
        ":until_at": sighting.until.micros(),
        ":level": sighting.level,
    })?;
    Ok(())
}

fn answer_word(answer: Option<Answered>) -> rusqlite::Result<Option<String>> {
    Ok(match answer {
        None => None,
        Some(Answered::Not) => Some("none".to_owned()),
        Some(Answered::With(answer)) => Some(word(&answer)?),
    })
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<ReviewItem> {
    let path: Option<String> = row.get("path")?;
    let size: (Option<u32>, Option<u32>) = (row.get("width")?, row.get("height")?);
    let reasons = match row.get_ref("reasons")? {
        rusqlite::types::ValueRef::Null => None,
        rusqlite::types::ValueRef::Integer(_)
        | rusqlite::types::ValueRef::Real(_)
        | rusqlite::types::ValueRef::Text(_)
        | rusqlite::types::ValueRef::Blob(_) => Some(get_json(row, "reasons")?),
    };
    Ok(ReviewItem {
        kind: get_word(row, "kind")?,
        id: row.get("id")?,
        print: PrintId(row.get("print_id")?),
        printer: row.get::<_, Option<i64>>("printer_id")?.map(PrinterId),
        filename: row.get("filename")?,
        frame: row.get::<_, Option<i64>>("frame_id")?.map(FrameId),
        at: get_time(row, "at")?,
        until: get_time(row, "until_at")?,
        started_at: get_time(row, "started_at")?,
        level: row.get("level")?,
        paused: row.get("paused")?,
        layer: row.get("layer_idx")?,
        line: get_opt_count(row, "line")?,
        boxes: Vec::new(),
        size: size.0.zip(size.1),
        image_url: path.map(|path| format!("/{path}")),
        evidence_url: None,
        answer: get_opt_word(row, "answer")?,
        reviewed_at: get_opt_time(row, "reviewed_at")?,
        reasons,
        why: row.get("why")?,
        demo: row.get("demo")?,
    })
}
