//! `vigil documents`: manual pages and completions, written from the command line that the program really has.

use anyhow::Context;
use clap_complete::Shell;
use std::path::Path;
use std::process::ExitCode;

/// Writes `man/vigil.1`, one page for each command, and `completions` for bash, zsh and fish.
pub(crate) fn run(mut command: clap::Command, folder: &Path) -> anyhow::Result<ExitCode> {
    let (man, completions) = (folder.join("man"), folder.join("completions"));
    for made in [&man, &completions] {
        std::fs::create_dir_all(made).with_context(|| format!("{} cannot be made", made.display()))?;
    }
    // Without a page for `help` of each command. First, since completing adds them for good.
    let pages = command.clone().disable_help_subcommand(true);
    clap_mangen::generate_to(pages.mut_subcommands(|below| below.disable_help_subcommand(true)), &man)?;
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        clap_complete::generate_to(shell, &mut command, "vigil", &completions)?;
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn every_command_has_a_page_and_is_completed() {
        let folder = tempfile::tempdir().unwrap();
        run(crate::Args::command(), folder.path()).unwrap();
        let bash = std::fs::read_to_string(folder.path().join("completions/vigil.bash")).unwrap();
        let shown: Vec<String> = crate::Args::command()
            .get_subcommands()
            .filter(|command| !command.is_hide_set())
            .map(|command| command.get_name().to_owned())
            .collect();
        assert!(shown.len() > 10, "{shown:?}");
        for name in shown {
            assert!(folder.path().join(format!("man/vigil-{name}.1")).is_file(), "no page for {name}");
            assert!(bash.contains(&name), "bash does not complete {name}");
        }
        for name in ["documents", "help-serve", "model-help"] {
            assert!(!folder.path().join(format!("man/vigil-{name}.1")).exists(), "a page for {name}");
        }
    }
}
