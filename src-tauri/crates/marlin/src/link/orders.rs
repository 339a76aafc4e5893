//! What people, the detection and the app order, and the file that a print is fed from.

use super::Link;
use crate::facts::Facts;
use crate::message::Message;
use crate::program::{JobFacts, ProgramLine};
use crate::recipe::target_line;
use crate::tag::Tag;
use domain::{
    Axis, Heater, Initiator, JobPhase, Leave, LinkChange, Now, Order, OrderKind, PrintObject,
    RefusedReason as Reason, SdOrder, StartJob, Tool,
};

impl Link {
    /// Takes an order. What cannot be done is refused with a text.
    pub fn handle_order(&mut self, order: Order, now: Now) {
        self.now = now;
        match order {
            Order::Start(start) => self.start(start),
            Order::Pause(recipe, by) => {
                self.control.set_recipe(recipe);
                self.control.pause(by, &facts!(self), &mut self.out);
            }
            Order::Resume(by) => self.control.resume(by, &facts!(self), &mut self.out),
            Order::Cancel(by) => {
                self.control.cancel(by, &facts!(self), &self.heating, &mut self.out);
            }
            Order::CoolDown => self.cool_down(),
            Order::BedOff => self.bed_off(),
            Order::Home(axes) => self.home(&axes),
            Order::SetTarget(heater, target_c) => self.set_target(heater, target_c),
            Order::Offsets(offsets) => self.feed.set_offsets(offsets),
            Order::Sd(order) => self.sd_order(order),
            Order::Tool(tool) => self.tool(tool),
            Order::Stop(Leave::HeatersOff) => {
                self.control.leave(&facts!(self), &self.heating, &mut self.out);
            }
            Order::Stop(Leave::AsItIs) => self.control.leave_as_it_is(),
            // The port is its owner's, and no other host feeds the printer.
            Order::Connect | Order::Disconnect | Order::Follow { .. } => (),
        }
        self.route();
    }

    /// Refuses an order of the port's owner.
    pub fn refuse(&mut self, order: OrderKind, reason: Reason, why: &str) {
        self.out.refuse(order, reason, why);
        self.route();
    }

    fn start(&mut self, start: StartJob) {
        if !facts!(self).is_up_for(OrderKind::Start, &mut self.out) {
            return;
        }
        if self.has_job() {
            let why = "a print is under way: wait for its end or cancel it";
            return self.out.refuse(OrderKind::Start, Reason::PrintUnderWay, why);
        }
        self.begin_print(start, false);
    }

    fn cool_down(&mut self) {
        if self.is_halted() {
            self.switch_off_raw();
            self.out.raw("M105");
        } else if facts!(self).is_up_for(OrderKind::CoolDown, &mut self.out) {
            self.control.cool_down(&facts!(self), &self.heating, &mut self.out);
        }
    }

    fn bed_off(&mut self) {
        if !facts!(self).is_up_for(OrderKind::BedOff, &mut self.out) {
            return;
        }
        if self.feed.job().is_some_and(|job| job.phase() != JobPhase::Paused) {
            return self.out.refuse(OrderKind::BedOff, Reason::NotPausedYet, "the print is not paused");
        }
        self.out.line(target_line(Heater::Bed, 0.0, false), Tag::Side);
        self.out.line("M105", Tag::Heaters);
    }

    fn home(&mut self, axes: &[Axis]) {
        if !facts!(self).is_up_for(OrderKind::Home, &mut self.out) {
            return;
        }
        if self.has_job() {
            let why = "a print is under way: homing would drive into the part";
            return self.out.refuse(OrderKind::Home, Reason::PrintUnderWay, why);
        }
        let mut line = "G28".to_owned();
        for axis in axes {
            line.push_str(match axis {
                Axis::X => " X",
                Axis::Y => " Y",
                Axis::Z => " Z",
            });
        }
        self.out.line(line, Tag::Side);
    }

    fn set_target(&mut self, heater: Heater, target_c: f64) {
        if !facts!(self).is_up_for(OrderKind::SetTarget, &mut self.out) {
            return;
        }
        if !target_c.is_finite() || !(0.0..=500.0).contains(&target_c) {
            let why = "a target lies between 0 and 500 °C";
            return self.out.refuse(OrderKind::SetTarget, Reason::OutOfRange, why);
        }
        let many = self.machine.temperatures().contains_key("tool1");
        self.out.line(target_line(heater, target_c, many), Tag::Side);
        self.control.target_set(heater, target_c);
    }

