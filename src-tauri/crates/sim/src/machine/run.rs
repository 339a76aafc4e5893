//! What happens by itself: heat, motion, waiting commands, reports.

use super::{Executed, Fault, QUEUE, STEP_MS, SimPrinter, card::Source, planner::Done};
use domain::Millis;

/// What a command waits for before its `ok`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Wait {
    /// Its work is done.
    Nothing,
    /// A free place in the planner.
    Place { from: [f64; 4], to: [f64; 4], feed: f64 },
    /// The last motion, and then `then`.
    Motion { then: AfterMotion },
    /// `G4`, and the time that homing takes.
    Until { at: Millis, homing: bool },
    /// `M109`; `since`: when it got there.
    Hotend { cool_too: bool, since: Option<Millis>, report_at: Millis },
    /// `M190`.
    Bed { cool_too: bool, since: Option<Millis>, report_at: Millis },
    /// `M0`.
    Person,
}

/// What follows when the head stands still.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum AfterMotion {
    Nothing,
    Dwell(Millis),
    Home([bool; 3]),
    SteppersOff,
}

/// A command under way.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Running {
    pub(super) source: Source,
    pub(super) wait: Wait,
    /// The `ok` in its own words, as `M105` has it.
    pub(super) ok: Option<String>,
    busy_at: Millis,
}

/// How long a heater must hold its target.
const HOLD_MS: Millis = 5_000;
const RUNAWAY_MS: Millis = 20_000;

impl SimPrinter {
    /// Lets one grain of time pass.
    pub(super) fn step(&mut self) {
        let secs = STEP_MS as f64 / 1e3;
        self.hotend.step(secs, self.faults.has(Fault::ThermalRunaway));
        self.bed_heater.step(secs, false);
        if let Some(at) = self.booting {
            if self.now.mono_ms >= at {
                self.booting = None;
                self.say_banner();
            }
            return;
        }
        if self.killed {
            return;
        }
        self.move_head(secs);
        self.watch_heater();
        self.wait_on();
        self.report();
        self.report_card();
        self.read_lines();
        self.read_card();
    }

    /// Commands held, the running one included.
    pub(super) fn held(&self) -> usize {
        self.queue.len() + usize::from(self.running.is_some())
    }

    /// Starts the next command, and those behind it that end at once.
    pub(super) fn start_next(&mut self) {
        while self.running.is_none()
            && !self.killed
            && let Some((source, text)) = self.queue.pop_front()
        {
            if self.log.len() >= self.options.remembers {
                self.log.pop_front();
            }
            self.log.push_back(Executed { at: self.now, text: text.clone() });
            let busy_at = self.now.mono_ms + self.busy_every.unwrap_or(0);
            self.running = Some(Running { source, wait: Wait::Nothing, ok: None, busy_at });
            let (wait, ok) = self.execute(&text);
            if let Some(running) = &mut self.running {
                (running.wait, running.ok) = (wait, ok);
            }
            self.wait_on();
        }
    }

    /// Says ok when the running command waits for nothing more.
    pub(super) fn finish_if_done(&mut self) {
        if self.running.as_ref().is_some_and(|r| r.wait == Wait::Nothing) {
            let held = self.held();
            if let Some(running) = self.running.take() {
                let Source::Host(number) = running.source else { return };
                let ok = running.ok.unwrap_or_else(|| self.plain_ok(number, QUEUE - held.min(QUEUE)));
                self.say_ok(ok);
            }
        }
    }

    fn plain_ok(&self, number: Option<i64>, free: usize) -> String {
        match number {
            _ if !self.options.advanced_ok => "ok".into(),
            Some(n) => format!("ok N{n} P{} B{free}", self.planner.free()),
            None => format!("ok P{} B{free}", self.planner.free()),
        }
    }

    fn wait_on(&mut self) {
        while let Some(running) = &self.running {
            let before = running.wait;
            let after = self.look_at(before);
            if let Some(running) = &mut self.running {
                running.wait = after;
            }
            if after == Wait::Nothing || after == before {
                break;
            }
        }
        self.finish_if_done();
        self.say_busy();
    }

