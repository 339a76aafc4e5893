//! When lines no longer get through.

/// Why the wire cannot go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WireError {
    /// The printer counts from the start again.
    Rebooted,
    /// It asks for the same line again and again.
    Stuck,
    /// Nothing came for longer than the command in flight may take.
    Silent,
}
