//! Work by hand: when it is done, and why not.

use crate::outlet::{Outlet, refusal};
use crate::watch::PrintWatch;
use domain::{
    Able, Answer, Busyness, COLD_BELOW_C, DotState, Heater, Judgement, Order, PauseAt, PrinterReport,
    PrinterState, Refusal, Sure, Tool, Tools, clean_command, expand_macro, judge,
};
use std::collections::BTreeMap;

/// The longest move by hand, mm.
const JOG_MAX_MM: f64 = 100.0;
/// Most filament pushed at once, mm.
const EXTRUDE_MAX_MM: f64 = 200.0;
/// The fastest that a hotend melts by hand, mm a second.
const EXTRUDE_MAX_MM_PER_S: f64 = 30.0;
/// The longest baby step, mm.
const BABY_MAX_MM: f64 = 0.2;
/// From so many resends per 100 lines the cable is worth a look.
const NOISY_PERCENT: f64 = 1.0;
/// With fewer lines than this a share says nothing.
const FEW_LINES: u64 = 100;

impl PrintWatch {
    pub(crate) fn ask_tool(&mut self, tool: Tool, out: &mut Outlet<'_>) -> Answer {
        self.need_link()?;
        let order = match tool {
            Tool::Jog { x, y, z, sure } => {
                self.need_idle("move by hand", "Moving now would make it impossible to resume the print.")?;
                self.check_jog([x, y, z], sure)?;
                tool
            }
            Tool::MotorsOff | Tool::ProbeMesh | Tool::ReadMesh => {
                self.need_idle("do that", "")?;
                tool
            }
            Tool::SelectTool { tool: number } => {
                self.need_idle("change its tool", "")?;
                let count = self.told().and_then(|told| told.tool_count).unwrap_or(16);
                within("the tool", f64::from(number), 0.0, f64::from(count) - 1.0, "")?;
                tool
            }
            Tool::Extrude { mm, mm_per_s } => {
                self.check_extrude(mm, mm_per_s)?;
                tool
            }
            Tool::Fan { percent } => self.tuned(tool, "the fan", percent, 0, 100)?,
            Tool::Speed { percent } => self.tuned(tool, "the speed", percent, 10, 300)?,
            Tool::Flow { percent } => self.tuned(tool, "the flow", percent, 50, 200)?,
            Tool::BabyStep { mm } => {
                self.check_baby_step(mm)?;
                tool
            }
            Tool::PauseAt { at } => {
                self.check_pause_at(at)?;
                tool
            }
            Tool::Answer { button } => {
                let prompt = self.told().and_then(|told| told.prompt.as_ref());
                if prompt.is_none_or(|prompt| usize::from(button) >= prompt.buttons.len()) {
                    return Err(refusal(
                        "no_question",
                        "the printer asks nothing",
                        "There is nothing to answer.",
                    ));
                }
                tool
            }
            Tool::Send { line, sure } => {
                let line =
                    clean_command(&line).map_err(|why| refusal("bad_line", why, "Correct the line."))?;
                self.check_line(&line, sure)?;
                Tool::Lines(vec![line])
            }
            Tool::Macro { name, body, sure } => {
                self.need_idle("run a macro", "")?;
                Tool::Lines(self.macro_lines(&name, &body, sure)?)
            }
            // Made here only.
            Tool::Lines(_) => {
                return Err(refusal("bad_line", "lines are not taken unchecked", "Send them one by one."));
            }
        };
        if matches!(order, Tool::Extrude { .. }) {
            // Somebody works at the hotend: its countdown begins anew.
            self.heat_was_set(Heater::Hotend(0), out.now);
        }
        out.order(self, Order::Tool(order));
        Ok(self.print_id())
    }

    /// Returns the dot of a link that is up: how good it is.
    pub(crate) fn link_up_words(&self, words: String) -> (DotState, String, &'static str) {
        match self.report.as_deref().map(link_quality) {
            None => (DotState::Ok, words, ""),
            Some((quality, _)) if quality.is_empty() => (DotState::Ok, words, ""),
            Some((quality, false)) => (DotState::Ok, format!("{words}. The link is {quality}."), ""),
            Some((quality, true)) => (
                DotState::Attention,
                format!("{words}. The link is {quality}."),
                "Use a short USB cable with a shield, away from motors and mains, and no hub.",
            ),
        }
    }

