//! From whatever version a database has to the newest.

use crate::StoreError;
use crate::backup::{self, Going};
use domain::Timestamp;
use include_dir::{Dir, include_dir};
use rusqlite::Connection;
use rusqlite_migration::Migrations;
use std::path::Path;

static FOLDER: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../../migrations");

/// Brings the database to the newest version, after copying one that already holds something.
pub(crate) fn to_latest(conn: &mut Connection, data_dir: &Path, now: Timestamp) -> Result<(), StoreError> {
    let known = FOLDER.dirs().count();
    let found = version(conn)?;
    if found > known {
        return Err(StoreError::TooNew { found, known });
    }
    if found == known {
        return Ok(());
    }
    if found > 0 {
        backup::copy(conn, data_dir, now, || Going::On)?;
    }
    // A migration may rebuild a table that others point to; SQLite wants the checks off for that.
    conn.pragma_update(None, "foreign_keys", false)?;
    Migrations::from_directory(&FOLDER)?.to_latest(conn)?;
    Ok(())
}

/// Returns how many migrations the database went through.
pub(crate) fn version(conn: &Connection) -> Result<usize, StoreError> {
    let version: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok(usize::try_from(version).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::Row;

    const OBJECTS: &str = "
        select type || ' ' || name || ': ' || coalesce(sql, '') from sqlite_schema
        where name not like 'sqlite_stat%' order by type, name";

    // The pragmas as tables: what SQLite made of the text, column by column.
    const COLUMNS: &str = "
        select format('%s.%s %s notnull=%d default=%s key=%d', t.name, c.name, c.type, c.\"notnull\",
          quote(c.dflt_value), c.pk)
        from sqlite_schema t join pragma_table_xinfo(t.name) c where t.type = 'table' order by t.name, c.cid";

    const REFERENCES: &str = "
        select format('%s.%s -> %s.%s %s', t.name, f.\"from\", f.\"table\", f.\"to\", f.on_delete)
        from sqlite_schema t join pragma_foreign_key_list(t.name) f where t.type = 'table' order by 1";

    fn texts(conn: &Connection, sql: &str) -> Vec<String> {
        let text = |row: &Row<'_>| row.get::<_, String>(0);
        conn.prepare(sql).unwrap().query_map([], text).unwrap().map(|t| plain(&t.unwrap())).collect()
    }

    /// Returns SQL without comments, and with one space where there were several; none before a comma or the end,
    /// where SQLite itself puts one when a column is added.
    fn plain(sql: &str) -> String {
        let lines = sql.lines().map(|line| line.split("--").next().unwrap_or_default());
        let text = lines.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ");
        text.replace(" ,", ",").replace(" )", ")")
    }

    fn migrated() -> Connection {
        let dir = tempfile::tempdir().unwrap();
        let mut conn = Connection::open_in_memory().unwrap();
        to_latest(&mut conn, dir.path(), Timestamp::from_micros(0)).unwrap();
        conn
    }

    #[test]
    fn migrated_is_the_same_as_fresh_from_schema_sql() {
        let fresh = Connection::open_in_memory().unwrap();
        let schema = FOLDER.get_file("schema.sql").unwrap().contents_utf8().unwrap();
        fresh.execute_batch(schema).unwrap();
        let migrated = migrated();
        for sql in [OBJECTS, COLUMNS, REFERENCES] {
            let expected = texts(&fresh, sql);
            assert!(expected.len() > 5, "the question finds something");
            assert_eq!(texts(&migrated, sql), expected, "schema.sql tells what the migrations make");
        }
    }

    #[test]
    fn every_table_is_strict() {
        let lax = "select name from pragma_table_list
                   where schema = 'main' and type = 'table' and not strict and name not like 'sqlite_%'";
        assert_eq!(texts(&migrated(), lax), Vec::<String>::new());
    }

    #[test]
    fn every_column_is_described_in_schema_sql_itself_or_in_its_head() {
        let schema = FOLDER.get_file("schema.sql").unwrap().contents_utf8().unwrap();
        let of_the_head = |name: &str| {
            let ends = ["_at", "_url", "_id", "name", "filename"].iter().any(|end| name.ends_with(end));
            ends || name.starts_with("notify_on_") || name.starts_with("deleted") || name == "id"
        };
        let (mut before, mut in_trigger) = ("", false);
        for line in schema.lines() {
            in_trigger = (in_trigger || line.starts_with("create trigger")) && !line.starts_with("end;");
            let name = line.trim().split(' ').next().unwrap_or_default();
            let of_a_table = ["unique", "check", "primary"].contains(&name);
            let is_column =
                !in_trigger && line.starts_with("  ") && name.starts_with(|c: char| c.is_ascii_lowercase());
            let described = before.trim().starts_with("--") || of_the_head(name);
            assert!(!is_column || of_a_table || described, "schema.sql does not say what {name} means");
            before = line;
        }
    }

    #[test]
    fn a_database_of_a_newer_app_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let mut conn = Connection::open_in_memory().unwrap();
        conn.pragma_update(None, "user_version", 9999).unwrap();
        let refused = to_latest(&mut conn, dir.path(), Timestamp::from_micros(0)).unwrap_err();
        assert!(matches!(refused, StoreError::TooNew { found: 9999, .. }), "{refused}");
        assert_eq!(version(&conn).unwrap(), 9999);
    }
}
