//! What is sent to pause, resume, cancel and finish: plain lists of steps, in `SAFETY.md`'s order.

use crate::job::{Place, Saved};
use domain::{COLD_BELOW_C, Heater, PauseRecipe, PauseStep, Temperatures};

/// Height assumed of a machine that does not tell it, mm: that of the small ones.
pub(crate) const LOW_MACHINE_MM: f64 = 120.0;
/// A cancelled print leaves with these, mm.
const CANCEL_RETRACT_MM: f64 = 2.0;
const CANCEL_LIFT_MM: f64 = 5.0;

/// One step of a sequence. Each waits for the one before it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Step {
    /// Sends a line, once; done with its `ok`.
    Line(String, Moves),
    /// Asks with M114 until the position was told.
    Position,
    /// Asks with M105 until the heaters' targets are these. None given: until they are told.
    Targets(Vec<(Heater, f64)>),
    /// Asks with M105 once and goes on only when the hotend is as hot as needed.
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

/// Returns the lines that switch heaters off, and the targets that this leads to.
pub(crate) fn heaters_off(
    known: &Temperatures,
    which: impl Fn(Heater) -> bool,
) -> Vec<(String, (Heater, f64))> {
    let heaters: Vec<Heater> = known.keys().filter_map(|key| Heater::from_key(key)).collect();
    let hotends = heaters.iter().filter(|h| matches!(h, Heater::Hotend(_))).count();
    let mut all: Vec<Heater> = heaters.iter().copied().filter(|h| *h != Heater::Bed).collect();
    if hotends == 0 {
        all.insert(0, Heater::Hotend(0));
    }
    // The hotend first: it is the one that burns.
    all.sort_by_key(|h| !matches!(h, Heater::Hotend(_)));
    all.insert(hotends.max(1), Heater::Bed);
    let off = |heater: Heater| (target_line(heater, 0.0, hotends > 1), (heater, 0.0));
    all.into_iter().filter(|h| which(*h)).map(off).collect()
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

/// The first half of a pause: all moves end, and the printer tells where it is.
pub(crate) fn pause_begins() -> Vec<Step> {
    vec![line("M400"), Step::Tick(0), Step::Position, Step::Targets(Vec::new()), Step::Plan]
}

/// The second half: away from the part, and the heaters. `saved` says what is done already.
pub(crate) fn pause_rest(
    recipe: &PauseRecipe,
    saved: &Saved,
    known: &Temperatures,
    ticks: &mut [PauseStep],
) -> Vec<Step> {
    let Place { x, y, z, .. } = saved.place;
    ticks[1].detail = format!("X{} Y{} Z{}", num(x), num(y), num(z));
    let mut steps = vec![Step::Tick(1)];
    if saved.retracted_mm > 0.0 {
        ticks[2].detail = format!("{} mm", num(saved.retracted_mm));
    } else if recipe.retract_mm > 0.0 && hot(known, &saved.place) {
        steps.push(line("M83"));
        let text = format!("G1 E-{} F1800", num(recipe.retract_mm));
        steps.push(Step::Line(text, Moves::Retracted(recipe.retract_mm)));
    } else {
        let why = if recipe.retract_mm > 0.0 { "not while the nozzle is cold" } else { "not wanted" };
        ticks[2].detail = why.into();
    }
    steps.push(Step::Tick(2));
    let lift = clamped_lift(recipe.lift_z_mm, z, recipe.max_z_mm);
    if saved.lifted_mm > 0.0 {
        ticks[3].detail = format!("{} mm up", num(saved.lifted_mm));
    } else if lift > 0.0 {
        ticks[3].detail = format!("{} mm up", num(lift));
        steps.push(line("G90"));
        steps.push(Step::Line(format!("G1 Z{} F600", num(z + lift)), Moves::Lifted(lift)));
    } else {
        let why = if recipe.lift_z_mm > 0.0 { "no room above" } else { "not wanted" };
        ticks[3].detail = why.into();
    }
    steps.extend([Step::Tick(3), line("M84 S0"), Step::Tick(4)]);
    let off = heaters_off(known, |heater| match heater {
        Heater::Hotend(_) => recipe.hotend_off,
        Heater::Bed => recipe.bed_off,
        Heater::Chamber => false,
    });
    let (lines, targets): (Vec<String>, Vec<_>) = off.into_iter().unzip();
    steps.extend(lines.into_iter().map(line));
    steps.extend([Step::Tick(5), Step::Targets(targets), Step::Tick(6), Step::Done]);
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
    vec![
        step("Head is where it was left", "no axis has moved".into()),
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
    steps.push(line("G90"));
    steps.push(line(format!("G1 X{} Y{} F6000", num(place.x), num(place.y))));
    steps.push(Step::Line(format!("G1 Z{} F600", num(place.z)), Moves::Lowered));
    steps.push(Step::Tick(3));
    if saved.retracted_mm > 0.0 {
        steps.push(line("M83"));
        let text = format!("G1 E{} F1800", num(saved.retracted_mm));
        steps.push(Step::Line(text, Moves::Unretracted));
    }
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

/// The first half of a cancel: how hot is it?
pub(crate) fn cancel_begins() -> Vec<Step> {
    vec![Step::Targets(Vec::new()), Step::Plan]
}

/// The second half: off the part while hot, then everything off, read back.
pub(crate) fn cancel_rest(
    place: &Place,
    extruded: bool,
    saved: Option<&Saved>,
    known: &Temperatures,
    max_z_mm: f64,
) -> Vec<Step> {
    let mut steps = Vec::new();
    let done = saved.map_or((0.0, 0.0), |s| (s.retracted_mm, s.lifted_mm));
    if hot(known, place) && extruded {
        if done.0 == 0.0 {
            steps.push(line("M83"));
            steps.push(line(format!("G1 E-{} F1800", num(CANCEL_RETRACT_MM))));
        }
        let lift = clamped_lift(CANCEL_LIFT_MM, place.z, max_z_mm);
        if done.1 == 0.0 && lift > 0.0 {
            steps.extend([line("G91"), line(format!("G1 Z{} F600", num(lift))), line("G90")]);
        }
    }
    let (lines, targets): (Vec<String>, Vec<_>) = heaters_off(known, |_| true).into_iter().unzip();
    steps.extend(lines.into_iter().map(line));
    steps.extend([line("M107"), line("M400"), line("M84"), Step::Targets(targets), Step::Done]);
    steps
}

/// The end of a print: the last `ok` is not the last motion.
pub(crate) fn finish() -> Vec<Step> {
    vec![line("M400"), Step::Position, Step::Done]
}

/// Everything off because the core ends.
pub(crate) fn leave(known: &Temperatures) -> Vec<Step> {
    let (lines, targets): (Vec<String>, Vec<_>) = heaters_off(known, |_| true).into_iter().unzip();
    let mut steps: Vec<Step> = lines.into_iter().map(line).collect();
    steps.extend([Step::Targets(targets), Step::Done]);
    steps
}

fn hot(known: &Temperatures, place: &Place) -> bool {
    known.get(&Heater::Hotend(place.tool.unwrap_or(0)).key()).is_some_and(|t| t.actual >= COLD_BELOW_C)
}

fn target_of(targets: &Temperatures, heater: Heater) -> Option<f64> {
    targets.get(&heater.key()).and_then(|t| t.target)
}
