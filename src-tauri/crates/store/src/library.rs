//! What the library shows beside its rows: how a file printed, namesakes and twins, what a folder holds.

use crate::convert::{get_opt_time, get_opt_word, get_time, json};
use crate::{StoreError, file};
use domain::{AlertOverwrite, EndedBy, FileId, FilePrints, FileVerdict, FolderId, GCodeFile, Timestamp};
use rusqlite::{Connection, named_params};
use std::collections::HashMap;

const PRINTS: &str = "
    select id, g_code_file_id, started_at, ended_by, alert_overwrite, coalesce(finished_at, cancelled_at) as ended_at
    from print
    where deleted is null and g_code_file_id in (select value from json_each(:ids))
    order by started_at, id";

const NAMED: &str = "
    select * from g_code_file
    where deleted is null and resident_printer_id is null
      and filename = :name and parent_folder_id is :folder
    order by id desc limit 1";

const TWINS: &str = "
    select * from g_code_file
    where deleted is null and agent_signature = :signature and id is not :but
    order by id limit 1";

const HIDDEN_BEFORE: &str = "select id from g_code_file where deleted is not null and deleted < :before";

const FILES_BELOW: &str = "
    with recursive down (id) as (
      select :id union select g_code_folder.id from g_code_folder join down on parent_folder_id = down.id
    )
    select id from g_code_file where deleted is null and parent_folder_id in (select id from down)";

const TOTALS: &str = "select count(*), coalesce(sum(num_bytes), 0) from g_code_file where deleted is null";

/// Returns how each of these files printed; one that never did is left out.
pub fn prints_of(conn: &Connection, ids: &[FileId]) -> Result<HashMap<FileId, FilePrints>, StoreError> {
    let mut all: HashMap<FileId, FilePrints> = HashMap::new();
    let mut statement = conn.prepare_cached(PRINTS)?;
    let mut rows = statement.query(named_params! { ":ids": json(ids)? })?;
    while let Some(row) = rows.next()? {
        let prints = all.entry(FileId(row.get("g_code_file_id")?)).or_default();
        let verdict = verdict(get_opt_word(row, "ended_by")?, get_opt_word(row, "alert_overwrite")?);
        prints.count += 1;
        match verdict {
            FileVerdict::Finished => prints.finished += 1,
            FileVerdict::Failed | FileVerdict::Interrupted => prints.failed += 1,
            FileVerdict::Cancelled | FileVerdict::UnderWay => (),
        }
        prints.last_print = Some(domain::PrintId(row.get("id")?));
        prints.last_at = Some(get_opt_time(row, "ended_at")?.unwrap_or(get_time(row, "started_at")?));
        prints.last = Some(verdict);
    }
    Ok(all)
}

/// A person's word stands above how it ended.
fn verdict(ended_by: Option<EndedBy>, word: Option<AlertOverwrite>) -> FileVerdict {
    match (word, ended_by) {
        (Some(AlertOverwrite::Failed), _) => FileVerdict::Failed,
        (_, Some(EndedBy::Finished)) => FileVerdict::Finished,
        (_, Some(EndedBy::Cancelled)) => FileVerdict::Cancelled,
        (_, Some(EndedBy::Interrupted)) => FileVerdict::Interrupted,
        (_, None) => FileVerdict::UnderWay,
    }
}

/// Returns the newest file of exactly this name in a folder, or at the top.
pub fn named(
    conn: &Connection,
    name: &str,
    folder: Option<FolderId>,
) -> Result<Option<GCodeFile>, StoreError> {
    let params = named_params! { ":name": name, ":folder": folder.map(FolderId::get) };
    let mut found = conn.prepare_cached(NAMED)?.query_map(params, file::from_row)?.collect::<Vec<_>>();
    Ok(found.pop().transpose()?)
}

/// Returns the first file with the same content as `signature` says, other than `but`.
pub fn twin(
    conn: &Connection,
    signature: &str,
    but: Option<FileId>,
) -> Result<Option<GCodeFile>, StoreError> {
    let params = named_params! { ":signature": signature, ":but": but.map(FileId::get) };
    let mut found = conn.prepare_cached(TWINS)?.query_map(params, file::from_row)?.collect::<Vec<_>>();
    Ok(found.pop().transpose()?)
}

/// Returns the files that were deleted before `before`: nobody will want them back.
pub fn hidden_before(conn: &Connection, before: Timestamp) -> Result<Vec<FileId>, StoreError> {
    let params = named_params! { ":before": before.micros() };
    let ids = conn
        .prepare_cached(HIDDEN_BEFORE)?
        .query_map(params, |row| Ok(FileId(row.get(0)?)))?
        .collect::<Result<_, _>>()?;
    Ok(ids)
}

/// Returns the files in a folder and in all folders below it.
pub fn files_below(conn: &Connection, folder: FolderId) -> Result<Vec<FileId>, StoreError> {
    let params = named_params! { ":id": folder.get() };
    let ids = conn
        .prepare_cached(FILES_BELOW)?
        .query_map(params, |row| Ok(FileId(row.get(0)?)))?
        .collect::<Result<_, _>>()?;
    Ok(ids)
}

/// Returns how many files there are, and their bytes.
pub fn totals(conn: &Connection) -> Result<(u64, u64), StoreError> {
    let (count, bytes): (i64, i64) =
        conn.prepare_cached(TOTALS)?.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok((u64::try_from(count).unwrap_or(0), u64::try_from(bytes).unwrap_or(0)))
}
