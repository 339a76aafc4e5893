//! Takes from the process that looks at pictures what it does not need, as far as the system can: a hostile picture or
//! model that takes it over reaches nothing.
//!
//! On Linux the kernel's Landlock holds it (5.13 or newer; connections from 6.7 on). Elsewhere, and with older kernels, it
//! keeps the rights of the user; its crash still hurts nothing else.

use super::wire::Confined;

/// Before a model is loaded: files may be read, no more than the library's copy is written, and nobody is spoken to. When
/// memory is short, the system ends this process before any other, and it ends with the core.
#[cfg(target_os = "linux")]
pub(super) fn before_loading() {
    use landlock::{Access, AccessFs};
    use rustix::process::{Resource, Rlimit, Signal, set_parent_process_death_signal, setrlimit};
    // Without the right to, it stays as likely to be ended as the core: nothing is lost by that.
    let _ = std::fs::write("/proc/self/oom_score_adj", "900");
    let _ = set_parent_process_death_signal(Some(Signal::KILL));
    let most = Rlimit { current: Some(linux::MOST_MEMORY), maximum: Some(linux::MOST_MEMORY) };
    let _ = setrlimit(Resource::Data, most);
    let read = AccessFs::from_read(linux::KNOWN);
    // Whether it holds is told once the model is loaded.
    let _ = linux::restrict(&[("/".into(), read), (std::env::temp_dir(), AccessFs::from_all(linux::KNOWN))]);
}

/// Once it is loaded: no file is opened any more.
#[cfg(target_os = "linux")]
pub(super) fn before_looking() -> Confined {
    linux::restrict(&[])
}

#[cfg(not(target_os = "linux"))]
pub(super) fn before_loading() {}

#[cfg(not(target_os = "linux"))]
pub(super) fn before_looking() -> Confined {
    Confined::No("this system has no Landlock".into())
}

#[cfg(target_os = "linux")]
mod linux {
    use crate::child::wire::Confined;
    use landlock::{
        ABI, Access, AccessFs, AccessNet, BitFlags, PathBeneath, PathFd, Ruleset, RulesetAttr,
        RulesetCreatedAttr, RulesetError, RulesetStatus,
    };
    use std::path::PathBuf;

    /// The newest rights that are asked for; a kernel that knows fewer holds those.
    pub(super) const KNOWN: ABI = ABI::V4;

    /// More memory of its own than any model that is of use here needs, bytes.
    pub(super) const MOST_MEMORY: u64 = 3 << 30;

    /// From now on, only this may be done, and only there.
    pub(super) fn restrict(allowed: &[(PathBuf, BitFlags<AccessFs>)]) -> Confined {
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
