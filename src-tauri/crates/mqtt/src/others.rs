//! Printvigils on other computers: who is there, what their printers do, and what was asked of them. Without a connection
//! and without a clock.
//!
//! A machine is known by what it says of itself, and here while it goes on saying it. What was asked of a printer counts
//! once the state that the other machine tells afterwards has it. All of it is bounded, and nothing of it is written down.

use crate::machines::{Asked, Machine, Machines, Presence, Printer};
use crate::told::{Introduction, Report, read_machine, read_state};
use crate::topics::{About, Command};
use domain::{PrinterId, PrinterState, Refusal, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::time::Instant;

/// Machines that are kept at most, and printers of each.
const MOST_MACHINES: usize = 100;
const MOST_PRINTERS: usize = 32;
/// A machine that was not heard for so long is gone: it speaks every two seconds.
const GONE_AFTER: Duration = Duration::from_secs(7);
/// What is not confirmed after so long is late.
const LATE_AFTER: Duration = Duration::from_secs(30);
/// What was never confirmed is shown for so long.
const FORGET_AFTER: Duration = Duration::from_secs(600);

/// When something is: on a clock that nobody sets, and on the wall's.
#[derive(Clone, Copy)]
pub(crate) struct At {
    pub(crate) mono: Instant,
    pub(crate) wall: Timestamp,
}

/// All other machines.
#[derive(Default)]
pub(crate) struct Others {
    machines: BTreeMap<String, Known>,
    /// More came than are kept.
    more: bool,
    /// Since when the broker is connected.
    connected: Option<Instant>,
    why: Option<String>,
}

struct Known {
    says: Introduction,
    /// The broker says that it has gone.
    offline: bool,
    heard: Option<At>,
    printers: BTreeMap<PrinterId, Told>,
    more: bool,
    /// What it tells was asked for.
    followed: bool,
}

#[derive(Default)]
struct Told {
    /// None: it cannot be read.
    report: Option<Report>,
    asked: Option<(Command, Instant)>,
}

impl Others {
    /// The broker is connected.
    pub(crate) fn on_connected(&mut self, now: Instant) {
        (self.connected, self.why) = (Some(now), None);
        self.machines.values_mut().for_each(|machine| machine.followed = false);
    }

    /// The broker is away, and why.
    pub(crate) fn on_lost(&mut self, why: Option<String>) {
        (self.connected, self.why) = (None, why);
    }

    /// Takes in a message. `kept`: it was on the broker before we came, so nobody says it now.
    pub(crate) fn on_message(&mut self, node: &str, about: About, payload: &[u8], kept: bool, at: At) {
        match about {
            About::Machine | About::Alive => self.on_machine(node, about, payload, kept, at),
            About::Status => {
                if let Some(machine) = self.machines.get_mut(node) {
                    machine.offline = payload != crate::board::ONLINE;
                    machine.hear(kept, at);
                }
            }
            About::State(printer) => {
                if let Some(machine) = self.machines.get_mut(node) {
                    machine.hear(kept, at);
                    machine.on_state(printer, payload);
                }
            }
        }
    }

    fn on_machine(&mut self, node: &str, about: About, payload: &[u8], kept: bool, at: At) {
        if payload.is_empty() {
            // It was switched off there, or somebody has forgotten it.
            if about == About::Machine {
                self.machines.remove(node);
            }
            return;
        }
        let Some(says) = read_machine(payload) else { return };
        if !self.machines.contains_key(node) && !self.make_room(at.mono) {
            self.more = true;
            return;
        }
        let new = || Known {
            says: says.clone(),
            offline: false,
            heard: None,
            printers: BTreeMap::new(),
            more: false,
            followed: false,
        };
        let machine = self.machines.entry(node.to_owned()).or_insert_with(new);
        machine.says = says;
        machine.hear(kept, at);
        if about == About::Alive {
            machine.offline = false;
        }
    }

    /// Returns whether one more can be kept: one that has gone gives way, the one that was heard least of late.
    fn make_room(&mut self, now: Instant) -> bool {
        if self.machines.len() < MOST_MACHINES {
            return true;
        }
        let gone = self.machines.iter().filter(|(_, machine)| !machine.is_heard(now));
        let oldest =
            gone.min_by_key(|(_, machine)| machine.heard.map(|at| at.mono)).map(|(node, _)| node.clone());
        oldest.is_some_and(|node| self.machines.remove(&node).is_some())
    }

    /// Returns a machine whose printers were not asked for since the broker was connected, and notes that they are.
    pub(crate) fn next_to_follow(&mut self) -> Option<String> {
        let (node, machine) = self.machines.iter_mut().find(|(_, machine)| !machine.followed)?;
        machine.followed = true;
        Some(node.clone())
    }

    /// The machine has to be asked for again.
    pub(crate) fn not_followed(&mut self, node: &str) {
        if let Some(machine) = self.machines.get_mut(node) {
            machine.followed = false;
        }
    }

    /// Checks whether a command may be sent.
    ///
    /// # Errors
    /// Why it is of no use.
    pub(crate) fn may_ask(
        &self,
        node: &str,
        printer: PrinterId,
        command: Command,
        now: Instant,
    ) -> Result<(), Refusal> {
        let not_found =
            |what| refusal("not_found", format!("{what} is not known here"), "It may have gone for good.");
        let machine = self.machines.get(node).ok_or_else(|| not_found("this machine"))?;
        let name = &machine.says.name;
        if self.connected.is_none() {
            let why = "this computer has no connection to the broker, so nothing was asked".to_owned();
            return Err(refusal("broker_away", why, "Go to the printer, or to that machine."));
        }
        if machine.offline || !machine.is_heard(now) {
            let why = format!("{name} is not heard, so nothing was asked");
            return Err(refusal("machine_gone", why, "Go to the printer, or to that machine."));
        }
        if !machine.says.steered {
            let why = format!("{name} does not let itself be steered over the broker");
            let hint = "There: Settings, Home Assistant and other machines, Change the broker, Buttons.";
            return Err(refusal("not_steered", why, hint));
        }
        let told = machine.printers.get(&printer).ok_or_else(|| not_found("this printer"))?;
        if told.report.as_ref().is_none_or(|report| !report.can.contains(&command)) {
            let why = format!("the printer on {name} takes no such command now");
            return Err(refusal("not_now", why, "What it does now is in the list."));
        }
        Ok(())
    }

    /// Notes that a command was sent.
    pub(crate) fn on_asked(&mut self, node: &str, printer: PrinterId, command: Command, now: Instant) {
        if let Some(told) = self.machines.get_mut(node).and_then(|machine| machine.printers.get_mut(&printer))
        {
            told.asked = Some((command, now));
        }
    }

    /// Forgets a machine that has gone.
    ///
    /// # Errors
    /// It is there, or nobody knows it.
    pub(crate) fn forget(&mut self, node: &str, now: Instant) -> Result<(), Refusal> {
        let known = self.machines.get(node).ok_or_else(|| {
            refusal(
                "not_found",
                "this machine is not known here".into(),
                "It may have been forgotten already.",
            )
        })?;
        if !known.offline && known.is_heard(now) {
            let why = format!("{} is there", known.says.name);
            return Err(refusal("machine_here", why, "To be rid of it, switch it off over there."));
        }
        self.machines.remove(node);
        Ok(())
    }

    /// Returns what is shown. `on`: switched on here.
    pub(crate) fn view(&self, on: bool, now: Instant) -> Machines {
        if !on {
            return Machines::default();
        }
        let mut names = BTreeMap::new();
        for machine in self.machines.values() {
            *names.entry(machine.says.name.as_str()).or_insert(0) += 1;
        }
        let twice: BTreeSet<&str> = names.into_iter().filter(|(_, n)| *n > 1).map(|(name, _)| name).collect();
        let mut machines: Vec<Machine> = self
            .machines
            .iter()
            .map(|(node, machine)| {
                let mut view = machine.view(node, self.presence(machine, now), now);
                if twice.contains(machine.says.name.as_str()) {
                    view.name += &format!(" ({node})");
                }
                view
            })
            .collect();
        machines.sort_by(|a, b| (&a.name, &a.node).cmp(&(&b.name, &b.node)));
        Machines { on, connected: self.connected.is_some(), why: self.why.clone(), machines, more: self.more }
    }

    fn presence(&self, machine: &Known, now: Instant) -> Presence {
        let Some(connected) = self.connected else { return Presence::Unknown };
        if machine.offline {
            Presence::Gone
        } else if machine.is_heard(now) {
            Presence::Here
        } else if now.saturating_duration_since(connected) < GONE_AFTER {
            Presence::Unheard
        } else {
            Presence::Gone
        }
    }
}

impl Known {
    fn hear(&mut self, kept: bool, at: At) {
        if !kept {
            self.heard = Some(at);
        }
    }

    fn is_heard(&self, now: Instant) -> bool {
        self.heard.is_some_and(|at| now.saturating_duration_since(at.mono) < GONE_AFTER)
    }

    fn on_state(&mut self, printer: PrinterId, payload: &[u8]) {
        if payload.is_empty() {
            self.printers.remove(&printer);
            return;
        }
        if self.printers.len() >= MOST_PRINTERS && !self.printers.contains_key(&printer) {
            self.more = true;
            return;
        }
        let told = self.printers.entry(printer).or_default();
        told.report = read_state(payload);
        let confirmed = |(command, _): &(Command, Instant)| {
            told.report.as_ref().is_some_and(|report| is_so(*command, report))
        };
        told.asked = told.asked.filter(|asked| !confirmed(asked));
    }

    fn view(&self, node: &str, presence: Presence, now: Instant) -> Machine {
        let here = presence == Presence::Here;
        let printers = self.printers.iter().map(|(id, told)| told.view(*id, here, self.says.steered, now));
        Machine {
            node: node.to_owned(),
            name: self.says.name.clone(),
            version: self.says.version.clone(),
            presence,
            heard_at: self.heard.filter(|_| !here).map(|at| at.wall),
            steered: self.says.steered,
            printers: printers.collect(),
            more: self.more,
        }
    }
}

impl Told {
    fn view(&self, id: PrinterId, here: bool, steered: bool, now: Instant) -> Printer {
        let since = |at: Instant| now.saturating_duration_since(at);
        let asked = self.asked.filter(|(_, at)| since(*at) < FORGET_AFTER);
        let asked = asked.map(|(command, at)| Asked { command, late: !here || since(at) >= LATE_AFTER });
        let Some(report) = self.report.clone() else {
            return Printer {
                id,
                name: format!("Printer {id}"),
                state: None,
                state_word: "Cannot be read".into(),
                file: None,
                percent: None,
                left_mins: None,
                watching: false,
                alert: None,
                alarm: None,
                can: Vec::new(),
                asked,
            };
        };
        Printer {
            id,
            name: report.name,
            state: Some(report.state),
            state_word: report.state.word().into(),
            file: report.file,
            percent: report.percent,
            left_mins: report.left_mins,
            watching: report.watching,
            alert: report.alert,
            alarm: report.alarm,
            can: if here && steered { report.can } else { Vec::new() },
            asked,
        }
    }
}

/// Returns whether a state that was told after a command has what was asked for.
fn is_so(command: Command, report: &Report) -> bool {
    match command {
        Command::Pause => report.state == PrinterState::Paused,
        Command::Resume => report.state == PrinterState::Printing,
        Command::Cancel => !report.printing,
        Command::NotFailed => report.alert.is_none(),
        Command::Mute => report.muted,
    }
}

fn refusal(code: &'static str, message: String, hint: &str) -> Refusal {
    Refusal { code, message, hint: hint.into() }
}

#[cfg(test)]
mod tests;
