//! Manual control: jog, home, extrude, fan, speed; what was acknowledged of it is remembered.

use crate::dials::{Dials, part_fan};
use crate::facts::Facts;
use crate::level::level_point;
use crate::mesh::MeshReader;
use crate::message::Message;
use crate::out::Out;
use crate::program::ProgramLine;
use crate::prompt::Prompts;
use crate::recipe::num;
use crate::shown::plain;
use crate::tag::{Asked, Tag};
use crate::tune::Tune;
use crate::z_offset::NozzleHeight;
use domain::{
    Area, COLD_BELOW_C, DialSource, Heater, Initiator, JobPhase, LinkChange, Mesh, Millis, OrderKind,
    PauseAt, RefusedReason as Reason, Tool, Tools,
};
use parser::Command;

/// Feed rates of moves by hand, mm a minute.
const FEED_XY: f64 = 3000.0;
const FEED_Z: f64 = 600.0;
/// No firmware changes filament in less time.
const CHANGE_MS: Millis = 2_000;

/// What is done by hand, and what is known for it.
#[derive(Debug, Default)]
pub(crate) struct ManualControl {
    dials: Dials,
    tune: Tune,
    height: NozzleHeight,
    prompts: Prompts,
    mesh: Option<Mesh>,
    mesh_reader: MeshReader,
    homed: [bool; 3],
    /// Where the print pauses by itself.
    pause_at: Option<PauseAt>,
    /// Why the print paused, when its file or a person asked for it beforehand.
    pause_text: String,
    /// Speed of the part fan that was set by hand after the file's last word on it, 0 to 255.
    fan: Option<u8>,
    /// It was told that the printer waits for new filament.
    filament_told: bool,
}

/// Why a tool is not used: for those who decide, and for people.
type Refused = (Reason, String);

impl ManualControl {
    /// The firmware starts anew.
    pub(crate) fn start_over(&mut self) {
        *self = Self { filament_told: self.filament_told, ..Self::default() };
    }

    /// A print has ended: what was set for it holds no more.
    pub(crate) fn print_over(&mut self) {
        (self.pause_at, self.fan, self.filament_told) = (None, None, false);
        self.pause_text.clear();
        self.dials.print_over();
    }

    /// Returns the active tool.
    pub(crate) fn active_tool(&self) -> u8 {
        self.tune.tool()
    }

    /// Returns whether X, Y and Z were homed since the motors were last let go of.
    pub(crate) fn homed(&self) -> [bool; 3] {
        self.homed
    }

    /// Returns the speed of the part fan that was set by hand after the file's last word on it, 0 to 255.
    pub(crate) fn fan(&self) -> Option<u8> {
        self.fan
    }

    /// Returns where the head can go, when the firmware tells it.
    pub(crate) fn area(&self) -> Option<Area> {
        self.tune.area()
    }

    /// Returns what is told of work by hand. `waiting`: lines that still wait to be sent.
    pub(crate) fn report(&self, facts: &Facts<'_>, waiting: usize) -> Tools {
        let rest = self.height.report(facts, self.dials.report());
        let position = facts.machine.position();
        Tools {
            homed: self.homed,
            position_mm: position.map(|[x, y, z, _]| [x, y, z]),
            pause_at: self.pause_at,
            pause_text: self.pause_text.clone(),
            prompt: self.prompts.open().cloned(),
            mesh: self.mesh.clone(),
            waiting: waiting as u32,
            ..self.tune.report(rest)
        }
    }

    /// Does something by hand. What cannot be done is refused with a text.
    pub(crate) fn handle_tool(&mut self, tool: Tool, facts: &Facts<'_>, out: &mut Out) {
        if facts.is_up_for(OrderKind::Tool, out)
            && let Err((reason, why)) = self.try_tool(tool, facts, out)
        {
            out.refuse(OrderKind::Tool, reason, &why);
        }
    }

