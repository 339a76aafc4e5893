//! How a sequence goes on once the printer has told what is needed, or has not.

use crate::facts::{Aim, Facts, PrintFacts};
use crate::heating::Heating;
use crate::program::Place;
use crate::recipe::{self, Conditions, LOW_MACHINE_MM, Step};
use crate::saved::Saved;
use crate::sd_recipe;
use domain::{COLD_BELOW_C, PauseRecipe, PauseStep};

/// Further than this from where it was left, the head has been moved.
const MOVED_MM: f64 = 0.2;

/// What a pause has left behind, and what is to be done about it.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    /// The printer was asked where its head is and did not tell.
    pub(crate) place_unknown: bool,
    /// What the pause under way is to do.
    pub(crate) recipe: &'a PauseRecipe,
    /// The pause under way has switched the heaters off before all else.
    pub(crate) already_off: bool,
    pub(crate) saved: &'a mut Option<Saved>,
    /// The steps on the screen.
    pub(crate) ticks: &'a mut [PauseStep],
}

impl Plan<'_> {
    /// Returns the rest of a sequence; nothing where none is needed.
    ///
    /// # Errors
    /// With the reason, for people, when a print cannot go on since its head was moved.
    pub(crate) fn rest(self, aim: Aim, facts: &Facts<'_>, heating: &Heating) -> Result<Vec<Step>, String> {
        let Some(print) = facts.print else { return Ok(Vec::new()) };
        let machine = conditions(print, facts, heating);
        let told = facts.machine.position().filter(|_| !self.place_unknown);
        Ok(match aim {
            Aim::Pause(_) => {
                let fresh = || Saved {
                    place: told.map_or(print.place, |told| exact(print.place, told)),
                    targets: heating.wanted(facts.machine.temperatures()),
                    retracted_mm: 0.0,
                    lifted_mm: 0.0,
                    told: told.is_some(),
                    may_move: machine.may_move,
                    followed: print.extruded,
                };
                let saved = self.saved.get_or_insert_with(fresh);
                if print.on_card {
                    sd_recipe::pause_rest(self.recipe, &machine.off)
                } else {
                    recipe::pause_rest(self.recipe, saved, &machine, self.already_off, self.ticks)
                }
            }
            Aim::Resume(_) => {
                let Some(saved) = self.saved else { return Ok(Vec::new()) };
                if told.is_some_and(|told| saved.told && saved.may_move && was_moved(saved, told)) {
                    return Err(moved_words(saved));
                }
                let place = Place { fan: facts.fan_by_hand.or(saved.place.fan), ..saved.place };
                let saved = Saved { place, ..saved.clone() };
                if print.on_card { sd_recipe::resume_rest(&saved) } else { recipe::resume_rest(&saved) }
            }
            Aim::Cancel(_) => {
                let mut place = print.place;
                if let Some([x, y, z, e]) = told.filter(|_| print.on_card) {
                    (place.x, place.y, place.z, place.e) = (x, y, z, e);
                }
                let mut steps = recipe::cancel_rest(&place, print.extruded, self.saved.as_ref(), &machine);
                if print.on_card {
                    // What the card set meanwhile goes off again, now that it stands still.
                    steps.splice(0..0, recipe::off_steps(machine.off));
                }
                steps
            }
            Aim::Finish => {
                let left_on = heating.left_on();
                let off = machine.off.into_iter().filter(|(_, heater)| left_on.contains(heater)).collect();
                recipe::finish_rest(off, heating.used())
            }
            Aim::Leave => Vec::new(),
        })
    }
}

fn conditions(print: PrintFacts, facts: &Facts<'_>, heating: &Heating) -> Conditions {
    let nozzle_c = facts.machine.nozzle_c(print.place.tool.unwrap_or(0));
    Conditions {
        nozzle_hot: nozzle_c.map(|c| c >= COLD_BELOW_C),
        may_move: facts.homed[2] || (print.extruded && !print.on_card),
        max_z_mm: facts.height_mm.unwrap_or(LOW_MACHINE_MM),
        off: heating.all_off_lines(),
    }
}

/// Returns the place that the file's commands led to where the printer agrees, else the printer's word: it rounds.
fn exact(mut place: Place, told: [f64; 4]) -> Place {
    let all = [&mut place.x, &mut place.y, &mut place.z, &mut place.e];
    for (ours, told) in all.into_iter().zip(told) {
        if (*ours - told).abs() > 0.02 {
            *ours = told;
        }
    }
    place
}

/// Returns whether the head stands neither where the pause left it nor at the part, as when its lift was refused.
fn was_moved(saved: &Saved, told: [f64; 4]) -> bool {
    let at = |z: f64| {
        [saved.place.x, saved.place.y, z].iter().zip(told).all(|(left, is)| (left - is).abs() <= MOVED_MM)
    };
    !at(saved.place.z + saved.lifted_mm) && !at(saved.place.z)
}

fn moved_words(saved: &Saved) -> String {
    let left_at = [saved.place.x, saved.place.y, saved.place.z + saved.lifted_mm];
    let [x, y, z] = left_at.map(recipe::num);
    format!(
        "the head was moved while paused, so the print would go on in the wrong place; move it back to X{x} Y{y} Z{z} at \
         the printer's display if it was not homed, else cancel the print"
    )
}
