//! The window's command line.

use anyhow::{Context, bail};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// What was asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Args {
    /// Where the core keeps everything; the user's data folder when none is named.
    pub(crate) data_dir: Option<PathBuf>,
    /// Whether the demo printer is added.
    pub(crate) with_demo: bool,
    /// Whether it starts in the tray, without a window: so the desktop starts it when a person logs in.
    pub(crate) in_background: bool,
    /// G-code to add to the files and to choose; nothing starts by that.
    pub(crate) files: Vec<PathBuf>,
}

impl Args {
    /// Reads `--data DIR`, `--demo`, `--background` and files, as they were typed in the folder `from`.
    ///
    /// # Errors
    /// On anything else.
    pub(crate) fn parse(words: impl IntoIterator<Item = OsString>, from: &Path) -> anyhow::Result<Self> {
        let mut args = Self::default();
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            match word.to_str() {
                Some("--demo") => args.with_demo = true,
                Some("--background") => args.in_background = true,
                Some("--data") => {
                    let dir = words.next().context("--data needs a folder")?;
                    args.data_dir = Some(from.join(dir));
                }
                _ if is_option(&word) => {
                    bail!("{word:?} is unknown; there are --data DIR, --demo, --background and files")
                }
                Some(_) | None => args.files.push(from.join(word)),
            }
        }
        Ok(args)
    }
}

/// A file of such a name is named with a folder: `./-x.gcode`.
fn is_option(word: &OsStr) -> bool {
    word.as_encoded_bytes().starts_with(b"-")
}

#[cfg(test)]
mod tests {
    use super::Args;
    use std::path::Path;

    fn parsed(line: &str) -> anyhow::Result<Args> {
        Args::parse(line.split_whitespace().map(Into::into), Path::new("/srv/maker"))
    }

    #[test]
    fn a_folder_and_the_demo_are_understood() {
        assert_eq!(parsed("").expect("nothing is fine"), Args::default());
        let args = parsed("--demo --data /tmp/x").expect("both are known");
        assert_eq!(args, Args { data_dir: Some("/tmp/x".into()), with_demo: true, ..Args::default() });
        assert!(parsed("--background").expect("known").in_background);
        let here = parsed("--data x").expect("a folder here");
        assert_eq!(here.data_dir.as_deref(), Some(Path::new("/srv/maker/x")));
    }

    #[test]
    fn files_are_found_from_where_they_were_named() {
        let args = parsed("cube.gcode --demo /tmp/box.bgcode").expect("two files");
        assert_eq!(args.files, [Path::new("/srv/maker/cube.gcode"), Path::new("/tmp/box.bgcode")]);
    }

    #[test]
    fn what_is_unknown_is_refused() {
        assert!(parsed("--dmeo").is_err());
        assert!(parsed("--data").is_err());
    }
}
