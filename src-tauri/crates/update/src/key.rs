//! Whose packages are installed.

use minisign_verify::PublicKey;

/// The key whose packages this build installs; `cargo xtask update-key` writes the file. Only the public half is anywhere
/// near the sources.
const BUILT_IN: &str = include_str!("../keys/update.pub");

/// Says in the comment of a key that it is one for development.
const DEVELOPMENT: &str = "development";

/// A key that is trusted.
#[derive(Debug, Clone)]
pub struct Key {
    pub(crate) public: PublicKey,
    development: bool,
}

impl Key {
    /// Returns the key that is built in.
    pub fn built_in() -> Self {
        Self::parse(BUILT_IN).expect("a test reads it")
    }

    /// Reads a key in minisign's form: a line of comment and a line of key.
    pub fn parse(text: &str) -> Option<Self> {
        let public = PublicKey::decode(text.trim_end()).ok()?;
        let development = public.untrusted_comment().is_some_and(|comment| comment.contains(DEVELOPMENT));
        Some(Self { public, development })
    }

    /// Returns whether it is a key for development, whose packages are no releases.
    pub fn is_for_development(&self) -> bool {
        self.development
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_that_is_built_in_can_be_read() {
        assert!(Key::parse(BUILT_IN).is_some());
    }
}
