//! Orders to an agent: what can be asked of it, what is said of the rest, and what its status confirms.

use crate::by_hand::{Way, way};
use crate::commands;
use crate::facts::Facts;
use crate::heat::{PausedHeat, Ready};
use crate::out::Out;
use crate::terminal::Terminal;
use domain::{
    Heater, Initiator, LinkChange, Millis, Now, Order, OrderKind, PauseRecipe, PauseStep, PrinterState,
    RefusedReason, Tool, TrafficDirection,
};

/// A host that says for so long that it pauses is told of, milliseconds: what was sent to the printer has run out by then.
const PAUSING_MS: Millis = 120_000;
/// A pause that the agent did not hear is told it when it comes back within this, milliseconds.
const PAUSE_HOLDS_MS: Millis = 300_000;

/// What was ordered and is not confirmed.
#[derive(Debug, Clone, Copy)]
enum Asked {
    Pause(PauseRecipe, Initiator),
    Resume(Initiator),
    Cancel(Initiator),
}

/// What was asked of the printer, and whether its print stands still by what the printer says.
#[derive(Debug, Default)]
pub(crate) struct Orders {
    asked: Option<Asked>,
    /// A pause that the agent was not there to hear, and when it was ordered.
    unheard_pause: Option<(PauseRecipe, Initiator, Millis)>,
    /// The print under way was told as paused.
    paused: bool,
    /// When a pause was ordered that is not confirmed and was not told as such.
    pause_at: Option<Millis>,
    heat: PausedHeat,
}

impl Orders {
    /// Another print is under way, or none: what was asked of the one before holds no more.
    pub(crate) fn print_changed(&mut self) {
        *self = Self::default();
    }

    /// Returns who ordered the print to be cancelled, if that was ordered here.
    pub(crate) fn cancelled_by(&self) -> Option<Initiator> {
        match self.asked {
            Some(Asked::Cancel(by)) => Some(by),
            Some(Asked::Pause(..) | Asked::Resume(_)) | None => None,
        }
    }

    /// Returns what the printer does; while it heats up again before a print goes on, the host does not know of that.
    pub(crate) fn state(&self, told: PrinterState) -> PrinterState {
        if told == PrinterState::Paused && self.heat.is_heating() { PrinterState::Resuming } else { told }
    }

    /// Returns what is shown of a pause beside Klipper.
    pub(crate) fn steps(&self, facts: &Facts<'_>) -> Vec<PauseStep> {
        self.heat.steps(&facts.temperatures())
    }

    /// Takes an order for the agent.
    pub(crate) fn handle(&mut self, order: Order, facts: &Facts<'_>, terminal: &mut Terminal, out: &mut Out) {
        let kind = order.kind();
        if matches!(order, Order::Stop(_) | Order::Offsets(_)) {
            // The print is the host's: it goes on without us. Its targets are, too.
            return;
        }
        if !facts.here {
            return self.refuse_unheard(order, kind, facts, out);
        }
        match order {
            Order::Pause(recipe, by) => self.pause(recipe, by, facts.now, out),
            Order::Resume(by) => self.resume(by, facts.now, out),
            Order::Cancel(by) => {
                self.heat.forget();
                (self.asked, self.pause_at) = (Some(Asked::Cancel(by)), None);
                out.send(&commands::plain("cancel", initiator(by)));
            }
            Order::CoolDown => cool_down(facts, out),
            Order::BedOff => set_target(Heater::Bed, 0.0, facts, out),
            Order::SetTarget(heater, target_c) => set_target(heater, target_c, facts, out),
            Order::Home(axes) => {
                let reference = out.reference();
                out.send(&commands::home(&reference, &axes));
            }
            Order::Tool(tool) => by_hand(&tool, kind, facts, terminal, out),
            Order::Sd(_) | Order::Connect | Order::Disconnect => refuse_here(kind, facts, out),
            // The link sees to these itself.
            Order::Start(_) | Order::Follow { .. } | Order::Stop(_) | Order::Offsets(_) => (),
        }
    }

    fn pause(&mut self, recipe: PauseRecipe, by: Initiator, now: Now, out: &mut Out) {
        self.asked = Some(Asked::Pause(recipe, by));
        self.pause_at = Some(now.mono_ms);
        out.send(&commands::pause(recipe, initiator(by)));
    }

    fn resume(&mut self, by: Initiator, now: Now, out: &mut Out) {
        self.pause_at = None;
        self.asked = Some(Asked::Resume(by));
        match self.heat.heat_up(now) {
            Some(lines) => {
                let reference = out.reference();
                out.send(&commands::lines(&reference, &[lines], true));
            }
            None => out.send(&commands::plain("resume", initiator(by))),
        }
    }

    /// Returns whether the agent is to tell soon how its printer does.
    pub(crate) fn waits(&self) -> bool {
        self.asked.is_some()
    }

    pub(crate) fn on_tick(&mut self, facts: &Facts<'_>, out: &mut Out) {
        self.doubt_pause(facts, out);
        self.go_on_when_hot(facts, out);
    }

    /// A pause is confirmed by the status alone: one that takes too long is told. One that the host does not take up at
    /// all is noticed by whoever ordered it.
    fn doubt_pause(&mut self, facts: &Facts<'_>, out: &mut Out) {
        let (Some(at), Some(print)) = (self.pause_at, facts.print) else { return };
        let pauses = facts.status.is_some_and(|status| status.state == PrinterState::Pausing);
        if pauses && facts.now.mono_ms.saturating_sub(at) >= PAUSING_MS {
            self.pause_at = None;
            let why = format!("{} has been pausing for two minutes", facts.host());
            out.change(LinkChange::PauseUnconfirmed(print, why));
        }
    }

