//! What people, the watch and the printer's own knob order.

use crate::job::Job;
use crate::link::{Link, Stage, Tag};
use crate::patience::{Class, class};
use crate::recipe;
use crate::sequence::Aim;
use domain::{
    Axis, Heater, Initiator, JobEnd, JobPhase, Leave, LinkChange, LinkState, Millis, Now, Order, PauseRecipe,
    StartJob, Temperature, Temperatures,
};

/// A board that does not say that it starts gets so long before hello.
const BOOT_MS: Millis = 2_000;

impl Link {
    /// The port is open. Nothing of what was known before holds. `holds_back`: the port takes no more bytes than the
    /// board can store, as USB without a serial chip does.
    pub fn opened(&mut self, holds_back: bool, now: Now) {
        self.wire.opened(holds_back, now);
        self.known = Temperatures::new();
        self.hello_tries = 0;
        self.learner = Default::default();
        self.start_over(now, BOOT_MS);
    }

    pub(crate) fn start_over(&mut self, now: Now, hello_in: Millis) {
        self.stage = Stage::Waiting { hello_at: now.mono_ms + hello_in };
        self.opened_at = now;
        self.wire.reset(now);
        self.side.clear();
        self.raw.clear();
        self.link = LinkState::Opening;
        self.autoreport = false;
        self.firmware = None;
        self.position = None;
        self.hello_spoilt = false;
        self.stop_seen = false;
        self.at_work = None;
        self.tools = Default::default();
        self.sd_ready = false;
        self.card = self.card.anew(self.on_card());
    }

    /// The port was closed on purpose.
    pub fn closed(&mut self) {
        self.stage = Stage::Closed;
        self.link = LinkState::Closed;
        self.known.clear();
        self.was_up = false;
    }

    /// The link broke. A print under way has ended.
    pub fn lost(&mut self, why: &str) {
        let seen = if self.prints_alone() { self.lost_sight(why) } else { why.to_owned() };
        let why = seen.as_str();
        if !self.prints_alone() {
            self.end_job(JobEnd::Interrupted { why: format!("the link to the printer broke: {why}") });
        }
        self.stage = Stage::Closed;
        self.wire.reset(self.opened_at);
        let lost = LinkState::Lost { why: why.to_owned() };
        let known = matches!(self.link, LinkState::Lost { .. }) && self.prints_alone();
        if self.link != lost && !known {
            self.link = lost;
            self.changes.push_back(LinkChange::Lost { why: why.to_owned() });
        }
    }

    /// `M112` is out: whatever was under way has ended and nothing more is sent.
    pub fn emergency(&mut self) {
        let why = "emergency stop: the printer was halted; switch it off and on again before you connect";
        self.end_job(JobEnd::Interrupted { why: why.into() });
        self.stage = Stage::Halted;
        self.side.clear();
        self.raw.clear();
        self.stop_seen = false;
        self.link = LinkState::Halted { text: "Emergency stop".into() };
    }

    /// Returns whether the firmware has said that it stopped, or started anew, since `emergency`.
    pub fn stop_seen(&self) -> bool {
        self.stop_seen
    }

    /// Says how an emergency stop ended.
    pub fn emergency_over(&mut self, text: &str, switch_off_now: bool) {
        self.halt(text.to_owned(), switch_off_now);
    }

    /// Takes an order. What cannot be done is refused with a text.
    pub fn handle_order(&mut self, order: Order, now: Now) {
        match order {
            Order::Start(start) => self.start(start),
            Order::Pause(recipe, initiator) => {
                self.recipe = Some(recipe);
                self.pause(recipe, initiator, now);
            }
            Order::Resume(initiator) => self.resume(initiator, now),
            Order::Cancel(initiator) => self.cancel(initiator, now),
            Order::CoolDown => self.cool_down(now),
            Order::BedOff => self.bed_off(),
            Order::Home(axes) => self.home(&axes),
            Order::SetTarget(heater, target_c) => self.set_target(heater, target_c),
            Order::Sd(order) => self.sd_order(order, now),
            Order::Tool(tool) => self.tool(tool, now),
            Order::Stop(Leave::HeatersOff) => self.leave(now),
            Order::Stop(Leave::AsItIs) => self.finished = true,
            // The port is its owner's.
            Order::Connect | Order::Disconnect => (),
        }
    }

