//! What a person does by hand, as lines; what was taken of it is remembered.

use crate::job::Job;
use crate::link::{Link, Tag};
use crate::mesh::MeshReader;
use crate::patience::{Class, class};
use crate::recipe::num;
use domain::{Able, COLD_BELOW_C, Heater, JobPhase, Millis, Now, PauseAt, Prompt, Tool, Tools};

/// Feed rates of moves by hand, mm a minute.
const FEED_XY: f64 = 3000.0;
const FEED_Z: f64 = 600.0;
/// No firmware changes filament in less time.
const CHANGE_MS: Millis = 2_000;
/// Further than this no baby step leads, in all.
const MOST_BABY_MM: f64 = 2.0;

/// What is known of work by hand.
#[derive(Debug, Default)]
pub(crate) struct Hand {
    pub(crate) told: Tools,
    /// A question that is not complete yet.
    pub(crate) asking: Option<Prompt>,
    pub(crate) mesh: MeshReader,
    /// Speed of the part fan that was set by hand after the file's last word on it, 0 to 255.
    pub(crate) fan: Option<u8>,
}

impl Hand {
    /// A print began or ended: what was set for it holds no more.
    pub(crate) fn job_changed(&mut self) {
        self.told.pause_at = None;
        self.told.pause_text.clear();
        self.fan = None;
    }
}

impl Link {
    /// Returns what is told of work by hand.
    pub(crate) fn tools_report(&self) -> Tools {
        let position_mm = self.position.map(|[x, y, z, _]| [x, y, z]);
        Tools { position_mm, waiting: self.side.len() as u32, ..self.tools.told.clone() }
    }

    /// Does something by hand. What cannot be done is refused with a text.
    pub(crate) fn tool(&mut self, tool: Tool, now: Now) {
        if !self.is_up() {
            return self.refuse("tool", "the printer is not connected: connect it first");
        }
        if let Err(why) = self.try_tool(tool, now) {
            self.refuse("tool", &why);
        }
    }

    fn try_tool(&mut self, tool: Tool, now: Now) -> Result<(), String> {
        match tool {
            Tool::Jog { x, y, z, .. } => {
                self.need_no_job()?;
                let lines = self.jog([x, y, z])?;
                self.say_lines(lines);
            }
            Tool::MotorsOff => {
                self.need_no_job()?;
                self.say_lines(["M84"]);
            }
            Tool::Extrude { mm, mm_per_s } => {
                self.need_standing()?;
                self.need_hot()?;
                let feed = num(mm_per_s * 60.0);
                self.say_lines(["M83".into(), format!("G1 E{} F{feed}", num(mm)), "M82".into()]);
            }
            Tool::SelectTool { tool } => {
                self.need_no_job()?;
                self.say_lines([format!("T{tool}")]);
            }
            Tool::Fan { percent: 0 } => self.say_lines(["M107"]),
            Tool::Fan { percent } => {
                let speed = (f64::from(percent.min(100)) * 2.55).round();
                self.say_lines([format!("M106 S{}", num(speed))]);
            }
            Tool::Speed { percent } => self.say_lines([format!("M220 S{percent}"), "M220".into()]),
            Tool::Flow { percent } => self.say_lines([format!("M221 S{percent}"), "M221".into()]),
            Tool::BabyStep { mm } => self.baby_step(mm)?,
            Tool::PauseAt { at } => {
                if self.job.is_none() {
                    return Err("nothing is being printed".into());
                }
                if self.on_card() {
                    return Err(
                        "where a print from the card is, is known by bytes only: pause it yourself".into()
                    );
                }
                self.tools.told.pause_at = at;
            }
            Tool::Answer { button } => self.answer_prompt(button, now),
            Tool::Lines(lines) => self.say_lines(lines),
            // The hub has checked it and made lines of it.
            Tool::Send { .. } | Tool::Macro { .. } => return Err("this line was not checked".into()),
            Tool::ReadMesh => {
                self.need_no_job()?;
                self.say_lines(["M420 V"]);
            }
            Tool::ProbeMesh => {
                self.need_no_job()?;
                self.say_lines(["G28", "G29", "M420 V"]);
            }
        }
        Ok(())
    }

    fn say_lines<T: Into<String>>(&mut self, lines: impl IntoIterator<Item = T>) {
        self.side.extend(lines.into_iter().map(|line| (line.into(), Tag::Side)));
    }

    fn need_no_job(&self) -> Result<(), String> {
        match self.job {
            None if self.card.print.found => Err("the printer prints from its card: wait for its end".into()),
            Some(_) => Err("a print is under way: wait for its end or cancel it".into()),
            None => Ok(()),
        }
    }

    /// Nothing moves: no print, or one that is paused.
    fn need_standing(&self) -> Result<(), String> {
        let moving = |job: &Job| job.phase != JobPhase::Paused || job.paused_by_firmware;
        match self.job.as_ref().is_some_and(moving) {
            true => Err("a print is under way: pause it first".into()),
            false => Ok(()),
        }
    }

    fn need_hot(&self) -> Result<(), String> {
        let heater = Heater::Hotend(self.tools.told.tool);
        let known = self.known.get(&heater.key()).or_else(|| self.known.get(&Heater::Hotend(0).key()));
        match known {
            Some(t) if t.actual >= COLD_BELOW_C => Ok(()),
            Some(t) => Err(format!(
                "the nozzle is cold ({:.0} °C): heat it to the filament's temperature first",
                t.actual
            )),
            None => Err("the printer does not tell how hot its nozzle is".into()),
        }
    }

