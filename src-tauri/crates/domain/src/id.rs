//! Ids: integers that cannot be mixed up.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

macro_rules! id {
    ($(#[$doc:meta] $name:ident),+ $(,)?) => {$(
        #[$doc]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(#[ts(type = "number")] pub i64);

        impl $name {
            /// Returns the bare number, for SQL and URLs.
            pub fn get(self) -> i64 {
                self.0
            }

            /// Returns the id after this one.
            pub fn next(self) -> Self {
                Self(self.0.saturating_add(1))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

id! {
    /// Names one printer.
    PrinterId,
    /// Names one print.
    PrintId,
    /// Names one camera.
    CameraId,
    /// Names one frame of a camera; kept frames keep it as their row id.
    FrameId,
    /// Names one G-code file.
    FileId,
    /// Names one folder of G-code files.
    FolderId,
    /// Names one row of the event log.
    EventId,
    /// Names one macro.
    MacroId,
    /// Names one frame shown for feedback.
    ShotId,
    /// Names the one local user.
    UserId,
    /// Names one that may come in from the network.
    GrantId,
    /// Names one item in the queue of a printer.
    QueueItemId,
    /// Names one spool of filament.
    SpoolId,
}
