//! What people, the detection and the printer's own display ask of a print: pause, resume, cancel, cool down, leave.

use crate::facts::{Aim, Facts};
use crate::heating::Heating;
use crate::message::Message;
use crate::out::Out;
use crate::patience::Class;
use crate::procedure::Procedure;
use crate::recipe::{self, LOW_MACHINE_MM, Moves};
use crate::sd_recipe;
use crate::sequence::Told;
use crate::tag::Tag;
use domain::{
    Heater, Initiator, JobEnd, JobPhase, Millis, OrderKind, PauseRecipe, PauseStep, RefusedReason as Reason,
};

/// Takes orders about the print, and carries them out step by step.
#[derive(Debug, Default)]
pub(crate) struct Control {
    procedure: Procedure,
    /// What the last pause that was ordered was to do: so is one that nobody ordered.
    ordered: Option<PauseRecipe>,
    /// The core ends.
    leaving: bool,
    /// The core may drop the port.
    finished: bool,
}

impl Control {
    pub(crate) fn is_leaving(&self) -> bool {
        self.leaving
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.finished
    }

    /// Returns what the sequence under way is for.
    pub(crate) fn aim(&self) -> Option<Aim> {
        self.procedure.aim()
    }

    /// Returns the steps on the screen.
    pub(crate) fn ticks(&self) -> &[PauseStep] {
        self.procedure.ticks()
    }

    /// Returns the machine's height, mm, where it is known.
    pub(crate) fn height_mm(&self, told_mm: Option<f64>) -> Option<f64> {
        self.ordered.map(|recipe| recipe.max_z_mm).or(told_mm)
    }

    /// Returns the recipe for a pause that nobody gave one for.
    fn usual_recipe(&self, facts: &Facts<'_>) -> PauseRecipe {
        self.ordered.unwrap_or(PauseRecipe {
            retract_mm: 6.5,
            lift_z_mm: 2.5,
            max_z_mm: facts.height_mm.unwrap_or(LOW_MACHINE_MM),
            hotend_off: true,
            bed_off: false,
        })
    }

    /// A print was ordered.
    pub(crate) fn print_begins(&mut self, facts: &Facts<'_>) {
        self.procedure.print_begins(self.usual_recipe(facts));
    }

    /// A print has ended.
    pub(crate) fn print_over(&mut self) {
        self.procedure.print_over();
    }

    /// A pause is ordered with this recipe; so are those that nobody orders from here on.
    pub(crate) fn set_recipe(&mut self, recipe: PauseRecipe) {
        self.ordered = Some(recipe);
    }

    pub(crate) fn pause_if_printing(&mut self, by: Initiator, facts: &Facts<'_>, out: &mut Out) {
        if facts.print.is_some_and(|print| print.feeds) {
            self.pause(by, facts, out);
        }
    }

    pub(crate) fn pause(&mut self, by: Initiator, facts: &Facts<'_>, out: &mut Out) {
        let (reason, why) = match facts.phase() {
            Some(JobPhase::Heating | JobPhase::Printing | JobPhase::Resuming) => {
                return self.pause_after(Vec::new(), self.usual_recipe(facts), by, facts, out);
            }
            None => (Reason::NoPrint, "nothing is being printed"),
            Some(JobPhase::Pausing | JobPhase::Paused) => {
                (Reason::AlreadyPaused, "the print is paused already")
            }
            Some(JobPhase::Cancelling) => (Reason::Ending, "the print is being cancelled"),
            Some(JobPhase::Finishing) => {
                (Reason::Ending, "the last moves of the print are running: it ends by itself")
            }
        };
        out.refuse(OrderKind::Pause, reason, why);
    }

    /// Pauses; `off` is switched off before all else.
    fn pause_after(
        &mut self,
        off: Vec<(String, Heater)>,
        recipe: PauseRecipe,
        by: Initiator,
        facts: &Facts<'_>,
        out: &mut Out,
    ) {
        out.ask(Message::Phase(JobPhase::Pausing));
        if facts.on_card() {
            self.procedure.pause_begins(recipe, None);
            out.ask(Message::ForgetCardByte);
            let ticks = sd_recipe::pause_ticks(&recipe);
            return self.procedure.run(Aim::Pause(by), sd_recipe::pause_begins(off), Some(ticks));
        }
        // A wait for heat would hold up the pause; a resume waits for the heat anew.
        break_wait(facts, out);
        self.procedure.pause_begins(recipe, Some(!off.is_empty()));
        let ticks = recipe::pause_ticks(&recipe);
        self.procedure.run(Aim::Pause(by), recipe::pause_begins(off), Some(ticks));
    }

