//! What happens by itself: heat, motion, waiting commands, reports.

use super::card::Source;
use super::options::{BadLine, Fault, STEP_MS};
use super::planner::Done;
use super::state::{Executed, Machine, QUEUE, extrudes};
use super::wait::{AfterMotion, Running, Wait};
use super::wire::{BadLineWhy, Heard, check};
use domain::Millis;

/// How long a heater must hold its target.
const HOLD_MS: Millis = 5_000;
const RUNAWAY_MS: Millis = 20_000;

impl Machine {
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
        if self.card.report_is_due(self.now.mono_ms) {
            let status = self.card.status();
            self.say(&status);
        }
        self.read_lines();
        self.read_card();
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

    /// Moves whole lines from the buffer to the queue, as far as there is room, and starts what can start.
    pub(super) fn read_lines(&mut self) -> Flushed {
        while !self.killed {
            self.start_next();
            if self.held() >= QUEUE {
                break;
            }
            let Some(line) = self.ear.next_line() else { break };
            match check(&line, &mut self.last_number) {
                Heard::Command { number, text } => self.queue.push_back((Source::Host(number), text)),
                Heard::Repeated => (),
                Heard::Bad(why) => {
                    self.refuse(why);
                    if self.options.bad_line == BadLine::Flush {
                        return Flushed::Yes;
                    }
                }
            }
        }
        Flushed::No
    }

    fn refuse(&mut self, why: BadLineWhy) {
        let last = self.last_number;
        self.say(&format!("Error:{}, Last Line: {last}", why.text()));
        if self.options.bad_line == BadLine::Flush {
            self.ear.flush();
        }
        self.say(&format!("Resend: {}", last + 1));
        self.say_ok("ok".into());
    }

    /// Puts lines of the card into the queue; the host's find room too.
    fn read_card(&mut self) {
        while self.card.is_printing() && self.held() < QUEUE - 1 {
            let Some(line) = self.card.next_line() else {
                self.say("Done printing file");
                return;
            };
            self.queue.push_back((Source::Card, line));
            self.start_next();
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

    pub(super) fn quick_stop(&mut self) {
        self.stop_motion();
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

/// Whether what came together with a bad line was dropped.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Flushed {
    Yes,
    No,
}

/// Extrudes while it moves: lays down material.
fn lays(done: &Done) -> bool {
    extrudes(done) && (done.from[0] != done.to[0] || done.from[1] != done.to[1])
}
