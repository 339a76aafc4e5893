//! The link to one agent, composed of parts: hands round messages, orders and time, and gives out what they emit.

use crate::attention::Attention;
use crate::commands;
use crate::facts::Facts;
use crate::frame::Frame;
use crate::orders::Orders;
use crate::out::Out;
use crate::presence::Presence;
use crate::prints::{Prints, Told};
use crate::recent::Recency;
use crate::status::Status;
use domain::{Agent, AgentEvent, LinkChange, LinkState, Now, Order, PrinterReport, PrinterState, Tools};

/// Longest message of an agent that is read, bytes. The longest that is usual, with settings, has some ten thousand.
pub const MOST_MESSAGE: usize = 1024 * 1024;

/// The protocol with one agent.
#[derive(Debug)]
pub struct AgentLink {
    agent: Agent,
    presence: Presence,
    recency: Recency,
    prints: Prints,
    attention: Attention,
    orders: Orders,
    /// The newest status that tells of now.
    status: Option<Status>,
    temperatures_at: Option<Now>,
    /// Told as up, and as lost.
    up: bool,
    lost: bool,
    out: Out,
    reported: Option<Box<PrinterReport>>,
}

/// Puts the facts together from the fields, so that the parts beside them can be changed.
macro_rules! facts {
    ($link:expr, $now:expr) => {
        Facts {
            now: $now,
            agent: &$link.agent,
            here: $link.presence.is_here(),
            status: $link.status.as_ref(),
            prints: $link.prints.open().is_some(),
            print: $link.prints.number(),
        }
    };
}

impl AgentLink {
    /// Begins with an agent that has not connected yet. `agent`: what it told of itself before.
    pub fn new(agent: Agent, now: Now) -> Self {
        Self {
            agent,
            presence: Presence::new(now),
            recency: Recency::default(),
            prints: Prints::default(),
            attention: Attention::default(),
            orders: Orders::default(),
            status: None,
            temperatures_at: None,
            up: false,
            lost: false,
            out: Out::default(),
            reported: None,
        }
    }

    /// The agent has connected.
    pub fn handle_connected(&mut self, now: Now) {
        self.presence.on_connected(now);
        self.out.clear_messages();
        self.attention.forget_told();
        self.handle_timeout(now);
    }

    /// Its connection is closed.
    pub fn handle_gone(&mut self, now: Now) {
        self.presence.on_gone(now);
        self.out.clear_messages();
    }

    /// A message came. What is none is left out.
    pub fn handle_message(&mut self, text: &str, now: Now) {
        let Some(frame) = Frame::read(text) else { return };
        self.presence.on_heard(frame.is_empty, frame.status.is_some(), now);
        if let Some(agent) = frame.agent.clone() {
            self.agent = agent;
        }
        let recent = frame.status.as_ref().is_none_or(|status| self.recency.is_recent(status.ts, now));
        self.take_prints(&frame, recent);
        if let Some((_, Some(error))) = &frame.answer {
            self.out.change(LinkChange::Says(format!("{} says: {error}", self.agent.host())));
        }
        if let Some(status) = frame.status.filter(|_| recent) {
            self.temperatures_at = (!status.temperatures.is_empty()).then_some(now).or(self.temperatures_at);
            self.status = Some(status);
            self.presence.on_told();
            self.orders.on_told(&facts!(self, now), &mut self.out);
        }
        self.settle(now);
    }

    fn take_prints(&mut self, frame: &Frame, recent: bool) {
        let status = frame.status.as_ref();
        let told = Told {
            number: frame.print,
            name: status.and_then(|status| status.file.as_deref()),
            event: frame.event,
            prints: status.is_some_and(|status| status.state.has_print()),
            near_end: [status, self.status.as_ref()].into_iter().flatten().any(Status::is_near_end),
            recent,
            cancelled_by: self.orders.cancelled_by(),
            host: self.agent.host(),
        };
        let before = self.prints.open().map(|(print, name)| (print, name.to_owned()));
        self.prints.on_told(told);
        if self.prints.open().map(|(print, name)| (print, name.to_owned())) != before {
            self.orders.print_changed();
        }
        self.tell_prints();
    }

    fn tell_prints(&mut self) {
        self.prints.take_changes().into_iter().for_each(|change| self.out.change(change));
    }

    /// The agent reports something by itself: it is told as it is.
    pub fn handle_report(&mut self, said: AgentEvent) {
        self.out.change(LinkChange::AgentSays(said));
    }

    /// A picture came from the agent.
    pub fn handle_picture(&mut self, now: Now) {
        self.presence.on_picture(now);
    }

