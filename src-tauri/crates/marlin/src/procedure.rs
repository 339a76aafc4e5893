//! A pause, a resume, a cancel or the end of a print under way: its steps are carried out, and what came of them is
//! told.
//!
//! Invariant: nothing is said to be paused, resumed or off that was not confirmed; what was not is named.

use crate::facts::{Aim, Facts};
use crate::heating::Heating;
use crate::message::Message;
use crate::out::Out;
use crate::plan::Plan;
use crate::recipe::{self, Moves, Step};
use crate::saved::Saved;
use crate::sd_recipe;
use crate::sequence::{Due, Sequence, Told};
use crate::tag::Tag;
use domain::{
    Heater, Initiator, JobEnd, JobPhase, LinkChange, Millis, OrderKind, PauseRecipe, PauseStep,
    RefusedReason as Reason, Temperature,
};

/// What is asked of the printer for its print and not confirmed yet, and what a pause has to give back.
#[derive(Debug, Default)]
pub(crate) struct Procedure {
    sequence: Option<Sequence>,
    /// Sequences so far.
    count: u32,
    /// What the pause under way, or the one that holds, is to do.
    recipe: Option<PauseRecipe>,
    saved: Option<Saved>,
    /// The steps on the screen.
    ticks: Vec<PauseStep>,
    /// It was said that the pause is not confirmed.
    unconfirmed_told: bool,
    /// The pause under way has switched the heaters off before all else.
    already_off: bool,
    /// The printer said that it goes on before the pause that it had asked for was done.
    resume_when_paused: bool,
}

impl Procedure {
    /// A print was ordered; a pause that nobody orders is to do this.
    pub(crate) fn print_begins(&mut self, recipe: PauseRecipe) {
        self.forget_print();
        self.recipe = Some(recipe);
    }

    /// A print has ended: what was asked of it is over, and saved moves die with it.
    pub(crate) fn print_over(&mut self) {
        self.sequence = None;
        self.forget_print();
    }

    fn forget_print(&mut self) {
        (self.saved, self.recipe) = (None, None);
        self.ticks.clear();
        (self.unconfirmed_told, self.already_off, self.resume_when_paused) = (false, false, false);
    }

    /// Begins. `ticks` are the steps on the screen.
    pub(crate) fn run(&mut self, aim: Aim, steps: Vec<Step>, ticks: Option<Vec<PauseStep>>) {
        self.count += 1;
        self.sequence = Some(Sequence::new(aim, self.count, steps));
        self.ticks = ticks.unwrap_or(std::mem::take(&mut self.ticks));
    }

    /// A pause begins. `already_off`: it switches heaters off before all else; `None` where it says nothing of that.
    pub(crate) fn pause_begins(&mut self, recipe: PauseRecipe, already_off: Option<bool>) {
        (self.recipe, self.unconfirmed_told) = (Some(recipe), false);
        if let Some(already_off) = already_off {
            (self.resume_when_paused, self.already_off) = (false, already_off);
        }
    }

    pub(crate) fn aim(&self) -> Option<Aim> {
        self.sequence.as_ref().map(Sequence::aim)
    }

    pub(crate) fn saved(&self) -> Option<&Saved> {
        self.saved.as_ref()
    }

    /// Returns the steps on the screen.
    pub(crate) fn ticks(&self) -> &[PauseStep] {
        &self.ticks
    }

    /// The sequence under way is given up.
    pub(crate) fn abandon(&mut self) {
        self.sequence = None;
    }

    /// The steps are not shown any more.
    pub(crate) fn drop_ticks(&mut self) {
        self.ticks.clear();
    }

    /// The print from the card goes on without being asked: what a pause remembered is of no use.
    pub(crate) fn card_goes_on(&mut self) {
        self.saved = None;
        self.ticks.clear();
    }

    /// The pause under way is followed by a resume.
    pub(crate) fn resume_when_paused(&mut self) {
        self.resume_when_paused = true;
    }

    /// A target was set while paused: a resume heats to it.
    pub(crate) fn target_set(&mut self, heater: Heater, target_c: f64) {
        if let Some(saved) = self.saved.as_mut().filter(|_| target_c > 0.0) {
            let fresh = Temperature { actual: 0.0, target: None, offset: 0.0 };
            saved.targets.entry(heater.key()).or_insert(fresh).target = Some(target_c);
        }
    }

    /// Takes what the printer tells.
    pub(crate) fn on_told(&mut self, told: Told<'_>) {
        if let Some(sequence) = &mut self.sequence {
            sequence.on_told(told);
        }
    }