    /// Returns what is left to wait for.
    fn look_at(&mut self, wait: Wait) -> Wait {
        let now = self.now.mono_ms;
        match wait {
            Wait::Nothing => wait,
            Wait::Place { .. } if self.planner.is_full() => wait,
            Wait::Place { from, to, feed } => {
                self.steppers_on = true;
                self.planner.push(from, to, feed);
                Wait::Nothing
            }
            Wait::Motion { .. } if !self.planner.is_idle() => wait,
            Wait::Motion { then } => self.after_motion(then),
            Wait::Until { at, .. } if now < at => wait,
            Wait::Until { homing, .. } => {
                if homing {
                    self.say_position();
                }
                Wait::Nothing
            }
            Wait::Hotend { cool_too, since, report_at } => {
                let there = self.hotend.is_hot_enough() && (!cool_too || self.hotend.is_cool_enough());
                match self.hold(there, since, report_at) {
                    Some((since, report_at)) => Wait::Hotend { cool_too, since, report_at },
                    None => Wait::Nothing,
                }
            }
            Wait::Bed { cool_too, since, report_at } => {
                let there =
                    self.bed_heater.is_hot_enough() && (!cool_too || self.bed_heater.is_cool_enough());
                match self.hold(there, since, report_at) {
                    Some((since, report_at)) => Wait::Bed { cool_too, since, report_at },
                    None => Wait::Nothing,
                }
            }
            Wait::Person => wait,
        }
    }

    /// Returns `None` when the target was held long enough, else what to keep in mind.
    fn hold(
        &mut self,
        there: bool,
        since: Option<Millis>,
        report_at: Millis,
    ) -> Option<(Option<Millis>, Millis)> {
        let now = self.now.mono_ms;
        let since = there.then(|| since.unwrap_or(now));
        let held = since.map(|s| now - s);
        if held.is_some_and(|h| h >= HOLD_MS) {
            return None;
        }
        if now < report_at {
            return Some((since, report_at));
        }
        let left = held.map_or("?".into(), |h| (HOLD_MS - h).div_ceil(1_000).to_string());
        let line = format!("{} W:{left}", self.temperatures());
        self.say(&line);
        Some((since, now + 1_000))
    }

    fn after_motion(&mut self, then: AfterMotion) -> Wait {
        let now = self.now.mono_ms;
        match then {
            AfterMotion::Nothing => Wait::Nothing,
            AfterMotion::Dwell(ms) => Wait::Until { at: now + ms, homing: false },
            AfterMotion::SteppersOff => {
                (self.steppers_on, self.homed) = (false, false);
                Wait::Nothing
            }
            AfterMotion::Home(axes) => Wait::Until { at: now + self.home(axes), homing: true },
        }
    }

    /// Homes, and returns the time that it takes.
    fn home(&mut self, axes: [bool; 3]) -> Millis {
        let mut head = self.planner.head();
        let mut ms = 0.0;
        for (i, _) in axes.iter().enumerate().filter(|(_, wanted)| **wanted) {
            ms += 1_500.0 + head[i].abs() / [50.0, 50.0, 8.0][i] * 1e3;
            head[i] = 0.0;
            (self.logical[i], self.origin[i]) = (0.0, 0.0);
        }
        if axes == [true; 3] {
            // A new print begins on an empty bed; somebody took the last one off.
            self.clear_bed();
            self.homed = true;
        }
        self.steppers_on = true;
        self.last_motion = self.now.mono_ms + ms as Millis;
        self.planner.place(head);
        ms as Millis
    }