    /// Returns the lines of a move by hand, cut to where the head can go.
    fn jog(&self, by: [f64; 3]) -> Result<Vec<String>, String> {
        let told = &self.tools.told;
        let mut by = by;
        for (i, mm) in by.iter_mut().enumerate().filter(|(_, mm)| **mm != 0.0) {
            // Before homing nobody knows where the end is.
            if let (Some(at), Some(area), true) = (self.position, told.area, told.homed[i]) {
                let least = (area.min[i] - at[i]).min(0.0);
                let most = (area.max[i] - at[i]).max(0.0);
                *mm = mm.clamp(least, most);
            }
        }
        if by.iter().all(|mm| mm.abs() < 0.001) {
            return Err("the head is at the end of its way there".into());
        }
        let feed = if by[2].abs() < 0.001 { FEED_XY } else { FEED_Z };
        let words = ["X", "Y", "Z"].iter().zip(by).filter(|(_, mm)| mm.abs() >= 0.001);
        let words: String = words.map(|(axis, mm)| format!(" {axis}{}", num(mm))).collect();
        Ok(vec!["G91".into(), format!("G1{words} F{}", num(feed)), "G90".into(), "M114".into()])
    }

    fn baby_step(&mut self, mm: f64) -> Result<(), String> {
        if self.tools.told.baby == Able::No {
            return Err("this printer's firmware cannot shift the nozzle while it prints (no M290)".into());
        }
        if (self.tools.told.baby_mm + mm).abs() > MOST_BABY_MM + 1e-6 {
            return Err(format!("that would be more than {MOST_BABY_MM} mm in all: level the bed instead"));
        }
        self.say_lines([format!("M290 Z{}", num(mm))]);
        Ok(())
    }

    /// Returns whether the print pauses before the next line of the file, since a person wanted it.
    pub(crate) fn pauses_here(&mut self, now: Now) -> bool {
        let Some(job) = self.job.as_ref().filter(|job| job.feeds()) else { return false };
        self.tools.told.pause_text.clear();
        let (Some(at), Some(line)) = (self.tools.told.pause_at, job.pending.front()) else { return false };
        let text = match at {
            PauseAt::Layer(layer) if line.layer_idx.is_some_and(|idx| idx >= layer) => {
                format!("Paused at the beginning of layer {}, as you asked.", layer.saturating_add(1))
            }
            PauseAt::Height(z) if line.after.extruding && line.after.z >= z - 0.001 => {
                format!("Paused at a height of {} mm, as you asked.", num(line.after.z))
            }
            PauseAt::Layer(_) | PauseAt::Height(_) => return false,
        };
        let recipe = self.recipe_of_job();
        self.pause(recipe, domain::Initiator::Person, now);
        self.tools.told.pause_at = None;
        self.tools.told.pause_text = text;
        true
    }

    /// The file asked for a pause with these words.
    pub(crate) fn file_said(&mut self, line: &str) {
        let (_, words) = domain::cut(line);
        let is_time =
            |word: &&str| word.len() > 1 && word[1..].parse::<f64>().is_ok() && word.starts_with(['S', 'P']);
        let words: Vec<&str> = words.split_ascii_whitespace().filter(|word| !is_time(word)).collect();
        self.tools.told.pause_text = match words.as_slice() {
            [] => "The file asks for a pause.".to_owned(),
            words => format!("The file says: {}", crate::prompt::plain(&words.join(" "), 120)),
        };
    }

    /// A line was taken by the printer, whoever sent it.
    pub(crate) fn hand_taken(&mut self, text: &str) {
        let (code, rest) = domain::cut(text);
        let axis = |letter: char| rest.split(' ').any(|word| word.starts_with(letter));
        let named = [axis('X'), axis('Y'), axis('Z')];
        let all = named == [false; 3];
        match code {
            "G28" => {
                for (homed, named) in self.tools.told.homed.iter_mut().zip(named) {
                    *homed |= named || all;
                }
                if self.job.is_none() {
                    self.side.push_back(("M114".into(), Tag::Side));
                }
            }
            "M84" | "M18" if !axis('S') => {
                let only_e = all && axis('E');
                for (homed, named) in self.tools.told.homed.iter_mut().zip(named) {
                    *homed &= !(named || all) || only_e;
                }
            }
            _ if code.starts_with('G') => (),
            _ => self.dial_taken(code, rest),
        }
    }

    /// Takes what a line from the printer tells of work by hand.
    pub(crate) fn hand_heard(&mut self, line: &str, now: Now) {
        if let Some(mesh) = self.tools.mesh.hear(line) {
            self.tools.told.mesh = Some(mesh);
        }
        self.dial_heard(line);
        let unknown = line.to_ascii_lowercase().contains("unknown command");
        if unknown && line.contains("\"M290") {
            self.tools.told.baby = Able::No;
        }
        let sent_change = self.wire.in_flight(now).is_some_and(|(text, _)| class(text) == Class::Person);
        if unknown && line.contains("\"M600") && sent_change {
            self.pause_for_filament(now);
        }
    }

    /// A change of filament was taken. Some firmwares that know none say nothing but `ok`, and at once.
    pub(crate) fn change_taken(&mut self, text: &str, waited_ms: Millis, now: Now) {
        let by_firmware = self.job.as_ref().is_some_and(|job| job.paused_by_firmware);
        if text.starts_with("M600") && waited_ms < CHANGE_MS && !self.filament_change && !by_firmware {
            self.pause_for_filament(now);
        }
    }

    /// It would print on without new filament.
    fn pause_for_filament(&mut self, now: Now) {
        let recipe = self.recipe_of_job();
        self.tools.told.pause_text =
            "The file asks for a filament change, which this printer cannot do by itself.".into();
        self.pause_if_printing(recipe, domain::Initiator::Printer, now);
    }
}
