//! From whatever version a database has to the newest.

use crate::StoreError;
use crate::backup::{self, Going};
use crate::schema::{FOLDER, version};
use domain::Timestamp;
use rusqlite::Connection;
use rusqlite_migration::Migrations;
use std::path::Path;

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

    /// A row in each of the first tables, as a core of the first versions wrote them.
    const OLD_ROWS: &str = "
        insert into user (id, consented_at) values (1, 0);
        insert into printer (id, name, auth_token, created_at, updated_at) values
          (1, 'Printer', '0000000000000000000a', 0, 0);
        insert into print (id, printer_id, ext_id, filename, started_at, finished_at) values
          (7, 1, 1, 'part.gcode', 1000000, 2000000);
        insert into look (
          print_id, frame_id, printer_id, taken_at, probability, p, current_frame_num, lifetime_frame_num, current_p,
          ewm_mean, rolling_mean_short, rolling_mean_long, normalized_p, updated_at, line
        ) values (7, 5, 1, 1500000, 0.5, 0.4, 1, 2, 0.1, 0.2, 0.3, 0.4, 0.5, 1500000, 9);
        insert into frame (print_id, id, camera_id, taken_at, path, width, height, num_bytes, why) values
          (7, 5, 1, 1500000, 'media/prints/7/frames/5.jpg', 640, 480, 900, 'film');";

    #[test]
    fn a_history_that_was_begun_with_any_version_is_whole_after_all_later_ones() {
        for first in 1..FOLDER.dirs().count() {
            let dir = tempfile::tempdir().unwrap();
            let mut conn = Connection::open(dir.path().join("old.db")).unwrap();
            Migrations::from_directory(&FOLDER).unwrap().to_version(&mut conn, first).unwrap();
            conn.execute_batch(OLD_ROWS).unwrap();
            to_latest(&mut conn, dir.path(), Timestamp::from_micros(0)).unwrap();
            let seen = crate::look::of_print(&conn, domain::PrintId(7)).unwrap();
            assert_eq!(seen.len(), 1, "from version {first}");
            assert_eq!((seen[0].p, seen[0].line), (0.4, Some(9)));
            let size = "select num_frames || ' ' || frame_bytes from print_media where print_id = 7";
            assert_eq!(texts(&conn, size), ["1 900"], "from version {first}");
            // As each statement that changes a row asks for every check of its table.
            conn.execute_batch("update print set film_options = null; update printer set name = name")
                .unwrap();
            let told = "insert into printer_event
                (printer_id, event_type, event_class, event_title, event_text, initiator, created_at)
                values (1, 'FIRST_LAYER', 'WARNING', '', '', 'detection', 0)";
            conn.execute_batch(told).expect("the newest kind of event is taken");
            assert!(conn.execute_batch(&told.replace("FIRST_LAYER", "NONE")).is_err(), "and no unknown one");
            let strays = "select \"table\" from pragma_foreign_key_check";
            assert_eq!(texts(&conn, strays), Vec::<String>::new());
        }
    }

    #[test]
    fn a_check_of_a_column_that_may_be_null_says_so() {
        // SQLite does not agree with itself over what json_valid(null) is: 0 up to 3.44, null after it.
        let bare = "select t.name || '.' || c.name from sqlite_schema t join pragma_table_xinfo(t.name) c
                    where t.type = 'table' and c.\"notnull\" = 0
                      and t.sql like '%check (json_valid(' || c.name || '))%'";
        assert_eq!(texts(&migrated(), bare), Vec::<String>::new());
    }

    #[test]
    fn prints_that_were_hidden_with_their_printer_are_shown_again() {
        let dir = tempfile::tempdir().unwrap();
        let mut conn = Connection::open(dir.path().join("old.db")).unwrap();
        Migrations::from_directory(&FOLDER).unwrap().to_version(&mut conn, 4).unwrap();
        conn.execute_batch(OLD_ROWS).unwrap();
        conn.execute_batch(
            "update printer set deleted = 5;
             update print set deleted = 5, deleted_by_cascade = 1;
             insert into print (id, ext_id, filename, started_at, deleted) values (8, 2, 'gone.gcode', 0, 5);",
        )
        .unwrap();
        to_latest(&mut conn, dir.path(), Timestamp::from_micros(0)).unwrap();
        assert_eq!(texts(&conn, "select filename from print where deleted is null"), ["part.gcode"]);
        let sound: String = conn.query_row("pragma integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(sound, "ok");
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