    /// Returns the line of the step that is due. Steps without a line are done on the way. `leaving`: the core ends.
    pub(crate) fn poll_transmit(
        &mut self,
        leaving: bool,
        facts: &Facts<'_>,
        heating: &Heating,
        out: &mut Out,
    ) -> Option<(String, Tag)> {
        loop {
            let sequence = self.sequence.as_mut()?;
            match sequence.poll(facts, heating) {
                Due::Send(line, moves) => return Some((line, Tag::Step(sequence.number(), moves))),
                Due::Tick(idx) => self.ticks.iter_mut().take(idx + 1).for_each(|step| step.done = true),
                Due::Plan => self.plan(facts, heating, out),
                Due::Done => self.done(leaving, facts, heating, out),
                Due::TooCold => self.too_cold(out),
                Due::Nothing => return None,
            }
        }
    }

    /// The line of a step was acknowledged.
    pub(crate) fn on_acknowledged(
        &mut self,
        (number, moves): (u32, Moves),
        facts: &Facts<'_>,
        heating: &Heating,
        out: &mut Out,
    ) {
        let mut current = self.sequence.as_mut().filter(|sequence| sequence.number() == number);
        match current.as_mut().and_then(|sequence| sequence.take_refused()) {
            Some(words) if matches!(self.aim(), Some(Aim::Resume(_))) => {
                let why = format!(
                    "the printer refused to move (\"{words}\"), so the print would go on in the wrong place: look at the \
                     printer, then resume again or cancel the print"
                );
                return self.give_up_resume(Reason::PlaceUnknown, &why, out);
            }
            Some(_) => (),
            // Even when the sequence was given up meanwhile, what its line did is done.
            None => self.remember(moves),
        }
        let current = self.sequence.as_mut().filter(|sequence| sequence.number() == number);
        if current.is_some_and(|sequence| !sequence.on_acknowledged(facts, heating)) {
            self.too_cold(out);
        }
    }

    /// Says once that a pause or the heaters' end is not confirmed in time. Queries go on. `late`: the command in
    /// flight, when it takes longer than it may.
    pub(crate) fn handle_timeout(&mut self, late: Option<&str>, facts: &Facts<'_>, out: &mut Out) {
        let Some(sequence) = &self.sequence else { return };
        let unread = sequence.is_read_back_late(facts.now);
        if !unread && late.is_none() {
            return;
        }
        match (sequence.aim(), facts.print) {
            (Aim::Pause(_), Some(print)) if !std::mem::replace(&mut self.unconfirmed_told, true) => {
                let text = match late {
                    Some(line) => format!(
                        "The printer has not confirmed the pause: it still works on {line}. Look at the printer; if it \
                         does not stop by itself, press Emergency stop or switch it off."
                    ),
                    None => "The printer takes commands, but it has not confirmed where its head is and that its \
                             heaters are set. Look at it and at the temperatures; if they are not as they should \
                             be, switch the printer off."
                        .to_owned(),
                };
                out.change(LinkChange::PauseUnconfirmed(print.print, text));
            }
            (Aim::Cancel(_) | Aim::Leave, _) if unread => {
                let why = "the print was cancelled, but the printer did not confirm that the heaters are off: look at \
                           the temperatures, and switch the printer off if they do not fall";
                out.ask(Message::EndPrint(JobEnd::Interrupted { why: why.into() }));
                out.ask(Message::OffUnconfirmed);
            }
            (Aim::Resume(_), _) if unread => {
                let why = "the printer does not tell where its head is and how hot it is";
                self.give_up_resume(Reason::Unconfirmed, why, out);
            }
            (Aim::Pause(_) | Aim::Cancel(_) | Aim::Leave | Aim::Resume(_) | Aim::Finish, _) => (),
        }
    }

    /// Returns when something that is not confirmed is said to be late; `late_at` is when the command in flight is.
    pub(crate) fn poll_timeout(&self, late_at: Option<Millis>) -> Option<Millis> {
        let sequence = self.sequence.as_ref()?;
        match sequence.aim() {
            Aim::Pause(_) if self.unconfirmed_told => None,
            Aim::Pause(_) => sequence.poll_timeout().into_iter().chain(late_at).min(),
            Aim::Cancel(_) | Aim::Leave | Aim::Resume(_) => sequence.poll_timeout(),
            Aim::Finish => None,
        }
    }

    /// Returns when it has something to send, as long as lines may go out.
    pub(crate) fn poll_transmit_timeout(&self, facts: &Facts<'_>, heating: &Heating) -> Option<Millis> {
        self.sequence.as_ref()?.poll_transmit_timeout(facts, heating)
    }

