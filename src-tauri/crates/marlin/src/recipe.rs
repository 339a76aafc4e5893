//! What is sent to pause, resume, cancel and finish: plain lists of steps, in `SAFETY.md`'s order.

use crate::program::Place;
use crate::saved::Saved;
use domain::{COLD_BELOW_C, Heater, PauseRecipe, PauseStep, Temperatures};

/// Height assumed of a machine that does not tell it, mm: that of the small ones.
pub(crate) const LOW_MACHINE_MM: f64 = 120.0;
/// A cancelled print leaves with these, mm.
const CANCEL_RETRACT_MM: f64 = 2.0;
const CANCEL_LIFT_MM: f64 = 5.0;

/// The step of a pause on the screen that says whether the heaters were read back.
pub(crate) const READ_BACK_TICK: usize = 6;

/// One step of a sequence. Each waits for the one before it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Step {
    /// Sends a line, once; done with its `ok`.
    Line(String, Moves),
    /// Asks with M114 for the position; goes on without one that does not come.
    Position,
    /// Asks with M105 for the temperatures; goes on without those that do not come.
    Heaters,
    /// Asks with M105 until these heaters are read back as off; goes on when some are not.
    ReadOff(Vec<Heater>),
    /// Asks with M105 and goes on only when the hotend is as hot as needed, unless no temperature can be read at all.
    Hot(Heater, f64),
    /// Asks with M27 until the printer reads no further from its card; if it does, it is told again to pause.
    CardStands,
    /// Ticks a step of the screen.
    Tick(usize),
    /// All that is needed is known: lays out the rest.
    Plan,
    /// The sequence is done.
    Done,
}

/// What a line does to what a pause has to give back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Moves {
    /// Nothing.
    Nothing,
    /// Filament pulled back so far, mm.
    Retracted(f64),
    /// Head lifted so far, mm.
    Lifted(f64),
    /// The filament is back.
    Unretracted,
    /// The head is above the part again.
    Back,
    /// The head is back at its height.
    Lowered,
}

fn line(text: impl Into<String>) -> Step {
    Step::Line(text.into(), Moves::Nothing)
}