    /// Another machine came with the same token while this one was there, and was refused.
    pub fn handle_second_machine(&mut self, now: Now) {
        self.presence.on_second_machine(now);
        self.handle_timeout(now);
    }

    /// Somebody looks at the pictures.
    pub fn handle_look(&mut self, now: Now) {
        self.attention.look(now);
        self.tell_interest(now);
    }

    /// The print is watched, or not any more.
    pub fn set_watched(&mut self, watched: bool, now: Now) {
        self.attention.set_watched(watched);
        self.tell_interest(now);
    }

    fn tell_interest(&mut self, now: Now) {
        if self.presence.is_here()
            && let Some(message) = self.attention.poll(now)
        {
            self.out.send(&message);
        }
    }

    /// Takes an order.
    pub fn handle_order(&mut self, order: Order, now: Now) {
        if let Order::Follow { print, ext_id } = order {
            self.prints.on_follow(print, ext_id);
            self.tell_prints();
            return self.settle(now);
        }
        self.orders.handle(order, &facts!(self, now), &mut self.out);
        // Whoever waits for the outcome is told of it sooner by an agent that is looked at.
        self.handle_look(now);
    }

    /// Sends an emergency stop, if the agent is there to hear it; what it does is not confirmed.
    pub fn emergency_stop(&mut self) {
        if self.presence.is_here() {
            let reference = self.out.reference();
            self.out.clear_messages();
            self.out.send(&commands::emergency_stop(&reference, self.agent.is_moonraker()));
        }
    }

    /// Time has passed; to be called once a second.
    pub fn handle_timeout(&mut self, now: Now) {
        self.tell_interest(now);
        self.orders.on_tick(&facts!(self, now), &mut self.out);
        if let Some(trouble) = self.presence.poll_trouble(now) {
            self.out.change(LinkChange::AgentTrouble(trouble));
        }
        self.settle(now);
    }

    /// Says what has changed by the newest state.
    fn settle(&mut self, now: Now) {
        let facts = facts!(self, now);
        match self.presence.link_state(&facts) {
            LinkState::Up => {
                if !std::mem::replace(&mut self.up, true) {
                    let hot = facts.temperatures().values().any(|t| t.target.is_some_and(|c| c > 0.0));
                    self.out.change(LinkChange::Up { hot });
                }
                self.lost = false;
                self.orders.confirm(&facts, &mut self.out);
            }
            LinkState::Lost { why } => {
                self.lost = true;
                if std::mem::take(&mut self.up) {
                    self.out.change(LinkChange::Lost { why });
                }
            }
            LinkState::Closed | LinkState::Opening | LinkState::Halted { .. } => (),
        }
    }

    /// Returns the next message for the agent.
    pub fn poll_message(&mut self) -> Option<String> {
        self.out.next_message()
    }

    /// Returns the next change.
    pub fn poll_change(&mut self) -> Option<LinkChange> {
        self.out.next_change()
    }

    /// The state is told again, though it has not changed.
    pub fn repeat_report(&mut self) {
        self.reported = None;
    }

    /// Returns the state, when it has changed since it was asked last.
    pub fn poll_report(&mut self, now: Now) -> Option<Box<PrinterReport>> {
        let report = Box::new(self.report(now));
        if self.reported.as_ref() == Some(&report) {
            return None;
        }
        self.reported = Some(report.clone());
        Some(report)
    }

    fn report(&self, now: Now) -> PrinterReport {
        let facts = facts!(self, now);
        let link = self.presence.link_state(&facts);
        let state = match (&link, &self.status) {
            (LinkState::Up, Some(status)) => self.orders.state(status.state),
            (LinkState::Opening, Some(status)) if facts.print.is_some() => self.orders.state(status.state),
            (LinkState::Opening, _) => PrinterState::Connecting,
            (LinkState::Lost { .. }, _) if self.up || self.lost => PrinterState::LinkLost,
            _ => PrinterState::Offline,
        };
        let job = self.status.as_ref().and_then(|status| {
            let (print, name) = self.prints.open()?;
            let mut job = status.job(print?, name, state);
            job.steps = self.orders.steps(&facts);
            Some(job)
        });
        PrinterReport {
            state,
            link,
            port: None,
            baud: None,
            firmware: None,
            temperatures: facts.temperatures(),
            temperatures_at: self.temperatures_at,
            sd_ready: false,
            sd: None,
            job,
            position_mm: None,
            resends: 0,
            lost_answers: 0,
            lines_sent: 0,
            machine: None,
            usb: None,
            at_work: None,
            tools: Tools::default(),
            agent: (!self.agent.name.is_empty()).then(|| self.agent.clone()),
        }
    }
}