    fn try_tool(&mut self, tool: Tool, facts: &Facts<'_>, out: &mut Out) -> Result<(), Refused> {
        match tool {
            Tool::Jog { x, y, z, .. } => {
                need_no_print(facts)?;
                send(self.jog([x, y, z], facts)?, out);
            }
            Tool::LevelPoint { x, y } => {
                need_no_print(facts)?;
                send(level_point([x, y], self.homed, facts.machine.position())?, out);
            }
            Tool::MotorsOff => {
                need_no_print(facts)?;
                send(["M84"], out);
            }
            Tool::Extrude { mm, mm_per_s } => {
                need_standing(facts)?;
                need_hot(facts)?;
                let feed = num(mm_per_s * 60.0);
                send(["M83".into(), format!("G1 E{} F{feed}", num(mm)), "M82".into()], out);
            }
            Tool::SelectTool { tool } => {
                need_no_print(facts)?;
                send([format!("T{tool}")], out);
            }
            Tool::Fan { percent } => self.dials.order_fan(percent, out),
            Tool::Speed { percent } => self.dials.order(Asked::Speed, percent, facts, out),
            Tool::Flow { percent } => self.dials.order(Asked::Flow, percent, facts, out),
            Tool::BabyStep { mm } => {
                let refused =
                    if self.height.has_no_baby_steps() { Reason::NotSupported } else { Reason::OutOfRange };
                self.height.refuses(mm).map_or(Ok(()), |why| Err((refused, why)))?;
                send([format!("M290 Z{}", num(mm))], out);
            }
            Tool::SaveZ { .. } => {
                need_no_print(facts)?;
                self.height.save(facts, out).map_err(|why| (Reason::NotSupported, why))?;
            }
            Tool::PauseAt { at } => {
                if facts.print.is_none() {
                    return Err((Reason::NoPrint, "nothing is being printed".into()));
                }
                if facts.on_card() {
                    let why = "where a print from the card is, is known by bytes only: pause it yourself";
                    return Err((Reason::NotSupported, why.into()));
                }
                self.pause_at = at;
            }
            Tool::Answer { button } => self.prompts.answer(button, facts, out),
            Tool::Lines(lines) => send(lines, out),
            // The print itself sees to these; the hub has checked the others and made lines of them.
            Tool::CancelObject { .. } | Tool::KeepObject { .. } | Tool::Send { .. } | Tool::Macro { .. } => {
                return Err((Reason::BadLine, "this line was not checked".into()));
            }
            Tool::ReadMesh => {
                need_no_print(facts)?;
                send(["M420 V"], out);
            }
            Tool::ProbeMesh => {
                need_no_print(facts)?;
                send(["G28", "G29", "M420 V"], out);
            }
        }
        Ok(())
    }

    /// Returns the lines of a move by hand, cut to where the head can go.
    fn jog(&self, mut by: [f64; 3], facts: &Facts<'_>) -> Result<Vec<String>, Refused> {
        for (i, mm) in by.iter_mut().enumerate().filter(|(_, mm)| **mm != 0.0) {
            // Before homing nobody knows where the end is.
            if let (Some(at), Some(area), true) = (facts.machine.position(), self.tune.area(), self.homed[i])
            {
                let least = (area.min[i] - at[i]).min(0.0);
                let most = (area.max[i] - at[i]).max(0.0);
                *mm = mm.clamp(least, most);
            }
        }
        if by.iter().all(|mm| mm.abs() < 0.001) {
            return Err((Reason::OutOfRange, "the head is at the end of its way there".into()));
        }
        let feed = if by[2].abs() < 0.001 { FEED_XY } else { FEED_Z };
        let words = ["X", "Y", "Z"].iter().zip(by).filter(|(_, mm)| mm.abs() >= 0.001);
        let words: String = words.map(|(axis, mm)| format!(" {axis}{}", num(mm))).collect();
        Ok(vec!["G91".into(), format!("G1{words} F{}", num(feed)), "G90".into(), "M114".into()])
    }