    fn pause_all_off(&mut self, by: Initiator, facts: &Facts<'_>, heating: &Heating, out: &mut Out) {
        let recipe = PauseRecipe { hotend_off: true, bed_off: true, ..self.usual_recipe(facts) };
        self.pause_after(heating.all_off_lines(), recipe, by, facts, out);
    }

    pub(crate) fn resume(&mut self, by: Initiator, facts: &Facts<'_>, out: &mut Out) {
        if !facts.is_up_for(OrderKind::Resume, out) {
            return;
        }
        let mut refuse = |reason, why| out.refuse(OrderKind::Resume, reason, why);
        let Some(print) = facts.print else {
            let why = "no print is paused; one that was interrupted cannot go on";
            return refuse(Reason::NoPrint, why);
        };
        if print.phase != JobPhase::Paused {
            let why = "the print is not paused yet: wait until the pause is confirmed";
            return refuse(Reason::NotPausedYet, why);
        }
        if print.unreadable {
            return refuse(Reason::BadFile, "the rest of the file cannot be read: cancel the print");
        }
        if print.paused_by_firmware {
            return out.ask(Message::ResumeAtPrinter);
        }
        let saved = self.procedure.saved();
        let (steps, ticks) = match saved {
            Some(_) if print.on_card => (recipe::resume_begins(), sd_recipe::resume_ticks()),
            None if print.on_card => (sd_recipe::resume_alone(), sd_recipe::resume_ticks()),
            Some(saved) => (recipe::resume_begins(), recipe::resume_ticks(saved)),
            None => {
                let why = "the printer did not tell where the head was: cancel the print";
                return refuse(Reason::PlaceUnknown, why);
            }
        };
        out.ask(Message::Phase(JobPhase::Resuming));
        self.procedure.run(Aim::Resume(by), steps, Some(ticks));
    }

    pub(crate) fn cancel(&mut self, by: Initiator, facts: &Facts<'_>, heating: &Heating, out: &mut Out) {
        let Some(print) = facts.print else {
            return out.refuse(OrderKind::Cancel, Reason::NoPrint, "nothing is being printed");
        };
        if print.phase == JobPhase::Cancelling {
            return;
        }
        out.ask(Message::Phase(JobPhase::Cancelling));
        out.ask(Message::DropProgram);
        break_wait(facts, out);
        let off = heating.all_off_lines();
        let (steps, ticks) = if print.on_card {
            out.ask(Message::ForgetCardByte);
            (sd_recipe::cancel_begins(off, facts.machine.firmware_name()), Vec::new())
        } else {
            (recipe::cancel_begins(off), recipe::cancel_ticks())
        };
        self.procedure.run(Aim::Cancel(by), steps, Some(ticks));
    }

    /// Everything off. A print must not go on cold.
    pub(crate) fn cool_down(&mut self, facts: &Facts<'_>, heating: &Heating, out: &mut Out) {
        match facts.phase() {
            Some(JobPhase::Heating | JobPhase::Printing | JobPhase::Resuming) => {
                self.pause_all_off(Initiator::Person, facts, heating, out);
            }
            Some(JobPhase::Pausing | JobPhase::Paused | JobPhase::Cancelling | JobPhase::Finishing)
            | None => {
                break_wait(facts, out);
                out.ask(Message::SwitchOff { fan: true });
            }
        }
    }

    /// A target was set: a resume heats to it.
    pub(crate) fn target_set(&mut self, heater: Heater, target_c: f64) {
        self.procedure.target_set(heater, target_c);
    }

    /// All lines are out: the last moves are waited for.
    pub(crate) fn finish(&mut self, out: &mut Out) {
        out.ask(Message::Phase(JobPhase::Finishing));
        self.procedure.run(Aim::Finish, recipe::finish_begins(), None);
    }

    /// The core ends: the print is paused and everything switched off, then the port may be dropped.
    pub(crate) fn leave(&mut self, facts: &Facts<'_>, heating: &Heating, out: &mut Out) {
        self.leaving = true;
        if !facts.is_up() {
            return self.leave_now(out);
        }
        out.ask(Message::DropFetch);
        match facts.print.map(|print| (print.phase, print.started)) {
            Some((JobPhase::Heating | JobPhase::Printing | JobPhase::Resuming, true)) => {
                self.pause_all_off(Initiator::App, facts, heating, out);
            }
            Some((JobPhase::Pausing, _)) => out.ask(Message::SwitchOff { fan: false }),
            Some(_) | None => {
                break_wait(facts, out);
                self.procedure.run(Aim::Leave, recipe::leave(heating.all_off_lines()), None);
            }
        }
    }

