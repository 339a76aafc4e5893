//! Work by hand: when it is done, and why not.

use crate::checks::{need_idle, need_link, need_link_or_halted, need_print};
use crate::facts::Facts;
use crate::refusal::refusal;
use domain::{
    Able, Busyness, COLD_BELOW_C, Heater, Judgement, ObjectState, PauseAt, PrintObject, PrinterState,
    Refusal, Sure, Tool, clean_command, expand_macro, judge,
};
use std::collections::BTreeMap;

/// The longest move by hand, mm.
const JOG_MAX_MM: f64 = 100.0;
/// Most filament pushed at once, mm.
const EXTRUDE_MAX_MM: f64 = 200.0;
/// The fastest that a hotend melts by hand, mm a second.
const EXTRUDE_MAX_MM_PER_S: f64 = 30.0;
/// No bed reaches farther from where its axes begin, mm.
const BED_MAX_MM: f64 = 1000.0;
/// The longest baby step, mm.
const BABY_MAX_MM: f64 = 0.2;

/// Checks what is asked by hand. Returns it as it goes to the printer's thread.
pub(crate) fn check_tool(tool: Tool, facts: &Facts<'_>) -> Result<Tool, Refusal> {
    // The printer's thread knows which lines help a firmware that has stopped.
    let reachable =
        if matches!(tool, Tool::Send { .. }) { need_link_or_halted(facts) } else { need_link(facts) };
    reachable?;
    match tool {
        Tool::Jog { x, y, z, sure } => {
            let paused = "Moving now would make it impossible to resume the print.";
            need_idle(facts, "move by hand", paused)?;
            check_jog([x, y, z], sure, facts)?;
        }
        Tool::LevelPoint { x, y } => check_level_point([x, y], facts)?,
        Tool::MotorsOff | Tool::ProbeMesh | Tool::ReadMesh => need_idle(facts, "do that", "")?,
        Tool::SelectTool { tool: number } => {
            need_idle(facts, "change its tool", "")?;
            let count = facts.tools().and_then(|told| told.tool_count).unwrap_or(16);
            within("the tool", f64::from(number), 0.0, f64::from(count) - 1.0, "")?;
        }
        Tool::Extrude { mm, mm_per_s } => check_extrude(mm, mm_per_s, facts)?,
        Tool::Fan { percent } => check_tuned("the fan", percent, 0, 100, facts)?,
        Tool::Speed { percent } => check_tuned("the speed", percent, 10, 300, facts)?,
        Tool::Flow { percent } => check_tuned("the flow", percent, 50, 200, facts)?,
        Tool::BabyStep { mm } => check_baby_step(mm, facts)?,
        Tool::SaveZ { sure } => check_save_z(sure, facts)?,
        Tool::CancelObject { object, sure } => check_cancel_object(object, sure, facts)?,
        Tool::KeepObject { object } => drop(check_object(object, facts)?),
        Tool::PauseAt { at } => check_pause_at(at, facts)?,
        Tool::Answer { button } => check_answer(button, facts)?,
        Tool::Send { line, sure } => {
            let line = clean_command(&line).map_err(|why| refusal("bad_line", why, "Correct the line."))?;
            check_line(&line, sure, facts)?;
            return Ok(Tool::Lines(vec![line]));
        }
        Tool::Macro { name, body, sure } => {
            need_idle(facts, "run a macro", "")?;
            return Ok(Tool::Lines(macro_lines(&name, &body, sure, facts)?));
        }
        // Made here only.
        Tool::Lines(_) => {
            return Err(refusal("bad_line", "lines are not taken unchecked", "Send them one by one."));
        }
    }
    Ok(tool)
}

fn check_answer(button: u8, facts: &Facts<'_>) -> Result<(), Refusal> {
    let prompt = facts.tools().and_then(|told| told.prompt.as_ref());
    if prompt.is_none_or(|prompt| usize::from(button) >= prompt.buttons.len()) {
        return Err(refusal("no_question", "the printer asks nothing", "There is nothing to answer."));
    }
    Ok(())
}