    fn told(&self) -> Option<&Tools> {
        self.report.as_ref().map(|report| &report.tools)
    }

    /// Refuses while a print is under way; `paused` is said when it stands still.
    fn need_idle(&self, what: &str, paused: &str) -> Result<(), Refusal> {
        if self.running.is_none() && self.starting.is_none() && self.state() == PrinterState::Operational {
            return Ok(());
        }
        let hint = match self.state() {
            PrinterState::Paused if !paused.is_empty() => paused,
            PrinterState::Paused => "Resume the print and wait for its end, or cancel it.",
            PrinterState::Offline
            | PrinterState::Connecting
            | PrinterState::Operational
            | PrinterState::Heating
            | PrinterState::Printing
            | PrinterState::Pausing
            | PrinterState::Resuming
            | PrinterState::Cancelling
            | PrinterState::Finishing
            | PrinterState::LinkLost
            | PrinterState::Halted => "Wait until it says Ready.",
        };
        let message = format!("the printer cannot {what} while it says {}", self.state().word());
        Err(refusal("busy", message, hint))
    }

    fn check_jog(&self, by: [f64; 3], sure: Sure) -> Result<(), Refusal> {
        for mm in by {
            within("a move", mm, -JOG_MAX_MM, JOG_MAX_MM, " mm")?;
        }
        if by == [0.0; 3] {
            return Err(refusal("out_of_range", "this move leads nowhere", "Choose an axis and a step."));
        }
        let homed = self.told().map_or([false; 3], |told| told.homed);
        let blind = by.iter().zip(homed).any(|(mm, homed)| *mm != 0.0 && !homed);
        if blind && sure == Sure::Ask {
            return Err(refusal(
                "confirm",
                "the printer was not homed, so it does not know where its head is and cannot stop at the end of its way",
                "Home it first; or move it by small steps, with your eyes on it.",
            ));
        }
        Ok(())
    }

    fn check_extrude(&self, mm: f64, mm_per_s: f64) -> Result<(), Refusal> {
        if self.state() != PrinterState::Paused {
            self.need_idle("push filament by hand", "")?;
        }
        within("the length", mm, -EXTRUDE_MAX_MM, EXTRUDE_MAX_MM, " mm")?;
        within("the speed", mm_per_s, 0.1, EXTRUDE_MAX_MM_PER_S, " mm a second")?;
        let tool = self.told().map_or(0, |told| told.tool);
        let known = self.report.as_ref().map(|report| &report.temperatures);
        let known = known.and_then(|all| all.get(&Heater::Hotend(tool).key()).or_else(|| all.get("tool0")));
        match known {
            Some(t) if t.actual >= COLD_BELOW_C => Ok(()),
            Some(t) => Err(refusal(
                "cold",
                format!("the nozzle is cold ({:.0} °C): filament would be ground, not pushed", t.actual),
                "Heat it to the temperature of the filament first.",
            )),
            None => Err(refusal("cold", "the printer does not tell how hot its nozzle is", "Wait a moment.")),
        }
    }

    /// Checks a value that may change in mid-print.
    fn tuned(&self, tool: Tool, what: &str, percent: u16, min: u16, max: u16) -> Result<Tool, Refusal> {
        within(what, f64::from(percent), f64::from(min), f64::from(max), " %")?;
        if matches!(self.state(), PrinterState::Cancelling | PrinterState::Finishing) {
            return Err(refusal("busy", "the print is ending", "Wait until it says Ready."));
        }
        Ok(tool)
    }

    fn check_baby_step(&self, mm: f64) -> Result<(), Refusal> {
        within("a step", mm, -BABY_MAX_MM, BABY_MAX_MM, " mm")?;
        if self.told().is_some_and(|told| told.baby == Able::No) {
            return Err(refusal(
                "not_supported",
                "this printer's firmware cannot shift the nozzle while it prints",
                "Level the bed instead, or set the height at the printer's display.",
            ));
        }
        if matches!(self.state(), PrinterState::Heating | PrinterState::Printing) {
            return Ok(());
        }
        self.need_idle("shift its nozzle", "")
    }

