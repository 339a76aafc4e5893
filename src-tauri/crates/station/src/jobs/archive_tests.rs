use super::super::archive_read::{peek, safe};
use super::*;

/// An archive with these entries and this manifest.
fn zipped(to: &Path, manifest: &[u8], files: &[(&str, &[u8])]) {
    let mut zip = ZipWriter::new(File::create(to).unwrap());
    for (name, content) in files.iter().copied().chain([(MANIFEST, manifest)]) {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap();
}

#[test]
fn a_list_of_files_that_unpacks_without_end_is_refused_by_its_length() {
    let dir = tempfile::tempdir().unwrap();
    let (archive, data) = (dir.path().join("a.zip"), dir.path().join("data"));
    let mut bomb = b"{\"format\":1,\"app_version\":\"\",\"files\":[".to_vec();
    bomb.resize(64 * 1024 * 1024, b' ');
    zipped(&archive, &bomb, &[("printvigil.db", b"x")]);
    assert!(fs::metadata(&archive).unwrap().len() < 1024 * 1024, "small to download");
    let refused = restore(&archive, &data).unwrap_err();
    assert!(matches!(refused, ArchiveError::Broken(_)), "{refused}");
    let entry = r#"{"path":"printvigil.db","num_bytes":1,"sha256":""},"#;
    let many = format!(r#"{{"format":1,"files":[{}]}}"#, entry.repeat(20).trim_end_matches(','));
    zipped(&archive, many.as_bytes(), &[("printvigil.db", b"x")]);
    let refused = restore(&archive, &data).unwrap_err();
    assert!(refused.to_string().contains("more files"), "{refused}");
    let huge =
        r#"{"format":1,"files":[{"path":"printvigil.db","num_bytes":9223372036854775807,"sha256":""}]}"#;
    zipped(&archive, huge.as_bytes(), &[("printvigil.db", b"x")]);
    assert!(matches!(restore(&archive, &data).unwrap_err(), ArchiveError::NoRoom { .. }));
    zipped(&archive, br#"{"format":7,"things":[]}"#, &[]);
    assert!(matches!(restore(&archive, &data).unwrap_err(), ArchiveError::TooNew(7)));
    assert!(!data.exists() && fs::read_dir(dir.path()).unwrap().count() == 1, "nothing is left");
}

#[test]
fn what_was_there_is_set_aside_only_once_the_backup_is_found_good() {
    let dir = tempfile::tempdir().unwrap();
    let (archive, data) = (dir.path().join("a.zip"), dir.path().join("my.data"));
    let entry = |sha256: &str| {
        format!(r#"{{"format":1,"files":[{{"path":"printvigil.db","num_bytes":3,"sha256":"{sha256}"}}]}}"#)
    };
    let sum = hex(&Sha256::digest(b"new"));
    fs::create_dir(&data).unwrap();
    fs::write(data.join("printvigil.db"), "old").unwrap();
    zipped(&archive, entry("00").as_bytes(), &[("printvigil.db", b"new")]);
    restore_over(&archive, &data).unwrap_err();
    assert_eq!(fs::read(data.join("printvigil.db")).unwrap(), b"old", "nothing is changed by a failure");

    zipped(&archive, entry(&sum).as_bytes(), &[("printvigil.db", b"new")]);
    let running = store::hold(&data).unwrap();
    assert!(matches!(restore_over(&archive, &data).unwrap_err(), ArchiveError::Running(_)));
    drop(running);
    let (_, first) = restore_over(&archive, &data).unwrap();
    let (_, second) = restore_over(&archive, &data).unwrap();
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_eq!(fs::read(first.join("printvigil.db")).unwrap(), b"old");
    assert_eq!(fs::read(second.join("printvigil.db")).unwrap(), b"new");
    assert_eq!(fs::read(data.join("printvigil.db")).unwrap(), b"new");
    fs::remove_dir_all(&data).unwrap();
    assert_eq!(restore_over(&archive, &data).unwrap().1, None, "nothing was there");
}

#[test]
fn paths_stay_below_the_folder() {
    for good in ["printvigil.db", "files/1.gcode", "media/prints/3/frames/1.jpg"] {
        assert!(safe(good).is_some(), "{good}");
    }
    for bad in ["/etc/passwd", "../x", "files/../../x", "core.lock", "", "files\\..\\x", "./files/x"] {
        assert!(safe(bad).is_none(), "{bad}");
    }
}

#[test]
fn a_backup_tells_what_it_holds_and_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let (data, archive) = (dir.path().join("data"), dir.path().join("a.zip"));
    drop(store::Store::open(&data, domain::Timestamp::from_micros(0), |_| ()).unwrap());
    fs::create_dir_all(data.join("media/prints/3/frames")).unwrap();
    fs::write(data.join("media/prints/3/frames/1.jpg"), "picture").unwrap();
    for (pictures, with_pictures) in [(Pictures::With, true), (Pictures::Without, false)] {
        back_up(&data, "0.1.0", pictures, File::create(&archive).unwrap()).unwrap();
        let told = peek(&archive, dir.path()).unwrap();
        assert_eq!((told.app_version.as_str(), told.with_pictures), ("0.1.0", with_pictures));
        assert_eq!((told.history.printers, told.history.prints, told.history.last_print), (0, 0, None));
    }
    let left: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
    let entry = r#"{"format":1,"files":[{"path":"printvigil.db","num_bytes":3,"sha256":"00"}]}"#;
    zipped(&archive, entry.as_bytes(), &[("printvigil.db", b"new")]);
    assert!(peek(&archive, dir.path()).unwrap_err().to_string().contains("damaged"));
    fs::write(&archive, "no archive").unwrap();
    assert!(peek(&archive, dir.path()).unwrap_err().to_string().contains("no whole backup"));
}
