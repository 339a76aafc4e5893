//! Tauri's own bundler, from npm: one program that is fetched once and writes `.deb` and `.rpm` by itself.
//!
//! It is given programs that are built already, and the rest of the files as they shall lie on the disk. On Windows and macOS
//! it makes the installers there are; that is untried.

use super::{Profile, folder, needs, tree};
use crate::{Fault, paths, shell};
use std::path::{Path, PathBuf};

/// The version that belongs to our version of Tauri.
const CLI: &str = "@tauri-apps/cli@2.12.4";

/// Makes `.deb` and `.rpm` and returns them.
pub(super) fn linux(
    profile: Profile,
    programs: &Path,
    tree: &Path,
    version: &str,
) -> Result<Vec<PathBuf>, Fault> {
    let vigil = programs.join("vigil");
    let window = programs.join("printvigil");
    let library = tree.join("usr/lib/printvigil/libonnxruntime.so");
    let read: [&Path; 3] = [&vigil, &window, &library];
    let config = folder().join("linux.json");
    tree::write(&config, &linux_config(tree, version, &needs::of_debian(&read)?, &needs::of_rpm(&read)?))?;
    bundle(profile, "deb,rpm", &config)?;
    let made = programs.join("bundle");
    ["deb", "rpm"].iter().map(|kind| taken(&made.join(kind), kind)).collect()
}

/// Makes the installers of Windows or macOS. Untried.
pub(super) fn elsewhere(profile: Profile, programs: &Path) -> Result<Vec<PathBuf>, Fault> {
    let host = shell::read(shell::command("rustc").arg("-vV")).unwrap_or_default();
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).ok_or("rustc names no host")?;
    let suffix = std::env::consts::EXE_SUFFIX;
    // The bundler wants a program that goes along to carry the name of its system.
    let beside = folder().join("beside").join(format!("vigil-{host}{suffix}"));
    shell::place(&programs.join(format!("vigil{suffix}")), &beside)?;
    let (kinds, config): (&[&str], &str) =
        if cfg!(windows) { (&["nsis", "msi"], "windows.json") } else { (&["dmg"], "macos.json") };
    bundle(profile, &kinds.join(","), &needs::window().join("package").join(config))?;
    let ending = |kind: &str| if kind == "nsis" { "exe".to_owned() } else { kind.to_owned() };
    kinds.iter().map(|kind| taken(&programs.join("bundle").join(kind), &ending(kind))).collect()
}

fn bundle(profile: Profile, kinds: &str, config: &Path) -> Result<(), Fault> {
    let mut command = shell::command("node");
    command.arg(fetched()?).args(["bundle", "--ci", "--bundles", kinds, "--config"]).arg(config);
    if profile == Profile::Debug {
        command.arg("--debug");
    }
    // It looks for the window where cargo would have put it.
    command.current_dir(needs::window()).env("CARGO_TARGET_DIR", folder().join("build"));
    shell::run(&mut command)
}

/// Returns the bundler's program, fetched the first time.
fn fetched() -> Result<PathBuf, Fault> {
    let dir =
        paths::cache().join(CLI.rsplit_once('@').map_or_else(String::new, |(_, v)| format!("tauri-cli-{v}")));
    let program = dir.join("node_modules/@tauri-apps/cli/tauri.js");
    if !program.is_file() {
        println!("Fetching {CLI}, which writes the packages ...");
        shell::run(
            shell::npm()
                .args(["install", "--ignore-scripts", "--no-save", "--no-audit", "--no-fund", "--prefix"])
                .arg(&dir)
                .arg(CLI),
        )?;
    }
    Ok(program)
}

/// Moves what the bundler made beside the other packages.
fn taken(from: &Path, ending: &str) -> Result<PathBuf, Fault> {
    let entries = std::fs::read_dir(from).map_err(|error| format!("{}: {error}", from.display()))?;
    let found = entries.flatten().map(|entry| entry.path());
    let newest = found
        .filter(|path| path.extension().is_some_and(|it| it == ending))
        .max_by_key(|path| std::fs::metadata(path).and_then(|data| data.modified()).ok())
        .ok_or_else(|| format!("the bundler left no .{ending} in {}", from.display()))?;
    let to = folder().join(newest.file_name().unwrap_or_default().to_string_lossy().to_lowercase());
    shell::place(&newest, &to)?;
    Ok(to)
}

/// What the bundler is told beside `tauri.conf.json`.
fn linux_config(tree: &Path, version: &str, debian: &[String], rpm: &[String]) -> String {
    let package = |needs: &[String], more: &str| {
        format!(
            "{{ \"files\": {{ \"/usr\": {} }}, \"depends\": [{}], \"desktopTemplate\": {}, \"postInstallScript\": {}, \
             \"postRemoveScript\": {}{more} }}",
            quoted(&tree.join("usr").to_string_lossy()),
            needs.iter().map(|it| quoted(it)).collect::<Vec<_>>().join(", "),
            quoted(&tree::sources().join("Printvigil.desktop").to_string_lossy()),
            quoted(&tree::sources().join("after-install.sh").to_string_lossy()),
            quoted(&tree::sources().join("after-removal.sh").to_string_lossy()),
        )
    };
    format!(
        "{{ \"version\": {}, \"bundle\": {{ \"active\": true, \"linux\": {{ \"deb\": {}, \"rpm\": {} }} }} }}\n",
        quoted(version),
        package(debian, ", \"section\": \"utils\", \"priority\": \"optional\""),
        package(rpm, ""),
    )
}

/// Writes a text as JSON does; ours have no control characters.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
