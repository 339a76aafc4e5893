//! What is asked of the packages that we build on, and of our own documents: slow or online, so no part of the tests.
//!
//! The programs for it are installed once, in one version, into the user's cache.

use crate::{Fault, paths, shell};
use std::path::PathBuf;

/// A check, and the program that makes it.
struct Check {
    name: &'static str,
    /// Package and version of the program; none for cargo itself.
    program: Option<(&'static str, &'static str)>,
    arguments: &'static [&'static str],
    /// What to set in its environment.
    environment: &'static [(&'static str, &'static str)],
}

const MACHETE: (&str, &str) = ("cargo-machete", "0.9.2");
const DENY: (&str, &str) = ("cargo-deny", "0.20.2");

const CHECKS: &[Check] = &[
    // Links and examples in the comments of public items.
    Check {
        name: "doc",
        program: None,
        arguments: &["doc", "--workspace", "--no-deps", "--quiet"],
        environment: &[("RUSTDOCFLAGS", "-D warnings")],
    },
    // Packages that a manifest names and no source uses.
    Check { name: "unused", program: Some(MACHETE), arguments: &[], environment: &[] },
    // Licences, sources and bans by `.deny.toml`.
    Check {
        name: "licences",
        program: Some(DENY),
        arguments: &["--config", ".deny.toml", "check", "licenses", "bans", "sources"],
        environment: &[],
    },
    // Known faults of packages; fetches the list of them.
    Check {
        name: "advisories",
        program: Some(DENY),
        arguments: &["--config", ".deny.toml", "check", "advisories"],
        environment: &[],
    },
];

/// Runs the named checks, all when none is named; each whatever the others say.
///
/// # Errors
/// Names the checks that failed.
pub(crate) fn run(names: &[String]) -> Result<(), Fault> {
    if let Some(name) = names.iter().find(|name| CHECKS.iter().all(|check| check.name != name.as_str())) {
        let known: Vec<&str> = CHECKS.iter().map(|check| check.name).collect();
        return Err(format!("there is no check \"{name}\"; there are: {}", known.join(" ")));
    }
    let wanted =
        CHECKS.iter().filter(|check| names.is_empty() || names.iter().any(|name| name == check.name));
    let mut failed = Vec::new();
    for check in wanted {
        println!("\n=== {} ===", check.name);
        if let Err(fault) = made(check) {
            println!("{fault}");
            failed.push(check.name);
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(format!("failed: {}", failed.join(" "))) }
}

fn made(check: &Check) -> Result<(), Fault> {
    let mut command = match check.program {
        Some(program) => shell::command(installed(program)?),
        None => shell::cargo(),
    };
    command.args(check.arguments).envs(check.environment.iter().copied());
    shell::run(&mut command)
}

/// Returns the program, installed if it is not there.
fn installed((name, version): (&str, &str)) -> Result<PathBuf, Fault> {
    let dir = paths::cache().join(format!("{name}-{version}"));
    let program = dir.join("bin").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    if !program.is_file() {
        let package = format!("{name}@{version}");
        shell::run(shell::cargo().args(["install", "--locked", "--quiet", &package, "--root"]).arg(&dir))?;
    }
    Ok(program)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_that_is_not_there_is_named_with_those_that_are() {
        let said = run(&["spelling".into()]).expect_err("there is none");
        assert!(said.contains("\"spelling\"") && said.contains("licences"), "{said}");
    }

    #[test]
    fn the_terms_that_are_allowed_are_asked_for_from_a_file_that_is_there() {
        let named: Vec<&str> = CHECKS
            .iter()
            .flat_map(|check| check.arguments)
            .copied()
            .filter(|it| it.ends_with(".toml"))
            .collect();
        assert!(
            !named.is_empty() && named.iter().all(|file| paths::root().join(file).is_file()),
            "{named:?}"
        );
    }
}
