//! What a printer tells: its whole state as a report, and changes that matter as events.

use crate::{
    Agent, AgentEvent, FileId, HaltCause, Heater, HeaterFault, Initiator, Now, OrderKind, PrintId,
    PrinterState, RefusedReason, Temperatures, Tools, Turned,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The link itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LinkState {
    /// Not open.
    #[default]
    Closed,
    /// Open; the firmware has not answered yet.
    Opening,
    /// The firmware answers.
    Up,
    /// It broke; looked for again.
    Lost {
        /// What happened and what to do, for people.
        why: String,
    },
    /// The firmware stopped itself or was stopped.
    Halted {
        /// By what.
        cause: HaltCause,
        /// Its words.
        text: String,
    },
}

/// What M115 says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Firmware {
    /// `Marlin 2.1.2`.
    pub name: String,
    /// `MACHINE_TYPE`, may be empty.
    pub machine: String,
    /// `Cap:` lines: name and whether it is on.
    pub capabilities: std::collections::BTreeMap<String, bool>,
}

/// Where a print stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // As the states of `PrinterState` of the same names.
pub enum JobPhase {
    Heating,
    Printing,
    Pausing,
    Paused,
    Resuming,
    Cancelling,
    Finishing,
}

/// One step of a pause or resume, ticked when the printer confirmed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct PauseStep {
    /// "Head lifted".
    pub label: String,
    /// "2.5 mm up".
    pub detail: String,
    /// Confirmed by the printer.
    pub done: bool,
}

/// The print that the printer's thread is running.
#[derive(Debug, Clone, PartialEq)]
pub struct JobReport {
    /// Which print.
    pub print: PrintId,
    /// Which file.
    pub file: Option<FileId>,
    /// Display name.
    pub name: String,
    /// Where it stands.
    pub phase: JobPhase,
    /// Lines of the file acknowledged by the printer.
    pub line: u64,
    /// Lines of the file with a command.
    pub lines: u64,
    /// Bytes of the file acknowledged.
    pub filepos: u64,
    /// Bytes of the file.
    pub file_bytes: u64,
    /// Layer being printed, from 0.
    pub layer_idx: Option<u32>,
    /// Layers of the file.
    pub layers: Option<u32>,
    /// Height of the nozzle by acknowledged lines, mm.
    pub z_mm: Option<f64>,
    /// Seconds since the first line, pauses left out.
    pub print_secs: f64,
    /// Of those, seconds until heating was done.
    pub heating_secs: f64,
    /// mm of filament that the file pushes up to here.
    pub filament_mm: f64,
    /// Filament that this run has pushed, tool by tool; empty where nobody tells.
    pub used: Vec<crate::ToolUse>,
    /// mm of filament in the whole file, when counted.
    pub filament_total_mm: Option<f64>,
    /// Seconds for the whole file by our own analysis, when there is one.
    pub estimated_secs: Option<f64>,
    /// Of those, seconds up to the acknowledged line.
    pub analysed_secs: Option<f64>,
    /// Seconds left by the slicer's own reckoning, as the last M73 of the file has it.
    pub slicer_left_secs: Option<f64>,
    /// Objects of the file that are left out, from 0.
    pub left_out: Vec<u32>,
    /// Steps of the pause or resume under way.
    pub steps: Vec<PauseStep>,
    /// The printer reads it from its own card.
    pub on_card: bool,
}

/// Everything a printer's thread knows; sent when something changed, at most a few times a second.
#[derive(Debug, Clone, PartialEq)]
pub struct PrinterReport {
    /// What it is doing.
    pub state: PrinterState,
    /// The link.
    pub link: LinkState,
    /// The port in use.
    pub port: Option<String>,
    /// Its rate.
    pub baud: Option<u32>,
    /// What M115 said.
    pub firmware: Option<Firmware>,
    /// Heaters, as last told.
    pub temperatures: Temperatures,
    /// When the printer last told them, on its clock; `None` when it never did.
    pub temperatures_at: Option<Now>,
    /// The card is in.
    pub sd_ready: bool,
    /// What is known of its card; `None` when it has no reader.
    pub sd: Option<crate::SdCard>,
    /// The print under way.
    pub job: Option<JobReport>,
    /// Last known position of the nozzle, mm.
    pub position_mm: Option<[f64; 3]>,
    /// Lines resent since the link opened.
    pub resends: u64,
    /// Lines whose answer was lost on the way and had to be asked for; the print stood still for a moment each time.
    pub lost_answers: u64,
    /// Lines sent since the link opened.
    pub lines_sent: u64,
    /// What the machine told of itself; `None` until it has told all it will.
    pub machine: Option<Box<crate::MachineProfile>>,
    /// What tells the port from others, where it is a USB port.
    pub usb: Option<crate::UsbIdentity>,
    /// It was found busy with work of its own, in its words.
    pub at_work: Option<String>,
    /// What is done by hand, and what the printer tells of it.
    pub tools: Tools,
    /// Who speaks for the printer, where another host drives it.
    pub agent: Option<Agent>,
}