    /// Refuses an order of the port's owner.
    pub fn refuse(&mut self, order: &str, why: &str) {
        self.changes.push_back(LinkChange::Refused { order: order.into(), why: why.into() });
    }

    /// Refuses when the firmware does not answer. Returns whether it does.
    fn is_up_for(&mut self, order: &str) -> bool {
        if self.stage != Stage::Up {
            self.refuse(order, "the printer is not connected: connect it first");
        }
        self.stage == Stage::Up
    }

    fn start(&mut self, start: StartJob) {
        if !self.is_up_for("start") {
            return;
        }
        if self.job.is_some() {
            return self.refuse("start", "a print is under way: wait for its end or cancel it");
        }
        self.last_said.clear();
        self.job = Some(Job::new(start.clone(), self.recipe_of_job()));
        self.fetch = Some(start);
    }

    pub(crate) fn pause_if_printing(&mut self, recipe: PauseRecipe, initiator: Initiator, now: Now) {
        if self.job.as_ref().is_some_and(Job::feeds) {
            self.pause(recipe, initiator, now);
        }
    }

    pub(crate) fn pause(&mut self, recipe: PauseRecipe, initiator: Initiator, now: Now) {
        let phase = self.job.as_ref().map(|job| job.phase);
        match phase {
            Some(JobPhase::Heating | JobPhase::Printing | JobPhase::Resuming) => (),
            None => return self.refuse("pause", "nothing is being printed"),
            Some(JobPhase::Pausing | JobPhase::Paused) => {
                return self.refuse("pause", "the print is paused already");
            }
            Some(JobPhase::Cancelling) => return self.refuse("pause", "the print is being cancelled"),
            Some(JobPhase::Finishing) => {
                return self.refuse("pause", "the last moves of the print are running: it ends by itself");
            }
        }
        if self.on_card() {
            return self.pause_card(recipe, initiator, now);
        }
        let Some(job) = &mut self.job else { return };
        job.recipe = recipe;
        job.unconfirmed_told = false;
        job.steps = recipe::pause_ticks(&recipe);
        job.enter(JobPhase::Pausing, now);
        self.run(Aim::Pause(initiator), recipe::pause_begins());
    }

    pub(crate) fn resume(&mut self, initiator: Initiator, now: Now) {
        if !self.is_up_for("resume") {
            return;
        }
        let Some(job) = self.job.as_mut() else {
            return self.refuse("resume", "no print is paused; one that was interrupted cannot go on");
        };
        if job.phase != JobPhase::Paused {
            return self.refuse("resume", "the print is not paused yet: wait until the pause is confirmed");
        }
        if job.unreadable {
            return self.refuse("resume", "the rest of the file cannot be read: cancel the print");
        }
        if job.paused_by_firmware {
            return self.resume_at_printer();
        }
        if job.on_card {
            return self.resume_card(initiator, now);
        }
        let Some(saved) = &job.saved else {
            return self.refuse("resume", "the printer did not tell where the head was: cancel the print");
        };
        job.steps = recipe::resume_ticks(saved);
        job.enter(JobPhase::Resuming, now);
        self.run(Aim::Resume(initiator), recipe::resume_begins());
    }

    /// The firmware has paused, so only it can go on.
    fn resume_at_printer(&mut self) {
        if self.can("EMERGENCY_PARSER") {
            self.raw.push_back("M108".into());
        } else {
            self.refuse("resume", "the printer paused by itself: press its knob or follow its display");
        }
    }

    pub(crate) fn cancel(&mut self, initiator: Initiator, now: Now) {
        let Some(job) = &mut self.job else { return self.refuse("cancel", "nothing is being printed") };
        match job.phase {
            JobPhase::Cancelling => return,
            JobPhase::Heating
            | JobPhase::Printing
            | JobPhase::Pausing
            | JobPhase::Paused
            | JobPhase::Resuming
            | JobPhase::Finishing => (),
        }
        job.enter(JobPhase::Cancelling, now);
        job.pending.clear();
        job.steps.clear();
        self.fetch = None;
        self.break_wait(now);
        let steps = if self.on_card() { self.cancel_card() } else { recipe::cancel_begins() };
        self.run(Aim::Cancel(initiator), steps);
    }

