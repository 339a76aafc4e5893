//! "Start with the computer": an entry of the desktop's own list of programs that start when a person logs in.
//!
//! An entry and not the systemd unit that comes with the packages: it works for the portable archive and on desktops
//! without systemd, starts what has an icon in the tray and can ask, and people find and remove it where they look for
//! such things. The unit stays for computers without a screen.

use anyhow::Context;
use std::path::{Path, PathBuf};

/// Where the entry lies, below the user's folder of configuration.
const ENTRY: &str = "autostart/printvigil.desktop";

/// The entry for one program.
pub(crate) struct Autostart {
    file: PathBuf,
    exec: String,
}

impl Autostart {
    /// Names the entry in a folder of configuration that starts `program`, on `data_dir` where that is not the usual one.
    ///
    /// # Errors
    /// On systems that know no such entries; with words for the screen.
    pub(crate) fn new(config_dir: &Path, program: &Path, data_dir: Option<&Path>) -> anyhow::Result<Self> {
        anyhow::ensure!(
            cfg!(target_os = "linux"),
            "Printvigil cannot do this by itself on this system yet. Add it to the programs that start when you log in, \
             with --background behind its name."
        );
        let mut exec = format!("{} --background", quoted(program)?);
        if let Some(dir) = data_dir {
            exec += &format!(" --data {}", quoted(dir)?);
        }
        Ok(Self { file: config_dir.join(ENTRY), exec })
    }

    /// Returns whether this program starts with the desktop. An entry that the desktop has switched off does not count,
    /// nor one for a program elsewhere.
    pub(crate) fn is_on(&self) -> bool {
        let text = std::fs::read_to_string(&self.file).unwrap_or_default();
        let has = |line: &str| text.lines().any(|found| found.trim() == line);
        has(&format!("Exec={}", self.exec)) && !has("Hidden=true") && !has("X-GNOME-Autostart-enabled=false")
    }

    /// Writes the entry, or takes it away.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(crate) fn set(&self, on: bool) -> anyhow::Result<()> {
        let said = || format!("{} cannot be changed", self.file.display());
        if on {
            std::fs::create_dir_all(self.file.parent().expect("it lies in a folder")).with_context(said)?;
            return std::fs::write(&self.file, self.entry()).with_context(said);
        }
        match std::fs::remove_file(&self.file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error).with_context(said),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    fn entry(&self) -> String {
        format!(
            "[Desktop Entry]\nType=Application\nName=Printvigil\n\
             Comment=Watches the 3D printer from the tray\nExec={}\nIcon=printvigil\nTerminal=false\n\
             X-GNOME-Autostart-enabled=true\n",
            self.exec
        )
    }
}

/// Returns a path as one word of a command line of desktop entries.
fn quoted(path: &Path) -> anyhow::Result<String> {
    let text = path.to_str().with_context(|| format!("{} has a name that is no text", path.display()))?;
    anyhow::ensure!(!text.chars().any(char::is_control), "{text:?} has a name that no desktop starts");
    let mut word = String::from("\"");
    for c in text.chars() {
        match c {
            // Escaped twice: once for the string of the entry, once for the quotes.
            '\\' => word.push_str(r"\\\\"),
            '"' | '`' | '$' => word.extend(['\\', '\\', c]),
            '%' => word.push_str("%%"),
            plain => word.push(plain),
        }
    }
    word.push('"');
    Ok(word)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    fn entry(dir: &Path, program: &str) -> Autostart {
        Autostart::new(dir, Path::new(program), None).expect("Linux has such entries")
    }

    #[test]
    fn it_is_on_once_switched_on_and_off_once_the_desktop_says_so() {
        let dir = std::env::temp_dir().join(format!("printvigil-autostart-{}", std::process::id()));
        let ours = entry(&dir, "/opt/my apps/printvigil");
        assert!(!ours.is_on());
        ours.set(false).expect("off already");
        ours.set(true).expect("written");
        assert!(ours.is_on());
        assert!(!entry(&dir, "/elsewhere/printvigil").is_on(), "that one would not be started");
        let text = std::fs::read_to_string(&ours.file).expect("there");
        assert!(text.contains("\nExec=\"/opt/my apps/printvigil\" --background\n"), "{text}");
        std::fs::write(&ours.file, text.replace("enabled=true", "enabled=false")).expect("written");
        assert!(!ours.is_on(), "switched off by the desktop");
        ours.set(true).expect("written");
        ours.set(false).expect("removed");
        assert!(!ours.is_on() && !ours.file.exists());
        std::fs::remove_dir_all(&dir).expect("ours to remove");
    }

    #[test]
    fn a_path_stays_one_word_whatever_is_in_it() {
        assert_eq!(quoted(Path::new("/a b/$x`\"%")).expect("a word"), r#""/a b/\\$x\\`\\"%%""#);
        assert_eq!(quoted(Path::new(r"/a\b")).expect("a word"), r#""/a\\\\b""#);
        assert!(quoted(Path::new("/a\nExec=rm")).is_err(), "a second line is a second command");
    }
}