fn check_jog(by: [f64; 3], sure: Sure, facts: &Facts<'_>) -> Result<(), Refusal> {
    for mm in by {
        within("a move", mm, -JOG_MAX_MM, JOG_MAX_MM, " mm")?;
    }
    if by == [0.0; 3] {
        return Err(refusal("out_of_range", "this move leads nowhere", "Choose an axis and a step."));
    }
    let homed = facts.tools().map_or([false; 3], |told| told.homed);
    let blind = by.iter().zip(homed).any(|(mm, homed)| *mm != 0.0 && !homed);
    if let Some(agent) = facts.settings.agent.as_ref().filter(|_| sure == Sure::Ask) {
        return Err(refusal(
            "confirm",
            format!(
                "{} does not tell whether the printer was homed, so it may run against its end",
                agent.host()
            ),
            "Home it first; or move it by small steps, with your eyes on it.",
        ));
    }
    if blind && sure == Sure::Ask {
        return Err(refusal(
            "confirm",
            "the printer was not homed, so it does not know where its head is and cannot stop at the end of its way",
            "Home it first; or move it by small steps, with your eyes on it.",
        ));
    }
    Ok(())
}

fn check_level_point(at: [f64; 2], facts: &Facts<'_>) -> Result<(), Refusal> {
    need_idle(facts, "level its bed", "Moving now would make it impossible to resume the print.")?;
    if facts.tools().is_none_or(|told| told.homed != [true; 3]) {
        let message = "the printer was not homed, so it does not know how high its nozzle is";
        return Err(refusal("not_homed", message, "Home all axes first."));
    }
    let area = facts.tools().and_then(|told| told.area);
    for (axis, mm) in at.into_iter().enumerate() {
        // Where the firmware does not tell its size: no more than that a number is sensible.
        let (min, max) = area.map_or((-BED_MAX_MM, BED_MAX_MM), |area| (area.min[axis], area.max[axis]));
        within("a point of the bed", mm, min, max, " mm")?;
    }
    Ok(())
}

fn check_extrude(mm: f64, mm_per_s: f64, facts: &Facts<'_>) -> Result<(), Refusal> {
    if facts.state() != PrinterState::Paused {
        need_idle(facts, "push filament by hand", "")?;
    }
    within("the length", mm, -EXTRUDE_MAX_MM, EXTRUDE_MAX_MM, " mm")?;
    within("the speed", mm_per_s, 0.1, EXTRUDE_MAX_MM_PER_S, " mm a second")?;
    let tool = facts.tools().map_or(0, |told| told.tool);
    let known = facts.report().map(|report| &report.temperatures);
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
fn check_tuned(what: &str, percent: u16, min: u16, max: u16, facts: &Facts<'_>) -> Result<(), Refusal> {
    within(what, f64::from(percent), f64::from(min), f64::from(max), " %")?;
    if matches!(facts.state(), PrinterState::Cancelling | PrinterState::Finishing) {
        return Err(refusal("busy", "the print is ending", "Wait until it says Ready."));
    }
    Ok(())
}

fn check_baby_step(mm: f64, facts: &Facts<'_>) -> Result<(), Refusal> {
    within("a step", mm, -BABY_MAX_MM, BABY_MAX_MM, " mm")?;
    if facts.tools().is_some_and(|told| told.baby == Able::No) {
        return Err(refusal(
            "not_supported",
            "this printer's firmware cannot shift the nozzle while it prints",
            "Level the bed instead, or set the height at the printer's display.",
        ));
    }
    if matches!(facts.state(), PrinterState::Heating | PrinterState::Printing) {
        return Ok(());
    }
    need_idle(facts, "shift its nozzle", "")
}

fn check_save_z(sure: Sure, facts: &Facts<'_>) -> Result<(), Refusal> {
    need_idle(facts, "save the nozzle's height", "It can be saved when the print has ended.")?;
    let known = facts.tools().cloned().unwrap_or_default();
    if !known.z_offset.cannot_save.is_empty() {
        return Err(refusal("not_supported", known.z_offset.cannot_save, ""));
    }
    if known.baby_mm == 0.0 {
        let message = "the nozzle was not shifted, so there is nothing to save";
        return Err(refusal(
            "out_of_range",
            message,
            "Shift it while the first layer is printed, then save.",
        ));
    }
    if sure == Sure::Ask {
        let message = format!(
            "the shift of {:+.2} mm becomes the printer's own Z offset. Its command for that (M500) stores all other settings \
             that it has now as well, also those that were changed and not stored",
            known.baby_mm
        );
        return Err(refusal(
            "confirm",
            message,
            "The printer counts as not homed afterwards: each print homes it anyway.",
        ));
    }
    Ok(())
}

/// Returns the object of the print under way.
fn check_object<'a>(object: u32, facts: &Facts<'a>) -> Result<&'a PrintObject, Refusal> {
    need_print(facts)?;
    if matches!(facts.state(), PrinterState::Cancelling | PrinterState::Finishing) {
        return Err(refusal("busy", "the print is ending", ""));
    }
    let tools = facts.tools();
    if let Some(why) = tools.map(|told| &told.objects_unfit).filter(|why| !why.is_empty()) {
        return Err(refusal("not_supported", why, ""));
    }
    let found = tools.and_then(|told| told.objects.get(object as usize));
    found.ok_or_else(|| {
        let hint = "Slice it again with \"Label objects\" switched on.";
        refusal("unknown_object", "the file of this print labels no such object", hint)
    })
}

