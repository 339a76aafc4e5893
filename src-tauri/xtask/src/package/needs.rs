//! What the programs need of the system, read from the programs.

use crate::{Fault, paths, shell};
use std::collections::BTreeSet;
use std::path::Path;

/// What no program names, since it is loaded late: films in the window, and the icon in the tray.
const LATE_DEB: [&str; 2] = ["gstreamer1.0-libav", "libayatana-appindicator3-1"];

/// Returns Debian's packages with their versions; those of the system that this runs on.
///
/// # Errors
/// When `dpkg-shlibdeps` is there and cannot say.
pub(super) fn of_debian(files: &[&Path]) -> Result<Vec<String>, Fault> {
    let mut needs: Vec<String> = LATE_DEB.map(str::to_owned).into();
    if !shell::is_there("dpkg-shlibdeps") {
        // Read from a package made on Debian 12.
        needs.extend(
            ["libc6 (>= 2.34)", "libstdc++6", "libwebkit2gtk-4.1-0", "libgtk-3-0"].map(str::to_owned),
        );
        return Ok(needs);
    }
    // It works in the folder of a source package.
    let folder = super::folder().join("needs");
    super::tree::write(
        &folder.join("debian/control"),
        "Source: printvigil\n\nPackage: printvigil\nArchitecture: any\n",
    )?;
    let mut command = shell::command("dpkg-shlibdeps");
    command.current_dir(&folder).args(["-O", "--ignore-missing-info"]).args(files);
    let said = shell::read(&mut command).ok_or("dpkg-shlibdeps could not read the programs")?;
    let line =
        said.lines().find_map(|line| line.strip_prefix("shlibs:Depends=")).ok_or("it named nothing")?;
    needs.extend(line.split(", ").map(str::to_owned));
    Ok(needs)
}

/// Returns the libraries as Red Hat's packages and their kin provide them: by name of the file.
///
/// # Errors
/// When a program cannot be read.
pub(super) fn of_rpm(files: &[&Path]) -> Result<Vec<String>, Fault> {
    let mut needs = BTreeSet::new();
    for file in files {
        let said = shell::read(shell::command("objdump").arg("-p").arg(file))
            .ok_or_else(|| format!("{}: objdump (binutils) cannot read it", file.display()))?;
        needs.extend(needed(&said).map(|name| format!("{name}()(64bit)")));
    }
    // The loader of programs is no library.
    needs.retain(|name| !name.starts_with("ld-linux"));
    Ok(needs.into_iter().collect())
}

fn needed(said: &str) -> impl Iterator<Item = &str> {
    said.lines().filter_map(|line| line.trim().strip_prefix("NEEDED")).map(str::trim)
}

/// Returns the folder of the checkout's window, where the bundler works.
pub(super) fn window() -> std::path::PathBuf {
    paths::root().join("src-tauri")
}

#[cfg(test)]
mod tests {
    use super::needed;

    #[test]
    fn libraries_are_read_from_what_objdump_says() {
        let said =
            "Dynamic Section:\n  NEEDED               libgtk-3.so.0\n  NEEDED    libc.so.6\n  INIT 0x1\n";
        assert_eq!(needed(said).collect::<Vec<_>>(), ["libgtk-3.so.0", "libc.so.6"]);
    }
}
