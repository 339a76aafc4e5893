//! What is sent to pause and resume a print that the printer reads from its card. No move is: nobody knows its modes.

use crate::recipe::{Moves, Step, num, off_steps};
use crate::saved::Saved;
use domain::{COLD_BELOW_C, Heater, PauseRecipe, PauseStep};

fn tick(label: &str, detail: &str) -> PauseStep {
    PauseStep { label: label.into(), detail: detail.into(), done: false }
}

fn line(text: impl Into<String>) -> Step {
    Step::Line(text.into(), Moves::Nothing)
}

pub(crate) fn pause_ticks(recipe: &PauseRecipe) -> Vec<PauseStep> {
    let word = |off: bool| if off { "off" } else { "stays hot" };
    let heaters = format!("hotend {}, bed {}", word(recipe.hotend_off), word(recipe.bed_off));
    vec![
        tick("Card stopped", "the printer reads no further"),
        tick("Moves ended", "the head stays where it is: a print from the card is not moved from here"),
        tick("Heaters set", &heaters),
        tick("Read back", "the printer confirmed it"),
    ]
}

/// The first half of a pause: the card is read no further, and all moves end. `off` comes before all.
pub(crate) fn pause_begins(off: Vec<(String, Heater)>) -> Vec<Step> {
    let mut steps = off_steps(off);
    steps.extend([
        line("M25"),
        Step::CardStands,
        Step::Tick(0),
        line("M400"),
        Step::Tick(1),
        Step::Position,
        Step::Heaters,
        Step::Plan,
    ]);
    steps
}

/// The step of a pause on the screen that says whether the heaters were read back.
pub(crate) const READ_BACK_TICK: usize = 3;

/// The second half of a pause: the heaters.
pub(crate) fn pause_rest(recipe: &PauseRecipe, off: &[(String, Heater)]) -> Vec<Step> {
    let wanted = off.iter().filter(|(_, heater)| match heater {
        Heater::Hotend(_) => recipe.hotend_off,
        Heater::Bed => recipe.bed_off,
        Heater::Chamber => false,
    });
    let (lines, heaters): (Vec<String>, Vec<Heater>) = wanted.cloned().unzip();
    let mut steps: Vec<Step> = lines.into_iter().map(line).collect();
    steps.extend([Step::Tick(2), Step::ReadOff(heaters), Step::Tick(READ_BACK_TICK), Step::Done]);
    steps
}

/// Returns the steps on the screen while resuming.
pub(crate) fn resume_ticks() -> Vec<PauseStep> {
    vec![
        tick("Head is where it was left", "no axis has moved"),
        tick("Heaters hot", "as they were"),
        tick("Card read on", "M24"),
    ]
}

/// A resume of what was paused at the printer itself: only it knows what is to be restored.
pub(crate) fn resume_alone() -> Vec<Step> {
    vec![Step::Tick(1), line("M24"), Step::Tick(2), Step::Done]
}

/// The first half of a cancel. Where the firmware knows how, it ends the print itself.
pub(crate) fn cancel_begins(off: Vec<(String, Heater)>, firmware_name: &str) -> Vec<Step> {
    let knows = firmware_name.contains(" 2.") || firmware_name.contains("bugfix-2");
    // Two words for it: the one that the firmware knows comes first, the other is repeated if need be.
    let first = if knows { ["M524", "M25"] } else { ["M25", "M524"] };
    let mut steps = off_steps(off);
    steps.extend([line(first[0]), Step::CardStands]);
    if !knows {
        steps.push(line(first[1]));
    }
    steps.extend([line("M400"), Step::Position, Step::Heaters, Step::Plan]);
    steps
}

/// The second half of a resume: heat, then the card is read on.
pub(crate) fn resume_rest(saved: &Saved) -> Vec<Step> {
    let target = |key: &str| saved.targets.get(key).and_then(|t| t.target).filter(|c| *c > 0.0);
    let mut steps = vec![Step::Tick(0)];
    if let Some(bed) = target("bed") {
        steps.push(line(format!("M190 S{}", num(bed))));
    }
    for (key, t) in &saved.targets {
        let (Some(Heater::Hotend(n)), Some(c)) = (Heater::from_key(key), t.target) else { continue };
        if n > 0 && c > 0.0 {
            steps.push(line(format!("M104 T{n} S{}", num(c))));
        }
    }
    if let Some(c) = target("tool0") {
        steps.push(line(format!("M109 S{}", num(c))));
        steps.push(Step::Hot(Heater::Hotend(0), (c - 15.0).max(COLD_BELOW_C).min(c)));
    }
    steps.extend([Step::Tick(1), line("M24"), Step::Tick(2), Step::Done]);
    steps
}

/// Returns whether the name that the printer says it opened is the one asked for: some tell the short, some the long.
pub(crate) fn names_agree(said: &str, path: &str, name: &str) -> bool {
    let last = |text: &str| text.trim().rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let said = last(said);
    // Some firmwares cut it.
    said == last(path) || said == last(name) || (said.len() > 11 && last(name).starts_with(&said))
}