    /// The core may drop the port.
    pub(crate) fn leave_now(&mut self, out: &mut Out) {
        let why = "Printvigil was closed: the print was paused and the heaters were switched off".to_owned();
        out.ask(Message::EndPrint(JobEnd::Interrupted { why }));
        self.finished = true;
    }

    /// The core may drop the port, which it is to leave as it is.
    pub(crate) fn leave_as_it_is(&mut self) {
        self.finished = true;
    }

    /// The printer did not confirm that the heaters are off: a core that ends waits no longer.
    pub(crate) fn off_unconfirmed(&mut self) {
        self.finished |= self.leaving;
    }

    /// The printer says that it goes on. Returns whether it does so before the pause that it had asked for is done: then
    /// the print is resumed once it is.
    pub(crate) fn resume_after_pause(&mut self) -> bool {
        let pauses = self.aim() == Some(Aim::Pause(Initiator::Printer));
        if pauses {
            self.procedure.resume_when_paused();
        }
        pauses
    }

    /// The sequence under way is given up: the printer does as it likes.
    pub(crate) fn abandon(&mut self) {
        self.procedure.abandon();
    }

    /// The steps are not shown any more.
    pub(crate) fn drop_ticks(&mut self) {
        self.procedure.drop_ticks();
    }

    /// The print from the card goes on without being asked.
    pub(crate) fn card_goes_on(&mut self) {
        self.procedure.card_goes_on();
    }

    /// Takes what the printer tells.
    pub(crate) fn on_told(&mut self, told: Told<'_>) {
        self.procedure.on_told(told);
    }

    /// Returns whether the step that is due switches heaters off to end something: it waits behind nothing but the
    /// command at work.
    pub(crate) fn is_ending(&self) -> bool {
        self.aim().is_some_and(|aim| match aim {
            Aim::Cancel(_) | Aim::Leave => true,
            Aim::Pause(_) | Aim::Resume(_) | Aim::Finish => false,
        })
    }

    /// Returns the line of the step that is due.
    pub(crate) fn poll_transmit(
        &mut self,
        facts: &Facts<'_>,
        heating: &Heating,
        out: &mut Out,
    ) -> Option<(String, Tag)> {
        self.procedure.poll_transmit(self.leaving, facts, heating, out)
    }

    /// The line of a step was acknowledged.
    pub(crate) fn on_acknowledged(
        &mut self,
        step: (u32, Moves),
        facts: &Facts<'_>,
        heating: &Heating,
        out: &mut Out,
    ) {
        self.procedure.on_acknowledged(step, facts, heating, out);
    }

    /// Says once that something is not confirmed in time. `late`: the command in flight, when it takes longer than it
    /// may.
    pub(crate) fn handle_timeout(&mut self, late: Option<&str>, facts: &Facts<'_>, out: &mut Out) {
        self.procedure.handle_timeout(late, facts, out);
    }

    /// Returns when something is said to be late; `late_at` is when the command in flight is.
    pub(crate) fn poll_timeout(&self, late_at: Option<Millis>) -> Option<Millis> {
        self.procedure.poll_timeout(late_at)
    }

    /// Returns when it has something to send, as long as lines may go out.
    pub(crate) fn poll_transmit_timeout(&self, facts: &Facts<'_>, heating: &Heating) -> Option<Millis> {
        self.procedure.poll_transmit_timeout(facts, heating)
    }
}

/// Ends a wait of the firmware for heat or for a person. Most firmwares look for this line while they wait, with
/// emergency parser or without; to others it is an unknown word.
fn break_wait(facts: &Facts<'_>, out: &mut Out) {
    let waits = facts.in_flight.is_some_and(|class| match class {
        Class::Heat | Class::Person => true,
        Class::Quick | Class::Move | Class::Drain | Class::Dwell(_) | Class::Home | Class::Unknown => false,
    });
    // What a print from the card heats is not ours to see.
    let heats = facts.print.is_some_and(|print| print.on_card && !print.extruded);
    if waits || (heats && facts.machine.can("EMERGENCY_PARSER")) {
        out.ask(Message::WaitCut(waits));
        out.raw("M108");
    }
}
