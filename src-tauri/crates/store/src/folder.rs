//! Folders of G-code files.

use crate::StoreError;
use crate::convert::get_count;
use domain::{FolderId, GCodeFolder, Timestamp, safe_filename};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

const LIST: &str = "
    select * from g_code_folder where parent_folder_id is :parent order by name collate nocase, id";

const ALL: &str = "select * from g_code_folder order by name collate nocase, id";

const GET: &str = "select * from g_code_folder where id = :id";

const INSERT: &str = "
    insert into g_code_folder (name, safe_name, parent_folder_id, created_at, updated_at)
    values (:name, :safe_name, :parent, :now, :now)";

const UPDATE: &str = "
    update g_code_folder
    set name = :name, safe_name = :safe_name, parent_folder_id = :parent, updated_at = :now
    where id = :id";

// A folder must not come to lie in itself, however deep.
const IS_BELOW: &str = "
    with recursive up (id) as (
      select :parent union select g_code_folder.parent_folder_id from g_code_folder join up using (id)
    )
    select exists (select 1 from up where id = :id)";

const DELETE_FILES: &str = "
    with recursive down (id) as (
      select :id union select g_code_folder.id from g_code_folder join down on parent_folder_id = down.id
    )
    update g_code_file set deleted = :now, deleted_by_cascade = 1
    where deleted is null and parent_folder_id in (select id from down)";

const COUNTS: &str = "
    select id,
      (select count(*) from g_code_file where parent_folder_id = f.id and deleted is null) as files,
      (select count(*) from g_code_folder c where c.parent_folder_id = f.id) as folders
    from g_code_folder f";

const DELETE: &str = "delete from g_code_folder where id = :id";

/// Returns the folders that lie in `parent`, or at the top, by name.
pub fn list(conn: &Connection, parent: Option<FolderId>) -> Result<Vec<GCodeFolder>, StoreError> {
    let params = named_params! { ":parent": parent.map(FolderId::get) };
    let folders = conn.prepare_cached(LIST)?.query_map(params, from_row)?.collect::<Result<_, _>>()?;
    Ok(folders)
}

/// Returns all folders by name.
pub fn all(conn: &Connection) -> Result<Vec<GCodeFolder>, StoreError> {
    let folders = conn.prepare_cached(ALL)?.query_map([], from_row)?.collect::<Result<_, _>>()?;
    Ok(folders)
}

/// Returns one folder.
pub fn get(conn: &Connection, id: FolderId) -> Result<Option<GCodeFolder>, StoreError> {
    Ok(conn.prepare_cached(GET)?.query_row(named_params! { ":id": id.get() }, from_row).optional()?)
}

/// Adds a folder and returns its number.
pub fn insert(
    tx: &Transaction<'_>,
    name: &str,
    parent: Option<FolderId>,
    now: Timestamp,
) -> Result<FolderId, StoreError> {
    tx.prepare_cached(INSERT)?.execute(named_params! {
        ":name": name,
        ":safe_name": safe_filename(name),
        ":parent": parent.map(FolderId::get),
        ":now": now.micros(),
    })?;
    Ok(FolderId(tx.last_insert_rowid()))
}

/// Renames a folder or puts it into another.
///
/// # Errors
/// [`StoreError::NotFound`] when there is no such folder, [`StoreError::FolderInItself`] when it would come to lie
/// in itself.
pub fn update(tx: &Transaction<'_>, folder: &GCodeFolder, now: Timestamp) -> Result<(), StoreError> {
    let parent = folder.parent_folder.map(FolderId::get);
    let ids = named_params! { ":id": folder.id.get(), ":parent": parent };
    if tx.prepare_cached(IS_BELOW)?.query_row(ids, |row| row.get(0))? {
        return Err(StoreError::FolderInItself { id: folder.id.get() });
    }
    let changed = tx.prepare_cached(UPDATE)?.execute(named_params! {
        ":id": folder.id.get(),
        ":name": folder.name,
        ":safe_name": safe_filename(&folder.name),
        ":parent": parent,
        ":now": now.micros(),
    })?;
    found(folder.id, changed)
}

/// Returns how many files and folders lie in each folder, one level deep.
pub fn counts(conn: &Connection) -> Result<std::collections::HashMap<FolderId, (u64, u64)>, StoreError> {
    let mut statement = conn.prepare_cached(COUNTS)?;
    let rows = statement.query_map([], |row| {
        Ok((FolderId(row.get("id")?), (get_count(row, "files")?, get_count(row, "folders")?)))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Removes a folder with all that lies in it; its files are only hidden.
///
/// # Errors
/// [`StoreError::NotFound`] when there is no such folder.
pub fn delete(tx: &Transaction<'_>, id: FolderId, now: Timestamp) -> Result<(), StoreError> {
    tx.prepare_cached(DELETE_FILES)?.execute(named_params! { ":id": id.get(), ":now": now.micros() })?;
    found(id, tx.prepare_cached(DELETE)?.execute(named_params! { ":id": id.get() })?)
}

fn found(id: FolderId, changed: usize) -> Result<(), StoreError> {
    if changed == 0 { Err(StoreError::NotFound { what: "folder", id: id.get() }) } else { Ok(()) }
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<GCodeFolder> {
    Ok(GCodeFolder {
        id: FolderId(row.get("id")?),
        name: row.get("name")?,
        safe_name: row.get("safe_name")?,
        parent_folder: row.get::<_, Option<i64>>("parent_folder_id")?.map(FolderId),
    })
}