/// How a job ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobEnd {
    /// The last motion ended.
    Finished,
    /// Cancelled; what was not read back as off was told before.
    Cancelled(Initiator),
    /// Something ended it.
    Interrupted {
        /// What happened and what to do, for people.
        why: String,
    },
    /// Nobody was there who could have told.
    Unknown {
        /// Why it is not known, for people.
        why: String,
    },
}

/// A change that the hub must hear of, in order, none lost.
#[derive(Debug, Clone, PartialEq)]
pub enum LinkChange {
    /// The printer prints from its card, which nobody here started; it wants a number.
    CardPrint {
        /// The file, as far as it is known.
        name: String,
        /// Its path on the card, may be empty.
        path: String,
    },
    /// The host that drives the printer (OctoPrint, Klipper) prints something; it wants a number, or is the print that is
    /// under way already.
    AgentPrint {
        /// The file.
        name: String,
        /// When it began by that host's clock, Unix seconds: the print's `ext_id`.
        ext_id: i64,
    },
    /// The agent reports something, for the log.
    AgentSays(AgentEvent),
    /// Something is wrong with how the agent is set up, in words for people; `None`: not any more.
    AgentTrouble(Option<String>),
    /// The agent tells how the pictures of its camera are to be turned.
    AgentCamera(Turned),
    /// STOP did not reach a printer that another host drives, or nothing shows that it did.
    StopFailed {
        /// Why, for people.
        why: String,
    },
    /// The firmware answers. `hot`: a heater is on or warm above 50 °C though no print runs.
    Up {
        /// Heaters are hot though nothing prints.
        hot: bool,
    },
    /// The link broke. A print under way has ended (its `Ended` comes first), unless the printer reads it from its card.
    Lost {
        /// For people.
        why: String,
    },
    /// The printer restarted by itself.
    Rebooted,
    /// The part of this app that drives the printer failed. A print under way has ended (its `Ended` comes first), and
    /// the heaters were switched off.
    AppFault {
        /// What was done, for people.
        why: String,
    },
    /// The firmware stopped. `reset_needed_by_hand` when nothing more can be done from here.
    Halted {
        /// By what; the words that are shown depend on it.
        cause: HaltCause,
        /// The firmware's words, or ours after an emergency stop.
        text: String,
        /// "Switch the printer off now".
        switch_off_now: bool,
    },
    /// The first line of a print is out.
    Started(PrintId),
    /// Pause confirmed: all oks in, M400 answered, targets read back.
    Paused(PrintId, Initiator),
    /// The pause was not confirmed in time; only queries are repeated.
    PauseUnconfirmed(PrintId, String),
    /// Lines of the file are executed again.
    Resumed(PrintId, Initiator),
    /// A print ended.
    Ended(PrintId, JobEnd),
    /// An order was refused by the printer's thread.
    Refused {
        /// Which.
        order: OrderKind,
        /// Why, for those who decide.
        reason: RefusedReason,
        /// Why and what to do, for people.
        why: String,
    },
    /// The printer has said nothing for so long, and nothing that takes long is under way. Told once a silence, after
    /// about six seconds; whoever hears it counts on.
    Silent {
        /// How long so far, seconds.
        secs: u32,
    },
    /// The printer speaks again after [`LinkChange::Silent`].
    Speaks,
    /// A heater is not as the file or a person set it. Told once for each heater and kind, and again when it was well
    /// between.
    HeaterFault(HeaterFault),
    /// All heaters were switched off and asked about; those that could not be read back as off.
    HeatersOff {
        /// Not confirmed.
        unconfirmed: Vec<Heater>,
    },
    /// The printer refused a line and goes on.
    LineRefused {
        /// Number of the line in the file, from 1; `None` for a line that is not of the file.
        line: Option<u64>,
        /// What was sent.
        command: String,
        /// What the printer said.
        said: String,
    },
    /// The printer asks for a filament change, or did one.
    FilamentChange {
        /// For people.
        text: String,
    },
    /// A harmless message of the firmware, for the log.
    Says(String),
}

/// Which way a line went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum TrafficDirection {
    Sent,
    Received,
}

/// Longest line of the terminal that is kept, characters.
pub const LONGEST_TRAFFIC: usize = 256;

/// One line on the wire, for the terminal. Hostile text: shown, never interpreted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Traffic {
    /// Which way.
    pub direction: TrafficDirection,
    /// Printable characters only, at most 256.
    pub text: String,
}