    /// Lays out the rest of a sequence, now that the printer has told what is needed, or does not tell it.
    fn plan(&mut self, facts: &Facts<'_>, heating: &Heating, out: &mut Out) {
        let (Some(sequence), Some(recipe)) = (&mut self.sequence, &self.recipe) else { return };
        let plan = Plan {
            place_unknown: sequence.is_place_unknown(),
            recipe,
            already_off: self.already_off,
            saved: &mut self.saved,
            ticks: &mut self.ticks,
        };
        match plan.rest(sequence.aim(), facts, heating) {
            Ok(steps) => sequence.extend(steps),
            Err(why) => self.give_up_resume(Reason::PlaceUnknown, &why, out),
        }
    }

    /// Remembers what a line of a pause or resume did.
    fn remember(&mut self, moves: Moves) {
        let Some(saved) = &mut self.saved else { return };
        match moves {
            Moves::Nothing | Moves::Back => (),
            Moves::Retracted(mm) => saved.retracted_mm = mm,
            Moves::Lifted(mm) => saved.lifted_mm = mm,
            Moves::Unretracted => saved.retracted_mm = 0.0,
            Moves::Lowered => saved.lifted_mm = 0.0,
        }
    }

    fn too_cold(&mut self, out: &mut Out) {
        let why = "the hotend did not get hot enough; check it, then resume again";
        self.give_up_resume(Reason::TooCold, why, out);
    }

    /// Back to paused: what was undone of the pause so far stays remembered.
    fn give_up_resume(&mut self, reason: Reason, why: &str, out: &mut Out) {
        self.sequence = None;
        self.ticks.clear();
        out.ask(Message::Phase(JobPhase::Paused));
        if self.recipe.is_some_and(|recipe| recipe.hotend_off) {
            out.ask(Message::HotendsOff);
        }
        out.refuse(OrderKind::Resume, reason, why);
    }

    /// A sequence has reached its end.
    fn done(&mut self, leaving: bool, facts: &Facts<'_>, heating: &Heating, out: &mut Out) {
        let Some(sequence) = self.sequence.take() else { return };
        let (aim, place_unknown) = (sequence.aim(), sequence.is_place_unknown());
        let unread = sequence.into_unread();
        match aim {
            Aim::Pause(by) => self.paused(by, unread, leaving, facts, heating, out),
            Aim::Resume(by) => {
                let targets = self.saved.take().map(|saved| saved.targets);
                out.ask(Message::Resumed { by, targets });
            }
            Aim::Cancel(by) => {
                let on: Vec<Heater> = unread.iter().copied().filter(|h| heating.stays_on(*h)).collect();
                out.change(LinkChange::HeatersOff { unconfirmed: unread });
                out.ask(Message::ClosePrint(match on.as_slice() {
                    [] => JobEnd::Cancelled(by),
                    on => JobEnd::Interrupted { why: stays_on_words(on) },
                }));
            }
            Aim::Finish => out.ask(Message::Finished { place_unknown, unread }),
            Aim::Leave => {
                out.change(LinkChange::HeatersOff { unconfirmed: unread });
                out.ask(Message::LeaveNow);
            }
        }
    }

    /// The print stands still. What could not be read back is said; it keeps nobody from resuming.
    fn paused(
        &mut self,
        by: Initiator,
        unread: Vec<Heater>,
        leaving: bool,
        facts: &Facts<'_>,
        heating: &Heating,
        out: &mut Out,
    ) {
        let Some(print) = facts.print else { return };
        out.ask(Message::Phase(JobPhase::Paused));
        let idx = if print.on_card { sd_recipe::READ_BACK_TICK } else { recipe::READ_BACK_TICK };
        if let Some(tick) = self.ticks.get_mut(idx).filter(|_| !unread.is_empty()) {
            let words: Vec<String> = unread.iter().map(|h| format!("{}: not confirmed", h.name())).collect();
            (tick.done, tick.detail) = (false, words.join(", "));
        }
        let resume = std::mem::take(&mut self.resume_when_paused);
        let already_off = std::mem::take(&mut self.already_off);
        out.change(LinkChange::Paused(print.print, by));
        if print.on_card {
            out.ask(Message::CardPaused);
        }
        if !unread.is_empty() || already_off {
            out.change(LinkChange::HeatersOff { unconfirmed: unread });
        }
        if leaving && already_off {
            out.ask(Message::LeaveNow);
        } else if leaving {
            self.run(Aim::Leave, recipe::leave(heating.all_off_lines()), None);
        } else if resume {
            out.ask(Message::Resume(Initiator::Printer));
        }
    }
}

fn stays_on_words(on: &[Heater]) -> String {
    let words: Vec<String> = on.iter().map(|heater| heater.name().to_lowercase()).collect();
    format!(
        "the print was cancelled and the heaters were switched off, but the printer did not confirm it: it reports the {} \
         switched on. Look at the temperatures, and switch the printer off if they do not fall",
        words.join(" and ")
    )
}
