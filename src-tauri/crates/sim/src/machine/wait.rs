//! What a command under way waits for.

use super::card::Source;
use domain::Millis;

/// What a command waits for before its `ok`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Wait {
    /// Its work is done.
    Nothing,
    /// A free place in the planner.
    Place { from: [f64; 4], to: [f64; 4], feed: f64 },
    /// The last motion, and then `then`.
    Motion { then: AfterMotion },
    /// `G4`, and the time that homing takes.
    Until { at: Millis, homing: bool },
    /// `M109`; `since`: when it got there.
    Hotend { cool_too: bool, since: Option<Millis>, report_at: Millis },
    /// `M190`.
    Bed { cool_too: bool, since: Option<Millis>, report_at: Millis },
    /// `M0`.
    Person,
}

/// What follows when the head stands still.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum AfterMotion {
    Nothing,
    Dwell(Millis),
    Home([bool; 3]),
    SteppersOff,
}

/// A command under way.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Running {
    pub(super) source: Source,
    pub(super) wait: Wait,
    /// The `ok` in its own words, as `M105` has it.
    pub(super) ok: Option<String>,
    pub(super) busy_at: Millis,
}
