//! Archives as they should be, and those that want to get out, or never end.

use super::*;
use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{Builder, EntryType, Header};

const TOP: &str = "printvigil-0.2.0-linux-x86_64";

fn statement() -> Statement {
    "printvigil 0.2.0 linux-x86_64 portable".parse().unwrap()
}

type Tar = Builder<GzEncoder<File>>;

fn add(tar: &mut Tar, name: &str, kind: EntryType, bytes: &[u8], mode: u32) {
    let mut header = Header::new_gnu();
    // As somebody else would write it: the library itself refuses such names.
    let field = &mut header.as_old_mut().name;
    field[..name.len()].copy_from_slice(name.as_bytes());
    header.set_entry_type(kind);
    header.set_size(bytes.len() as u64);
    header.set_mode(mode);
    header.set_cksum();
    tar.append(&header, bytes).unwrap();
}

/// Makes an archive that is as it should be, but for what is added.
fn archive(dir: &Path, more: impl FnOnce(&mut Tar)) -> PathBuf {
    let path = dir.join("p.tar.gz");
    let mut tar = Builder::new(GzEncoder::new(File::create(&path).unwrap(), Compression::fast()));
    for (name, mode) in [
        ("bin/vigil", 0o755),
        ("bin/printvigil", 0o755),
        ("lib/printvigil/model", 0o600),
        ("README.txt", 0o4777),
    ] {
        add(&mut tar, &format!("{TOP}/{name}"), EntryType::Regular, name.as_bytes(), mode);
    }
    more(&mut tar);
    tar.into_inner().unwrap().finish().unwrap();
    path
}

fn refused(more: impl FnOnce(&mut Tar)) -> String {
    let dir = tempfile::tempdir().unwrap();
    let path = archive(dir.path(), more);
    let limits = Limits { bytes: 1_000_000, files: 100 };
    let refused = unpack(&path, &statement(), &dir.path().join("to"), limits).unwrap_err();
    let outside: Vec<_> =
        std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(outside.len(), 2, "nothing lies outside: {outside:?}");
    refused.to_string()
}

#[test]
fn an_archive_is_unpacked_without_its_folder_and_without_odd_rights() {
    let dir = tempfile::tempdir().unwrap();
    let path =
        archive(dir.path(), |tar| add(tar, &format!("{TOP}/share/"), EntryType::Directory, b"", 0o755));
    let to = dir.path().join("to");
    unpack(&path, &statement(), &to, Limits::default()).unwrap();
    assert_eq!(fs::read_to_string(to.join("bin/vigil")).unwrap(), "bin/vigil");
    assert!(to.join("share").is_dir());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |name: &str| fs::metadata(to.join(name)).unwrap().permissions().mode() & 0o7777;
        let modes = [mode("bin/vigil"), mode("lib/printvigil/model"), mode("README.txt"), mode("share")];
        assert_eq!(modes, [0o755, 0o644, 0o755, 0o755], "nothing runs as somebody else");
    }
}

#[test]
fn nothing_gets_out_of_the_folder() {
    let file = |name: &'static str| move |tar: &mut Tar| add(tar, name, EntryType::Regular, b"x", 0o644);
    for name in [
        "../escaped",
        "/etc/escaped",
        "printvigil-0.2.0-linux-x86_64/../../escaped",
        "another/file",
        "printvigil-0.2.0-linux-x86_64/a\\b",
        "printvigil-0.2.0-linux-x86_64/a\u{1b}[2J",
    ] {
        assert!(refused(file(name)).contains("lies elsewhere"), "{name}");
    }
}

#[test]
fn links_and_devices_refuse_the_archive() {
    for kind in [EntryType::Symlink, EntryType::Link, EntryType::Char, EntryType::Fifo, EntryType::Block] {
        let why = refused(|tar| {
            let mut header = Header::new_gnu();
            header.set_path(format!("{TOP}/lib/way-out")).unwrap();
            header.set_entry_type(kind);
            header.set_size(0);
            header.set_link_name("/etc/passwd").unwrap();
            header.set_cksum();
            tar.append(&header, std::io::empty()).unwrap();
        });
        assert!(why.contains("no plain file"), "{kind:?}: {why}");
    }
}

#[test]
fn a_bomb_is_put_out_before_it_fills_the_disk() {
    let why = refused(|tar| {
        let zeros = vec![0; 2_000_000];
        add(tar, &format!("{TOP}/lib/zeros"), EntryType::Regular, &zeros, 0o644);
    });
    assert!(why.contains("too much"), "{why}");
    let why = refused(|tar| {
        for n in 0..200 {
            add(tar, &format!("{TOP}/lib/{n}"), EntryType::Regular, b"", 0o644);
        }
    });
    assert!(why.contains("too much"), "{why}");
}

#[test]
fn a_second_file_of_a_name_and_what_is_missing_or_cut_off_refuse_it() {
    let twice = |tar: &mut Tar| add(tar, &format!("{TOP}/bin/vigil"), EntryType::Regular, b"other", 0o755);
    assert!(refused(twice).contains("bin/vigil"));
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("empty.tar.gz");
    Builder::new(GzEncoder::new(File::create(&path).unwrap(), Compression::fast()))
        .into_inner()
        .unwrap()
        .finish()
        .unwrap();
    let why = unpack(&path, &statement(), &dir.path().join("to"), Limits::default()).unwrap_err();
    assert!(why.to_string().contains("bin/vigil is missing"), "{why}");
    let path = archive(dir.path(), |_| ());
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    unpack(&path, &statement(), &dir.path().join("half"), Limits::default()).unwrap_err();
}

#[test]
fn a_version_takes_the_place_of_the_one_before_which_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let path = archive(dir.path(), |_| ());
    let top = dir.path().join("printvigil");
    fs::create_dir_all(top.join("bin")).unwrap();
    fs::write(top.join("bin/vigil"), "the old one").unwrap();
    let offer = crate::Offer { statement: statement(), num_bytes: 1, development: false };
    let staged = crate::Staged { offer, path: path.clone() };
    let replaced = crate::replace(&staged, &top, "0.1.0").unwrap();
    assert_eq!(fs::read_to_string(top.join("bin/vigil")).unwrap(), "bin/vigil");
    assert_eq!(fs::read_to_string(replaced.before.join("bin/vigil")).unwrap(), "the old one");
    assert_eq!(replaced.before, dir.path().join("printvigil.before-0.1.0"));

    // What cannot be unpacked changes nothing.
    fs::write(&path, "no archive").unwrap();
    crate::replace(&staged, &top, "0.2.0").unwrap_err();
    assert_eq!(fs::read_to_string(top.join("bin/vigil")).unwrap(), "bin/vigil");
    let names = fs::read_dir(dir.path()).unwrap().count();
    assert_eq!(names, 3, "the archive, the new one and the old one");
}
