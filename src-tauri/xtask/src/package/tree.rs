//! The files of an installed Printvigil, as they lie below `/`, apart from the window itself.
//!
//! Core and window look for the library and the model in `../lib/printvigil` beside their own folder, so the same tree works
//! at `/usr` and wherever the archive is unpacked.

use super::folder;
use crate::{Fault, paths, shell};
use std::path::{Path, PathBuf};

/// The rule for serial adapters.
pub(super) const RULES: &str = "70-printvigil.rules";

/// Lays the tree and returns its top.
pub(super) fn lay(programs: &Path, library: &Path, version: &str) -> Result<PathBuf, Fault> {
    let (tree, root, sources) = (folder().join("tree"), paths::root(), sources());
    emptied(&tree)?;
    let usr = tree.join("usr");
    let files = [
        (programs.join("vigil"), "bin/vigil".to_owned()),
        (library.to_owned(), format!("lib/printvigil/{}", file_name(library))),
        (root.join("models/printvigil.onnx"), "lib/printvigil/models/printvigil.onnx".into()),
        (root.join("models/printvigil.json"), "lib/printvigil/models/printvigil.json".into()),
        (sources.join("printvigil.service"), "lib/systemd/user/printvigil.service".into()),
        (sources.join(RULES), format!("lib/udev/rules.d/{RULES}")),
        (sources.join("printvigil.mime.xml"), "share/mime/packages/printvigil.xml".into()),
        (sources.join("copyright"), "share/doc/printvigil/copyright".into()),
        (root.join("LICENSE-MIT"), "share/doc/printvigil/LICENSE-MIT".into()),
        (root.join("LICENSE-APACHE"), "share/doc/printvigil/LICENSE-APACHE".into()),
        (root.join("models/LICENSE-NOTES.md"), "share/doc/printvigil/model.md".into()),
    ];
    for (from, to) in &files {
        shell::place(from, &usr.join(to))?;
    }
    let metainfo = read(&sources.join("metainfo.xml"))?;
    let metainfo = metainfo.replace("@VERSION@", version).replace("@DATE@", &today()?);
    write(&usr.join("share/metainfo/io.printvigil.window.metainfo.xml"), &metainfo)?;
    others_terms(&usr.join("share/doc/printvigil/third-party.txt"))?;
    documents(&programs.join("vigil"), &usr)?;
    Ok(tree)
}

/// Adds what the bundler brings by itself: the window, its entry in menus, its icons.
pub(super) fn add_window(programs: &Path, top: &Path) -> Result<(), Fault> {
    shell::place(&programs.join("printvigil"), &top.join("bin/printvigil"))?;
    let entry = "Printvigil.desktop";
    shell::place(&sources().join(entry), &top.join("share/applications").join(entry))?;
    for size in [32, 128, 256, 512] {
        let icon = paths::root().join(format!("src-tauri/icons/{size}.png"));
        shell::place(&icon, &top.join(format!("share/icons/hicolor/{size}x{size}/apps/printvigil.png")))?;
    }
    Ok(())
}

/// Returns where the files for Linux lie that are written by hand.
pub(super) fn sources() -> PathBuf {
    paths::root().join("src-tauri/package/linux")
}

/// What others wrote and the app carries: the same list as the page shows, to be read without it.
fn others_terms(to: &Path) -> Result<(), Fault> {
    let script = paths::root().join("src-tauri/package/third-party.mjs");
    let list = paths::root().join("ui/dist/licences.json");
    shell::run(shell::command("node").arg(script).arg(list).arg(to))
}

/// Manual pages and completions, by the program itself.
fn documents(vigil: &Path, usr: &Path) -> Result<(), Fault> {
    let made = folder().join("documents");
    emptied(&made)?;
    shell::run(shell::command(vigil).arg("documents").arg(&made))?;
    shell::place(&sources().join("printvigil.1"), &made.join("man/printvigil.1"))?;
    let pages = usr.join("share/man/man1");
    copy(&made.join("man"), &pages)?;
    // Without dates, so that the same page becomes the same file.
    shell::run(shell::command("gzip").arg("-9nfr").arg(&pages))?;
    let completions = made.join("completions");
    for (from, to) in [
        ("vigil.bash", "bash-completion/completions/vigil"),
        ("vigil.fish", "fish/vendor_completions.d/vigil.fish"),
        // Debian's zsh looks in the first, others' in the second.
        ("_vigil", "zsh/vendor-completions/_vigil"),
        ("_vigil", "zsh/site-functions/_vigil"),
    ] {
        shell::place(&completions.join(from), &usr.join("share").join(to))?;
    }
    Ok(())
}

fn today() -> Result<String, Fault> {
    // Of the last change, so that the same sources make the same package.
    let date = shell::read(shell::command("git").args(["log", "-1", "--format=%cs"]));
    date.or_else(|| shell::read(shell::command("date").arg("+%F"))).ok_or_else(|| "there is no date".into())
}

/// Reads a text.
pub(super) fn read(file: &Path) -> Result<String, Fault> {
    std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))
}

/// Writes a text, with its folder.
pub(super) fn write(file: &Path, text: &str) -> Result<(), Fault> {
    let said = |error: std::io::Error| format!("cannot write {}: {error}", file.display());
    std::fs::create_dir_all(file.parent().expect("a file's path has a folder")).map_err(said)?;
    std::fs::write(file, text).map_err(said)
}

/// Makes a folder with nothing in it.
pub(super) fn emptied(folder: &Path) -> Result<(), Fault> {
    removed(folder)?;
    std::fs::create_dir_all(folder).map_err(|error| format!("cannot make {}: {error}", folder.display()))
}

/// Removes a folder, if it is there.
pub(super) fn removed(folder: &Path) -> Result<(), Fault> {
    if folder.exists() {
        std::fs::remove_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    Ok(())
}

/// Copies a folder with all that is in it.
pub(super) fn copy(from: &Path, to: &Path) -> Result<(), Fault> {
    for entry in entries(from)? {
        let target = to.join(file_name(&entry));
        if entry.is_dir() { copy(&entry, &target)? } else { shell::place(&entry, &target)? }
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Fault> {
    let listed = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(listed.flatten().map(|entry| entry.path()).collect())
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_knows_the_makers_that_the_app_knows() {
        let known = read(&paths::root().join("src-tauri/crates/printer/src/usb.rs")).expect("it is there");
        let list =
            known.split("const MAKERS").nth(1).and_then(|rest| rest.split("];").next()).expect("a list");
        let makers: Vec<&str> = list.split("(0x").skip(1).map(|entry| &entry[..4]).collect();
        assert!(makers.len() > 5, "{makers:?}");
        let wanted = format!("==\"{}\"", makers.join("|"));
        let rule = read(&sources().join(RULES)).expect("it is there");
        assert_eq!(rule.matches(&wanted).count(), 2, "both lines name {wanted}");
    }

    #[test]
    fn what_a_file_is_opened_with_is_what_the_types_say() {
        let types = read(&sources().join("printvigil.mime.xml")).expect("it is there");
        let entry = read(&sources().join("Printvigil.desktop")).expect("it is there");
        let offered = entry.lines().find_map(|line| line.strip_prefix("MimeType=")).expect("a line");
        for kind in offered.split(';').filter(|kind| !kind.is_empty()) {
            assert!(types.contains(&format!("type=\"{kind}\"")), "{kind} is described");
        }
    }
}
