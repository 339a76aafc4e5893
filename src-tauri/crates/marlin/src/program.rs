//! The lines of a file as they are fed, and what is known of the file before.

/// Where a file's commands have led, and in which modes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Logical X, mm.
    pub x: f64,
    /// Logical Y, mm.
    pub y: f64,
    /// Logical Z, mm.
    pub z: f64,
    /// Logical E, mm.
    pub e: f64,
    /// Feed rate, mm/min; 0 until one is given.
    pub feed: f64,
    /// G90 (`true`) or G91.
    pub absolute: bool,
    /// M82 (`true`) or M83.
    pub e_absolute: bool,
    /// G20 (`true`) or G21: what follows in the file counts in inches. All here is mm.
    pub inches: bool,
    /// Active tool; `None` until a T command.
    pub tool: Option<u8>,
    /// Speed of the part fan, 0 to 255; `None` until one is given.
    pub fan: Option<u8>,
    /// mm of filament used so far.
    pub filament_mm: f64,
    /// mm of filament that are pulled back, as far as moves do it.
    pub retracted_mm: f64,
    /// The firmware has pulled filament back by itself (G10).
    pub firmware_retracted: bool,
    /// The command laid material down.
    pub extruding: bool,
}

impl Default for Place {
    fn default() -> Self {
        Self {
            x: 0.0,
            y: 0.0,
            z: 0.0,
            e: 0.0,
            feed: 0.0,
            absolute: true,
            e_absolute: true,
            inches: false,
            tool: None,
            fan: None,
            filament_mm: 0.0,
            retracted_mm: 0.0,
            firmware_retracted: false,
            extruding: false,
        }
    }
}

/// A command of the file.
#[derive(Debug, Clone, PartialEq)]
pub struct ProgramLine {
    /// What to send, without number and checksum; at most 81 bytes of ASCII.
    pub text: String,
    /// Which command of the file it is, from 1.
    pub index: u64,
    /// Bytes from the start of the file to its end.
    pub end: u64,
    /// Seconds of the file's analysis up to its end, when known.
    pub analysed_secs: Option<f64>,
    /// Layer, from 0.
    pub layer_idx: Option<u32>,
    /// Object of the print that it belongs to, from 0, where the file labels them.
    pub object: Option<u32>,
    /// Where it leads.
    pub after: Place,
    /// What is to be done with it.
    pub kind: LineKind,
}

/// What is to be done with a command of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineKind {
    /// Send it.
    Send,
    /// Pause here instead.
    Pause,
    /// Pass over it.
    Skip,
}

/// What is known of a file before it is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct JobFacts {
    /// Lines with a command.
    pub lines: u64,
    /// Size.
    pub bytes: u64,
    /// Layers.
    pub layers: Option<u32>,
    /// mm of filament.
    pub filament_mm: Option<f64>,
    /// Seconds.
    pub estimated_secs: Option<f64>,
}
