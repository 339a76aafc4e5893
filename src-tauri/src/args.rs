//! The window's command line.

use anyhow::{Context, bail};
use std::ffi::OsString;
use std::path::PathBuf;

/// What was asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Args {
    /// Where the core keeps everything; the user's data folder when none is named.
    pub(crate) data_dir: Option<PathBuf>,
    /// Whether the demo printer is added.
    pub(crate) with_demo: bool,
}

impl Args {
    /// Reads `--data DIR` and `--demo`.
    ///
    /// # Errors
    /// On anything else.
    pub(crate) fn parse(words: impl IntoIterator<Item = OsString>) -> anyhow::Result<Self> {
        let mut args = Self::default();
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            match word.to_str() {
                Some("--demo") => args.with_demo = true,
                Some("--data") => {
                    let dir = words.next().context("--data needs a folder")?;
                    args.data_dir = Some(std::path::absolute(dir)?);
                }
                Some(_) | None => bail!("{word:?} is unknown; there are --data DIR and --demo"),
            }
        }
        Ok(args)
    }
}

#[cfg(test)]
mod tests {
    use super::Args;

    fn parsed(line: &str) -> anyhow::Result<Args> {
        Args::parse(line.split_whitespace().map(Into::into))
    }

    #[test]
    fn a_folder_and_the_demo_are_understood() {
        assert_eq!(parsed("").expect("nothing is fine"), Args::default());
        let args = parsed("--demo --data /tmp/x").expect("both are known");
        assert_eq!(args, Args { data_dir: Some("/tmp/x".into()), with_demo: true });
    }

    #[test]
    fn what_is_unknown_is_refused() {
        assert!(parsed("--dmeo").is_err());
        assert!(parsed("--data").is_err());
    }
}
