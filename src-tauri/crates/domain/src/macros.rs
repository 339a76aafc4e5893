//! Macros: lines that a person keeps under a name. Data, never a program.

use crate::{MacroId, PrinterId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Longest name of a macro.
pub const LONGEST_MACRO_NAME: usize = 64;
/// Longest body of a macro.
pub const LONGEST_MACRO: usize = 10_000;

/// Colour of a macro's button: those that have no other meaning in the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum MacroColour {
    Blue,
    Teal,
    Green,
    Ochre,
    Plum,
    Violet,
}

/// Lines under a name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Macro {
    /// Id.
    pub id: MacroId,
    /// Whose; null: of all printers.
    pub printer: Option<PrinterId>,
    /// 1 to 64 characters.
    pub name: String,
    /// Lines, with placeholders such as `{bed_temp}`; at most 10,000 characters.
    pub body: String,
    /// Place in the list.
    pub position: i32,
    /// Of its button; null: as other buttons.
    pub colour: Option<MacroColour>,
    /// It asks each time before it runs.
    pub confirm: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed.
    pub updated_at: Timestamp,
}