    /// Lines of the file go out, and this one is next. Returns whether the print pauses before it, since a person wanted
    /// it.
    pub(crate) fn pauses_before(&mut self, next: Option<&ProgramLine>, out: &mut Out) -> bool {
        self.pause_text.clear();
        let (Some(at), Some(line)) = (self.pause_at, next) else { return false };
        self.pause_text = match at {
            PauseAt::Layer(layer) if line.layer_idx.is_some_and(|idx| idx >= layer) => {
                format!("Paused at the beginning of layer {}, as you asked.", layer.saturating_add(1))
            }
            PauseAt::Height(z) if line.after.extruding && line.after.z >= z - 0.001 => {
                format!("Paused at a height of {} mm, as you asked.", num(line.after.z))
            }
            PauseAt::Layer(_) | PauseAt::Height(_) => return false,
        };
        self.pause_at = None;
        out.ask(Message::Pause(Initiator::Person));
        true
    }

    /// The file asked for a pause with these words.
    pub(crate) fn on_file_pause(&mut self, line: &str) {
        let (_, words) = domain::cut(line);
        let is_time =
            |word: &&str| word.len() > 1 && word[1..].parse::<f64>().is_ok() && word.starts_with(['S', 'P']);
        let words: Vec<&str> = words.split_ascii_whitespace().filter(|word| !is_time(word)).collect();
        self.pause_text = match words.as_slice() {
            [] => "The file asks for a pause.".to_owned(),
            words => format!("The file says: {}", plain(&words.join(" "), 120)),
        };
    }

    /// Sets what the pause is shown to be for.
    pub(crate) fn set_pause_text(&mut self, text: &str) {
        text.clone_into(&mut self.pause_text);
    }

    /// A line was acknowledged, whoever sent it.
    pub(crate) fn on_acknowledged(&mut self, text: &str, tag: &Tag, facts: &Facts<'_>, out: &mut Out) {
        let Some(command) = Command::of(text) else { return };
        let of_file = matches!(tag, Tag::Program(_));
        self.dials.on_acknowledged(&command, if of_file { DialSource::File } else { DialSource::Here });
        self.height.on_acknowledged(&command);
        let named = ['X', 'Y', 'Z'].map(|axis| command.has(axis));
        let all = named == [false; 3];
        match command.code() {
            ('G', 28) => {
                for (homed, named) in self.homed.iter_mut().zip(named) {
                    *homed |= named || all;
                }
                if facts.print.is_none() {
                    out.line("M114", Tag::Side);
                }
            }
            ('M', 84 | 18) if !command.has('S') => {
                let only_e = all && command.has('E');
                for (homed, named) in self.homed.iter_mut().zip(named) {
                    *homed &= !(named || all) || only_e;
                }
            }
            ('G', _) => (),
            _ => self.tune.on_acknowledged(&command),
        }
    }

    /// A line that a person sent was acknowledged: what it did to the part fan outlasts a pause.
    pub(crate) fn on_side_acknowledged(&mut self, text: &str) {
        self.fan = Command::of(text).as_ref().and_then(part_fan).or(self.fan);
    }

    /// A line of the file was acknowledged: from here on the file rules the part fan again.
    pub(crate) fn on_program_acknowledged(&mut self, text: &str) {
        if Command::of(text).as_ref().and_then(part_fan).is_some() {
            self.fan = None;
        }
    }

    /// A question for a dial was acknowledged.
    pub(crate) fn on_dial_answered(&mut self, asked: Asked) {
        self.dials.on_answered(asked);
    }

    /// A step of saving the nozzle's height was acknowledged.
    pub(crate) fn on_save_acknowledged(&mut self, facts: &Facts<'_>, out: &mut Out) {
        // What it calls the height has changed under the head.
        self.homed[2] &= !self.height.on_save_acknowledged(facts, out);
    }

    /// A line goes out.
    pub(crate) fn on_sent(&mut self, text: &str, tag: &Tag) {
        self.height.on_sent(text);
        if let Tag::Dial(asked) = tag {
            self.dials.on_sent(*asked);
        }
    }

    /// Returns the question for a dial, when it is due.
    pub(crate) fn poll_transmit(&mut self, facts: &Facts<'_>) -> Option<(String, Tag)> {
        self.dials.poll_transmit(facts)
    }

    /// Returns when it has something to ask, as long as lines may go out.
    pub(crate) fn poll_transmit_timeout(&self, facts: &Facts<'_>) -> Option<Millis> {
        self.dials.poll_transmit_timeout(facts)
    }

