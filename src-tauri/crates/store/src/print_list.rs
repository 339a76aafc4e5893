//! Lists of past prints.

use crate::convert::{json, like};
use crate::{StoreError, print};
use domain::{FileId, Print, PrinterId, Timestamp};
use rusqlite::{Connection, ToSql, named_params};
use ts_rs::TS;

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
               and case :result
                 when 'finished' then ended_by = 'finished' and alert_overwrite is not 'FAILED'
                 when 'failed' then alert_overwrite = 'FAILED'
                 when 'cancelled' then ended_by = 'cancelled' and alert_overwrite is not 'FAILED'
                 when 'interrupted' then ended_by = 'interrupted' and alert_overwrite is not 'FAILED'
                 when 'open' then finished_at is null and cancelled_at is null
                 else 1 end
               and case :verdict
                 when 'failed' then alert_overwrite = 'FAILED'
                 when 'not_failed' then alert_overwrite = 'NOT_FAILED'
                 when 'none' then alert_overwrite is null
                 else 1 end
               and (not :alerts or alerted_at is not null)
               and (not :kept or kept)
               and (:file is null or g_code_file_id = :file)
               and (:tag is null or exists (select 1 from json_each(tags) where value = :tag))
               and (:q is null or filename like :q escape '\\' or notes like :q escape '\\'
                 or tags like :q escape '\\')
               and (:from_at is null or started_at >= :from_at)
               and (:to_at is null or started_at < :to_at) ",
            $after
        )
    };
}

const NEWEST_FIRST: &str = wanted!("select *", "order by id desc limit :limit offset :start");

const OLDEST_FIRST: &str = wanted!("select *", "order by id asc limit :limit offset :start");

const COUNT: &str = wanted!("select count(*)", "");

const MEDIA_BYTES: &str = wanted!(
    "select coalesce(sum((select frame_bytes + other_bytes from print_media where print_id = print.id)), 0)",
    ""
);

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

/// How a print came out; what a person said of it goes before how it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, TS)]
#[ts(rename = "PrintOutcome", rename_all = "snake_case")]
pub enum Outcome {
    /// Well.
    Finished,
    /// A person said so.
    Failed,
    /// By a person or the watch.
    Cancelled,
    /// Cut short.
    Interrupted,
    /// It is under way.
    Open,
}

impl Outcome {
    fn word(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Interrupted => "interrupted",
            Self::Open => "open",
        }
    }
}

/// What a person said of a print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, TS)]
#[ts(rename = "PrintVerdict", rename_all = "snake_case")]
pub enum Said {
    /// It failed.
    Failed,
    /// It did not.
    NotFailed,
    /// Nothing.
    #[ts(rename = "none")]
    Nothing,
}

impl Said {
    fn word(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::NotFailed => "not_failed",
            Self::Nothing => "none",
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
    /// That came out so.
    pub outcome: Option<Outcome>,
    /// Of which a person said so.
    pub said: Option<Said>,
    /// With an alert only.
    pub alerts: bool,
    /// Kept by a person only.
    pub kept: bool,
    /// Of this file only.
    pub file: Option<FileId>,
    /// With this mark only.
    pub tag: Option<String>,
    /// With this text in its file name, notes or marks; empty is any.
    pub text: String,
}

/// Hands the parameters of a query to `ask`.
fn with_params<T>(
    query: &PrintQuery,
    ask: impl FnOnce(&[(&str, &dyn ToSql)]) -> rusqlite::Result<T>,
) -> Result<T, StoreError> {
    let text = query.text.trim();
    Ok(ask(named_params! {
        ":with_deleted": query.with_deleted,
        ":filter": query.filter.map(Filter::word),
        ":printers": json(&query.printers)?,
        ":from_at": query.from.map(Timestamp::micros),
        ":to_at": query.to.map(Timestamp::micros),
        ":result": query.outcome.map(Outcome::word),
        ":verdict": query.said.map(Said::word),
        ":alerts": query.alerts,
        ":kept": query.kept,
        ":file": query.file.map(FileId::get),
        ":tag": query.tag,
        ":q": (!text.is_empty()).then(|| like(text)),
    })?)
}

/// Returns a page of prints.
pub fn list(conn: &Connection, query: &PrintQuery) -> Result<Vec<Print>, StoreError> {
    let sql = match query.sorting {
        Sorting::DateDesc => NEWEST_FIRST,
        Sorting::DateAsc => OLDEST_FIRST,
    };
    with_params(query, |params| {
        let page = named_params! { ":limit": query.limit, ":start": query.start };
        let all: Vec<_> = params.iter().chain(page).copied().collect();
        conn.prepare_cached(sql)?.query_map(all.as_slice(), print::from_row)?.collect()
    })
}

/// Returns how many prints there are on all pages of `query`.
pub fn count(conn: &Connection, query: &PrintQuery) -> Result<u64, StoreError> {
    with_params(query, |params| {
        let count: i64 = conn.prepare_cached(COUNT)?.query_row(params, |row| row.get(0))?;
        Ok(u64::try_from(count).unwrap_or(0))
    })
}

/// Returns how many bytes the pictures, films and looks of all pages of `query` take.
pub fn media_bytes(conn: &Connection, query: &PrintQuery) -> Result<u64, StoreError> {
    with_params(query, |params| {
        let bytes: i64 = conn.prepare_cached(MEDIA_BYTES)?.query_row(params, |row| row.get(0))?;
        Ok(u64::try_from(bytes).unwrap_or(0))
    })
}