/// Formats a length as G-code: at most five decimals, no needless zero.
pub(crate) fn num(value: f64) -> String {
    let text = format!("{value:.5}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.to_owned() }
}

/// Returns the line that sets a target without waiting.
pub(crate) fn target_line(heater: Heater, target_c: f64, many_tools: bool) -> String {
    let s = num(target_c);
    match heater {
        Heater::Hotend(n) if many_tools || n > 0 => format!("M104 T{n} S{s}"),
        Heater::Hotend(_) => format!("M104 S{s}"),
        Heater::Bed => format!("M140 S{s}"),
        Heater::Chamber => format!("M141 S{s}"),
    }
}

/// All lines of ours count in mm, whatever the file was at.
fn in_mm(place: &Place) -> Option<Step> {
    place.inches.then(|| line("G21"))
}

/// Returns how far the head may be lifted.
pub(crate) fn clamped_lift(wanted_mm: f64, z_mm: f64, max_z_mm: f64) -> f64 {
    wanted_mm.min(max_z_mm - z_mm).max(0.0)
}

/// Returns the steps on the screen while pausing.
pub(crate) fn pause_ticks(recipe: &PauseRecipe) -> Vec<PauseStep> {
    let step = |label: &str, detail: String| PauseStep { label: label.into(), detail, done: false };
    let heater =
        |name: &str, off: bool| if off { format!("{name} off") } else { format!("{name} stays hot") };
    vec![
        step("Moves ended", "what the printer held is done".into()),
        step("Place remembered", String::new()),
        step("Filament pulled back", format!("{} mm", num(recipe.retract_mm))),
        step("Head lifted", format!("{} mm up", num(recipe.lift_z_mm))),
        step("Motors stay on", "so that the place is kept".into()),
        step(
            "Heaters set",
            format!("{}, {}", heater("hotend", recipe.hotend_off), heater("bed", recipe.bed_off)),
        ),
        step("Read back", "the printer confirmed it".into()),
    ]
}

/// What is known of the machine when a sequence is laid out.
#[derive(Debug, Clone)]
pub(crate) struct Conditions {
    /// The active nozzle can push filament; `None`: its temperature is not known.
    pub(crate) nozzle_hot: Option<bool>,
    /// The head may be moved: it was homed, or the print has moved it already.
    pub(crate) may_move: bool,
    /// Where the head stops going up, mm.
    pub(crate) max_z_mm: f64,
    /// The lines that switch heaters off, with what they switch off.
    pub(crate) off: Vec<(String, Heater)>,
}

/// The first half of a pause: all moves end, and the printer tells where it is. `off` comes before all.
pub(crate) fn pause_begins(off: Vec<(String, Heater)>) -> Vec<Step> {
    let mut steps = off_steps(off);
    steps.extend([line("M400"), Step::Tick(0), Step::Position, Step::Heaters, Step::Plan]);
    steps
}

/// The second half: away from the part, and the heaters. `saved` says what is done already.
pub(crate) fn pause_rest(
    recipe: &PauseRecipe,
    saved: &Saved,
    machine: &Conditions,
    already_off: bool,
    ticks: &mut [PauseStep],
) -> Vec<Step> {
    let Place { x, y, z, .. } = saved.place;
    let mut tell = |idx: usize, detail: String| {
        if let Some(tick) = ticks.get_mut(idx) {
            tick.detail = detail;
        }
    };
    let place = format!("X{} Y{} Z{}", num(x), num(y), num(z));
    tell(
        1,
        match (saved.told, machine.may_move) {
            (true, _) => place,
            (false, true) => format!("{place} by the lines sent: the printer does not tell it"),
            (false, false) => "not known: nothing was homed yet".into(),
        },
    );
    let mut steps = vec![Step::Tick(1)];
    steps.extend(in_mm(&saved.place));
    let mut moved = false;
    tell(
        2,
        if saved.retracted_mm > 0.0 {
            format!("{} mm", num(saved.retracted_mm))
        } else if recipe.retract_mm <= 0.0 {
            "not wanted".into()
        } else if machine.nozzle_hot == Some(true) {
            moved = true;
            steps.push(line("M83"));
            let text = format!("G1 E-{} F1800", num(recipe.retract_mm));
            steps.push(Step::Line(text, Moves::Retracted(recipe.retract_mm)));
            format!("{} mm", num(recipe.retract_mm))
        } else if machine.nozzle_hot.is_none() {
            "not while the nozzle's temperature is not known".into()
        } else {
            "not while the nozzle is cold".into()
        },
    );
    let lift = clamped_lift(recipe.lift_z_mm, z, recipe.max_z_mm);
    tell(
        3,
        if saved.lifted_mm > 0.0 {
            format!("{} mm up", num(saved.lifted_mm))
        } else if recipe.lift_z_mm <= 0.0 {
            "not wanted".into()
        } else if !machine.may_move {
            "not before the axes are homed".into()
        } else if lift <= 0.0 {
            "no room above".into()
        } else {
            moved = true;
            steps.push(line("G90"));
            steps.push(Step::Line(format!("G1 Z{} F600", num(z + lift)), Moves::Lifted(lift)));
            format!("{} mm up", num(lift))
        },
    );
    // Acknowledged is not yet done.
    if moved {
        steps.push(line("M400"));
    }
    steps.extend([Step::Tick(2), Step::Tick(3), line("M84 S0"), Step::Tick(4)]);
    let (lines, heaters): (Vec<String>, Vec<Heater>) = machine
        .off
        .iter()
        .filter(|(_, heater)| match heater {
            Heater::Hotend(_) => recipe.hotend_off,
            Heater::Bed => recipe.bed_off,
            Heater::Chamber => false,
        })
        .cloned()
        .unzip();
    if !already_off {
        steps.extend(lines.into_iter().map(line));
    }
    steps.extend([Step::Tick(5), Step::ReadOff(heaters), Step::Tick(READ_BACK_TICK), Step::Done]);
    steps
}

/// Returns the steps on the screen while resuming.
pub(crate) fn resume_ticks(saved: &Saved) -> Vec<PauseStep> {
    let step = |label: &str, detail: String| PauseStep { label: label.into(), detail, done: false };
    let target = |heater| target_of(&saved.targets, heater).unwrap_or(0.0);
    let heater = |heater| match target(heater) {
        c if c > 0.0 => format!("{} °C", num(c)),
        _ => "was off".into(),
    };
    let Place { x, y, z, tool, .. } = saved.place;
    let stands = if saved.told { "no axis has moved" } else { "the printer does not tell where it is" };
    vec![
        step("Head is where it was left", stands.into()),
        step("Bed hot", heater(Heater::Bed)),
        step("Hotend hot", heater(Heater::Hotend(tool.unwrap_or(0)))),
        step("Back at the part", format!("X{} Y{} Z{}", num(x), num(y), num(z))),
        step("Filament pushed back", format!("{} mm", num(saved.retracted_mm))),
        step("Fan, speed and modes restored", String::new()),
    ]
}

/// The first half of a resume: is the head where it was left?
pub(crate) fn resume_begins() -> Vec<Step> {
    vec![Step::Position, Step::Plan]
}

/// The second half: heat, go back, give back, restore.
pub(crate) fn resume_rest(saved: &Saved) -> Vec<Step> {
    let place = &saved.place;
    let mut steps = vec![Step::Tick(0)];
    steps.extend(in_mm(place));
    if let Some(bed) = target_of(&saved.targets, Heater::Bed).filter(|c| *c > 0.0) {
        steps.push(line(format!("M190 S{}", num(bed))));
    }
    steps.push(Step::Tick(1));
    let active = Heater::Hotend(place.tool.unwrap_or(0));
    for (key, t) in &saved.targets {
        let (Some(heater @ Heater::Hotend(n)), Some(c)) = (Heater::from_key(key), t.target) else { continue };
        if heater != active && c > 0.0 {
            steps.push(line(format!("M104 T{n} S{}", num(c))));
        }
    }
    if let Some(c) = target_of(&saved.targets, active).filter(|c| *c > 0.0) {
        steps.push(line(format!("M109 S{}", num(c))));
        steps.push(Step::Hot(active, (c - 15.0).max(COLD_BELOW_C).min(c)));
    }
    steps.push(Step::Tick(2));
    if saved.may_move {
        if saved.told || saved.followed {
            steps.push(line("G90"));
            steps.push(Step::Line(format!("G1 X{} Y{} F6000", num(place.x), num(place.y)), Moves::Back));
            steps.push(Step::Line(format!("G1 Z{} F600", num(place.z)), Moves::Lowered));
        } else if saved.lifted_mm > 0.0 {
            // Neither the printer nor the file says where the head is: only what we did ourselves is undone.
            steps.push(line("G91"));
            steps.push(Step::Line(format!("G1 Z-{} F600", num(saved.lifted_mm)), Moves::Lowered));
            steps.push(line("G90"));
        }
    }
    if saved.retracted_mm > 0.0 {
        steps.push(line("M83"));
        let text = format!("G1 E{} F1800", num(saved.retracted_mm));
        steps.push(Step::Line(text, Moves::Unretracted));
    }
    if saved.may_move {
        // Acknowledged is not yet done.
        steps.push(line("M400"));
    }
    steps.push(Step::Tick(3));
    // A person may have pushed filament by hand: the file's next E counts from where it was.
    steps.push(line(format!("G92 E{}", num(place.e))));
    steps.push(Step::Tick(4));
    if !place.absolute {
        steps.push(line("G91"));
    }
    steps.push(line(if place.e_absolute { "M82" } else { "M83" }));
    if place.feed > 0.0 {
        steps.push(line(format!("G1 F{}", num(place.feed))));
    }
    if place.inches {
        steps.push(line("G20"));
    }
    match place.fan {
        Some(0) => steps.push(line("M107")),
        Some(speed) => steps.push(line(format!("M106 S{speed}"))),
        None => (),
    }
    if let Some(tool) = place.tool {
        steps.push(line(format!("T{tool}")));
    }
    steps.extend([Step::Tick(5), Step::Done]);
    steps
}

/// Returns the steps on the screen while cancelling.
pub(crate) fn cancel_ticks() -> Vec<PauseStep> {
    let step = |label: &str| PauseStep { label: label.into(), detail: String::new(), done: false };
    vec![step("Heaters and fan off"), step("Moves ended"), step("Read back")]
}

/// Returns the steps that switch heaters off.
pub(crate) fn off_steps(off: Vec<(String, Heater)>) -> Vec<Step> {
    off.into_iter().map(|(text, _)| line(text)).collect()
}

/// The first half of a cancel: all off, whatever the printer tells. Then: how hot is the nozzle still?
pub(crate) fn cancel_begins(off: Vec<(String, Heater)>) -> Vec<Step> {
    let mut steps = off_steps(off);
    steps.extend([line("M107"), Step::Tick(0), Step::Heaters, Step::Plan]);
    steps
}

/// The second half: off the part while the nozzle is still hot; then it is asked whether all is off.
pub(crate) fn cancel_rest(
    place: &Place,
    extruded: bool,
    saved: Option<&Saved>,
    machine: &Conditions,
) -> Vec<Step> {
    let mut steps: Vec<Step> = in_mm(place).into_iter().collect();
    let done = saved.map_or((0.0, 0.0), |s| (s.retracted_mm, s.lifted_mm));
    if extruded {
        if done.0 == 0.0 && machine.nozzle_hot == Some(true) {
            steps.push(line("M83"));
            steps.push(line(format!("G1 E-{} F1800", num(CANCEL_RETRACT_MM))));
        }
        let lift = clamped_lift(CANCEL_LIFT_MM, place.z, machine.max_z_mm);
        if done.1 == 0.0 && lift > 0.0 && machine.may_move && machine.nozzle_hot != Some(false) {
            steps.extend([line("G91"), line(format!("G1 Z{} F600", num(lift))), line("G90")]);
        }
    }
    let heaters = machine.off.iter().map(|(_, heater)| *heater).collect();
    steps.extend([
        line("M400"),
        Step::Tick(1),
        line("M84"),
        Step::ReadOff(heaters),
        Step::Tick(2),
        Step::Done,
    ]);
    steps
}

/// The end of a print: the last `ok` is not the last motion.
pub(crate) fn finish_begins() -> Vec<Step> {
    vec![line("M400"), Step::Plan]
}

/// What the file has left on goes off; then the printer is asked where its head is and whether all is off.
pub(crate) fn finish_rest(left_on: Vec<(String, Heater)>, all: Vec<Heater>) -> Vec<Step> {
    let mut steps = off_steps(left_on);
    steps.push(Step::Position);
    if !all.is_empty() {
        steps.push(Step::ReadOff(all));
    }
    steps.push(Step::Done);
    steps
}

/// Everything off because the core ends.
pub(crate) fn leave(off: Vec<(String, Heater)>) -> Vec<Step> {
    let (lines, heaters): (Vec<String>, Vec<Heater>) = off.into_iter().unzip();
    let mut steps: Vec<Step> = lines.into_iter().map(line).collect();
    steps.extend([Step::ReadOff(heaters), Step::Done]);
    steps
}

fn target_of(targets: &Temperatures, heater: Heater) -> Option<f64> {
    targets.get(&heater.key()).and_then(|t| t.target)
}