    fn tool(&mut self, tool: Tool) {
        if self.is_halted() {
            self.halted.handle_tool(tool, &mut self.out);
        } else if let Tool::CancelObject { object, .. } = tool {
            self.set_object(object, true);
        } else if let Tool::KeepObject { object } = tool {
            self.set_object(object, false);
        } else {
            self.manual.handle_tool(tool, &facts!(self), &mut self.out);
        }
    }

    /// Leaves an object of the print out from the next line on, or prints it after all.
    fn set_object(&mut self, object: u32, leave_out: bool) {
        let Some(job) = self.feed.job_mut().filter(|job| !job.is_on_card()) else {
            let why = "nothing is being printed from here";
            return self.out.refuse(OrderKind::Tool, Reason::NoPrint, why);
        };
        if let Some(why) = job.objects().refuses(object, leave_out) {
            return self.out.refuse(OrderKind::Tool, Reason::NotSupported, &why);
        }
        job.objects_mut().set(object, leave_out);
        let name = job.objects().name(object);
        let text = if leave_out { "is left out of the print from here on" } else { "is printed after all" };
        self.out.change(LinkChange::Says(format!("{name} {text}.")));
    }

    /// The objects of the file that is to be printed, and why none of them can be left out; empty when each can.
    pub fn objects(&mut self, found: Vec<PrintObject>, unfit: String) {
        if let Some(job) = self.feed.job_mut() {
            job.objects_mut().found(found, unfit);
        }
    }

    /// So high lies what a print that is taken up had laid down, mm.
    pub fn printed_up_to(&mut self, z_mm: f64) {
        if let Some(job) = self.feed.job_mut() {
            job.objects_mut().printed_up_to(z_mm);
        }
    }

    fn sd_order(&mut self, order: SdOrder) {
        match order {
            SdOrder::List => self.card.ask_list(&facts!(self), &mut self.out),
            SdOrder::Print(start) => {
                if self.card.open(&start, &facts!(self), &mut self.out) {
                    self.begin_print(start, true);
                }
            }
            // The hub has given a number to the print that was found.
            SdOrder::Follow(start) => {
                let Some((at, of)) = self.card.follow(&facts!(self), &mut self.out) else { return };
                self.begin_print(start, true);
                self.begin_card_print(Some((at, of)));
            }
        }
    }

    /// Returns a file to open: a print was ordered. Answer with `begin` or `refuse_start`.
    pub fn poll_fetch(&mut self) -> Option<StartJob> {
        self.feed.poll_fetch()
    }

    /// The file was checked and can be printed.
    pub fn begin(&mut self, facts: JobFacts) {
        if self.feed.checked(facts) {
            self.heating.print_begins(self.machine.temperatures(), self.startup.opened_at());
        }
    }

    /// The file cannot be printed; nothing was sent.
    pub fn refuse_start(&mut self, reason: Reason, why: String) {
        self.out.ask(Message::RefuseStart(reason, why));
        self.route();
    }

    /// Returns whether more lines of the file are wanted.
    pub fn wants_lines(&self) -> bool {
        self.feed.wants_lines()
    }

    /// Takes the next line of the file. Its targets are raised by the offsets that were ordered.
    pub fn feed(&mut self, line: ProgramLine) {
        self.feed.feed(line);
    }

    /// The file has no more lines.
    pub fn feed_end(&mut self) {
        self.feed.feed_end();
    }

    /// The file can no longer be read: the print is paused where it is, for people to decide.
    pub fn feed_failed(&mut self, why: &str, now: Now) {
        self.now = now;
        let text = format!("The print was paused since its file can no longer be read: {why}");
        self.out.change(LinkChange::Says(text));
        self.feed.feed_failed();
        self.out.ask(Message::Pause(Initiator::App));
        self.route();
    }

    /// The time to leave is up: heaters off without waiting for anything. Returns what to write.
    pub fn leave_anyway(&mut self) -> Vec<String> {
        let card = self.prints_alone().then(|| "M25".to_owned());
        let off = self.heating.all_off();
        self.control.leave_now(&mut self.out);
        self.route();
        card.into_iter().chain(off).collect()
    }

    /// Returns what to write, without numbers, to a port that may still take bytes though nothing answers.
    /// Nothing for a print that goes on without us: it would go on cold.
    pub fn heaters_off_lines(&self) -> Vec<String> {
        if self.prints_alone() { Vec::new() } else { self.heating.all_off() }
    }

    /// Returns what to write when the core ends while a firmware that answered before does not answer any more, or not
    /// yet again: heaters may be as we set them. Nothing for one that never answered, whose heat is not ours.
    pub fn heaters_off_lines_on_exit(&self) -> Vec<String> {
        let unheard = self.startup.was_up() && !self.is_up() && !self.is_halted();
        if unheard { self.heaters_off_lines() } else { Vec::new() }
    }
}
