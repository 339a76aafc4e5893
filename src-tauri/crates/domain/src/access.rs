//! Who may come in from the network, and what they may do there.

use crate::{GrantId, PrinterId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Longest name of a paired device, a link or a key, characters.
pub const LONGEST_GRANT_NAME: usize = 64;
/// Most grants at once: each request is compared with all of them.
pub const MOST_GRANTS: usize = 100;

/// What somebody may do. Each role may do all that those before it may.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Look: pictures, state, history.
    View,
    /// Also pause, resume, cancel, answer, acknowledge, cool down and stop.
    Operate,
    /// Also heat, move, start, files, terminal, settings.
    Owner,
}

/// How somebody came to be let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GrantKind {
    /// A phone or computer that was paired by QR code or PIN.
    Device,
    /// A link that anybody may open for a while, to look only.
    Link,
    /// An API key of a script or slicer.
    Key,
}

/// One that may come in from the network. Its secret is not here: only a hash of it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Grant {
    /// Id; never given twice.
    pub id: GrantId,
    /// How it came in.
    pub kind: GrantKind,
    /// What people call it, 1 to 64 characters.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to ten minutes; null: never.
    pub seen_at: Option<Timestamp>,
    /// When it ends by itself; null: when it is revoked.
    pub ends_at: Option<Timestamp>,
    /// The one printer that a shared link shows, and nothing else; null: all that its role may see.
    pub printer: Option<PrinterId>,
}

impl Grant {
    /// Returns a name as it is kept, or what is wrong with it.
    ///
    /// # Errors
    /// When nothing of it can be seen, or when it is too long.
    pub fn check_name(name: &str) -> Result<String, String> {
        let name = name.trim();
        let length = name.chars().count();
        if (1..=LONGEST_GRANT_NAME).contains(&length) && !name.chars().any(char::is_control) {
            Ok(name.to_owned())
        } else {
            Err(format!("a name has 1 to {LONGEST_GRANT_NAME} characters that can be seen"))
        }
    }

    /// Returns whether it is over by itself.
    pub fn has_ended(&self, now: Timestamp) -> bool {
        self.ends_at.is_some_and(|ends| ends <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_may_do_what_those_before_it_may() {
        assert!(Role::View < Role::Operate && Role::Operate < Role::Owner);
    }

    #[test]
    fn names_are_trimmed_and_seen() {
        assert_eq!(Grant::check_name("  Anna’s phone ").as_deref(), Ok("Anna’s phone"));
        for wrong in ["", "   ", "a\nb", "\u{7}", &"x".repeat(65)] {
            assert!(Grant::check_name(wrong).is_err(), "{wrong:?}");
        }
    }
}
