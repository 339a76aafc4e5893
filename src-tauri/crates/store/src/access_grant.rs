//! Access grants: one row for each device, link and key that may come in from the network.

use crate::StoreError;
use crate::convert::{get_opt_time, get_time, get_word, opt_micros, word};
use domain::{Grant, GrantId, PrinterId, Timestamp};
use rusqlite::{Connection, Row, Transaction, named_params};

/// SHA-256 of a secret.
pub type SecretHash = [u8; 32];

const LIST: &str = "select * from access_grant order by id";

const INSERT: &str = "
    insert into access_grant (kind, name, role, secret_hash, created_at, seen_at, ends_at, printer_id)
    values (:kind, :name, :role, :secret_hash, :created_at, :seen_at, :ends_at, :printer_id)";

const SEEN: &str = "update access_grant set seen_at = :seen_at where id = :id";

const RENAME: &str = "update access_grant set name = :name where id = :id";

const DELETE: &str = "delete from access_grant where id = :id";

/// Returns all of them with the hashes of their secrets, those that have ended included.
pub fn list(conn: &Connection) -> Result<Vec<(Grant, SecretHash)>, StoreError> {
    let grants = conn.prepare_cached(LIST)?.query_map([], from_row)?.collect::<Result<_, _>>()?;
    Ok(grants)
}

/// Adds one and returns its number; the one in `new` is not looked at.
pub fn insert(tx: &Transaction<'_>, new: &Grant, hash: &SecretHash) -> Result<GrantId, StoreError> {
    tx.prepare_cached(INSERT)?.execute(named_params! {
        ":kind": word(&new.kind)?,
        ":name": new.name,
        ":role": word(&new.role)?,
        ":secret_hash": hash,
        ":created_at": new.created_at.micros(),
        ":seen_at": opt_micros(new.seen_at),
        ":ends_at": opt_micros(new.ends_at),
        ":printer_id": new.printer.map(PrinterId::get),
    })?;
    Ok(GrantId(tx.last_insert_rowid()))
}

/// Notes when one was last used, if it is still there.
pub fn seen(tx: &Transaction<'_>, id: GrantId, at: Timestamp) -> Result<(), StoreError> {
    tx.prepare_cached(SEEN)?.execute(named_params! { ":id": id.get(), ":seen_at": at.micros() })?;
    Ok(())
}

/// Gives one another name, 1 to 64 characters.
///
/// # Errors
/// [`StoreError::NotFound`] when there is no such grant.
pub fn rename(tx: &Transaction<'_>, id: GrantId, name: &str) -> Result<(), StoreError> {
    match tx.prepare_cached(RENAME)?.execute(named_params! { ":id": id.get(), ":name": name })? {
        0 => Err(StoreError::NotFound { what: "access", id: id.get() }),
        _ => Ok(()),
    }
}

/// Removes one.
///
/// # Errors
/// [`StoreError::NotFound`] when there is no such grant.
pub fn delete(tx: &Transaction<'_>, id: GrantId) -> Result<(), StoreError> {
    match tx.prepare_cached(DELETE)?.execute(named_params! { ":id": id.get() })? {
        0 => Err(StoreError::NotFound { what: "access", id: id.get() }),
        _ => Ok(()),
    }
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<(Grant, SecretHash)> {
    let grant = Grant {
        id: GrantId(row.get("id")?),
        kind: get_word(row, "kind")?,
        name: row.get("name")?,
        role: get_word(row, "role")?,
        created_at: get_time(row, "created_at")?,
        seen_at: get_opt_time(row, "seen_at")?,
        ends_at: get_opt_time(row, "ends_at")?,
        printer: row.get::<_, Option<i64>>("printer_id")?.map(PrinterId),
    };
    Ok((grant, row.get("secret_hash")?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{GrantKind, Role};

    #[test]
    fn grants_come_back_as_they_were_kept_and_their_numbers_are_never_given_twice() {
        let dir = tempfile::tempdir().unwrap();
        let mut conn = Connection::open_in_memory().unwrap();
        crate::migrate::to_latest(&mut conn, dir.path(), Timestamp::from_micros(0)).unwrap();
        let tx = conn.transaction().unwrap();
        let mut grant = Grant {
            id: GrantId(0),
            kind: GrantKind::Device,
            name: "phone".into(),
            role: Role::Operate,
            created_at: Timestamp::from_micros(5),
            seen_at: None,
            ends_at: None,
            printer: None,
        };
        grant.id = insert(&tx, &grant, &[1; 32]).unwrap();
        assert!(insert(&tx, &grant, &[1; 32]).is_err(), "a secret names one");
        let link = Grant { kind: GrantKind::Link, ..grant.clone() };
        assert!(insert(&tx, &link, &[2; 32]).is_err(), "a link only looks, and ends");
        let shared = Grant { printer: Some(PrinterId(1)), ..grant.clone() };
        assert!(insert(&tx, &shared, &[2; 32]).is_err(), "only a link shows one printer alone");
        let ends_at = Some(Timestamp::from_micros(9));
        let link = Grant { kind: GrantKind::Link, role: Role::View, ends_at, ..grant.clone() };
        let second = insert(&tx, &link, &[2; 32]).unwrap();
        seen(&tx, grant.id, Timestamp::from_micros(7)).unwrap();
        grant.seen_at = Some(Timestamp::from_micros(7));
        rename(&tx, grant.id, "Anna’s phone").unwrap();
        grant.name = "Anna’s phone".into();
        assert!(rename(&tx, grant.id, "").is_err(), "each has a name");
        let link = Grant { id: second, ..link };
        assert_eq!(list(&tx).unwrap(), [(grant.clone(), [1; 32]), (link, [2; 32])]);
        delete(&tx, second).unwrap();
        assert!(matches!(delete(&tx, second), Err(StoreError::NotFound { .. })));
        assert!(matches!(rename(&tx, second, "gone"), Err(StoreError::NotFound { .. })));
        assert!(insert(&tx, &grant, &[3; 32]).unwrap() > second);
    }
}
