//! Packages that are ours, and those that are not.

use super::*;
use crate::{Kind, Way};
use minisign::KeyPair;
use semver::Version;
use tempfile::TempDir;

/// A folder with a package, and who signs there.
struct Desk {
    dir: TempDir,
    pair: KeyPair,
}

impl Desk {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), pair: KeyPair::generate_unencrypted_keypair().unwrap() }
    }

    fn key(&self) -> Key {
        Key::parse(&self.pair.pk.to_box().unwrap().to_string()).unwrap()
    }

    /// Writes a package under a name, signed with these words.
    fn signed(&self, name: &str, words: &str) -> PathBuf {
        let file = self.dir.path().join(name);
        fs::write(&file, "a package").unwrap();
        self.sign(&file, words, &self.pair);
        file
    }

    fn sign(&self, file: &Path, words: &str, pair: &KeyPair) {
        let bytes = fs::File::open(file).unwrap();
        let signature = minisign::sign(Some(&pair.pk), &pair.sk, bytes, Some(words), None).unwrap();
        fs::write(beside(file), signature.to_string()).unwrap();
    }

    fn refused(&self, file: &Path) -> String {
        let refused = check(file, &self.key(), &installed("0.1.0")).unwrap_err();
        let stage =
            stage(file, &self.key(), &installed("0.1.0"), &self.dir.path().join("update")).unwrap_err();
        assert_eq!(
            refused.to_string(),
            stage.to_string(),
            "what is refused is refused when it is installed, too"
        );
        let left = fs::read_dir(self.dir.path().join("update")).unwrap().count();
        assert_eq!(left, 0, "nothing is left of what was refused");
        refused.to_string()
    }
}

fn beside(file: &Path) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(".minisig");
    path.into()
}

fn installed(version: &str) -> Installed {
    let version = Version::parse(version).unwrap();
    Installed { version, system: "linux-x86_64".into(), way: Way::Unpacked("/srv/printvigil".into()) }
}

const NEWER: &str = "printvigil 0.2.0 linux-x86_64 portable";

#[test]
fn a_newer_package_that_is_signed_is_taken_under_a_name_of_ours() {
    let desk = Desk::new();
    let file = desk.signed("a name\nof $(touch x) theirs.tar.gz", NEWER);
    let offer = check(&file, &desk.key(), &installed("0.1.0")).unwrap();
    assert_eq!((offer.statement.version.to_string().as_str(), offer.num_bytes), ("0.2.0", 9));
    let staged = stage(&file, &desk.key(), &installed("0.1.0"), &desk.dir.path().join("update")).unwrap();
    assert_eq!(staged.path, desk.dir.path().join("update/printvigil-0.2.0-linux-x86_64.tar.gz"));
    assert_eq!(fs::read_to_string(staged.path).unwrap(), "a package");
}

#[test]
fn one_changed_byte_refuses_the_package() {
    let desk = Desk::new();
    let file = desk.signed("p.tar.gz", NEWER);
    fs::write(&file, "a packagf").unwrap();
    assert!(desk.refused(&file).contains("changed after it was signed"));
    fs::write(&file, "a pack").unwrap();
    assert!(desk.refused(&file).contains("not downloaded whole"));
}

#[test]
fn a_changed_statement_refuses_the_package() {
    let desk = Desk::new();
    let file = desk.signed("p.tar.gz", "printvigil 0.0.9 linux-x86_64 portable");
    let signature = fs::read_to_string(beside(&file)).unwrap();
    fs::write(beside(&file), signature.replace("0.0.9", "9.0.0")).unwrap();
    assert!(desk.refused(&file).contains("changed"), "the version is signed, too");
}

#[test]
fn without_a_signature_or_with_that_of_another_nothing_is_taken() {
    let desk = Desk::new();
    let file = desk.signed("p.tar.gz", NEWER);
    let other = KeyPair::generate_unencrypted_keypair().unwrap();
    desk.sign(&file, NEWER, &other);
    assert!(desk.refused(&file).contains("does not trust"));
    fs::write(beside(&file), "untrusted comment: x\nAAAA\n").unwrap();
    assert!(desk.refused(&file).contains("no signature"));
    fs::write(beside(&file), vec![b'a'; 100_000]).unwrap();
    assert!(desk.refused(&file).contains("larger"));
    fs::write(beside(&file), [0xff; 100]).unwrap();
    assert!(desk.refused(&file).contains("no signature"));
    fs::remove_file(beside(&file)).unwrap();
    assert!(desk.refused(&file).contains("p.tar.gz.minisig belongs into the same folder"));
}

#[test]
fn the_signature_of_another_file_of_ours_is_not_that_of_a_package() {
    let desk = Desk::new();
    let file = desk.signed("p.tar.gz", "timestamp:1555779966\tfile:p.tar.gz");
    assert!(desk.refused(&file).contains("does not say that it is a package"));
}

#[test]
fn older_equal_and_unfitting_versions_are_refused_with_the_reason() {
    let desk = Desk::new();
    let said = |words: &str| desk.refused(&desk.signed("p.tar.gz", words));
    assert!(said("printvigil 0.1.0 linux-x86_64 portable").contains("0.1.0 is installed already"));
    assert!(said("printvigil 0.1.0+again linux-x86_64 portable").contains("installed already"));
    assert!(said("printvigil 0.0.9 linux-x86_64 portable").contains("older than 0.1.0"));
    assert!(said("printvigil 0.1.0-rc.1 linux-x86_64 portable").contains("older"), "before its release");
    assert!(said("printvigil 0.2.0 linux-aarch64 portable").contains("made for linux-aarch64"));
    assert!(said("printvigil 0.2.0 linux-x86_64 deb").contains("came as an archive"));
    let file = desk.signed("p.tar.gz", NEWER);
    let way = Way::Sources;
    let refused = check(&file, &desk.key(), &Installed { way, ..installed("0.1.0") }).unwrap_err();
    assert!(matches!(refused, UpdateError::Sources));
    let way = Way::System(Kind::Deb);
    let refused = check(&file, &desk.key(), &Installed { way, ..installed("0.1.0") }).unwrap_err();
    assert!(refused.to_string().contains("came as a package for Debian"), "{refused}");
}

#[test]
fn what_is_no_file_keeps_nobody_waiting() {
    let desk = Desk::new();
    assert!(desk.refused(desk.dir.path()).contains("no file"));
    assert!(desk.refused(&desk.dir.path().join("none")).contains("none"));
    #[cfg(unix)]
    assert!(desk.refused(Path::new("/dev/zero")).contains("no file"));
}
