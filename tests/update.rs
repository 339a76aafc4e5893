//! Updates from a file and backups that come back, by the program that the window calls for it: on an archive that was
//! unpacked somewhere, with keys of this test's own.

#![cfg(target_os = "linux")]

use anyhow::{Context, ensure};
use minisign::KeyPair;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tests::cores::Core;
use tests::programs::ours;

/// An unpacked Printvigil with its data, and who signs what is newer.
struct Place {
    dir: tempfile::TempDir,
    pair: KeyPair,
}

impl Place {
    fn new() -> anyhow::Result<Self> {
        let place = Self { dir: tempfile::tempdir()?, pair: KeyPair::generate_unencrypted_keypair()? };
        let top = place.top();
        for folder in ["bin", "lib/printvigil"] {
            fs::create_dir_all(top.join(folder))?;
        }
        fs::write(top.join("README.txt"), "the version before")?;
        script(&top.join("bin/printvigil"), "")?;
        // A copy: a link would tell where it really lies.
        fs::copy(ours("vigil")?, top.join("bin/vigil"))?;
        let comment = "untrusted comment: key for development";
        fs::write(place.public(), format!("{comment}\n{}\n", place.pair.pk.to_base64()))?;
        Ok(place)
    }

    fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn top(&self) -> PathBuf {
        self.at("my printvigil")
    }

    fn data(&self) -> PathBuf {
        self.at("data")
    }

    fn public(&self) -> PathBuf {
        self.at("public.key")
    }

    /// Makes a package of a version, and signs it.
    fn package(&self, version: &str) -> anyhow::Result<PathBuf> {
        let name = format!("printvigil-{version}-linux-{}", std::env::consts::ARCH);
        let tree = self.at(&name);
        for folder in ["bin", "lib/printvigil"] {
            fs::create_dir_all(tree.join(folder))?;
        }
        fs::write(tree.join("README.txt"), version)?;
        fs::write(tree.join("lib/printvigil/model"), "model")?;
        for program in ["vigil", "printvigil"] {
            script(&tree.join("bin").join(program), &format!("echo {version}\n"))?;
        }
        let package = self.at(&format!("{name}.tar.gz"));
        let packed = Command::new("tar")
            .arg("-czf")
            .arg(&package)
            .arg("-C")
            .arg(self.dir.path())
            .arg(&name)
            .status()?;
        ensure!(packed.success(), "tar failed");
        self.signed(&package, version)?;
        Ok(package)
    }

    fn signed(&self, package: &Path, version: &str) -> anyhow::Result<()> {
        let statement = format!("printvigil {version} linux-{} portable", std::env::consts::ARCH);
        let (pair, bytes) = (&self.pair, fs::File::open(package)?);
        let signature = minisign::sign(Some(&pair.pk), &pair.sk, bytes, Some(&statement), None)?;
        fs::write(package.with_extension("gz.minisig"), signature.to_string())?;
        Ok(())
    }

    /// Runs the program of the unpacked version.
    fn vigil(&self, words: &[&str], file: &Path) -> anyhow::Result<Output> {
        let mut command = Command::new(self.top().join("bin/vigil"));
        command.args(words).arg("--data").arg(self.data()).arg(file);
        Ok(command.env("VIGIL_UPDATE_KEY", self.public()).output()?)
    }

    /// Asks for the reason of a refusal.
    fn refused(&self, words: &[&str], file: &Path) -> anyhow::Result<String> {
        let said = self.vigil(words, file)?;
        ensure!(!said.status.success(), "{words:?} was done: {}", String::from_utf8_lossy(&said.stdout));
        Ok(String::from_utf8(said.stderr)?)
    }

    fn done(&self, words: &[&str], file: &Path) -> anyhow::Result<Value> {
        let said = self.vigil(words, file)?;
        ensure!(said.status.success(), "{words:?}: {}", String::from_utf8_lossy(&said.stderr));
        Ok(serde_json::from_slice(&said.stdout)?)
    }

    fn version(&self) -> anyhow::Result<String> {
        Ok(fs::read_to_string(self.top().join("README.txt"))?)
    }

    fn copies(&self) -> usize {
        fs::read_dir(self.data().join("backup")).map_or(0, |found| found.flatten().count())
    }
}

fn script(path: &Path, text: &str) -> anyhow::Result<()> {
    fs::write(path, format!("#!/bin/sh\n{text}"))?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
    Ok(())
}