    /// A change of filament was acknowledged. Some firmwares that know none say nothing but `ok`, and at once.
    pub(crate) fn on_change_acknowledged(
        &mut self,
        text: &str,
        waited_ms: Millis,
        facts: &Facts<'_>,
        out: &mut Out,
    ) {
        let by_firmware = facts.print.is_some_and(|print| print.paused_by_firmware);
        if text.starts_with("M600") && waited_ms < CHANGE_MS && !self.filament_told && !by_firmware {
            self.pause_for_filament(out);
        }
    }

    /// It would print on without new filament.
    fn pause_for_filament(&mut self, out: &mut Out) {
        self.pause_text =
            "The file asks for a filament change, which this printer cannot do by itself.".into();
        out.ask(Message::PauseIfPrinting(Initiator::Printer));
    }

    /// Takes what a line from the printer tells of work by hand. Returns the number of tools, when it tells that.
    pub(crate) fn on_line(&mut self, line: &str, facts: &Facts<'_>, out: &mut Out) -> Option<u8> {
        self.mesh = self.mesh_reader.on_line(line).or(self.mesh.take());
        let bare = line.trim().trim_start_matches("echo:").trim_start();
        self.dials.on_line(bare);
        self.height.on_line(bare);
        let tool_count = self.tune.on_line(bare);
        let unknown = line.to_ascii_lowercase().contains("unknown command");
        if unknown {
            self.dials.on_unknown(line);
        }
        if unknown && line.contains("\"M290") {
            self.height.no_baby_steps();
        }
        if unknown && line.contains("\"M600") && facts.waits_for_person() {
            self.pause_for_filament(out);
        }
        tool_count
    }

    /// Takes the words of an action, if it is about a question.
    pub(crate) fn on_action(&mut self, word: &str, rest: &str) {
        self.prompts.on_action(word, rest);
    }

    /// The firmware has paused by itself: it is told to go on.
    pub(crate) fn resume_at_printer(&mut self, facts: &Facts<'_>, out: &mut Out) {
        self.prompts.go_on(facts, out);
    }

    /// Says once that the printer waits for new filament.
    pub(crate) fn tell_filament_change(&mut self, text: &str, out: &mut Out) {
        if !std::mem::replace(&mut self.filament_told, true) {
            out.change(LinkChange::FilamentChange { text: text.to_owned() });
        }
    }

    /// The printer waits for new filament no more.
    pub(crate) fn filament_changed(&mut self) {
        self.filament_told = false;
    }
}

fn send<T: Into<String>>(lines: impl IntoIterator<Item = T>, out: &mut Out) {
    lines.into_iter().for_each(|line| out.line(line, Tag::Side));
}

fn need_no_print(facts: &Facts<'_>) -> Result<(), Refused> {
    match facts.print {
        None if facts.card_print_found => {
            Err((Reason::PrintUnderWay, "the printer prints from its card: wait for its end".into()))
        }
        Some(_) => Err((Reason::PrintUnderWay, "a print is under way: wait for its end or cancel it".into())),
        None => Ok(()),
    }
}

/// Nothing moves: no print, or one that is paused.
fn need_standing(facts: &Facts<'_>) -> Result<(), Refused> {
    match facts.print.is_some_and(|print| print.phase != JobPhase::Paused || print.paused_by_firmware) {
        true => Err((Reason::PrintUnderWay, "a print is under way: pause it first".into())),
        false => Ok(()),
    }
}

fn need_hot(facts: &Facts<'_>) -> Result<(), Refused> {
    let temperatures = facts.machine.temperatures();
    let of = |tool| temperatures.get(&Heater::Hotend(tool).key());
    match of(facts.tool).or_else(|| of(0)) {
        Some(t) if t.actual >= COLD_BELOW_C => Ok(()),
        Some(t) => {
            let why = "heat it to the filament's temperature first";
            Err((Reason::TooCold, format!("the nozzle is cold ({:.0} °C): {why}", t.actual)))
        }
        None => Err((Reason::TemperatureUnknown, "the printer does not tell how hot its nozzle is".into())),
    }
}