    fn check_pause_at(&self, at: Option<PauseAt>) -> Result<(), Refusal> {
        self.need_print()?;
        let job = self.report.as_ref().and_then(|report| report.job.as_ref());
        let past = match at {
            None => return Ok(()),
            Some(PauseAt::Layer(layer)) => {
                if let Some(layers) = job.and_then(|job| job.layers).filter(|layers| layer >= *layers) {
                    let message = format!("the file has {layers} layers");
                    return Err(refusal("out_of_range", message, "Choose one of them."));
                }
                layer == 0 || job.and_then(|job| job.layer_idx).is_some_and(|now| layer <= now)
            }
            Some(PauseAt::Height(z)) => {
                within("the height", z, 0.05, self.settings.max_z_mm, " mm")?;
                job.and_then(|job| job.layer_idx.and(job.z_mm)).is_some_and(|now| z <= now)
            }
        };
        if past {
            return Err(refusal(
                "out_of_range",
                "the print is there already, or past it",
                "Choose a later place.",
            ));
        }
        Ok(())
    }

    fn check_line(&self, line: &str, sure: Sure) -> Result<(), Refusal> {
        let printing = self.running.is_some() || self.starting.is_some() || self.state().has_print();
        let busyness = if printing { Busyness::Printing } else { Busyness::Idle };
        match judge(line, busyness) {
            Judgement::Fine => Ok(()),
            Judgement::Ask(_) if sure == Sure::Yes => Ok(()),
            Judgement::Ask(text) => Err(refusal("confirm", text, "Send it all the same?")),
            Judgement::Refuse(why) => Err(refusal("not_sent", format!("{line} was not sent: {why}"), "")),
        }
    }

    fn macro_lines(&self, name: &str, body: &str, sure: Sure) -> Result<Vec<String>, Refusal> {
        let fault =
            |why: String| refusal("bad_macro", format!("{name} was not run: {why}"), "Correct the macro.");
        let target = |heater: &str| {
            let report = self.report.as_ref()?;
            report.temperatures.get(heater).and_then(|t| t.target)
        };
        let max = |axis: usize| self.told().and_then(|told| told.area).map(|area| area.max[axis]);
        let values = BTreeMap::from([
            ("bed_temp", target("bed")),
            ("nozzle_temp", target("tool0")),
            ("x_max", max(0)),
            ("y_max", max(1)),
            ("z_max", max(2).or(Some(self.settings.max_z_mm))),
        ]);
        let lines = expand_macro(body, &values).map_err(fault)?;
        for line in &lines {
            match judge(line, Busyness::Idle) {
                Judgement::Fine => (),
                Judgement::Ask(_) if sure == Sure::Yes => (),
                Judgement::Ask(text) => return Err(refusal("confirm", text, "Run it all the same?")),
                Judgement::Refuse(why) => return Err(fault(format!("{line}: {why}"))),
            }
        }
        Ok(lines)
    }
}

/// Returns how good the link is, in words, and whether the cable is worth a look.
fn link_quality(report: &PrinterReport) -> (String, bool) {
    let (resends, lost, lines) = (report.resends, report.lost_answers, report.lines_sent);
    if lines < FEW_LINES {
        return (String::new(), false);
    }
    let percent = resends as f64 * 100.0 / lines as f64;
    // Each of these lets the print stand still for a moment: on the part that is a blob.
    let noisy = percent.max(lost as f64 * 100.0 / lines as f64) >= NOISY_PERCENT;
    let words = match resends {
        0 if noisy => format!("noisy: none of {lines} lines had to be sent again"),
        0 => format!("clean: none of {lines} lines had to be sent again"),
        _ if noisy => format!("noisy: {resends} of {lines} lines had to be sent again ({percent:.1} %)"),
        _ => format!("good: {resends} of {lines} lines had to be sent again"),
    };
    let words = match lost {
        0 => words,
        1 => format!("{words}; one answer was lost, which let the print stand still for a moment"),
        _ => {
            format!("{words}; {lost} answers were lost, each of which let the print stand still for a moment")
        }
    };
    (words, noisy)
}

fn within(what: &str, value: f64, min: f64, max: f64, unit: &str) -> Result<(), Refusal> {
    // A NaN lies in no range.
    if (min..=max).contains(&value) {
        return Ok(());
    }
    let message = format!("{what} must be {min} to {max}{unit}, not {value}");
    Err(refusal("out_of_range", message, "Choose a value within the range."))
}