    fn move_head(&mut self, secs: f64) {
        let mut finished = Vec::new();
        self.planner.step(secs, |done| finished.push(done));
        if !self.planner.is_idle() || !finished.is_empty() {
            self.last_motion = self.now.mono_ms;
        }
        if self.planner.under_way().is_some_and(|d| lays(&d)) || finished.iter().any(lays) {
            self.first_extrusion.get_or_insert(self.now.mono_ms);
        }
        finished.iter().filter(|d| extrudes(d)).for_each(|done| self.lay(done));
        if self
            .stepper_idle
            .is_some_and(|idle| self.now.mono_ms - self.last_motion.min(self.now.mono_ms) > idle)
        {
            (self.steppers_on, self.homed) = (false, false);
        }
    }

    /// Returns whether filament finds no hold now.
    pub(super) fn is_loose(&self) -> bool {
        let due = match (self.options.tangle_after_clock_ms, self.first_extrusion) {
            (Some(after), Some(first)) => self.now.mono_ms >= first + after,
            (Some(_) | None, None) | (None, Some(_)) => false,
        };
        due || self.faults.has(Fault::Tangle)
    }

    /// Keeps what a broken-off move has laid down.
    pub(super) fn lay_unfinished(&mut self) {
        if let Some(done) = self.planner.stop().filter(extrudes) {
            self.lay(&done);
        }
    }

    /// Lays down what a move pushed, if it comes out.
    fn lay(&mut self, done: &Done) {
        if !self.faults.has(Fault::Clogged) {
            self.bed.lay(done.from, done.to, self.is_loose());
        }
    }

    pub(super) fn quick_stop(&mut self) {
        self.lay_unfinished();
        let head = self.planner.head();
        self.logical = std::array::from_fn(|i| head[i] - self.origin[i]);
        if let Some(running) = &mut self.running {
            running.wait = Wait::Nothing;
        }
        self.finish_if_done();
    }

    /// Ends a wait for heat or for a person.
    pub(super) fn break_wait(&mut self) {
        let Some(running) = &mut self.running else { return };
        if !matches!(running.wait, Wait::Hotend { .. } | Wait::Bed { .. } | Wait::Person) {
            return;
        }
        let asked = running.wait == Wait::Person;
        running.wait = Wait::Nothing;
        if asked {
            self.say("//action:prompt_end");
            self.say("//action:resumed");
        }
        self.finish_if_done();
    }

    /// Halts for good: heaters off, motors off, deaf until a reset.
    pub(super) fn kill(&mut self, why: &str) {
        self.lay_unfinished();
        self.hotend.set_target(0.0);
        self.bed_heater.set_target(0.0);
        (self.fan, self.steppers_on, self.killed) = (0, false, true);
        self.queue.clear();
        self.running = None;
        self.say(&format!("Error:{why}"));
        self.say("//action:poweroff");
    }

    fn watch_heater(&mut self) {
        if !self.faults.has(Fault::ThermalRunaway) || self.hotend.target_c() <= 0.0 {
            self.runaway_after = None;
            return;
        }
        let at = *self.runaway_after.get_or_insert(self.now.mono_ms + RUNAWAY_MS);
        if self.now.mono_ms >= at {
            self.say("Error:Thermal Runaway, system stopped! Heater_ID: 0");
            self.kill("Printer halted. kill() called!");
        }
    }

    fn report(&mut self) {
        if let Some(every) = self.report_every
            && self.now.mono_ms >= self.report_at
        {
            self.report_at = self.now.mono_ms + every;
            let line = self.temperatures();
            self.say(&line);
        }
    }

    fn say_busy(&mut self) {
        let (now, Some(every)) = (self.now.mono_ms, self.busy_every) else { return };
        let Some(running) = self.running.as_mut().filter(|r| now >= r.busy_at) else { return };
        running.busy_at = now + every;
        let line = if running.wait == Wait::Person { "paused for user" } else { "processing" };
        self.say(&format!("echo:busy: {line}"));
    }
}

fn extrudes(done: &Done) -> bool {
    done.to[3] - done.from[3] > 1e-6
}

/// Extrudes while it moves: lays down material.
fn lays(done: &Done) -> bool {
    extrudes(done) && (done.from[0] != done.to[0] || done.from[1] != done.to[1])
}
