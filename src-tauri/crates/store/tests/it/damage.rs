//! A damaged database is set aside; a sound copy takes its place, else a new one.

use crate::rows::*;
use domain::*;
use std::fs;
use std::path::Path;
use store::{BACKUP_FOLDER, DATABASE, Store, StoreError};

fn with_a_print(dir: &Path, id: i64) {
    let (store, _, outcomes) = open(dir);
    record(&store, &outcomes, Write::Printer(Box::new(plain_printer(1)))).unwrap();
    record(&store, &outcomes, Write::Print(Box::new(plain_print(id, 1)))).unwrap();
    store.close(SOON).unwrap();
}

fn damage_the_middle(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let len = bytes.len();
    bytes[4096..len].iter_mut().for_each(|b| *b = !*b);
    fs::write(path, bytes).unwrap();
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_damaged_database_makes_way_for_the_newest_sound_copy() {
    let dir = tempfile::tempdir().unwrap();
    let database = dir.path().join(DATABASE);
    let copies = dir.path().join(BACKUP_FOLDER);
    fs::create_dir(&copies).unwrap();
    with_a_print(dir.path(), 1);
    fs::copy(&database, copies.join("printvigil-2026-01-01T00-00-00Z-v1.db")).unwrap();
    with_a_print(dir.path(), 2);
    fs::copy(&database, copies.join("printvigil-2026-01-02T00-00-00Z-v1.db")).unwrap();
    fs::copy(&database, copies.join("printvigil-2026-01-03T00-00-00Z-v1.db")).unwrap();
    damage_the_middle(&copies.join("printvigil-2026-01-03T00-00-00Z-v1.db"));
    with_a_print(dir.path(), 3);
    damage_the_middle(&database);
    let damaged = fs::read(&database).unwrap();

    let (_store, boot, _) = open(dir.path());
    let told = boot.damage.unwrap();
    assert!(told.contains("printvigil-2026-01-02T00-00-00Z-v1.db"), "{told}");
    assert_eq!(boot.open_prints.iter().map(|p| p.id.get()).collect::<Vec<_>>(), [1, 2]);
    let aside = names(dir.path()).into_iter().find(|name| name.contains(".damaged-")).unwrap();
    assert!(told.contains(&aside), "{told}");
    assert!(fs::read(dir.path().join(aside)).unwrap() == damaged, "kept as it was, to the byte");
}

#[test]
fn without_a_copy_a_new_history_begins_each_damaged_one_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    for n in 1..=2 {
        fs::write(dir.path().join(DATABASE), "this was never a database, whatever its name says").unwrap();
        let (store, boot, _) = open(dir.path());
        assert!(boot.damage.is_some());
        assert!(!boot.first_run, "people who lost their history are not greeted as new");
        assert_eq!(boot.printers, []);
        store.close(SOON).unwrap();
        let aside = names(dir.path()).into_iter().filter(|name| name.contains(".damaged-")).count();
        assert_eq!(aside, n);
    }
    let (_store, boot, _) = open(dir.path());
    assert_eq!(boot.damage, None, "told once");
}

#[test]
fn a_newer_database_is_refused_and_untouched() {
    let dir = tempfile::tempdir().unwrap();
    let (store, ..) = open(dir.path());
    store.write_now(|tx| Ok(tx.pragma_update(None, "user_version", 4000)?)).unwrap();
    store.close(SOON).unwrap();
    let refused = Store::open(dir.path(), at(0), |_| ()).unwrap_err();
    assert!(matches!(refused, StoreError::TooNew { found: 4000, known: 1.. }), "{refused}");
    assert!(!names(dir.path()).iter().any(|name| name.contains("damaged")));
}

#[test]
fn a_second_core_is_refused_until_the_first_has_closed() {
    let dir = tempfile::tempdir().unwrap();
    let (store, ..) = open(dir.path());
    let refused = Store::open(dir.path(), at(0), |_| ()).unwrap_err();
    assert!(matches!(refused, StoreError::InUse { .. }), "{refused}");
    store.close(SOON).unwrap();
    open(dir.path());
}