fn check_cancel_object(object: u32, sure: Sure, facts: &Facts<'_>) -> Result<(), Refusal> {
    let found = check_object(object, facts)?;
    match found.state {
        ObjectState::Cancelled | ObjectState::LeftOut => {
            Err(refusal("out_of_range", format!("{} is left out already", found.name), ""))
        }
        ObjectState::Kept | ObjectState::Printing if sure == Sure::Ask => Err(refusal(
            "confirm",
            format!("{} is left out from here on, and the print goes on with the rest", found.name),
            "It cannot be taken back once something of it was left out. What is printed of it stays on the bed.",
        )),
        ObjectState::Kept | ObjectState::Printing => Ok(()),
    }
}

fn check_pause_at(at: Option<PauseAt>, facts: &Facts<'_>) -> Result<(), Refusal> {
    need_print(facts)?;
    let job = facts.report().and_then(|report| report.job.as_ref());
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
            within("the height", z, 0.05, facts.settings.max_z_mm, " mm")?;
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

fn check_line(line: &str, sure: Sure, facts: &Facts<'_>) -> Result<(), Refusal> {
    let printing = !facts.is_at_rest();
    let busyness = if printing { Busyness::Printing } else { Busyness::Idle };
    match judge(line, busyness) {
        Judgement::Fine => Ok(()),
        Judgement::Ask(_) if sure == Sure::Yes => Ok(()),
        Judgement::Ask(text) => Err(refusal("confirm", text, "Send it all the same?")),
        Judgement::Refuse(why) => Err(refusal("not_sent", format!("{line} was not sent: {why}"), "")),
    }
}

fn macro_lines(name: &str, body: &str, sure: Sure, facts: &Facts<'_>) -> Result<Vec<String>, Refusal> {
    let fault =
        |why: String| refusal("bad_macro", format!("{name} was not run: {why}"), "Correct the macro.");
    let target = |heater: &str| {
        let report = facts.report()?;
        report.temperatures.get(heater).and_then(|t| t.target)
    };
    let max = |axis: usize| facts.tools().and_then(|told| told.area).map(|area| area.max[axis]);
    let values = BTreeMap::from([
        ("bed_temp", target("bed")),
        ("nozzle_temp", target("tool0")),
        ("x_max", max(0)),
        ("y_max", max(1)),
        ("z_max", max(2).or(Some(facts.settings.max_z_mm))),
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

fn within(what: &str, value: f64, min: f64, max: f64, unit: &str) -> Result<(), Refusal> {
    // A NaN lies in no range.
    if (min..=max).contains(&value) {
        return Ok(());
    }
    let message = format!("{what} must be {min} to {max}{unit}, not {value}");
    Err(refusal("out_of_range", message, "Choose a value within the range."))
}
