//! Takes from a process what it does not need, as far as the system can: hostile bytes that take it over reach nothing.
//!
//! On Linux the kernel's Landlock holds it (5.13 or newer; connections from 6.7 on). Elsewhere, and with older kernels, it
//! keeps the rights of the user; its crash still hurts nothing else.

use serde::{Deserialize, Serialize};

/// Whether the system holds a process to what it needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confined {
    /// It opens no file and no connection any more.
    Fully,
    /// Not all of that: the kernel is too old.
    Partly,
    /// It keeps the rights of the user; why.
    No(String),
}

#[cfg(target_os = "linux")]
pub use linux::{live_with_the_owner, only_read, open_nothing, open_nothing_at_all};

/// At its begin: it takes no more memory of its own than so many bytes; when memory is short, the system ends it before
/// any other; and it ends with its owner.
#[cfg(not(target_os = "linux"))]
pub fn live_with_the_owner(_most_memory_bytes: u64) {}

/// From now on files may be read, those of one folder written, and nobody is spoken to.
#[cfg(not(target_os = "linux"))]
pub fn only_read(_but_write: &std::path::Path) {}

/// From now on no file and no connection is opened.
#[cfg(not(target_os = "linux"))]
pub fn open_nothing() -> Confined {
    Confined::No("this system has no Landlock".into())
}

/// As [`open_nothing`], and nothing else that the system counts as a file either: no socket, no pipe.
#[cfg(not(target_os = "linux"))]
pub fn open_nothing_at_all() -> Confined {
    open_nothing()
}

#[cfg(target_os = "linux")]
mod linux {
    use super::Confined;
    use landlock::{
        ABI, Access, AccessFs, AccessNet, BitFlags, PathBeneath, PathFd, Ruleset, RulesetAttr,
        RulesetCreatedAttr, RulesetError, RulesetStatus,
    };
    use rustix::process::{Resource, Rlimit, Signal, set_parent_process_death_signal, setrlimit};
    use std::path::Path;

    /// The newest rights that are asked for; a kernel that knows fewer holds those.
    const KNOWN: ABI = ABI::V4;

    /// Standard input, output and errors: the files that are open.
    const STANDARD: u64 = 3;

    /// At its begin: it takes no more memory of its own than so many bytes; when memory is short, the system ends it before
    /// any other; and it ends with the thread that started it.
    pub fn live_with_the_owner(most_memory_bytes: u64) {
        // Without the right to, it stays as likely to be ended as the core: nothing is lost by that.
        let _ = std::fs::write("/proc/self/oom_score_adj", "900");
        let _ = set_parent_process_death_signal(Some(Signal::KILL));
        limit(Resource::Data, most_memory_bytes);
    }

    /// From now on files may be read, those of one folder written, and nobody is spoken to.
    pub fn only_read(but_write: &Path) {
        // Whether it holds is told by what follows.
        let _ =
            restrict(&[(Path::new("/"), AccessFs::from_read(KNOWN)), (but_write, AccessFs::from_all(KNOWN))]);
    }

    /// From now on no file and no connection is opened.
    pub fn open_nothing() -> Confined {
        restrict(&[])
    }

    /// As [`open_nothing`], and nothing else that the system counts as a file either: no socket, no pipe. No file grows.
    pub fn open_nothing_at_all() -> Confined {
        let confined = open_nothing();
        limit(Resource::Fsize, 0);
        limit(Resource::Nofile, STANDARD);
        confined
    }

    fn limit(what: Resource, most: u64) {
        // Lowering is allowed to everybody.
        let _ = setrlimit(what, Rlimit { current: Some(most), maximum: Some(most) });
    }

    /// From now on, only this may be done, and only there.
    fn restrict(allowed: &[(&Path, BitFlags<AccessFs>)]) -> Confined {
        let apply = || -> Result<_, RulesetError> {
            let mut rules = Ruleset::default()
                .handle_access(AccessFs::from_all(KNOWN))?
                .handle_access(AccessNet::from_all(KNOWN))?
                .create()?;
            for (path, access) in allowed {
                // A folder that is not there needs no rule.
                if let Ok(folder) = PathFd::new(path) {
                    rules = rules.add_rule(PathBeneath::new(folder, *access))?;
                }
            }
            rules.restrict_self()
        };
        match apply().map(|status| status.ruleset) {
            Ok(RulesetStatus::FullyEnforced) => Confined::Fully,
            Ok(RulesetStatus::PartiallyEnforced) => Confined::Partly,
            Ok(RulesetStatus::NotEnforced) => Confined::No("the kernel has no Landlock".into()),
            Err(error) => Confined::No(error.to_string()),
        }
    }
}
