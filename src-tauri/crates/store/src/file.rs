//! The library of G-code files; their content lies in the data folder.

use crate::StoreError;
use crate::convert::{get_count, get_opt_time, get_time, int, json, like, opt_micros};
use domain::{FileId, FileSorting, FolderId, GCodeFile, Timestamp, UserId};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

const GET: &str = "select * from g_code_file where id = :id";

const BY_SIGNATURE: &str = "
    select * from g_code_file where agent_signature = :agent_signature and deleted is null order by id limit 1";

// The two halves of a list; how it is sorted stands between `order by` and the rest.
macro_rules! list_sorted {
    ($order:literal) => {
        concat!(
            "select * from g_code_file
             where deleted is null and resident_printer_id is null
               and (:q is null or filename like :q escape '\\')
               and (:any_folder or parent_folder_id is :folder)
             order by ",
            $order,
            ", id desc limit :limit offset :start"
        )
    };
}

const COUNT: &str = "
    select count(*) from g_code_file
    where deleted is null and resident_printer_id is null
      and (:q is null or filename like :q escape '\\')
      and (:any_folder or parent_folder_id is :folder)";

const INSERT: &str = "
    insert into g_code_file (
      user_id, filename, safe_filename, parent_folder_id, url, num_bytes, agent_signature, metadata_json,
      filament_total, estimated_time, thumbnail1_url, created_at, updated_at, deleted
    ) values (
      :user_id, :filename, :safe_filename, :parent_folder_id, :url, :num_bytes, :agent_signature, :metadata_json,
      :filament_total, :estimated_time, :thumbnail1_url, :created_at, :updated_at, :deleted
    )";

const UPDATE: &str = "
    update g_code_file set
      filename = :filename, safe_filename = :safe_filename, parent_folder_id = :parent_folder_id, url = :url,
      num_bytes = :num_bytes, agent_signature = :agent_signature, metadata_json = :metadata_json,
      filament_total = :filament_total, estimated_time = :estimated_time, thumbnail1_url = :thumbnail1_url,
      updated_at = :updated_at
    where id = :id and deleted is null";

const MOVE: &str = "
    update g_code_file set parent_folder_id = :folder, updated_at = :now
    where id in (select value from json_each(:ids)) and deleted is null";

const DELETE: &str = "
    update g_code_file set deleted = :now
    where id in (select value from json_each(:ids)) and deleted is null";

const UNDELETE: &str = "
    update g_code_file set deleted = null, deleted_by_cascade = 0
    where id in (select value from json_each(:ids))";

/// In which folder to look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum InFolder {
    /// In all of them.
    #[default]
    Any,
    /// In none: at the top.
    Top,
    /// In this one, not in those below it.
    Folder(FolderId),
}

fn sql(sorting: FileSorting) -> &'static str {
    match sorting {
        FileSorting::CreatedAtDesc => list_sorted!("created_at desc"),
        FileSorting::CreatedAtAsc => list_sorted!("created_at asc"),
        FileSorting::NumBytesDesc => list_sorted!("num_bytes desc"),
        FileSorting::NumBytesAsc => list_sorted!("num_bytes asc"),
        FileSorting::FilenameDesc => list_sorted!("filename collate nocase desc"),
        FileSorting::FilenameAsc => list_sorted!("filename collate nocase asc"),
    }
}

/// Which files are wanted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FileQuery {
    /// How many to leave out.
    pub start: u32,
    /// At most so many.
    pub limit: u32,
    /// What the name contains; case does not matter for A to Z.
    pub q: Option<String>,
    /// Where.
    pub folder: InFolder,
    /// In which order.
    pub sorting: FileSorting,
}

/// Returns a page of files, and how many there are on all pages.
pub fn list(conn: &Connection, query: &FileQuery) -> Result<(Vec<GCodeFile>, u64), StoreError> {
    let q = query.q.as_deref().filter(|q| !q.is_empty()).map(like);
    let (any_folder, folder) = match query.folder {
        InFolder::Any => (true, None),
        InFolder::Top => (false, None),
        InFolder::Folder(id) => (false, Some(id.get())),
    };
    let filter = named_params! { ":q": q, ":any_folder": any_folder, ":folder": folder };
    let count: i64 = conn.prepare_cached(COUNT)?.query_row(filter, |row| row.get(0))?;
    let page = named_params! {
        ":q": q, ":any_folder": any_folder, ":folder": folder, ":limit": query.limit, ":start": query.start,
    };
    let files =
        conn.prepare_cached(sql(query.sorting))?.query_map(page, from_row)?.collect::<Result<_, _>>()?;
    Ok((files, u64::try_from(count).unwrap_or(0)))
}

