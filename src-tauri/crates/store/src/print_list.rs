//! Lists and figures of past prints.

use crate::convert::{get_opt_word, get_time, json};
use crate::{StoreError, print};
use domain::{EndedBy, Print, PrinterId, Timestamp};
use rusqlite::{Connection, named_params};

// What is wanted, in SQL. `select … from print` stands before, the order after it.
macro_rules! wanted {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            " from print
             where (:with_deleted or deleted is null)
               and case :filter
                 when 'cancelled' then cancelled_at is not null
                 when 'finished' then finished_at is not null
                 when 'need_alert_overwrite' then alert_overwrite is null and tagged_video_url is not null
                 when 'need_print_shot_feedback' then exists (
                   select 1 from print_shot_feedback s where s.print_id = print.id and s.answer is null)
                 else 1 end
               and (:printers = '[]' or printer_id in (select value from json_each(:printers)))
               and (:from_at is null or started_at >= :from_at)
               and (:to_at is null or started_at < :to_at) ",
            $after
        )
    };
}

const NEWEST_FIRST: &str = wanted!("select *", "order by id desc limit :limit offset :start");

const OLDEST_FIRST: &str = wanted!("select *", "order by id asc limit :limit offset :start");

const COUNT: &str = wanted!("select count(*)", "");

const FIGURES: &str =
    wanted!("select started_at, ended_by, print_time, filament_used, demo", "order by started_at, id");

/// In which order; prints are ordered by their number, as Obico does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sorting {
    /// Newest first.
    #[default]
    DateDesc,
    /// Oldest first.
    DateAsc,
}

/// Only some of the prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filter {
    /// Cancelled or interrupted.
    Cancelled,
    /// Finished well.
    Finished,
    /// With a tagged film, but without a person's word.
    NeedAlertOverwrite,
    /// With a shot that waits for an answer.
    NeedPrintShotFeedback,
}

impl Filter {
    fn word(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Finished => "finished",
            Self::NeedAlertOverwrite => "need_alert_overwrite",
            Self::NeedPrintShotFeedback => "need_print_shot_feedback",
        }
    }
}

/// Which prints are wanted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PrintQuery {
    /// How many to leave out.
    pub start: u32,
    /// At most so many.
    pub limit: u32,
    /// In which order.
    pub sorting: Sorting,
    /// Only some.
    pub filter: Option<Filter>,
    /// Of these printers only; empty is any.
    pub printers: Vec<PrinterId>,
    /// Started at or after this.
    pub from: Option<Timestamp>,
    /// Started before this.
    pub to: Option<Timestamp>,
    /// Deleted ones too.
    pub with_deleted: bool,
}

/// What statistics need of one print.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PrintFigures {
    /// When it started.
    pub started_at: Timestamp,
    /// How it ended, `None` while it is open.
    pub ended_by: Option<EndedBy>,
    /// Seconds.
    pub print_time_secs: Option<f64>,
    /// mm.
    pub filament_used_mm: Option<f64>,
    /// Of the demo printer.
    pub demo: bool,
}

/// Returns a page of prints.
pub fn list(conn: &Connection, query: &PrintQuery) -> Result<Vec<Print>, StoreError> {
    let sql = match query.sorting {
        Sorting::DateDesc => NEWEST_FIRST,
        Sorting::DateAsc => OLDEST_FIRST,
    };
    let params = named_params! {
        ":with_deleted": query.with_deleted,
        ":filter": query.filter.map(Filter::word),
        ":printers": json(&query.printers)?,
        ":from_at": query.from.map(Timestamp::micros),
        ":to_at": query.to.map(Timestamp::micros),
        ":limit": query.limit,
        ":start": query.start,
    };
    let prints = conn.prepare_cached(sql)?.query_map(params, print::from_row)?.collect::<Result<_, _>>()?;
    Ok(prints)
}

/// Returns how many prints there are on all pages of `query`.
pub fn count(conn: &Connection, query: &PrintQuery) -> Result<u64, StoreError> {
    let params = named_params! {
        ":with_deleted": query.with_deleted,
        ":filter": query.filter.map(Filter::word),
        ":printers": json(&query.printers)?,
        ":from_at": query.from.map(Timestamp::micros),
        ":to_at": query.to.map(Timestamp::micros),
    };
    let count: i64 = conn.prepare_cached(COUNT)?.query_row(params, |row| row.get(0))?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// Returns the figures of all prints of `query`, whatever its page and order, by their start.
pub fn figures(conn: &Connection, query: &PrintQuery) -> Result<Vec<PrintFigures>, StoreError> {
    let params = named_params! {
        ":with_deleted": query.with_deleted,
        ":filter": query.filter.map(Filter::word),
        ":printers": json(&query.printers)?,
        ":from_at": query.from.map(Timestamp::micros),
        ":to_at": query.to.map(Timestamp::micros),
    };
    let figures = conn
        .prepare_cached(FIGURES)?
        .query_map(params, |row| {
            Ok(PrintFigures {
                started_at: get_time(row, "started_at")?,
                ended_by: get_opt_word(row, "ended_by")?,
                print_time_secs: row.get("print_time")?,
                filament_used_mm: row.get("filament_used")?,
                demo: row.get("demo")?,
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(figures)
}
