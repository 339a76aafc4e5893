//! Makes what people install: on Linux a `.deb`, a `.rpm` and an archive that runs wherever it is unpacked.
//!
//! One tree of files (`tree`) goes into all of them. Debian's and Red Hat's forms are written by Tauri's own bundler
//! (`bundler`), which needs no tool of either system and fetches nothing; the archive is that tree, packed by tar.

mod bundler;
mod needs;
mod sign;
mod tree;

pub(crate) use sign::key;

use crate::{Fault, ort, paths, shell, ui};
use std::path::{Path, PathBuf};

/// How the programs are built.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// With optimisation across crates, as people get it: takes ten minutes of two cores.
    Release,
    /// From the debug build that is there anyway: the same packages for trying them out.
    Debug,
}

impl Profile {
    fn folder(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Debug => "debug",
        }
    }
}

/// Makes the packages and prints their sizes.
///
/// # Errors
/// When something does not build, or a package cannot be written.
pub(crate) fn run(args: &[String]) -> Result<(), Fault> {
    let (mut profile, mut secret) = (Profile::Release, None);
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--debug" => profile = Profile::Debug,
            "--sign" => secret = Some(args.next().ok_or("--sign needs the file of a key")?),
            other => return Err(format!("package takes --debug and --sign KEY, not \"{other}\"")),
        }
    }
    let version = version()?;
    let mut made = make(profile, &version)?;
    if let Some(secret) = secret {
        let signatures = sign::sign(Path::new(secret), &made, &version)?;
        made.extend(signatures);
    }
    println!();
    for file in &made {
        let bytes = std::fs::metadata(file).map(|data| data.len()).unwrap_or_default();
        println!("{:>7.1} MB  {}", bytes as f64 / 1e6, file.display());
    }
    Ok(())
}

/// Makes the packages of this system under a version.
///
/// # Errors
/// As [`run`].
pub(crate) fn make(profile: Profile, version: &str) -> Result<Vec<PathBuf>, Fault> {
    ui::build()?;
    let library = ort::fetch()?;
    build(profile)?;
    let programs = stripped(profile)?;
    if !cfg!(target_os = "linux") {
        return bundler::elsewhere(profile, &programs);
    }
    let tree = tree::lay(&programs, &library, version)?;
    let mut files = bundler::linux(profile, &programs, &tree, version)?;
    files.push(archive(&programs, &tree, version)?);
    Ok(files)
}

/// Returns the folder for packages.
pub(crate) fn folder() -> PathBuf {
    paths::target().join("package")
}

/// Reads the version that all crates share.
///
/// # Errors
/// When the manifest has none.
pub(crate) fn version() -> Result<String, Fault> {
    let manifest = tree::read(&paths::root().join("Cargo.toml"))?;
    let line = manifest.lines().find_map(|line| line.strip_prefix("version = "));
    Ok(line.ok_or("Cargo.toml names no version")?.trim_matches('"').to_owned())
}

fn build(profile: Profile) -> Result<(), Fault> {
    let mut cargo = shell::cargo();
    cargo.args(["build", "--workspace", "--bin", "vigil", "--bin", "printvigil"]);
    if profile == Profile::Release {
        cargo.arg("--release");
    }
    shell::run(&mut cargo)
}

/// Copies the programs to where the bundler looks for them and strips them there: a build stays as it is.
///
/// Returns the folder.
fn stripped(profile: Profile) -> Result<PathBuf, Fault> {
    let folder = folder().join("build").join(profile.folder());
    for name in ["vigil", "printvigil"] {
        let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        let program = folder.join(&file);
        shell::place(&paths::target().join(profile.folder()).join(&file), &program)?;
        if cfg!(target_os = "linux") {
            shell::run(shell::command("strip").arg(&program))?;
        }
    }
    Ok(folder)
}

/// Packs the tree: `bin`, `lib` and `share` side by side, found by each other wherever that is.
fn archive(programs: &Path, tree: &Path, version: &str) -> Result<PathBuf, Fault> {
    let name = format!("printvigil-{version}-linux-{}", std::env::consts::ARCH);
    let top = folder().join("portable").join(&name);
    tree::emptied(&top)?;
    tree::copy(&tree.join("usr"), &top)?;
    tree::add_window(programs, &top)?;
    shell::place(&tree::sources().join("README.txt"), &top.join("README.txt"))?;
    // The unit names a program of an installed package; the rule lies where a person finds it.
    let rule = top.join("lib/udev/rules.d").join(tree::RULES);
    shell::place(&rule, &top.join("share/printvigil").join(tree::RULES))?;
    for folder in ["lib/udev", "lib/systemd"] {
        tree::removed(&top.join(folder))?;
    }
    let file = folder().join(format!("{name}.tar.gz"));
    shell::run(
        shell::command("tar")
            .args(["--owner=0", "--group=0", "--sort=name", "-czf"])
            .arg(&file)
            .arg("-C")
            .arg(folder().join("portable"))
            .arg(&name),
    )?;
    Ok(file)
}