/// Returns one file, a deleted one too: past prints still name it.
pub fn get(conn: &Connection, id: FileId) -> Result<Option<GCodeFile>, StoreError> {
    Ok(conn.prepare_cached(GET)?.query_row(named_params! { ":id": id.get() }, from_row).optional()?)
}

/// Returns the file with this content, if it is in the library.
pub fn by_signature(conn: &Connection, signature: &str) -> Result<Option<GCodeFile>, StoreError> {
    let params = named_params! { ":agent_signature": signature };
    Ok(conn.prepare_cached(BY_SIGNATURE)?.query_row(params, from_row).optional()?)
}

/// Adds a file and returns its number; the one in `file` is not looked at.
pub fn insert(tx: &Transaction<'_>, file: &GCodeFile) -> Result<FileId, StoreError> {
    tx.prepare_cached(INSERT)?.execute(named_params! {
        ":user_id": file.user.get(),
        ":filename": file.filename,
        ":safe_filename": file.safe_filename,
        ":parent_folder_id": file.parent_folder.map(FolderId::get),
        ":url": file.url,
        ":num_bytes": int(file.num_bytes),
        ":agent_signature": file.agent_signature,
        ":metadata_json": file.metadata_json,
        ":filament_total": file.filament_total,
        ":estimated_time": file.estimated_time,
        ":thumbnail1_url": file.thumbnail1_url,
        ":created_at": file.created_at.micros(),
        ":updated_at": file.updated_at.micros(),
        ":deleted": opt_micros(file.deleted),
    })?;
    Ok(FileId(tx.last_insert_rowid()))
}

/// Replaces what is kept of a file, such as after it was renamed or read.
///
/// # Errors
/// [`StoreError::NotFound`] when there is no such file or it was deleted.
pub fn update(tx: &Transaction<'_>, file: &GCodeFile) -> Result<(), StoreError> {
    let changed = tx.prepare_cached(UPDATE)?.execute(named_params! {
        ":id": file.id.get(),
        ":filename": file.filename,
        ":safe_filename": file.safe_filename,
        ":parent_folder_id": file.parent_folder.map(FolderId::get),
        ":url": file.url,
        ":num_bytes": int(file.num_bytes),
        ":agent_signature": file.agent_signature,
        ":metadata_json": file.metadata_json,
        ":filament_total": file.filament_total,
        ":estimated_time": file.estimated_time,
        ":thumbnail1_url": file.thumbnail1_url,
        ":updated_at": file.updated_at.micros(),
    })?;
    if changed == 0 { Err(StoreError::NotFound { what: "file", id: file.id.get() }) } else { Ok(()) }
}

/// Puts files into a folder, or to the top; returns how many.
pub fn move_to(
    tx: &Transaction<'_>,
    ids: &[FileId],
    folder: Option<FolderId>,
    now: Timestamp,
) -> Result<usize, StoreError> {
    let params = named_params! {
        ":ids": json(ids)?, ":folder": folder.map(FolderId::get), ":now": now.micros(),
    };
    Ok(tx.prepare_cached(MOVE)?.execute(params)?)
}

/// Hides files from all lists; returns how many. Nothing is erased, see [`undelete`].
pub fn delete(tx: &Transaction<'_>, ids: &[FileId], now: Timestamp) -> Result<usize, StoreError> {
    Ok(tx.prepare_cached(DELETE)?.execute(named_params! { ":ids": json(ids)?, ":now": now.micros() })?)
}

/// Brings deleted files back; returns how many.
pub fn undelete(tx: &Transaction<'_>, ids: &[FileId]) -> Result<usize, StoreError> {
    Ok(tx.prepare_cached(UNDELETE)?.execute(named_params! { ":ids": json(ids)? })?)
}

pub(crate) fn from_row(row: &Row<'_>) -> rusqlite::Result<GCodeFile> {
    let id = FileId(row.get("id")?);
    Ok(GCodeFile {
        id,
        user: UserId(row.get("user_id")?),
        filename: row.get("filename")?,
        safe_filename: row.get("safe_filename")?,
        parent_folder: row.get::<_, Option<i64>>("parent_folder_id")?.map(FolderId),
        // Made elsewhere it has an address of its own; ours follows from its number.
        url: row
            .get::<_, Option<String>>("url")?
            .filter(|url| !url.is_empty())
            .unwrap_or_else(|| format!("/api/v1/g_code_files/{id}/content/")),
        num_bytes: get_count(row, "num_bytes")?,
        agent_signature: row.get("agent_signature")?,
        metadata_json: row.get("metadata_json")?,
        filament_total: row.get("filament_total")?,
        estimated_time: row.get("estimated_time")?,
        thumbnail1_url: row.get("thumbnail1_url")?,
        created_at: get_time(row, "created_at")?,
        updated_at: get_time(row, "updated_at")?,
        deleted: get_opt_time(row, "deleted")?,
    })
}