#[test]
fn a_signed_package_takes_the_place_of_the_version_before_and_all_others_do_not() -> anyhow::Result<()> {
    let place = Place::new()?;
    drop(Core::start(&place.data())?);
    let newer = place.package("9.8.7")?;

    let offer = place.done(&["update", "--check", "--json"], &newer)?;
    ensure!(offer["version"] == "9.8.7" && offer["development"] == true, "{offer}");
    ensure!(place.version()? == "the version before", "only looked at");

    // Renamed to look newer than it is, changed, unsigned.
    let older = place.package("0.0.1")?;
    let renamed = place.at("printvigil-9.9.9-linux.tar.gz");
    fs::rename(&older, &renamed)?;
    fs::rename(older.with_extension("gz.minisig"), renamed.with_extension("gz.minisig"))?;
    let why = place.refused(&["update", "--json"], &renamed)?;
    ensure!(why.contains("it is version 0.0.1, older than"), "{why}");
    let mut bytes = fs::read(&newer)?;
    bytes[200] ^= 1;
    fs::write(&renamed, &bytes)?;
    fs::copy(newer.with_extension("gz.minisig"), renamed.with_extension("gz.minisig"))?;
    let why = place.refused(&["update", "--json"], &renamed)?;
    ensure!(why.contains("changed after it was signed"), "{why}");
    fs::remove_file(renamed.with_extension("gz.minisig"))?;
    let why = place.refused(&["update", "--json"], &renamed)?;
    ensure!(why.contains("its signature is missing"), "{why}");

    // While a core runs, and above all while a print does.
    let core = Core::start(&place.data())?;
    let why = place.refused(&["update", "--json"], &newer)?;
    ensure!(why.contains("Printvigil is running"), "{why}");
    core.print()?;
    let why = place.refused(&["update", "--json"], &newer)?;
    ensure!(why.contains("a print is running"), "{why}");
    drop(core);
    ensure!(place.version()? == "the version before", "nothing was touched");
    // A core that starts makes copies of its own.
    let copies = place.copies();

    let done = place.done(&["update", "--json"], &newer)?;
    ensure!(place.version()? == "9.8.7", "{done}");
    let started = Command::new(done["start"].as_str().context("what to start")?).output()?;
    ensure!(started.stdout == b"9.8.7\n", "the new version starts from where the old one did");
    let before = Path::new(done["before"].as_str().context("where the old one is")?);
    ensure!(before.join("bin/vigil").is_file(), "the version before is kept: {done}");
    ensure!(place.copies() == copies + 1, "the database was copied first: {done}");
    let left = fs::read_dir(place.data().join("update"))?.count();
    ensure!(left == 0, "what was installed takes no room twice");
    Ok(())
}

#[test]
fn what_is_built_without_a_test_trusts_the_key_that_is_built_in_alone() -> anyhow::Result<()> {
    let place = Place::new()?;
    let newer = place.package("9.8.7")?;
    let mut command = Command::new(place.top().join("bin/vigil"));
    let said = command.args(["update", "--check"]).arg(&newer).env_remove("VIGIL_UPDATE_KEY").output()?;
    let why = String::from_utf8(said.stderr)?;
    ensure!(!said.status.success() && why.contains("a key that this Printvigil does not trust"), "{why}");
    Ok(())
}

#[test]
fn a_backup_tells_what_it_holds_and_comes_back_while_nothing_prints() -> anyhow::Result<()> {
    let place = Place::new()?;
    let (data, backup) = (place.data(), place.at("my backup.zip"));
    let core = Core::start(&data)?;
    let why = place.refused(&["restore", "--json"], &backup)?;
    ensure!(why.contains("Printvigil is running"), "{why}");
    let prints = core.get("/api/v1/prints/?limit=100")?.as_array().context("a list")?.len();
    ensure!(place.vigil(&["backup"], &backup)?.status.success(), "made while the core runs");
    core.print()?;
    let why = place.refused(&["restore", "--json"], &backup)?;
    ensure!(why.contains("a print is running"), "{why}");
    drop(core);

    let peek = place.done(&["restore", "--preview", "--json"], &backup)?;
    ensure!(peek["history"]["printers"] == 1 && peek["history"]["prints"] == prints, "{peek}");
    let now = fs::read_dir(place.dir.path())?.count();
    let done = place.done(&["restore", "--json"], &backup)?;
    let aside = Path::new(done["aside"].as_str().context("where the rest is")?);
    ensure!(aside.join("printvigil.db").is_file(), "{done}");
    ensure!(fs::read_dir(place.dir.path())?.count() == now + 1, "nothing else is left");
    let listed = Command::new(ours("vigil")?).args(["prints", "--json", "--data"]).arg(&data).output()?;
    let listed: Value = serde_json::from_slice(&listed.stdout)?;
    ensure!(listed.as_array().is_some_and(|all| all.len() == prints), "as it was: {listed}");
    Ok(())
}