    /// A print beside Klipper goes on once it is as hot as it was.
    fn go_on_when_hot(&mut self, facts: &Facts<'_>, out: &mut Out) {
        let Some(Asked::Resume(by)) = self.asked.filter(|_| self.heat.is_heating()) else { return };
        match self.heat.ready(&facts.temperatures(), facts.now) {
            Ready::Heating => (),
            Ready::Now => {
                self.heat.forget();
                out.send(&commands::plain("resume", initiator(by)));
            }
            Ready::GivenUp => {
                self.asked = None;
                self.heat.forget();
                let why = "the printer did not get hot again within a quarter of an hour: check its heaters, \
                           then resume the print beside Klipper";
                out.refuse(OrderKind::Resume, RefusedReason::TooCold, why.into());
            }
        }
    }

    /// The agent is back: it is told the pause that it did not hear, if the print still moves.
    pub(crate) fn on_told(&mut self, facts: &Facts<'_>, out: &mut Out) {
        let Some((recipe, by, at)) = self.unheard_pause.take() else { return };
        let moves = facts.status.is_some_and(|status| {
            matches!(status.state, PrinterState::Heating | PrinterState::Printing | PrinterState::Resuming)
        });
        if moves && facts.prints && facts.now.mono_ms.saturating_sub(at) < PAUSE_HOLDS_MS {
            self.pause(recipe, by, facts.now, out);
        }
    }

    fn refuse_unheard(&mut self, order: Order, kind: OrderKind, facts: &Facts<'_>, out: &mut Out) {
        let host = facts.host();
        let why = if let Order::Pause(recipe, by) = order {
            self.unheard_pause = Some((recipe, by, facts.now.mono_ms));
            format!(
                "the agent beside {host} is not connected: pause the print in {host} or at the printer. If the agent \
                 comes back within five minutes, it is told to pause"
            )
        } else {
            format!("the agent beside {host} is not connected: use {host} itself")
        };
        out.refuse(kind, RefusedReason::NotConnected, why);
    }

    /// Compares what was ordered with what the printer does.
    pub(crate) fn confirm(&mut self, facts: &Facts<'_>, out: &mut Out) {
        let (Some(print), Some(status)) = (facts.print, facts.status) else { return };
        if status.state == PrinterState::Paused && !self.paused {
            self.paused = true;
            self.pause_at = None;
            let (recipe, by) = match self.asked {
                Some(Asked::Pause(recipe, by)) => (Some(recipe), by),
                Some(Asked::Resume(_) | Asked::Cancel(_)) | None => (None, Initiator::Printer),
            };
            if recipe.is_some() {
                self.asked = None;
            }
            out.change(LinkChange::Paused(print, by));
            self.switch_off(recipe, facts, out);
        } else if status.state == PrinterState::Printing && self.paused {
            self.paused = false;
            let by = match self.asked {
                Some(Asked::Resume(by)) => by,
                Some(Asked::Pause(..) | Asked::Cancel(_)) | None => Initiator::Printer,
            };
            if matches!(self.asked, Some(Asked::Resume(_))) {
                self.asked = None;
            }
            self.heat.forget();
            out.change(LinkChange::Resumed(print, by));
        }
    }

    /// The agent beside Klipper pauses and nothing more: what is to be off is switched off from here.
    fn switch_off(&mut self, recipe: Option<PauseRecipe>, facts: &Facts<'_>, out: &mut Out) {
        let Some(recipe) = recipe.filter(|_| facts.agent.is_moonraker()) else { return };
        if let Some(lines) = self.heat.switch_off(recipe, &facts.temperatures()) {
            let reference = out.reference();
            out.send(&commands::lines(&reference, &[lines], true));
        }
    }
}

/// Does something by hand, in the way of the host.
fn by_hand(tool: &Tool, kind: OrderKind, facts: &Facts<'_>, terminal: &mut Terminal, out: &mut Out) {
    let is_moonraker = facts.agent.is_moonraker();
    match way(tool, is_moonraker, || out.reference()) {
        Some(Way::Messages(messages)) => messages.iter().for_each(|message| out.send(message)),
        Some(Way::Lines(lines)) => {
            lines.iter().for_each(|line| terminal.note(TrafficDirection::Sent, line));
            let reference = out.reference();
            out.send(&commands::lines(&reference, &lines, is_moonraker));
        }
        None => refuse_here(kind, facts, out),
    }
}

fn cool_down(facts: &Facts<'_>, out: &mut Out) {
    for (key, told) in facts.temperatures() {
        let is_on = told.target.is_some_and(|target| target > 0.0);
        if let Some(heater) = Heater::from_key(&key).filter(|_| is_on) {
            set_target(heater, 0.0, facts, out);
        }
    }
}

/// Sets a target, under the name that the agent has for the heater.
fn set_target(heater: Heater, target_c: f64, facts: &Facts<'_>, out: &mut Out) {
    let ours = heater.key();
    let mut names = facts.status.iter().flat_map(|status| &status.names);
    let theirs = names.find(|(name, _)| *name == ours).map(|(_, theirs)| theirs.clone());
    let reference = out.reference();
    out.send(&commands::set_temperature(&reference, &theirs.unwrap_or(ours), target_c));
}

fn refuse_here(kind: OrderKind, facts: &Facts<'_>, out: &mut Out) {
    let host = facts.host();
    let why = format!("this cannot be asked of a printer that {host} drives: use {host} itself");
    out.refuse(kind, RefusedReason::NotSupported, why);
}

/// Returns who asks, in the words that agents know.
fn initiator(by: Initiator) -> &'static str {
    match by {
        Initiator::Person => "web",
        Initiator::Detection | Initiator::App | Initiator::Printer => "system",
    }
}