    /// Ends a wait of the firmware for heat or for a person, where it listens while it waits.
    fn break_wait(&mut self, now: Now) {
        let waits = self.wire.in_flight(now).is_some_and(|(text, _)| match class(text) {
            Class::Heat | Class::Person => true,
            Class::Quick | Class::Move | Class::Drain | Class::Dwell(_) | Class::Home => false,
        });
        // What a print from the card heats is not ours to see.
        let heats = self.job.as_ref().is_some_and(|job| job.on_card && !job.extruded);
        if (waits || heats) && self.can("EMERGENCY_PARSER") {
            self.raw.push_back("M108".into());
        }
    }

    fn cool_down(&mut self, now: Now) {
        if !self.is_up_for("cool down") {
            return;
        }
        // A print must not go on cold.
        let recipe = PauseRecipe { hotend_off: true, bed_off: true, ..self.recipe_of_job() };
        match self.job.as_ref().map(|job| job.phase) {
            Some(JobPhase::Heating | JobPhase::Printing | JobPhase::Resuming) => {
                return self.pause(recipe, Initiator::Person, now);
            }
            Some(JobPhase::Pausing | JobPhase::Paused | JobPhase::Cancelling | JobPhase::Finishing)
            | None => (),
        }
        let off = recipe::heaters_off(&self.known, |_| true);
        self.side.extend(off.into_iter().map(|(line, _)| (line, Tag::Side)));
        self.side.push_back(("M107".into(), Tag::Off));
        self.side.push_back(("M105".into(), Tag::Heaters));
    }

    fn bed_off(&mut self) {
        let paused = self.job.as_ref().is_none_or(|job| job.phase == JobPhase::Paused);
        if !self.is_up_for("bed off") {
            return;
        }
        if !paused {
            return self.refuse("bed off", "the print is not paused");
        }
        self.side.push_back((recipe::target_line(Heater::Bed, 0.0, false), Tag::Side));
        self.side.push_back(("M105".into(), Tag::Heaters));
    }

    fn home(&mut self, axes: &[Axis]) {
        if !self.is_up_for("home") {
            return;
        }
        if self.job.is_some() {
            return self.refuse("home", "a print is under way: homing would drive into the part");
        }
        let mut line = "G28".to_owned();
        for axis in axes {
            line.push_str(match axis {
                Axis::X => " X",
                Axis::Y => " Y",
                Axis::Z => " Z",
            });
        }
        self.side.push_back((line, Tag::Side));
    }

    fn set_target(&mut self, heater: Heater, target_c: f64) {
        if !self.is_up_for("set temperature") {
            return;
        }
        if !target_c.is_finite() || !(0.0..=500.0).contains(&target_c) {
            return self.refuse("set temperature", "a target lies between 0 and 500 °C");
        }
        let many = self.known.contains_key("tool1");
        self.side.push_back((recipe::target_line(heater, target_c, many), Tag::Side));
        // What is wanted now is what a resume heats to.
        if let Some(saved) = self.job.as_mut().and_then(|job| job.saved.as_mut())
            && target_c > 0.0
        {
            let fresh = Temperature { actual: 0.0, target: None, offset: 0.0 };
            saved.targets.entry(heater.key()).or_insert(fresh).target = Some(target_c);
        }
    }

    fn leave(&mut self, now: Now) {
        self.leaving = true;
        if self.stage != Stage::Up {
            return self.leave_now();
        }
        self.fetch = None;
        match self.job.as_ref().map(|job| (job.phase, job.started)) {
            Some((JobPhase::Heating | JobPhase::Printing | JobPhase::Resuming, true)) => {
                let recipe = self.recipe_of_job();
                self.break_wait(now);
                self.pause(recipe, Initiator::App, now);
            }
            Some((JobPhase::Pausing, _)) => (),
            Some(_) | None => self.run(Aim::Leave, recipe::leave(&self.known)),
        }
    }
}
