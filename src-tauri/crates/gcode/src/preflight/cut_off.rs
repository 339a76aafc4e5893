//! Whether the end of a file is missing.

use super::{Findings, Machine, Severity};
use crate::{Metadata, Summary};

/// A print whose slicer last said less than this, per cent, has not reached its end.
const NEARLY_DONE: f64 = 90.0;

pub(super) fn look(sum: &Summary, metadata: &Metadata, machine: &Machine<'_>, all: &mut Findings) {
    let signs = &sum.signs;
    // A macro may switch off what is not seen.
    let hot = stays_hot(sum, machine) && !signs.has_macros();
    if let Some(why) = why_cut(sum, metadata, hot) {
        all.say(
            "cut_off",
            Severity::Stop,
            format!("the file looks cut off: {why}"),
            "The print would stop halfway and stay hot. Export or copy the file again.",
        );
        return;
    }
    if signs.open_end && !signs.ended {
        all.say(
            "open_end",
            Severity::Warn,
            "the file ends in the middle of printing",
            "It may be cut off. Compare its size with the original, or export it again.",
        );
    }
    if hot {
        let what =
            if signs.bed_at_end_c > 0.0 && signs.hotend_last_c <= 0.0 { "the bed" } else { "the heaters" };
        all.say(
            "stays_hot",
            Severity::Warn,
            format!("it never switches {what} off at the end"),
            "Stay with the printer and press Cool down afterwards, or add M104 S0 and M140 S0 to the end G-code.",
        );
    }
}

/// Returns what gives away that the end is missing. A single word of a slicer does not: people edit their files.
fn why_cut(sum: &Summary, metadata: &Metadata, hot: bool) -> Option<String> {
    if let Some(claimed) = metadata.layers {
        // Slicers count layers in which nothing is laid, and some those of each object. What stands at the end says more.
        let missing = claimed.saturating_sub(sum.layers);
        let is_whole = metadata.ends == Some(true);
        if !is_whole && sum.layers > 0 && missing > 2 && f64::from(missing) > f64::from(claimed) * 0.05 {
            return Some(format!("the slicer speaks of {claimed} layers, {} are there", sum.layers));
        }
    }
    if let Some(percent) = sum.signs.last_percent.filter(|p| *p > 0.0 && *p < NEARLY_DONE) {
        return Some(format!("the slicer's own progress ends at {percent:.0} %"));
    }
    let headless = metadata.ends == Some(false) && hot;
    headless.then(|| "what this slicer writes at the end is missing, and the heaters stay on".into())
}

fn stays_hot(sum: &Summary, machine: &Machine<'_>) -> bool {
    let several = machine.profile.is_some_and(|profile| profile.heaters.iter().any(|name| name == "tool1"));
    // Tools may share one nozzle; then the last word counts for all.
    let hotend = match several {
        true => sum.signs.hotends_at_end_c.iter().any(|c| *c > 0.0),
        false => sum.signs.hotend_last_c > 0.0,
    };
    hotend || sum.signs.bed_at_end_c > 0.0
}
