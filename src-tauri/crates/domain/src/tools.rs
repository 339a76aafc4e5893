//! What a person does by hand at a printer, and what the printer tells of it.

use crate::Area;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Below this no firmware pushes filament, and neither do we, degrees Celsius.
pub const COLD_BELOW_C: f64 = 170.0;

/// How high the nozzle is lifted, at least, before it moves sideways over the bed to level it, mm.
pub const LEVEL_LIFT_MM: f64 = 10.0;

/// Something to do by hand. Which of these is possible when is decided by the hub.
#[derive(Debug, Clone, PartialEq, Deserialize, TS, JsonSchema)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Tool {
    /// Moves the head by so much, mm. Refused while a print is under way.
    Jog {
        /// To the right.
        #[serde(default)]
        x: f64,
        /// To the back.
        #[serde(default)]
        y: f64,
        /// Away from the bed.
        #[serde(default)]
        z: f64,
        /// The person was told that the printer may not know where its head is.
        #[serde(default)]
        sure: Sure,
    },
    /// Goes to a point of the bed, to level it with a sheet of paper: lifts, moves sideways, then lowers to Z 0. Refused
    /// unless all axes are homed, and while a print is under way.
    LevelPoint {
        /// From the left, mm.
        x: f64,
        /// From the front, mm.
        y: f64,
    },
    /// Lets go of the motors. The printer forgets where its head is.
    MotorsOff,
    /// Pushes filament, or pulls it back when negative. Refused when cold.
    Extrude {
        /// Length, mm.
        mm: f64,
        /// Speed, mm a second.
        mm_per_s: f64,
    },
    /// Makes a tool the active one, from 0.
    SelectTool {
        /// Which.
        tool: u8,
    },
    /// Sets the part fan.
    Fan {
        /// 0 to 100.
        percent: u16,
    },
    /// Sets the speed of all moves (M220).
    Speed {
        /// Of what the file says.
        percent: u16,
    },
    /// Sets how much filament is pushed (M221).
    Flow {
        /// Of what the file says.
        percent: u16,
    },
    /// Shifts the nozzle a little while it prints (M290).
    BabyStep {
        /// Up, or down when negative.
        mm: f64,
    },
    /// Has the printer keep the height that baby steps have led to (M851 or M206, then M500). Refused while a print is
    /// under way.
    SaveZ {
        /// The person was told what is stored.
        #[serde(default)]
        sure: Sure,
    },
    /// Leaves an object of the print out from here on; the rest is printed. Cannot be taken back once something of it was
    /// left out.
    CancelObject {
        /// Which, by its place among those of the print, from 0.
        object: u32,
        /// The person was asked.
        #[serde(default)]
        sure: Sure,
    },
    /// Prints an object after all, of which nothing was left out yet.
    KeepObject {
        /// Which, from 0.
        object: u32,
    },
    /// Pauses the print later, or no more.
    PauseAt {
        /// Where; null: nowhere.
        at: Option<PauseAt>,
    },
    /// Answers the printer's question.
    Answer {
        /// Which button, from 0.
        button: u8,
    },
    /// Sends a line, as typed in the terminal.
    Send {
        /// One command.
        line: String,
        /// The person was asked and wants it.
        #[serde(default)]
        sure: Sure,
    },
    /// Runs the lines of a macro. Refused while a print is under way.
    Macro {
        /// Its name.
        name: String,
        /// Its lines, with placeholders.
        body: String,
        /// The person was asked and wants it.
        #[serde(default)]
        sure: Sure,
    },
    /// Lines that were checked; made by the hub, never asked for.
    #[serde(skip)]
    #[ts(skip)]
    Lines(Vec<String>),
    /// Asks for the stored mesh of the bed (M420 V).
    ReadMesh,
    /// Homes, measures the bed and reads the mesh (G28, G29, M420 V).
    ProbeMesh,
}

/// Whether a person has been asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sure {
    /// Not yet.
    #[default]
    Ask,
    /// Asked, and answered yes.
    Yes,
}

/// Where a print is to pause by itself.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PauseAt {
    /// When this layer begins, from 0.
    Layer(u32),
    /// When material is laid down at this height, mm.
    Height(f64),
}

/// A value in percent that may change in mid-print: what holds as far as is known, who says so, and what was ordered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Dial {
    /// Percent; `None` while nobody has said it.
    pub percent: Option<u16>,
    /// Where that value is from.
    pub source: DialSource,
    /// Ordered here and not taken by the printer yet, percent.
    pub ordered: Option<u16>,
}