#[test]
fn a_copy_is_made_beside_the_work_and_put_to_use() {
    let dir = tempfile::tempdir().unwrap();
    let copies = dir.path().join(BACKUP_FOLDER);
    with_a_print(dir.path(), 1);
    assert!(!copies.exists(), "nothing is worth a copy at the first start");

    let (store, ..) = open(dir.path());
    let finished = || copies.exists() && names(&copies).iter().any(|name| name.ends_with(".db"));
    while !finished() {
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    store.close(SOON).unwrap();
    fs::write(dir.path().join(DATABASE), "not a database").unwrap();

    let (_store, boot, _) = open(dir.path());
    assert_eq!(boot.open_prints, [plain_print(1, 1)]);
    let migrations = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../migrations")).unwrap();
    let newest = migrations.filter(|entry| entry.as_ref().unwrap().path().is_dir()).count();
    assert_eq!(names(&copies), [format!("printvigil-2026-01-01T00-00-00Z-v{newest}.db")]);
}

/// Copies a database with its journal as a crash leaves them; returns how many prints were stored.
fn crashed(from: &Path, to: &Path) -> i64 {
    let (store, _, outcomes) = open(from);
    record(&store, &outcomes, Write::Printer(Box::new(plain_printer(1)))).unwrap();
    let prints = 24;
    for id in 1..=prints {
        record(&store, &outcomes, Write::Print(Box::new(plain_print(id, 1)))).unwrap();
    }
    for name in [DATABASE.to_owned(), format!("{DATABASE}-wal")] {
        fs::copy(from.join(&name), to.join(&name)).unwrap();
    }
    store.close(SOON).unwrap();
    prints
}

#[test]
fn what_a_damaged_journal_lost_is_said_and_all_before_it_is_kept() {
    let (live, crash) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let prints = crashed(live.path(), crash.path());
    let journal = format!("{DATABASE}-wal");
    let sound = fs::read(crash.path().join(&journal)).unwrap();
    let (mut lost_some, mut lost_none) = (0, 0);
    // In the header, in the salts and sums of frames, in pages, at the end; and as it was.
    let frame = 24 + 4096;
    let frames = (sound.len() - 32) / frame;
    assert!(frames > 40, "{frames} frames");
    let spread = (0..40).map(|n| 32 + (frames * n / 40) * frame + n * 53 % frame);
    let places = [2, 9, 17, 25, 32 + 9, 32 + frame + 13, sound.len() - 1, sound.len() - frame + 6];
    for place in spread.chain(places).map(Some).chain([None]) {
        let dir = tempfile::tempdir().unwrap();
        fs::copy(crash.path().join(DATABASE), dir.path().join(DATABASE)).unwrap();
        let mut bytes = sound.clone();
        if let Some(place) = place {
            bytes[place] ^= 0x20;
        }
        fs::write(dir.path().join(&journal), &bytes).unwrap();
        let (store, boot, outcomes) = open(dir.path());
        let kept: Vec<i64> = boot.open_prints.iter().map(|p| p.id.get()).collect();
        assert_eq!(
            kept,
            (1..=kept.len() as i64).collect::<Vec<_>>(),
            "a beginning, without holes: {place:?}"
        );
        let all = kept.len() as i64 == prints;
        let Some(place) = place else {
            assert!(
                all && boot.damage.is_none(),
                "an undamaged journal of a crash is whole: {:?}",
                boot.damage
            );
            continue;
        };
        lost_some += i32::from(!all);
        lost_none += i32::from(all);
        let said = boot.damage.unwrap_or_else(|| panic!("byte {place} is lost in silence; {kept:?} kept"));
        let aside = names(dir.path()).into_iter().find(|name| name.contains(".damaged-")).unwrap();
        assert!(said.contains("could not be read, and are lost") && said.contains(&aside), "{said}");
        assert!(fs::read(dir.path().join(aside)).unwrap() == bytes, "kept as it was");
        // It works on, and says it once.
        record(&store, &outcomes, Write::Printer(Box::new(plain_printer(9)))).unwrap();
        store.close(SOON).unwrap();
        assert_eq!(open(dir.path()).1.damage, None, "told once");
    }
    assert!(lost_some > 30, "{lost_some} places cost entries, {lost_none} did not");
}
