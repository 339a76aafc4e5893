//! `vigil update`: installs a signed package from a file. The window calls it, too, once no core runs any more.

use crate::past_prints::Folder;
use crate::running;
use anyhow::{Context, bail};
use domain::Clock;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use store::{DataLock, StoreError};
use update::{Handed, Installed, Key, Offer, Way};

/// Where packages that were verified are kept until they are installed, in the data folder.
const FOLDER: &str = "update";
/// A core that was asked to end may still hold its folder for so long.
const ENDING: Duration = Duration::from_secs(10);

/// What to do with a package.
#[derive(clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    folder: Folder,
    /// Only says whether it may be installed.
    #[arg(long)]
    check: bool,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
    /// The package; its signature, the same name with .minisig behind it, lies beside it.
    package: PathBuf,
}

/// Checks a package, and installs it unless only that was asked.
pub(crate) fn run(options: Options) -> anyhow::Result<ExitCode> {
    let (key, installed) = (key()?, installed()?);
    let refused = || format!("{} is not installed", options.package.display());
    let told = if options.check {
        let offer = update::check(&options.package, &key, &installed).with_context(refused)?;
        offered(&offer, &installed)
    } else {
        let data_dir = options.folder.path();
        // Held until all is done: no core starts in between.
        let held = hold(&data_dir)?;
        let done = install(&options.package, &data_dir, &key, &installed).with_context(refused);
        drop(held);
        done?
    };
    if options.json {
        println!("{told}")
    } else {
        println!("{}", in_words(&told))
    }
    Ok(ExitCode::SUCCESS)
}

fn installed() -> anyhow::Result<Installed> {
    let version = env!("CARGO_PKG_VERSION").parse().context("our own version is none")?;
    Ok(Installed::of(version, &std::env::current_exe()?.canonicalize()?))
}

/// Returns whose packages are installed.
fn key() -> anyhow::Result<Key> {
    // Tests sign with keys of their own. What people get knows the key that is built in, and no other.
    #[cfg(debug_assertions)]
    if let Some(file) = std::env::var_os("VIGIL_UPDATE_KEY") {
        return Key::parse(&std::fs::read_to_string(file)?).context("VIGIL_UPDATE_KEY names no key");
    }
    Ok(Key::built_in())
}

/// Holds a data folder, which a core that ends may still have.
///
/// # Errors
/// When a core works on it; with what to do.
pub(crate) fn hold(data_dir: &Path) -> anyhow::Result<DataLock> {
    const EVERY: Duration = Duration::from_millis(200);
    for _ in 0..ENDING.as_millis() / EVERY.as_millis() {
        match store::hold(data_dir) {
            Err(StoreError::InUse { .. }) if is_leaving(data_dir) => std::thread::sleep(EVERY),
            Err(StoreError::InUse { .. }) => break,
            held => return Ok(held?),
        }
    }
    let printing = running::Core::of(data_dir).and_then(|core| core.get("/api/v1/vigil/shutdown/"));
    if printing.is_ok_and(|told| told["printing"] == true) {
        bail!("a print is running. Wait until it has ended; a print is never interrupted for this");
    }
    bail!("Printvigil is running on {}; quit it first", data_dir.display())
}

/// A core that ends takes away first what tells where it is.
fn is_leaving(data_dir: &Path) -> bool {
    !data_dir.join("core.json").exists()
}

fn offered(offer: &Offer, installed: &Installed) -> Value {
    let first = if matches!(installed.way, Way::System(_)) {
        "Your system’s own installer puts it in place, and asks for your password."
    } else {
        "It takes the place of the version that runs, which is kept beside it."
    };
    json!({
        "version": offer.statement.version.to_string(),
        "installed": installed.version.to_string(),
        "num_bytes": offer.num_bytes,
        "development": offer.development,
        "how": first,
    })
}

fn install(package: &Path, data_dir: &Path, key: &Key, installed: &Installed) -> anyhow::Result<Value> {
    let staged = update::stage(package, key, installed, &data_dir.join(FOLDER))?;
    let now = station::SystemClock::start(1.0).now().utc;
    let copy = store::keep_copy(data_dir, now).context("the database cannot be copied first")?;
    let version = staged.offer.statement.version.to_string();
    let done = match &installed.way {
        Way::Unpacked(top) => {
            let replaced = update::replace(&staged, top, &installed.version.to_string())?;
            json!({ "version": version, "before": replaced.before, "start": top.join("bin/printvigil"), "copy": copy })
        }
        Way::System(kind) => match update::hand_over(*kind, &staged.path) {
            Handed::Installed => json!({ "version": version, "start": "/usr/bin/printvigil", "copy": copy }),
            // The verified copy is what is installed then.
            Handed::ByHand { command, why } => {
                return Ok(json!({ "version": version, "by_hand": command, "why": why, "copy": copy }));
            }
        },
        Way::Sources => bail!("this Printvigil was built from its sources"),
    };
    // It is in place; should it stay, it only takes room.
    let _ = std::fs::remove_file(&staged.path);
    Ok(done)
}

fn in_words(told: &Value) -> String {
    let text = |key: &str| told[key].as_str().unwrap_or_default();
    let version = text("version");
    if let Some(command) = told["by_hand"].as_str() {
        return format!(
            "Not installed from here: {}. The package is verified. Type:\n{command}",
            text("why")
        );
    }
    if !told["installed"].is_null() {
        let note =
            if told["development"] == true { "\nSigned with a key for development: no release." } else { "" };
        return format!(
            "Version {version} may be installed; {} runs now. {}{note}",
            text("installed"),
            text("how")
        );
    }
    let mut lines = vec![format!("Version {version} is installed.")];
    if let Some(before) = told["before"].as_str() {
        lines.push(format!("The version before is kept in {before}; delete it when all is well."));
    }
    if let Some(copy) = told["copy"].as_str() {
        lines.push(format!("Copy of the database: {copy}"));
    }
    lines.join("\n")
}