/// Where a value is from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DialSource {
    /// Nobody has said it.
    #[default]
    Unknown,
    /// Set from here; the printer acknowledged the command.
    Here,
    /// Set by a line of the file, which the printer acknowledged.
    File,
    /// Told by the printer.
    Printer,
}

/// Which of its settings a firmware keeps the nozzle's height in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ZKeeper {
    /// The probe's offset (M851): nearer to the bed is less.
    Probe,
    /// The offset of homing (M206): nearer to the bed is more.
    Home,
}

/// What saving the nozzle's height came to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum ZSave {
    /// Nothing was saved since the last step.
    #[default]
    Nothing,
    /// It is being saved.
    UnderWay,
    /// The printer told this value and said that it stored it.
    Saved {
        /// Where it is kept.
        keeper: ZKeeper,
        /// As the printer told it, mm.
        mm: f64,
    },
    /// It was not saved, or it is not known whether it was.
    Failed {
        /// Why, for people.
        why: String,
    },
}

/// The nozzle's height, as the firmware keeps it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct ZOffset {
    /// What keeps it, when the printer told one.
    pub keeper: Option<ZKeeper>,
    /// That value, as the printer told it last, mm.
    pub told_mm: Option<f64>,
    /// The baby steps are in force: Z was not homed since, or the firmware keeps them over homing.
    pub holds: bool,
    /// Why it cannot be saved on this printer; empty when it can.
    pub cannot_save: String,
    /// What the last saving came to.
    pub save: ZSave,
}

/// Whether the firmware can shift the nozzle while it prints.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Able {
    /// Not tried, not told.
    #[default]
    Unknown,
    /// It can.
    Yes,
    /// It cannot.
    No,
}

/// A question of the printer's, with buttons. Hostile text: shown, never interpreted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Prompt {
    /// Printable characters only, at most 200.
    pub text: String,
    /// At most 8, each at most 40 characters.
    pub buttons: Vec<String>,
    /// The button that was sent; the printer has not closed the question yet.
    pub answered: Option<u8>,
}

/// The heights of the bed, as the printer measured them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Mesh {
    /// Rows from the front to the back, each from left to right, mm; null where nothing was measured.
    pub rows: Vec<Vec<Option<f64>>>,
}

/// An object of the print under way, as its file labels it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct PrintObject {
    /// As the slicer names it; at most 60 printable characters.
    pub name: String,
    /// Least X and Y of what is laid down of it, mm; `None` for one of which nothing is.
    pub min_mm: Option<[f64; 2]>,
    /// The most.
    pub max_mm: Option<[f64; 2]>,
    /// What becomes of it.
    pub state: ObjectState,
}

/// What becomes of an object of the print.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ObjectState {
    /// It is printed when its lines come.
    #[default]
    Kept,
    /// Its lines are being sent.
    Printing,
    /// It will be left out; nothing of it was yet, so that can be taken back.
    Cancelled,
    /// It is left out.
    LeftOut,
}

/// What the printer tells of all this.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Tools {
    /// X, Y and Z were homed since the motors were last let go of.
    pub homed: [bool; 3],
    /// Where the head can go, when the firmware tells it.
    pub area: Option<Area>,
    /// Where the head is, mm, when it was told.
    pub position_mm: Option<[f64; 3]>,
    /// The part fan.
    pub fan: Dial,
    /// The speed.
    pub speed: Dial,
    /// The flow.
    pub flow: Dial,
    /// Whether it can baby-step.
    pub baby: Able,
    /// Baby steps that are not saved, mm: since the link opened, or since Z was homed before the first of them.
    pub baby_mm: f64,
    /// The nozzle's height, as the firmware keeps it.
    pub z_offset: ZOffset,
    /// Active tool.
    pub tool: u8,
    /// Tools that it has, by its own words.
    pub tool_count: Option<u8>,
    /// The objects of the print, where its file labels them.
    pub objects: Vec<PrintObject>,
    /// Why none of them can be left out, for people; empty when each can.
    pub objects_unfit: String,
    /// Where the print pauses by itself.
    pub pause_at: Option<PauseAt>,
    /// Why the print paused, when its file or a person asked for it beforehand; may be empty.
    pub pause_text: String,
    /// The printer's question.
    pub prompt: Option<Prompt>,
    /// The bed.
    pub mesh: Option<Mesh>,
    /// Lines that still wait to be sent.
    pub waiting: u32,
}
